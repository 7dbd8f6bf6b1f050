#!/usr/bin/python3
"""The numbers of policyd and of the milter for Prometheus, read strictly, against what was done."""

import os
import re
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.policy import PolicyClient
from harness.prometheus import FormError, parse, value
from harness.sandbox import Sandbox, wait_for
from harness.site import Mta, Site
from harness.tap import Tap

SOURCE = os.environ.get("G_TEST_SRCDIR", os.path.join(HERE, "..", ".."))
GOOD = "# HELP a_total A.\n# TYPE a_total counter\na_total{x=\"1\"} 2\n"
BROKEN = {
    "no end": GOOD[:-1], "no TYPE": "# HELP a A.\na 1\n", "no HELP": "# TYPE a gauge\na 1\n", "a counter without _total":
    "# HELP a A.\n# TYPE a counter\na 1\n", "a gauge with _total": "# HELP a_total A.\n# TYPE a_total gauge\na_total 1\n",
    "a family twice": GOOD + GOOD, "a sample twice": GOOD + "a_total{x=\"1\"} 3\n", "another's sample": GOOD + "b 1\n",
    "a quote in a label": GOOD + "a_total{x=\"a\"b\"} 1\n", "a comma too many": GOOD + "a_total{x=\"2\",} 1\n",
    "buckets that fall": "# HELP h H.\n# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n",
}


def test_reader(tap):
    """The reader finds what it is there for."""
    tap.equal(value(parse(GOOD), "a_total", x="1"), 2, "a good text is read")
    for name, text in BROKEN.items():
        try:
            parse(text)
            tap.ok(False, f"{name} is found")
        except FormError as error:
            tap.ok(True, f"{name} is found: {error}")


def metrics(site, *words):
    done = site.postwelle.command("metrics", *words)
    return parse(done.stdout) if not words else done


def test_policyd(tap, site):
    directory = site.ready("zahlen")
    with Mta(site.postwelle):
        site.postwelle.command("wave", "open", directory)
    samples = metrics(site)
    tap.equal(value(samples, "postwelle_policyd_up"), 1, "policyd is up")
    tap.equal(value(samples, "postwelle_policyd_in_service"), 1, "and in service")
    reserved = value(samples, "postwelle_policyd_requests_total", request="reserve", answer="ok")
    mails = {state: value(samples, "postwelle_mails", client="kunde", campaign="zahlen", kind="invitation", state=state) or 0
             for state in ("new", "reserved")}
    tap.equal(sum(mails.values()), 40, "all participants are counted")
    tap.equal(mails["reserved"] + 1, reserved, "and each reserve, the proof's with them")
    tap.equal(value(samples, "postwelle_policyd_slots"), mails["reserved"], "so are the slots")
    commits = value(samples, "postwelle_policyd_commit_seconds_count")
    tap.ok(0 < commits <= value(samples, "postwelle_policyd_committed_requests_total"), "batches were timed", commits)
    for store in ("ledger", "witness"):
        size, free = (value(samples, f"postwelle_policyd_store_{what}bytes", store=store) for what in ("", "free_"))
        tap.ok(size > 0 and free > 0, f"the size of the {store}", (size, free))
    tap.equal((value(samples, "postwelle_uncertain_mails"), value(samples, "postwelle_policyd_epoch")), (0, 1), "nothing is uncertain")
    client = PolicyClient(f"{site.postwelle.path}/run/control.sock")
    client.ask("campaign-show", client="kunde", campaign="none")
    after = metrics(site)
    tap.equal(value(after, "postwelle_policyd_requests_total", request="campaign-show", answer="error"), 1, "a wrong request is counted")
    tap.ok(value(after, "postwelle_policyd_connections", socket="control") >= 2, "and connections")
    client.close()


def test_milter(tap, site):
    site.postwelle.start_milter()
    samples = metrics(site)
    tap.equal(value(samples, "postwelle_milter_up"), 1, "the milter is up")
    tap.equal((value(samples, "postwelle_milter_signing_domains"), value(samples, "postwelle_milter_usable_signing_domains")), (1, 0),
              "it tells of a client without a usable key")
    site.postwelle.reload("milter")
    wait_for(lambda: value(metrics(site), "postwelle_milter_reloads_total", outcome="failed") == 1, "the reload that failed")
    site.postwelle.milter.signal(signal.SIGTERM)
    wait_for(lambda: not site.postwelle.milter.is_running(), "the milter's end")
    tap.equal(value(metrics(site), "postwelle_milter_up"), 0, "and down")


def test_command(tap, site):
    path = os.path.join(site.sandbox.path, "postwelle.prom")
    done = metrics(site, "--output", path)
    with open(path, encoding="utf-8") as file:
        tap.equal(value(parse(file.read()), "postwelle_policyd_up"), 1, "into a file")
    tap.equal((done.stdout, oct(os.stat(path).st_mode & 0o777)), ("", "0o644"), "which others may read")
    run = f"{site.postwelle.path}/run"
    os.chmod(run, 0o711)
    os.chmod(f"{run}/control.sock", 0o600)
    done = subprocess.run([site.postwelle.program_for_all("postwelle"), "-c", site.postwelle.config, "metrics"], capture_output=True,
                          text=True, check=False, user="nobody", group="root", extra_groups=[])
    tap.ok(value(parse(done.stdout), "postwelle_policyd_in_service") == 1, "who may see numbers only gets them by the status socket",
           done.stderr)
    site.postwelle.policyd.stop()
    done = site.postwelle.command("metrics")
    samples = parse(done.stdout)
    tap.equal((value(samples, "postwelle_policyd_up"), value(samples, "postwelle_policyd_in_service")), (0, 0), "policyd is down")
    tap.match(done.stderr, re.compile("systemctl start postwelle-policyd"), "and it is said why")


def main():
    os.environ.setdefault("POSTWELLE_DATADIR", os.path.join(SOURCE, "importer"))
    with Tap() as tap, Sandbox() as sandbox:
        test_reader(tap)
        site = Site(tap, sandbox)
        for test in (test_policyd, test_milter, test_command):
            test(tap, site)


if __name__ == "__main__":
    main()
