/* decide.c - every rule of the cap; see decide.h. */
#include "policyd/decide.h"

#include <string.h>

/* --- verdicts ---------------------------------------------------------------------------------- */

static const struct {
    enum verdict_class class;
    const char *text;
} verdicts[VERDICTS] = {
    [VERDICT_ACCEPT] = {CLASS_ACCEPT, ""},
    [VERDICT_LATE] = {CLASS_TEMPORARY, "The check took too long; the mail will be tried again"},
    [VERDICT_TOMBSTONE] = {CLASS_TEMPORARY, "This queue ID was given up; the mail will be tried again under a new one"},
    [VERDICT_IN_DOUBT] = {CLASS_TEMPORARY, "An earlier attempt at this mail is still being looked into"},
    [VERDICT_EARLIER_OPEN] = {CLASS_TEMPORARY, "The invitation of the last quarter is still on its way"},
    [VERDICT_NOT_APPROVED] = {CLASS_TEMPORARY, "The campaign is not approved"},
    [VERDICT_NOT_OPEN] = {CLASS_TEMPORARY, "The wave is not open"},
    [VERDICT_PAUSED] = {CLASS_TEMPORARY, "The campaign is paused"},
    [VERDICT_FORGED] = {CLASS_REFUSED, "This sender address was not given out by this system"},
    [VERDICT_ALIGNMENT] = {CLASS_REFUSED, "The From address is not one of the campaign's client"},
    [VERDICT_RECIPIENT] = {CLASS_REFUSED, "This mail is for another recipient"},
    [VERDICT_ABANDONED] = {CLASS_REFUSED, "This attempt was given up"},
    [VERDICT_DUPLICATE] = {CLASS_REFUSED, "Duplicate: this mail has been queued already"},
    [VERDICT_FINISHED] = {CLASS_REFUSED, "This participant is not to be mailed any more"},
    [VERDICT_SUPPRESSED] = {CLASS_REFUSED, "The recipient does not want mail from this sender"},
    [VERDICT_USED] = {CLASS_REFUSED, "The recipient has had the one invitation that this period allows"},
    [VERDICT_NOT_INVITED] = {CLASS_REFUSED, "A reminder needs an invitation that was sent"},
    [VERDICT_ANSWERED] = {CLASS_REFUSED, "The recipient has answered"},
    [VERDICT_NO_FOREIGN] = {CLASS_REFUSED, "Mail of this domain is sent by Postwelle only"},
    [VERDICT_TWICE] = {CLASS_REFUSED, "Two recipients of this mail are the same person; send to one of the addresses"},
    [VERDICT_ADDRESS] = {CLASS_REFUSED, "The recipient is not an address that invitations can be sent to"},
};

enum verdict_class verdict_class(enum verdict verdict)
{
    return verdicts[verdict].class;
}

const char *verdict_text(enum verdict verdict)
{
    return verdicts[verdict].text;
}

enum verdict decide_worse(enum verdict a, enum verdict b)
{
    return verdicts[b].class > verdicts[a].class ? b : a;
}

/* --- states ------------------------------------------------------------------------------------ */

gboolean mail_state_is_end(enum mail_state state)
{
    return state >= STATE_SENT;
}

/* Postfix has, had or may have it: it must not be fed again. */
static gboolean has_gone(enum mail_state state)
{
    return state >= STATE_QUEUED && state <= STATE_UNCERTAIN;
}

/* --- our own mail ------------------------------------------------------------------------------ */

/* The ledger's word on the mail itself: has it been here, and is this the attempt that counts? */
static enum verdict judge_state(const struct mail_facts *facts)
{
    if (has_gone(facts->state))
        return VERDICT_DUPLICATE;
    if (facts->state == STATE_RESERVED)
        return VERDICT_IN_DOUBT;
    if (facts->state != STATE_NEW && facts->state != STATE_BEGUN)
        return VERDICT_FINISHED;
    if (facts->state == STATE_NEW || facts->attempt != facts->begun || facts->attempt <= facts->fence)
        return VERDICT_ABANDONED;
    return VERDICT_ACCEPT;
}

/* The campaign's word. Each answer is temporary: a person can change it, and no row shall be lost for good by that. */
static enum verdict judge_campaign(const struct mail_facts *facts)
{
    if (facts->campaign == CAMPAIGN_PAUSED)
        return VERDICT_PAUSED;
    if (facts->campaign != CAMPAIGN_APPROVED)
        return VERDICT_NOT_APPROVED;
    return facts->wave_open ? VERDICT_ACCEPT : VERDICT_NOT_OPEN;
}

