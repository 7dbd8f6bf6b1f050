/* cmd_why.c - postwelle why: every decision about one address, in plain words. */
#include "importer/command.h"

#include "importer/attempts.h"
#include "importer/control.h"
#include "importer/json_print.h"
#include "importer/why.h"
#include "importer/why_words.h"
#include "lib/delivery.h"
#include "lib/error.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

struct options {
    char *client, *language;
    gboolean json;
};

/* A row of policyd's. */
struct told {
    char *sentence;  /* NULL: its kind is not known */
    json_t *object;
    GTimeZone *zone; /* of its times */
    int mail;        /* that it is about, in the mails below; -1: none */
};

struct explaining {
    const char *client; /* --client, or NULL: all */
    enum report_language language;
    const struct attempts_log *log;
    char *log_problem;              /* why it can't be read; NULL: it can */
    gint64 now;
    const struct client *const *clients;
    size_t count;
    struct why_verdict *verdicts; /* one a client */
    gboolean *concerned;          /* a row is about it */
    GArray *told;                 /* struct told */
    GArray *mails;                /* struct attempts_mail */
    GStringChunk *strings;        /* theirs */
    json_t *rows;
    GString *text;
};

/* The time zone of a row's client; ours where it is about none. */
static GTimeZone *zone_of(const struct explaining *explaining, const char *client)
{
    for (size_t i = 0; i < explaining->count; i++)
        if (strcmp(explaining->clients[i]->name, client) == 0)
            return g_time_zone_ref(explaining->clients[i]->zone);
    return g_time_zone_new_local();
}

static const char *client_of(const struct attributes *row)
{
    const char *client = attributes_get(row, "client");
    return client != NULL ? client : attributes_text(row, "scope");
}

static json_t *row_json(const struct attributes *row)
{
    static const char *const numbers[] = {
        "since", "until", "changed", "imported", "opened",   "held_since",       "held_until",      "participant",
        "row",   "wave",  "attempt", "answered", "reminder", "reminder_attempt", "reminder_changed", "proof"};
    json_t *object = json_object();
    for (size_t i = 1; i < row->count; i++) {
        gboolean is_number = FALSE;
        for (size_t k = 0; k < G_N_ELEMENTS(numbers); k++)
            is_number |= strcmp(row->list[i].name, numbers[k]) == 0;
        json_object_set_new(object, row->list[i].name,
                            is_number ? json_integer((json_int_t)control_number(row, row->list[i].name))
                                      : json_string(row->list[i].value));
    }
    return object;
}

/* --- the single tries ----------------------------------------------------------------------------- */

/* The word for what a try came to. */
static const char *attempt_state(const struct track_event *event)
{
    return event->kind == TRACK_DEFERRED && delivery_is_greylisted(event->reply) ? "greylisted"
                                                                                 : track_kind_word(event->kind);
}

static void append_attempt(struct explaining *explaining, const struct track_event *event, GTimeZone *zone,
                           json_t *list)
{
    g_autofree char *time = why_clock(event->time, zone);
    g_string_append_printf(explaining->text, "    %s  %s: %s%s%s\n", time, attempt_state(event), event->dsn,
                           *event->dsn != '\0' ? " " : "", event->reply);
    json_array_append_new(list, json_pack("{s:I, s:s, s:s, s:s, s:s}", "time", (json_int_t)event->time, "state",
                                          attempt_state(event), "dsn", event->dsn, "relay", event->relay, "reply",
                                          event->reply));
}

/*
 * A mail that a row is about is looked up in the log; returns its place among explaining->mails, or -1 where it is
 * about none.
 */
static int add_mail(struct explaining *explaining, const struct attributes *row)
{
    static const char *const abouts[] = {"invitation", "reminder", "proof", NULL},
                      *const ended[] = {"sent", "bounced", "expired", "refused", NULL};
    const char *queue_id = attributes_text(row, "queue_id");
    gboolean over = g_strv_contains(ended, attributes_text(row, "state"));
    if (*queue_id == '\0' || !g_strv_contains(abouts, attributes_text(row, "about")))
        return -1;
    attempts_mail_add(explaining->mails, g_string_chunk_insert(explaining->strings, queue_id),
                      (gint64)control_number(row, "opened"),
                      over ? (gint64)control_number(row, "changed") : explaining->now);
    return (int)explaining->mails->len - 1;
}

static void append_gap(struct explaining *explaining, const struct track_gap *gap, GTimeZone *zone, json_t *list)
{
    g_autofree char *sentence =
        why_missing(gap->after, gap->before, gap->what, &(struct why_style){zone, explaining->language});
    g_string_append_printf(explaining->text, "    %s\n", sentence);
    json_array_append_new(list, json_pack("{s:I, s:I, s:s}", "after", (json_int_t)gap->after, "before",
                                          (json_int_t)gap->before, "reason", gap->what));
}

