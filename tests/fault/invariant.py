"""What must hold after every run, whatever happened in it (doc/DESIGN.md, "Promises", 1 and 2)."""

ENDS = {"sent", "bounced", "expired", "uncertain", "capped", "suppressed", "refused"}
OTHERS = {"capped", "suppressed", "refused"}
SHOWN = 5


def violations(people, participants, copies, expected=frozenset()):
    """Sentences, one a breach; none if all is well. people: the imported addresses; participants: {address: row} from
    the ledger; copies(address): how often the sink took a mail for it; expected: those of OTHERS that are right here,
    as a fault alone is no reason to refuse anybody."""
    found = []

    def look(what, addresses):
        if addresses:
            rows = [f"{one} ({copies(one)} taken, {participants.get(one, {}).get('state')}, "
                    f"{participants.get(one, {}).get('queue_id')})" for one in addresses[:SHOWN]]
            found.append(f"{what}: {len(addresses)}, as {', '.join(rows)}")

    def state(address):
        return participants[address]["state"] if address in participants else None
    look("taken more than once", [one for one in people if copies(one) > 1])
    look("imported, and not in the ledger", [one for one in people if one not in participants])
    look("in the ledger, and never imported", sorted(set(participants) - set(people)))
    look("without an end", [one for one in people if one in participants and state(one) not in ENDS])
    look("not tried to the end", [one for one in people if state(one) in OTHERS - expected])
    look("taken, and the ledger says neither sent nor uncertain",
         [one for one in people if copies(one) and state(one) not in ("sent", "uncertain")])
    look("sent, and never taken", [one for one in people if state(one) == "sent" and not copies(one)])
    return found
