/*
 * invitation.pml - one slot, two rows that want it (two campaigns of one client, or a row and its copy), one with two
 * attempts, and everything that can die: the feeder, smtpd, cleanup, the milter, policyd, smtp, and every message between
 * them. See doc/DESIGN.md, "One invitation's life". Checked by test_model.py with spin.
 *
 * Promises: at most one message reaches the receiver; and in the end, what was delivered is on record, and each row
 * is in exactly one final state.
 *
 * Broken on purpose, each must be found to fail (the test of the model):
 *   -DFREE_ON_451      the feeder frees the slot because it was answered 451
 *   -DFREE_ON_ABSENT   the resolver frees the slot because postqueue does not list the mail
 *   -DFREE_ON_GAP      the resolver takes a missing log line as proof although the log has a gap
 *   -DNO_GUARD         a mail whose smtp(8) was killed after the dot is sent again (what keeps it from that: sending.pml)
 *   -DEARLY_RESERVE    the milter reserves and goes on although the answer never came
 */
#define ROWS 2
#define ATTEMPTS 2  /* of row 0; row 1 has one: more only makes the search longer */
#define QUEUE_IDS 3

#define ROW(q) ((q) / ATTEMPTS)
#define ATTEMPT(q) ((q) % ATTEMPTS + 1)

/* --- the ledger: durable, changed in atomic transactions only --- */
mtype = { FREE, RESERVED, QUEUED, SENT, UNCERTAIN };
mtype slot = FREE;
byte slot_queue_id;
byte attempt[ROWS];      /* the attempt that may be reserved now */
byte fence[ROWS];        /* attempts up to this one are refused */
bool tombstone[QUEUE_IDS];

/* --- Postfix --- */
mtype = { NONE, WRITING, READY, HELD, GONE };
mtype file[QUEUE_IDS] = NONE;  /* WRITING is the 0600 file that postqueue does not show */
bool over[QUEUE_IDS];          /* no process can touch this queue ID's file any more */
bool logged[QUEUE_IDS];        /* the mail log has its status=sent */
bool gap;                      /* the log lost lines */

/* --- what the receiver got, and how the rows end --- */
byte delivered;
mtype = { OPEN, DONE, CAPPED, DOUBTFUL, NOT_TRIED };
mtype row[ROWS] = OPEN;
byte running = ROWS;           /* feeders not at their end */

mtype = { OK, DOUBT, REFUSED };

/* policyd's reserve: one transaction. */
inline ledger_reserve(q, answer)
{
    atomic {
        if
        :: slot == RESERVED && slot_queue_id == q -> answer = OK
        :: else ->
            if
            :: tombstone[q] || ATTEMPT(q) <= fence[ROW(q)] || ATTEMPT(q) != attempt[ROW(q)] -> answer = REFUSED
            :: else ->
                if
                :: slot == FREE -> slot = RESERVED; slot_queue_id = q; answer = OK
                :: else -> answer = REFUSED
                fi
            fi
        fi
    }
}

/* policyd's cancel: takes back what was not queued, and shuts the door behind it. */
inline ledger_cancel(q)
{
    atomic {
        tombstone[q] = true;
        if
        :: slot == RESERVED && slot_queue_id == q -> slot = FREE
        :: else -> skip
        fi
    }
}

/* A reserve that was on its way when the milter gave up: it arrives when it likes. */
proctype Late(byte q)
{
    mtype answer;
    ledger_reserve(q, answer)
}

/* The milter at end of message: asks, and if it can't be sure, cancels. */
inline milter_asks(q, answer)
{
    if
    :: true -> ledger_reserve(q, answer)                      /* asked and answered */
    :: true -> ledger_reserve(q, answer); answer = DOUBT      /* policyd died, or its answer was lost */
    :: true -> answer = DOUBT                                 /* the question was lost */
    :: true -> run Late(q); answer = DOUBT                    /* the question is late */
    fi;
    if
    :: answer == DOUBT ->
#ifdef EARLY_RESERVE
        answer = OK
#else
        if
        :: true -> ledger_cancel(q)
        :: true                                               /* the cancel is lost, too */
        fi
#endif
    :: else -> skip
    fi
}

/* What becomes of the file, and that smtpd and cleanup are through with it. */
inline ends_as(q, state)
{
    atomic { file[q] = state; over[q] = true }
}

