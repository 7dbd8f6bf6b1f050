"""postwelle-web on ports of its own, beside a policyd of the house, and a campaign for it to know."""

import http.client
import os
import signal
import socket
import time

from .child import start_child
from .house import BUILD, CAMPAIGN, ENVIRONMENT, HASH, approve, reserve

PROGRAM = os.path.join(BUILD, "postwelle-web")


def free_port(host="127.0.0.1"):
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


class Web:
    """The daemon. Its unsubscribe pages are at `port`; with status=True the status pages are at `status_port`. Options of [web] replace ours."""

    def __init__(self, house, status=False, **options):
        self.port, self.status_port = free_port(), free_port()
        options = {"host": "127.0.0.1", "port": self.port} | ({"status-listen": f"127.0.0.1:{self.status_port}"} if status else {}) | options
        with open(house.config, encoding="ascii") as file:
            text = file.read().partition("[web]")[0]
        with open(house.config, "w", encoding="ascii") as file:
            file.write(f"{text}[web]\n" + "".join(f"{name}={value}\n" for name, value in options.items()))
        self.log = open(os.path.join(house.folder, "web.log"), "w+", encoding="utf-8")
        self.process = start_child([PROGRAM, "-c", house.config], self.log, ENVIRONMENT)
        for _ in range(1200):
            if self.process.poll() is not None or self._listens():
                break
            time.sleep(0.05)

    def _listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def log_text(self):
        self.log.seek(0)
        return self.log.read()

    def ask(self, method, path, body=None, port=None, **headers):
        """Status, fields without the date, and body."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=60)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        fields = {name.lower(): value for name, value in answer.getheaders() if name.lower() != "date"}
        result = (answer.status, fields, answer.read().decode())
        connection.close()
        return result

    def look(self, path, method="GET", **headers):
        """The same of a status page."""
        return self.ask(method, path, port=self.status_port, **headers)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def make_mails(house, control, addresses):
    """A campaign, fed, and each mail n reserved as Qn; {address: the token of its unsubscribe link}. The second one's row asks for English."""
    control.ask("import-begin", **CAMPAIGN, title="T", dir="/d", file="f", file_sha256="00", basis="b", assured_by="me", remark="", waves="100%")
    for row, address in enumerate(addresses, 1):
        control.ask("import-row", **{"import": 1, "row": row, "address": address, "wave": 1, "a.lang": "en" if row == 2 else "de"})
    control.ask("import-commit", **{"import": 1, "rows": len(addresses)})
    approve(house, control)
    control.ask("wave-open", **CAMPAIGN, wave=1, hash=HASH)
    control.send("begin", **CAMPAIGN, wave=1, after=0, limit=200)
    mails = control.read()[:-1]
    milter = house.connect("reserve")
    for number, mail in enumerate(mails, 1):
        reserve(milter, f"Q{number}", mail)
        assert milter.read()[-1]["status"] == "ok"
    return {mail["address"]: mail["unsubscribe_token"] for mail in mails}
