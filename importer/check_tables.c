/* check_tables.c - actions in look-up tables that lose, hold, copy or bend mail; see check_postfix.h. */
#include "importer/check_postfix.h"

#include <string.h>

#define TOPIC "Postfix tables"
#define OWN_CLEANUP "postwelle-cleanup" /* that a remedy makes */

/* Read by cleanup(8). */
static const char *const checks[] = {"header_checks", "mime_header_checks", "nested_header_checks", "body_checks",
                                     "milter_header_checks"};
/* Of smtpd(8): behind each check_*_access stands a table. */
static const char *const restrictions[] = {"smtpd_client_restrictions",     "smtpd_helo_restrictions",
                                           "smtpd_sender_restrictions",     "smtpd_relay_restrictions",
                                           "smtpd_recipient_restrictions",  "smtpd_data_restrictions",
                                           "smtpd_end_of_data_restrictions"};

static const struct {
    const char *word;
    enum check_promise promise;
    const char *text;
} actions[] = {
    {"DISCARD", PROMISE_NO_LOSS, "drops mails that were accepted"},
    {"HOLD", PROMISE_NO_LOSS, "puts mails on hold that were accepted"},
    {"REDIRECT", PROMISE_ONE_INVITATION, "sends mails to somebody else"},
    {"BCC", PROMISE_ONE_INVITATION, "sends a copy of mails"},
    {"FILTER", PROMISE_ONE_INVITATION, "sends mails by another transport than ours, which may try them twice"},
};

/* --- reading a table ---------------------------------------------------------------------------- */

static gboolean has_type(const char *table, const char *const *types)
{
    for (; *types != NULL; types++)
        if (g_str_has_prefix(table, *types) && table[strlen(*types)] == ':')
            return TRUE;
    return FALSE;
}

static gboolean has_patterns(const char *table)
{
    static const char *const types[] = {"regexp", "pcre", NULL};
    return has_type(table, types);
}

char *check_table_file(const char *table)
{
    static const char *const types[] = {"regexp", "pcre", "cidr", "texthash", "hash",
                                        "btree",  "lmdb", "cdb",  "dbm",      NULL};
    const char *name = strchr(table, ':');
    return has_type(table, types) && name[1] == '/' ? g_strdup(name + 1) : NULL;
}

/* Behind /pattern/flags; "" where there is none. */
static const char *behind_pattern(const char *line)
{
    line += *line == '!' ? 1 : 0;
    char delimiter = *line;
    if (delimiter == '\0' || g_ascii_isalnum(delimiter))
        return ""; /* if, endif */
    for (line++; *line != '\0' && *line != delimiter; line++)
        line += *line == '\\' && line[1] != '\0' ? 1 : 0;
    return *line != '\0' ? line + 1 + strcspn(line + 1, " \t") : "";
}

const char *check_table_action(const char *table, const char *line)
{
    if (*line == '#' || *line == '\0')
        return NULL;
    const char *value = has_patterns(table) ? behind_pattern(line) : line + strcspn(line, " \t");
    value += strspn(value, " \t");
    size_t size = strcspn(value, " \t\r");
    for (size_t i = 0; i < G_N_ELEMENTS(actions); i++)
        if (size == strlen(actions[i].word) && g_ascii_strncasecmp(value, actions[i].word, size) == 0)
            return actions[i].word;
    return NULL;
}

/* --- transports --------------------------------------------------------------------------------- */

gboolean check_table_transport(const char *table, const char *line, gboolean *all_r)
{
    static const char *const everything[] = {"/./", "/^/", "/$/", "/.*/", "/^.*$/", "/^.*/", "/.+/", "/^.+$/", "/@/"};
    gboolean patterns = has_patterns(table);
    if (*line == '#' || *line == '\0' || g_ascii_isspace(*line))
        return FALSE;
    const char *value = patterns ? behind_pattern(line) : line + strcspn(line, " \t");
    g_autofree char *key = g_strchomp(g_strndup(line, (gsize)(value - line)));
    value += strspn(value, " \t");
    /* ":host" names no transport, and ours are meant. */
    if (*value == '\0' || *value == ':' || g_str_has_prefix(value, "postwelle-") ||
        g_str_has_prefix(value, "postwelle:"))
        return FALSE;
    *all_r = strcmp(key, "*") == 0;
    for (size_t i = 0; patterns && i < G_N_ELEMENTS(everything); i++)
        *all_r |= strcmp(key, everything[i]) == 0;
    return TRUE;
}

/* --- which tables there are --------------------------------------------------------------------- */

/* Calls on each table of a service's lists. */
typedef void table_func(void *cookie, const char *parameter, const char *table);

