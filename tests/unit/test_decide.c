/* test_decide.c - every rule of the cap, as tables. */
#include "policyd/decide.h"

/* A mail of ours that may go, from which each case departs by one fact. */
#define GOOD                                                                                                           \
    .token = TRUE, .kind = MAIL_INVITATION, .recipient = TRUE, .campaign = CAMPAIGN_APPROVED, .wave_open = TRUE,       \
    .state = STATE_BEGUN, .attempt = 2, .begun = 2, .fence = 1, .session = TRUE, .slot = SLOT_FREE

#pragma GCC diagnostic ignored "-Woverride-init"
#ifdef __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#endif

static const struct {
    const char *name;
    struct mail_facts facts;
    enum verdict verdict;
} mail_cases[] = {
    {"all is well", {GOOD}, VERDICT_ACCEPT},
    {"no token", {GOOD, .token = FALSE}, VERDICT_FORGED},
    {"another recipient", {GOOD, .recipient = FALSE}, VERDICT_RECIPIENT},
    {"never begun", {GOOD, .state = STATE_NEW}, VERDICT_ABANDONED},
    {"an old attempt", {GOOD, .attempt = 1}, VERDICT_ABANDONED},
    {"an attempt to come", {GOOD, .attempt = 3}, VERDICT_ABANDONED},
    {"a fenced attempt", {GOOD, .fence = 2}, VERDICT_ABANDONED},
    {"begun by an earlier feeder", {GOOD, .session = FALSE}, VERDICT_ABANDONED},
    {"reserved elsewhere", {GOOD, .state = STATE_RESERVED}, VERDICT_IN_DOUBT},
    {"queued", {GOOD, .state = STATE_QUEUED}, VERDICT_DUPLICATE},
    {"deferred", {GOOD, .state = STATE_DEFERRED}, VERDICT_DUPLICATE},
    {"sent", {GOOD, .state = STATE_SENT}, VERDICT_DUPLICATE},
    {"bounced", {GOOD, .state = STATE_BOUNCED}, VERDICT_DUPLICATE},
    {"expired", {GOOD, .state = STATE_EXPIRED}, VERDICT_DUPLICATE},
    {"uncertain", {GOOD, .state = STATE_UNCERTAIN}, VERDICT_DUPLICATE},
    {"capped", {GOOD, .state = STATE_CAPPED}, VERDICT_FINISHED},
    {"suppressed for good", {GOOD, .state = STATE_SUPPRESSED}, VERDICT_FINISHED},
    {"refused", {GOOD, .state = STATE_REFUSED}, VERDICT_FINISHED},
    {"a draft", {GOOD, .campaign = CAMPAIGN_DRAFT}, VERDICT_NOT_APPROVED},
    {"no campaign", {GOOD, .campaign = CAMPAIGN_NONE}, VERDICT_NOT_APPROVED},
    {"paused", {GOOD, .campaign = CAMPAIGN_PAUSED}, VERDICT_PAUSED},
    {"wave not open", {GOOD, .wave_open = FALSE}, VERDICT_NOT_OPEN},
    {"suppressed meanwhile", {GOOD, .suppressed = TRUE}, VERDICT_SUPPRESSED},
    {"slot used", {GOOD, .slot = SLOT_OTHER}, VERDICT_USED},
    {"slot ours under this queue ID", {GOOD, .slot = SLOT_OURS}, VERDICT_ACCEPT},
    {"slot ours under another", {GOOD, .slot = SLOT_OURS_ELSEWHERE}, VERDICT_IN_DOUBT},
    {"slot ours and queued", {GOOD, .slot = SLOT_OURS_QUEUED}, VERDICT_DUPLICATE},
    {"last quarter's on its way", {GOOD, .slot = SLOT_EARLIER_OPEN}, VERDICT_EARLIER_OPEN},
    {"proof",
     {GOOD, .kind = MAIL_PROOF, .attempt = 1, .begun = 1, .fence = 0, .campaign = CAMPAIGN_DRAFT, .wave_open = FALSE,
      .session = FALSE, .slot = SLOT_OTHER, .suppressed = TRUE},
     VERDICT_ACCEPT},
    {"proof twice", {GOOD, .kind = MAIL_PROOF, .state = STATE_SENT}, VERDICT_DUPLICATE},
    {"proof to another", {GOOD, .kind = MAIL_PROOF, .recipient = FALSE}, VERDICT_RECIPIENT},
    {"reminder", {GOOD, .kind = MAIL_REMINDER, .invitation = STATE_SENT, .slot = SLOT_OTHER}, VERDICT_ACCEPT},
    {"reminder, invitation deferred", {GOOD, .kind = MAIL_REMINDER, .invitation = STATE_DEFERRED}, VERDICT_NOT_INVITED},
    {"reminder, invitation bounced", {GOOD, .kind = MAIL_REMINDER, .invitation = STATE_BOUNCED}, VERDICT_NOT_INVITED},
    {"reminder, answered",
     {GOOD, .kind = MAIL_REMINDER, .invitation = STATE_SENT, .answered = TRUE},
     VERDICT_ANSWERED},
    {"reminder, answered and suppressed",
     {GOOD, .kind = MAIL_REMINDER, .invitation = STATE_SENT, .answered = TRUE, .suppressed = TRUE},
     VERDICT_SUPPRESSED},
    {"invitation of somebody who has answered otherwise", {GOOD, .answered = TRUE}, VERDICT_ACCEPT},
    {"reminder, suppressed",
     {GOOD, .kind = MAIL_REMINDER, .invitation = STATE_SENT, .suppressed = TRUE},
     VERDICT_SUPPRESSED},
};

