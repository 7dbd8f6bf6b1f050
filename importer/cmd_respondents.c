/*
 * cmd_respondents.c - postwelle respondents: who has answered, as the survey's system tells it: a list of tokens or
 * addresses, or one by one.
 *
 * A list is read to its end, and held against the campaign row by row; then policyd stores all of it in one
 * transaction, or, whatever goes wrong, nothing.
 */
#include "importer/command.h"

#include "importer/bounce.h"
#include "importer/columns.h"
#include "importer/control.h"
#include "importer/json_print.h"
#include "importer/progress.h"
#include "importer/stop.h"
#include "importer/table.h"
#include "lib/error.h"

#include <jansson.h>
#include <string.h>

#define BATCH 200          /* names in a request, its limit in PROTOCOL §5 */
#define BATCH_OCTETS 48000 /* of them, so that the request stays within its limit */
#define NAME_MAX_OCTETS 1000 /* of a token or address; a longer one is none */
#define UNKNOWN_SHOWN 1000 /* rows in the table of unknown ones */
#define PAGE 500           /* rows of one `campaign-participants`, its limit */

/* One who is said to have answered. */
struct respondent {
    guint row; /* of the list; 0: of the command line */
    const char *name; /* token or address */
    char result; /* of `answers`: n, k, u */
};

struct respondents {
    /* as the command line has it */
    char *sheet, *column, *token, *address;
    gboolean list, remove, json;
    const char *file;

    struct campaign *campaign;
    struct policy_client *policy;
    gboolean heading_read;
    guint place; /* of the column */
    guint empty; /* rows without a name */
    GArray *all; /* struct respondent */
    GStringChunk *names;
    struct stop stop;
};

/* FALSE with *error where a person wants it to end. */
static gboolean go_on(struct respondents *work, GError **error)
{
    return !stop_asked(&work->stop) || error_set(error, ERROR_TEMPORARY, "stopped; nothing was stored");
}

/* --- the list ----------------------------------------------------------------------------------- */

static void add(struct respondents *work, guint row, const char *text)
{
    size_t length;
    text = list_trim(text, &length);
    const struct respondent respondent = {row, g_string_chunk_insert_len(work->names, text, (gssize)length), 'u'};
    if (*respondent.name == '\0')
        work->empty++;
    else
        g_array_append_val(work->all, respondent);
}

/* A list of nothing but tokens or addresses has no heading. */
static gboolean is_no_heading(const struct list_cells *cells)
{
    const char *text = cells->cells[0];
    gboolean token = strlen(text) == BOUNCE_TOKEN;
    for (const char *c = text; *c != '\0' && token; c++)
        token = g_ascii_isalpha(*c) || (*c >= '2' && *c <= '7');
    return cells->count == 1 && (token || strchr(text, '@') != NULL);
}

static gboolean take_cells(void *cookie, const struct list_cells *cells, GError **error)
{
    struct respondents *work = cookie;
    if (!work->heading_read) {
        work->heading_read = TRUE;
        if (work->column != NULL || !is_no_heading(cells))
            return columns_find_person(work->file, cells, work->column, &work->place, error);
    }
    add(work, cells->row, work->place < cells->count ? cells->cells[work->place] : "");
    return go_on(work, error);
}

static void print_note(void *cookie, const char *text)
{
    const struct respondents *work = cookie;
    g_printerr("%s: %s\n", work->file, text);
}

static gboolean read_list(struct respondents *work, GError **error)
{
    const struct list_sink sink = {take_cells, print_note, work};
    if (!list_read(work->file, work->sheet, &sink, error))
        return FALSE;
    return work->all->len > 0 ||
           error_set(error, ERROR_DATA, "%s: the column holds no token and no address; name another with --column",
                     work->file);
}

/* --- asking ------------------------------------------------------------------------------------- */

static void append_name(GString *request, guint number, const struct respondent *respondent)
{
    gboolean address = strchr(respondent->name, '@') != NULL;
    g_autofree char *attribute = g_strdup_printf("%s.%u", address ? "address" : "token", number);
    policy_append(request, attribute, strlen(respondent->name) <= NAME_MAX_OCTETS ? respondent->name : "");
}

static const char *act(const struct respondents *work)
{
    return work->remove ? "remove" : "add";
}

/* Tells of those from `first` on, as many as a request holds; *next_r is the first one after them. */
static gboolean tell_batch(struct respondents *work, guint first, guint *next_r, GError **error)
{
    struct attributes answer;
    guint next = first;
    GString *request = control_campaign_request("answers", work->campaign, "act", act(work), NULL);
    for (; next < work->all->len && next - first < BATCH && request->len < BATCH_OCTETS; next++)
        append_name(request, next - first + 1, &g_array_index(work->all, struct respondent, next));
    const char *results = control_ask_results(work->policy, request, next - first, &answer, error);
    if (results == NULL)
        return FALSE;
    for (guint i = first; i < next; i++)
        g_array_index(work->all, struct respondent, i).result = results[i - first];
    *next_r = next;
    return TRUE;
}