/* smtpd, cleanup and the milter for one message. The reply that the client gets may be anything: 451 for each of these. */
proctype Transaction(byte q)
{
    mtype answer = DOUBT;
    file[q] = WRITING;
    milter_asks(q, answer);
    if
    :: answer == OK -> ends_as(q, READY)      /* queued: 250; or 451, or nothing, where cleanup or smtpd is killed now */
    :: answer == OK -> ends_as(q, WRITING)    /* cleanup was killed: a 0600 file is left over */
    :: true -> ends_as(q, NONE)               /* refused; or the milter died before its answer; or fsync failed */
    fi
}

/* qmgr and smtp: whatever is ready goes out. */
active proctype Delivery()
{
    byte q;
end:
    do
    :: atomic {
        file[0] == READY || file[1] == READY || file[2] == READY ->
        if
        :: file[0] == READY -> q = 0
        :: file[1] == READY -> q = 1
        :: file[2] == READY -> q = 2
        fi;
        delivered++;
        assert(delivered <= 1);
        if
        :: file[q] = GONE; logged[q] = true
        :: file[q] = GONE; gap = true                         /* master died, and the log line with it */
        :: /* smtp(8) killed between the dot and the receiver's 250: Postfix will try again */
#ifdef NO_GUARD
           skip
#else
           file[q] = HELD;                                    /* policyd refuses it, and track holds it */
           if
           :: (slot == RESERVED || slot == QUEUED) && slot_queue_id == q -> slot = UNCERTAIN
           :: else -> skip
           fi
#endif
        fi;
        q = 0
      }
    od
}

/* track: the log raises a state, it never lowers one. */
active proctype Track()
{
end:
    do
    :: atomic {
        (slot == RESERVED || slot == QUEUED) && logged[slot_queue_id] -> slot = SENT
      }
    od
}

/* policyd's resolve: settles what is reserved. */
active proctype Resolve()
{
    byte q;
end:
    do
    :: atomic { slot == RESERVED -> q = slot_queue_id };
        atomic {
            /* The transaction that settles it looks again: still RESERVED by this queue ID. */
            if
            :: slot == RESERVED && slot_queue_id == q ->
                if
                :: file[q] == READY -> slot = QUEUED
                :: logged[q] -> slot = SENT
#ifdef FREE_ON_ABSENT
                :: file[q] != READY && !logged[q] -> slot = FREE
#else
                :: over[q] && file[q] != READY && !logged[q] && !gap -> slot = FREE; tombstone[q] = true
#ifdef FREE_ON_GAP
                :: over[q] && file[q] != READY && !logged[q] && gap -> slot = FREE; tombstone[q] = true
#else
                :: over[q] && file[q] != READY && !logged[q] && gap -> slot = UNCERTAIN
#endif
#endif
                :: else -> skip
                fi
            :: else -> skip
            fi;
            q = 0
        }
    od
}

/* A mail that is queued but of which the log never tells: gone from the queue, so in doubt. */
active proctype Audit()
{
end:
    do
    :: atomic {
        slot == QUEUED && file[slot_queue_id] == GONE && !logged[slot_queue_id] && gap -> slot = UNCERTAIN
      }
    od
}

/* The feeder of one row: goes by the ledger, never by the reply. It may be killed and started again anywhere. */
proctype Feeder(byte i)
{
    byte a = 1;
    do
    :: a > ATTEMPTS - i -> row[i] = NOT_TRIED; break
    :: else ->
        attempt[i] = a;                                       /* begin: durable */
        run Transaction(i * ATTEMPTS + a - 1);
        /* The reply, a lost connection, or the feeder killed and started again: it goes on, whatever was said. */
        fence[i] = a;                                         /* abandon: durable */
#ifdef FREE_ON_451
        atomic {
            if
            :: slot == RESERVED && slot_queue_id == i * ATTEMPTS + a - 1 -> slot = FREE
            :: else -> skip
            fi
        }
#endif
        /* Reserved is not settled yet, whoever's it is: wait. Each guard reads the ledger once, as a request does. */
        if
        :: slot == FREE -> a++
        :: slot == SENT && ROW(slot_queue_id) == i -> row[i] = DONE; break
        :: slot == UNCERTAIN && ROW(slot_queue_id) == i -> row[i] = DOUBTFUL; break
        :: slot != FREE && slot != RESERVED && ROW(slot_queue_id) != i -> row[i] = CAPPED; break
        fi
    od;
    running--
}

init
{
    atomic { run Feeder(0); run Feeder(1) }
    /* The end: both feeders are done, and every message that was under way has come to rest. */
    (running == 0 && timeout);
    assert(delivered == 0 || slot == SENT || slot == UNCERTAIN);
    assert(slot != SENT || delivered == 1);
    assert(slot != RESERVED && slot != QUEUED);
    assert(row[0] != OPEN && row[1] != OPEN);
    assert(!(row[0] == DONE && row[1] == DONE))
}
