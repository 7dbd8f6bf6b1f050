/* postfix_settings.c - what a configuration lacks of the table in postfix_table.c; see postfix_settings.h. */
#include "importer/postfix_settings.h"

#include <string.h>

#define DEPTH_MAX 10 /* lists that refer to lists */
#define OUR_MILTER "$postwelle_milter" /* as postfix_table.c has it */

/* A look at one configuration, with what was found so far. */
struct planner {
    const struct postfix_facts *facts;
    const struct postfix_site *site;
    GHashTable *planned; /* parameter -> the value that it will have; borrowed from changes */
    GPtrArray *changes;
};

/* --- text --- */

/* The text with the site's values in it. user and command are those of the pipe, if it is one. */
static char *fill(const struct postfix_site *site, const char *text, const char *user, const char *command)
{
    const struct {
        const char *name, *value;
    } values[] = {
        {"@tables@", site->tables}, {"@listener@", site->listener}, {"@milter@", site->milter},
        {"@policy@", site->policy}, {"@domains@", site->domains},   {"@maillog@", site->maillog},
        {"@user@", user},           {"@command@", command},
    };
    GString *filled = g_string_new(text);
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
        if (values[i].value != NULL)
            g_string_replace(filled, values[i].name, values[i].value, 0);
    return g_string_free(filled, FALSE);
}

/* Are both items the same, where "$name", "${name}" and "$(name)" are? */
static gboolean same_item(const char *one, const char *other)
{
    g_autofree char *first = postfix_list_reference(one), *second = postfix_list_reference(other);
    return strcmp(one, other) == 0 || (first != NULL && g_strcmp0(first, second) == 0);
}

/* A list, written as Postfix's are. */
static char *join_items(char **items, const char *without)
{
    GString *list = g_string_new(NULL);
    for (char **item = items; *item != NULL; item++)
        if (!same_item(*item, without))
            g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "", *item);
    return g_string_free(list, FALSE);
}

char *postfix_list_without(const char *list, const char *item)
{
    g_auto(GStrv) items = postfix_list(list);
    return join_items(items, item);
}

static const struct postfix_setting *find_setting(const struct postfix_setting *settings, const char *name)
{
    for (; settings != NULL && settings->name != NULL; settings++)
        if (strcmp(settings->name, name) == 0)
            return settings;
    return NULL;
}

const struct postfix_setting *postfix_setting_find(const char *name)
{
    return find_setting(postfix_settings, name);
}

const struct postfix_setting *postfix_option_find(const char *entry, const char *option)
{
    for (const struct postfix_service_setting *service = postfix_services; service->name != NULL; service++) {
        g_autofree char *name = g_strdup_printf("%s/%s", service->name, service->type);
        if (strcmp(name, entry) == 0 || (strcmp(service->type, "inet") == 0 && g_str_has_suffix(entry, "/inet")))
            return find_setting(service->options, option);
    }
    return NULL;
}

/* --- changes --- */

static void detail_free(gpointer pointer)
{
    struct postfix_detail *detail = pointer;
    g_free(detail->setting);
    g_free(detail->now);
    g_free(detail->then);
    g_free(detail);
}

void postfix_change_free(struct postfix_change *change)
{
    if (change == NULL)
        return;
    g_free(change->name);
    g_free(change->before);
    g_free(change->after);
    g_free(change->conflict);
    g_ptr_array_unref(change->details);
    g_free(change);
}

static void add_detail(struct postfix_change *change, char *setting, const char *now, const char *then, const char *why)
{
    struct postfix_detail *detail = g_new(struct postfix_detail, 1);
    *detail = (struct postfix_detail){setting, g_strdup(now), g_strdup(then), why};
    g_ptr_array_add(change->details, detail);
}

/* A change without details; takes name, before and after. */
static struct postfix_change *change_new(gboolean service, char *name, char *before, char *after)
{
    struct postfix_change *change = g_new0(struct postfix_change, 1);
    change->service = service;
    change->name = name;
    change->before = before;
    change->after = after;
    change->details = g_ptr_array_new_with_free_func(detail_free);
    return change;
}

struct postfix_change *postfix_change_new(gboolean service, const char *name, const char *before, const char *after,
                                          const char *why)
{
    struct postfix_change *change = change_new(service, g_strdup(name), g_strdup(before), g_strdup(after));
    add_detail(change, g_strdup(service ? "the entry" : name), before, after, why);
    return change;
}

void postfix_change_redirect(struct postfix_change *change, const char *after, const char *why)
{
    struct postfix_detail *detail = change->details->pdata[0];
    g_free(change->after);
    g_free(detail->then);
    change->after = g_strdup(after);
    detail->then = g_strdup(after);
    detail->why = why;
}

