/*
 * sending.pml - one mail in Postfix's queue, and everything between smtp(8) and the receiver that can die or be lost:
 * smtp(8) at any step, the answer to its question, each line of the log, which is also read as late as you like. See
 * doc/DESIGN.md, "One invitation's life", 8. Checked by test_model.py with spin.
 *
 * Promises: the receiver gets the mail once at most; sent means that it was delivered, expired that it was not.
 *
 * Broken on purpose, each must be found to fail (the test of the model):
 *   -DNO_QUESTION      smtp(8) sends without asking, as Postfix does by itself
 *   -DFORGETFUL        policyd does not keep on the disk that a mail was begun
 *   -DANY_DEFERRAL     every deferral is taken as word of the try that was begun, an earlier one's, too
 *   -DREFUSED_IS_OVER  a try that was not begun is taken as proof that the one before sent nothing
 */
#define TRIES 3 /* of smtp(8); then Postfix gives the mail up */

mtype = { QUEUED, SENT, EXPIRED, UNCERTAIN };
mtype state = QUEUED;
byte sending; /* the try that has begun to send the content, of which nothing is known yet; 0: none */

mtype = { READY, GONE };
mtype file = READY;
byte tries;
byte delivered;

/* The log: what happened, and at which try. No try writes more than one line. */
mtype = { DELIVERED, CONTENT_REFUSED, NOT_BEGUN, GIVEN_UP };
chan log = [TRIES + 1] of { mtype, byte };
bool ended; /* Postfix will do nothing any more */

mtype = { YES, NO };

/* A line that is written; or lost, as the process or syslog died. */
inline write_line(what)
{
    if
    :: log ! what, tries
    :: true
    fi
}

/* policyd's answer to smtp(8) before the content: one durable transaction. */
inline ask(answer)
{
    atomic {
        if
        :: state != QUEUED -> answer = NO
#ifndef NO_QUESTION
        :: state == QUEUED && sending != 0 -> answer = NO; state = UNCERTAIN
        :: state == QUEUED && sending == 0 -> answer = YES; sending = tries
#else
        :: state == QUEUED -> answer = YES
#endif
        fi
    }
}

/* The content is sent. smtp(8) may be killed before each step; what it did not come to is not done. */
inline send_content()
{
    if
    :: true                                        /* killed before the dot */
    :: write_line(CONTENT_REFUSED)
    :: delivered++;
       assert(delivered <= 1);
       if
       :: true                                     /* killed before the receiver's 250 was read */
       :: atomic { file = GONE; write_line(DELIVERED) }
       fi
    fi
}

active proctype Smtp()
{
    mtype answer;
    do
    :: file == READY && tries < TRIES ->
        tries++;
        if
        :: write_line(NOT_BEGUN)                   /* no connection */
        :: ask(answer);
           if
           :: answer == YES -> send_content()
           :: true -> write_line(NOT_BEGUN)        /* refused; or the answer was lost, and smtp(8) took it for a no */
           fi
        fi
    :: file == READY && tries == TRIES -> atomic { file = GONE; write_line(GIVEN_UP) }
    :: file == GONE -> break
    od;
    ended = true
}

#ifdef FORGETFUL
active proctype Restart()
{
    sending = 0
}
#endif

/* A deferral at `try`: what it says of the one that was begun. */
inline take_deferral(what, try)
{
    if
#ifdef ANY_DEFERRAL
    :: sending != 0 -> sending = 0
#else
    :: sending != 0 && what == CONTENT_REFUSED && try >= sending -> sending = 0
#ifdef REFUSED_IS_OVER
    :: sending != 0 && what == NOT_BEGUN && try > sending -> sending = 0
#else
    :: sending != 0 && what == NOT_BEGUN && try > sending && state == QUEUED -> state = UNCERTAIN
#endif
#endif
    :: else
    fi
}

active proctype Track()
{
    mtype what;
    byte try;
end:
    do
    :: atomic {
        log ? what, try ->
        if
        :: what == DELIVERED -> state = SENT
        :: what == GIVEN_UP && state == QUEUED && sending == 0 -> state = EXPIRED
        :: what == GIVEN_UP && state == QUEUED && sending != 0 -> state = UNCERTAIN
        :: what == CONTENT_REFUSED || what == NOT_BEGUN -> take_deferral(what, try)
        :: else
        fi
      }
    :: atomic { ended && empty(log) && state == QUEUED -> state = UNCERTAIN } /* gone without a word */
    od
}

init
{
    (ended && timeout);
    assert(state != QUEUED);
    assert(state != SENT || delivered == 1);
    assert(state != EXPIRED || delivered == 0)
}
