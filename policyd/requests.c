/* requests.c - the table of requests; see requests.h and doc/PROTOCOL.md. */
#include "policyd/requests.h"

#include "lib/error.h"
#include "policyd/counters.h"
#include "policyd/sockmap.h"

#include <string.h>

#define OURS (LEVEL_RESERVE | LEVEL_CONTROL | LEVEL_FEEDBACK | LEVEL_STATUS)
#define BACK (LEVEL_CONTROL | LEVEL_FEEDBACK)
#define SEEN (LEVEL_CONTROL | LEVEL_STATUS)
#define CAMPAIGN " client campaign "

/* The most frequent ones first. Postfix's own request may hold any attribute. */
static const struct request_type types[] = {
    {"smtpd_access_policy", LEVEL_POLICY, FALSE, NULL, ledger_policy},
    {"reserve", LEVEL_RESERVE, TRUE, " queue_id sender from_domain message_id recipients recipient. deadline ",
     ledger_reserve},
    {"cancel", LEVEL_RESERVE, TRUE, " queue_id ", ledger_cancel},
    {"sending", LEVEL_SOCKMAP, TRUE, " queue_id ", ledger_sending},
    {"event", LEVEL_CONTROL, TRUE, " queue_id event time dsn reply relay stage tls position ", ledger_event},
    {"import-row", LEVEL_CONTROL, TRUE, " import row address wave a. ", ledger_import_row},
    {"begin", LEVEL_CONTROL, TRUE, CAMPAIGN "wave after limit ", ledger_begin},
    {"abandon", LEVEL_CONTROL, TRUE, CAMPAIGN "participant reminder attempt reply ", ledger_abandon},
    {"wave-open", LEVEL_CONTROL, TRUE, CAMPAIGN "wave hash despite ", ledger_wave_open},
    {"remind-begin", LEVEL_CONTROL, TRUE, CAMPAIGN "most gap wave after limit ", ledger_remind_begin},
    {"remind-open", LEVEL_CONTROL, TRUE, CAMPAIGN "most hash despite ", ledger_remind_open},
    {"remind-plan", LEVEL_CONTROL, FALSE, CAMPAIGN "most gap wave after ", ledger_remind_plan},
    {"proof-begin", LEVEL_CONTROL, TRUE, CAMPAIGN "hash to participant parts again ", ledger_proof_begin},
    {"import-begin", LEVEL_CONTROL, TRUE, CAMPAIGN "title dir file file_sha256 basis assured_by remark waves columns ",
     ledger_import_begin},
    {"import-reject", LEVEL_CONTROL, TRUE, " import row column reason ", ledger_import_reject},
    {"import-commit", LEVEL_CONTROL, TRUE, " import rows ", ledger_import_commit},
    {"import-undo", LEVEL_CONTROL, TRUE, CAMPAIGN, ledger_import_undo},
    {"import-list", LEVEL_CONTROL, FALSE, CAMPAIGN, ledger_import_list},
    {"campaign-list", SEEN, FALSE, "", ledger_campaign_list},
    {"campaign-show", LEVEL_CONTROL, FALSE, CAMPAIGN, ledger_campaign_show},
    {"campaign-status", SEEN, FALSE, CAMPAIGN, ledger_campaign_status},
    {"campaign-participants", LEVEL_CONTROL, FALSE, CAMPAIGN "state reminders answered after limit ",
     ledger_campaign_participants},
    {"campaign-rejects", LEVEL_CONTROL, FALSE, CAMPAIGN "after limit ", ledger_campaign_rejects},
    {"campaign-approve", LEVEL_CONTROL, TRUE, CAMPAIGN "hash by despite ", ledger_campaign_approve},
    {"campaign-pause", LEVEL_CONTROL, TRUE, CAMPAIGN "wave because ", ledger_campaign_pause},
    {"campaign-resume", LEVEL_CONTROL, TRUE, CAMPAIGN "wave ", ledger_campaign_resume},
    {"campaign-queue", LEVEL_CONTROL, FALSE, CAMPAIGN "wave after limit ", ledger_campaign_queue},
    {"campaign-cancel", LEVEL_CONTROL, TRUE, CAMPAIGN "wave after limit because ", ledger_campaign_cancel},
    {"campaign-outlook", LEVEL_CONTROL, FALSE, CAMPAIGN "wave due gate because reminders ", ledger_campaign_outlook},
    {"status-show", SEEN, FALSE, CAMPAIGN, ledger_status_show},
    {"status-tally", SEEN, FALSE, CAMPAIGN, ledger_status_tally},
    {"status-service", SEEN, FALSE, "", ledger_status_service},
    {"withdraw", LEVEL_CONTROL, TRUE, " queue_id wave deleted because ", ledger_withdraw},
    {"track-position", LEVEL_CONTROL, TRUE, " position read gap restart ", ledger_track_position},
    {"resolve-list", LEVEL_CONTROL, FALSE, " after limit ", ledger_resolve_list},
    {"resolve", LEVEL_CONTROL, TRUE, " queue_id listed absent began looked file postfix_since daemon_timeout ",
     ledger_resolve},
    {"decide", LEVEL_CONTROL, TRUE, CAMPAIGN "participant reminder to by because ", ledger_decide},
    {"decision-list", LEVEL_CONTROL, FALSE, CAMPAIGN, ledger_decision_list},
    {"participants-delete", LEVEL_CONTROL, TRUE, CAMPAIGN "by because after limit ", ledger_participants_delete},
    {"person-delete", LEVEL_CONTROL, TRUE, CAMPAIGN "address by because ", ledger_person_delete},
    {"explain", LEVEL_CONTROL, FALSE, " address ", ledger_explain},
    {"feedback", BACK, TRUE, " token kind status text ", ledger_feedback},
    {"unsubscribe", BACK, TRUE, " token scope act ", ledger_unsubscribe},
    {"answered", BACK, TRUE, " token ", ledger_answered},
    {"answers", LEVEL_CONTROL, FALSE, CAMPAIGN "act token. address. ", ledger_answers},
    {"answers-commit", LEVEL_CONTROL, TRUE, CAMPAIGN "act changes ", ledger_answers_commit},
    {"suppress-add", LEVEL_CONTROL, TRUE, " address scope reason ", ledger_suppress_add},
    {"suppress-remove", LEVEL_CONTROL, TRUE, " address scope ", ledger_suppress_remove},
    {"suppress-list-begin", LEVEL_CONTROL, FALSE, " scope reason file file_sha256 ", ledger_suppress_list_begin},
    {"suppress-list-rows", LEVEL_CONTROL, FALSE, " address. ", ledger_suppress_list_rows},
    {"suppress-list-commit", LEVEL_CONTROL, TRUE, " rows ", ledger_suppress_list_commit},
    {"suppress-show", LEVEL_CONTROL, FALSE, " address ", ledger_suppress_show},
    {"key-note", LEVEL_CONTROL, TRUE, " client keys key. ", ledger_key_note},
    {"audit-list", LEVEL_CONTROL, FALSE, " client campaign address since after limit ", ledger_audit_list},
    {"backup", LEVEL_CONTROL, FALSE, " folder ", ledger_backup},
    {"backup-status", LEVEL_CONTROL, FALSE, "", ledger_backup_status},
    {"backup-end", LEVEL_CONTROL, TRUE, " sequence ", ledger_backup_end},
    {"metrics", SEEN, FALSE, "", ledger_metrics},
    {"health", OURS, FALSE, "", ledger_health},
};