static enum verdict judge_slot(enum slot_fact slot)
{
    switch (slot) {
    case SLOT_FREE:
    case SLOT_OURS:
        return VERDICT_ACCEPT;
    case SLOT_OURS_ELSEWHERE:
        return VERDICT_IN_DOUBT;
    case SLOT_OURS_QUEUED:
        return VERDICT_DUPLICATE;
    case SLOT_EARLIER_OPEN:
        return VERDICT_EARLIER_OPEN;
    case SLOT_OTHER:
        break;
    }
    return VERDICT_USED;
}

static enum verdict judge_cap(const struct mail_facts *facts)
{
    if (facts->suppressed)
        return VERDICT_SUPPRESSED;
    if (facts->kind != MAIL_REMINDER)
        return judge_slot(facts->slot);
    if (facts->answered)
        return VERDICT_ANSWERED;
    return facts->invitation == STATE_SENT ? VERDICT_ACCEPT : VERDICT_NOT_INVITED;
}

enum verdict decide_policy(const struct mail_facts *facts)
{
    if (!facts->token)
        return VERDICT_FORGED;
    if (!facts->recipient)
        return VERDICT_RECIPIENT;
    enum verdict verdict = judge_state(facts);
    if (verdict != VERDICT_ACCEPT || facts->kind == MAIL_PROOF)
        return verdict; /* a proof goes to the client, before the approval and outside the cap */
    if (!facts->session)
        return VERDICT_ABANDONED;
    verdict = judge_campaign(facts);
    return verdict != VERDICT_ACCEPT ? verdict : judge_cap(facts);
}

enum verdict decide_reserve(const struct reserve_facts *facts)
{
    if (facts->late)
        return VERDICT_LATE;
    if (facts->tombstone)
        return VERDICT_TOMBSTONE;
    if (!facts->mail.token)
        return VERDICT_FORGED;
    if (!facts->aligned)
        return VERDICT_ALIGNMENT;
    if (!facts->mail.recipient)
        return VERDICT_RECIPIENT;
    if (facts->same_queue)
        return VERDICT_ACCEPT;
    return decide_policy(&facts->mail);
}

/* --- other programs' mail ---------------------------------------------------------------------- */

enum verdict decide_foreign(const struct foreign_facts *facts)
{
    if (facts->mode == CLIENT_FOREIGN_REJECT)
        return VERDICT_NO_FOREIGN;
    if (!facts->address)
        return VERDICT_ADDRESS;
    if (facts->suppressed)
        return VERDICT_SUPPRESSED;
    return facts->twice ? VERDICT_TWICE : judge_slot(facts->slot);
}

/* --- delivery ---------------------------------------------------------------------------------- */

enum verdict decide_sending(const struct sending_facts *facts)
{
    if (!facts->known)
        return VERDICT_FORGED;
    if (facts->state < STATE_RESERVED)
        return VERDICT_TOMBSTONE;
    if (mail_state_is_end(facts->state))
        return VERDICT_DUPLICATE;
    return facts->open ? VERDICT_IN_DOUBT : VERDICT_ACCEPT;
}

/* --- feeding ----------------------------------------------------------------------------------- */

gboolean decide_hold(enum mail_state state)
{
    return mail_state_is_end(state);
}

enum begin_action decide_begin(const struct begin_facts *facts)
{
    if (facts->state != STATE_NEW && facts->state != STATE_BEGUN)
        return BEGIN_SKIP;
    if (facts->state == STATE_BEGUN && facts->session)
        return BEGIN_SKIP; /* this feeder has it in hand */
    if (facts->suppressed)
        return BEGIN_SUPPRESSED;
    if (facts->slot == SLOT_OTHER)
        return BEGIN_CAPPED;
    if (facts->slot != SLOT_FREE)
        return BEGIN_WAIT;
    if (facts->state == STATE_NEW && facts->attempts > 0 && facts->waited >= 0 && facts->waited < facts->delay)
        return BEGIN_WAIT;
    return facts->attempts < ATTEMPT_MAX ? BEGIN_START : BEGIN_SKIP;
}

/* The next reminder, after the one mail that was sent last. A clock that went back lets nobody be reminded sooner. */
static enum remind_action judge_next(const struct remind_facts *facts, gint64 sent, gint64 *due_r)
{
    if (facts->number >= facts->most)
        return REMIND_DONE;
    *due_r = sent + facts->gap;
    return facts->now < *due_r ? REMIND_EARLY : REMIND_START;
}

/* One that was begun, and that Postfix does not have. */
static enum remind_action judge_begun(const struct remind_facts *facts)
{
    gint64 waited = facts->now - facts->changed;
    if (facts->last == STATE_BEGUN && facts->session)
        return REMIND_SKIP;
    if (facts->number > facts->most)
        return REMIND_DONE;
    if (facts->last == STATE_NEW && waited >= 0 && waited < facts->delay)
        return REMIND_WAIT;
    return facts->attempts < ATTEMPT_MAX ? REMIND_START : REMIND_ENDED;
}

