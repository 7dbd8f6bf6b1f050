"""Reminders with real Postfix: they go to those who were invited, got it, have not answered and did not unsubscribe; to each once."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import openpyxl

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.policy import PolicyClient
from harness.sandbox import Sandbox, wait_for
from harness.scene import CLIENT, PROJECT_MANAGER, Scene
from harness.tap import Tap

PEOPLE = "people.test"
OK, WANTING, USAGE, DATA, TEMPORARY = 0, 1, 64, 65, 75
BOUNCING = ("gone.1", "gone.2")
NAMES = ["list.1", "list.2", "hook", "spelled", "tired", *BOUNCING, "due.1", "due.2", "due.3", "due.4", "due.5"]
DUE = {name for name in NAMES if name.startswith("due")}


def address(name):
    return f"{name}@{PEOPLE}"


def new_campaign(scene, name, people, **options):
    """A released campaign with a reminder; options of [waves] and [rate] as group_name=value."""
    directory = scene.new_campaign(name, "Umfrage", "100%")
    scene.edit(directory, r"(?m)^#reminder-(subject|html|text) =", r"reminder-\1 =")
    for option, value in options.items():
        group, option = option.split("_", 1)
        setting(scene, directory, group, option.replace("_", "-"), value)
    file = scene.sandbox.write(f"{name}.csv", "Anrede;Vorname;Nachname;E-Mail\n" +
                               "".join(f"Frau;Anna;Muster;{address(person)}\n" for person in people))
    done = scene.import_list(directory, file)
    assert done.returncode == OK, done.stdout + done.stderr
    scene.release(directory)
    return directory


def setting(scene, directory, group, option, value):
    """Outside the approved content: how, when, how fast."""
    path = os.path.join(directory, "campaign.conf")
    with open(path, encoding="utf-8") as old:
        text = re.sub(rf"(?m)^#?{option} *=.*\n", "", old.read())
    with open(path, "w", encoding="utf-8") as new:
        new.write(text.replace(f"[{group}]\n", f"[{group}]\n{option} = {value}\n"))


def participants(control, campaign):
    """{local part: row of campaign-participants}."""
    control.send("campaign-participants", client=CLIENT, campaign=campaign)
    return {row["address"].split("@")[0]: row for row in control.read()[:-1]}


def settled(control, campaign, field, states, count):
    """Waits until the tracker has told of so many mails that are in one of these states."""
    wait_for(lambda: sum(row.get(field) in states for row in participants(control, campaign).values()) == count,
             f"{count} mails {' or '.join(states)}", 120, 0.5)


def mails(scene, kind):
    """What has arrived of that kind, by local part."""
    found = {}
    for mail in scene.invitations():
        if f":{kind}:" in str(mail.message["Feedback-ID"]):
            found.setdefault(mail.recipient.split("@")[0], []).append(mail)
    return found


def text_of(mail):
    return mail.message.get_body(("plain",)).get_content()


def survey_token(mail):
    return re.search(r"/s/([a-z2-7]{32})", text_of(mail)).group(1)


def plan(scene, directory):
    return json.loads(scene.postwelle.command("remind", directory, "--plan", "--json").stdout)


def test_answers(tap, scene, control, directory, invited):
    """Lists and single tokens; what is wrong with them; all of it twice."""
    run = lambda *words: scene.postwelle.command("respondents", *words, check=False)
    book = openpyxl.Workbook()
    for row in (("Antwort-ID", "Wie zufrieden sind Sie?", "Zugangscode"), (1, "sehr", survey_token(invited["list.1"])),
                (2, "gar nicht", "nonsense"), (3, "geht so", survey_token(invited["list.2"]).upper()), (4, "anonym", None)):
        book.active.append(row)
    file = os.path.join(scene.sandbox.path, "export.xlsx")
    book.save(file)
    done = run(directory, file)
    tap.ok(done.returncode == OK and re.search(r"3 +nonsense(.|\n)*2 have answered, 0 known already, 1 unknown, 1 rows without", done.stdout),
           "an export with tokens: stored, and the unknown row is named", done)
    done = run(directory, file, "--json")
    tap.equal(json.loads(done.stdout), {"new": 0, "known": 2, "empty": 1, "unknown": [{"row": 3, "text": "nonsense"}]},
              "the same list again changes nothing")
    plain = scene.sandbox.write("plain.csv", f"{address('spelled').upper()}\nnobody@{PEOPLE}\n")
    done = run(directory, plain)
    tap.ok(done.returncode == OK and "1 have answered, 0 known already, 1 unknown" in done.stdout,
           "a list of nothing but addresses", done)
    done = run(directory, scene.sandbox.write("other.csv", "Ergebnis;Datum\ngut;gestern\n"))
    tap.ok(done.returncode == DATA and "--column" in done.stderr, "a list without such a column", done)
    done = run(directory, file, "--column", "A")
    tap.ok(done.returncode == WANTING and "none of 4 rows" in done.stderr, "the wrong column", done)
    done = run(directory, scene.sandbox.write("broken.xlsx", "PK\3\4 no workbook"))
    tap.ok(done.returncode == DATA and "broken.xlsx" in done.stderr, "a broken file", done)
    tap.ok(run(directory).returncode == USAGE and run("--list").returncode == USAGE, "nothing to tell, and nobody to ask about")
    hook = PolicyClient(os.path.join(scene.postwelle.path, "run", "feedback.sock"))
    answer = hook.ask("answered", token=survey_token(invited["hook"]))
    tap.equal((answer["known"], answer["campaign"], answer["new"]), ("yes", "one", "yes"), "a survey's script tells of one on feedback.sock")
    tap.equal(hook.ask("answers", client=CLIENT, campaign="one", act="add")["status"], "error", "and can do no more there")
    done = run("--token", survey_token(invited["hook"]))
    tap.ok(done.returncode == OK and "one: known already" in done.stdout, "the command does the same without a folder", done)
    done = run("--token", survey_token(invited["hook"]), "--json")
    tap.equal(json.loads(done.stdout), {"campaign": "one", "new": 0, "known": 1}, "in JSON, too")
    done = run("--token", "a" * 32)
    tap.ok(done.returncode == WANTING and "no participant's" in done.stderr, "a token that is not ours", done)
    done = run(directory, "--address", address("due.1"))
    back = run(directory, "--address", address("due.1"), "--remove")
    tap.ok("1 have answered" in done.stdout and "1 taken back" in back.stdout, "one by address, and taken back", (done, back))
    shown = json.loads(run(directory, "--list", "--json").stdout)["respondents"]
    tap.equal(sorted(row["address"].split("@")[0] for row in shown), ["hook", "list.1", "list.2", "spelled"], "who has answered")
    shown = scene.postwelle.command("status", directory).stdout
    tap.match(shown, re.compile("4 of 12 participants have answered"), "status tells how many")


def test_stopped(tap, scene, directory):
    """Ctrl-C while a list is on its way. policyd is stopped meanwhile, so it is on its way for sure."""
    file = scene.sandbox.write("long.csv", "E-Mail\n" + "".join(f"{address(name)}\n" for name in DUE) + f"nobody@{PEOPLE}\n" * 2000)
    policyd = scene.postwelle.policyd
    policyd.signal(signal.SIGSTOP)
    try:
        with subprocess.Popen(scene.postwelle.argv("respondents", directory, file), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True) as process:
            wait_for(lambda: is_connected(process.pid), "a command that asks policyd", 60, 0.05)
            process.send_signal(signal.SIGINT)
            policyd.signal(signal.SIGCONT)
            said = process.stderr.read()
    finally:
        policyd.signal(signal.SIGCONT)
    tap.ok(process.returncode == TEMPORARY and "stopped; nothing was stored" in said, "stopped in the middle of a list, it says what was taken",
           (process.returncode, said))
    shown = json.loads(scene.postwelle.command("respondents", directory, "--list", "--json").stdout)["respondents"]
    tap.equal(len(shown), 4, "and indeed nothing was")


def is_connected(pid):
    return any(os.readlink(f"/proc/{pid}/fd/{number}").startswith("socket:") for number in os.listdir(f"/proc/{pid}/fd"))


def test_plan(tap, scene, directory):
    """Too early, and then who would get one."""
    setting(scene, directory, "waves", "reminder-gap", "2d")
    done = scene.postwelle.command("remind", directory, "--json", check=False)
    tap.ok(done.returncode == WANTING and not done.stdout and re.search(r"too early.* 5 participants .* from \d{4}-\d\d-\d\d \d\d:\d\d CES?T on", done.stderr),
           "too early: refused with the time from when it is possible", done)
    setting(scene, directory, "waves", "reminder-gap", "1s")
    wait_for(lambda: plan(scene, directory)["early"] == 0, "the gap", 30, 0.5)
    tap.equal({name: count for name, count in plan(scene, directory).items() if count},
              {"due": 5, "answered": 4, "suppressed": 1, "not_sent": 2}, "the plan: who is due, and why the others are not")
    tap.equal(mails(scene, "reminder"), {}, "and none has gone out")


def test_kill(tap, scene, control, directory):
    """Killed while it feeds, and started again: one for each who is due."""
    setting(scene, directory, "rate", "minute", "12")
    process = subprocess.Popen(scene.postwelle.argv("remind", directory), stdout=subprocess.DEVNULL)
    wait_for(lambda: any("reminder_state" in row for row in participants(control, "one").values()) and mails(scene, "reminder"),
             "a first reminder", 120, 0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = len(mails(scene, "reminder"))
    tap.ok(before < len(DUE), "killed before all were fed", f"{before} had arrived")
    setting(scene, directory, "rate", "minute", "0")
    told = json.loads(scene.postwelle.command("remind", directory, "--json").stdout)
    tap.ok(0 < told["accepted"] <= len(DUE) - before and (told["campaign"], told["wave"], told["reminders"], told["waiting"]) ==
           ("one", None, True, 0), "run again, it ends well", told)
    settled(control, "one", "reminder_state", ("sent",), len(DUE))
    found = mails(scene, "reminder")
    tap.equal({name: len(some) for name, some in found.items()}, {name: 1 for name in DUE}, "each who was due has exactly one")
    return found


def test_reminders(tap, scene, control, directory, invited, found):
    mail, invitation = found["due.1"][0], invited["due.1"]
    tap.ok(mail.subject.startswith("Erinnerung:") and "Erinnerung" in text_of(mail), "its text is the reminder's", mail.subject)
    tap.ok(survey_token(mail) == survey_token(invitation) and mail.message_id != invitation.message_id and mail.message["DKIM-Signature"],
           "with the same link, a Message-ID of its own, and signed")
    done = scene.postwelle.command("remind", directory, check=False)
    tap.ok(done.returncode == OK and "nobody to remind" in done.stdout, "a second time there is nobody left", done)
    tap.match(done.stdout, re.compile("5 +have had as many reminders as there may be"), "and it says why")
    told = json.loads(scene.postwelle.command("remind", directory, "--json").stdout)
    tap.equal((told["accepted"], told["plan"], told["plan"]["done"]), (0, plan(scene, directory), 5), "in JSON, too")
    shown = json.loads(scene.postwelle.command("status", directory, "--reminders", "--json").stdout)["reminders"]
    tap.equal([(row["reminder"], row["total"], row["sent"]) for row in shown], [(1, 5, 5)], "status counts them")
    control.send("health")
    tap.equal(int(control.read()[0]["slots"]), len(NAMES), "no slot was taken")
    setting(scene, directory, "waves", "reminders", "0")
    done = scene.postwelle.command("remind", directory, check=False)
    tap.ok(done.returncode == WANTING and "reminders is 0" in done.stderr, "none are wanted", done)


def test_decide(tap, scene, control, directory, row):
    """row: of a participant whose reminder lies in the queue, on hold."""
    told = control.ask("event", queue_id=row["reminder_queue_id"], event="uncertain", time=int(time.time()), reply="lost connection")
    tap.equal(told["status"], "ok", "nobody can tell what became of a reminder")
    shown = scene.postwelle.command("ledger", "show").stdout
    tap.match(shown, re.compile(r"two\.3@people\.test +reminder 1 +uncertain"), "ledger show names the reminder that is uncertain")
    decide = ("ledger", "decide", directory, row["participant"], "sent", "--by", "Erika", "--because", "she rang")
    tap.equal(json.loads(scene.postwelle.command(*decide, "--json").stdout),
              {"client": CLIENT, "campaign": "two", "participant": int(row["participant"]), "mail": "reminder 1", "before": "uncertain",
               "after": "sent", "by": "Erika", "because": "she rang", "deleted": row["reminder_queue_id"]},
              "a person takes it for sent: its copy in the queue is deleted")
    tap.match(scene.postwelle.command("ledger", "decisions", directory).stdout, re.compile(r"reminder 1 .*uncertain +sent +Erika"),
              "who decided is kept")
    done = scene.postwelle.command(*decide, check=False)
    tap.ok(done.returncode == WANTING and "the invitation is sent" in done.stderr, "there is nothing more to decide", done)


def test_pause(tap, scene, control):
    """A pause holds reminders, too; and `run` sends those that are due. One is uncertain meanwhile, and a person settles it."""
    directory = new_campaign(scene, "two", ("two.1", "two.2", "two.3"), waves_reminder_gap="1s", waves_remind="yes")
    scene.postwelle.command("wave", "open", directory)
    settled(control, "two", "state", ("sent",), 3)
    wait_for(lambda: plan(scene, directory)["due"] == 3, "the gap", 30, 0.5)
    scene.sender.set(defer_transports="postwelle")
    scene.sender.reload(30)
    done = scene.postwelle.command("run")
    tap.ok("two, reminders: 3 accepted" in done.stdout, "run sends what is due, where campaign.conf says so", done)
    done = scene.postwelle.command("wave", "pause", directory)
    tap.ok("3 mails are on hold" in done.stdout, "a pause holds them", done)
    test_decide(tap, scene, control, directory, participants(control, "two")["two.3"])
    scene.sender.set(defer_transports="")
    scene.sender.reload(30)
    scene.postwelle.command("wave", "resume", directory)
    scene.sender.flush()
    settled(control, "two", "reminder_state", ("sent",), 3)
    tap.equal(sorted(len(some) for name, some in mails(scene, "reminder").items() if name.startswith("two")), [1, 1],
              "resumed, each arrives once, but not the one that a person took for sent")
    tap.equal(scene.postwelle.command("run").stdout, "", "run has nothing more to do")


def test_quiet(tap, scene, control, directory):
    """`run` does not have all participants looked at each minute; a look that found nobody due is remembered."""
    setting(scene, directory, "waves", "reminders", "1")
    setting(scene, directory, "waves", "remind", "yes")
    setting(scene, directory, "waves", "reminder-gap", "20s")

    def note():
        scene.postwelle.command("run")
        return control.ask("status-show", client=CLIENT, campaign="one")["reminders"]
    first = wait_for(note, "a look at those who could be reminded", 60, 0.5)
    second, until = note(), int(first.split("/")[2])
    tap.ok(first.startswith("1/20/") and (second == first or time.time() >= until), "run looks for reminders again when some may be due",
           (first, second))
    setting(scene, directory, "waves", "reminder-gap", "19s")
    tap.ok(note().startswith("1/19/"), "or when campaign.conf says otherwise")


def main():
    with Tap() as tap, Sandbox() as sandbox:
        scene = Scene(sandbox, [PEOPLE], greylist_seconds=0)
        refused = " ".join(f"{address(name)}=REJECT" for name in BOUNCING).replace(" ", ", ")
        scene.world.postfix.set(smtpd_recipient_restrictions=f"check_recipient_access inline:{{{refused}}}, permit")
        scene.world.postfix.reload(30)
        control = PolicyClient(os.path.join(scene.postwelle.path, "run", "control.sock"))
        bare = scene.new_campaign("bare", "Umfrage", "100%")
        done = scene.postwelle.command("remind", bare, check=False)
        tap.ok(done.returncode == WANTING and "has no reminder" in done.stderr, "a campaign without a reminder's templates", done)
        directory = new_campaign(scene, "one", NAMES)
        proofs = scene.world.wait_for_mails(2)
        tap.equal(sorted((mail.recipient, "Erinnerung" in mail.subject) for mail in proofs),
                  [(PROJECT_MANAGER, False), (PROJECT_MANAGER, True)], "the proof shows the reminder, too")
        scene.postwelle.command("wave", "open", directory)
        settled(control, "one", "state", ("sent", "bounced"), len(NAMES))
        invited = {name: some[0] for name, some in mails(scene, "invitation").items()}
        wish = re.search(r"mailto:[^?>]*\?subject=(\w+)", re.sub(r"\s+", "", str(invited["tired"].message["List-Unsubscribe"]))).group(1)
        tap.equal(control.ask("unsubscribe", token=wish, scope="client", act="yes")["new"], "yes", "one unsubscribes")
        test_answers(tap, scene, control, directory, invited)
        test_stopped(tap, scene, directory)
        test_plan(tap, scene, directory)
        found = test_kill(tap, scene, control, directory)
        test_reminders(tap, scene, control, directory, invited, found)
        test_pause(tap, scene, control)
        test_quiet(tap, scene, control, directory)


if __name__ == "__main__":
    main()
