"""A campaign that runs by itself, with everything real: three waves, opened by `postwelle run` alone, to receivers that
greylist, put off, refuse, send back, complain, unsubscribe, break off. In the end each row must stand in the ledger as
its receiver saw it.

    POSTWELLE_CAMPAIGN_ROWS=2000 tests/integration/test_campaign.py     for a short one
"""

import collections
import datetime
import itertools
import json
import os
import sys
import threading
import time
import zoneinfo

import openpyxl

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.audience import GREYLISTED, KINDS, Answers, Audience
from harness.policy import PolicyClient
from harness.sandbox import Sandbox, wait_for
from harness.scene import CLIENT, COMPLAINTS, Scene
from harness.tap import Tap
from harness.web import free_port

ROWS = int(os.environ.get("POSTWELLE_CAMPAIGN_ROWS", "20000"))
PEOPLE = "people.test"
# Postfix limits deliveries by destination: several domains let several smtp(8) work at once.
DOMAINS = [f"d{number}.{PEOPLE}" for number in range(8)]
SIZES = "20%, 30%, 50%"
GAP = "20s"                # between two waves
TICK = 1                   # seconds between two `postwelle run`, for the timer's minute
CAPPED, SUPPRESSED, OBJECTING = 10, 10, 10
BAD_ROWS = ["kein.name", "anna@", "anna@@people.test"]
SECONDS = 300 + ROWS // 20  # for anything
OPEN = {"new", "begun", "reserved", "queued", "greylisted"}
SHOWN = 10
REPORT_WORDS = {"sent": "delivered"}  # what the report calls a state by another name


class Timer(threading.Thread):
    """What systemd makes of postwelle.timer."""

    def __init__(self, scene):
        super().__init__(daemon=True)
        self._scene = scene
        self._end = threading.Event()
        self.runs = 0
        self.trouble = []
        self.start()

    def run(self):
        while not self._end.wait(TICK):
            done = self._scene.postwelle.command("run", check=False)
            self.runs += 1
            if done.returncode not in (0, 75):
                self.trouble.append(f"exit status {done.returncode}: {done.stdout}{done.stderr}")

    def end(self):
        self._end.set()
        self.join()


class Campaign:
    """One of the scene's, that nobody opens by hand."""

    def __init__(self, scene, name, sizes):
        self._scene = scene
        self.directory = scene.new_campaign(name, "Zufriedenheit", sizes)
        start = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Berlin")) - datetime.timedelta(minutes=2)
        self._set("waves", start=start.strftime("%Y-%m-%d %H:%M"), gap=GAP)
        # These receivers are worse than any list that one would go on with.
        self._set("gates", bounces="50%", complaints="20%")

    def _set(self, group, **options):
        lines = "".join(f"{name} = {value}\n" for name, value in options.items())
        self._scene.edit(self.directory, rf"(?m)^#?({'|'.join(options)}) *=.*\n", "")
        self._scene.edit(self.directory, rf"(?m)^\[{group}\]\n", f"[{group}]\n{lines}")

    def import_list(self, addresses):
        """What `import --json` says."""
        rows = "".join(f"Frau;Kim;Beispiel;{address}\n" for address in addresses)
        file = self._scene.sandbox.write("list.csv", f"Anrede;Vorname;Nachname;E-Mail\n{rows}")
        done = self._scene.postwelle.command("import", self.directory, file, "--basis", "customer-relationship",
                                             "--assured-by", "A. Muster, Muster GmbH", "--json")
        return json.loads(done.stdout)

    def waves(self):
        """`status --json`: a dict a wave."""
        return json.loads(self._scene.postwelle.command("status", self.directory, "--json").stdout)["waves"]

    def states(self):
        """How many rows are in which state."""
        total = collections.Counter()
        for wave in self.waves():
            total.update({name: int(count) for name, count in wave.items() if name not in ("wave", "opened", "total")})
        return +total

    def report(self, path):
        self._scene.postwelle.command("report", self.directory, "-o", path, "--lang", "en")

    def rows(self, *words):
        """{address: row} of `status --participants`."""
        done = self._scene.postwelle.command("status", self.directory, "--participants", "--json", *words)
        return {row["address"]: row for row in json.loads(done.stdout)["participants"]}