enum remind_action decide_remind(const struct remind_facts *facts, guint *number_r, gint64 *due_r)
{
    gboolean begun = facts->last == STATE_NEW || facts->last == STATE_BEGUN;
    *number_r = begun ? facts->number : facts->number + 1;
    if (facts->invitation != STATE_SENT)
        return REMIND_NOT_SENT;
    if (facts->answered)
        return REMIND_ANSWERED;
    if (facts->suppressed)
        return REMIND_SUPPRESSED;
    if (facts->number == 0)
        return judge_next(facts, facts->invited, due_r);
    if (begun)
        return judge_begun(facts);
    if (facts->last == STATE_SENT)
        return judge_next(facts, facts->changed, due_r);
    return mail_state_is_end(facts->last) ? REMIND_ENDED : REMIND_SKIP;
}

const char *remind_action_name(enum remind_action action)
{
    static const char *const names[REMIND_ACTIONS] = {
        [REMIND_START] = "due",           [REMIND_SKIP] = "open",     [REMIND_WAIT] = "waiting",
        [REMIND_EARLY] = "early",         [REMIND_DONE] = "done",     [REMIND_ENDED] = "ended",
        [REMIND_ANSWERED] = "answered",   [REMIND_NOT_SENT] = "not_sent",
        [REMIND_SUPPRESSED] = "suppressed",
    };
    return names[action];
}

enum mail_state decide_abandon(const struct abandon_facts *facts)
{
    if (facts->state != STATE_BEGUN || facts->attempt < facts->begun)
        return facts->state; /* the ledger knows more than the feeder's reply tells, or has a newer attempt */
    if (!facts->refused)
        return STATE_NEW;
    if (facts->suppressed)
        return STATE_SUPPRESSED;
    return facts->used ? STATE_CAPPED : STATE_REFUSED;
}

gboolean decide_cancel(enum mail_state state)
{
    return state == STATE_RESERVED;
}

/* --- the mail log ------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    enum mail_state state;
} events[MAIL_EVENTS] = {
    [EVENT_QUEUED] = {"queued", STATE_QUEUED},    [EVENT_DEFERRED] = {"deferred", STATE_DEFERRED},
    [EVENT_SENT] = {"sent", STATE_SENT},          [EVENT_BOUNCED] = {"bounced", STATE_BOUNCED},
    [EVENT_EXPIRED] = {"expired", STATE_EXPIRED}, [EVENT_UNCERTAIN] = {"uncertain", STATE_UNCERTAIN},
    [EVENT_REJECTED] = {"rejected", STATE_NONE},
};

enum mail_event mail_event_from_name(const char *name)
{
    for (int event = EVENT_NONE + 1; event < MAIL_EVENTS; event++)
        if (strcmp(name, events[event].name) == 0)
            return (enum mail_event)event;
    return EVENT_NONE;
}

enum mail_state decide_event(enum mail_state state, enum mail_event event)
{
    enum mail_state said = events[event].state;
    if (state < STATE_RESERVED || state > STATE_UNCERTAIN || said == STATE_NONE)
        return state; /* only what holds its slot can move, and only upwards */
    if (state == STATE_UNCERTAIN && said == STATE_EXPIRED)
        return state; /* what was not sent again has expired; the doubt is about the time before */
    if (state == STATE_UNCERTAIN)
        return said >= STATE_SENT ? said : state; /* the doubt is settled */
    if (mail_state_is_end(state))
        return state;
    return MAX(state, said);
}

enum sending_end decide_sending_end(enum mail_event event, gint64 when, gboolean content, gint64 since)
{
    if (since == 0 || event == EVENT_QUEUED || event == EVENT_REJECTED)
        return SENDING_OPEN;
    if (event != EVENT_DEFERRED)
        return SENDING_ENDED; /* and the mail is at its end */
    if (content)
        return when >= since ? SENDING_ENDED : SENDING_OPEN;
    return when > since ? SENDING_LOST : SENDING_OPEN;
}

/* --- what comes back ----------------------------------------------------------------------------- */

gboolean decide_came_back(enum mail_state state)
{
    return state >= STATE_RESERVED && state <= STATE_UNCERTAIN;
}

gboolean decide_bounce_early(enum mail_state state, gboolean sending)
{
    return sending && state >= STATE_RESERVED && !mail_state_is_end(state);
}

/* Of what Postfix still has, or gave up itself, the mail log tells. */
enum mail_state decide_bounce(enum mail_state state, gboolean hard)
{
    return state == STATE_SENT || (state == STATE_UNCERTAIN && hard) ? STATE_BOUNCED : state;
}

/* --- what is kept no longer ----------------------------------------------------------------------- */

