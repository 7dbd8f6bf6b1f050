"""Bad input and broken surroundings, with everything real: a message that says what to do, the exit status, nothing half done."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.postfix import SUBMISSION_PORT
from harness.sandbox import Sandbox, can_bind, wait_for
from harness.scene import Scene
from harness.tap import Tap

OK, WANTING, DATA, NO_INPUT, UNAVAILABLE, CANT_CREATE, TEMPORARY, PROTOCOL, DENIED = 0, 1, 65, 66, 69, 73, 75, 76, 77
RIGHTS = ("--basis", "customer-relationship", "--assured-by", "Kim Beispiel")
LIST = "Anrede;Vorname;Nachname;E-Mail\nFrau;Kim;Beispiel;kim@post.example\n"
SECONDS = 20


class Stage:
    """The scene and one campaign, and checks of what a program says."""

    def __init__(self, tap, sandbox):
        self.tap = tap
        self.sandbox = sandbox
        self.scene = Scene(sandbox, ["post.example"])
        self.postwelle = self.scene.postwelle
        self.directory = self.scene.new_campaign("eins", "Zufriedenheit")
        self.list = sandbox.write("liste.csv", LIST)

    def check(self, name, status, regex, argv):
        """Run it; its exit status and output must be as said."""
        done = subprocess.run([str(word) for word in argv], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              timeout=SECONDS)
        text = done.stdout + done.stderr
        self.tap.ok(done.returncode == status and re.search(regex, text), name,
                    f"exit status {done.returncode}, expected {status} and {regex!r}\n{text}")

    def command(self, name, status, regex, *words):
        self.check(name, status, regex, self.postwelle.argv(*words))

    def daemon(self, name, status, regex, daemon):
        self.check(name, status, regex, [f"{self.postwelle.build}/postwelle-{daemon}", "-c", self.postwelle.config])

    def queue_is_empty(self, name):
        self.tap.equal(self.scene.sender.queued(), [], name)


def test_lists(stage):
    """What is no list, or no list for this campaign. policyd has not even heard of the campaign afterwards."""
    write = stage.sandbox.write
    cases = (
        ("a picture", os.path.join(stage.directory, "logo.png"), DATA, "logo.png: .*(xlsx|csv)"),
        ("HTML named .xls", write("seite.xls", "<html><table><tr><td>a@b.example</table>"), DATA, "seite.xls: "),
        ("a truncated .xlsx", write("halb.xlsx", "PK\x03\x04half"), DATA, "halb.xlsx: "),
        ("an empty file", write("leer.csv", ""), DATA, "leer.csv: "),
        ("a folder", stage.sandbox.path, NO_INPUT, "folder|directory"),
        ("no such file", "nirgends.xlsx", NO_INPUT, "nirgends.xlsx: No such file"),
        ("no address column", write("ohne.csv", "Anrede;Name\nFrau;Kim\n"), DATA, "--column"),
        ("two address columns", write("zwei.csv", "E-Mail;Mail\na@b.example;c@d.example\n"), DATA, "--column"),
        ("no valid row", write("falsch.csv", "E-Mail\nkeine\nauch keine\n"), DATA, "no row is good .*nothing was imported"),
    )
    for name, path, status, regex in cases:
        stage.command(f"import of {name}", status, regex, "import", stage.directory, path, *RIGHTS)
    stage.scene.edit(stage.directory, "</p>", "{{Kundennr}}</p>", file="invitation.de.html")
    stage.command("unknown placeholder", DATA, "no column .*Kundennr.*Rename the column", "import", stage.directory, stage.list,
                  *RIGHTS)
    stage.scene.edit(stage.directory, "{{Kundennr}}", "", file="invitation.de.html")
    stage.command("nothing of all this was kept", DATA, "import a list", "status", stage.directory)


def test_socket(stage):
    """The command by a user who may not use policyd's socket, with its folder open and closed."""
    words = stage.postwelle.argv("status", stage.directory)[1:]
    program = stage.postwelle.program_for_all("postwelle")
    control = os.path.join(stage.postwelle.path, "run", "control.sock")
    for name, mode in (("the folder is closed", 0o700), ("the socket is closed", 0o755)):
        os.chmod(os.path.dirname(control), mode)
        stage.check(f"{name} to this user", DENIED, "control.sock: you may not connect; .*postwelle-admin",
                    ["runuser", "-u", "nobody", "--", program, *words])
    os.chmod(os.path.dirname(control), 0o700)
    os.rename(control, control + ".away")
    stage.command("no socket", UNAVAILABLE, "systemctl start postwelle-policyd", "status", stage.directory)
    os.rename(control + ".away", control)