/* What the log knows beyond the last try, that the ledger has, and where it may lack lines. */
static void append_attempts(struct explaining *explaining, const struct told *told, const GArray *gaps)
{
    const struct attempts_mail *mail = &g_array_index(explaining->mails, struct attempts_mail, told->mail);
    json_t *tries = json_array(), *missing = json_array();
    for (guint i = 0; i < gaps->len; i++)
        if (attempts_gap_hides(&g_array_index(gaps, struct track_gap, i), mail))
            append_gap(explaining, &g_array_index(gaps, struct track_gap, i), told->zone, missing);
    for (guint i = 0; i < mail->tries->len; i++)
        append_attempt(explaining, &g_array_index(mail->tries, struct track_event, i), told->zone, tries);
    json_object_set_new(told->object, "attempts", tries);
    json_object_set_new(told->object, "log_missing", missing);
}

/* Reads the log once for all mails, and puts what it says below each row's sentence. */
static void tell_rows(struct explaining *explaining)
{
    GError *error = NULL;
    g_autoptr(GArray) gaps = attempts_find(explaining->log, explaining->mails, &error);
    if (gaps == NULL) {
        explaining->log_problem = g_strdup(error->message);
        g_error_free(error);
    }
    for (guint i = 0; i < explaining->told->len; i++) {
        const struct told *told = &g_array_index(explaining->told, struct told, i);
        if (told->sentence != NULL)
            g_string_append_printf(explaining->text, "%s\n", told->sentence);
        if (told->mail >= 0 && gaps != NULL)
            append_attempts(explaining, told, gaps);
    }
}

/* --- rows ------------------------------------------------------------------------------------------ */

static gboolean take_row(void *cookie, const struct attributes *row, GError **error)
{
    struct explaining *explaining = cookie;
    const char *client = client_of(row);
    (void)error;
    if (explaining->client != NULL && strcmp(client, explaining->client) != 0 && strcmp(client, "*") != 0)
        return TRUE;
    for (size_t i = 0; i < explaining->count; i++) {
        why_judge(row, explaining->clients[i]->name, explaining->now, &explaining->verdicts[i]);
        explaining->concerned[i] |= strcmp(client, explaining->clients[i]->name) == 0;
    }
    struct told told = {
        .zone = zone_of(explaining, client), .object = row_json(row), .mail = add_mail(explaining, row)};
    told.sentence = why_sentence(row, &(struct why_style){told.zone, explaining->language});
    g_array_append_val(explaining->told, told);
    json_array_append(explaining->rows, told.object);
    return TRUE;
}

static void told_clear(void *cookie)
{
    struct told *told = cookie;
    g_free(told->sentence);
    json_decref(told->object);
    g_time_zone_unref(told->zone);
}

/* The clients that rows are about, or the one that was asked about. */
static gboolean is_concerned(const struct explaining *explaining, size_t i)
{
    return explaining->client != NULL ? strcmp(explaining->clients[i]->name, explaining->client) == 0
                                      : explaining->concerned[i];
}

static void print_text(const struct explaining *explaining, const char *address)
{
    gboolean first = TRUE;
    g_autofree char *nothing = why_nothing(address, explaining->client, explaining->language);
    if (json_array_size(explaining->rows) == 0)
        g_print("%s\n", nothing);
    else
        g_print("%s\n\n%s", address, explaining->text->str);
    if (explaining->log_problem != NULL)
        g_printerr("postwelle: %s %s\n", why_word(explaining->language, WHY_LOG), explaining->log_problem);
    for (size_t i = 0; i < explaining->count; i++) {
        if (!is_concerned(explaining, i))
            continue;
        g_autofree char *sentence =
            why_verdict_sentence(&explaining->verdicts[i], explaining->clients[i]->name,
                                 &(struct why_style){explaining->clients[i]->zone, explaining->language});
        g_print("%s%s\n", first ? "\n" : "", sentence);
        first = FALSE;
    }
}

static void print_json(const struct explaining *explaining, const char *address)
{
    json_t *clients = json_array(), *root = json_pack("{s:s, s:s?}", "address", address, "log_problem",
                                                            explaining->log_problem);
    for (size_t i = 0; i < explaining->count; i++)
        if (is_concerned(explaining, i))
            json_array_append_new(clients, json_pack("{s:s, s:b, s:I}", "client", explaining->clients[i]->name,
                                                     "suppressed", explaining->verdicts[i].suppressed, "capped_until",
                                                     (json_int_t)explaining->verdicts[i].capped_until));
    json_object_set(root, "known", explaining->rows);
    json_object_set_new(root, "clients", clients);
    json_print(root);
}