void postfix_change_refuse(struct postfix_change *change, char *conflict)
{
    g_free(change->conflict);
    g_free(change->after);
    change->conflict = conflict;
    change->after = g_strdup(change->before);
}

gboolean postfix_changes_have_conflict(const GPtrArray *changes)
{
    for (guint i = 0; i < changes->len; i++)
        if (((const struct postfix_change *)changes->pdata[i])->conflict != NULL)
            return TRUE;
    return FALSE;
}

static void add_conflict(struct planner *planner, gboolean service, const char *name, const char *now, const char *then,
                         const char *why, char *conflict)
{
    struct postfix_change *change = postfix_change_new(service, name, now, then, why);
    postfix_change_refuse(change, conflict);
    g_ptr_array_add(planner->changes, change);
}

/* --- parameters --- */

static const char *planned_value(const struct planner *planner, const char *name)
{
    const char *value = g_hash_table_lookup(planner->planned, name);
    return value != NULL ? value : postfix_facts_value(planner->facts, name);
}

/* Adds the list's items to items (char *), those of lists that it refers to in their places; `ours` is never opened. */
static void open_list(const struct planner *planner, const char *list, const char *ours, int depth, GPtrArray *items)
{
    g_auto(GStrv) split = postfix_list(list);
    for (char **item = split; *item != NULL; item++) {
        g_autofree char *name = postfix_list_reference(*item);
        if (name == NULL || same_item(*item, ours) || depth == DEPTH_MAX)
            g_ptr_array_add(items, g_strdup(*item));
        else
            open_list(planner, planned_value(planner, name), ours, depth + 1, items);
    }
}

/* A milter's address, from an item of a list: "unix:a/b", or "{ unix:a/b, timeout=9s }". Free with g_free(). */
static char *milter_address(const char *item)
{
    const char *from = item + strspn(item, "{ \t\r\n");
    return g_strndup(from, strcspn(from, ", \t\r\n}"));
}

/*
 * Is this item of a list our milter, by its socket instead of by its name? In the queue directory it may stand as an
 * absolute path, too.
 */
static gboolean is_literal(const struct planner *planner, const char *ours, const char *item)
{
    static const char *const kinds[] = {"unix:", "local:"};
    const char *milter = planner->site->milter;
    if (strcmp(ours, OUR_MILTER) != 0)
        return FALSE;
    g_autofree char *address = milter_address(item);
    if (strcmp(address, milter) == 0)
        return TRUE;
    g_autofree char *below =
        g_str_has_prefix(milter, "unix:") ? g_strdup_printf("/%s", milter + strlen("unix:")) : NULL;
    for (size_t i = 0; below != NULL && i < G_N_ELEMENTS(kinds); i++)
        if (g_str_has_prefix(address, kinds[i]) && (g_str_has_suffix(address + strlen(kinds[i]), below) ||
                                                   strcmp(address + strlen(kinds[i]), below + 1) == 0))
            return TRUE;
    return FALSE;
}

/* The list without ours, be it by name or, as a person or an older version may have written it, by its socket. */
static char *others_in(const struct planner *planner, const char *list, const char *ours)
{
    g_autofree char *without = postfix_list_without(list, ours);
    g_auto(GStrv) items = postfix_list(without);
    GString *others = g_string_new(NULL);
    for (char **item = items; *item != NULL; item++)
        if (!is_literal(planner, ours, *item))
            g_string_append_printf(others, "%s%s", others->len > 0 ? ", " : "", *item);
    return g_string_free(others, FALSE);
}

/* Is the item in the list as the rule wants it, and once, by its name? */
static gboolean list_is_good(const struct planner *planner, enum postfix_rule rule, const char *list, const char *ours)
{
    g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func(g_free);
    guint times = 0;
    open_list(planner, list, ours, 0, items);
    for (guint i = 0; i < items->len; i++) {
        if (is_literal(planner, ours, items->pdata[i]))
            return FALSE;
        if (same_item(items->pdata[i], ours))
            times++;
    }
    if (items->len == 0)
        return rule == POSTFIX_MEMBER_IF_SET;
    if (times != 1)
        return rule == POSTFIX_MEMBER_IF_SET && times > 0;
    return (rule != POSTFIX_FIRST || same_item(items->pdata[0], ours)) &&
           (rule != POSTFIX_LAST || same_item(items->pdata[items->len - 1], ours));
}

/*
 * What the site has in the list. A default that means nothing here, as relay_domains' of Postfix 3, which asks for the
 * compatibility level, is left out.
 */
