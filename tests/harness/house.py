"""policyd alone: a state folder, sockets and a configuration of its own, the daemon that runs on them, and a small campaign."""

import grp
import os
import pwd
import subprocess
import time

from harness.child import start_child
from harness.policy import PolicyClient

BUILD = os.environ.get("G_TEST_BUILDDIR", "build")
PROGRAM = os.path.join(BUILD, "postwelle-policyd")
# For a build with sanitizers.
SUPPRESSIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lsan.suppressions")
ENVIRONMENT = os.environ | {"LSAN_OPTIONS": f"suppressions={SUPPRESSIONS}:print_suppressions=0"}
CLIENT = """[client]
title = {name}
domains = {name}.example
return-path = bounce.{name}.example
[signing]
domain = {name}.example
rsa-selector = s1
rsa-key = /nonexistent
[unsubscribe]
uri = https://{name}.example/u/
mailto = unsubscribe@{name}.example
"""
HASH = "ab" * 32
CAMPAIGN = {"client": "acme", "campaign": "one"}


class House:
    """A state folder, sockets and configuration of its own, and the daemon that runs on them."""

    def __init__(self, folder):
        self.folder = folder
        self.config = os.path.join(folder, "postwelle.conf")
        self.state = os.path.join(folder, "state")
        self.ledger = os.path.join(self.state, "ledger")
        self.process = None
        self.environment = {}  # of the daemon, beside our own
        os.mkdir(os.path.join(folder, "clients"))
        self.write_client("acme", CLIENT.format(name="acme"))
        self.write_config()

    def write_config(self, **policyd):
        group = grp.getgrgid(os.getgid()).gr_name
        options = {"policy-socket": self.socket("policy"), "reserve-socket": self.socket("reserve"),
                   "control-socket": self.socket("control"), "postfix-group": group, "admin-group": group,
                   "milter-user": pwd.getpwuid(os.getuid()).pw_name, "keep-free": "1M"} | policyd
        with open(self.config, "w", encoding="ascii") as file:
            file.write(f"[paths]\nstate={self.state}\nwitness={self.folder}/witness\nclients={self.folder}/clients\n[policyd]\n")
            file.writelines(f"{name}={value}\n" for name, value in options.items())

    def write_client(self, name, content):
        with open(os.path.join(self.folder, "clients", f"{name}.conf"), "w", encoding="utf-8") as file:
            file.write(content)

    def socket(self, name):
        return os.path.join(self.folder, f"{name}.sock")

    def connect(self, name):
        return PolicyClient(self.socket(name))

    def run(self, *arguments):
        return subprocess.run([PROGRAM, "-c", self.config, *arguments], capture_output=True, text=True, timeout=60, env=ENVIRONMENT)

    def start(self):
        self.launch()
        self.wait()

    def launch(self):
        self.log = open(os.path.join(self.folder, "log"), "a+", encoding="utf-8")
        self.process = start_child([PROGRAM, "-c", self.config], self.log, ENVIRONMENT | self.environment)

    def wait(self):
        """Until it serves."""
        for _ in range(2400):
            if self.process.poll() is not None:
                raise RuntimeError(f"policyd ended with {self.process.returncode}: {self.log_text()}")
            try:
                self.connect("control").close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("policyd does not listen")

    def log_text(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8") as file:
            return file.read()

    def wait_log(self, text, count=1):
        for _ in range(1200):
            if self.log_text().count(text) >= count:
                return True
            time.sleep(0.05)
        return False

    def end(self, number):
        self.process.send_signal(number)
        return self.process.wait(60)


def begin_import(control):
    return control.ask("import-begin", **CAMPAIGN, title="T", dir="/d", file="f", file_sha256="00", basis="b", assured_by="me",
                       remark="", waves="100%")["import"]


def import_row(control, number, row, address):
    control.send("import-row", **{"import": number, "row": row, "address": address, "wave": 1, "a.Name": f"Nä%{row}\n"})


def import_list(control, addresses):
    number = begin_import(control)
    for row, address in enumerate(addresses, 1):
        import_row(control, number, row, address)
    verdicts = [control.read()[-1]["verdict"] for _ in addresses]
    return verdicts, control.ask("import-commit", **{"import": number, "rows": len(addresses)})


def reserve(client, queue_id, mail, domain="acme.example"):
    client.send("reserve", **{"queue_id": queue_id, "sender": mail["reverse_path"], "from_domain": domain,
                              "message_id": mail["message_id"], "recipients": 1, "recipient.1": mail["address"],
                              "deadline": int(time.time() * 1000) + 20000})


def foreign(client, queue_id, address):
    reserve(client, queue_id, {"reverse_path": "news@acme.example", "message_id": f"<{queue_id}@acme.example>",
                               "address": address})


def approve(house, control):
    proof = control.ask("proof-begin", **CAMPAIGN, hash=HASH, to="boss@acme.example")
    milter = house.connect("reserve")
    reserve(milter, "PROOF", proof)
    milter.read()
    return control.ask("campaign-approve", **CAMPAIGN, hash=HASH, by="Boss")
