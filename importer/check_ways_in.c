/* check_ways_in.c - every mail meets our policy service and, last, our milter; see check_postfix.h. */
#include "importer/check_postfix.h"

#include <string.h>

#define TOPIC "Postfix ways in"

/* One way in: a service, and the parameter that says whom its mail passes. */
struct way {
    const struct postfix_facts *facts;
    const struct check_place *place;
    const struct postfix_service *service;
    gboolean own; /* the service has an option of its own */
    char *name;   /* of the finding: "smtpd_milters", or "NAME/TYPE/smtpd_milters" */
    char *value;  /* in force, expanded */
    char *remedy;
};

/* --- values in force ---------------------------------------------------------------------------- */

/* $name, ${name} and $(name) in a service's option; main.cf's values are expanded already. */
static gboolean replace_name(const GMatchInfo *match, GString *result, gpointer data)
{
    const struct postfix_facts *facts = data;
    g_autofree char *plain = g_match_info_fetch(match, 1), *braced = g_match_info_fetch(match, 2);
    const char *name = braced != NULL && *braced != '\0' ? braced : plain;
    const char *value = postfix_facts_expanded(facts, name);
    g_string_append(result, *value != '\0' ? value : postfix_facts_value(facts, name));
    return FALSE;
}

static char *expand(const struct postfix_facts *facts, const char *text)
{
    g_autoptr(GRegex) names = g_regex_new("\\$(?:([A-Za-z0-9_]+)|[{(]([A-Za-z0-9_]+)[})])", 0, 0, NULL);
    char *value = g_regex_replace_eval(names, text, -1, 0, 0, replace_name, (gpointer)facts, NULL);
    return value != NULL ? value : g_strdup(text);
}

char *check_effective(const struct postfix_facts *facts, const struct postfix_service *service, const char *name)
{
    g_autofree char *option = service != NULL ? postfix_service_option(service, name) : NULL;
    return option != NULL ? expand(facts, option) : g_strdup(postfix_facts_expanded(facts, name));
}

gboolean check_is_chrooted(const struct postfix_facts *facts, const struct postfix_service *service)
{
    const char *field = service->fields[POSTFIX_CHROOT];
    /* "-" meant yes before compatibility level 1. */
    return strcmp(field, "y") == 0 ||
           (strcmp(field, "-") == 0 && atoi(postfix_facts_expanded(facts, "compatibility_level")) < 1);
}

static gboolean is_daemon(const struct postfix_service *service, const char *command)
{
    return strcmp(service->words[0], command) == 0;
}

const struct postfix_service *check_listener(const struct postfix_facts *facts, const struct check_place *place)
{
    return postfix_facts_service(facts, place->listener, "inet");
}

static void way_init(struct way *way, const struct postfix_facts *facts, const struct check_place *place,
                     const struct postfix_service *service, const char *parameter)
{
    g_autofree char *option = postfix_service_option(service, parameter);
    *way = (struct way){.facts = facts, .place = place, .service = service, .own = option != NULL};
    way->name =
        option != NULL ? g_strdup_printf("%s/%s/%s", service->name, service->type, parameter) : g_strdup(parameter);
    way->value = check_effective(facts, service, parameter);
    way->remedy = option != NULL && service != check_listener(facts, place)
                      ? g_strdup_printf("postconf -c %s -PX '%s' && postfix -c %s reload", place->directory, way->name,
                                        place->directory)
                      : g_strdup(place->setup);
}

static void way_release(struct way *way)
{
    g_free(way->name);
    g_free(way->value);
    g_free(way->remedy);
}

static void wrong(GPtrArray *findings, const struct way *way, enum check_promise promise, const char *remedy,
                  const char *text)
{
    const struct check_about about = {FINDING_ERROR, promise, TOPIC, way->name};
    if (!check_has(findings, way->name))
        check_add(findings, &about, *way->value != '\0' ? way->value : "(empty)", remedy, "%s", text);
}

/* --- endpoints ---------------------------------------------------------------------------------- */

/* "unix:PATH" and options of a list's item, with or without braces. */
static char **item_parts(const char *item)
{
    size_t size = strlen(item);
    g_autofree char *inside = item[0] == '{' && size >= 2 ? g_strndup(item + 1, size - 2) : g_strdup(item);
    return postfix_list(inside);
}