static const char *site_list(const struct planner *planner, const char *name)
{
    if (postfix_facts_set(planner->facts, name) == NULL && *postfix_facts_expanded(planner->facts, name) == '\0')
        return "";
    return postfix_facts_value(planner->facts, name);
}

static char *wanted_list(const struct planner *planner, const struct postfix_setting *setting, const char *ours)
{
    const char *now = site_list(planner, setting->name);
    if (list_is_good(planner, setting->rule, now, ours))
        return g_strdup(now);
    g_autofree char *others = others_in(planner, now, ours);
    /* What it refers to may hold ours already: a second one would be asked twice. */
    if (list_is_good(planner, setting->rule, others, ours))
        return g_steal_pointer(&others);
    if (*others == '\0')
        return g_strdup(ours);
    return setting->rule == POSTFIX_FIRST ? g_strdup_printf("%s, %s", ours, others)
                                          : g_strdup_printf("%s, %s", others, ours);
}

static char *wanted_value(const struct planner *planner, const struct postfix_setting *setting)
{
    g_autofree char *value = fill(planner->site, setting->value, NULL, NULL);
    switch (setting->rule) {
    case POSTFIX_EQUAL:
        return g_steal_pointer(&value);
    case POSTFIX_SUGGESTED:
        if (*value == '\0' || postfix_facts_set(planner->facts, setting->name) != NULL)
            return g_strdup(postfix_facts_value(planner->facts, setting->name));
        return g_steal_pointer(&value);
    default:
        return wanted_list(planner, setting, value);
    }
}

static void plan_parameter(struct planner *planner, const struct postfix_setting *setting)
{
    const char *set = postfix_facts_set(planner->facts, setting->name);
    g_autofree char *wanted = wanted_value(planner, setting);
    const gboolean is_list = setting->rule >= POSTFIX_FIRST;
    const char *now = is_list ? site_list(planner, setting->name) : postfix_facts_value(planner->facts, setting->name);
    /* A name of ours must be there even if it is empty: Postfix warns of names that nobody has set. */
    const gboolean is_unknown = set == NULL && g_str_has_prefix(setting->name, "postwelle_");
    if (strcmp(now, wanted) == 0 && !is_unknown)
        return;
    struct postfix_change *change = change_new(FALSE, g_strdup(setting->name), g_strdup(set), g_steal_pointer(&wanted));
    add_detail(change, g_strdup(setting->name), set != NULL || *now == '\0' ? set : now, change->after, setting->why);
    g_hash_table_insert(planner->planned, change->name, change->after);
    g_ptr_array_add(planner->changes, change);
}

/* A change that was planned turned out to be no remedy. */
static void drop_change(struct planner *planner, const char *name)
{
    g_hash_table_remove(planner->planned, name);
    for (guint i = 0; i < planner->changes->len; i++) {
        const struct postfix_change *change = planner->changes->pdata[i];
        if (!change->service && strcmp(change->name, name) == 0) {
            g_ptr_array_remove_index(planner->changes, i);
            return;
        }
    }
}

/* Is each list as it should be once all is changed? One that refers to another in its own way may not be. */
static void judge_list(struct planner *planner, const struct postfix_setting *setting)
{
    const char *planned = g_hash_table_lookup(planner->planned, setting->name);
    const char *list = planned != NULL ? planned : site_list(planner, setting->name);
    g_autofree char *ours = fill(planner->site, setting->value, NULL, NULL);
    if (setting->rule < POSTFIX_FIRST || list_is_good(planner, setting->rule, list, ours))
        return;
    drop_change(planner, setting->name);
    add_conflict(planner, FALSE, setting->name, postfix_facts_set(planner->facts, setting->name), ours, setting->why,
                 g_strdup_printf("it refers to another list that has %s in it, in another place; write out the other "
                                 "list's items here instead",
                                 ours));
}

/* --- services --- */

/* The argument "user=…" or "argv=…" of a pipe, without its name; argv goes to the word `end`. NULL: it has none. */
static char *pipe_argument(const struct postfix_service *service, const char *name, const char *end)
{
    for (char **word = service->words; *word != NULL; word++) {
        if (!g_str_has_prefix(*word, name))
            continue;
        GString *value = g_string_new(*word + strlen(name));
        if (end == NULL)
            return g_string_free(value, FALSE);
        for (word++; *word != NULL && strcmp(*word, end) != 0; word++)
            g_string_append_printf(value, " %s", *word);
        if (*word != NULL)
            return g_string_free(value, FALSE);
        g_string_free(value, TRUE);
        return NULL;
    }
    return NULL;
}

