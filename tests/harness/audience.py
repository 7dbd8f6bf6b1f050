"""Receivers of every kind, as a script for harness.sink: what each does with its mail, and what comes of it afterwards.

Who is of which kind is drawn from the address alone, so that a run can be played again. What an audience saw itself
tells how each row of the ledger has to end: Audience.seen.
"""

import dataclasses
import functools
import http.client
import queue
import random
import re
import smtplib
import threading

from .reports import complaint, notification
from .sink import DROP, Reply, Stall

SENDERS = 4            # threads that send what comes back
SECONDS = 60           # for one of these
GREYLISTED = "450 4.2.0 Greylisted, come again"
AUTO_REPLY = "From: {to}\nTo: {token}\nSubject: Abwesend\nAuto-Submitted: auto-replied\n\nBin im Urlaub. 550 5.1.1\n"
NOT_DELIVERED = {"nobody_there", "mailbox_full"}
ONE_CLICK = "List-Unsubscribe=One-Click"


@dataclasses.dataclass(frozen=True)
class Kind:
    """One kind of receiver."""
    weight: int          # how many of a thousand
    end: str             # the state in which its row has to end
    attempts: tuple = ()                                   # what the first ones meet, {stage: action}; then all goes well
    always: dict = dataclasses.field(default_factory=dict)  # or what each of them meets
    answer: str = ""     # what comes back from whoever has the mail: a method of Answers
    suppressed: frozenset = frozenset()  # for whom the address has to be suppressed at the end: client, all


CLIENT, ALL = frozenset({"client"}), frozenset({"all"})
KINDS = {
    "plain": Kind(542, "sent"),
    "slow": Kind(20, "sent", ({"dot": Stall(0.3)},)),
    "greylists": Kind(120, "sent", ({"rcpt": Reply(GREYLISTED)},)),
    "greylists twice": Kind(40, "sent", ({"rcpt": Reply(GREYLISTED)},) * 2),
    "later at data": Kind(20, "sent", ({"data": Reply("451 4.3.0 Try again")},)),
    "later at the dot": Kind(20, "sent", ({"dot": Reply("452 4.3.1 Disk full")},)),
    "greylists, then refuses": Kind(8, "bounced", ({"rcpt": Reply(GREYLISTED)}, {"rcpt": Reply("550 5.1.1 No such user")}),
                                    suppressed=CLIENT),
    "nobody": Kind(40, "bounced", always={"rcpt": Reply("550 5.1.1 No such user")}, suppressed=CLIENT),
    "full": Kind(20, "bounced", always={"rcpt": Reply("552 5.2.2 Mailbox full")}),
    "refuses at data": Kind(10, "bounced", always={"data": Reply("554 5.7.1 No")}),
    "refuses at the dot": Kind(15, "bounced", always={"dot": Reply("554 5.7.1 Looks like spam")}),
    "comes back": Kind(20, "bounced", answer="nobody_there", suppressed=CLIENT),
    "comes back full": Kind(10, "bounced", answer="mailbox_full"),
    "breaks off after the dot": Kind(10, "uncertain", always={"dot": DROP}),
    "never takes it": Kind(10, "expired", always={"rcpt": Reply("451 4.3.2 Not today")}),
    "on holiday": Kind(20, "sent", answer="auto_reply"),
    "complains": Kind(15, "sent", answer="complain", suppressed=ALL),
    "unsubscribes by one click": Kind(30, "sent", answer="one_click", suppressed=CLIENT),
    "unsubscribes by mail": Kind(30, "sent", answer="unsubscribe_mail", suppressed=CLIENT),
}