def copies(scene):
    """Participant → how many mails the sink took."""
    count = collections.Counter()
    for (recipient, _), mails in scene.sink.all_taken().items():
        count[recipient] += mails * recipient.endswith(PEOPLE)
    return count


def check_each(tap, name, wrong):
    """wrong: sentences."""
    tap.ok(not wrong, name, "\n".join(itertools.islice(wrong, SHOWN)) + f"\n{len(wrong)} in all")


def set_up(sandbox):
    audience = Audience(f".{PEOPLE}")
    scene = Scene(sandbox, DOMAINS, script=audience)
    port = free_port()
    scene.take_what_comes_back(web={"port": port})
    scene.postwelle.start_web()
    audience.answers = Answers((scene.sender.address, scene.sender.port), ("127.0.0.1", port), COMPLAINTS)
    return scene, audience


def import_lists(tap, scene, people):
    """The earlier campaign's participants are the first of these, and so is who never wants to be mailed."""
    earlier = Campaign(scene, "earlier", "100%")
    earlier.import_list(people[:CAPPED])
    scene.release(earlier.directory)
    timer = Timer(scene)
    wait_for(lambda: set(earlier.states()) == {"sent"}, "the earlier campaign", SECONDS, 0.5)
    for address in people[CAPPED:CAPPED + SUPPRESSED]:
        scene.postwelle.command("suppress", "add", address, "--client", CLIENT)
    campaign = Campaign(scene, "spring", SIZES)
    said = campaign.import_list(people + BAD_ROWS + people[-3:])
    told = {name: said[name] for name in ("rows", "good", "rejected", "capped", "suppressed", "participants")}
    tap.equal(told, {"rows": len(people) + 6, "good": len(people), "rejected": 6, "capped": CAPPED, "suppressed": SUPPRESSED,
                     "participants": len(people)}, "the import accounts for every row of the list")
    scene.release(campaign.directory)
    return campaign, timer


def watch_waves(tap, scene, campaign):
    """While it runs: what is greylisted is shown as such; some of the last wave object. Returns who."""
    wait_for(lambda: campaign.waves()[0]["opened"], "the first wave", SECONDS, 0.2)
    last = [address for address, row in campaign.rows().items() if int(row["wave"]) == 3 and row["state"] == "new"]
    objecting = last[:OBJECTING]
    for address in objecting:
        scene.postwelle.command("suppress", "add", address, "--all", "--reason", "called us")
    shown = wait_for(lambda: list(campaign.rows("--state", "greylisted").values()), "a greylisted row", SECONDS, 0.2)
    tap.ok(shown[0]["queue_id"] and GREYLISTED[4:] in shown[0]["reply"] and shown[0]["next_try"],
           "who is greylisted is shown as such, with the receiver's reply and the next try", shown[0])
    return objecting


def wait_for_ends(tap, scene, audience, campaign, timer):
    """Until every row has its end; what nobody ever takes expires."""
    def only_refused_for_now():
        states = campaign.states()
        never = sum(said is not None and said == "expired" for said in map(audience.seen, list(audience.said)))
        return not set(states) & OPEN and states["deferred"] == never and not audience.waiting()
    wait_for(only_refused_for_now, "an end of all that has one", SECONDS, 1)
    opened = [wave["opened"] for wave in campaign.waves()]
    tap.ok(all(opened) and opened == sorted(set(opened)), "three waves were opened, one after the other", opened)
    audience.answers.wait()
    check_each(tap, "all that comes back was taken", audience.answers.trouble)
    scene.sender.set(maximal_queue_lifetime="1s")
    scene.sender.reload(60)
    wait_for(lambda: not campaign.states()["deferred"], "the expiry of what is refused for ever", SECONDS, 1)
    scene.sender.wait_for_empty_queue(SECONDS)
    timer.end()
    check_each(tap, "every `run` went well", timer.trouble)


