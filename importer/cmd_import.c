/*
 * cmd_import.c - postwelle import: a client's list becomes a campaign's participants, all of its good rows or none.
 *
 * The list is read twice: first every row is judged and rendered, which gives the number of good rows and so the waves;
 * then the good ones go to policyd, pipelined. policyd makes them visible at the commit, so whatever ends this program
 * before leaves nothing.
 */
#include "importer/command.h"

#include "importer/control.h"
#include "importer/json_print.h"
#include "importer/list_dns.h"
#include "importer/progress.h"
#include "importer/render.h"
#include "importer/stop.h"
#include "importer/table.h"
#include "lib/content.h"
#include "lib/error.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>

#define IN_FLIGHT 256              /* rows sent and not answered; their answers fit a socket's buffer */
#define REJECTS_SHOWN 1000         /* rows in the table of rejects */
#define CHANGES_SHOWN 20           /* rows in the table of known participants whose values are others now */
#define COLUMNS_MAX ((size_t)4000) /* octets of the columns' names that policyd keeps */
#define REASON_MAX 200             /* characters of why a row was rejected that policyd keeps */
#define ROW_SPARE ((size_t)2048)   /* room that `begin` needs beside what the list brings */

struct import {
    /* as the command line has it */
    char *basis, *assured_by, *remark, *sheet, *column;
    gboolean undo, dns, as_json;
    char *resolver_name;
    const char *file;

    struct command_context *context;
    struct campaign *campaign;
    struct policy_client *policy; /* of the second reading: the first may outlast policyd's idle time */
    struct stop stop;
    struct progress progress;
    char *sha256;
    char *seed; /* of the spreading over waves */
    guint rows; /* seen in this reading */
    struct resolver *resolver;
    struct domain_check *domains; /* NULL where DNS is not asked */

    /* the first reading */
    struct renderer renderer;
    GArray *waves_in;      /* struct wave_row of each good row */
    json_t *rejects_json, *changes_json; /* the rows of both tables for programs */
    struct table *rejects; /* with `rejected` rows, but for those beyond REJECTS_SHOWN */
    guint rejected;
    char *columns; /* the attributes' names, as `import-begin` takes them; NULL before the first row */

    /* the second */
    guint16 *waves;
    GByteArray *bad; /* a flag for each row of verdict good that was rejected here */
    guint good;      /* rows of verdict good so far */
    guint sent;
    guint asked, answered;      /* requests about rows, of good and of rejected ones */
    guint in_flight[IN_FLIGHT]; /* their rows, a ring */
    struct table *changes;      /* with `changed` rows, but for those beyond CHANGES_SHOWN */
    guint changed;
    char *import; /* number that policyd gave */
};

/* --- the file ----------------------------------------------------------------------------------- */

static void print_note(void *cookie, const char *text)
{
    const struct import *import = cookie;
    g_printerr("%s: %s\n", import->file, text);
}

static gboolean interrupted(struct import *import, GError **error)
{
    progress_show(&import->progress, import->rows++, NULL);
    if (import->rows % 256 != 0 || !stop_asked(&import->stop))
        return FALSE;
    error_set(error, ERROR_TEMPORARY, "stopped; nothing was imported");
    return TRUE;
}

/* --- the first reading: judging ----------------------------------------------------------------- */

static void reject(struct import *import, guint row, const char *column, const char *text, const char *reason)
{
    g_autofree char *number = g_strdup_printf("%u", row);
    if (import->rejected++ >= REJECTS_SHOWN)
        return;
    table_add(import->rejects, number, column, text, reason);
    json_array_append_new(import->rejects_json, json_pack("{s:i, s:s, s:s, s:s}", "row", (int)row, "column", column,
                                                          "address", text, "reason", reason));
}

static gboolean check_names(struct import *import, const struct list_row *row, GError **error)
{
    if (import->columns != NULL)
        return TRUE;
    g_autofree char *list = g_strjoinv(",", (char **)row->names);
    import->columns = g_strconcat(",", list, *list != '\0' ? "," : "", NULL);
    g_autoptr(GPtrArray) unknown = campaign_unknown_names(import->campaign, row->names);
    if (unknown->len == 0)
        return TRUE;
    g_ptr_array_add(unknown, NULL);
    g_autofree char *wanted = g_strjoinv(", ", (char **)unknown->pdata);
    g_autofree char *columns = g_strjoinv(", ", (char **)row->names);
    return error_set(error, ERROR_DATA,
                     "%s has no column for what the templates of %s name: %s. It has: %s. Rename the "
                     "column, change the template, or give a value in [defaults]",
                     import->file, import->campaign->directory, wanted, columns);
}