static void test_policy(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(mail_cases); i++) {
        g_test_message("%s", mail_cases[i].name);
        g_assert_cmpint(decide_policy(&mail_cases[i].facts), ==, mail_cases[i].verdict);
    }
}

/* At the end of the message the same rules hold, after some of its own. */
static void test_reserve(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(mail_cases); i++) {
        struct reserve_facts facts = {.aligned = TRUE, .mail = mail_cases[i].facts};
        g_test_message("%s", mail_cases[i].name);
        g_assert_cmpint(decide_reserve(&facts), ==, mail_cases[i].verdict);
    }
}

static const struct {
    const char *name;
    struct reserve_facts facts;
    enum verdict verdict;
} reserve_cases[] = {
    {"late, whatever else", {.late = TRUE, .tombstone = TRUE, .aligned = TRUE, .mail = {GOOD}}, VERDICT_LATE},
    {"late and repeated", {.late = TRUE, .same_queue = TRUE, .aligned = TRUE, .mail = {GOOD}}, VERDICT_LATE},
    {"tombstone", {.tombstone = TRUE, .aligned = TRUE, .mail = {GOOD}}, VERDICT_TOMBSTONE},
    {"tombstone beats repeated",
     {.tombstone = TRUE, .same_queue = TRUE, .aligned = TRUE, .mail = {GOOD}},
     VERDICT_TOMBSTONE},
    {"From of another client", {.aligned = FALSE, .mail = {GOOD}}, VERDICT_ALIGNMENT},
    {"forged before alignment", {.aligned = FALSE, .mail = {GOOD, .token = FALSE}}, VERDICT_FORGED},
    {"repeated while reserved",
     {.same_queue = TRUE, .aligned = TRUE, .mail = {GOOD, .state = STATE_RESERVED}},
     VERDICT_ACCEPT},
    {"repeated after it was paused",
     {.same_queue = TRUE, .aligned = TRUE, .mail = {GOOD, .state = STATE_RESERVED, .campaign = CAMPAIGN_PAUSED}},
     VERDICT_ACCEPT},
    {"repeated, other recipient",
     {.same_queue = TRUE, .aligned = TRUE, .mail = {GOOD, .recipient = FALSE}},
     VERDICT_RECIPIENT},
};

static void test_reserve_alone(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(reserve_cases); i++) {
        g_test_message("%s", reserve_cases[i].name);
        g_assert_cmpint(decide_reserve(&reserve_cases[i].facts), ==, reserve_cases[i].verdict);
    }
}

