/* cmd_proof.c - postwelle proof and approve: the client sees a real mail, and releases exactly this content. */
#include "importer/command.h"

#include "importer/campaign_check.h"
#include "importer/control.h"
#include "importer/dns_gate.h"
#include "importer/folder_place.h"
#include "importer/json_print.h"
#include "importer/probe.h"
#include "importer/render.h"
#include "importer/reply_hint.h"
#include "importer/smtp.h"
#include "lib/error.h"

#include <jansson.h>
#include <string.h>

/* --- proof -------------------------------------------------------------------------------------- */

struct options {
    char *to;
    gint64 participant, row;
    gboolean random, again, json;
};

static const char *proof_address(const struct campaign *campaign, const struct options *options,
                                 struct address *address_r, GError **error)
{
    const char *to = options->to != NULL ? options->to : campaign->client->proof_to;
    size_t where;
    if (*to == '\0') {
        error_set(error, ERROR_USAGE, "where shall the proof go? Give --to ADDRESS, or set [client] proof-to in %s",
                  campaign->client->file);
        return NULL;
    }
    enum address_fault fault = address_parse(to, strlen(to), address_r, &where);
    if (fault == ADDRESS_GOOD && !address_r->smtputf8)
        return address_r->text;
    g_autofree char *why = fault != ADDRESS_GOOD ? address_fault_message(fault, to, strlen(to), where)
                                                 : g_strdup("the part before the @ must be ASCII");
    error_set(error, ERROR_USAGE, "--to %s: %s", to, why);
    return NULL;
}

static gboolean take_number(void *cookie, const struct attributes *row, GError **error)
{
    (void)error;
    *(guint64 *)cookie = control_number(row, "participant");
    return TRUE;
}

/* The first participant after a number; *next_r is 0 where there is none. */
static gboolean next_participant(struct policy_client *policy, const struct campaign *campaign, guint64 after,
                                 guint64 *next_r, GError **error)
{
    struct attributes last;
    GString *request = control_campaign_request("campaign-participants", campaign, NULL);
    policy_append_number(request, "after", after);
    policy_append_number(request, "limit", 1);
    *next_r = 0;
    return control_rows(policy, request, take_number, next_r, &last, error);
}

/* Anyone of them: numbers begin at the first one's and have gaps where rows were rejected. */
static gboolean random_participant(struct policy_client *policy, const struct campaign *campaign, guint64 *number_r,
                                   GError **error)
{
    struct attributes shown;
    guint64 first;
    if (!control_ask(policy, control_campaign_request("campaign-show", campaign, NULL), &shown, error))
        return FALSE;
    guint64 count = MIN(control_number(&shown, "participants"), (guint64)G_MAXINT32);
    if (!next_participant(policy, campaign, 0, &first, error))
        return FALSE;
    guint64 skip = count > 1 ? (guint64)g_random_int_range(0, (gint32)count) : 0;
    if (first == 0 || !next_participant(policy, campaign, first + skip - 1, number_r, error))
        return first == 0 && error_set(error, ERROR_DATA, "%s has no participants", campaign->name);
    if (*number_r == 0)
        *number_r = first;
    return TRUE;
}

static gboolean take_import(void *cookie, const struct attributes *row, GError **error)
{
    (void)error;
    if (control_number(row, "rows") > 0)
        *(guint64 *)cookie = control_number(row, "import");
    return TRUE;
}

/* Who stands in that row of the last list that brought anybody. */
static gboolean participant_in_row(struct policy_client *policy, const struct campaign *campaign, gint64 row,
                                   guint64 *number_r, GError **error)
{
    struct attributes last;
    guint64 import = 0;
    if (row >= 1 << 20)
        return error_set(error, ERROR_USAGE, "--row %" G_GINT64_FORMAT ": lists have at most %d rows", row,
                         (1 << 20) - 1);
    if (!control_rows(policy, control_campaign_request("import-list", campaign, NULL), take_import, &import, &last,
                      error))
        return FALSE;
    *number_r = import << 20 | (guint64)row;
    return TRUE;
}

/* Whose mail; 0: the first one's. */
static gboolean choose_participant(struct policy_client *policy, const struct campaign *campaign,
                                   const struct options *options, guint64 *number_r, GError **error)
{
    *number_r = (guint64)MAX(options->participant, 0);
    if (options->random)
        return random_participant(policy, campaign, number_r, error);
    return options->row <= 0 || participant_in_row(policy, campaign, options->row, number_r, error);
}