G_STATIC_ASSERT(G_N_ELEMENTS(types) <= COUNTERS_REQUESTS);

size_t request_type_index(const struct request_type *type)
{
    return (size_t)(type - types);
}

const char *request_type_name(size_t index)
{
    return index < G_N_ELEMENTS(types) ? types[index].name : NULL;
}

const struct request_type *request_type_find(const struct attributes *in, unsigned level, GError **error)
{
    const char *name = in->count > 0 && strcmp(in->list[0].name, "request") == 0 ? in->list[0].value : "";
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        if (strcmp(name, types[i].name) != 0)
            continue;
        if ((types[i].levels & level) != 0)
            return &types[i];
        error_set(error, ERROR_DATA, "request %s is not for this socket", name);
        return NULL;
    }
    if (*name == '\0')
        error_set(error, ERROR_DATA, "the first line must be request=KIND");
    else
        error_set(error, ERROR_DATA, "there is no request \"%.40s\"", name);
    return NULL;
}

/* Is the word in the list? A blank stands before and behind each of its words. */
static gboolean lists(const char *attributes, const char *word, size_t length)
{
    for (const char *blank = attributes, *next; *blank != '\0' && (next = strchr(blank + 1, ' ')) != NULL; blank = next)
        if ((size_t)(next - blank - 1) == length && memcmp(blank + 1, word, length) == 0)
            return TRUE;
    return FALSE;
}

/* Is the name, or its beginning up to the first dot, in the list? */
static gboolean knows(const char *attributes, const char *name)
{
    const char *dot = strchr(name, '.');
    return lists(attributes, name, dot != NULL ? (size_t)(dot - name) + 1 : strlen(name));
}

static gboolean check_attributes(const struct request_type *type, const struct attributes *in, GError **error)
{
    for (size_t i = 1; type->attributes != NULL && i < in->count; i++)
        if (!knows(type->attributes, in->list[i].name))
            return error_set(error, ERROR_DATA, "request %s has no attribute %.64s", type->name, in->list[i].name);
    return TRUE;
}

static gboolean is_answerable(const GError *error)
{
    return error->domain == POSTWELLE_ERROR && (error->code == ERROR_WANTING || error->code == ERROR_DATA);
}

enum request_result request_run(const struct request_type *type, struct request *request, GError **error)
{
    g_autoptr(GError) why = NULL;
    gsize before = request->out->len;
    if (check_attributes(type, request->in, &why) && type->handler(request, &why))
        return REQUEST_ANSWERED;
    g_string_truncate(request->out, before);
    if (!is_answerable(why)) {
        g_propagate_error(error, g_steal_pointer(&why));
        return REQUEST_FAILED;
    }
    request_answer_error(request->out, why);
    return REQUEST_ANSWERED;
}

void request_answer_error(GString *out, const GError *error)
{
    policy_append(out, "status", error->code == ERROR_WANTING ? "refused" : "error");
    policy_append(out, "reason", error->message);
    policy_end(out);
}

void request_answer_temporary(GString *out, unsigned level, const char *reason)
{
    if (level == LEVEL_POLICY) {
        g_string_append_printf(out, "action=451 4.7.1 %s\n\n", reason);
        return;
    }
    if (level == LEVEL_SOCKMAP) {
        sockmap_answer(out, SOCKMAP_NOT_NOW, reason);
        return;
    }
    policy_append(out, "status", "temporary");
    policy_append(out, "reason", reason);
    if (level == LEVEL_RESERVE)
        g_string_append_printf(out, "reply=451 4.7.1 %s\n", reason);
    policy_end(out);
}
