/* postfix_instance.c - one Postfix and what is wanted of it; see postfix_instance.h. */
#include "importer/postfix_instance.h"

#include "importer/control.h"
#include "importer/postfix.h"
#include "lib/error.h"

#include <string.h>

#define TABLES "postfix" /* below PKGDATADIR */
#define FEEDBACK PKGLIBEXECDIR "/postwelle-feedback" /* takes what comes back */

/* One of them writes the mail log, where it is installed. */
static const char *const syslog_daemons[] = {"/usr/sbin/rsyslogd", "/usr/sbin/syslog-ng", "/usr/sbin/syslogd",
                                             "/sbin/syslogd"};

/* --- what postconf says --- */

static struct postfix_facts *read_facts(const char *config, GError **error)
{
    static const char *const questions[] = {"-n", "-d", "-x", "-M"};
    char *answers[G_N_ELEMENTS(questions)] = {NULL};
    gboolean good = TRUE;
    for (size_t i = 0; good && i < G_N_ELEMENTS(questions); i++) {
        const char *const argv[] = {"postconf", "-c", config, questions[i], NULL};
        good = postfix_run(argv, &answers[i], error);
    }
    struct postfix_facts *facts =
        good ? postfix_facts_new(answers[0], answers[1], answers[2], answers[3], error) : NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(questions); i++)
        g_free(answers[i]);
    return facts;
}

gboolean postfix_instance_reread(struct postfix_instance *instance, GError **error)
{
    struct postfix_facts *facts = read_facts(instance->config, error);
    if (facts == NULL)
        return FALSE;
    postfix_facts_free(instance->facts);
    instance->facts = facts;
    instance->queue = postfix_facts_expanded(facts, "queue_directory");
    return TRUE;
}

char *postfix_instance_folder(const char *name, GError **error)
{
    const char *const argv[] = {"postmulti", "-i", name, "-x", "postconf", "-h", "config_directory", NULL};
    char *folder;
    if (!postfix_run(argv, &folder, error)) {
        g_prefix_error(error, "no instance of Postfix is called \"%s\" (`postmulti -l` lists them): ", name);
        return NULL;
    }
    return g_strstrip(folder);
}

/* --- what is wanted --- */

char *postfix_path_in_queue(const char *path, const char *queue)
{
    g_autofree char *plain = g_canonicalize_filename(path, "/"), *folder = g_canonicalize_filename(queue, "/");
    size_t size = strlen(folder);
    return strncmp(plain, folder, size) == 0 && plain[size] == '/' ? g_strdup(plain + size + 1) : NULL;
}

/* "PORT@HOST" as Postfix writes it: "HOST:PORT". */
static char *inet_address(const char *kind, const char *place)
{
    const char *at = strchr(place, '@');
    if (at == NULL)
        return g_strdup_printf("%s:localhost:%s", kind, place);
    const gboolean bare = strchr(at + 1, ':') != NULL && at[1] != '[';
    return g_strdup_printf(bare ? "%s:[%s]:%.*s" : "%s:%s:%.*s", kind, at + 1, (int)(at - place), place);
}

char *postfix_milter_address(const char *socket, const char *queue)
{
    const char *place = strchr(socket, ':');
    if (place == NULL)
        return NULL;
    if (g_str_has_prefix(socket, "inet"))
        return inet_address("inet", place + 1);
    g_autofree char *path = postfix_path_in_queue(place + 1, queue);
    return path != NULL ? g_strconcat("unix:", path, NULL) : NULL;
}

/* Takes the text. */
static const char *keep(struct postfix_instance *instance, char *text)
{
    const char *kept = g_string_chunk_insert(instance->strings, text);
    g_free(text);
    return kept;
}

static gboolean outside_queue(const struct postfix_instance *instance, const struct config *config, const char *option,
                              const char *remedy, GError **error)
{
    return error_set(error, ERROR_CONFIG,
                     "%s: %s: this socket is not below %s, the queue directory of the Postfix in %s, where its "
                     "chrooted services reach it; set it to %s%s, let the daemon write there, and restart it",
                     config_path(config), option, instance->queue, instance->config, instance->queue, remedy);
}

