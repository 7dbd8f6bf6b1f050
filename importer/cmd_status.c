/* cmd_status.c - postwelle status: where everything stands. */
#include "importer/command.h"

#include "importer/campaign_state.h"
#include "importer/control.h"
#include "lib/delivery.h"
#include "importer/postfix.h"
#include "importer/stop.h"
#include "importer/table.h"
#include "lib/error.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PAGE 500 /* rows of one `campaign-participants`, its limit in PROTOCOL §5 */
#define WATCH_SECONDS 2
#define WATCH_SECONDS_MAX 86400
#define CLEAR "\033[H\033[2J" /* of a terminal: all of it is drawn anew */

struct options {
    gboolean json;
    gboolean participants, imports, reminders;
    char *state;
    gboolean watch;
    guint seconds; /* between two looks */
};

/* One cell a state; the caller's array has room for `first` cells before them. */
static void add_counts(struct table *table, const char *const *first, size_t count, const struct wave_state *state)
{
    const char *cells[8 + 1 + STATE_COUNT];
    char numbers[1 + STATE_COUNT][24];
    g_assert(count <= 8);
    for (size_t i = 0; i < count; i++)
        cells[i] = first[i];
    g_snprintf(numbers[0], sizeof numbers[0], "%" G_GUINT64_FORMAT, state->total);
    for (size_t i = 0; i < STATE_COUNT; i++)
        g_snprintf(numbers[1 + i], sizeof numbers[0], "%" G_GUINT64_FORMAT, state->counts[i]);
    for (size_t i = 0; i <= STATE_COUNT; i++)
        cells[count + i] = numbers[i];
    table_add_list(table, cells);
}

/* A table with the given columns, then the total and one column a state. */
static struct table *new_table(const char *name, const struct table_column *first, size_t count, gboolean json)
{
    struct table_column columns[8 + 1 + STATE_COUNT + 1] = {{NULL, TABLE_TEXT}};
    char headings[STATE_COUNT][16];
    g_assert(count <= 8);
    memcpy(columns, first, count * sizeof *columns);
    columns[count] = (struct table_column){"TOTAL", TABLE_NUMBER};
    for (size_t i = 0; i < STATE_COUNT; i++) {
        g_strlcpy(headings[i], state_names[i], sizeof headings[i]);
        for (char *p = headings[i]; *p != '\0'; p++)
            *p = g_ascii_toupper(*p);
        columns[count + 1 + i] = (struct table_column){headings[i], TABLE_NUMBER};
    }
    return table_new(name, columns, json);
}

/* --- all campaigns ------------------------------------------------------------------------------ */

static gboolean take_campaign(void *cookie, const struct attributes *row, GError **error)
{
    static const char *const names[] = {"client", "campaign", "title", "state"};
    (void)error;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        g_ptr_array_add(cookie, g_strdup(attributes_text(row, names[i])));
    return TRUE;
}

static gboolean show_campaigns(struct policy_client *policy, const struct options *options, GError **error)
{
    static const struct table_column columns[] = {
        {"CLIENT", TABLE_TEXT}, {"CAMPAIGN", TABLE_TEXT}, {"TITLE", TABLE_TEXT}, {"STATE", TABLE_TEXT}};
    struct attributes last;
    struct campaign_state state;
    g_autoptr(GPtrArray) campaigns = g_ptr_array_new_with_free_func(g_free);
    if (!control_rows(policy, control_request("campaign-list", NULL), take_campaign, campaigns, &last, error))
        return FALSE;
    g_autoptr(table_auto) table = new_table("campaigns", columns, G_N_ELEMENTS(columns), options->json);
    for (guint i = 0; i < campaigns->len; i += G_N_ELEMENTS(columns)) {
        const char *const *first = (const char *const *)campaigns->pdata + i;
        if (!campaign_state_ask(policy, first[0], first[1], &state, error))
            return FALSE;
        add_counts(table, first, G_N_ELEMENTS(columns), &state.sum);
    }
    table_print(table);
    return TRUE;
}

/* --- where it comes from, and who released it ---------------------------------------------------- */

static gboolean take_import(void *cookie, const struct attributes *row, GError **error)
{
    (void)error;
    g_autofree char *at = table_time(control_number(row, "at"), TABLE_SECOND);
    table_add(cookie, attributes_text(row, "file"), attributes_text(row, "rows"), at, attributes_text(row, "basis"),
              attributes_text(row, "assured_by"), attributes_text(row, "remark"), attributes_text(row, "file_sha256"));
    return TRUE;
}