static GString *row_request(const struct import *import, const struct list_row *row, guint wave)
{
    GString *request = control_request("import-row", "import", import->import != NULL ? import->import : "0", NULL);
    policy_append_number(request, "row", row->row);
    policy_append(request, "address", row->address.text);
    policy_append_number(request, "wave", wave);
    for (guint i = 0; row->names[i] != NULL; i++) {
        g_autofree char *name = g_strconcat("a.", row->names[i], NULL);
        policy_append(request, name, row->values[i]);
    }
    return request;
}

/* Why a row can't be sent to policyd; NULL where it can. */
static char *row_too_large(const struct import *import, const struct list_row *row)
{
    char *reason = NULL;
    GString *request = row_request(import, row, WAVES_MAX);
    if (request->len > POLICY_SIZE - ROW_SPARE)
        reason = g_strdup_printf("the row holds more than %zu octets; take out columns that no template needs",
                                 POLICY_SIZE - ROW_SPARE);
    for (const char *line = request->str, *end; *line != '\0' && reason == NULL; line = end + 1) {
        end = strchr(line, '\n');
        if ((size_t)(end - line) > POLICY_LINE)
            reason = g_strdup_printf("%.*s: the value is longer than %zu octets; take the column out, or shorten it",
                                     (int)(strchr(line, '=') - line - 2), line + 2, POLICY_LINE - 100);
    }
    g_string_free(request, TRUE);
    return reason;
}

/*
 * Why the milter would refuse the text; NULL where it would not. In the HTML a cell's text can't be anything but text,
 * in the plain text "<b>" stands as it is, and some programs show it as HTML.
 */
static char *text_refused(const GString *text)
{
    const struct content_options options = CONTENT_OPTIONS_DEFAULT;
    struct slice slice = {text->str, text->len};
    if (content_check_plain(slice, &options, NULL))
        return NULL;
    g_autoptr(GPtrArray) found = content_findings_new();
    content_check_plain(slice, &options, found);
    g_autofree char *finding = content_finding_text(found->pdata[0]);
    return g_strdup_printf("a cell makes the mail's text one that is refused: %s", finding);
}

/* Why the participant's invitation or reminder would not go out; NULL where it would. */
static char *mail_unrenderable(struct import *import, const struct participant *participant, gboolean reminder)
{
    GError *error = NULL;
    const struct render_options options = {.reminder = reminder, .check = TRUE};
    if (render_mail(&import->renderer, participant, &options, &error))
        return text_refused(import->renderer.text);
    char *reason = g_strdup(error->message);
    g_error_free(error);
    return reason;
}

