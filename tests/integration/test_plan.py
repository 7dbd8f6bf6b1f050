"""Wave plans, with real Postfix: run opens what is due, at its hours, at its rate; a gate that trips stops the campaign."""

import datetime
import json
import os
import re
import sys
import time
import zoneinfo

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.policy import PolicyClient
from harness.sandbox import Sandbox, wait_for
from harness.scene import CLIENT, Scene
from harness.sink import Reply, Sink
from harness.tap import Tap

PEOPLE, BERLIN = "people.test", zoneinfo.ZoneInfo("Europe/Berlin")
BOUNCING = 55


def count(control, campaign, state):
    control.send("campaign-status", client=CLIENT, campaign=campaign)
    return sum(int(row[state]) for row in control.read()[:-1])


def outlook(control, campaign):
    """What `run` has told of what comes next."""
    return control.ask("status-show", client=CLIENT, campaign=campaign)


def new_campaign(scene, name, rows, sizes, **options):
    """A released campaign; options of [waves], [gates] and [rate] as group_name=value."""
    directory = scene.new_campaign(name, "Umfrage", sizes)
    for option, value in options.items():
        group, option = option.split("_", 1)
        scene.edit(directory, rf"(?m)^#?{option} *=.*\n", "")
        scene.edit(directory, rf"(?m)^\[{group}\]\n", f"[{group}]\n{option} = {value}\n")
    file = scene.sandbox.write(f"{name}.csv", "Anrede;Vorname;Nachname;E-Mail\n" +
                               "".join(f"Frau;Anna;Muster;{name}.{row}@{PEOPLE}\n" for row in range(rows)))
    done = scene.import_list(directory, file)
    assert done.returncode == 0, done.stdout + done.stderr
    scene.release(directory)
    return directory


def local(minutes):
    """So many minutes from now on a wall in Berlin."""
    return datetime.datetime.now(BERLIN) + datetime.timedelta(minutes=minutes)


def test_hours(tap, scene, control):
    away = local(24 * 60).strftime("%a").lower()
    quiet = new_campaign(scene, "quiet", 4, "50%, 50%", waves_start=local(-60).strftime("%Y-%m-%d %H:%M"), waves_gap="0s",
                         waves_weekdays=away)
    scene.postwelle.command("run")
    tap.equal(count(control, "quiet", "new"), 4, "run opens nothing on another weekday")
    done = scene.postwelle.command("wave", "open", quiet, check=False)
    tap.ok(done.returncode == 1 and "no first attempts now" in done.stderr, "nor does wave open", done)
    shown = scene.postwelle.command("wave", "list", quiet).stdout
    tap.match(shown, re.compile(rf"1 +{local(24 * 60):%Y-%m-%d} 00:00 CES?T"), "wave list shows when it will")
    foreseen = outlook(control, "quiet")
    tap.ok((foreseen["wave"], foreseen["gate"]) == ("1", "open") and f"{local(24 * 60):%Y-%m-%d 00:00}" ==
           f"{datetime.datetime.fromtimestamp(int(foreseen['due']), BERLIN):%Y-%m-%d %H:%M}", "and run has told it for the status pages", foreseen)
    scene.edit(quiet, r"(?m)^weekdays.*\n", "")
    told = json.loads(scene.postwelle.command("run", "--json").stdout)
    tap.equal(count(control, "quiet", "new"), 2, "without the restriction run opens the first wave")
    tap.equal([(one["dir"], one["campaign"], one["wave"], one["accepted"]) for one in told["campaigns"]], [(quiet, "quiet", 1, 2)],
              "and tells so in JSON")
    scene.postwelle.command("run")
    tap.equal(count(control, "quiet", "new"), 0, "and the second, as there is no gap")
    scene.postwelle.command("run")
    wait_for(lambda: count(control, "quiet", "sent") == 4, "the tracker's account", 60, 0.5)
    shown = scene.postwelle.command("wave", "list", quiet, "--json").stdout
    tap.match(shown, re.compile(r'"sent": *2'), "wave list shows what became of them")


def test_rate(tap, scene, control):
    slow = new_campaign(scene, "slow", 31, "100%", rate_minute=600)
    begun = time.monotonic()
    scene.postwelle.command("wave", "open", slow)
    tap.ok(time.monotonic() - begun >= 2, "600 a minute are 30 in three seconds, or two where one is made up for")
    tap.equal(count(control, "slow", "new") + count(control, "slow", "begun"), 0, "all are fed")


def test_gate(tap, scene, control, hurt):
    """Every mail bounces: the second wave stays closed, the campaign is paused, and says why."""
    address = scene.sandbox.addresses.spare[0]
    scene.sender.set(relayhost=f"[{address}]:{scene.sender.port}")
    scene.sender.reload(30)
    refuse = lambda step: Reply("550 5.1.1 unknown user") if step.stage == "rcpt" else None
    with Sink(address, scene.sender.port, refuse):
        scene.postwelle.command("run")
        tap.equal(count(control, "hurt", "new"), 5, "the first wave is fed")
        wait_for(lambda: count(control, "hurt", "bounced") == BOUNCING, "the bounces in the tracker's account", 90, 0.5)
        done = scene.postwelle.command("run", "--json", check=False)
        tap.ok(done.returncode == 1 and "hurt is stopped: 55 of 55 mails bounced" in done.stderr, "run stops it, and says why", done)
        told, = json.loads(done.stdout)["campaigns"]
        tap.ok(told["dir"] == hurt and told["error"] in done.stderr and "accepted" not in told, "in JSON, too", told)
        tap.equal(count(control, "hurt", "new"), 5, "the second wave is not opened")
        scene.postwelle.command("run", check=False)
        foreseen = outlook(control, "hurt")
        tap.ok((foreseen["state"], foreseen["wave"], foreseen["gate"]) == ("paused", "2", "stop") and
               "55 of 55 mails bounced" in foreseen["because"], "for the status pages it has the reason, also while it is paused", foreseen)
        shown = scene.postwelle.command("wave", "list", hurt).stdout
        tap.match(shown, re.compile(r"The campaign is paused\.\n55 of 55 mails bounced"), "wave list says it, too")
        scene.postwelle.command("wave", "resume", hurt)
        scene.edit(hurt, r"(?m)^bounces.*\n", "bounces =\n")
        scene.postwelle.command("run")
        tap.equal(count(control, "hurt", "new"), 0, "without that gate it goes on")


def main():
    with Tap() as tap, Sandbox() as sandbox:
        scene = Scene(sandbox, [PEOPLE], greylist_seconds=0)
        control = PolicyClient(os.path.join(scene.postwelle.path, "run", "control.sock"))
        start = local(-60).strftime("%Y-%m-%d %H:%M")
        test_hours(tap, scene, control)
        test_rate(tap, scene, control)
        hurt = new_campaign(scene, "hurt", BOUNCING + 5, f"{BOUNCING}, 100%", waves_start=start, waves_gap="0s",
                            gates_bounces="5%")
        test_gate(tap, scene, control, hurt)


if __name__ == "__main__":
    main()