/* again: whether or not a proof of this content went out before. */
static struct participant *begin_proof(struct command_context *context, const struct campaign *campaign, const char *to,
                                       const struct options *options, gboolean again, GError **error)
{
    struct attributes answer;
    guint64 number;
    g_autofree char *parts = campaign_parts(campaign);
    g_autoptr(policy_client_auto) policy = control_open(context, error);
    if (policy == NULL || !choose_participant(policy, campaign, options, &number, error))
        return NULL;
    GString *request = control_campaign_request("proof-begin", campaign, "hash", campaign->hash, "to", to, "parts",
                                                parts, "again", again ? "yes" : NULL, NULL);
    if (number > 0)
        policy_append_number(request, "participant", number);
    return control_ask(policy, request, &answer, error) ? participant_new(&answer, error) : NULL;
}

static gboolean send_proof(const struct config *config, const struct renderer *renderer, const char *sender,
                           const char *to, GError **error)
{
    struct smtp_reply reply;
    struct smtp *smtp =
        smtp_connect(config_text(config, "submission", "host"), (guint16)config_number(config, "submission", "port"),
                     (int)config_number(config, "submission", "timeout") * 1000, error);
    if (smtp == NULL)
        return FALSE;
    const struct smtp_mail mail = {sender, to, renderer->message->str, renderer->message->len, FALSE};
    gboolean sent = smtp_send(smtp, &mail, NULL, &reply, error);
    smtp_free(smtp);
    if (!sent || smtp_reply_good(&reply))
        return sent;
    g_autofree char *line = smtp_reply_line(&reply), *hint = reply_hint(renderer->campaign->client, &reply);
    return error_set(error, smtp_reply_temporary(&reply) ? ERROR_TEMPORARY : ERROR_WANTING,
                     "Postfix does not take the proof: \"%s\". %s; then run the command again", line, hint);
}

/* To whoever sends the proof: the client may not know what should stand there. */
static void print_notices(const struct campaign *campaign)
{
    g_autoptr(GPtrArray) notices = campaign_notices(campaign);
    for (guint i = 0; i < notices->len; i++)
        g_printerr("Look out: %s\n", (const char *)notices->pdata[i]);
}

/* Which languages this proof has not shown. */
static void print_unseen(const struct campaign *campaign, const struct participant *participant)
{
    const struct edition *shown = render_edition(campaign, participant, FALSE);
    const struct edition *reminder = render_edition(campaign, participant, TRUE);
    g_autoptr(GString) unseen = g_string_new(NULL);
    for (size_t i = 0; i < campaign->n_editions; i++)
        if (&campaign->editions[i] != shown && &campaign->editions[i] != reminder)
            g_string_append_printf(unseen, "%s%s", unseen->len > 0 ? ", " : "", campaign->editions[i].name);
    if (unseen->len > 0)
        g_print("It shows %s. For %s: postwelle proof %s --again --row N, with a row of that language.\n", shown->name,
                unseen->str, campaign->directory);
}

static void print_proof(const struct campaign *campaign, const struct participant *participant, const char *to)
{
    print_notices(campaign);
    g_print("The proof is on its way to %s: the mail of row %u of the list%s.\n"
            "Content hash: %s\n"
            "When the client agrees: postwelle approve %s --hash %s --by NAME\n",
            to, participant_row(participant->number), campaign->reminder ? ", and its reminder" : "", campaign->hash,
            campaign->directory, campaign->hash);
    print_unseen(campaign, participant);
}

static void print_proof_json(const struct campaign *campaign, const struct participant *participant, const char *to)
{
    const struct edition *shown = render_edition(campaign, participant, FALSE);
    const struct edition *reminder = campaign->reminder ? render_edition(campaign, participant, TRUE) : NULL;
    g_autoptr(GPtrArray) notices = campaign_notices(campaign);
    json_t *unseen = json_array(), *texts = json_array();
    for (size_t i = 0; i < campaign->n_editions; i++)
        if (&campaign->editions[i] != shown && &campaign->editions[i] != reminder)
            json_array_append_new(unseen, json_string(campaign->editions[i].name));
    for (guint i = 0; i < notices->len; i++)
        json_array_append_new(texts, json_string(notices->pdata[i]));
    json_print(json_pack("{s:s, s:s, s:I, s:i, s:s, s:s?, s:o, s:o}", "to", to, "hash", campaign->hash, "participant",
                         (json_int_t)participant->number, "row", (int)participant_row(participant->number), "shows",
                         shown->name, "reminder", reminder != NULL ? reminder->name : NULL, "unseen", unseen, "notices",
                         texts));
}

