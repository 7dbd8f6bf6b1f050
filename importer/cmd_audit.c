/* cmd_audit.c - postwelle audit: who did what, and when; and whether that is still what was written. */
#include "importer/command.h"

#include "importer/control.h"
#include "importer/table.h"
#include "lib/error.h"

#include <string.h>

struct options {
    char *since, *client, *address;
    gboolean json;
};

struct trail {
    struct table *table;
    gboolean json;
    GString *faults;         /* a line each, for people */
    guint64 entries, faulty; /* in all; of them, not as they were written */
};

/* --- times -------------------------------------------------------------------------------------- */

/* "7d", "24h", "30m": so long ago. */
static gboolean parse_ago(const char *text, gint64 now, gint64 *since_r)
{
    static const struct {
        char unit;
        gint64 seconds;
    } units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}};
    size_t length = strlen(text);
    g_autofree char *digits = g_strndup(text, length > 0 ? length - 1 : 0);
    guint64 number;
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (length > 0 && text[length - 1] == units[i].unit &&
            g_ascii_string_to_unsigned(digits, 10, 0, 1000000, &number, NULL)) {
            *since_r = MAX(now - (gint64)number * units[i].seconds, 0);
            return TRUE;
        }
    return FALSE;
}

/* A day, or a day and a time of day, in the zone of whoever asks; or a time ago. */
static gboolean parse_since(const char *text, gint64 now, gint64 *since_r, GError **error)
{
    static const char *const rests[] = {"", ":00", "T00:00:00"};
    if (parse_ago(text, now, since_r))
        return TRUE;
    g_autoptr(GTimeZone) zone = g_time_zone_new_local();
    for (size_t i = 0; i < G_N_ELEMENTS(rests); i++) {
        g_autofree char *whole = g_strconcat(text, rests[i], NULL);
        g_strdelimit(whole, " ", 'T');
        g_autoptr(GDateTime) when = g_date_time_new_from_iso8601(whole, zone);
        if (when == NULL || g_date_time_to_unix(when) < 0)
            continue;
        *since_r = g_date_time_to_unix(when);
        return TRUE;
    }
    return error_set(error, ERROR_USAGE,
                     "--since %s: give a day (2026-11-23), a time (\"2026-11-23 14:00\"), or how long ago (7d, 24h)",
                     text);
}

/* --- showing ------------------------------------------------------------------------------------ */

/* "anna", or "1000" where the user has no name; and who takes the responsibility, where that was said. */
static char *who_text(const struct attributes *row)
{
    const char *user = attributes_text(row, "user"), *by = attributes_text(row, "by");
    if (*user == '\0')
        user = attributes_text(row, "uid");
    return *by != '\0' ? g_strdup_printf("%s (%s)", user, by) : g_strdup(user);
}

/* Hashes are long: people see their beginning. */
static char *subject_text(const char *subject)
{
    return strlen(subject) >= 32 ? g_strdup_printf("%.12s…", subject) : g_strdup(subject);
}

static gboolean take_entry(void *cookie, const struct attributes *row, GError **error)
{
    struct trail *trail = cookie;
    const char *number = attributes_text(row, "number"), *fault = attributes_get(row, "fault");
    g_autofree char *time = table_time(control_number(row, "time"), TABLE_SECOND), *who = who_text(row);
    g_autofree char *subject = subject_text(attributes_text(row, "subject"));
    (void)error;
    if (fault != NULL)
        g_string_append_printf(trail->faults, "entry %s: %s\n", number, fault);
    if (trail->json)
        table_add(trail->table, number, time, attributes_text(row, "uid"), attributes_text(row, "user"),
                  attributes_text(row, "by"), attributes_text(row, "action"), attributes_text(row, "client"),
                  attributes_text(row, "campaign"), attributes_text(row, "subject"), attributes_text(row, "detail"),
                  attributes_text(row, "mac"), fault);
    else
        table_add(trail->table, number, time, who, attributes_text(row, "action"), attributes_text(row, "client"),
                  attributes_text(row, "campaign"), subject, fault != NULL ? fault : attributes_text(row, "detail"));
    return TRUE;
}