static void each_check(const struct postfix_facts *facts, const struct postfix_service *cleanup, table_func *func,
                       void *cookie)
{
    for (size_t i = 0; i < G_N_ELEMENTS(checks); i++) {
        g_autofree char *value = check_effective(facts, cleanup, checks[i]);
        g_auto(GStrv) tables = postfix_list(value);
        for (char **table = tables; *table != NULL; table++)
            func(cookie, checks[i], *table);
    }
}

static void each_access(const struct postfix_facts *facts, const struct postfix_service *smtpd, table_func *func,
                        void *cookie)
{
    for (size_t i = 0; i < G_N_ELEMENTS(restrictions); i++) {
        g_autofree char *value = check_effective(facts, smtpd, restrictions[i]);
        g_auto(GStrv) items = postfix_list(value);
        for (char **item = items; item[0] != NULL && item[1] != NULL; item++)
            if (g_str_has_prefix(*item, "check_") && g_str_has_suffix(*item, "_access"))
                func(cookie, restrictions[i], item[1]);
    }
}

static void each_transport(const struct postfix_facts *facts, table_func *func, void *cookie)
{
    g_auto(GStrv) tables = postfix_list(postfix_facts_expanded(facts, "transport_maps"));
    for (char **table = tables; *table != NULL; table++)
        func(cookie, "transport_maps", *table);
}

static void each_table(const struct postfix_facts *facts, table_func *func, void *cookie)
{
    for (guint i = 0; i < facts->services->len; i++) {
        const struct postfix_service *service = facts->services->pdata[i];
        if (strcmp(service->words[0], "smtpd") == 0)
            each_access(facts, service, func, cookie);
        else if (strcmp(service->words[0], "cleanup") == 0)
            each_check(facts, service, func, cookie);
    }
}

static void want(void *cookie, const char *parameter, const char *table)
{
    (void)parameter;
    if (!g_ptr_array_find_with_equal_func(cookie, table, g_str_equal, NULL))
        g_ptr_array_add(cookie, g_strdup(table));
}

GPtrArray *check_tables_wanted(const struct postfix_facts *facts)
{
    GPtrArray *tables = g_ptr_array_new_with_free_func(g_free);
    each_table(facts, want, tables);
    each_transport(facts, want, tables);
    return tables;
}

/* --- judging ------------------------------------------------------------------------------------ */

struct judging {
    GPtrArray *findings;
    const struct check_place *place;
    GHashTable *texts;
    const char *cleanup; /* the service that takes our own mail */
    gboolean ours;       /* our own mail meets them */
};

/* FILE:LINE, or the table itself. */
static char *place_name(const char *table, guint line)
{
    return line > 0 ? g_strdup_printf("%s:%u", strchr(table, ':') + 1, line) : g_strdup(table);
}

/* Takes a line out of a table's file. */
static char *line_remedy(const struct judging *judging, const char *table, guint line)
{
    static const char *const compiled[] = {"hash", "btree", "lmdb", "cdb", "dbm", NULL};
    const char *file = strchr(table, ':') + 1;
    g_autofree char *compile = has_type(table, compiled) ? g_strdup_printf(" && postmap %s", table) : g_strdup("");
    return g_strdup_printf("sed -i '%ud' %s%s && postfix -c %s reload", line, file, compile, judging->place->directory);
}

/* Gives our listener a cleanup(8) without checks, and leaves them to all other mail. */
static char *cleanup_remedy(const struct judging *judging, const char *parameter)
{
    const struct check_place *place = judging->place;
    const char *directory = place->directory;
    if (g_str_has_prefix(parameter, "smtpd_"))
        return g_strdup(place->setup); /* our listener has none of its own then */
    if (strcmp(judging->cleanup, "cleanup") != 0)
        return g_strdup_printf("postconf -c %s -P '%s/unix/%s=' && postfix -c %s reload", directory, judging->cleanup,
                               parameter, directory);
    g_autoptr(GString) options = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(checks); i++)
        g_string_append_printf(options, " -o %s=", checks[i]);
    return g_strdup_printf("postconf -c %s -M '" OWN_CLEANUP "/unix=" OWN_CLEANUP " unix n - y - 0 cleanup%s' && "
                           "postconf -c %s -P '%s/inet/cleanup_service_name=" OWN_CLEANUP "' && postfix -c %s reload",
                           directory, options->str, directory, place->listener, directory);
}