static gboolean explain(struct explaining *explaining, struct policy_client *policy, const char *address,
                        gboolean as_json, GError **error)
{
    struct attributes last;
    if (!control_rows(policy, control_request("explain", "address", address, NULL), take_row, explaining, &last, error))
        return FALSE;
    tell_rows(explaining);
    (as_json ? print_json : print_text)(explaining, address);
    return TRUE;
}

/* The one that was asked for; else the client's, or the one that all clients have. */
static gboolean choose_language(const char *wish, const struct explaining *explaining, enum report_language *language_r,
                                GError **error)
{
    gboolean german = explaining->count > 0;
    for (size_t i = 0; i < explaining->count; i++)
        if (explaining->client == NULL || strcmp(explaining->clients[i]->name, explaining->client) == 0)
            german = german && strcmp(explaining->clients[i]->language, "de") == 0;
    if (wish != NULL)
        german = strcmp(wish, "de") == 0;
    *language_r = german ? REPORT_GERMAN : REPORT_ENGLISH;
    return wish == NULL || german || strcmp(wish, "en") == 0 ||
           error_set(error, ERROR_USAGE, "--lang %s: choose de or en", wish);
}

/* *known_r: there is something to tell. */
static gboolean run(struct command_context *context, const char *address, const struct options *options,
                    gboolean *known_r, GError **error)
{
    const char *client = options->client;
    struct address parsed;
    if (!control_address(address, &parsed, error))
        return FALSE;
    g_autoptr(client_set_auto) clients = control_clients(context, error);
    if (clients == NULL)
        return FALSE;
    if (client != NULL && client_by_name(clients, client) == NULL)
        return error_set(error, ERROR_DATA, "--client %s: there is no such client; `postwelle client list` shows them",
                         client);
    g_autoptr(policy_client_auto) policy = control_open(context, error);
    if (policy == NULL)
        return FALSE;
    struct explaining explaining = {.client = client, .now = g_get_real_time() / G_USEC_PER_SEC};
    explaining.clients = client_set_list(clients, &explaining.count);
    if (!choose_language(options->language, &explaining, &explaining.language, error))
        return FALSE;
    g_autoptr(GTimeZone) zone = g_time_zone_new_local();
    const struct attempts_log log = {track_log_options(context->config), zone, explaining.now};
    explaining.log = &log;
    explaining.rows = json_array();
    explaining.text = g_string_new(NULL);
    explaining.verdicts = g_new0(struct why_verdict, explaining.count);
    explaining.concerned = g_new0(gboolean, explaining.count);
    explaining.told = g_array_new(FALSE, FALSE, sizeof(struct told));
    g_array_set_clear_func(explaining.told, told_clear);
    explaining.mails = attempts_mails_new();
    explaining.strings = g_string_chunk_new(256);
    gboolean good = explain(&explaining, policy, address, options->json, error);
    *known_r = json_array_size(explaining.rows) > 0;
    json_decref(explaining.rows);
    g_string_free(explaining.text, TRUE);
    g_free(explaining.verdicts);
    g_free(explaining.concerned);
    g_array_unref(explaining.told);
    g_array_unref(explaining.mails);
    g_string_chunk_free(explaining.strings);
    g_free(explaining.log_problem);
    return good;
}

int cmd_why(struct command_context *context, int argc, char **argv)
{
    gboolean known = FALSE;
    struct options options = {0};
    const GOptionEntry entries[] = {
        {"client", 0, 0, G_OPTION_ARG_STRING, &options.client, "Only what concerns this client", "NAME"},
        {"lang", 0, 0, G_OPTION_ARG_STRING, &options.language,
         "The language (default: the clients', where they have one)", "de|en"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, "Print JSON", NULL},
        {0},
    };
    GError *error = NULL;
    gboolean good =
        command_options(
            &argc, &argv, "why ADDRESS",
            "Why did this address get a mail, or get none? Tells what suppresses it, what became of it in each "
            "campaign, invitation and reminders, with each try that is still in the mail log (the file or the journal, "
            "of which only root and the group systemd-journal see all) and where that lacks lines, "
            "which proofs went to it, which slots it has, and what that means for each client. "
            "Exit status 1: nothing is known of it.",
            entries, 1, 1, &error) &&
        run(context, argv[1], &options, &known, &error);
    g_free(options.client);
    g_free(options.language);
    return !good ? command_fail(error) : known ? 0 : ERROR_WANTING;
}