/* The entry of a pipe as it is to be: who runs which command stays as the entry has it, unless the site says it. */
static char *wanted_pipe(const struct planner *planner, const struct postfix_service_setting *setting,
                         const struct postfix_service *now)
{
    const struct postfix_site *site = planner->site;
    const char *verb = setting->name + strlen("postwelle-");
    g_autofree char *old_user = now != NULL ? pipe_argument(now, "user=", NULL) : NULL;
    g_autofree char *old_command = now != NULL ? pipe_argument(now, "argv=", verb) : NULL;
    const char *user = site->user != NULL ? site->user : old_user != NULL ? old_user : POSTFIX_USER;
    const char *command = site->command != NULL ? site->command : old_command;
    return fill(site, setting->arguments, user, command != NULL ? command : site->default_command);
}

static void append_option(GString *words, const char *name, const char *value)
{
    const gboolean plain = strpbrk(value, " \t{}") == NULL;
    g_string_append_printf(words, plain ? " -o %s=%s" : " -o {%s=%s}", name, value);
}

/* The words of the old entry that are none of the table's options: those are the site's. */
static void append_others(GString *words, const struct postfix_service *now, const struct postfix_setting *options)
{
    for (guint i = 1; now->words[i] != NULL;) {
        g_autofree char *name = NULL, *value = NULL;
        if (!postfix_service_read_option(now->words, &i, &name, &value)) {
            g_string_append_printf(words, " %s", now->words[i++]);
            continue;
        }
        if (find_setting(options, name) == NULL)
            append_option(words, name, value);
    }
}

static void compare_options(struct postfix_change *change, const struct planner *planner,
                            const struct postfix_service_setting *setting, const struct postfix_service *now)
{
    for (const struct postfix_setting *option = setting->options; option->name != NULL; option++) {
        g_autofree char *value = now != NULL ? postfix_service_option(now, option->name) : NULL;
        g_autofree char *wanted = fill(planner->site, option->value, NULL, NULL);
        if (g_strcmp0(value, wanted) != 0)
            add_detail(change, g_strdup_printf("-o %s", option->name), value, wanted, option->why);
    }
}

/* All behind the type, as it is to be. */
static char *wanted_entry(const struct planner *planner, const struct postfix_service_setting *setting,
                          const struct postfix_service *now)
{
    GString *entry = g_string_new(NULL);
    for (int i = 0; now != NULL && i < POSTFIX_FIELDS; i++)
        g_string_append_printf(entry, "%s ", now->fields[i]);
    g_string_append_printf(entry, "%s%s%s", now != NULL ? "" : setting->fields, now != NULL ? "" : " ",
                           setting->command);
    if (setting->options == NULL) {
        g_autofree char *arguments = wanted_pipe(planner, setting, now);
        g_string_append_printf(entry, " %s", arguments);
        return g_string_free(entry, FALSE);
    }
    for (const struct postfix_setting *option = setting->options; option->name != NULL; option++) {
        g_autofree char *value = fill(planner->site, option->value, NULL, NULL);
        append_option(entry, option->name, value);
    }
    if (now != NULL)
        append_others(entry, now, setting->options);
    return g_string_free(entry, FALSE);
}

/* Our entry, where it is there; of the listener, wherever it listens. */
static const struct postfix_service *our_entry(const struct planner *planner,
                                               const struct postfix_service_setting *setting)
{
    if (strcmp(setting->name, "@listener@") != 0)
        return postfix_facts_service(planner->facts, setting->name, setting->type);
    for (guint i = 0; i < planner->facts->services->len; i++) {
        const struct postfix_service *service = planner->facts->services->pdata[i];
        g_autofree char *name = postfix_service_option(service, "syslog_name");
        if (strcmp(service->type, "inet") == 0 && g_strcmp0(name, POSTFIX_LISTENER_NAME) == 0)
            return service;
    }
    return NULL;
}

/* The old entry of a listener that moves goes. */
static void plan_removal(struct planner *planner, const struct postfix_service *old, const char *why)
{
    g_autofree char *name = g_strdup_printf("%s/%s", old->name, old->type), *line = postfix_service_line(old);
    g_ptr_array_add(planner->changes, postfix_change_new(TRUE, name, line, NULL, why));
}

