/* config.c - configuration files checked against tables; see config.h. */
#include "lib/config.h"

#include "lib/error.h"

#include <string.h>

struct value {
    char *text;
    gint64 number;
    char **list;
};

struct config {
    char *path;
    char *digest;
    const struct config_table *table;
    GHashTable *values;      /* "group\nname" -> struct value */
    GHashTable *free_values; /* name -> text, of the free group */
};

static void value_free(void *data)
{
    struct value *value = data;
    g_free(value->text);
    g_strfreev(value->list);
    g_free(value);
}

static char *value_key(const char *group, const char *name)
{
    return g_strconcat(group, "\n", name, NULL);
}

static const struct config_option *find_option(const struct config_table *table, const char *group, const char *name)
{
    for (const struct config_option *option = table->options; option->group != NULL; option++)
        if (strcmp(option->group, group) == 0 && (name == NULL || strcmp(option->name, name) == 0))
            return option;
    return NULL;
}

/* --- one value ---------------------------------------------------------------------------------- */

static gint64 unit_factor(enum config_type type, const char *unit)
{
    static const struct {
        enum config_type type;
        const char *unit;
        gint64 factor;
    } units[] = {
        {CONFIG_NUMBER, "", 1},      {CONFIG_SIZE, "", 1},         {CONFIG_SIZE, "K", 1 << 10},
        {CONFIG_SIZE, "M", 1 << 20}, {CONFIG_SIZE, "G", 1 << 30},  {CONFIG_DURATION, "", 1},
        {CONFIG_DURATION, "s", 1},   {CONFIG_DURATION, "m", 60},   {CONFIG_DURATION, "h", 3600},
        {CONFIG_DURATION, "d", 86400},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (units[i].type == type && strcmp(units[i].unit, unit) == 0)
            return units[i].factor;
    return 0;
}

static gboolean parse_number(const struct config_option *option, const char *text, gint64 *number_r, char **why_r)
{
    char *end;
    gint64 number = g_ascii_strtoll(text, &end, 10);
    g_autofree char *unit = g_strstrip(g_strdup(end));
    gint64 factor = end == text ? 0 : unit_factor(option->type, unit);
    if (factor == 0) {
        *why_r =
            g_strdup(option->type == CONFIG_NUMBER ? "is not a whole number"
                     : option->type == CONFIG_SIZE ? "is not a size; write octets, or a number with K, M or G"
                                                   : "is not a duration; write seconds, or a number with s, m, h or d");
        return FALSE;
    }
    if (number > G_MAXINT64 / factor || number * factor < option->low || number * factor > option->high) {
        *why_r = g_strdup_printf("is out of range; allowed is %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, option->low,
                                 option->high);
        return FALSE;
    }
    *number_r = number * factor;
    return TRUE;
}

static gboolean parse_switch(const char *text, gint64 *number_r, char **why_r)
{
    *number_r = strcmp(text, "yes") == 0;
    if (*number_r || strcmp(text, "no") == 0)
        return TRUE;
    *why_r = g_strdup("is neither yes nor no");
    return FALSE;
}

static gboolean parse_choice(const struct config_option *option, const char *text, gint64 *number_r, char **why_r)
{
    g_auto(GStrv) choices = g_strsplit(option->choices, "|", -1);
    for (*number_r = 0; choices[*number_r] != NULL; ++*number_r)
        if (strcmp(choices[*number_r], text) == 0)
            return TRUE;
    g_autofree char *words = g_strjoinv(", ", choices);
    *why_r = g_strdup_printf("is not one of: %s", words);
    return FALSE;
}

static char **parse_list(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);
    g_autoptr(GStrvBuilder) list = g_strv_builder_new();
    for (char **part = parts; *part != NULL; part++)
        if (*g_strstrip(*part) != '\0')
            g_strv_builder_add(list, *part);
    return g_strv_builder_end(list);
}

static char *resolve_path(const char *file, const char *path)
{
    if (*path == '\0' || g_path_is_absolute(path))
        return g_strdup(path);
    g_autofree char *folder = g_path_get_dirname(file);
    return g_build_filename(folder, path, NULL);
}

/* The value of one option as its type wants it, or NULL with the reason in *why_r. */
static struct value *parse_value(const char *file, const struct config_option *option, const char *text, char **why_r)
{
    struct value value = {0};
    gboolean good = TRUE;
    switch (option->type) {
    case CONFIG_NUMBER:
    case CONFIG_SIZE:
    case CONFIG_DURATION:
        good = parse_number(option, text, &value.number, why_r);
        break;
    case CONFIG_SWITCH:
        good = parse_switch(text, &value.number, why_r);
        break;
    case CONFIG_CHOICE:
        good = parse_choice(option, text, &value.number, why_r);
        break;
    case CONFIG_LIST:
        value.list = parse_list(text);
        break;
    case CONFIG_TEXT:
    case CONFIG_PATH:
        break;
    }
    if (!good)
        return NULL;
    value.text = option->type == CONFIG_PATH ? resolve_path(file, text) : g_strdup(text);
    return g_memdup2(&value, sizeof value);
}

/* --- the file ----------------------------------------------------------------------------------- */

static gboolean check_names(const struct config *config, GKeyFile *file, GError **error)
{
    g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
    for (char **group = groups; *group != NULL; group++) {
        if (g_strcmp0(*group, config->table->free_group) == 0)
            continue;
        if (find_option(config->table, *group, NULL) == NULL)
            return error_set(error, ERROR_CONFIG, "%s: there is no group [%s] in a %s", config->path, *group,
                             config->table->kind);
        g_auto(GStrv) names = g_key_file_get_keys(file, *group, NULL, NULL);
        for (char **name = names; *name != NULL; name++)
            if (find_option(config->table, *group, *name) == NULL)
                return error_set(error, ERROR_CONFIG, "%s: [%s] has no option \"%s\"; see %s(5)", config->path, *group,
                                 *name, config->table->kind);
    }
    return TRUE;
}