/* What a daemon of Postfix reaches by it: paths are relative to the queue directory, absolute ones too under chroot. */
static char *reached(const struct way *way, const char *endpoint)
{
    const char *path = g_str_has_prefix(endpoint, "unix:")    ? endpoint + strlen("unix:")
                       : g_str_has_prefix(endpoint, "local:") ? endpoint + strlen("local:")
                                                              : NULL;
    const char *queue = postfix_facts_expanded(way->facts, "queue_directory");
    if (path == NULL)
        return g_strdup(endpoint);
    if (*path == '/' && !check_is_chrooted(way->facts, way->service))
        return g_strconcat("unix:", path, NULL);
    return g_strconcat("unix:", queue, *path == '/' ? "" : "/", path, NULL);
}

static gboolean is_at(const struct way *way, char **parts, const char *endpoint)
{
    g_autofree char *there = parts[0] != NULL ? reached(way, parts[0]) : NULL;
    return g_strcmp0(there, endpoint) == 0;
}

/* An option of an item, as "default_action"; fallback where it has none. */
static const char *part_value(char **parts, const char *name, const char *fallback)
{
    size_t size = strlen(name);
    for (char **part = parts; *part != NULL; part++)
        if (g_str_has_prefix(*part, name) && (*part)[size] == '=')
            return *part + size + 1;
    return fallback;
}

/* --- milters ------------------------------------------------------------------------------------ */

static void judge_default_action(GPtrArray *findings, const struct way *way, char **parts)
{
    g_autofree char *site = check_effective(way->facts, way->service, "milter_default_action");
    const char *action = part_value(parts, "default_action", site);
    if (strcmp(action, "accept") == 0 || strcmp(action, "quarantine") == 0)
        wrong(findings, way, PROMISE_FAIL_CLOSED, way->remedy,
              "while our milter is away, mail is let through: default_action is not tempfail");
}

static void judge_milters(GPtrArray *findings, const struct way *way)
{
    g_auto(GStrv) items = postfix_list(way->value);
    guint count = g_strv_length(items), at = count;
    for (guint i = 0; i < count; i++) {
        g_auto(GStrv) parts = item_parts(items[i]);
        if (is_at(way, parts, way->place->milter)) {
            at = i;
            judge_default_action(findings, way, parts);
        }
    }
    if (at == count)
        wrong(findings, way, PROMISE_SIGNED, way->remedy,
              strstr(way->value, way->place->milter) != NULL
                  ? "our milter is named by an absolute path, which these chrooted services look for below the queue "
                    "directory"
                  : "mail that comes in here does not pass our milter: it is neither signed nor counted");
    else if (at + 1 < count)
        wrong(findings, way, PROMISE_ONE_INVITATION, way->remedy,
              "our milter is not the last one: another may refuse or change what it has counted and signed");
}

/* What switches milters off, and for whom. */
static void judge_switches(GPtrArray *findings, const struct postfix_facts *facts, const struct check_place *place,
                           const struct postfix_service *service)
{
    struct way way;
    way_init(&way, facts, place, service, "receive_override_options");
    g_auto(GStrv) options = postfix_list(way.value);
    if (g_strv_contains((const char *const *)options, "no_milters")) {
        g_autofree char *remedy =
            way.own ? g_strdup(way.remedy)
                    : g_strdup_printf("postconf -c %s -X receive_override_options && postfix -c %s reload",
                                      place->directory, place->directory);
        wrong(findings, &way, PROMISE_SIGNED, remedy, "no_milters: mail that comes in here passes our milter by");
    }
    way_release(&way);
}

/* Mail of some clients may have other milters, or none. */
static void judge_milter_maps(GPtrArray *findings, const struct postfix_facts *facts, const struct check_place *place,
                              const struct postfix_service *service)
{
    struct way way;
    way_init(&way, facts, place, service, "smtpd_milter_maps");
    if (*way.value != '\0') {
        g_autofree char *remedy = way.own
                                      ? g_strdup(way.remedy)
                                      : g_strdup_printf("postconf -c %s -X smtpd_milter_maps && postfix -c %s reload",
                                                        place->directory, place->directory);
        wrong(findings, &way, PROMISE_SIGNED, remedy,
              "this table can switch our milter off (DISABLE), or put others in its place");
    }
    way_release(&way);
}

/* --- the policy service ------------------------------------------------------------------------- */