/* One mail of it: the invitation's, which may be there once, or the reminder's beside it. NULL where it did not go. */
static struct participant *send_one(struct command_context *context, const struct campaign *campaign,
                                    const struct options *options, const char *to, gboolean reminder, GError **error)
{
    struct participant *participant = begin_proof(context, campaign, to, options, options->again || reminder, error);
    if (participant == NULL)
        return NULL;
    const struct render_options render = {.reminder = reminder,
                                          .to = to,
                                          .prefix = config_text(campaign->config, "mail", "proof-prefix"),
                                          .date = g_get_real_time() / G_USEC_PER_SEC};
    struct renderer renderer;
    renderer_init(&renderer, campaign);
    gboolean good = render_mail(&renderer, participant, &render, error) &&
                    send_proof(command_config(context, error), &renderer, participant->reverse_path, to, error);
    renderer_release(&renderer);
    if (!good)
        g_clear_pointer(&participant, participant_free);
    return participant;
}

static gboolean send_reminder(struct command_context *context, const struct campaign *campaign, struct options *options,
                              const char *to, const struct participant *participant, GError **error)
{
    options->participant = (gint64)participant->number; /* the same one's */
    options->row = 0;
    options->random = FALSE;
    struct participant *again = send_one(context, campaign, options, to, TRUE, error);
    participant_free(again);
    if (again == NULL)
        g_prefix_error(error, "the invitation has gone, the reminder has not (--again sends both): ");
    return again != NULL;
}

static gboolean make_proof(struct command_context *context, const struct campaign *campaign, struct options *options,
                           GError **error)
{
    struct address address;
    const char *to = proof_address(campaign, options, &address, error);
    struct participant *participant = to != NULL ? send_one(context, campaign, options, to, FALSE, error) : NULL;
    gboolean good = participant != NULL &&
                    (!campaign->reminder || send_reminder(context, campaign, options, to, participant, error));
    if (good)
        (options->json ? print_proof_json : print_proof)(campaign, participant, to);
    participant_free(participant);
    return good;
}

int cmd_proof(struct command_context *context, int argc, char **argv)
{
    struct options options = {0};
    const GOptionEntry entries[] = {
        {"to", 0, 0, G_OPTION_ARG_STRING, &options.to, "Where it goes (default: the client's proof-to)", "ADDRESS"},
        {"participant", 0, 0, G_OPTION_ARG_INT64, &options.participant, "Whose mail (default: the first one's)",
         "NUMBER"},
        {"row", 0, 0, G_OPTION_ARG_INT64, &options.row, "The mail of this row of the last list", "N"},
        {"random", 0, 0, G_OPTION_ARG_NONE, &options.random, "Anybody's mail", NULL},
        {"again", 0, 0, G_OPTION_ARG_NONE, &options.again, "Even if a proof of exactly this content went out before",
         NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, "Print JSON", NULL},
        {0},
    };
    GError *error = NULL;
    g_autoptr(campaign_auto) campaign = NULL;
    gboolean good = command_options(
        &argc, &argv, "proof DIR [--to ADDRESS]",
        "Checks the campaign and sends one participant's mail, and the reminder where there is one, signed like the "
        "real ones, to the client. Each content once.",
        entries, 1, 1, &error);
    if (good)
        campaign = control_ready_campaign(context, argv[1], &error);
    good = campaign != NULL && make_proof(context, campaign, &options, &error);
    g_free(options.to);
    return good ? 0 : command_fail(error);
}

/* --- approve ------------------------------------------------------------------------------------ */

/* Says what was changed after the proof, where that was the last one. */
static gboolean refuse_changed(struct policy_client *policy, const struct campaign *campaign, const char *hash,
                               GError **error)
{
    struct attributes shown;
    g_autofree char *changes = NULL;
    if (control_ask(policy, control_campaign_request("campaign-show", campaign, NULL), &shown, NULL) &&
        strcmp(attributes_text(&shown, "proof_hash"), hash) == 0)
        changes = control_changes(campaign, &shown, "proof_parts");
    return error_set(error, ERROR_WANTING,
                     "the content of %s has another hash now, %s: it was changed after that proof%s. "
                     "Send a new one: postwelle proof %s",
                     campaign->directory, campaign->hash, changes != NULL ? changes : "", campaign->directory);
}

/* What is approved, by whom, and despite what. */
struct approval {
    char *hash, *by, *despite;
    gboolean json;
    char *errors; /* in the client's DNS; NULL: it is right */
};

static void approval_clear(struct approval *approval)
{
    g_free(approval->hash);
    g_free(approval->by);
    g_free(approval->despite);
    g_free(approval->errors);
}

