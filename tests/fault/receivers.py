"""What each receiver does with its mail: drawn for each recipient from a seed, so that a run can be played again."""

import collections
import random

from harness.sink import DROP, Reply, Stall

LATER, NEVER = "450 4.2.0 Greylisted, come again", "550 5.1.1 No such user"
# How often, and what happens at which attempt: {stage: action}. After the list's end all goes well; "always" repeats.
KINDS = {
    "plain": (40, []),
    "greylists": (14, [{"rcpt": Reply(LATER)}]),
    "greylists twice": (6, [{"rcpt": Reply(LATER)}, {"rcpt": Reply(LATER)}]),
    "later at data": (3, [{"data": Reply("451 4.3.0 Try again")}]),
    "later at the dot": (4, [{"dot": Reply("452 4.3.1 Disk full")}]),
    "drops at rcpt": (3, [{"rcpt": DROP}]),
    "drops at data": (3, [{"data": DROP}]),
    "slow at the dot": (12, [{"dot": Stall(0.7)}]),
    "refuses at rcpt": (5, "always", {"rcpt": Reply(NEVER)}),
    "refuses at data": (2, "always", {"data": Reply("554 5.7.1 No")}),
    "refuses at the dot": (3, "always", {"dot": Reply("554 5.7.1 Looks like spam")}),
    "drops after the dot": (3, "always", {"dot": DROP}),
    "stalls after the dot": (2, "always", {"dot": Stall(6)}),
}
REFUSING = {"refuses at rcpt", "refuses at data", "refuses at the dot"}
# These take the mail, and our Postfix can't know: the ledger's word must be "uncertain".
OBSCURING = {"drops after the dot", "stalls after the dot"}


class Receivers:
    """A script for harness.sink, and the record of what it was drawn from."""

    def __init__(self, seed):
        self.seed = seed

    def kind(self, recipient):
        """Which of KINDS this recipient is."""
        draw = random.Random(f"{self.seed} {recipient}")
        return draw.choices(list(KINDS), [weight for weight, *_ in KINDS.values()])[0]

    def kinds(self, recipients):
        return collections.Counter(map(self.kind, recipients))

    def __call__(self, step):
        if not step.recipient.endswith(".people.test"):
            return None  # no participant: nobody yet, the project manager, or a DSN on its way back
        _, attempts, *always = KINDS[self.kind(step.recipient)]
        if attempts == "always":
            return always[0].get(step.stage)
        return attempts[step.attempt - 1].get(step.stage) if step.attempt <= len(attempts) else None
