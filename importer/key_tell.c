/* key_tell.c - how a client's keys stand, for the audit trail; see key_tell.h. */
#include "importer/key_tell.h"

#include "importer/control.h"

gboolean key_tell(struct policy_client *policy, const struct key_store *store, GError **error)
{
    struct attributes answer;
    GString *request = control_request("key-note", "client", store->client, NULL);
    policy_append_number(request, "keys", store->entries->len);
    for (guint i = 0; i < store->entries->len; i++) {
        const struct key_entry *entry = store->entries->pdata[i];
        g_autofree char *name = g_strdup_printf("key.%u", i + 1);
        g_autoptr(GString) text = g_string_new(entry->selector);
        g_string_append_printf(text, " %s", key_type_name(entry->algorithm));
        for (int state = KEY_STATE_NEW; state < KEY_STATE_DELETED; state++)
            g_string_append_printf(text, " %" G_GINT64_FORMAT, entry->since[state]);
        policy_append(request, name, text->str);
    }
    return control_ask(policy, request, &answer, error);
}