/* Nothing is released for a client whose DNS is not right, unless a person says why it shall be all the same. */
static gboolean check_dns(struct command_context *context, const struct campaign *campaign, struct approval *approval,
                          GError **error)
{
    if (!dns_gate(context, campaign->client, &approval->errors, error))
        return FALSE;
    if (approval->errors == NULL)
        g_clear_pointer(&approval->despite, g_free);
    else if (approval->despite == NULL || *approval->despite == '\0')
        return dns_gate_refuse(campaign->client, approval->errors,
                               "--despite-dns REASON releases it all the same, and is kept", error);
    if (approval->errors != NULL)
        g_printerr("postwelle: released although DNS is not right:\n%s\n", approval->errors);
    return TRUE;
}

static void print_approval(const struct campaign *campaign, const struct approval *approval)
{
    if (approval->json) {
        json_print(json_pack("{s:s, s:s, s:s, s:s?, s:s?}", "title", campaign->title, "hash", campaign->hash, "by",
                             approval->by, "despite", approval->despite, "dns_errors", approval->errors));
        return;
    }
    g_autofree char *despite =
        approval->despite != NULL ? g_strdup_printf(" (despite DNS: %s)", approval->despite) : g_strdup("");
    g_print("%s: approved by %s%s. Next: postwelle wave open %s\n", campaign->title, approval->by, despite,
            campaign->directory);
}

/* What keeps postwelle.timer, which has the default configuration, from opening its waves. */
static void note_place(const struct command_context *context, const struct campaign *campaign)
{
    g_autofree char *problem = NULL, *remedy = NULL;
    if (strcmp(context->config_file, CONFIG_DEFAULT_FILE) == 0 &&
        folder_place_look(campaign->directory, &problem, &remedy) != FOLDER_PLACE_GOOD)
        g_printerr("postwelle: note: %s: %s. To do: %s\n", campaign->directory, problem, remedy);
}

static gboolean approve(struct command_context *context, const struct campaign *campaign, struct approval *approval,
                        GError **error)
{
    struct attributes answer;
    if (approval->hash == NULL || approval->by == NULL || *approval->by == '\0')
        return error_set(error, ERROR_USAGE, "who approves what? Give --hash HASH (the proof's) --by NAME");
    if (strlen(approval->hash) != strlen(campaign->hash) ||
        strspn(approval->hash, "0123456789abcdef") != strlen(approval->hash))
        return error_set(error, ERROR_USAGE, "--hash %s: give all %zu digits, as postwelle proof printed them",
                         approval->hash, strlen(campaign->hash));
    g_autoptr(policy_client_auto) policy = control_open(context, error);
    if (policy == NULL)
        return FALSE;
    if (strcmp(approval->hash, campaign->hash) != 0)
        return refuse_changed(policy, campaign, approval->hash, error);
    if (!check_dns(context, campaign, approval, error) ||
        !control_ask(policy,
                     control_campaign_request("campaign-approve", campaign, "hash", approval->hash, "by", approval->by,
                                              "despite", approval->despite, NULL),
                     &answer, error))
        return FALSE;
    print_approval(campaign, approval);
    note_place(context, campaign);
    return TRUE;
}

/* Nothing goes out that nobody could unsubscribe from. */
static gboolean check_unsubscribe(const struct campaign *campaign, GError **error)
{
    return !campaign->client->unsubscribe_probe || probe_unsubscribe(campaign->client->unsubscribe_uri, error);
}

int cmd_approve(struct command_context *context, int argc, char **argv)
{
    struct approval approval = {0};
    const GOptionEntry entries[] = {
        {"hash", 0, 0, G_OPTION_ARG_STRING, &approval.hash, "The content hash that the proof printed", "HASH"},
        {"by", 0, 0, G_OPTION_ARG_STRING, &approval.by, "Who approves", "NAME"},
        {"despite-dns", 0, 0, G_OPTION_ARG_STRING, &approval.despite,
         "Why it is released although the client's DNS is not right; kept with the name", "REASON"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &approval.json, "Print JSON", NULL},
        {0},
    };
    GError *error = NULL;
    g_autoptr(campaign_auto) campaign = NULL;
    if (command_options(
            &argc, &argv, "approve DIR --hash HASH --by NAME",
            "Releases the content that a proof showed, if the client's DNS is right (postwelle dns check). Any "
            "later change of the content voids the approval.",
            entries, 1, 1, &error))
        campaign = control_ready_campaign(context, argv[1], &error);
    gboolean good =
        campaign != NULL && check_unsubscribe(campaign, &error) && approve(context, campaign, &approval, &error);
    approval_clear(&approval);
    return good ? 0 : command_fail(error);
}
