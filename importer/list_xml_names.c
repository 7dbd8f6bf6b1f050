/* list_xml_names.c - prefixes, namespaces and words; see list_xml_names.h. */
#include "importer/list_xml_names.h"

#include <string.h>

#define URI_XML "http://www.w3.org/XML/1998/namespace"
#define URI_XMLNS "http://www.w3.org/2000/xmlns/"

/* A prefix ("" for the default) and its namespace's URI, "" for none. */
struct binding {
    char *prefix;
    char *uri;
};

static void binding_clear(void *pointer)
{
    struct binding *binding = pointer;
    g_free(binding->prefix);
    g_free(binding->uri);
}

static void forget_words(struct list_xml_names *names)
{
    memset(names->cache, 0, sizeof names->cache);
}

static void add_binding(struct list_xml_names *names, const char *prefix, size_t length, const char *uri)
{
    struct binding binding = {.prefix = g_strndup(prefix, length), .uri = g_strdup(uri)};
    g_array_append_val(names->bindings, binding);
}

void list_xml_names_init(struct list_xml_names *names, const struct list_xml_name *table)
{
    *names = (struct list_xml_names){.table = table, .bindings = g_array_new(FALSE, FALSE, sizeof(struct binding))};
    g_array_set_clear_func(names->bindings, binding_clear);
    add_binding(names, "xml", strlen("xml"), URI_XML);
}

void list_xml_names_release(struct list_xml_names *names)
{
    g_array_unref(names->bindings);
}

/* --- prefixes -------------------------------------------------------------------------------- */

static gboolean is_text(const char *octets, size_t length, const char *text)
{
    return strlen(text) == length && memcmp(octets, text, length) == 0;
}

const char *list_xml_names_bind(struct list_xml_names *names, const char *prefix, size_t length, const char *uri)
{
    if (is_text(prefix, length, "xml") != (strcmp(uri, URI_XML) == 0) || is_text(prefix, length, "xmlns") ||
        strcmp(uri, URI_XMLNS) == 0 || (length > 0 && *uri == '\0'))
        return "a prefix bound to what it may not be";
    if (names->bindings->len >= LIST_XML_ATTRIBUTES_MAX)
        return "more namespaces than any spreadsheet program writes";
    add_binding(names, prefix, length, uri);
    forget_words(names);
    return NULL;
}

void list_xml_names_unbind(struct list_xml_names *names, guint bound)
{
    g_array_set_size(names->bindings, bound);
    forget_words(names);
}

static const char *find_uri(const struct list_xml_names *names, const char *prefix, size_t length)
{
    for (guint i = names->bindings->len; i-- > 0;) {
        const struct binding *binding = &g_array_index(names->bindings, struct binding, i);
        if (is_text(prefix, length, binding->prefix))
            return binding->uri;
    }
    return length == 0 ? "" : NULL;
}

/* --- words ----------------------------------------------------------------------------------- */

static int find_word(const struct list_xml_names *names, const char *uri, const char *local, size_t length)
{
    int other = 0;
    for (const struct list_xml_name *name = names->table; name->word != 0; name++) {
        gboolean fits = name->spaces == NULL ? *uri == '\0' : g_strv_contains(name->spaces, uri);
        if (fits && name->local == NULL)
            other = name->word;
        else if (fits && is_text(local, length, name->local))
            return name->word;
    }
    return other;
}

static gboolean find_meaning(const struct list_xml_names *names, const char *name, size_t length,
                             enum list_xml_kind kind, struct list_xml_meaning *meaning_r)
{
    const char *colon = memchr(name, ':', length);
    guint local = colon != NULL ? (guint)(colon + 1 - name) : 0;
    gboolean has_none = colon == NULL && kind == LIST_XML_ATTRIBUTE;
    const char *uri = has_none ? "" : find_uri(names, name, local > 0 ? local - 1 : 0);
    if (uri == NULL)
        return FALSE;
    *meaning_r = (struct list_xml_meaning){find_word(names, uri, name + local, length - local), local, uri};
    return TRUE;
}

const struct list_xml_meaning *list_xml_names_find(struct list_xml_names *names, const char *name, size_t length,
                                                   enum list_xml_kind kind)
{
    guint slot = ((guint8)name[0] + (guint8)name[length - 1] * 3u + (guint)length * 7u) % LIST_XML_NAMES_CACHE;
    struct list_xml_cached *cached = &names->cache[kind][slot];
    if (cached->length == length && cached->name[0] == name[0] &&
        (length == 1 || memcmp(cached->name, name, length) == 0))
        return &cached->meaning;
    cached->length = 0;
    if (!find_meaning(names, name, length, kind, &cached->meaning))
        return NULL;
    if (length <= sizeof cached->name) {
        cached->length = length;
        memcpy(cached->name, name, length);
    }
    return &cached->meaning;
}
