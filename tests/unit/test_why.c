/* test_why.c - policyd's explanations in plain words, and what they mean for a client. */
#include "importer/why.h"
#include "importer/why_words.h"

#include <string.h>

#define NOVEMBER "1795424514" /* 2026-11-23 09:01:54 UTC */
#define SENT "since=1795424514\nuntil=1798758000\nqueue_id=4ABC\nstate=sent\n"
#define ROW "file=list.csv\nrow=12\nimported=" NOVEMBER "\nwave=2\nchanged=" NOVEMBER "\n"

static const struct {
    const char *name, *row, *sentence; /* NULL: none */
} cases[] = {
    {"suppressed for a client", "about=suppression\nscope=acme\nreason=unsubscribed\nsince=" NOVEMBER "\n",
     "Suppressed for acme since 2026-11-23 09:01: unsubscribed."},
    {"suppressed for all", "about=suppression\nscope=*\nreason=complaint\nsince=" NOVEMBER "\n",
     "Suppressed for all clients since 2026-11-23 09:01: complaint."},
    {"a slot", "about=slot\nclient=acme\nslot=invitation\ncampaign=one\nquarter=2026Q4\n" SENT,
     "Slot of acme, 2026Q4: held by the invitation of campaign one (sent) since 2026-11-23 09:01, queue ID 4ABC; "
     "nobody else "
     "may until 2026-12-31 23:00."},
    {"a slot of a rolling cap that another program has",
     "about=slot\nclient=acme\nslot=foreign\ncampaign=\nquarter=\n" SENT,
     "Slot of acme: held by another program's mail (sent) since 2026-11-23 09:01, queue ID 4ABC; nobody else may until "
     "2026-12-31 23:00."},
    {"sent",
     "about=invitation\nclient=acme\ncampaign=one\nstate=sent\nattempt=1\nqueue_id=4ABC\nreply=2.0.0 "
     "ok\ntls=TLSv1.3\n" ROW,
     "Invitation of acme, campaign one: the receiver's server took it (sent, 2026-11-23 09:01), over TLSv1.3, attempt "
     "1, queue ID 4ABC, last "
     "word: 2.0.0 ok. Row 12 of list.csv, imported 2026-11-23 09:01, wave 2."},
    {"not open",
     "about=invitation\nclient=acme\ncampaign=one\ncampaign_state=approved\nstate=new\nattempt=0\nopened=0\n" ROW,
     "Invitation of acme, campaign one: not tried: wave 2 was not opened. Row 12 of list.csv, imported 2026-11-23 "
     "09:01, wave 2."},
    {"not approved",
     "about=invitation\nclient=acme\ncampaign=one\ncampaign_state=draft\nstate=new\nattempt=0\nopened=0\n" ROW,
     "Invitation of acme, campaign one: not tried: the campaign is not approved. Row 12 of list.csv, imported "
     "2026-11-23 09:01, "
     "wave 2."},
    {"tried, and paused",
     "about=invitation\nclient=acme\ncampaign=one\ncampaign_state=paused\nstate=new\nattempt=3\nopened=1\nreply=451 "
     "later\n" ROW,
     "Invitation of acme, campaign one: was tried 3 times, and Postfix did not take it; it is tried again; the "
     "campaign is "
     "paused, last word: 451 later. Row 12 of list.csv, imported 2026-11-23 09:01, wave 2."},
    {"capped by the list's import",
     "about=invitation\nclient=acme\ncampaign=two\nstate=capped\nattempt=0\nheld_by=invitation\nheld_campaign=one\n"
     "held_since=1795424514\nheld_until=1798758000\n" ROW,
     "Invitation of acme, campaign two: capped already when the list was imported: campaign one has invited it on "
     "2026-11-23 "
     "09:01, nobody else may until 2026-12-31 23:00. Row 12 of list.csv, imported 2026-11-23 09:01, wave 2."},
    {"capped by who knows whom", "about=invitation\nclient=acme\ncampaign=two\nstate=capped\nattempt=1\n" ROW,
     "Invitation of acme, campaign two: capped on 2026-11-23 09:01; who had the slot then is not known any more. Row "
     "12 of "
     "list.csv, imported 2026-11-23 09:01, wave 2."},
    {"answered",
     "about=invitation\nclient=acme\ncampaign=one\nstate=sent\nattempt=1\nreminder=1\nreminder_state=sent\n"
     "reminder_changed=1795424514\nreminder_reply=ok\nanswered=1798758000\n" ROW,
     "Invitation of acme, campaign one: the receiver's server took it (sent, 2026-11-23 09:01), attempt 1. Row 12 of "
     "list.csv, "
     "imported 2026-11-23 09:01, wave 2. Has answered (known since 2026-12-31 23:00), so it is not reminded."},
    {"a reminder",
     "about=reminder\nclient=acme\ncampaign=one\nreminder=2\nstate=sent\nattempt=1\nreply=ok\nchanged=" NOVEMBER "\n",
     "Reminder 2 of acme, campaign one: the receiver's server took it (sent, 2026-11-23 09:01), attempt 1, last word: "
     "ok."},
    {"a reminder that is to be tried again",
     "about=reminder\nclient=acme\ncampaign=one\nreminder=1\nstate=new\nattempt=2\nreply=451 later\n",
     "Reminder 1 of acme, campaign one: was tried 2 times, and Postfix did not take it; it is tried again, last word: "
     "451 later."},
    {"a reminder that is greylisted",
     "about=reminder\nclient=acme\ncampaign=one\nreminder=1\nstate=greylisted\nattempt=1\nchanged=" NOVEMBER "\n",
     "Reminder 1 of acme, campaign one: the receiver's greylisting put it off, as it does with every new sender; "
     "Postfix tries again "
     "(greylisted, 2026-11-23 09:01), attempt 1."},
    {"a person's word",
     "about=decision\nclient=acme\ncampaign=one\nreminder=0\nsince=" NOVEMBER
     "\nstate=new\nby=Erika\nreason=she rang\n",
     "Decision in acme, campaign one, invitation: on 2026-11-23 09:01 Erika said it is free: she rang."},
    {"a person's word about a reminder",
     "about=decision\nclient=acme\ncampaign=one\nreminder=1\nsince=" NOVEMBER
     "\nstate=sent\nby=Erika\nreason=she rang\n",
     "Decision in acme, campaign one, reminder 1: on 2026-11-23 09:01 Erika said it is sent: she rang."},
    {"a proof",
     "about=proof\nclient=acme\ncampaign=one\nproof=2\nopened=" NOVEMBER
     "\nby=anna\nrow=12\nstate=sent\nqueue_id=4ABC\nchanged=1795424574\n",
     "Proof 2 of acme, campaign one: the receiver's server took it (sent, 2026-11-23 09:02), queue ID 4ABC. Sent on "
     "2026-11-23 09:01 by anna, "
     "with what row 12 of the list says."},
    {"a proof of before it was known who had it sent",
     "about=proof\nclient=acme\ncampaign=one\nproof=1\nopened=0\nby=\nrow=2\nstate=sent\nchanged=" NOVEMBER "\n",
     "Proof 1 of acme, campaign one: the receiver's server took it (sent, 2026-11-23 09:01)."},
    {"what a newer policyd may tell", "about=weather\nclient=acme\n", NULL},
};

