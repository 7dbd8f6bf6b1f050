/* meta.c - single values of the table meta; see meta.h. */
#include "policyd/meta.h"

#include "lib/error.h"
#include "policyd/record.h"

#include <string.h>

static enum store_result get(struct store *store, const char *name, struct bytes *value_r, GError **error)
{
    struct key key;
    key_meta(&key, name);
    return store_get(store, STORE_META, key_bytes(&key), value_r, error);
}

gboolean meta_get_number(struct store *store, const char *name, guint64 *number_r, GError **error)
{
    struct bytes value;
    enum store_result result = get(store, name, &value, error);
    *number_r = 0;
    if (result != STORE_DONE)
        return result == STORE_ABSENT;
    return number_read(value, number_r) ||
           error_set(error, ERROR_DATA, "ledger: the row %s of the table meta is damaged", name);
}

gboolean meta_get_text(struct store *store, const char *name, char *text_r, size_t size, GError **error)
{
    struct bytes value = {"", 0};
    enum store_result result = get(store, name, &value, error);
    size_t length = MIN(value.size, size - 1);
    memcpy(text_r, value.data, length);
    text_r[length] = '\0';
    return result != STORE_FAILED;
}

static gboolean put(struct store *store, const char *name, struct bytes value, GError **error)
{
    struct key key;
    key_meta(&key, name);
    return store_put(store, STORE_META, key_bytes(&key), value, error) == STORE_DONE;
}

gboolean meta_put_number(struct store *store, const char *name, guint64 number, GError **error)
{
    g_autoptr(GString) value = g_string_new(NULL);
    number_write(value, number);
    return put(store, name, (struct bytes){value->str, value->len}, error);
}

gboolean meta_put_text(struct store *store, const char *name, const char *text, GError **error)
{
    return put(store, name, (struct bytes){text, strlen(text)}, error);
}