static gboolean tell_all(struct respondents *work, GError **error)
{
    struct progress progress;
    gboolean good = TRUE;
    progress_begin(&progress, "checking", work->all->len);
    for (guint next = 0; next < work->all->len && good;) {
        good = tell_batch(work, next, &next, error) && go_on(work, error);
        progress_show(&progress, next, NULL);
    }
    progress_clear(&progress);
    return good;
}

static guint count_results(const struct respondents *work, char result)
{
    guint count = 0;
    for (guint i = 0; i < work->all->len; i++)
        count += g_array_index(work->all, struct respondent, i).result == result ? 1 : 0;
    return count;
}

/* --- telling ------------------------------------------------------------------------------------ */

static void print_json(const struct respondents *work)
{
    json_t *unknown = json_array();
    for (guint i = 0; i < work->all->len; i++) {
        const struct respondent *respondent = &g_array_index(work->all, struct respondent, i);
        if (respondent->result == 'u')
            json_array_append_new(unknown,
                                  json_pack("{s:i, s:s}", "row", (int)respondent->row, "text", respondent->name));
    }
    json_t *root = json_pack("{s:i, s:i, s:i, s:o}", work->remove ? "removed" : "new", (int)count_results(work, 'n'),
                             "known", (int)count_results(work, 'k'), "empty", (int)work->empty, "unknown", unknown);
    json_print(root);
}

static void print_unknown(const struct respondents *work, guint unknown)
{
    static const struct table_column columns[] = {{"ROW", TABLE_NUMBER}, {"UNKNOWN", TABLE_CUT}, {NULL, TABLE_TEXT}};
    g_autoptr(table_auto) table = table_new("unknown", columns, FALSE);
    guint shown = 0;
    for (guint i = 0; i < work->all->len && shown < UNKNOWN_SHOWN; i++) {
        const struct respondent *respondent = &g_array_index(work->all, struct respondent, i);
        if (respondent->result != 'u')
            continue;
        g_autofree char *row = respondent->row > 0 ? g_strdup_printf("%u", respondent->row) : NULL;
        table_add(table, row, respondent->name);
        shown++;
    }
    if (unknown == 0)
        return;
    table_print(table);
    if (unknown > shown)
        g_print("… and %u more\n", unknown - shown);
    g_print("\n");
}

static void print_result(const struct respondents *work)
{
    guint unknown = count_results(work, 'u');
    print_unknown(work, unknown);
    g_print("%s: %u %s, %u %s, %u unknown", work->campaign->name, count_results(work, 'n'),
            work->remove ? "taken back" : "have answered", count_results(work, 'k'),
            work->remove ? "were not known to have answered" : "known already", unknown);
    if (work->empty > 0)
        g_print(", %u rows without a token or address", work->empty);
    g_print(".\n");
}

static gboolean commit(struct respondents *work, GError **error)
{
    struct attributes answer;
    GString *request = control_campaign_request("answers-commit", work->campaign, "act", act(work), NULL);
    policy_append_number(request, "changes", count_results(work, 'n'));
    return control_ask(work->policy, request, &answer, error);
}

static gboolean store(struct respondents *work, GError **error)
{
    if (!tell_all(work, error))
        return FALSE;
    if (count_results(work, 'u') == work->all->len) {
        if (work->file == NULL)
            return error_set(error, ERROR_WANTING, "%s has no such participant: %s", work->campaign->name,
                             g_array_index(work->all, struct respondent, 0).name);
        return error_set(error, ERROR_WANTING,
                         "%s: none of %u rows is a participant of %s; nothing was stored. Is it the right campaign, "
                         "and the right column "
                         "(--column)?",
                         work->file, work->all->len, work->campaign->name);
    }
    if (!commit(work, error))
        return FALSE;
    (work->json ? print_json : print_result)(work);
    return TRUE;
}

/* --- list --------------------------------------------------------------------------------------- */

static gboolean take_participant(void *cookie, const struct attributes *row, GError **error)
{
    (void)error;
    g_autofree char *answered = table_time(control_number(row, "answered"), TABLE_SECOND);
    table_add(cookie, attributes_text(row, "participant"), attributes_text(row, "row"), attributes_text(row, "wave"),
              attributes_text(row, "address"), answered);
    return TRUE;
}

static gboolean print_list(struct respondents *work, GError **error)
{
    static const struct table_column columns[] = {{"PARTICIPANT", TABLE_NUMBER}, {"ROW", TABLE_NUMBER},
                                                  {"WAVE", TABLE_NUMBER},        {"ADDRESS", TABLE_TEXT},
                                                  {"TOLD", TABLE_TEXT},          {NULL, TABLE_TEXT}};
    struct attributes last;
    g_autoptr(table_auto) table = table_new("respondents", columns, work->json);
    guint64 after = 0;
    do {
        GString *request = control_campaign_request("campaign-participants", work->campaign, "answered", "yes", NULL);
        policy_append_number(request, "after", after);
        policy_append_number(request, "limit", PAGE);
        if (!control_rows(work->policy, request, take_participant, table, &last, error))
            return FALSE;
        after = control_number(&last, "last");
    } while (after != 0);
    table_print_or(table, "Nobody has answered, as far as was told.");
    return TRUE;
}