/* Page by page, to the end. */
static gboolean read_trail(struct policy_client *policy, const struct options *options, gint64 since,
                           const struct campaign *campaign, struct trail *trail, GError **error)
{
    struct attributes last;
    guint64 after = 0;
    do {
        GString *request =
            control_request("audit-list", "client", campaign != NULL ? campaign->client->name : options->client,
                            "campaign", campaign != NULL ? campaign->name : NULL, "address", options->address, NULL);
        policy_append_number(request, "since", (guint64)since);
        policy_append_number(request, "after", after);
        if (!control_rows(policy, request, take_entry, trail, &last, error))
            return FALSE;
        after = control_number(&last, "last");
        trail->entries = control_number(&last, "entries");
        trail->faulty += control_number(&last, "faults");
    } while (after != 0);
    return TRUE;
}

static int print_trail(struct trail *trail)
{
    table_print(trail->table);
    if (trail->faulty > 0) {
        g_printerr("%s", trail->faults->str);
        g_printerr("postwelle: the audit trail is not as it was written: %" G_GUINT64_FORMAT
                   " faults. Compare it with the last backup, and find out who could write to the ledger\n",
                   trail->faulty);
        return ERROR_WANTING;
    }
    if (!trail->json)
        g_print("%" G_GUINT64_FORMAT " entries in all; their chain is whole.\n", trail->entries);
    return 0;
}

static const struct table_column people[] = {{"NUMBER", TABLE_NUMBER}, {"TIME", TABLE_TEXT},   {"WHO", TABLE_TEXT},
                                             {"ACTION", TABLE_TEXT},   {"CLIENT", TABLE_TEXT}, {"CAMPAIGN", TABLE_TEXT},
                                             {"SUBJECT", TABLE_TEXT},  {"DETAIL", TABLE_WRAP}, {NULL, TABLE_TEXT}};
static const struct table_column programs[] = {
    {"NUMBER", TABLE_NUMBER}, {"TIME", TABLE_TEXT},   {"UID", TABLE_NUMBER},  {"USER", TABLE_TEXT},
    {"BY", TABLE_TEXT},       {"ACTION", TABLE_TEXT}, {"CLIENT", TABLE_TEXT}, {"CAMPAIGN", TABLE_TEXT},
    {"SUBJECT", TABLE_TEXT},  {"DETAIL", TABLE_TEXT}, {"MAC", TABLE_TEXT},    {"FAULT", TABLE_TEXT},
    {NULL, TABLE_TEXT}};

static int show(struct command_context *context, const char *directory, const struct options *options)
{
    GError *error = NULL;
    gint64 since = 0;
    int status = 0;
    g_autoptr(campaign_auto) campaign = NULL;
    if (options->since != NULL && !parse_since(options->since, g_get_real_time() / G_USEC_PER_SEC, &since, &error))
        return command_fail(error);
    if (directory != NULL && (campaign = control_campaign(context, directory, &error)) == NULL)
        return command_fail(error);
    g_autoptr(policy_client_auto) policy = control_open(context, &error);
    if (policy == NULL)
        return command_fail(error);
    struct trail trail = {.json = options->json,
                          .table = table_new("audit", options->json ? programs : people, options->json),
                          .faults = g_string_new(NULL)};
    if (read_trail(policy, options, since, campaign, &trail, &error))
        status = print_trail(&trail);
    table_free(trail.table);
    g_string_free(trail.faults, TRUE);
    return error != NULL ? command_fail(error) : status;
}

int cmd_audit(struct command_context *context, int argc, char **argv)
{
    struct options options = {0};
    const GOptionEntry entries[] = {
        {"since", 0, 0, G_OPTION_ARG_STRING, &options.since,
         "Only what came then or later: 2026-11-23, \"2026-11-23 14:00\", 7d, 24h", "TIME"},
        {"client", 0, 0, G_OPTION_ARG_STRING, &options.client, "Only what is about this client", "CLIENT"},
        {"address", 0, 0, G_OPTION_ARG_STRING, &options.address,
         "Only what is about this address, of which the trail has the hash", "ADDRESS"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, "Print JSON", NULL},
        {0},
    };
    GError *error = NULL;
    int status =
        command_options(
            &argc, &argv, "audit [DIR]",
            "Shows who did what, and when: of one campaign, or all. Whatever is shown, the whole trail is verified: an "
            "entry that was changed, removed, or put elsewhere is named, and the exit status is 1.",
            entries, 0, 1, &error)
            ? show(context, argc > 1 ? argv[1] : NULL, &options)
            : command_fail(error);
    g_free(options.since);
    g_free(options.client);
    g_free(options.address);
    return status;
}