static const struct {
    const char *name;
    struct foreign_facts facts;
    enum verdict verdict;
} foreign_cases[] = {
    {"free", {CLIENT_FOREIGN_INVITATION, TRUE, FALSE, SLOT_FREE, FALSE}, VERDICT_ACCEPT},
    {"client refuses", {CLIENT_FOREIGN_REJECT, TRUE, FALSE, SLOT_FREE, FALSE}, VERDICT_NO_FOREIGN},
    {"no address", {CLIENT_FOREIGN_INVITATION, FALSE, FALSE, SLOT_FREE, FALSE}, VERDICT_ADDRESS},
    {"suppressed", {CLIENT_FOREIGN_INVITATION, TRUE, TRUE, SLOT_FREE, FALSE}, VERDICT_SUPPRESSED},
    {"used", {CLIENT_FOREIGN_INVITATION, TRUE, FALSE, SLOT_OTHER, FALSE}, VERDICT_USED},
    {"same Message-ID, reserved",
     {CLIENT_FOREIGN_INVITATION, TRUE, FALSE, SLOT_OURS_ELSEWHERE, FALSE},
     VERDICT_IN_DOUBT},
    {"same Message-ID, queued", {CLIENT_FOREIGN_INVITATION, TRUE, FALSE, SLOT_OURS_QUEUED, FALSE}, VERDICT_DUPLICATE},
    {"same queue ID", {CLIENT_FOREIGN_INVITATION, TRUE, FALSE, SLOT_OURS, FALSE}, VERDICT_ACCEPT},
    {"last quarter's on its way",
     {CLIENT_FOREIGN_INVITATION, TRUE, FALSE, SLOT_EARLIER_OPEN, FALSE},
     VERDICT_EARLIER_OPEN},
    {"one person under two addresses",
     {CLIENT_FOREIGN_INVITATION, TRUE, FALSE, SLOT_FREE, .twice = TRUE},
     VERDICT_TWICE},
};

static void test_foreign(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(foreign_cases); i++) {
        g_test_message("%s", foreign_cases[i].name);
        g_assert_cmpint(decide_foreign(&foreign_cases[i].facts), ==, foreign_cases[i].verdict);
    }
}

static void test_worse(void)
{
    g_assert_cmpint(decide_worse(VERDICT_ACCEPT, VERDICT_ACCEPT), ==, VERDICT_ACCEPT);
    g_assert_cmpint(decide_worse(VERDICT_ACCEPT, VERDICT_IN_DOUBT), ==, VERDICT_IN_DOUBT);
    g_assert_cmpint(decide_worse(VERDICT_IN_DOUBT, VERDICT_ACCEPT), ==, VERDICT_IN_DOUBT);
    g_assert_cmpint(decide_worse(VERDICT_IN_DOUBT, VERDICT_USED), ==, VERDICT_USED);
    g_assert_cmpint(decide_worse(VERDICT_USED, VERDICT_IN_DOUBT), ==, VERDICT_USED);
    g_assert_cmpint(decide_worse(VERDICT_USED, VERDICT_SUPPRESSED), ==, VERDICT_USED);
    for (int verdict = VERDICT_ACCEPT + 1; verdict < VERDICTS; verdict++) {
        g_assert_cmpint(verdict_class((enum verdict)verdict), !=, CLASS_ACCEPT);
        g_assert_cmpstr(verdict_text((enum verdict)verdict), !=, "");
    }
}

static const struct {
    const char *name;
    struct begin_facts facts;
    enum begin_action action;
} begin_cases[] = {
    {"new", {.state = STATE_NEW}, BEGIN_START},
    {"new, tried just now", {.state = STATE_NEW, .attempts = 1, .waited = 59, .delay = 60}, BEGIN_WAIT},
    {"new, tried a while ago", {.state = STATE_NEW, .attempts = 1, .waited = 60, .delay = 60}, BEGIN_START},
    {"new, tried tomorrow: the clock went back",
     {.state = STATE_NEW, .attempts = 1, .waited = -86000, .delay = 60},
     BEGIN_START},
    {"in hand", {.state = STATE_BEGUN, .attempts = 1, .session = TRUE}, BEGIN_SKIP},
    {"left by a dead feeder", {.state = STATE_BEGUN, .attempts = 1}, BEGIN_START},
    {"reserved", {.state = STATE_RESERVED, .attempts = 1}, BEGIN_SKIP},
    {"sent", {.state = STATE_SENT, .attempts = 1}, BEGIN_SKIP},
    {"refused", {.state = STATE_REFUSED, .attempts = 1}, BEGIN_SKIP},
    {"suppressed meanwhile", {.state = STATE_NEW, .suppressed = TRUE, .slot = SLOT_OTHER}, BEGIN_SUPPRESSED},
    {"used meanwhile", {.state = STATE_NEW, .slot = SLOT_OTHER}, BEGIN_CAPPED},
    {"last quarter's on its way", {.state = STATE_NEW, .slot = SLOT_EARLIER_OPEN}, BEGIN_WAIT},
    {"attempts used up", {.state = STATE_NEW, .attempts = ATTEMPT_MAX, .waited = 1000}, BEGIN_SKIP},
};