/* Renders the row with tokens of the real ones' length: what is missing is found now and not in mail 4,711. */
static char *row_unrenderable(struct import *import, const struct list_row *row)
{
    static char token[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    static char message_id[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.invalid";
    g_autoptr(GPtrArray) attributes = g_ptr_array_new();
    for (guint i = 0; row->names[i] != NULL; i++) {
        g_ptr_array_add(attributes, (char *)row->names[i]);
        g_ptr_array_add(attributes, (char *)row->values[i]);
    }
    struct participant participant = {.number = 1,
                                      .address = (char *)row->address.text,
                                      .message_id = message_id,
                                      .unsubscribe_token = token,
                                      .survey_token = token,
                                      .attributes = attributes};
    char *reason = mail_unrenderable(import, &participant, FALSE);
    return reason != NULL || !import->campaign->reminder ? reason : mail_unrenderable(import, &participant, TRUE);
}

static char *judge_row(struct import *import, const struct list_row *row)
{
    char *reason = row_too_large(import, row);
    return reason != NULL ? reason : row_unrenderable(import, row);
}

static gboolean first_row(void *cookie, const struct list_row *row, GError **error)
{
    struct import *import = cookie;
    if (!check_names(import, row, error) || interrupted(import, error))
        return FALSE;
    if (row->verdict != LIST_GOOD) {
        char letters[4];
        list_column_letters(row->column, letters);
        reject(import, row->row, letters, row->text, row->reason);
        return TRUE;
    }
    g_autofree char *reason = judge_row(import, row);
    g_byte_array_append(import->bad, (const guint8[]){reason != NULL}, 1);
    if (reason != NULL) {
        reject(import, row->row, "", row->text, reason);
        return TRUE;
    }
    struct wave_row spread = wave_row(import->seed, row->address.text, address_domain(&row->address));
    g_array_append_val(import->waves_in, spread);
    return TRUE;
}

/* --- the second: sending ------------------------------------------------------------------------ */

/* A participant already, with other values than this row's. */
static void note_change(struct import *import, const char *columns)
{
    if (*columns == '\0' || import->changed++ >= CHANGES_SHOWN)
        return;
    g_autofree char *row = g_strdup_printf("%u", import->in_flight[import->answered % IN_FLIGHT]);
    table_add(import->changes, row, columns);
    json_array_append_new(import->changes_json,
                          json_pack("{s:i, s:s}", "row", (int)import->in_flight[import->answered % IN_FLIGHT],
                                    "columns", columns));
}

static gboolean take_answers(struct import *import, guint left, GError **error)
{
    struct attributes answer;
    while (import->asked - import->answered > left) {
        if (!policy_client_read(import->policy, &answer, error) || !policy_answer_ok(&answer, error))
            return FALSE;
        note_change(import, attributes_text(&answer, "changed"));
        import->answered++;
    }
    return TRUE;
}

static gboolean ask_about(struct import *import, guint row, GString *request, GError **error)
{
    if (!control_send(import->policy, request, error))
        return FALSE;
    import->in_flight[import->asked++ % IN_FLIGHT] = row;
    return take_answers(import, IN_FLIGHT - 1, error);
}

/* policyd keeps which rows became no participants, and why; not whom they name. */
static gboolean send_reject(struct import *import, const struct list_row *row, GError **error)
{
    char letters[4] = "";
    g_autofree char *judged = row->verdict == LIST_GOOD ? judge_row(import, row) : NULL;
    if (row->verdict != LIST_GOOD)
        list_column_letters(row->column, letters);
    const char *reason = row->verdict == LIST_GOOD ? judged : row->remark != NULL ? row->remark : row->reason;
    if (reason == NULL)
        return error_set(error, ERROR_DATA, "%s was changed while it was read; nothing was imported", import->file);
    g_autofree char *cut = g_utf8_substring(reason, 0, MIN(g_utf8_strlen(reason, -1), REASON_MAX));
    GString *request =
        control_request("import-reject", "import", import->import, "column", letters, "reason", cut, NULL);
    policy_append_number(request, "row", row->row);
    return ask_about(import, row->row, request, error);
}

static gboolean second_row(void *cookie, const struct list_row *row, GError **error)
{
    struct import *import = cookie;
    if (interrupted(import, error))
        return FALSE;
    if (row->verdict != LIST_GOOD || (import->good < import->bad->len && import->bad->data[import->good++]))
        return send_reject(import, row, error);
    if (import->sent == import->waves_in->len)
        return error_set(error, ERROR_DATA, "%s was changed while it was read; nothing was imported", import->file);
    GString *request = row_request(import, row, import->waves[import->sent++]);
    return ask_about(import, row->row, request, error);
}

static gboolean begin_import(struct import *import, GError **error)
{
    const struct campaign *campaign = import->campaign;
    g_autofree char *base = g_path_get_basename(import->file), *plan = wave_plan_text(&campaign->plan);
    GString *request = control_campaign_request("import-begin", campaign, "title", campaign->title, "dir",
                                                campaign->directory, "file", base, "file_sha256", import->sha256,
                                                "basis", import->basis, "assured_by", import->assured_by, "remark",
                                                import->remark != NULL ? import->remark : "", "waves", plan, "columns",
                                                strlen(import->columns) <= COLUMNS_MAX ? import->columns : NULL, NULL);
    struct attributes answer;
    import->policy = control_open(import->context, error);
    if (import->policy == NULL) {
        g_string_free(request, TRUE);
        return FALSE;
    }
    if (!control_ask(import->policy, request, &answer, error))
        return FALSE;
    import->import = g_strdup(attributes_text(&answer, "import"));
    return TRUE;
}

static gboolean commit_import(struct import *import, struct attributes *answer_r, GError **error)
{
    g_autofree char *again = list_sha256(import->file, error);
    if (again == NULL)
        return FALSE;
    if (strcmp(again, import->sha256) != 0 || import->sent != import->waves_in->len)
        return error_set(error, ERROR_DATA, "%s was changed while it was read; nothing was imported", import->file);
    GString *request = control_request("import-commit", "import", import->import, NULL);
    policy_append_number(request, "rows", import->sent);
    return control_ask(import->policy, request, answer_r, error);
}

/* --- both --------------------------------------------------------------------------------------- */

static gboolean read_list(struct import *import, list_row_func func, const char *label, guint64 total,
                          struct list_summary *summary, GError **error)
{
    const char *column = import->column, *sheet = import->sheet;
    if (column == NULL && *config_text(import->campaign->config, "list", "column") != '\0')
        column = config_text(import->campaign->config, "list", "column");
    if (sheet == NULL && *config_text(import->campaign->config, "list", "sheet") != '\0')
        sheet = config_text(import->campaign->config, "list", "sheet");
    struct list_check_options options = {
        .file = import->file, .column = column, .identity = import->campaign->client->identity};
    if (import->dns && import->domains == NULL &&
        (import->domains = list_dns_ask(import->resolver, import->file, sheet, &options, &import->stop, error)) == NULL)
        return FALSE;
    options.domains = import->domains;
    import->rows = 0;
    progress_begin(&import->progress, label, total);
    gboolean good =
        list_check_file(import->file, sheet, &options, func, total == 0 ? print_note : NULL, import, summary, error);
    progress_clear(&import->progress);
    return good;
}

/* Participants of earlier imports whom this list does not have. */
static void print_gone(const struct import *import, const struct attributes *answer)
{
    guint64 seen = import->sent, participants = control_number(answer, "participants");
    if (participants > seen)
        g_print("%" G_GUINT64_FORMAT " participants of earlier imports are not in this list. They stay participants: "
                "`postwelle suppress add` keeps mails from a person, --undo takes this import back.\n",
                participants - seen);
}

/* Known participants of whom this list says something else. */
static void print_changes(const struct import *import)
{
    if (import->changed == 0)
        return;
    g_print("\nOf %u participants this list says something else than the import that brought them:\n", import->changed);
    table_print(import->changes);
    if (import->changed > CHANGES_SHOWN)
        g_print("… and %u more\n", import->changed - CHANGES_SHOWN);
    g_print("They keep what that import said. To take this list's values: undo (--undo) that import and this one, and "
            "import "
            "this list again.\n\n");
}

/* Whom the waves leave out, before anybody releases anything. */
static void print_left_out(const struct import *import, const struct attributes *answer)
{
    static const char *const states[] = {"capped", "suppressed"};
    for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
        if (control_number(answer, states[i]) > 0)
            g_print("Who is %s gets no mail: postwelle status %s --state %s\n", states[i],
                    import->campaign->directory, states[i]);
}

static void print_json(const struct import *import, const struct list_summary *summary, const struct attributes *answer)
{
    static const char *const counts[] = {"new", "known", "capped", "suppressed", "participants"};
    size_t quotas[WAVES_MAX];
    json_t *waves = json_array();
    wave_plan_quotas(&import->campaign->plan, import->sent, quotas);
    for (size_t i = 0; i < import->campaign->plan.count; i++)
        json_array_append_new(waves, json_integer((json_int_t)quotas[i]));
    json_t *root =
        json_pack("{s:s, s:i, s:i, s:i, s:i}", "file_sha256", import->sha256, "rows", (int)summary->rows, "good",
                  (int)import->sent, "rejected", (int)import->rejected, "changed", (int)import->changed);
    for (size_t i = 0; i < G_N_ELEMENTS(counts); i++)
        json_object_set_new(root, counts[i], json_integer((json_int_t)control_number(answer, counts[i])));
    json_object_set_new(root, "waves", waves);
    json_object_set(root, "rejects", import->rejects_json);
    json_object_set(root, "changes", import->changes_json);
    json_print(root);
}

static void print_result(const struct import *import, const struct list_summary *summary,
                         const struct attributes *answer)
{
    size_t quotas[WAVES_MAX];
    g_print("%s: %u rows: %u good, %u rejected.\n", import->file, summary->rows, import->sent, import->rejected);
    g_print("%" G_GUINT64_FORMAT " new, %" G_GUINT64_FORMAT " known already, %" G_GUINT64_FORMAT
            " capped (invited in this period), %" G_GUINT64_FORMAT " suppressed.\n",
            control_number(answer, "new"), control_number(answer, "known"), control_number(answer, "capped"),
            control_number(answer, "suppressed"));
    print_left_out(import, answer);
    print_changes(import);
    print_gone(import, answer);
    wave_plan_quotas(&import->campaign->plan, import->sent, quotas);
    g_autoptr(GString) waves = g_string_new(NULL);
    for (size_t i = 0; i < import->campaign->plan.count; i++)
        g_string_append_printf(waves, "%s%zu", i > 0 ? ", " : "", quotas[i]);
    if (summary->warned > 0)
        g_print("%u rows are worth a look: postwelle list check %s\n", summary->warned, import->file);
    g_print("Waves of %s. Next: postwelle proof %s\n", waves->str, import->campaign->directory);
}

static void print_rejects(struct import *import)
{
    if (import->rejected == 0 || import->as_json)
        return;
    table_print(import->rejects);
    if (import->rejected > REJECTS_SHOWN)
        g_print("… and %u more: postwelle list check %s\n", import->rejected - REJECTS_SHOWN, import->file);
    g_print("\n");
}

static gboolean judge_list(struct import *import, struct list_summary *summary, GError **error)
{
    import->sha256 = list_sha256(import->file, error);
    if (import->sha256 == NULL || !read_list(import, first_row, "checking", 0, summary, error))
        return FALSE;
    print_rejects(import);
    if (import->waves_in->len == 0)
        return error_set(error, ERROR_DATA, "%s: no row is good (%u rejected); nothing was imported", import->file,
                         import->rejected);
    import->waves = g_new(guint16, import->waves_in->len);
    wave_plan_assign(&import->campaign->plan, (const struct wave_row *)(void *)import->waves_in->data,
                     import->waves_in->len, import->waves);
    return TRUE;
}

/* --- undo --------------------------------------------------------------------------------------- */

static gboolean undo_import(struct command_context *context, const char *directory, GError **error)
{
    struct attributes answer;
    g_autoptr(client_set_auto) clients = control_clients(context, error);
    g_autoptr(campaign_auto) campaign = clients != NULL ? campaign_open(directory, clients, error) : NULL;
    g_autoptr(policy_client_auto) policy = campaign != NULL ? control_open(context, error) : NULL;
    if (policy == NULL || !control_ask(policy, control_campaign_request("import-undo", campaign, NULL), &answer, error))
        return FALSE;
    g_print("%s: the import of %s is undone: %" G_GUINT64_FORMAT " participants less, %" G_GUINT64_FORMAT
            " are left.\n",
            campaign->name, attributes_text(&answer, "file"), control_number(&answer, "rows"),
            control_number(&answer, "participants"));
    return TRUE;
}

/* --- all ---------------------------------------------------------------------------------------- */

static gboolean run(struct import *import, GError **error)
{
    struct list_summary summary;
    struct attributes answer;
    if (!judge_list(import, &summary, error) || !begin_import(import, error) ||
        !read_list(import, second_row, "importing", summary.rows, &summary, error) || !take_answers(import, 0, error) ||
        !commit_import(import, &answer, error))
        return FALSE;
    (import->as_json ? print_json : print_result)(import, &summary, &answer);
    return TRUE;
}

/* No need to read a million rows when policyd is away. */
static gboolean probe_policyd(struct command_context *context, GError **error)
{
    struct policy_client *policy = control_open(context, error);
    policy_client_free(policy);
    return policy != NULL;
}

static gboolean prepare(struct import *import, struct command_context *context, const char *directory, GError **error)
{
    static const struct table_column columns[] = {{"ROW", TABLE_NUMBER},
                                                  {"COL", TABLE_TEXT},
                                                  {"ADDRESS", TABLE_TEXT},
                                                  {"REASON", TABLE_TEXT},
                                                  {NULL, TABLE_TEXT}},
                                     changes[] = {
                                         {"ROW", TABLE_NUMBER}, {"OTHER VALUES IN", TABLE_TEXT}, {NULL, TABLE_TEXT}};
    if (import->basis == NULL || import->assured_by == NULL || *import->basis == '\0' || *import->assured_by == '\0')
        return error_set(error, ERROR_USAGE,
                         "on what basis may these people be written to, and who says so? Give --basis "
                         "\"existing customers, UWG 7(3)\" --assured-by NAME; both are kept with the import");
    import->campaign = control_ready_campaign(context, directory, error);
    if (import->campaign == NULL || !probe_policyd(context, error))
        return FALSE;
    if (import->dns && (import->resolver = control_resolver(context, import->resolver_name, FALSE, error)) == NULL)
        return FALSE;
    import->context = context;
    import->seed = g_strdup_printf("%s/%s", import->campaign->client->name, import->campaign->name);
    import->rejects_json = json_array();
    import->changes_json = json_array();
    import->rejects = table_new("rejects", columns, FALSE);
    import->changes = table_new("changes", changes, FALSE);
    import->waves_in = g_array_new(FALSE, FALSE, sizeof(struct wave_row));
    import->bad = g_byte_array_new();
    renderer_init(&import->renderer, import->campaign);
    return TRUE;
}

static void release(struct import *import)
{
    domain_check_free(import->domains);
    resolver_free(import->resolver);
    char *texts[] = {import->resolver_name, import->basis,  import->assured_by, import->remark, import->sheet,
                     import->column,        import->sha256, import->seed,       import->import, import->columns};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    if (import->rejects != NULL) {
        renderer_release(&import->renderer);
        g_array_unref(import->waves_in);
        g_byte_array_unref(import->bad);
    }
    json_decref(import->rejects_json);
    json_decref(import->changes_json);
    table_free(import->rejects);
    table_free(import->changes);
    g_free(import->waves);
    policy_client_free(import->policy);
    campaign_close(import->campaign);
}

int cmd_import(struct command_context *context, int argc, char **argv)
{
    struct import import = {0};
    const GOptionEntry entries[] = {
        {"basis", 0, 0, G_OPTION_ARG_STRING, &import.basis,
         "Why these people may be written to: consent, customer-relationship, employee, ...", "TEXT"},
        {"assured-by", 0, 0, G_OPTION_ARG_STRING, &import.assured_by, "Who says so", "NAME"},
        {"remark", 0, 0, G_OPTION_ARG_STRING, &import.remark, "What else is to be kept with the import", "TEXT"},
        {"sheet", 0, 0, G_OPTION_ARG_STRING, &import.sheet, "The sheet to read (default: the first visible)", "NAME|N"},
        {"column", 0, 0, G_OPTION_ARG_STRING, &import.column, "The column with the addresses: heading or letter",
         "COLUMN"},
        {"dns", 0, 0, G_OPTION_ARG_NONE, &import.dns, "Ask DNS whether the domains take mail; reject those that do not",
         NULL},
        {"resolver", 0, 0, G_OPTION_ARG_STRING, &import.resolver_name,
         "The name server to ask (default: [dns] resolver); implies --dns", "ADDR@PORT"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &import.as_json, "Print JSON", NULL},
        {"undo", 0, 0, G_OPTION_ARG_NONE, &import.undo,
         "Take the last import back (no FILE); only while no wave was opened", NULL},
        {0},
    };
    GError *error = NULL;
    gboolean good =
        command_options(&argc, &argv, "import DIR FILE --basis TEXT --assured-by NAME | import --undo DIR",
                        "Reads a list (.xlsx, .csv) and makes its good rows participants of the campaign, all "
                        "of them or, where anything goes wrong, none. Rejected rows are shown with the reason.",
                        entries, 1, 2, &error) &&
        (argc == 2) == import.undo;
    if (error == NULL && !good)
        error_set(&error, ERROR_USAGE,
                  import.undo ? "--undo takes the campaign's folder alone: import --undo DIR"
                              : "which list? import DIR FILE --basis TEXT --assured-by NAME");
    import.dns |= import.resolver_name != NULL;
    if (good && import.undo)
        good = undo_import(context, argv[1], &error);
    else if (good && (good = prepare(&import, context, argv[1], &error))) {
        import.file = argv[2];
        stop_begin(&import.stop);
        good = run(&import, &error);
        stop_end(&import.stop);
    }
    release(&import);
    return good ? 0 : command_fail(error);
}