static gboolean show_imports(struct policy_client *policy, const struct campaign *campaign, gboolean json,
                             GError **error)
{
    static const struct table_column columns[] = {{"LIST", TABLE_TEXT},       {"NEW", TABLE_NUMBER},
                                                  {"IMPORTED", TABLE_TEXT},   {"BASIS", TABLE_WRAP},
                                                  {"ASSURED_BY", TABLE_WRAP}, {"REMARK", TABLE_WRAP},
                                                  {"SHA256", TABLE_CUT},      {NULL, TABLE_TEXT}};
    struct attributes last;
    g_autoptr(table_auto) table = table_new("imports", columns, json);
    if (!control_rows(policy, control_campaign_request("import-list", campaign, NULL), take_import, table, &last,
                      error))
        return FALSE;
    table_print(table);
    return TRUE;
}

/* "approved", by whom, when, and whether what was approved is still what lies in the folder. */
static void print_approval(const struct campaign *campaign, const struct attributes *shown)
{
    const char *state = attributes_text(shown, "state");
    g_autofree char *at = table_time(control_number(shown, "approved_at"), TABLE_SECOND);
    g_print("%s (client %s): %s", campaign->title, campaign->client->name, state);
    if (at != NULL)
        g_print(", released by %s on %s", attributes_text(shown, "approved_by"), at);
    g_print(".\n");
    if (at == NULL || strcmp(attributes_text(shown, "hash"), campaign->hash) == 0)
        return;
    g_autofree char *changes = control_changes(campaign, shown, "parts");
    g_print("The content was changed since%s: nothing of it leaves before it is proven and approved again.\n", changes);
}

static gboolean show_head(struct policy_client *policy, const struct campaign *campaign, GError **error)
{
    struct attributes shown;
    if (!control_ask(policy, control_campaign_request("campaign-show", campaign, NULL), &shown, error))
        return FALSE;
    print_approval(campaign, &shown);
    g_print("\n");
    if (!show_imports(policy, campaign, FALSE, error))
        return FALSE;
    g_print("\n");
    return TRUE;
}

/* --- one campaign ------------------------------------------------------------------------------- */

/* What became of the first reminders of all participants, of the second ones .. */
static void print_reminders(const struct campaign_state *state, gboolean json)
{
    static const struct table_column columns[] = {{"REMINDER", TABLE_NUMBER}, {"OPENED", TABLE_TEXT}};
    g_autoptr(table_auto) table = new_table("reminders", columns, G_N_ELEMENTS(columns), json);
    for (size_t i = 0; i < state->reminders; i++) {
        g_autofree char *number = g_strdup_printf("%zu", i + 1),
                        *opened = table_time((guint64)state->reminder[i].opened, TABLE_SECOND);
        add_counts(table, (const char *const[]){number, opened}, G_N_ELEMENTS(columns), &state->reminder[i]);
    }
    table_print(table);
}

static gboolean show_reminders(struct policy_client *policy, const struct campaign *campaign, gboolean json,
                               GError **error)
{
    struct campaign_state state;
    if (!campaign_state_ask(policy, campaign->client->name, campaign->name, &state, error))
        return FALSE;
    print_reminders(&state, json);
    return TRUE;
}

static gboolean show_waves(struct policy_client *policy, const struct campaign *campaign, const struct options *options,
                           GError **error)
{
    static const struct table_column columns[] = {{"WAVE", TABLE_NUMBER}, {"OPENED", TABLE_TEXT}};
    struct campaign_state state;
    if ((!options->json && !show_head(policy, campaign, error)) ||
        !campaign_state_ask(policy, campaign->client->name, campaign->name, &state, error))
        return FALSE;
    g_autoptr(table_auto) table = new_table("waves", columns, G_N_ELEMENTS(columns), options->json);
    for (size_t i = 0; i < state.waves; i++) {
        g_autofree char *number = g_strdup_printf("%zu", i + 1),
                        *opened = table_time((guint64)state.wave[i].opened, TABLE_SECOND);
        add_counts(table, (const char *const[]){number, opened}, G_N_ELEMENTS(columns), &state.wave[i]);
    }
    if (!options->json)
        add_counts(table, (const char *const[]){"all", NULL}, G_N_ELEMENTS(columns), &state.sum);
    table_print(table);
    if (options->json)
        return TRUE;
    if (state.reminders > 0) {
        g_print("\n");
        print_reminders(&state, FALSE);
    }
    if (state.answered > 0)
        g_print("\n%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                " participants have answered, as far as we were told.\n",
                state.answered, state.participants);
    return TRUE;
}