static void plan_service(struct planner *planner, const struct postfix_service_setting *setting)
{
    const struct postfix_service *now = our_entry(planner, setting);
    g_autofree char *name = fill(planner->site, setting->name, NULL, NULL);
    g_autofree char *entry = wanted_entry(planner, setting, now);
    g_autofree char *after = g_strdup_printf("%s %s %s", name, setting->type, entry);
    const gboolean moved = now != NULL && strcmp(now->name, name) != 0;
    if ((now == NULL || moved) && postfix_facts_service(planner->facts, name, setting->type) != NULL)
        return; /* not ours: judge_listener() tells */
    struct postfix_change *change =
        change_new(TRUE, g_strdup_printf("%s/%s", name, setting->type),
                   now != NULL && !moved ? postfix_service_line(now) : NULL, g_strdup(after));
    if (now == NULL || moved)
        add_detail(change, g_strdup("the entry"), NULL, after, setting->why);
    else if (strcmp(now->words[0], setting->command) != 0 || setting->options == NULL)
        add_detail(change, g_strdup("the entry"), change->before, after, setting->why);
    else
        compare_options(change, planner, setting, now);
    if (g_strcmp0(change->before, after) == 0 || change->details->len == 0) {
        postfix_change_free(change);
        return;
    }
    if (moved)
        plan_removal(planner, now, setting->why);
    g_ptr_array_add(planner->changes, change);
}

/* --- what only a person can put right --- */

/* Somebody else's entry that listens where ours is to: on that address, or on all. */
static void judge_listener(struct planner *planner)
{
    const char *listener = planner->site->listener, *port = strrchr(listener, ':');
    for (guint i = 0; i < planner->facts->services->len; i++) {
        const struct postfix_service *service = planner->facts->services->pdata[i];
        g_autofree char *log_name = postfix_service_option(service, "syslog_name");
        if (strcmp(service->type, "inet") != 0 || g_strcmp0(log_name, POSTFIX_LISTENER_NAME) == 0 ||
            (strcmp(service->name, listener) != 0 && (port == NULL || strcmp(service->name, port + 1) != 0)))
            continue;
        g_autofree char *name = g_strdup_printf("%s/inet", service->name);
        g_autofree char *line = postfix_service_line(service);
        add_conflict(planner, TRUE, name, line, NULL, "our own mail comes in there",
                     g_strdup_printf("something else of the site's listens on %s already; name another port in "
                                     "postwelle.conf: [submission] port",
                                     service->name));
    }
}

/* An instance that `postmulti -e create` made opens no inet listeners at all. */
static void judge_disabled(struct planner *planner)
{
    const char *disabled = postfix_facts_expanded(planner->facts, "master_service_disable");
    g_auto(GStrv) types = postfix_list(disabled);
    if (g_strv_contains((const char *const *)types, "inet"))
        add_conflict(planner, FALSE, "master_service_disable", disabled, "",
                     "our own mail comes in by an inet listener",
                     g_strdup("this instance opens no inet listeners. Disable by name those that it shall not open (as "
                              "smtp/inet), and not all: postconf -e 'master_service_disable = smtp/inet'"));
}

/* A return-path domain that Postfix takes for another kind, whose recipients are users or aliases. */
static void judge_domains(struct planner *planner)
{
    static const char *const classes[] = {"mydestination", "virtual_alias_domains", "virtual_mailbox_domains"};
    g_auto(GStrv) domains = postfix_list(planner->site->domains);
    for (size_t i = 0; i < G_N_ELEMENTS(classes); i++) {
        const char *value = postfix_facts_expanded(planner->facts, classes[i]);
        g_auto(GStrv) there = postfix_list(value);
        for (char **domain = domains; *domain != NULL; domain++)
            if (g_strv_contains((const char *const *)there, *domain))
                add_conflict(planner, FALSE, classes[i], value, NULL,
                             "the clients' return-path domains, whose MX is this machine: bounces come back there",
                             g_strdup_printf("%s is a client's return-path domain; take it out here, because Postfix "
                                             "would look for a user of that name and refuse the bounce",
                                             *domain));
    }
}

GPtrArray *postfix_changes(const struct postfix_facts *facts, const struct postfix_site *site)
{
    GPtrArray *changes = g_ptr_array_new_with_free_func((GDestroyNotify)postfix_change_free);
    g_autoptr(GHashTable) planned = g_hash_table_new(g_str_hash, g_str_equal);
    struct planner planner = {facts, site, planned, changes};
    for (const struct postfix_setting *setting = postfix_settings; setting->name != NULL; setting++)
        plan_parameter(&planner, setting);
    for (const struct postfix_service_setting *setting = postfix_services; setting->name != NULL; setting++)
        plan_service(&planner, setting);
    for (const struct postfix_setting *setting = postfix_settings; setting->name != NULL; setting++)
        judge_list(&planner, setting);
    judge_listener(&planner);
    judge_disabled(&planner);
    judge_domains(&planner);
    return changes;
}
