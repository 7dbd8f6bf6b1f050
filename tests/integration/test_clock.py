"""The cap over time, with policyd's clock in our hand: quarters in each client's zone, also where midnight does not exist; rolling caps; late mail."""

import datetime
import os
import struct
import sys
import tempfile
import time
import zoneinfo

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.house import BUILD, CLIENT, House
from harness.tap import Tap

DAY = 86400
# The first moment of a quarter by the zone's own clock. In Asunción and Amman clocks went from midnight to one that night.
EDGES = {
    "berlin": ("Europe/Berlin", datetime.datetime(2030, 4, 1), "the day after summer time began"),
    "auckland": ("Pacific/Auckland", datetime.datetime(2030, 4, 1), "twelve hours ahead of UTC"),
    "asuncion": ("America/Asuncion", datetime.datetime(2023, 10, 1, 1), "a quarter without midnight"),
    "amman": ("Asia/Amman", datetime.datetime(2016, 4, 1, 1), "a quarter without midnight"),
}
ROLLING = 30  # days


class Town(House):
    """A house whose daemon has a clock of ours (tests/fault/faults.c)."""

    def __init__(self, folder):
        super().__init__(folder)
        self.clock = os.path.join(folder, "clock")
        self.offset = 0
        self.set_clock(time.time())
        self.environment = {"LD_PRELOAD": os.path.abspath(os.path.join(BUILD, "tests/fault/faults.so")), "POSTWELLE_FAULTS": folder}

    def set_clock(self, seconds):
        self.offset = round(seconds - time.time())
        with open(self.clock, "r+b" if os.path.exists(self.clock) else "wb") as file:
            file.write(struct.pack("=q", self.offset))

    def now(self):
        return time.time() + self.offset


class Mails:
    """Other programs' mail of these clients: each reserve is a mail of its own."""

    def __init__(self, town):
        self.town = town
        self.milter, self.control = town.connect("reserve"), town.connect("control")
        self.count = 0

    def reserve(self, client, recipient):
        """The status, and the queue ID."""
        self.count += 1
        queue_id = f"M{self.count}"
        answer = self.milter.ask("reserve", queue_id=queue_id, sender=f"news@{client}.example", from_domain=f"{client}.example",
                                 message_id=f"<{queue_id}@{client}.example>", recipients=1,
                                 deadline=int(self.town.now() * 1000) + 20000, **{"recipient.1": recipient})
        return answer["status"], queue_id

    def status(self, client, recipient):
        return self.reserve(client, recipient)[0]

    def event(self, queue_id, event):
        self.control.ask("event", queue_id=queue_id, event=event, time=int(self.town.now()), dsn="2.0.0", reply="", relay="x")


def test_edge(tap, town, mails, client):
    zone, local, remark = EDGES[client]
    edge = local.replace(tzinfo=zoneinfo.ZoneInfo(zone)).timestamp()
    name = f"{zone} ({remark})"
    town.set_clock(edge - 30)
    early, queue_id = mails.reserve(client, "early@people.example")
    mails.event(queue_id, "sent")
    again = mails.status(client, "early@people.example")
    _, late = mails.reserve(client, "late@people.example")
    _, open_one = mails.reserve(client, "open@people.example")
    tap.equal((early, again), ("ok", "refused"), f"{name}: one in the last minute of a quarter")
    town.set_clock(edge + 1)
    tap.equal(mails.status(client, "early@people.example"), "ok", f"{name}: another one in the first of the next")
    tap.equal(mails.status(client, "early@people.example"), "refused", f"{name}: but one")
    tap.equal(mails.status(client, "open@people.example"), "temporary", f"{name}: not while the last quarter's is on its way")
    mails.event(open_one, "expired")
    tap.equal(mails.status(client, "open@people.example"), "ok", f"{name}: once that has expired")
    mails.event(late, "sent")
    tap.equal(mails.status(client, "late@people.example"), "refused", f"{name}: one that was sent over the edge counts in both")


def test_zones(tap, town, mails):
    """One moment, two quarters."""
    berlin = datetime.datetime(2030, 7, 1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")).timestamp()
    town.set_clock(berlin - 4 * 3600)
    first = {client: mails.reserve(client, "zones@people.example") for client in ("berlin", "auckland")}
    for _, queue_id in first.values():
        mails.event(queue_id, "sent")
    town.set_clock(berlin + 60)
    tap.equal({client: mails.status(client, "zones@people.example") for client in first}, {"berlin": "ok", "auckland": "refused"},
              "a quarter begins in Berlin; in Auckland it began half a day ago")


def test_rolling(tap, town, mails):
    start = datetime.datetime(2031, 1, 10, 12, tzinfo=datetime.timezone.utc).timestamp()
    town.set_clock(start)
    status, queue_id = mails.reserve("rolling", "rolling@people.example")
    tap.equal(status, "ok", "rolling: the first one")
    town.set_clock(start + 2 * DAY)
    mails.event(queue_id, "sent")
    town.set_clock(start + (ROLLING + 1) * DAY)
    tap.equal(mails.status("rolling", "rolling@people.example"), "refused", "rolling: the time runs from when it was sent")
    town.set_clock(start + (ROLLING + 2) * DAY - 30)
    tap.equal(mails.status("rolling", "rolling@people.example"), "refused", "rolling: to the end")
    town.set_clock(start + (ROLLING + 2) * DAY + 1)
    tap.equal(mails.status("rolling", "rolling@people.example"), "ok", "rolling: then another one")


def main():
    with Tap() as tap, tempfile.TemporaryDirectory(prefix="postwelle-test-") as folder:
        town = Town(folder)
        for client, (zone, *_) in EDGES.items():
            town.write_client(client, CLIENT.format(name=client).replace("[signing]", f"time-zone = {zone}\n[signing]"))
        town.write_client("rolling", CLIENT.format(name="rolling") + f"[cap]\nperiod = rolling {ROLLING}d\n")
        town.run("--init")
        try:
            town.start()
            mails = Mails(town)
            for client in sorted(EDGES, key=lambda name: EDGES[name][1]):
                test_edge(tap, town, mails, client)
            test_zones(tap, town, mails)
            test_rolling(tap, town, mails)
        finally:
            if town.process is not None and town.process.poll() is None:
                town.process.kill()
                town.process.wait()


main()
