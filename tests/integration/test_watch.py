"""postwelle status --watch: on a terminal, and where there is none."""

import os
import re
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.sandbox import Sandbox, wait_for
from harness.site import RIGHTS, Site
from harness.tap import Tap

CLEAR = "\x1b[H\x1b[2J"


def heed_sigint():
    """What is started in the background by a shell ignores it otherwise."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Watched:
    """`postwelle status --watch WORDS` with its output in a pipe, or on a terminal of its own."""

    def __init__(self, site, *words, terminal=False):
        argv = site.postwelle.argv("status", "--watch", *words)
        self.text = ""
        if terminal:
            self._output, screen = os.openpty()
            # A session of its own, so that the terminal's Ctrl-C reaches it.
            self.process = subprocess.Popen(["setsid", "--ctty", "--wait", *argv], stdin=screen, stdout=screen, stderr=screen,
                                            preexec_fn=heed_sigint)
            os.close(screen)
        else:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                            preexec_fn=heed_sigint)
            self._output = self.process.stdout.fileno()
        os.set_blocking(self._output, False)

    def read(self):
        try:
            self.text += os.read(self._output, 65536).decode()
        except (BlockingIOError, OSError):
            pass
        return self.text

    def wait_for(self, word, times):
        wait_for(lambda: self.read().count(word) >= times, f"{times} times {word!r}", 30)

    def press_ctrl_c(self):
        os.write(self._output, b"\x03")

    def end(self):
        return self.process.wait(30)


def main():
    os.environ.setdefault("POSTWELLE_DATADIR", os.path.join(HERE, "..", "..", "importer"))
    with Tap() as tap, Sandbox() as sandbox:
        site = Site(tap, sandbox)
        directory = site.campaign("one")
        site.postwelle.command("import", directory, sandbox.write("one.csv", "Anrede;Vorname;Nachname;E-Mail\n"
                                                                  "Frau;Kim;Test;kim@people.example\n"), *RIGHTS)
        screen = Watched(site, "1", terminal=True)
        screen.wait_for(CLEAR, 3)
        tap.match(screen.text, re.compile("each 1 s; Ctrl-C ends\\s+CLIENT +CAMPAIGN"), "a terminal is drawn anew each second")
        screen.press_ctrl_c()
        tap.equal(screen.end(), 0, "Ctrl-C ends it, and that is no error")

        pipe = Watched(site, "1")
        pipe.wait_for("CLIENT", 2)
        site.postwelle.kill("policyd")
        pipe.wait_for("policyd", 1)
        mark = pipe.text.count("CLIENT")
        site.postwelle.start_policyd()
        pipe.wait_for("CLIENT", mark + 1)
        tap.ok(True, "it outlives a restart of policyd")
        pipe.process.send_signal(signal.SIGTERM)
        tap.equal(pipe.end(), 0, "SIGTERM ends it, too")
        tap.ok("\x1b" not in pipe.text, "what is no terminal gets no control characters", pipe.text)

        json = Watched(site, "--json")
        json.wait_for('"campaigns"', 2)
        json.process.send_signal(signal.SIGINT)
        tap.equal((json.end(), json.text.lstrip()[0]), (0, "{"), "with --json it prints objects alone")

        site.check("no seconds", 64, "1 to 86400 seconds", "status", "--watch", "0")
        site.check("two folders", 64, "one folder at most", "status", directory, directory, "--watch")
        site.check("a folder that is none", 66, "nowhere", "status", "--watch", "5", "/nowhere")


if __name__ == "__main__":
    main()