gboolean decide_prune(const struct prune_facts *facts)
{
    if (facts->age <= PRUNE_QUEUE_AGE)
        return FALSE;
    if (facts->tombstone || facts->state < STATE_RESERVED)
        return TRUE;
    if (facts->foreign)
        return facts->state != STATE_RESERVED;
    return mail_state_is_end(facts->state) && facts->state != STATE_UNCERTAIN;
}

/* --- settling what is open ----------------------------------------------------------------------- */

/* No process can make this file complete any more. */
static gboolean file_is_over(const struct resolve_facts *facts)
{
    return facts->file == FILE_NONE || facts->file == FILE_LEFT ||
           (facts->file == FILE_UNSEEN && facts->age > facts->daemon_timeout);
}

/* What is still missing before a mail that no listing shows can be judged; NULL: nothing. */
static const char *what_is_missing(const struct resolve_facts *facts)
{
    if (facts->age < RESOLVE_AGE)
        return "it is too young";
    if (!facts->running)
        return "Postfix does not run";
    if (facts->absent < RESOLVE_ABSENT)
        return "the queue was not looked at often enough";
    if (!facts->log_read)
        return "the mail log was not read to its end since; postwelle track must run";
    if (facts->file == FILE_WRITING)
        return "Postfix is still receiving it";
    return NULL;
}

/* For one that was reserved and is gone: does something make the log's silence worthless? NULL: nothing does. */
static const char *what_is_lost(const struct resolve_facts *facts)
{
    if (facts->rebooted)
        return "the host was restarted since";
    if (facts->file == FILE_LEFT)
        return NULL; /* what is not complete was not delivered, whatever the log has lost */
    if (facts->restarted)
        return "Postfix was restarted since";
    return facts->log_gap ? "lines of the mail log are missing since" : NULL;
}

static enum resolution judge_absent(const struct resolve_facts *facts, const char **reason_r)
{
    *reason_r = what_is_missing(facts);
    if (*reason_r != NULL)
        return RESOLVE_WAIT;
    *reason_r = "it has left the queue, and the mail log does not tell how";
    if (facts->state != STATE_RESERVED)
        return RESOLVE_UNCERTAIN;
    *reason_r = what_is_lost(facts);
    if (*reason_r != NULL)
        return RESOLVE_UNCERTAIN;
    if (!file_is_over(facts)) {
        *reason_r = "Postfix may still be receiving it; root can look into its queue, or wait for daemon_timeout";
        return RESOLVE_WAIT;
    }
    *reason_r = "it was never queued";
    return RESOLVE_FREE;
}

enum resolution decide_resolve(const struct resolve_facts *facts, const char **reason_r)
{
    if (facts->state < STATE_RESERVED || facts->state > STATE_DEFERRED) {
        *reason_r = "there is nothing to settle";
        return RESOLVE_WAIT;
    }
    if (facts->listed) {
        *reason_r = "it is in Postfix's queue";
        return facts->state == STATE_RESERVED ? RESOLVE_QUEUED : RESOLVE_WAIT;
    }
    if (facts->state == STATE_RESERVED && facts->rejected) {
        *reason_r = "the mail log says that Postfix did not keep it";
        return RESOLVE_FREE;
    }
    return judge_absent(facts, reason_r);
}

enum resolution decide_withdraw(const struct withdraw_facts *facts, const char **reason_r)
{
    *reason_r = "there is nothing to withdraw";
    if (facts->state < STATE_RESERVED || facts->state > STATE_DEFERRED)
        return RESOLVE_WAIT;
    *reason_r = "the mail log was not read to its end since; postwelle track must run";
    if (!facts->log_read)
        return RESOLVE_WAIT;
    *reason_r = "it was deleted, and Postfix had begun to send it before";
    if (facts->sending)
        return RESOLVE_UNCERTAIN;
    *reason_r = "it was deleted, and Postfix was restarted before: nobody can tell whether it had been sent";
    if (facts->restarted)
        return RESOLVE_UNCERTAIN;
    *reason_r = "it was deleted, and lines of the mail log are missing: nobody can tell whether it had been sent";
    if (facts->log_gap)
        return RESOLVE_UNCERTAIN;
    *reason_r = "it was deleted before it was sent";
    return RESOLVE_FREE;
}

gboolean decide_person(enum mail_state state)
{
    return state == STATE_UNCERTAIN;
}

const char *resolution_name(enum resolution resolution)
{
    static const char *const names[] = {"wait", "queued", "free", "uncertain"};
    return names[resolution];
}

gboolean queue_file_from_name(const char *name, enum queue_file *file_r)
{
    static const char *const names[] = {
        [FILE_UNSEEN] = "unseen", [FILE_NONE] = "none", [FILE_WRITING] = "writing", [FILE_LEFT] = "left"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(name, names[i]) == 0) {
            *file_r = (enum queue_file)i;
            return TRUE;
        }
    return FALSE;
}