/* --- participants ------------------------------------------------------------------------------- */

struct listing {
    struct table *table;
    const char *postfix; /* its folder of settings */
    struct delivery_pace pace;
    gboolean asked;      /* Postfix for its pace */
};

static gint64 ask_seconds(const char *postfix, const char *name)
{
    g_autofree char *value = postfix_parameter(postfix, name, NULL);
    return value != NULL ? postfix_seconds(value) : 0;
}

/* Not before then; unknown where Postfix does not tell its pace. */
static char *next_try(struct listing *listing, const struct attributes *row)
{
    const char *state = attributes_text(row, "state");
    if (strcmp(state, state_names[STATE_GREYLISTED]) != 0 && strcmp(state, state_names[STATE_DEFERRED]) != 0)
        return NULL;
    if (!listing->asked) {
        listing->pace = (struct delivery_pace){ask_seconds(listing->postfix, "minimal_backoff_time"),
                                               ask_seconds(listing->postfix, "maximal_backoff_time")};
        listing->asked = TRUE;
    }
    gint64 next =
        delivery_next_try(attributes_text(row, "queue_id"), (gint64)control_number(row, "changed"), &listing->pace);
    return table_time((guint64)next, TABLE_SECOND);
}

static gboolean take_participant(void *cookie, const struct attributes *row, GError **error)
{
    struct listing *listing = cookie;
    (void)error;
    g_autofree char *changed = table_time(control_number(row, "changed"), TABLE_SECOND), *next = next_try(listing, row);
    g_autofree char *answered = table_time(control_number(row, "answered"), TABLE_SECOND);
    table_add(listing->table, attributes_text(row, "participant"), attributes_text(row, "row"),
              attributes_text(row, "wave"), attributes_text(row, "address"), attributes_text(row, "state"),
              attributes_text(row, "attempt"), attributes_text(row, "queue_id"), changed, next,
              attributes_text(row, "tls"), answered, attributes_text(row, "reminder_state"),
              attributes_text(row, "reply"));
    return TRUE;
}

static gboolean show_participants(struct policy_client *policy, const char *postfix, const struct campaign *campaign,
                                  const struct options *options, GError **error)
{
    static const struct table_column columns[] = {
        {"PARTICIPANT", TABLE_NUMBER}, {"ROW", TABLE_NUMBER},     {"WAVE", TABLE_NUMBER},   {"ADDRESS", TABLE_TEXT},
        {"STATE", TABLE_TEXT},         {"ATTEMPT", TABLE_NUMBER}, {"QUEUE_ID", TABLE_TEXT}, {"CHANGED", TABLE_TEXT},
        {"NEXT_TRY", TABLE_TEXT},      {"TLS", TABLE_TEXT},       {"ANSWERED", TABLE_TEXT}, {"REMINDER", TABLE_TEXT},
        {"REPLY", TABLE_TEXT},         {NULL, TABLE_TEXT}};
    struct attributes last;
    g_autoptr(table_auto) table = table_new("participants", columns, options->json);
    struct listing listing = {.table = table, .postfix = postfix};
    guint64 after = 0;
    do {
        GString *request = control_campaign_request("campaign-participants", campaign, "state", options->state, NULL);
        policy_append_number(request, "after", after);
        policy_append_number(request, "limit", PAGE);
        if (!control_rows(policy, request, take_participant, &listing, &last, error))
            return FALSE;
        after = control_number(&last, "last");
    } while (after != 0);
    table_print(table);
    return TRUE;
}

/* --- the command -------------------------------------------------------------------------------- */

