/* ledger_suppress.c - who is never mailed: suppress-add, -remove, -show. Addresses are kept as keyed hashes only. */
#include "lib/error.h"
#include "policyd/ledger_rows.h"

#include <string.h>

static gboolean read_address(const struct request *request, struct hash *hash_r, GError **error)
{
    struct address address;
    if (!request_address(request, "address", &address, error))
        return FALSE;
    ledger_hash(request->ledger, &address, ADDRESS_IDENTITY_MAILBOX, hash_r);
    return TRUE;
}

gboolean suppression_scope_known(const struct ledger *ledger, const char *scope, GError **error)
{
    return strcmp(scope, "*") == 0 || client_by_name(ledger->clients, scope) != NULL ||
           error_set(error, ERROR_DATA, "attribute scope: there is no client \"%.64s\"; * is all clients", scope);
}

gboolean suppression_scope(struct ledger *ledger, const char *scope, gboolean create, guint32 *number_r, GError **error)
{
    *number_r = 0;
    return suppression_scope_known(ledger, scope, error) &&
           (strcmp(scope, "*") == 0 || ledger_client_number(ledger, scope, create, number_r, error));
}

static gboolean read_scope(const struct request *request, gboolean create, guint32 *number_r, GError **error)
{
    return suppression_scope(request->ledger, attributes_text(request->in, "scope"), create, number_r, error);
}

gboolean ledger_suppress(struct ledger *ledger, const struct hash *hash, guint32 client, const char *reason,
                         gint64 since, gboolean *new_r, GError **error)
{
    g_autofree char *masked = audit_mask(reason); /* it outlives what is deleted of a person */
    const struct suppression_record record = {.since = since, .reason = masked};
    struct key key;
    key_suppression(&key, hash, client);
    suppression_write(g_string_truncate(ledger->row, 0), &record);
    struct bytes value = {ledger->row->str, ledger->row->len};
    enum store_result result = store_insert(ledger->store, STORE_SUPPRESSION, key_bytes(&key), value, error);
    hash_filter_add(ledger->suppressed, hash);
    *new_r = result == STORE_DONE;
    return result != STORE_FAILED;
}

gboolean ledger_suppress_add(struct request *request, GError **error)
{
    struct hash hash;
    const char *reason;
    guint32 scope;
    gboolean new_suppression;
    if (!read_address(request, &hash, error) || !request_text(request, "reason", FALSE, TEXT_MAX, &reason, error) ||
        !read_scope(request, TRUE, &scope, error) ||
        !ledger_suppress(request->ledger, &hash, scope, reason, request_seconds(request), &new_suppression, error) ||
        (new_suppression && !ledger_audit_suppression(request, AUDIT_SUPPRESS, &hash, scope,
                                                      attributes_text(request->in, "scope"), reason, error)))
        return FALSE;
    answer_begin(request, "ok");
    policy_append(request->out, "new", new_suppression ? "yes" : "no");
    policy_end(request->out);
    return TRUE;
}

gboolean ledger_suppress_remove(struct request *request, GError **error)
{
    struct hash hash;
    struct key key;
    guint32 scope;
    enum store_result result = STORE_ABSENT;
    if (!read_address(request, &hash, error) || !read_scope(request, FALSE, &scope, error))
        return FALSE;
    key_suppression(&key, &hash, scope);
    /* A client without a number has no rows; the number 0 means all clients. */
    if (scope != 0 || strcmp(attributes_text(request->in, "scope"), "*") == 0)
        result = store_remove(request->ledger->store, STORE_SUPPRESSION, key_bytes(&key), error);
    if (result == STORE_FAILED ||
        (result == STORE_DONE && !ledger_audit_suppression(request, AUDIT_UNSUPPRESS, &hash, scope,
                                                           attributes_text(request->in, "scope"), NULL, error)))
        return FALSE;
    answer_begin(request, "ok");
    policy_append(request->out, "removed", result == STORE_DONE ? "yes" : "no");
    policy_end(request->out);
    return TRUE;
}

/* The scope's word: a client's name, or * for all. */
static gboolean scope_name(struct ledger *ledger, guint32 number, const char **name_r, GError **error)
{
    size_t count;
    const struct client *const *list = client_set_list(ledger->clients, &count);
    *name_r = number == 0 ? "*" : "?"; /* a client that is not configured any more */
    for (size_t i = 0; number != 0 && i < count; i++) {
        guint32 candidate;
        if (!ledger_client_number(ledger, list[i]->name, FALSE, &candidate, error))
            return FALSE;
        if (candidate == number)
            *name_r = list[i]->name;
    }
    return TRUE;
}

/* A row for each suppression of the address; about: as `explain` marks its rows, or NULL. */
static gboolean answer_suppressions(struct request *request, const struct hash *hash, const char *about, GError **error)
{
    struct key prefix;
    struct bytes key, value;
    key_prefix_suppression(&prefix, hash);
    g_autoptr(store_scan_auto) scan =
        store_scan(request->ledger->store, STORE_SUPPRESSION, (struct bytes){NULL, 0}, key_bytes(&prefix), error);
    enum store_result result = STORE_FAILED;
    while (scan != NULL && (result = store_next(scan, &key, &value, error)) == STORE_DONE) {
        struct suppression_record record;
        const char *name;
        guint32 scope;
        if (!key_read_number(key, &scope) || !suppression_read(value, &record))
            return rows_damaged(STORE_SUPPRESSION, error);
        if (!scope_name(request->ledger, scope, &name, error))
            return FALSE;
        answer_begin(request, "more");
        if (about != NULL)
            policy_append(request->out, "about", about);
        policy_append(request->out, "scope", name);
        policy_append(request->out, "reason", record.reason);
        policy_append_number(request->out, "since", (guint64)record.since);
        policy_end(request->out);
    }
    return result == STORE_ABSENT;
}

gboolean explain_suppressions(struct request *request, const struct address *address, GError **error)
{
    struct hash hash;
    ledger_hash(request->ledger, address, ADDRESS_IDENTITY_MAILBOX, &hash);
    return answer_suppressions(request, &hash, "suppression", error);
}

gboolean ledger_suppress_show(struct request *request, GError **error)
{
    struct hash hash;
    if (!read_address(request, &hash, error) || !answer_suppressions(request, &hash, NULL, error))
        return FALSE;
    answer_begin(request, "ok");
    policy_end(request->out);
    return TRUE;
}