/* TRUE where the action is never a yes: a 4xx or 5xx, DEFER, REJECT. */
static gboolean is_refusal(const char *action)
{
    if ((action[0] == '4' || action[0] == '5') && g_ascii_isdigit(action[1]))
        return TRUE;
    g_autofree char *word = g_strndup(action, strcspn(action, " \t"));
    return g_ascii_strcasecmp(word, "REJECT") == 0 || g_ascii_strcasecmp(word, "DEFER") == 0 ||
           g_ascii_strcasecmp(word, "DEFER_IF_PERMIT") == 0;
}

/* TRUE where a restriction can end the list with a yes. */
static gboolean may_permit(const char *item)
{
    return g_str_has_prefix(item, "permit") || g_str_has_suffix(item, "_access") ||
           strcmp(item, "check_policy_service") == 0;
}

static void judge_service(GPtrArray *findings, const struct way *way, char **parts)
{
    g_autofree char *site = check_effective(way->facts, way->service, "smtpd_policy_service_default_action");
    if (!is_refusal(part_value(parts, "default_action", site)))
        wrong(findings, way, PROMISE_FAIL_CLOSED, way->remedy,
              "while our policy service is away, mail is let through: its default action is no refusal");
}

static void judge_policy(GPtrArray *findings, const struct way *way)
{
    g_autofree char *wanted = g_strconcat("unix:", way->place->policy_socket, NULL);
    g_auto(GStrv) items = postfix_list(way->value);
    gboolean permitted = FALSE;
    for (char **item = items; *item != NULL; item++) {
        g_auto(GStrv) parts =
            strcmp(*item, "check_policy_service") == 0 && item[1] != NULL ? item_parts(item[1]) : NULL;
        if (parts != NULL && is_at(way, parts, wanted)) {
            judge_service(findings, way, parts);
            if (permitted)
                wrong(findings, way, PROMISE_ONE_INVITATION, way->remedy,
                      "our policy service is not asked first: what stands before it may permit, which ends the list");
            return;
        }
        permitted |= may_permit(*item);
    }
    wrong(findings, way, PROMISE_ONE_INVITATION, way->remedy,
          "our policy service is not asked at RCPT: who is capped or suppressed is refused late, or with all others of "
          "the mail");
}

/* --- all ways ----------------------------------------------------------------------------------- */

static void judge(GPtrArray *findings, const struct postfix_facts *facts, const struct check_place *place,
                  const struct postfix_service *service, const char *parameter,
                  void (*judgment)(GPtrArray *findings, const struct way *way))
{
    struct way way;
    way_init(&way, facts, place, service, parameter);
    judgment(findings, &way);
    way_release(&way);
}

static void judge_smtpd(GPtrArray *findings, const struct postfix_facts *facts, const struct check_place *place,
                        const struct postfix_service *service)
{
    judge(findings, facts, place, service, "smtpd_milters", judge_milters);
    judge(findings, facts, place, service, "smtpd_recipient_restrictions", judge_policy);
    judge_switches(findings, facts, place, service);
    judge_milter_maps(findings, facts, place, service);
}

/* What comes by sendmail(1) or QMQP has its milters from the cleanup(8) that takes it. */
static void judge_other(GPtrArray *findings, const struct postfix_facts *facts, const struct check_place *place,
                        const struct postfix_service *service)
{
    g_autofree char *name = check_effective(facts, service, "cleanup_service_name");
    const struct postfix_service *cleanup = postfix_facts_service(facts, *name != '\0' ? name : "cleanup", "unix");
    judge_switches(findings, facts, place, service);
    if (cleanup != NULL)
        judge(findings, facts, place, cleanup, "non_smtpd_milters", judge_milters);
}

void check_ways_in(GPtrArray *findings, const struct postfix_facts *facts, const struct check_place *place)
{
    guint ways = 0, before = findings->len;
    for (guint i = 0; i < facts->services->len; i++) {
        const struct postfix_service *service = facts->services->pdata[i];
        gboolean smtpd = is_daemon(service, "smtpd");
        if (smtpd)
            judge_smtpd(findings, facts, place, service);
        else if (is_daemon(service, "pickup") || is_daemon(service, "qmqpd"))
            judge_other(findings, facts, place, service);
        else
            continue;
        ways++;
    }
    if (findings->len == before)
        check_good(findings, TOPIC, "master.cf", "%u, each by our milter, as the last one", ways);
}
