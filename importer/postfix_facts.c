/* postfix_facts.c - what postconf(1) says of a configuration; see postfix_facts.h. */
#include "importer/postfix_facts.h"

#include "lib/error.h"

#include <string.h>

#define BLANKS " \t\r\n"
#define SEPARATORS ", \t\r\n"

/* --- text --- */

/* The next word of *text up to one of the separators, of which those in braces are none; NULL at the end. */
static char *next_word(const char **text, const char *separators)
{
    const char *start = *text + strspn(*text, separators), *end = start;
    for (int depth = 0; *end != '\0' && (depth > 0 || strchr(separators, *end) == NULL); end++)
        depth += *end == '{' ? 1 : *end == '}' && depth > 0 ? -1 : 0;
    *text = end;
    return end > start ? g_strndup(start, (gsize)(end - start)) : NULL;
}

static char **split_words(const char *text, const char *separators)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    for (char *word; (word = next_word(&text, separators)) != NULL;)
        g_ptr_array_add(words, word);
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_steal(words, NULL);
}

char **postfix_list(const char *value)
{
    return split_words(value, SEPARATORS);
}

char *postfix_list_reference(const char *item)
{
    if (item[0] != '$')
        return NULL;
    const char *name = item + 1;
    size_t size = strlen(name);
    if (size > 2 && ((name[0] == '{' && name[size - 1] == '}') || (name[0] == '(' && name[size - 1] == ')'))) {
        name++;
        size -= 2;
    }
    for (size_t i = 0; i < size; i++)
        if (!g_ascii_isalnum(name[i]) && name[i] != '_')
            return NULL;
    return size > 0 ? g_strndup(name, size) : NULL;
}

/* "name = value" or "name =", as postconf prints it and as stands in {braces}. */
static gboolean split_setting(const char *text, char **name_r, char **value_r)
{
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text)
        return FALSE;
    *name_r = g_strstrip(g_strndup(text, (gsize)(equals - text)));
    *value_r = g_strstrip(g_strdup(equals + 1));
    return TRUE;
}

/* --- parameters --- */

static GHashTable *read_parameters(const char *output, const char *command, GError **error)
{
    g_autoptr(GHashTable) table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        char *name = NULL, *value = NULL;
        if (**line == '\0')
            continue;
        if (!split_setting(*line, &name, &value)) {
            error_set(error, ERROR_PROTOCOL, "%s: \"%.80s\" is not NAME = VALUE; is that Postfix's postconf?", command,
                      *line);
            return NULL;
        }
        g_hash_table_insert(table, name, value);
    }
    return g_steal_pointer(&table);
}

const char *postfix_facts_set(const struct postfix_facts *facts, const char *name)
{
    return g_hash_table_lookup(facts->set, name);
}

const char *postfix_facts_value(const struct postfix_facts *facts, const char *name)
{
    const char *value = postfix_facts_set(facts, name);
    if (value == NULL)
        value = g_hash_table_lookup(facts->defaults, name);
    return value != NULL ? value : "";
}

const char *postfix_facts_expanded(const struct postfix_facts *facts, const char *name)
{
    const char *value = g_hash_table_lookup(facts->expanded, name);
    return value != NULL ? value : "";
}

/* --- services --- */

struct postfix_service *postfix_service_parse(const char *line, GError **error)
{
    enum { NAME, TYPE, FIELDS, COMMAND = FIELDS + POSTFIX_FIELDS };
    g_auto(GStrv) words = split_words(line, BLANKS);
    if (g_strv_length(words) <= COMMAND) {
        error_set(error, ERROR_PROTOCOL,
                  "master.cf: \"%.80s\" has no eight columns (service, type, five fields, command)", line);
        return NULL;
    }
    struct postfix_service *service = g_new0(struct postfix_service, 1);
    service->name = g_strdup(words[NAME]);
    service->type = g_strdup(words[TYPE]);
    for (int i = 0; i < POSTFIX_FIELDS; i++)
        service->fields[i] = g_strdup(words[FIELDS + i]);
    service->words = g_strdupv(words + COMMAND);
    return service;
}