static gboolean fill_sockets(struct postfix_instance *instance, const struct config *config, GError **error)
{
    g_autofree char *milter = postfix_milter_address(config_text(config, "milter", "socket"), instance->queue);
    g_autofree char *policy = postfix_path_in_queue(config_text(config, "policyd", "policy-socket"), instance->queue);
    if (milter == NULL)
        return outside_queue(instance, config, "[milter] socket", "/postwelle-milter/milter.sock", error);
    if (policy == NULL)
        return outside_queue(instance, config, "[policyd] policy-socket", "/postwelle-policyd/policy.sock", error);
    instance->site.milter = g_string_chunk_insert(instance->strings, milter);
    instance->site.policy = g_string_chunk_insert(instance->strings, policy);
    return TRUE;
}

/* A new installation has no clients yet, which is no error here. */
static gboolean has_clients(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;)
        if (g_str_has_suffix(name, ".conf"))
            return TRUE;
    return FALSE;
}

static gboolean fill_domains(struct postfix_instance *instance, struct command_context *context, GError **error)
{
    instance->site.domains = "";
    if (!has_clients(config_text(context->config, "paths", "clients")))
        return TRUE;
    g_autoptr(client_set_auto) clients = control_clients(context, error);
    if (clients == NULL)
        return FALSE;
    GString *domains = g_string_new(NULL);
    size_t count;
    const struct client *const *list = client_set_list(clients, &count);
    for (size_t i = 0; i < count; i++)
        g_string_append_printf(domains, "%s%s", i > 0 ? ", " : "", list[i]->return_path);
    instance->site.domains = keep(instance, g_string_free(domains, FALSE));
    return TRUE;
}

static gboolean has_syslog(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(syslog_daemons); i++)
        if (g_file_test(syslog_daemons[i], G_FILE_TEST_IS_EXECUTABLE))
            return TRUE;
    return FALSE;
}

static gboolean fill_site(struct postfix_instance *instance, struct command_context *context, GError **error)
{
    const struct config *config = context->config;
    struct postfix_site *site = &instance->site;
    const char *data = g_getenv("POSTWELLE_DATADIR"), *host = config_text(config, "submission", "host");
    const gboolean is_ipv6 = strchr(host, ':') != NULL;
    site->tables = keep(instance, g_build_filename(data != NULL ? data : PKGDATADIR, TABLES, NULL));
    site->listener = keep(instance, g_strdup_printf(is_ipv6 ? "[%s]:%" G_GINT64_FORMAT : "%s:%" G_GINT64_FORMAT, host,
                                                    config_number(config, "submission", "port")));
    const gboolean journal = strcmp(config_text(config, "postfix", "log"), "journal") == 0;
    site->maillog = journal || has_syslog() ? "" : config_text(config, "postfix", "maillog");
    const gboolean is_default = strcmp(context->config_file, CONFIG_DEFAULT_FILE) == 0;
    g_autofree char *file = g_canonicalize_filename(context->config_file, NULL);
    site->default_command = keep(instance, is_default ? g_strdup(FEEDBACK) : g_strdup_printf(FEEDBACK " -c %s", file));
    return fill_sockets(instance, config, error) && fill_domains(instance, context, error);
}

/* --- all of it --- */

struct postfix_instance *postfix_instance_open(struct command_context *context, const char *folder, GError **error)
{
    const struct config *config = command_config(context, error);
    if (config == NULL)
        return NULL;
    if (folder == NULL)
        folder = config_text(config, "postfix", "config-directory");
    g_autofree char *main_cf = g_build_filename(folder, "main.cf", NULL);
    if (!g_file_test(main_cf, G_FILE_TEST_EXISTS)) {
        error_set(
            error, ERROR_NO_INPUT,
            "%s: not there; install Postfix and configure it (dpkg-reconfigure postfix), or name its configuration "
            "folder ([postfix] config-directory)",
            main_cf);
        return NULL;
    }
    g_autoptr(postfix_instance_auto) instance = g_new0(struct postfix_instance, 1);
    instance->config = g_canonicalize_filename(folder, NULL);
    instance->strings = g_string_chunk_new(1024);
    if (!postfix_instance_reread(instance, error) || !fill_site(instance, context, error))
        return NULL;
    return g_steal_pointer(&instance);
}

void postfix_instance_free(struct postfix_instance *instance)
{
    if (instance == NULL)
        return;
    g_free(instance->config);
    postfix_facts_free(instance->facts);
    if (instance->strings != NULL)
        g_string_chunk_free(instance->strings);
    g_free(instance);
}