/* --- one token, whatever campaign ----------------------------------------------------------------- */

/* What a survey system's script does: by the socket that can do little else, without a campaign's folder. */
static gboolean tell_token(struct command_context *context, const struct respondents *work, GError **error)
{
    struct attributes answer;
    g_autoptr(policy_client_auto) policy = control_open_feedback(context, error);
    if (policy == NULL || !control_ask(policy, control_request("answered", "token", work->token, NULL), &answer, error))
        return FALSE;
    if (strcmp(attributes_text(&answer, "known"), "yes") != 0)
        return error_set(error, ERROR_WANTING, "the token is no participant's: %s", work->token);
    const char *campaign = attributes_text(&answer, "campaign");
    gboolean new = strcmp(attributes_text(&answer, "new"), "yes") == 0;
    if (work->json)
        json_print(json_pack("{s:s, s:i, s:i}", "campaign", campaign, "new", new ? 1 : 0, "known", new ? 0 : 1));
    else
        g_print("%s: %s\n", campaign, new ? "has answered" : "known already");
    return TRUE;
}

/* --- the command -------------------------------------------------------------------------------- */

static gboolean check_usage(const struct respondents *work, gboolean directory, GError **error)
{
    int sources = (work->file != NULL) + (work->token != NULL) + (work->address != NULL) + work->list;
    if (sources != 1)
        return error_set(error, ERROR_USAGE,
                         "who has answered? Give a list, or --token, or --address, or --list to see who has");
    if (directory || (work->token != NULL && !work->remove))
        return TRUE;
    return error_set(error, ERROR_USAGE, "of which campaign? Add its folder: postwelle respondents DIR ...");
}

static gboolean run(struct respondents *work, struct command_context *context, const char *directory, GError **error)
{
    if (!check_usage(work, directory != NULL, error))
        return FALSE;
    if (directory == NULL)
        return tell_token(context, work, error);
    work->campaign = control_campaign(context, directory, error);
    if (work->campaign == NULL || (work->file != NULL && !read_list(work, error)))
        return FALSE;
    work->policy = control_open(context, error);
    if (work->policy == NULL)
        return FALSE;
    if (work->list)
        return print_list(work, error);
    if (work->file == NULL)
        add(work, 0, work->token != NULL ? work->token : work->address);
    if (work->all->len == 0)
        return error_set(error, ERROR_USAGE, "the token or address is empty");
    return store(work, error);
}

int cmd_respondents(struct command_context *context, int argc, char **argv)
{
    struct respondents work = {0};
    const GOptionEntry entries[] = {
        {"column", 0, 0, G_OPTION_ARG_STRING, &work.column,
         "The column with the tokens or addresses: its heading or letter", "COLUMN"},
        {"sheet", 0, 0, G_OPTION_ARG_STRING, &work.sheet, "The sheet: its name or number (default: the first one)",
         "SHEET"},
        {"token", 0, 0, G_OPTION_ARG_STRING, &work.token,
         "One who has answered, by the token of the survey link; needs no DIR and little rights, for the survey "
         "system's script",
         "TOKEN"},
        {"address", 0, 0, G_OPTION_ARG_STRING, &work.address, "One who has answered, by address", "ADDRESS"},
        {"remove", 0, 0, G_OPTION_ARG_NONE, &work.remove, "Take it back: these have not answered", NULL},
        {"list", 0, 0, G_OPTION_ARG_NONE, &work.list, "Show who has answered", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &work.json,
         "Print JSON: how many are new (or removed), known, empty, and the rows that are unknown; without DIR: "
         "campaign, new, known",
         NULL},
        {0},
    };
    GError *error = NULL;
    stop_begin(&work.stop);
    gboolean good = command_options(&argc, &argv, "respondents DIR FILE",
                                    "Tells who has answered the survey, so that they are not reminded: a list (.xlsx, "
                                    ".xls, .ods, .csv, .tsv) with a column of survey "
                                    "tokens or of addresses, as the survey system exports it. All of it is stored, or, "
                                    "where anything goes wrong or nobody in it is a "
                                    "participant, nothing. Giving the same list again changes nothing. At most 200,000 "
                                    "answers may be new in one list.",
                                    entries, 0, 2, &error);
    work.file = argc > 2 ? argv[2] : NULL;
    work.all = g_array_new(FALSE, FALSE, sizeof(struct respondent));
    work.names = g_string_chunk_new(1 << 16);
    good = good && run(&work, context, argc > 1 ? argv[1] : NULL, &error);
    stop_end(&work.stop);
    policy_client_free(work.policy);
    campaign_close(work.campaign);
    g_array_unref(work.all);
    g_string_chunk_free(work.names);
    g_free(work.column);
    g_free(work.sheet);
    g_free(work.token);
    g_free(work.address);
    return good ? 0 : command_fail(error);
}
