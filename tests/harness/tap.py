"""Results in TAP, the form that make check reads: one line a check, the plan last, diagnostics behind #."""

import signal
import sys
import traceback


class Tap:
    """Counts and prints checks. Use as a context manager: an exception or an exit inside becomes a failed check and a plan."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def ok(self, condition, name, detail=None):
        """One check; detail is printed where it fails. Returns whether it held."""
        self.count += 1
        self.failed += not condition
        print(f"{'ok' if condition else 'not ok'} {self.count} - {name}", flush=True)
        if not condition and detail is not None:
            self.note(detail)
        return bool(condition)

    def equal(self, got, expected, name):
        return self.ok(got == expected, name, f"got      {got!r}\nexpected {expected!r}")

    def match(self, text, regex, name):
        """regex is compiled; it must be found in text."""
        return self.ok(regex.search(text), name, f"got      {text!r}\nexpected {regex.pattern}")

    def note(self, text):
        for line in str(text).splitlines():
            print(f"# {line}", flush=True)

    def skip(self, name, why):
        """A check that this machine can't run: shown as skipped, never left out silently."""
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {why}", flush=True)

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # so that a test that hangs says where
        return self

    def __exit__(self, kind, error, trace):
        if isinstance(error, (Exception, SystemExit)):  # a sandbox exits where a signal ends it
            self.ok(False, "no unexpected error", "".join(traceback.format_exception(kind, error, trace)))
        print(f"1..{self.count}", flush=True)
        if kind is None or issubclass(kind, Exception):
            sys.exit(1 if self.failed else 0)