def test_second_policyd(stage):
    process = stage.postwelle.policyd
    stage.daemon("a second policyd on the same state", TEMPORARY, r"another postwelle-policyd \(process \d+\) owns .*state",
                 "policyd")
    stage.tap.ok(process.is_running(), "the first one runs on")
    stage.command("and answers", OK, "kunde|muster|eins", "import", stage.directory, stage.list, *RIGHTS)


def test_milter_port(stage):
    """The milter's port is taken; Postfix, without a milter, takes nothing."""
    stage.postwelle.milter.stop()
    with socket.socket() as other:
        other.bind((stage.scene.sender.address, 0))
        other.listen()
        port = other.getsockname()[1]
        stage.postwelle.write_config(milter={"socket": f"inet:{port}@{stage.scene.sender.address}"})
        stage.daemon("the milter's port is in use", CANT_CREATE, rf"inet:{port}@.*in use.*\[milter\] socket", "milter")
    stage.postwelle.write_config()
    stage.command("without the milter: no proof, and what to start", TEMPORARY, "systemctl start postwelle-milter", "proof",
                  stage.directory)
    stage.queue_is_empty("without the milter: nothing was queued")
    stage.postwelle.start_milter()


def test_missing_key(stage):
    """The milter starts, as other clients have keys; who sends a proof learns which file is missing."""
    rsa = stage.scene.keys["rsa"]
    os.rename(rsa, rsa + ".away")
    stage.postwelle.restart("milter")
    stage.command("missing key", TEMPORARY, rf"451 4.7.5 no usable signing key.*client muster.*{re.escape(rsa)} "
                  r"\(No such file or directory\).*systemctl reload postwelle-milter", "proof", stage.directory)
    stage.queue_is_empty("missing key: nothing was queued")
    os.rename(rsa + ".away", rsa)
    stage.postwelle.reload("milter")
    wait_for(lambda: stage.postwelle.command("proof", stage.directory, check=False).returncode == OK,
             "the proof after the key came back")
    stage.tap.ok(True, "with the key back and a reload, the proof goes")


@contextlib.contextmanager
def foreign_service(address, greeting, answer):
    """Something on Postfix's port: says its greeting, then the answer to whatever comes."""
    def serve():
        with contextlib.suppress(OSError):
            while True:
                client = listener.accept()[0]
                with client, contextlib.suppress(OSError):
                    client.sendall(greeting)
                    while client.recv(1000):
                        client.sendall(answer)

    # Postfix's children keep its listener open for a moment after master(8) has ended.
    wait_for(lambda: can_bind(address, SUBMISSION_PORT), "a free submission port", 30)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, SUBMISSION_PORT))
        listener.listen()
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def test_submission_port(stage):
    """Something that is not our Postfix has the port, or says nothing; last, since Postfix stops for it."""
    stage.scene.sender.stop()
    stage.postwelle.write_config(submission={"timeout": "2s"})
    cases = (
        ("SSH", b"SSH-2.0-x\r\n", b"", PROTOCOL, r"no SMTP reply.*another service.*\[submission\] port"),
        ("an SMTP server that can't pipeline", b"220 x ESMTP\r\n", b"250 x\r\n", PROTOCOL, "PIPELINING.*our settings"),
        ("an SMTP server that refuses", b"554 5.3.2 go away\r\n", b"", UNAVAILABLE, "554 5.3.2 go away"),
        ("silence", b"", b"", TEMPORARY, "no reply in time"),
    )
    for name, greeting, answer, status, regex in cases:
        with foreign_service(stage.scene.sender.address, greeting, answer):
            stage.command(f"on Postfix's port: {name}", status, regex, "proof", stage.directory, "--again")
    stage.command("nobody on Postfix's port", UNAVAILABLE, "not listening on .*postfix status", "proof", stage.directory, "--again")
    stage.command("nothing was begun", OK, r'"new": *1\b', "status", stage.directory, "--json")


def main():
    with Tap() as tap, Sandbox() as sandbox:
        stage = Stage(tap, sandbox)
        for test in (test_lists, test_socket, test_second_policyd, test_milter_port, test_missing_key, test_submission_port):
            test(stage)


if __name__ == "__main__":
    main()
