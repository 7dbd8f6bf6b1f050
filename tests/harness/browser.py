"""A headless Chromium, driven through its debugging pipe: what a page looks like, asks for and says, as a person's browser has it."""

import fcntl
import itertools
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 120  # seconds; a first start on a busy machine takes some


def program():
    """Its path; None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One browser with one page; more are further options of Chromium's. Root's Chromium has no sandbox: give it our own pages alone."""

    def __init__(self, *more):
        self._profile = tempfile.mkdtemp(prefix="postwelle-browser-")
        reads, self._write = os.pipe()
        self._read, writes = os.pipe()
        options = ["--headless", "--disable-gpu", "--remote-debugging-pipe", f"--user-data-dir={self._profile}", "--no-first-run",
                   "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
                   "--hide-scrollbars", *(["--no-sandbox"] if os.geteuid() == 0 else []), *more, "about:blank"]

        def descriptors():
            """It reads commands from descriptor 3 and writes to 4."""
            high = [fcntl.fcntl(one, fcntl.F_DUPFD, 10) for one in (reads, writes)]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self._process = subprocess.Popen([program(), *options], preexec_fn=descriptors, pass_fds=(3, 4), stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(reads)
        os.close(writes)
        self._numbers = itertools.count(1)
        self._input = b""
        self._session = None
        self.requests = []  # URLs, since the last visit began
        self.loads = 0
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log"):
            self._call(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self._write)
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._read)
        shutil.rmtree(self._profile, ignore_errors=True)

    def _message(self, deadline):
        while b"\0" not in self._input:
            if not select.select([self._read], [], [], max(deadline - time.monotonic(), 0))[0]:
                raise TimeoutError("Chromium does not answer")
            octets = os.read(self._read, 1 << 20)
            if not octets:
                raise RuntimeError("Chromium has ended")
            self._input += octets
        message, _, self._input = self._input.partition(b"\0")
        return json.loads(message)

    def _note(self, message):
        if message.get("method") == "Network.requestWillBeSent":
            self.requests.append(message["params"]["request"]["url"])
        elif message.get("method") == "Page.loadEventFired":
            self.loads += 1

    def _call(self, method, **params):
        number = next(self._numbers)
        command = {"id": number, "method": method, "params": params}
        if self._session:
            command["sessionId"] = self._session
        os.write(self._write, json.dumps(command).encode() + b"\0")
        deadline = time.monotonic() + PATIENCE
        while True:
            message = self._message(deadline)
            self._note(message)
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]

    def show(self, width, dark=False, language="de"):
        """How wide the window is, and what the person prefers."""
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 480)
        self._call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self._call("Network.setExtraHTTPHeaders", headers={"Accept-Language": language})

    def visit(self, url):
        self.requests = []
        self._await_load(lambda: self._navigate(url))

    def _navigate(self, url):
        result = self._call("Page.navigate", url=url)
        if "errorText" in result:
            raise RuntimeError(f"{url}: {result['errorText']}")

    def wait_reload(self):
        """Until the page has loaded itself anew."""
        self._await_load(lambda: None)

    def _await_load(self, act):
        before = self.loads
        act()
        deadline = time.monotonic() + PATIENCE
        while self.loads == before:
            self._note(self._message(deadline))

    def run(self, script):
        """The value of a JavaScript expression. It runs beside the page, whatever the page's policy says."""
        result = self._call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"])
        return result["result"].get("value")