static void parse(const char *text, char buffer[POLICY_SIZE], struct attributes *row_r)
{
    size_t used;
    gsize size = g_strlcpy(buffer, text, POLICY_SIZE - 1);
    buffer[size++] = '\n';
    g_assert_true(policy_parse(buffer, size, &policy_own_limits, row_r, &used, NULL) && used == size);
    g_assert_true(policy_decode(row_r, NULL));
}

static void test_sentences(void)
{
    static char buffer[POLICY_SIZE];
    g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct attributes row;
        g_test_message("%s", cases[i].name);
        parse(cases[i].row, buffer, &row);
        g_autofree char *sentence = why_sentence(&row, &(struct why_style){zone, REPORT_ENGLISH});
        g_assert_cmpstr(sentence, ==, cases[i].sentence);
        g_autofree char *german = why_sentence(&row, &(struct why_style){zone, REPORT_GERMAN});
        g_assert_true((german != NULL) == (sentence != NULL) && g_strcmp0(german, sentence) != (german == NULL));
    }
}

static const struct {
    const char *row, *sentence;
} german_cases[] = {
    {"about=reminder\nclient=acme\ncampaign=one\nreminder=2\nstate=sent\nattempt=1\nqueue_id=4ABC\nreply=2.0.0 "
     "ok\ntls=no\nchanged=" NOVEMBER "\n",
     "Erinnerung 2 von acme, Kampagne one: der Server des Empfängers hat sie angenommen (zugestellt, 2026-11-23 "
     "09:01), unverschlüsselt, "
     "Einlieferung 1, Queue-ID 4ABC, letzte Antwort: 2.0.0 ok."},
    {"about=invitation\nclient=acme\ncampaign=two\nstate=capped\nattempt=0\nheld_by=invitation\nheld_campaign=one\n"
     "held_since=1795424514\nheld_until=1798758000\n" ROW,
     "Einladung von acme, Kampagne two: nicht gesandt, schon beim Import der Liste war der Platz vergeben: Kampagne "
     "one hat die Adresse am "
     "2026-11-23 09:01 eingeladen, niemand sonst darf es bis 2026-12-31 23:00. Zeile 12 von list.csv, importiert am "
     "2026-11-23 09:01, Welle 2."},
    {"about=suppression\nscope=*\nreason=complaint\nsince=" NOVEMBER "\n",
     "Gesperrt für alle Auftraggeber seit 2026-11-23 09:01: complaint."},
};