static gboolean run(struct command_context *context, const char *directory, const struct options *options,
                    GError **error)
{
    if (directory == NULL &&
        (options->participants || options->imports || options->reminders || options->state != NULL))
        return error_set(error, ERROR_USAGE, "of which campaign? Add the campaign's folder: postwelle status DIR");
    g_autoptr(campaign_auto) campaign = directory != NULL ? control_campaign(context, directory, error) : NULL;
    if (directory != NULL && campaign == NULL)
        return FALSE;
    struct policy_client *policy = control_open(context, error);
    if (policy == NULL)
        return FALSE;
    gboolean good = campaign == NULL     ? show_campaigns(policy, options, error)
                    : options->imports   ? show_imports(policy, campaign, options->json, error)
                    : options->reminders ? show_reminders(policy, campaign, options->json, error)
                    : options->participants || options->state != NULL
                        ? show_participants(policy, config_text(context->config, "postfix", "config-directory"),
                                            campaign, options, error)
                        : show_waves(policy, campaign, options, error);
    policy_client_free(policy);
    return good;
}

/* One picture after the other, until a signal comes. What is not a terminal gets them one below the other. */
static gboolean watch(struct command_context *context, const char *directory, const struct options *options,
                      GError **error)
{
    struct stop stop;
    gboolean terminal = isatty(STDOUT_FILENO), good = TRUE, first = TRUE;
    setvbuf(stdout, NULL, _IOFBF, 1 << 16); /* a picture is one write: nothing flickers */
    stop_begin(&stop);
    do {
        GError *problem = NULL;
        g_autofree char *now = table_time((guint64)g_get_real_time() / G_USEC_PER_SEC, TABLE_SECOND);
        if (!options->json)
            printf("%s%s, each %u s%s\n\n", terminal ? CLEAR : first ? "" : "\n", now, options->seconds,
                   terminal ? "; Ctrl-C ends" : "");
        good = run(context, directory, options, &problem);
        /* policyd that is being restarted comes back. */
        if (!good && !first && error_is_temporary(problem)) {
            printf("%s\n", problem->message);
            g_clear_error(&problem);
            good = TRUE;
        }
        fflush(stdout);
        if (problem != NULL)
            g_propagate_error(error, problem);
        first = FALSE;
    } while (good && !stop_sleep(&stop, (gint64)options->seconds * 1000));
    stop_end(&stop);
    return good;
}

/* `--watch 5`: digits alone are no folder. Takes them from the words. */
static gboolean take_seconds(struct options *options, int *argc, char **argv, GError **error)
{
    options->seconds = WATCH_SECONDS;
    for (int i = 1; options->watch && i < *argc; i++) {
        if (argv[i][strspn(argv[i], "0123456789")] != '\0')
            continue;
        guint64 seconds = g_ascii_strtoull(argv[i], NULL, 10);
        if (seconds < 1 || seconds > WATCH_SECONDS_MAX)
            return error_set(error, ERROR_USAGE, "--watch %s: 1 to %d seconds", argv[i], WATCH_SECONDS_MAX);
        options->seconds = (guint)seconds;
        memmove(argv + i, argv + i + 1, (size_t)(*argc - i) * sizeof *argv);
        --*argc;
        break;
    }
    return *argc <= 2 ||
           error_set(error, ERROR_USAGE, "one folder at most: postwelle status [DIR] [--watch [SECONDS]]");
}

int cmd_status(struct command_context *context, int argc, char **argv)
{
    struct options options = {0};
    const GOptionEntry entries[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, "Print JSON", NULL},
        {"participants", 0, 0, G_OPTION_ARG_NONE, &options.participants,
         "A row for each participant, with the last reply", NULL},
        {"imports", 0, 0, G_OPTION_ARG_NONE, &options.imports,
         "The lists that were imported: when, on what basis, who assured it", NULL},
        {"state", 0, 0, G_OPTION_ARG_STRING, &options.state,
         "Only participants in this state (deferred, greylisted, refused, ...)", "STATE"},
        {"watch", 0, 0, G_OPTION_ARG_NONE, &options.watch,
         "Look again each 2 seconds, or as many as follow, until Ctrl-C", NULL},
        {"reminders", 0, 0, G_OPTION_ARG_NONE, &options.reminders, "What became of the reminders", NULL},
        {0},
    };
    GError *error = NULL;
    gboolean good =
        command_options(&argc, &argv, "status [DIR] [--watch [SECONDS]]",
                        "Shows where all campaigns stand, or one campaign: its lists and their basis, its release, "
                        "and wave by wave what became of the mails.",
                        entries, 0, 2, &error) &&
        take_seconds(&options, &argc, argv, &error);
    const char *directory = argc > 1 ? argv[1] : NULL;
    good = good && (options.watch ? watch : run)(context, directory, &options, &error);
    g_free(options.state);
    return good ? 0 : command_fail(error);
}