/* A day after an invitation that was sent, with one reminder allowed after a day. */
#define REMIND                                                                                                         \
    .invitation = STATE_SENT, .invited = 1000000, .now = 1000000 + 86400, .gap = 86400, .most = 1, .delay = 60
#define LAST(state, when) .number = 1, .attempts = 1, .last = state, .changed = when

static const struct {
    const char *name;
    struct remind_facts facts;
    enum remind_action action;
    guint number; /* of the reminder, where it is to start */
    gint64 due;   /* where it is early */
} remind_cases[] = {
    {"due", {REMIND}, REMIND_START, 1, 0},
    {"a second too early", {REMIND, .now = 1000000 + 86399}, REMIND_EARLY, 0, 1000000 + 86400},
    {"the clock went back", {REMIND, .now = 5}, REMIND_EARLY, 0, 1000000 + 86400},
    {"no gap", {REMIND, .now = 1000000, .gap = 0}, REMIND_START, 1, 0},
    {"none allowed", {REMIND, .most = 0}, REMIND_DONE, 0, 0},
    {"answered", {REMIND, .answered = TRUE}, REMIND_ANSWERED, 0, 0},
    {"suppressed", {REMIND, .suppressed = TRUE}, REMIND_SUPPRESSED, 0, 0},
    {"answered, too early", {REMIND, .answered = TRUE, .now = 1}, REMIND_ANSWERED, 0, 0},
    {"invitation new", {REMIND, .invitation = STATE_NEW}, REMIND_NOT_SENT, 0, 0},
    {"invitation queued", {REMIND, .invitation = STATE_QUEUED}, REMIND_NOT_SENT, 0, 0},
    {"invitation deferred", {REMIND, .invitation = STATE_DEFERRED}, REMIND_NOT_SENT, 0, 0},
    {"invitation bounced", {REMIND, .invitation = STATE_BOUNCED}, REMIND_NOT_SENT, 0, 0},
    {"invitation expired", {REMIND, .invitation = STATE_EXPIRED}, REMIND_NOT_SENT, 0, 0},
    {"invitation uncertain", {REMIND, .invitation = STATE_UNCERTAIN}, REMIND_NOT_SENT, 0, 0},
    {"invitation capped", {REMIND, .invitation = STATE_CAPPED}, REMIND_NOT_SENT, 0, 0},
    {"in hand", {REMIND, LAST(STATE_BEGUN, 1086400), .session = TRUE}, REMIND_SKIP, 0, 0},
    {"left by a dead feeder", {REMIND, LAST(STATE_BEGUN, 1086400)}, REMIND_START, 1, 0},
    {"tried just now", {REMIND, LAST(STATE_NEW, 1086400 - 59)}, REMIND_WAIT, 0, 0},
    {"tried a while ago", {REMIND, LAST(STATE_NEW, 1086400 - 60)}, REMIND_START, 1, 0},
    {"to be tried again, and none allowed any more", {REMIND, LAST(STATE_NEW, 1000000), .most = 0}, REMIND_DONE, 0, 0},
    {"to be tried again, answered", {REMIND, LAST(STATE_NEW, 1000000), .answered = TRUE}, REMIND_ANSWERED, 0, 0},
    {"attempts used up", {REMIND, LAST(STATE_NEW, 1000000), .attempts = ATTEMPT_MAX}, REMIND_ENDED, 0, 0},
    {"reserved", {REMIND, LAST(STATE_RESERVED, 1000000)}, REMIND_SKIP, 0, 0},
    {"deferred", {REMIND, LAST(STATE_DEFERRED, 1000000), .most = 2}, REMIND_SKIP, 0, 0},
    {"sent", {REMIND, LAST(STATE_SENT, 1000000)}, REMIND_DONE, 0, 0},
    {"sent, a second due", {REMIND, LAST(STATE_SENT, 1000000), .most = 2}, REMIND_START, 2, 0},
    {"sent, a second too early", {REMIND, LAST(STATE_SENT, 1000001), .most = 2}, REMIND_EARLY, 0, 1086401},
    {"bounced", {REMIND, LAST(STATE_BOUNCED, 1000000), .most = 2}, REMIND_ENDED, 0, 0},
    {"uncertain", {REMIND, LAST(STATE_UNCERTAIN, 1000000), .most = 2}, REMIND_ENDED, 0, 0},
    {"cancelled", {REMIND, LAST(STATE_REFUSED, 1000000), .most = 2}, REMIND_ENDED, 0, 0},
};