static void tell(struct judging *judging, const char *parameter, const char *table, const char *word, guint line,
                 const char *text)
{
    size_t i = 0;
    while (strcmp(actions[i].word, word) != 0)
        i++;
    g_autofree char *name = place_name(table, line);
    g_autofree char *remedy = judging->ours ? cleanup_remedy(judging, parameter)
                              : line > 0    ? line_remedy(judging, table, line)
                                            : g_strdup_printf("take %s out of %s", table, parameter);
    const struct check_about about = {judging->ours ? FINDING_ERROR : FINDING_WARNING, actions[i].promise, TOPIC, name};
    if (!check_has(judging->findings, name))
        check_add(judging->findings, &about, text, remedy, "%s in %s %s%s", word, parameter, actions[i].text,
                  judging->ours ? ", and ours pass it"
                                : "; other programs' mail in our clients' names may be among them");
}

static void tell_unread(struct judging *judging, const char *parameter, const char *table, const char *wish)
{
    const struct check_about about = {FINDING_NOTE, PROMISE_NONE, TOPIC, table};
    if (!check_has(judging->findings, table))
        check_add(judging->findings, &about, NULL, NULL, "%s: what this table holds can't be read here; it must not %s",
                  parameter, wish);
}

/* "static:DISCARD", and what stands inline. */
static void judge_inline(struct judging *judging, const char *parameter, const char *table)
{
    g_auto(GStrv) words = g_strsplit_set(strchr(table, ':') + 1, " \t,={}", -1);
    for (char **word = words; *word != NULL; word++)
        for (size_t i = 0; i < G_N_ELEMENTS(actions); i++)
            if (strcmp(*word, actions[i].word) == 0)
                tell(judging, parameter, table, actions[i].word, 0, table);
}

static void judge_table(void *cookie, const char *parameter, const char *table)
{
    struct judging *judging = cookie;
    static const char *const inlines[] = {"static", "inline", NULL};
    if (has_type(table, inlines)) {
        judge_inline(judging, parameter, table);
        return;
    }
    const char *text = g_hash_table_lookup(judging->texts, table);
    if (text == NULL) {
        tell_unread(judging, parameter, table, "drop, hold or copy our mail");
        return;
    }
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++) {
        const char *word = check_table_action(table, lines[i]);
        if (word != NULL)
            tell(judging, parameter, table, word, i + 1, lines[i]);
    }
}

static void tell_all(struct judging *judging, const char *table, guint line, const char *text)
{
    g_autofree char *name = place_name(table, line);
    g_autofree char *out =
        line > 0 ? line_remedy(judging, table, line) : g_strdup_printf("take %s out of transport_maps", table);
    g_autofree char *remedy = g_strdup_printf("%s    # relayhost names a next host for all mail", out);
    const struct check_about about = {FINDING_ERROR, PROMISE_ONE_INVITATION, TOPIC, name};
    check_add(judging->findings, &about, text, remedy,
              "transport_maps: it sends all mail by another transport than ours, which may send a mail twice");
}

/* transport_maps come before what a sender's transport is. */
static void judge_transports(void *cookie, const char *parameter, const char *table)
{
    struct judging *judging = cookie;
    static const char *const inlines[] = {"static", NULL};
    const char *text = g_hash_table_lookup(judging->texts, table);
    gboolean all;
    guint some = 0;
    if (has_type(table, inlines))
        tell_all(judging, table, 0, table);
    else if (text == NULL)
        tell_unread(judging, parameter, table, "send our mail by another transport");
    g_auto(GStrv) lines = g_strsplit(text != NULL ? text : "", "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++) {
        if (!check_table_transport(table, lines[i], &all))
            continue;
        if (all)
            tell_all(judging, table, i + 1, lines[i]);
        else
            some++;
    }
    if (some > 0)
        check_add(
            judging->findings, &(struct check_about){FINDING_NOTE, PROMISE_NONE, TOPIC, table}, NULL, NULL,
            "transport_maps: mail to the %u destinations in it leaves by their transports, which may send it twice "
            "where ours would ask a person",
            some);
}

void check_tables(GPtrArray *findings, const struct postfix_facts *facts, const struct check_place *place,
                  GHashTable *texts)
{
    const struct postfix_service *listener = check_listener(facts, place);
    g_autofree char *name = check_effective(facts, listener, "cleanup_service_name");
    const struct postfix_service *cleanup = postfix_facts_service(facts, *name != '\0' ? name : "cleanup", "unix");
    struct judging judging = {.findings = findings, .place = place, .texts = texts, .ours = TRUE};
    judging.cleanup = cleanup != NULL ? cleanup->name : "cleanup";
    guint before = findings->len;
    if (listener != NULL)
        each_access(facts, listener, judge_table, &judging);
    each_check(facts, cleanup, judge_table, &judging);
    judging.ours = FALSE;
    each_table(facts, judge_table, &judging);
    each_transport(facts, judge_transports, &judging);
    if (findings->len == before)
        check_good(findings, TOPIC, "tables", "none drops, holds, copies or diverts mail");
}