class Answers:
    """What comes back, by SMTP and HTTP, in threads of its own; `trouble` says what could not be sent."""

    def __init__(self, mx, web, complaints):
        """mx, web: (address, port) of who takes mail for the return-path domain, and of postwelle-web."""
        self._mx, self._web, self._complaints = mx, web, complaints
        self._waiting = queue.Queue()
        self.trouble = []
        for _ in range(SENDERS):
            threading.Thread(target=self._work, daemon=True).start()

    def add(self, name, step):
        self._waiting.put((name, dataclasses.replace(step)))

    def wait(self):
        """Until all that came up so far is sent."""
        self._waiting.join()

    def _work(self):
        while True:
            name, step = self._waiting.get()
            try:
                getattr(self, name)(step)
            except (OSError, smtplib.SMTPException, AttributeError) as error:
                self.trouble.append(f"{step.recipient} {name}: {error}")
            self._waiting.task_done()

    def _mail(self, sender, recipient, text):
        with smtplib.SMTP(*self._mx, local_hostname="mx.people.test", timeout=SECONDS) as smtp:
            smtp.sendmail(sender, [recipient], text)

    @staticmethod
    def _unsubscribe(step, regex):
        """What the regex finds in List-Unsubscribe, unfolded."""
        field = re.search(r"(?im)^List-Unsubscribe:((?:.*\r\n)(?:[ \t].*\r\n)*)", step.header).group(1)
        return re.search(regex, re.sub(r"\s+", "", field))

    def nobody_there(self, step):
        self._mail("", step.sender, notification(step.sender, "5.1.1", "550 5.1.1 no such user", step.recipient))

    def mailbox_full(self, step):
        self._mail("", step.sender, notification(step.sender, "5.2.2", "552 5.2.2 mailbox full", step.recipient))

    def auto_reply(self, step):
        self._mail("", step.sender, AUTO_REPLY.format(to=step.recipient, token=step.sender))

    def complain(self, step):
        self._mail("feedback@people.test", self._complaints,
                   complaint(self._complaints, f"Return-Path: <{step.sender}>\n" + step.header.replace("\r\n", "\n")))

    def one_click(self, step):
        """RFC 8058, as the web server with TLS would hand it on."""
        path = self._unsubscribe(step, r"<https://[^/>]+(/[^>]+)>").group(1)
        web = http.client.HTTPConnection(*self._web, timeout=SECONDS)
        web.request("POST", path, ONE_CLICK, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = web.getresponse()
        if answer.status != 200:
            raise OSError(f"HTTP {answer.status}")
        web.close()

    def unsubscribe_mail(self, step):
        to, subject = self._unsubscribe(step, r"<mailto:([^?>]+)\?subject=(\w+)").groups()
        self._mail(step.recipient, to, f"From: {step.recipient}\nTo: {to}\nSubject: {subject}\n\n")


class Audience:
    """The script, and its memory."""

    def __init__(self, domain):
        """Participants are at domains below this one; nobody else's mail is looked at."""
        self._domain = domain
        self.answers = None     # an Answers, set before the first mail
        self.said = {}          # recipient → the last reply of ours, DROP, or "250"
        self.came_back = set()  # whose mail was told not to be delivered after it had been taken

    @staticmethod
    @functools.cache
    def kind(recipient):
        draw = random.Random(recipient)
        return draw.choices(list(KINDS), [kind.weight for kind in KINDS.values()])[0]

    def waiting(self):
        """Who said "later" last, and would say otherwise now."""
        return {to for to, said in list(self.said.items()) if said is not DROP and said.startswith("4")
                and not KINDS[self.kind(to)].always}

    def seen(self, recipient):
        """The state in which this recipient's row has to be, by what was seen of it here; None: nothing came."""
        said = self.said.get(recipient)
        if recipient in self.came_back:
            return "bounced"
        return said and ("uncertain" if said is DROP else {"2": "sent", "4": "expired", "5": "bounced"}[said[0]])

    def __call__(self, step):
        if not step.recipient.endswith(self._domain):
            return None  # nobody yet, or a proof
        kind = KINDS[self.kind(step.recipient)]
        action = (kind.always or (kind.attempts[step.attempt - 1] if step.attempt <= len(kind.attempts) else {})).get(step.stage)
        if isinstance(action, Reply) or action is DROP:
            self.said[step.recipient] = action if action is DROP else action.text
        elif step.stage == "dot":
            self._take(step, kind)
        return action

    def _take(self, step, kind):
        self.said[step.recipient] = "250"
        if kind.answer in NOT_DELIVERED:
            self.came_back.add(step.recipient)
        if kind.answer:
            self.answers.add(kind.answer, step)
