/*
 * ledger_suppress_list.c - suppress-list-begin, -rows, -commit: a list of addresses that are never mailed again, all or
 * nothing.
 *
 * Rows are told as they come what they would be, and gathered as keyed hashes in the connection; the commit writes
 * them, and the one entry of the audit trail, in its transaction. A connection that ends before leaves nothing. What is
 * suppressed already keeps its first reason.
 */
#include "lib/error.h"
#include "policyd/ledger_rows.h"

#include <string.h>

struct suppress_list {
    char *scope; /* a client's name, or * */
    char *reason, *file, *sha256;
    GArray *rows;     /* struct hash, in the order of the list */
    GHashTable *seen; /* of struct hash: those in rows, by what they hold */
};

/* --- the list in the connection ------------------------------------------------------------------ */

static guint hash_of_hash(gconstpointer data)
{
    guint32 first;
    memcpy(&first, data, sizeof first); /* it is a keyed hash: any part is as good as all */
    return first;
}

static gboolean hash_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, HASH_SIZE) == 0;
}

void suppress_list_free(struct suppress_list *list)
{
    if (list == NULL)
        return;
    g_free(list->scope);
    g_free(list->reason);
    g_free(list->file);
    g_free(list->sha256);
    g_array_unref(list->rows);
    g_hash_table_unref(list->seen);
    g_free(list);
}

static gboolean open_list(const struct request *request, struct suppress_list **list_r, GError **error)
{
    *list_r = request->session->suppress_list;
    return *list_r != NULL || error_set(error, ERROR_DATA, "no list was begun on this connection");
}

/* --- requests ------------------------------------------------------------------------------------- */

gboolean ledger_suppress_list_begin(struct request *request, GError **error)
{
    const char *scope = attributes_text(request->in, "scope"), *reason, *file, *sha256;
    if (!suppression_scope_known(request->ledger, scope, error) ||
        !request_text(request, "reason", FALSE, TEXT_MAX, &reason, error) ||
        !request_text(request, "file", FALSE, TEXT_MAX, &file, error) ||
        !request_text(request, "file_sha256", FALSE, TEXT_MAX, &sha256, error))
        return FALSE;
    struct suppress_list *list = g_new0(struct suppress_list, 1);
    list->scope = g_strdup(scope);
    list->reason = audit_mask(reason);
    list->file = g_strdup(file);
    list->sha256 = g_strdup(sha256);
    list->rows = g_array_new(FALSE, FALSE, sizeof(struct hash));
    list->seen = g_hash_table_new_full(hash_of_hash, hash_equal, g_free, NULL);
    suppress_list_free(request->session->suppress_list);
    request->session->suppress_list = list;
    answer_begin(request, "ok");
    policy_end(request->out);
    return TRUE;
}

/*
 * Takes an address into the list. *result_r: `n` will be new, `k` is suppressed already, `d` stands in the list before.
 */
static gboolean add_address(struct request *request, struct suppress_list *list, guint32 client, const char *name,
                            char *result_r, GError **error)
{
    struct address address;
    struct hash hash;
    struct key key;
    gboolean known;
    if (!request_address(request, name, &address, error))
        return FALSE;
    ledger_hash(request->ledger, &address, ADDRESS_IDENTITY_MAILBOX, &hash);
    key_suppression(&key, &hash, client);
    /* A client without a number has no rows; the number 0 means all clients. */
    gboolean any = client != 0 || strcmp(list->scope, "*") == 0;
    if (any && !rows_has(request->ledger, STORE_SUPPRESSION, &key, &known, error))
        return FALSE;
    gboolean before = !g_hash_table_add(list->seen, g_memdup2(&hash, sizeof hash));
    *result_r = before ? 'd' : any && known ? 'k' : 'n';
    if (!before)
        g_array_append_val(list->rows, hash);
    return TRUE;
}

gboolean ledger_suppress_list_rows(struct request *request, GError **error)
{
    struct suppress_list *list;
    char results[SUPPRESS_LIST_ROWS + 1];
    guint32 client;
    guint count = 0;
    if (!open_list(request, &list, error) || !suppression_scope(request->ledger, list->scope, FALSE, &client, error))
        return FALSE;
    for (size_t i = 1; i < request->in->count; i++) {
        if (count == SUPPRESS_LIST_ROWS)
            return error_set(error, ERROR_DATA, "more than %d addresses; send so many at a time", SUPPRESS_LIST_ROWS);
        if (list->rows->len == SUPPRESS_LIST_MAX)
            return error_set(error, ERROR_DATA, "more than %d addresses in one list; split it", SUPPRESS_LIST_MAX);
        if (!add_address(request, list, client, request->in->list[i].name, &results[count++], error))
            return FALSE;
    }
    results[count] = '\0';
    answer_begin(request, "ok");
    policy_append(request->out, "results", results);
    policy_end(request->out);
    return TRUE;
}

static gboolean tell_list(struct request *request, const struct suppress_list *list, guint64 added, GError **error)
{
    g_autofree char *detail =
        g_strdup_printf("%s (SHA-256 %s): %" G_GUINT64_FORMAT " new, %" G_GUINT64_FORMAT " known; %s", list->file,
                        list->sha256, added, list->rows->len - added, list->reason);
    const struct audit_entry entry = {.action = AUDIT_SUPPRESS_LIST,
                                      .client = strcmp(list->scope, "*") != 0 ? list->scope : NULL,
                                      .detail = detail};
    return ledger_audit(request, &entry, error);
}

gboolean ledger_suppress_list_commit(struct request *request, GError **error)
{
    struct suppress_list *list;
    guint64 rows, added = 0;
    guint32 client;
    if (!open_list(request, &list, error) || !request_number(request, "rows", 1, SUPPRESS_LIST_MAX, &rows, error))
        return FALSE;
    if (rows != list->rows->len)
        return error_set(error, ERROR_DATA, "%u addresses came, %" G_GUINT64_FORMAT " were sent; begin the list again",
                         list->rows->len, rows);
    if (!suppression_scope(request->ledger, list->scope, TRUE, &client, error))
        return FALSE;
    for (guint i = 0; i < list->rows->len; i++) {
        gboolean is_new;
        if (!ledger_suppress(request->ledger, &g_array_index(list->rows, struct hash, i), client, list->reason,
                             request_seconds(request), &is_new, error))
            return FALSE;
        added += is_new ? 1 : 0;
    }
    if (!tell_list(request, list, added, error))
        return FALSE;
    answer_begin(request, "ok");
    policy_append_number(request->out, "new", added);
    policy_append_number(request->out, "known", list->rows->len - added);
    policy_end(request->out);
    suppress_list_free(g_steal_pointer(&request->session->suppress_list));
    return TRUE;
}
