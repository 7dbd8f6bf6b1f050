"""postwelle track without any rights, and postwelle guard, which does as root what it asks for and nothing else."""

import os
import socket
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.policy import PolicyClient
from harness.sandbox import Sandbox, wait_for
from harness.scene import Scene
from harness.sink import Stall
from harness.tap import Tap

PEOPLE, ADDRESS, FOREIGN = "people.test", "kim@people.test", "someone@elsewhere.test"
USER, GROUP = "nobody", "nogroup"


class Root:
    """What systemd does for postwelle-guard.socket: a guard for each connection."""

    def __init__(self, path, argv):
        self.argv = argv
        self.count = 0
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        os.chmod(path, 0o666)
        self.listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            peer, _ = self.listener.accept()
            self.count += 1
            with peer:
                subprocess.Popen(self.argv, stdin=peer, stdout=peer)


def start_tracker(scene, socket_path):
    """As a user who may do no more than ask policyd, read the log and list the queue."""
    postwelle = scene.postwelle
    scene.tracker.stop()
    os.chmod(os.path.join(postwelle.path, "run"), 0o711)
    postwelle.write_config(policyd={"admin-group": GROUP}, postfix={"guard-socket": socket_path})
    postwelle.restart("policyd")
    program = postwelle.program_for_all("postwelle")
    words = [program, *postwelle.argv("track")[1:]]
    groups = ["--groups=postdrop", f"--reuid={USER}", f"--regid={GROUP}"]  # as postwelle-track.service has them
    return scene.sandbox.start(["setpriv", *groups, "--no-new-privs", *words], "postwelle-track-nobody")


def start_wave(scene, name, address):
    directory = scene.new_campaign(name, "Umfrage", "100%")
    path = scene.sandbox.write(f"{name}.csv", f"Anrede;Vorname;Nachname;E-Mail\nFrau;Kim;Muster;{address}\n")
    done = scene.import_list(directory, path)
    assert done.returncode == 0, done.stdout + done.stderr
    scene.release(directory)
    scene.postwelle.command("wave", "open", directory, "1")
    return directory


def queue(scene):
    """{recipient: (queue ID, queue's name)}"""
    return {mail["recipients"][0]["address"]: (mail["queue_id"], mail["queue_name"]) for mail in scene.sender.queued()}


def test_killed(tap, scene, directory, at_the_dot):
    wait_for(at_the_dot.is_set, "a mail at the dot", 60, 0.2)
    scene.sender.kill("smtp")
    wait_for(lambda: queue(scene).get(ADDRESS, ("", ""))[1] == "hold", "the mail on hold", 90, 0.5)
    tap.ok(True, "a tracker without rights has the mail of a killed smtp(8) held")
    done = scene.postwelle.command("status", directory, "--json")
    tap.ok('"uncertain"' in done.stdout.replace(" ", ""), "and it is uncertain", done.stdout)


def test_requests(tap, scene, path):
    scene.sender.set(defer_transports="smtp")
    scene.sender.reload(30)
    scene.sender.sendmail("Subject: of somebody else\n\nHello\n", "-f", "pwelle@agency.example", FOREIGN)
    wait_for(lambda: queue(scene).get(FOREIGN, ("", ""))[1] == "deferred", "another program's mail in the queue", 60, 0.2)
    foreign, own = queue(scene)[FOREIGN][0], queue(scene)[ADDRESS][0]
    guard = PolicyClient(path)
    answer = guard.ask("hold", queue_ids=f"{foreign} {own}")
    tap.equal((answer, queue(scene)[FOREIGN][1]), ({"status": "ok", "own": "1"}, "deferred"), "another program's mail is not held")
    tap.equal(guard.ask("look", queue_ids=f"{own} {foreign} 4zzzzzzzzzzzzzz"), {"status": "ok", "files": "complete none none"},
              "files are looked at in incoming and hold")
    for name, kind, ids in (("a path", "look", "../../etc/passwd"), ("all mails", "hold", "ALL ."), ("an option", "hold", "-d"),
                            ("no ID", "hold", ""), ("too many", "look", " ".join(["4X"] * 101)), ("another verb", "delete", own)):
        answer = guard.ask(kind, queue_ids=ids)
        tap.equal(answer["status"], "error", f"{name} is refused: {answer.get('reason')}")
    guard.close()
    done = subprocess.run(["setpriv", "--clear-groups", f"--reuid={USER}", f"--regid={GROUP}",
                           os.path.join(scene.postwelle.path, "postwelle"), *scene.postwelle.argv("guard")[1:]],
                          input="request=look\nqueue_ids=4X\n\n", capture_output=True, text=True, check=False)
    tap.equal((done.returncode, done.stdout), (77, ""), "who is not root can't be a guard")


def main():
    at_the_dot = threading.Event()

    def script(step):
        if step.recipient == ADDRESS and step.stage == "dot":
            at_the_dot.set()
            return Stall(60)
        return None

    with Tap() as tap, Sandbox() as sandbox:
        scene = Scene(sandbox, [PEOPLE], script=script)
        path = os.path.join(sandbox.path, "guard.sock")
        tracker = start_tracker(scene, path)
        root = Root(path, scene.postwelle.argv("guard"))
        directory = start_wave(scene, "one", ADDRESS)
        test_killed(tap, scene, directory, at_the_dot)
        tap.ok(root.count > 0 and tracker.is_running(), "the guard was asked, and the tracker runs on", tracker.last_words())
        test_requests(tap, scene, path)


if __name__ == "__main__":
    main()
