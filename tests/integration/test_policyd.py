"""postwelle-policyd as a daemon: start and stop, sockets, order of answers, limits, kills, reload."""

import os
import pathlib
import re
import signal
import socket
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.house import CAMPAIGN, CLIENT, HASH, House, approve, foreign, import_list, reserve
from harness.policy import encode
from harness.tap import Tap

USAGE, DATA, NO_INPUT, CANT_CREATE, TEMPORARY, DENIED, CONFIG = 64, 65, 66, 73, 75, 77, 78


def test_start(tap, house):
    done = house.run()
    tap.ok(done.returncode == NO_INPUT and "state" in done.stderr, "without a state folder it does not start", done)
    tap.equal(house.run("--init").returncode, 0, "--init makes a ledger")
    tap.equal(house.run("--init").returncode, CANT_CREATE, "--init does so only once")
    tap.equal(house.run("--check").returncode, 0, "--check likes the configuration")
    tap.equal(house.run("--nonsense").returncode, USAGE, "an unknown option is refused")
    modes = [os.stat(os.path.join(house.ledger, name)).st_mode & 0o777 for name in os.listdir(house.ledger)]
    tap.ok(set(modes) == {0o600} and os.stat(house.ledger).st_mode & 0o777 == 0o700, "the ledger is its user's only")
    tap.equal(os.stat(os.path.join(house.state, "secret")).st_mode & 0o777, 0o400, "so is the secret")
    house.start()
    done = house.run()
    tap.ok(done.returncode == TEMPORARY and f"process {house.process.pid}" in done.stderr,
           "a second policyd is kept out, and told who is there", done)
    tap.equal(house.run("--dump").returncode, TEMPORARY, "so is --dump")
    tap.ok(os.stat(house.socket("policy")).st_mode & 0o777 == 0o660, "the policy socket is its group's")


def test_refused_state(tap, house):
    """What must not be started on; each time put right again."""
    secret = os.path.join(house.state, "secret")
    os.chmod(secret, 0o440)
    tap.equal(house.run().returncode, DENIED, "a secret open to others is refused")
    os.chmod(secret, 0o400)
    house.write_config(**{"admin-group": "no-such-group"})
    done = house.run()
    tap.ok(done.returncode == CONFIG and "no-such-group" in done.stderr, "an unknown group is refused", done)
    house.write_config()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(house.socket("control"))
        other.listen()
        done = house.run()
        tap.ok(done.returncode == CANT_CREATE and "listens" in done.stderr, "a socket in use is left alone", done)


def test_sockets(tap, house):
    policy, control, milter = (house.connect(name) for name in ("policy", "control", "reserve"))
    tap.equal(policy.ask("smtpd_access_policy", protocol_state="RCPT", sender="a@b.example", recipient="c@d.example"),
              {"action": "DUNNO"}, "others' mail passes")
    tap.equal(control.ask("health")["status"], "ok", "health on the control socket")
    tap.equal(milter.ask("health")["status"], "ok", "health on the reserve socket")
    tap.equal(control.ask("reserve", queue_id="X")["status"], "error", "reserve is not for the control socket")
    tap.equal(milter.ask("suppress-add", address="a@b.example", scope="*", reason="r")["status"], "error",
              "suppress-add is not for the reserve socket")
    tap.equal(control.ask("health", surplus=1)["status"], "error", "an unknown attribute is an error")
    tap.equal(control.ask("no-such-request")["status"], "error", "an unknown request is an error")
    tap.equal(control.ask("health")["status"], "ok", "and the connection goes on")
    tap.equal(policy.ask("health"), None, "another request on the policy socket closes it")


def read_all(client):
    """Read to the end of the connection; TRUE when that comes."""
    try:
        while client.socket.recv(4096):
            continue
    except ConnectionResetError:
        pass
    return True