static void test_remind(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(remind_cases); i++) {
        guint number = 0;
        gint64 due = 0;
        g_test_message("%s", remind_cases[i].name);
        g_assert_cmpint(decide_remind(&remind_cases[i].facts, &number, &due), ==, remind_cases[i].action);
        if (remind_cases[i].action == REMIND_START)
            g_assert_cmpuint(number, ==, remind_cases[i].number);
        if (remind_cases[i].action == REMIND_EARLY)
            g_assert_cmpint(due, ==, remind_cases[i].due);
    }
    for (int action = 0; action < REMIND_ACTIONS; action++)
        g_assert_nonnull(remind_action_name((enum remind_action)action));
}

static void test_begin(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(begin_cases); i++) {
        g_test_message("%s", begin_cases[i].name);
        g_assert_cmpint(decide_begin(&begin_cases[i].facts), ==, begin_cases[i].action);
    }
}

static const struct {
    const char *name;
    struct abandon_facts facts;
    enum mail_state state;
} abandon_cases[] = {
    {"4yz", {.state = STATE_BEGUN, .attempt = 1, .begun = 1}, STATE_NEW},
    {"5yz", {.state = STATE_BEGUN, .attempt = 1, .begun = 1, .refused = TRUE}, STATE_REFUSED},
    {"5yz, used", {.state = STATE_BEGUN, .attempt = 1, .begun = 1, .refused = TRUE, .used = TRUE}, STATE_CAPPED},
    {"5yz, suppressed",
     {.state = STATE_BEGUN, .attempt = 1, .begun = 1, .refused = TRUE, .suppressed = TRUE, .used = TRUE},
     STATE_SUPPRESSED},
    {"an older attempt", {.state = STATE_BEGUN, .attempt = 1, .begun = 2, .refused = TRUE}, STATE_BEGUN},
    {"reserved: the reply proves nothing",
     {.state = STATE_RESERVED, .attempt = 1, .begun = 1, .refused = TRUE},
     STATE_RESERVED},
    {"queued", {.state = STATE_QUEUED, .attempt = 1, .begun = 1}, STATE_QUEUED},
    {"sent", {.state = STATE_SENT, .attempt = 1, .begun = 1}, STATE_SENT},
    {"new already", {.state = STATE_NEW, .attempt = 1, .begun = 1, .refused = TRUE}, STATE_NEW},
};

static void test_abandon(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(abandon_cases); i++) {
        g_test_message("%s", abandon_cases[i].name);
        g_assert_cmpint(decide_abandon(&abandon_cases[i].facts), ==, abandon_cases[i].state);
    }
}