void postfix_service_free(struct postfix_service *service)
{
    if (service == NULL)
        return;
    g_free(service->name);
    g_free(service->type);
    for (int i = 0; i < POSTFIX_FIELDS; i++)
        g_free(service->fields[i]);
    g_strfreev(service->words);
    g_free(service);
}

gboolean postfix_service_read_option(char **words, guint *index, char **name_r, char **value_r)
{
    const char *word = words[*index];
    guint taken = 1;
    if (word == NULL || !g_str_has_prefix(word, "-o"))
        return FALSE;
    const char *text = word + strlen("-o");
    if (*text == '\0') {
        text = words[*index + 1];
        taken = 2;
    }
    if (text == NULL)
        return FALSE;
    size_t size = strlen(text);
    gboolean braced = size >= 2 && text[0] == '{' && text[size - 1] == '}';
    g_autofree char *setting = braced ? g_strndup(text + 1, size - 2) : g_strdup(text);
    if (!split_setting(setting, name_r, value_r))
        return FALSE;
    *index += taken;
    return TRUE;
}

char *postfix_service_option(const struct postfix_service *service, const char *wanted)
{
    char *found = NULL;
    for (guint i = 1; service->words[i] != NULL;) {
        g_autofree char *name = NULL, *value = NULL;
        if (!postfix_service_read_option(service->words, &i, &name, &value)) {
            i++;
        } else if (strcmp(name, wanted) == 0) {
            g_free(found);
            found = g_steal_pointer(&value);
        }
    }
    return found;
}

char *postfix_service_line(const struct postfix_service *service)
{
    GString *line = g_string_new(service->name);
    g_string_append_printf(line, " %s", service->type);
    for (int i = 0; i < POSTFIX_FIELDS; i++)
        g_string_append_printf(line, " %s", service->fields[i]);
    for (char **word = service->words; *word != NULL; word++)
        g_string_append_printf(line, " %s", *word);
    return g_string_free(line, FALSE);
}

static GPtrArray *read_services(const char *output, GError **error)
{
    g_autoptr(GPtrArray) services = g_ptr_array_new_with_free_func((GDestroyNotify)postfix_service_free);
    g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        if (**line == '\0')
            continue;
        struct postfix_service *service = postfix_service_parse(*line, error);
        if (service == NULL)
            return NULL;
        g_ptr_array_add(services, service);
    }
    return g_steal_pointer(&services);
}

const struct postfix_service *postfix_facts_service(const struct postfix_facts *facts, const char *name,
                                                    const char *type)
{
    for (guint i = 0; i < facts->services->len; i++) {
        const struct postfix_service *service = facts->services->pdata[i];
        if (strcmp(service->name, name) == 0 && strcmp(service->type, type) == 0)
            return service;
    }
    return NULL;
}

/* --- all of it --- */

struct postfix_facts *postfix_facts_new(const char *set, const char *defaults, const char *expanded,
                                        const char *services, GError **error)
{
    g_autoptr(postfix_facts_auto) facts = g_new0(struct postfix_facts, 1);
    facts->set = read_parameters(set, "postconf -n", error);
    facts->defaults = facts->set != NULL ? read_parameters(defaults, "postconf -d", error) : NULL;
    facts->expanded = facts->defaults != NULL ? read_parameters(expanded, "postconf -x", error) : NULL;
    facts->services = facts->expanded != NULL ? read_services(services, error) : NULL;
    return facts->services != NULL ? g_steal_pointer(&facts) : NULL;
}

void postfix_facts_free(struct postfix_facts *facts)
{
    if (facts == NULL)
        return;
    g_clear_pointer(&facts->set, g_hash_table_unref);
    g_clear_pointer(&facts->defaults, g_hash_table_unref);
    g_clear_pointer(&facts->expanded, g_hash_table_unref);
    g_clear_pointer(&facts->services, g_ptr_array_unref);
    g_free(facts);
}
