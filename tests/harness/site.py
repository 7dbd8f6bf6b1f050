"""policyd with one client and the command, and a sink in Postfix's place that reserves as the milter does."""

import itertools
import json
import os
import re
import socket
import time
from types import SimpleNamespace

from .campaigns import own_imprint
from .daemons import Postwelle
from .postfix import SUBMISSION_PORT
from .scripted_policyd import form
from .sink import Reply, Sink

RIGHTS = ("--basis", "Bestandskunden", "--assured-by", "Kim Beispiel")
CLIENT = {
    "client": {"title": "Kunde GmbH", "domains": "kunde.example", "return-path": "bounce.kunde.example",
               "proof-to": "pm@kunde.example"},
    "signing": {"domain": "kunde.example", "rsa-selector": "s", "rsa-key": "none.pem"},
    "unsubscribe": {"uri": "https://kunde.example/u/", "mailto": "ab@kunde.example", "probe": "no"},
}


class Mta:
    """A sink in Postfix's place, on its port, that reserves as the milter does. Each mail takes `pause` seconds, or the
    first `pauses` of them."""

    queue_ids = (f"4dFbk{number:06}z" for number in itertools.count())

    def __init__(self, postwelle, reply=None, pause=0, pauses=None):
        self.sent = 0
        self._postwelle = postwelle
        self._reply = reply
        self._pause = pause
        self._pauses = pauses
        self._sink = Sink(postwelle.sender.address, SUBMISSION_PORT, self._script)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._sink.close()

    def copies(self):
        return self._sink.all_taken()

    def _script(self, step):
        if step.stage != "dot":
            return None
        if self._pauses is None or self.sent < self._pauses:
            time.sleep(self._pause)
        self.sent += 1
        if self._reply:
            return Reply(self._reply)
        answer = self._reserve(step)
        return None if answer["status"] == "ok" else Reply(answer["reply"])

    def _reserve(self, step):
        """What the milter asks."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(f"{self._postwelle.path}/run/reserve.sock")
            connection.sendall(form({
                "request": "reserve", "queue_id": next(self.queue_ids), "sender": step.sender,
                "from_domain": "kunde.example", "message_id": step.message_id, "recipients": 1,
                "recipient.1": step.recipient, "deadline": int(time.time() * 1000) + 5000}))
            answer = b""
            while not answer.endswith(b"\n\n"):
                answer += connection.recv(4096)
        return dict(line.split("=", 1) for line in answer.decode().strip().splitlines())


class Site:
    """policyd with one client, and the command."""

    def __init__(self, tap, sandbox):
        self.tap = tap
        self.sandbox = sandbox
        self.log = sandbox.write("mail.log", "")
        sender = SimpleNamespace(queue=sandbox.mkdir("sender", "queue"), address=sandbox.addresses.sender,
                                 config=sandbox.mkdir("sender", "config"), log=self.log)
        self.postwelle = Postwelle(sandbox, sender)
        self.postwelle.write_client("kunde", CLIENT)
        self.postwelle.init()
        self.postwelle.start_policyd()

    def check(self, name, status, regex, *words):
        """Run the command; its exit status and output must be as said. Returns the CompletedProcess."""
        done = self.postwelle.command(*words, check=False)
        text = done.stdout + done.stderr
        self.tap.ok(done.returncode == status and re.search(regex, text), name,
                    f"exit status {done.returncode}, expected {status} and {regex!r}\n{text}")
        return done

    def campaign(self, name):
        directory = os.path.join(self.sandbox.path, name)
        self.postwelle.command("campaign", "new", directory, "--client", "kunde", "--title", f"Befragung {name}")
        own_imprint(directory)
        return directory

    def edit(self, directory, file, old, new):
        path = os.path.join(directory, file)
        with open(path, encoding="utf-8") as before:
            text = before.read()
        assert old in text, (file, old)
        with open(path, "w", encoding="utf-8") as after:
            after.write(text.replace(old, new))

    def approve(self, directory):
        done = self.postwelle.command("proof", directory)
        content = re.search("^Content hash: ([0-9a-f]{64})$", done.stdout, re.MULTILINE).group(1)
        self.postwelle.command("approve", directory, "--hash", content, "--by", "Kim Beispiel",
                               "--despite-dns", "no name server here")

    def ready(self, name):
        """An imported and approved campaign whose list nobody else has: addresses in a domain of its own."""
        directory = self.campaign(name)
        rows = "".join(f"Frau;Kim;Test{n};p{n}@{name}.example\n" for n in range(40))
        path = self.sandbox.write(f"{name}.csv", "Anrede;Vorname;Nachname;E-Mail\n" + rows)
        self.postwelle.command("import", directory, path, *RIGHTS)
        with Mta(self.postwelle):
            self.approve(directory)
        return directory

    def states(self, directory):
        waves = json.loads(self.postwelle.command("status", directory, "--json").stdout)["waves"]
        return {state: sum(wave[state] for wave in waves) for state in waves[0] if isinstance(waves[0][state], int)}