/* Over all states and events: raised or the same, and whoever holds a slot goes on holding it. */
static void test_event(void)
{
    for (int state = STATE_NONE; state < MAIL_STATES; state++) {
        for (int event = EVENT_NONE; event < MAIL_EVENTS; event++) {
            enum mail_state after = decide_event((enum mail_state)state, (enum mail_event)event);
            gboolean holds = state >= STATE_RESERVED && state <= STATE_UNCERTAIN;
            g_assert_true(after == (enum mail_state)state ||
                          (holds && (after > (enum mail_state)state || state == STATE_UNCERTAIN)));
            if (holds)
                g_assert_true(after >= STATE_RESERVED && after <= STATE_UNCERTAIN);
            if (event == EVENT_NONE || event == EVENT_REJECTED)
                g_assert_cmpint(after, ==, state);
        }
        g_assert_cmpint(decide_cancel((enum mail_state)state), ==, state == STATE_RESERVED);
    }
    g_assert_cmpint(decide_event(STATE_RESERVED, EVENT_QUEUED), ==, STATE_QUEUED);
    g_assert_cmpint(decide_event(STATE_RESERVED, EVENT_SENT), ==, STATE_SENT);
    g_assert_cmpint(decide_event(STATE_DEFERRED, EVENT_QUEUED), ==, STATE_DEFERRED);
    g_assert_cmpint(decide_event(STATE_DEFERRED, EVENT_EXPIRED), ==, STATE_EXPIRED);
    g_assert_cmpint(decide_event(STATE_SENT, EVENT_BOUNCED), ==, STATE_SENT);
    g_assert_cmpint(decide_event(STATE_UNCERTAIN, EVENT_SENT), ==, STATE_SENT);
    g_assert_cmpint(decide_event(STATE_UNCERTAIN, EVENT_DEFERRED), ==, STATE_UNCERTAIN);
    g_assert_cmpint(mail_event_from_name("rejected"), ==, EVENT_REJECTED);
    g_assert_cmpint(mail_event_from_name("removed"), ==, EVENT_NONE);
}

/* A reservation that was never queued, as far as anybody can see; each case departs by one fact or two. */
#define GONE                                                                                                           \
    .state = STATE_RESERVED, .age = RESOLVE_AGE, .absent = RESOLVE_ABSENT, .file = FILE_NONE, .daemon_timeout = 18000, \
    .running = TRUE, .log_read = TRUE

static const struct {
    const char *name;
    struct resolve_facts facts;
    enum resolution resolution;
} resolve_cases[] = {
    {"never queued", {GONE}, RESOLVE_FREE},
    {"listed", {GONE, .listed = TRUE}, RESOLVE_QUEUED},
    {"listed at once", {GONE, .listed = TRUE, .age = 0, .log_read = FALSE}, RESOLVE_QUEUED},
    {"listed after a reboot", {GONE, .listed = TRUE, .rebooted = TRUE}, RESOLVE_QUEUED},
    {"too young", {GONE, .age = RESOLVE_AGE - 1}, RESOLVE_WAIT},
    {"the clock went back", {GONE, .age = -3600}, RESOLVE_WAIT},
    {"looked at twice only", {GONE, .absent = RESOLVE_ABSENT - 1}, RESOLVE_WAIT},
    {"never looked at", {GONE, .absent = 0}, RESOLVE_WAIT},
    {"Postfix does not run", {GONE, .running = FALSE}, RESOLVE_WAIT},
    {"the log was not read to its end", {GONE, .log_read = FALSE}, RESOLVE_WAIT},
    {"a gap in the log", {GONE, .log_gap = TRUE}, RESOLVE_UNCERTAIN},
    {"a gap, and not read", {GONE, .log_gap = TRUE, .log_read = FALSE}, RESOLVE_WAIT},
    {"Postfix was restarted", {GONE, .restarted = TRUE}, RESOLVE_UNCERTAIN},
    {"the host was restarted", {GONE, .rebooted = TRUE}, RESOLVE_UNCERTAIN},
    {"cleanup is at it", {GONE, .file = FILE_WRITING}, RESOLVE_WAIT},
    {"cleanup is at it for a day", {GONE, .file = FILE_WRITING, .age = 86400}, RESOLVE_WAIT},
    {"cleanup was killed", {GONE, .file = FILE_LEFT}, RESOLVE_FREE},
    {"cleanup was killed, a gap", {GONE, .file = FILE_LEFT, .log_gap = TRUE}, RESOLVE_FREE},
    {"cleanup was killed with Postfix", {GONE, .file = FILE_LEFT, .restarted = TRUE}, RESOLVE_FREE},
    {"cleanup was killed with the host", {GONE, .file = FILE_LEFT, .rebooted = TRUE}, RESOLVE_UNCERTAIN},
    {"may not look", {GONE, .file = FILE_UNSEEN}, RESOLVE_WAIT},
    {"may not look, at daemon_timeout", {GONE, .file = FILE_UNSEEN, .age = 18000}, RESOLVE_WAIT},
    {"may not look, after daemon_timeout", {GONE, .file = FILE_UNSEEN, .age = 18001}, RESOLVE_FREE},
    {"may not look, a gap", {GONE, .file = FILE_UNSEEN, .age = 18001, .log_gap = TRUE}, RESOLVE_UNCERTAIN},
    {"rejected", {GONE, .rejected = TRUE, .absent = 0, .age = 1, .log_read = FALSE, .rebooted = TRUE}, RESOLVE_FREE},
    {"rejected, and listed", {GONE, .rejected = TRUE, .listed = TRUE}, RESOLVE_QUEUED},
    {"queued, and listed", {GONE, .state = STATE_QUEUED, .listed = TRUE}, RESOLVE_WAIT},
    {"queued, and gone", {GONE, .state = STATE_QUEUED}, RESOLVE_UNCERTAIN},
    {"deferred, and gone", {GONE, .state = STATE_DEFERRED, .log_gap = TRUE}, RESOLVE_UNCERTAIN},
    {"queued, and gone, not read", {GONE, .state = STATE_QUEUED, .log_read = FALSE}, RESOLVE_WAIT},
    {"queued, and rejected", {GONE, .state = STATE_QUEUED, .rejected = TRUE}, RESOLVE_UNCERTAIN},
    {"sent", {GONE, .state = STATE_SENT}, RESOLVE_WAIT},
    {"uncertain", {GONE, .state = STATE_UNCERTAIN, .listed = TRUE}, RESOLVE_WAIT},
    {"another's by now", {GONE, .state = STATE_NONE}, RESOLVE_WAIT},
};