def resident(house):
    """policyd's memory, in octets."""
    with open(f"/proc/{house.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def is_sanitized(house):
    """A sanitizer keeps memory that was freed."""
    with open(f"/proc/{house.process.pid}/maps", encoding="utf-8") as file:
        return re.search("lib[at]san", file.read()) is not None


def test_flood(tap, house):
    """On each socket thousands of requests whose answers nobody takes: bounded memory, others are served, all is answered in the end."""
    floods = {
        "policy": encode("smtpd_access_policy", {"protocol_state": "RCPT", "sender": "a@b.example", "recipient": "c@d.example"}),
        "socketmap": b"12:sending 4ABC,",
        "reserve": encode("cancel", {"queue_id": "FLOOD"}),
        "control": encode("track-position", {"position": "x" * 500}),
    }
    house.connect("control").ask("health")
    before = resident(house)
    for name, request in floods.items():
        clients = [house.connect("policy" if name == "socketmap" else name) for _ in range(20)]
        sent = 0
        for client in clients:
            client.socket.setblocking(False)
            try:
                for _ in range(200):
                    sent += client.socket.send(request * 100)
            except BlockingIOError:
                pass
        tap.equal(house.connect("control").ask("health")["status"], "ok", f"{name}: {sent} octets pipelined, others are served")
        grown = resident(house) - before
        tap.ok(grown < 48 << 20 or is_sanitized(house), f"{name}: memory is bounded", grown)
        for client in clients:
            client.socket.setblocking(True)
            client.socket.shutdown(socket.SHUT_WR)
        tap.ok(all(read_all(client) for client in clients), f"{name}: half-closed, answered and closed")


def test_limits(tap, house):
    """Whatever is sent, one connection is closed, one line is logged, and others are served."""
    broken = {
        "garbage": ("control", b"\x16\x03\x01\x02\x00\x01\n\n"),
        "an empty list": ("control", b"\n"),
        "a NUL": ("control", b"request=health\na=\0\n\n"),
        "a name twice": ("control", b"request=health\na=1\na=1\n\n"),
        "a broken percent sign": ("control", b"request=health\na=%4\n\n"),
        "a line of 5 KiB": ("control", b"request=health\na=" + b"x" * 5000 + b"\n\n"),
        "301 attributes": ("control", b"request=health\n" + b"".join(b"a%d=1\n" % i for i in range(300)) + b"\n"),
        "a request of 70 KiB": ("control", b"request=health\n" + b"a=1\n" * 17500),
        "101 attributes of Postfix": ("policy", b"request=smtpd_access_policy\n" + b"a=1\n" * 100 + b"\n"),
        "17 KiB of Postfix": ("policy", b"request=smtpd_access_policy\na=" + b"x" * 17000),
        "a netstring without end": ("policy", b"12:sending 4ABCx"),
        "a netstring of 2 KiB": ("policy", b"2000:sending "),
        "a length without end": ("policy", b"1" * 100),
        "a question to another table": ("policy", b"10:other 4ABC,"),
        "the other protocol in the middle": ("policy", b"12:sending 4ABC,request=smtpd_access_policy\n\n"),
        "a netstring on the control socket": ("control", b"12:sending 4ABC,\n\n"),
    }
    for name, (where, octets) in broken.items():
        before = house.log_text().count(" closed: ")
        client = house.connect(where)
        try:
            client.socket.sendall(octets)
        except ConnectionError:
            pass
        closed = client.read_one() is None if not octets.startswith(b"12:") else read_all(client)
        tap.ok(closed, f"{name}: closed")
        for _ in range(100):
            if house.log_text().count(" closed: ") > before:
                break
            time.sleep(0.02)
        tap.equal(house.log_text().count(" closed: ") - before, 1, f"{name}: one line in the log")
    largest = house.connect("policy")
    largest.socket.sendall(b"request=smtpd_access_policy\nprotocol_state=RCPT\na=" + b"x" * 16000 + b"\n\n")
    tap.equal(largest.read_one(), {"action": "DUNNO"}, "a request just within the limit is answered")


def test_order(tap, house):
    """Thousands of pipelined requests, some held for the disk and some not, on a connection that reads late."""
    control = house.connect("control")
    batch = b"".join(encode("track-position", {"position": str(i)}) + encode("suppress-show", {"address": f"a{i}@b.example"})
                     + encode("track-position", {}) for i in range(1500))
    pid = os.fork()
    if pid == 0:
        control.socket.sendall(batch)
        os._exit(0)
    time.sleep(0.3)
    right = True
    for i in range(1500):
        first, second, third = control.read()[-1], control.read()[-1], control.read()[-1]
        right = right and first["position"] == str(i) and "position" not in second and third["position"] == str(i)
    os.waitpid(pid, 0)
    tap.ok(right, "4,500 pipelined requests are answered in order")
    half = house.connect("control")
    half.send("track-position", position="half")
    half.send("health")
    half.socket.shutdown(socket.SHUT_WR)
    tap.ok(half.read()[-1]["position"] == "half" and half.read()[-1]["status"] == "ok" and half.read_one() is None,
           "a half-closed connection gets its answers and is closed")
    for _ in range(30):
        gone = house.connect("control")
        for position in range(400):
            gone.send("track-position", position=position)
            if position % 100 == 0:
                time.sleep(0.001)
        gone.close()
    tap.equal(house.connect("control").ask("health")["status"], "ok", "peers that go away in the middle of batches do no harm")
    slow = house.connect("control")
    for octet in encode("health", {}):
        slow.socket.sendall(bytes([octet]))
    tap.equal(slow.read()[-1]["status"], "ok", "a request may come octet by octet")


def test_campaign(tap, house):
    control = house.connect("control")
    verdicts, commit = import_list(control, [f"p{i}@people.example" for i in range(300)] + ["P0@People.Example"])
    tap.ok(verdicts == ["new"] * 300 + ["known"] and commit["new"] == "300", "a pipelined import", (verdicts, commit))
    tap.equal(approve(house, control)["status"], "ok", "proof and approval")
    tap.equal(control.ask("wave-open", **CAMPAIGN, wave=1, hash=HASH)["todo"], "300", "the wave is open")
    control.send("begin", **CAMPAIGN, wave=1, after=0, limit=200)
    mails = control.read()
    control.send("begin", **CAMPAIGN, wave=1, after=mails[-1]["last"], limit=200)
    mails = mails[:-1] + control.read()
    tap.equal((len(mails) - 1, mails[-1]["last"], mails[0]["a.Name"]), (300, "0", "Nä%1\n"), "all are begun, in pages")
    return mails[:-1]


def test_kill(tap, house, mails):
    """kill -9 while reserves are under way: whatever was answered ok is there afterwards."""
    clients = [house.connect("reserve") for _ in range(10)]
    for number, mail in enumerate(mails[:200]):
        reserve(clients[number % 10], f"Q{number}", mail)
    answered = []
    for number in range(60):
        answer = clients[number % 10].read_one()
        if answer and answer["status"] == "ok":
            answered.append(number)
    house.end(signal.SIGKILL)
    tap.equal(len(answered), 60, "60 slots are acknowledged before the kill")
    started = time.monotonic()
    house.start()
    tap.ok(time.monotonic() - started < 15, "it starts again after the kill")
    milter, policy = house.connect("reserve"), house.connect("policy")
    kept = True
    for number in answered:
        mail = mails[number]
        reserve(milter, f"Z{number}", mail)
        kept = kept and milter.read_one()["reply"].startswith("451 ")
        reserve(milter, f"Q{number}", mail)
        kept = kept and milter.read_one()["status"] == "ok"
        seen = policy.ask("smtpd_access_policy", protocol_state="RCPT", sender="news@acme.example", recipient=mail["address"])
        kept = kept and seen["action"].startswith("550 5.7.1 ")
    tap.ok(kept, "each acknowledged slot is held by its queue ID after the restart")
    control = house.connect("control")
    control.send("campaign-status", **CAMPAIGN)
    wave = control.read()[0]
    reserved = int(wave["reserved"])
    tap.ok(60 <= reserved <= 200 and reserved + int(wave["begun"]) == 300, "every participant is accounted for", wave)
    tap.equal(int(control.ask("health")["slots"]), reserved, "as many slots as reserved participants")


def test_reload(tap, house):
    policy = house.connect("policy")

    def foreign_action():
        return policy.ask("smtpd_access_policy", protocol_state="RCPT", sender="a@later.example", recipient="bad address")["action"]
    tap.equal(foreign_action(), "DUNNO", "a domain that is no client's yet")
    house.write_client("later", "[client]\ntitle = broken\n")
    house.process.send_signal(signal.SIGHUP)
    tap.ok(house.wait_log("the old configuration stays in force"), "a bad configuration is refused at reload")
    tap.ok("later.conf" in house.log_text(), "and named")
    tap.equal(foreign_action(), "DUNNO", "the old one stays in force")
    house.write_client("later", CLIENT.format(name="later"))
    house.process.send_signal(signal.SIGHUP)
    tap.ok(house.wait_log("the new configuration is in force"), "a good one is taken")
    tap.match(foreign_action(), re.compile("^550 5.7.1 "), "and in force")


def test_early_reload(tap, house):
    text = "the new configuration is in force"
    before = house.log_text().count(text)
    house.end(signal.SIGTERM)
    pathlib.Path(house.socket("policy")).unlink(missing_ok=True)
    house.launch()
    while not os.path.exists(house.socket("policy")) and house.process.poll() is None:
        time.sleep(0.001)
    house.process.send_signal(signal.SIGHUP)
    tap.ok(house.wait_log(text, before + 1), "a reload that comes while it starts ends nothing, and is not lost")
    house.wait()


def test_guards(tap, house):
    house.end(signal.SIGTERM)
    house.write_config(**{"keep-free": "1000G"})
    house.start()
    milter = house.connect("reserve")
    foreign(milter, "FULL", "x@people.example")
    answer = milter.read_one()
    tap.ok(answer["status"] == "temporary" and answer["reply"].startswith("451 4.7.1 "), "below keep-free: 451", answer)
    policy = house.connect("policy")
    tap.ok(policy.ask("smtpd_access_policy", protocol_state="RCPT", sender="a@acme.example", recipient="x@people.example")
           == {"action": "DUNNO"}, "look-ups go on")
    house.end(signal.SIGTERM)
    house.write_config(**{"idle-timeout": "1s"})
    house.start()
    idle = house.connect("control")
    started = time.monotonic()
    tap.ok(idle.read_one() is None and time.monotonic() - started < 10, "an idle connection is closed")
    drip = house.connect("control")
    try:
        for octet in b"request=health\nreason=" + b"x" * 100:
            drip.socket.sendall(bytes([octet]))
            time.sleep(0.05)
        dripped = drip.read_one()
    except ConnectionError:
        dripped = None
    tap.equal(dripped, None, "so is one whose request takes longer than that")
    tap.ok(house.wait_log("half a request for 1 s"), "with a line in the log", house.log_text()[-600:])
    for name, half in {"policy": b"request=smtpd_access_policy\nsender=", "reserve": b"request=cancel\n", "control": b"request=",
                       "policy, by netstring": b"12:send"}.items():
        before = house.log_text().count(" closed: ")
        client = house.connect(name.partition(",")[0])
        client.socket.sendall(half)
        tap.equal(client.read_one(), None, f"{name}: half a request and then silence is closed")
        tap.equal(house.log_text().count(" closed: ") - before, 1, f"{name}: with one line in the log")
    before = house.log_text().count(" closed: ")
    tap.equal(house.connect("reserve").read_one(), None, "one that says nothing at all is closed")
    tap.equal(house.log_text().count(" closed: "), before, "without a line")


def test_stop(tap, house):
    """SIGTERM in the middle of writes: what is answered ok is durable, the process ends with 0."""
    house.end(signal.SIGTERM)
    house.write_config()
    house.start()
    milter = house.connect("reserve")
    for number in range(200):
        foreign(milter, f"S{number}", f"s{number}@people.example")
    tap.equal(house.end(signal.SIGTERM), 0, "SIGTERM ends it with status 0")
    answers = []
    while (answer := milter.read_one()) is not None:
        answers.append(answer["status"])
    tap.ok(set(answers) <= {"ok", "temporary"}, "each answer is ok or temporary", set(answers))
    tap.ok(not any(os.path.exists(house.socket(name)) for name in ("policy", "reserve", "control")), "the sockets are removed")
    dump = house.run("--dump")
    lines = dump.stdout.splitlines()
    tap.ok(dump.returncode == 0 and lines[-1].startswith(f"end {len(lines) - 2} "), "--dump writes all rows", dump.stderr)
    held = sum(line.startswith(("reservation S", "queue S")) for line in lines)
    tap.ok(held >= answers.count("ok"), "what was answered ok is in it", (held, answers.count("ok")))


def main():
    with Tap() as tap, tempfile.TemporaryDirectory(prefix="postwelle-test-") as folder:
        house = House(folder)
        try:
            test_start(tap, house)
            test_sockets(tap, house)
            test_limits(tap, house)
            test_order(tap, house)
            test_flood(tap, house)
            mails = test_campaign(tap, house)
            test_kill(tap, house, mails)
            test_reload(tap, house)
            test_early_reload(tap, house)
            test_guards(tap, house)
            test_stop(tap, house)
            test_refused_state(tap, house)
        finally:
            if house.process is not None and house.process.poll() is None:
                house.process.kill()
                house.process.wait()


main()