def test_rows(tap, audience, campaign, people, never):
    """never: {address: state} of those whom nothing may reach."""
    rows = campaign.rows()
    tap.equal(set(rows), set(people), "every good row of the list is a participant")
    check_each(tap, "every row's state is what its receiver saw",
               [f"{one}, {audience.kind(one)}: {rows[one]['state']}, seen {audience.seen(one)}, {rows[one]['reply']}"
                for one in people if one not in never and rows[one]["state"] != audience.seen(one)])
    check_each(tap, "and what it had to come to",
               [f"{one}, {audience.kind(one)}: {rows[one]['state']}, {rows[one]['reply']}"
                for one in people if rows[one]["state"] != never.get(one, KINDS[audience.kind(one)].end)])
    sums = collections.Counter(row["state"] for row in rows.values())
    tap.equal(campaign.states(), sums, "the waves' sums are the rows'")
    tap.equal(sums.total(), len(people), "and add up to the import")
    tap.note(", ".join(f"{count} {state}" for state, count in sums.most_common()))


def test_report(tap, campaign, people):
    """The client's report says of each row of the list what the ledger does."""
    path = os.path.join(campaign.directory, "report.xlsx")
    campaign.report(path)
    book = openpyxl.load_workbook(path, read_only=True)
    told = {row[1]: row[3] for row in book["participants"].iter_rows(min_row=2, values_only=True)}
    rows = campaign.rows()
    words = {state: REPORT_WORDS.get(state, state) for state in {row["state"] for row in rows.values()}}
    tap.ok(told == {number: words[rows[one]["state"]] for number, one in enumerate(people, 2)},
           "the report says of every row of the list what its receiver saw", collections.Counter(told.values()))
    summary = {row[0]: row[1] for row in book["summary"].iter_rows(values_only=True) if len(row) > 1}
    tap.equal(summary["sum"], len(people), "and adds up to the import")


def test_sink(tap, scene, never, before):
    now = copies(scene)
    check_each(tap, "nobody got two mails", [f"{one}: {count}" for one, count in now.items() if count > 1])
    check_each(tap, "nothing reached the suppressed, objecting, and capped", [one for one in never if now[one] != before[one]])


def test_suppressions(tap, scene, audience, people, never):
    """Who asked for it, and who does not exist, and nobody else, is suppressed from now on."""
    control = PolicyClient(os.path.join(scene.postwelle.path, "run", "control.sock"))
    names = {"client": CLIENT, "all": "*"}
    wrong = []
    for one in people:
        control.send("suppress-show", address=one)
        scopes = {row["scope"] for row in control.read()[:-1]}
        if one not in never and scopes != {names[scope] for scope in KINDS[audience.kind(one)].suppressed}:
            wrong.append(f"{one}, {audience.kind(one)}: {scopes}")
    check_each(tap, "suppressed is who complained, unsubscribed or does not exist", wrong)


def test_another_campaign(tap, scene, people):
    """Every slot is taken: the same list in the same quarter reaches nobody."""
    campaign = Campaign(scene, "again", "100%")
    said = campaign.import_list(people)
    before = copies(scene)
    tap.equal((said["good"], said["capped"] + said["suppressed"]), (len(people), len(people)),
              "the same list again: all are capped or suppressed")
    scene.release(campaign.directory)
    scene.postwelle.command("run")
    tap.equal((campaign.states().total(), copies(scene)), (len(people), before), "and nothing is sent")


def main():
    people = [f"p{number}@{DOMAINS[number % len(DOMAINS)]}" for number in range(ROWS)]
    # The earlier campaign's, whose mails must arrive for their slots to be taken.
    plain = [one for one in people if Audience.kind(one) == "plain"][:CAPPED + SUPPRESSED]
    people = plain + [one for one in people if one not in set(plain)]
    with Tap() as tap, Sandbox() as sandbox:
        scene, audience = set_up(sandbox)
        campaign, timer = import_lists(tap, scene, people)
        before = copies(scene)
        began = time.monotonic()
        never = {one: "capped" for one in people[:CAPPED]} | {one: "suppressed" for one in people[CAPPED:CAPPED + SUPPRESSED]}
        never |= {one: "suppressed" for one in watch_waves(tap, scene, campaign)}
        wait_for_ends(tap, scene, audience, campaign, timer)
        tap.note(f"{len(people)} participants in {time.monotonic() - began:.0f} s, {timer.runs} times run")
        test_rows(tap, audience, campaign, people, never)
        test_report(tap, campaign, people)
        test_sink(tap, scene, never, before)
        test_suppressions(tap, scene, audience, people, never)
        test_another_campaign(tap, scene, people)


if __name__ == "__main__":
    main()