static void test_resolve(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(resolve_cases); i++) {
        const char *reason = NULL;
        g_test_message("%s", resolve_cases[i].name);
        g_assert_cmpint(decide_resolve(&resolve_cases[i].facts, &reason), ==, resolve_cases[i].resolution);
        g_assert_cmpstr(reason, !=, NULL);
    }
}

/* Over all combinations of what may be missing: a slot is set free only where nothing is. */
static void test_resolve_is_careful(void)
{
    for (guint bits = 0; bits < 1u << 7; bits++) {
        const char *reason;
        struct resolve_facts facts = {GONE};
        facts.log_read = !(bits & 1);
        facts.running = !(bits & 2);
        facts.absent = bits & 4 ? RESOLVE_ABSENT - 1 : RESOLVE_ABSENT;
        facts.age = bits & 8 ? RESOLVE_AGE - 1 : RESOLVE_AGE;
        facts.log_gap = (bits & 16) != 0;
        facts.restarted = (bits & 32) != 0;
        facts.rebooted = (bits & 64) != 0;
        g_assert_true((decide_resolve(&facts, &reason) == RESOLVE_FREE) == (bits == 0));
    }
}

static void test_person(void)
{
    for (int state = STATE_NONE; state < MAIL_STATES; state++)
        g_assert_true(decide_person((enum mail_state)state) == (state == STATE_UNCERTAIN));
}

static void test_words(void)
{
    enum queue_file file;
    g_assert_true(queue_file_from_name("left", &file) && file == FILE_LEFT);
    g_assert_true(queue_file_from_name("unseen", &file) && file == FILE_UNSEEN);
    g_assert_false(queue_file_from_name("", &file));
    g_assert_cmpstr(resolution_name(RESOLVE_UNCERTAIN), ==, "uncertain");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/decide/policy", test_policy);
    g_test_add_func("/decide/reserve", test_reserve);
    g_test_add_func("/decide/reserve-alone", test_reserve_alone);
    g_test_add_func("/decide/foreign", test_foreign);
    g_test_add_func("/decide/worse", test_worse);
    g_test_add_func("/decide/remind", test_remind);
    g_test_add_func("/decide/begin", test_begin);
    g_test_add_func("/decide/abandon", test_abandon);
    g_test_add_func("/decide/event", test_event);
    g_test_add_func("/decide/resolve", test_resolve);
    g_test_add_func("/decide/resolve-is-careful", test_resolve_is_careful);
    g_test_add_func("/decide/person", test_person);
    g_test_add_func("/decide/words", test_words);
    return g_test_run();
}