static void test_german(void)
{
    static char buffer[POLICY_SIZE];
    g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
    for (size_t i = 0; i < G_N_ELEMENTS(german_cases); i++) {
        struct attributes row;
        parse(german_cases[i].row, buffer, &row);
        g_autofree char *sentence = why_sentence(&row, &(struct why_style){zone, REPORT_GERMAN});
        g_assert_cmpstr(sentence, ==, german_cases[i].sentence);
    }
    g_autofree char *nothing = why_nothing("a@b.example", "acme", REPORT_GERMAN);
    g_assert_true(g_str_has_prefix(nothing, "Von a@b.example bei acme ist nichts bekannt: "));
}

static const struct {
    const char *name;
    gint64 after;
    enum report_language language;
    const char *sentence;
} missing_cases[] = {
    {"the log begins", 0, REPORT_ENGLISH, "Tries before 1970-01-02 00:00:01 may be missing here: rotated away."},
    {"within the log", 86399, REPORT_ENGLISH,
     "Tries between 1970-01-01 23:59:59 and 1970-01-02 00:00:01 may be missing here: rotated away."},
    {"German", 0, REPORT_GERMAN, "Hier können Versuche vor 1970-01-02 00:00:01 fehlen: rotated away."},
};

static void test_missing(void)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    for (size_t i = 0; i < G_N_ELEMENTS(missing_cases); i++) {
        g_autofree char *sentence = why_missing(missing_cases[i].after, 86401, "rotated away",
                                                &(struct why_style){utc, missing_cases[i].language});
        g_test_message("%s", missing_cases[i].name);
        g_assert_cmpstr(sentence, ==, missing_cases[i].sentence);
    }
}

/* Every word has as many places in both languages, as they are filled alike. */
static void test_words(void)
{
    for (int word = 0; word < WHY_WORDS; word++) {
        size_t places[REPORT_LANGUAGES] = {0};
        for (int language = 0; language < REPORT_LANGUAGES; language++) {
            const char *text = why_word((enum report_language)language, (enum why_word)word);
            for (; (text = strstr(text, "%s")) != NULL; text += 2)
                places[language]++;
        }
        g_assert_cmpuint(places[REPORT_ENGLISH], ==, places[REPORT_GERMAN]);
    }
}

static const struct {
    const char *name, *row;
    gint64 now;
    const char *sentence; /* for the client acme */
} verdict_cases[] = {
    {"suppressed for it", "about=suppression\nscope=acme\n", 1, "acme may not write to it: it is suppressed."},
    {"suppressed for all", "about=suppression\nscope=*\n", 1, "acme may not write to it: it is suppressed."},
    {"suppressed for another", "about=suppression\nscope=other\n", 1, "acme may invite it."},
    {"capped", "about=slot\nclient=acme\nuntil=1798758000\n", 1798757999,
     "acme may not invite it again before 2026-12-31 23:00."},
    {"not any more", "about=slot\nclient=acme\nuntil=1798758000\n", 1798758000, "acme may invite it."},
    {"capped at another", "about=slot\nclient=other\nuntil=1798758000\n", 1, "acme may invite it."},
};

static void test_verdicts(void)
{
    static char buffer[POLICY_SIZE];
    g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
    for (size_t i = 0; i < G_N_ELEMENTS(verdict_cases); i++) {
        struct attributes row;
        struct why_verdict verdict = {0};
        g_test_message("%s", verdict_cases[i].name);
        parse(verdict_cases[i].row, buffer, &row);
        why_judge(&row, "acme", verdict_cases[i].now, &verdict);
        g_autofree char *sentence = why_verdict_sentence(&verdict, "acme", &(struct why_style){zone, REPORT_ENGLISH});
        g_assert_cmpstr(sentence, ==, verdict_cases[i].sentence);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/why/sentences", test_sentences);
    g_test_add_func("/why/german", test_german);
    g_test_add_func("/why/missing", test_missing);
    g_test_add_func("/why/words", test_words);
    g_test_add_func("/why/verdicts", test_verdicts);
    return g_test_run();
}