static gboolean take_option(struct config *config, GKeyFile *file, const struct config_option *option, GError **error)
{
    g_autoptr(GError) read_error = NULL;
    g_autofree char *text = g_key_file_get_string(file, option->group, option->name, &read_error);
    if (text == NULL && (g_error_matches(read_error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_KEY_NOT_FOUND) ||
                         g_error_matches(read_error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_GROUP_NOT_FOUND)))
        text = g_strdup(option->fallback);
    else if (text == NULL)
        return error_set(error, ERROR_CONFIG, "%s: [%s] %s: %s", config->path, option->group, option->name,
                         read_error->message);
    if (text == NULL)
        return error_set(error, ERROR_CONFIG, "%s: [%s] %s is missing: %s", config->path, option->group, option->name,
                         option->doc);
    g_autofree char *why = NULL;
    struct value *value = parse_value(config->path, option, g_strstrip(text), &why);
    if (value == NULL)
        return error_set(error, ERROR_CONFIG, "%s: [%s] %s: \"%s\" %s", config->path, option->group, option->name, text,
                         why);
    g_hash_table_insert(config->values, value_key(option->group, option->name), value);
    return TRUE;
}

static void take_free_group(struct config *config, GKeyFile *file)
{
    if (config->table->free_group == NULL)
        return;
    g_auto(GStrv) names = g_key_file_get_keys(file, config->table->free_group, NULL, NULL);
    for (char **name = names; name != NULL && *name != NULL; name++)
        g_hash_table_insert(config->free_values, g_strdup(*name),
                            g_key_file_get_string(file, config->table->free_group, *name, NULL));
}

static char *digest_of(GKeyFile *file)
{
    gsize size;
    g_autofree char *text = g_key_file_to_data(file, &size, NULL);
    return g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text, size);
}

struct config *config_load(const char *path, const struct config_table *table, GError **error)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) read_error = NULL;
    if (!g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &read_error)) {
        gboolean syntax = read_error->domain == G_KEY_FILE_ERROR;
        error_set(error, syntax ? ERROR_CONFIG : (enum error_code)error_exit_status(read_error), "%s: %s", path,
                  read_error->message);
        return NULL;
    }
    g_autoptr(config_auto) config = g_new0(struct config, 1);
    config->path = g_strdup(path);
    config->digest = digest_of(file);
    config->table = table;
    config->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, value_free);
    config->free_values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (!check_names(config, file, error))
        return NULL;
    for (const struct config_option *option = table->options; option->group != NULL; option++)
        if (!take_option(config, file, option, error))
            return NULL;
    take_free_group(config, file);
    return g_steal_pointer(&config);
}

void config_free(struct config *config)
{
    if (config == NULL)
        return;
    g_free(config->path);
    g_free(config->digest);
    g_hash_table_destroy(config->values);
    g_hash_table_destroy(config->free_values);
    g_free(config);
}

const char *config_path(const struct config *config)
{
    return config->path;
}

const char *config_digest(const struct config *config)
{
    return config->digest;
}

static const struct value *get_value(const struct config *config, const char *group, const char *name)
{
    g_autofree char *key = value_key(group, name);
    const struct value *value = g_hash_table_lookup(config->values, key);
    if (value == NULL)
        g_error("%s has no option [%s] %s", config->table->kind, group, name);
    return value;
}

const char *config_text(const struct config *config, const char *group, const char *name)
{
    return get_value(config, group, name)->text;
}

gint64 config_number(const struct config *config, const char *group, const char *name)
{
    return get_value(config, group, name)->number;
}

gboolean config_switch(const struct config *config, const char *group, const char *name)
{
    return get_value(config, group, name)->number != 0;
}

const char *const *config_list(const struct config *config, const char *group, const char *name)
{
    return (const char *const *)get_value(config, group, name)->list;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char **config_free_names(const struct config *config)
{
    guint count;
    g_autofree char **keys = (char **)g_hash_table_get_keys_as_array(config->free_values, &count);
    char **names = g_strdupv(keys);
    qsort(names, count, sizeof *names, compare_names);
    return names;
}

const char *config_free_value(const struct config *config, const char *name)
{
    const char *value = g_hash_table_lookup(config->free_values, name);
    return value != NULL ? value : "";
}

/* The socket of that option; where it is empty, `file` beside the control socket. */
static char *socket_path(const struct config *config, const char *option, const char *file)
{
    const char *path = config_text(config, "policyd", option);
    g_autofree char *folder = g_path_get_dirname(config_text(config, "policyd", "control-socket"));
    return *path != '\0' ? g_strdup(path) : g_build_filename(folder, file, NULL);
}

char *config_feedback_socket(const struct config *config)
{
    return socket_path(config, "feedback-socket", "feedback.sock");
}

char *config_status_socket(const struct config *config)
{
    return socket_path(config, "status-socket", "status.sock");
}

char *config_milter_status_socket(const struct config *config)
{
    const char *path = config_text(config, "milter", "status-socket"),
               *socket = config_text(config, "milter", "socket");
    if (*path != '\0')
        return g_strdup(path);
    if (!g_str_has_prefix(socket, "unix:/"))
        return NULL;
    g_autofree char *folder = g_path_get_dirname(socket + strlen("unix:"));
    return g_build_filename(folder, "status.sock", NULL);
}
