/* ledger_request.c - reading attributes and writing answers; see ledger_rows.h. */
#include "policyd/ledger_rows.h"

#include "lib/error.h"

#include <string.h>

gboolean request_text(const struct request *request, const char *name, gboolean may_be_empty, size_t most,
                      const char **text_r, GError **error)
{
    *text_r = attributes_text(request->in, name);
    if (!may_be_empty && **text_r == '\0')
        return error_set(error, ERROR_DATA, "attribute %s is missing", name);
    if (strlen(*text_r) > most)
        return error_set(error, ERROR_DATA, "attribute %s is longer than %zu octets", name, most);
    return TRUE;
}

gboolean request_number(const struct request *request, const char *name, guint64 low, guint64 high, guint64 *number_r,
                        GError **error)
{
    if (!attributes_number(request->in, name, high, number_r, error))
        return FALSE;
    return *number_r >= low || error_set(error, ERROR_DATA, "attribute %s: the least is %" G_GUINT64_FORMAT, name, low);
}

gboolean request_hash(const struct request *request, const char *name, guint8 hash_r[CONTENT_HASH_SIZE], GError **error)
{
    const char *text = attributes_text(request->in, name);
    if (strlen(text) != 2 * CONTENT_HASH_SIZE)
        return error_set(error, ERROR_DATA, "attribute %s must be %d hex digits", name, 2 * CONTENT_HASH_SIZE);
    for (size_t i = 0; i < CONTENT_HASH_SIZE; i++) {
        int high = g_ascii_xdigit_value(text[2 * i]), low = g_ascii_xdigit_value(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return error_set(error, ERROR_DATA, "attribute %s must be %d hex digits", name, 2 * CONTENT_HASH_SIZE);
        hash_r[i] = (guint8)(high * 16 + low);
    }
    return TRUE;
}

gboolean request_address(const struct request *request, const char *name, struct address *address_r, GError **error)
{
    const char *text;
    size_t where;
    if (!request_text(request, name, FALSE, POLICY_LINE, &text, error))
        return FALSE;
    enum address_fault fault = address_parse(text, strlen(text), address_r, &where);
    if (fault == ADDRESS_GOOD)
        return TRUE;
    g_autofree char *message = address_fault_message(fault, text, strlen(text), where);
    return error_set(error, ERROR_DATA, "attribute %s is no address: %s", name, message);
}

gboolean request_queue_id(const struct request *request, const char **queue_id_r, GError **error)
{
    *queue_id_r = attributes_text(request->in, "queue_id");
    return queue_id_valid(*queue_id_r) || error_set(error, ERROR_DATA,
                                                    "attribute queue_id must be 1 to %d letters and "
                                                    "digits",
                                                    QUEUE_ID_MAX);
}

gboolean request_campaign(struct request *request, struct campaign **campaign_r, GError **error)
{
    const char *client, *name;
    if (!request_text(request, "client", FALSE, CLIENT_NAME_MAX, &client, error) ||
        !request_text(request, "campaign", FALSE, CLIENT_NAME_MAX, &name, error) ||
        !campaign_find(request->ledger, client, name, campaign_r, error))
        return FALSE;
    /* One that has only an import under way is not there yet. */
    return (*campaign_r != NULL && (*campaign_r)->record.imported_at != 0) ||
           error_set(error, ERROR_DATA, "client %s has no campaign %s; import a list for it first", client, name);
}

gboolean request_client(struct request *request, const struct campaign *campaign, const struct client **client_r,
                        GError **error)
{
    *client_r = client_by_name(request->ledger->clients, campaign->record.client_name);
    return *client_r != NULL || error_set(error, ERROR_DATA,
                                          "client %s is not configured any more: its file is missing "
                                          "in the folder of clients",
                                          campaign->record.client_name);
}

void answer_begin(struct request *request, const char *status)
{
    policy_append(request->out, "status", status);
}

void answer_hash(struct request *request, const char *name, const guint8 hash[CONTENT_HASH_SIZE])
{
    char text[2 * CONTENT_HASH_SIZE + 1] = "";
    guint8 bits = 0;
    for (size_t i = 0; i < CONTENT_HASH_SIZE; i++) {
        g_snprintf(text + 2 * i, 3, "%02x", hash[i]);
        bits |= hash[i];
    }
    policy_append(request->out, name, bits != 0 ? text : "");
}

void answer_attributes(struct request *request, const struct participant_record *participant)
{
    for (size_t i = 0; i < participant->count; i++) {
        g_string_append(request->out, "a.");
        policy_append(request->out, participant->attributes[i].name, participant->attributes[i].value);
    }
}

void answer_busy(struct request *request, const char *reason, pid_t pid)
{
    answer_begin(request, "refused");
    policy_append(request->out, "reason", reason);
    policy_append_number(request->out, "pid", (guint64)pid);
    policy_end(request->out);
}
