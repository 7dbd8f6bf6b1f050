/* settings.c - what policyd takes from postwelle.conf; see settings.h. */
#include "policyd/settings.h"

#include "lib/config.h"
#include "lib/error.h"

#include <grp.h>
#include <pwd.h>

static gboolean find_group(const struct config *config, const char *name, gid_t *gid_r, GError **error)
{
    const char *group = config_text(config, "policyd", name);
    const struct group *entry = getgrnam(group);
    if (entry == NULL)
        return error_set(error, ERROR_CONFIG, "%s: [policyd] %s: there is no group \"%s\" on this system",
                         config_path(config), name, group);
    *gid_r = entry->gr_gid;
    return TRUE;
}

/* The same where the option may be empty: then it is the administrators'. */
static gboolean find_other_group(const struct config *config, const struct settings *settings, const char *name,
                                 gid_t *gid_r, GError **error)
{
    *gid_r = settings->admin_group;
    return *config_text(config, "policyd", name) == '\0' || find_group(config, name, gid_r, error);
}

static gboolean find_user(const struct config *config, const char *name, uid_t *uid_r, GError **error)
{
    const char *user = config_text(config, "policyd", name);
    const struct passwd *entry = getpwnam(user);
    if (entry == NULL)
        return error_set(error, ERROR_CONFIG, "%s: [policyd] %s: there is no user \"%s\" on this system",
                         config_path(config), name, user);
    *uid_r = entry->pw_uid;
    return TRUE;
}

static void take_paths(const struct config *config, struct settings *settings)
{
    settings->state = g_strdup(config_text(config, "paths", "state"));
    settings->ledger = g_build_filename(settings->state, "ledger", NULL);
    settings->secret = g_build_filename(settings->state, "secret", NULL);
    settings->lock = g_build_filename(settings->state, "lock", NULL);
    settings->digest = g_strdup(config_digest(config));
    settings->witness = g_strdup(config_text(config, "paths", "witness"));
    settings->clients = g_strdup(config_text(config, "paths", "clients"));
    settings->policy_socket = g_strdup(config_text(config, "policyd", "policy-socket"));
    settings->reserve_socket = g_strdup(config_text(config, "policyd", "reserve-socket"));
    settings->control_socket = g_strdup(config_text(config, "policyd", "control-socket"));
    settings->feedback_socket = config_feedback_socket(config);
    settings->status_socket = config_status_socket(config);
}

static void take_limits(const struct config *config, struct settings *settings)
{
    settings->cache_size = (guint64)config_number(config, "policyd", "cache-size");
    settings->checkpoint_size = (guint64)config_number(config, "policyd", "checkpoint-size");
    settings->keep_free = (guint64)config_number(config, "policyd", "keep-free");
    settings->idle_timeout = (guint)config_number(config, "policyd", "idle-timeout");
    settings->retry_delay = (guint)config_number(config, "policyd", "retry-delay");
    settings->max_pending = (guint)config_number(config, "policyd", "max-pending");
}

struct settings *settings_load(const char *path, GError **error)
{
    g_autoptr(config_auto) config = config_load(path, &config_postwelle, error);
    if (config == NULL)
        return NULL;
    g_autoptr(settings_auto) settings = g_new0(struct settings, 1);
    take_paths(config, settings);
    take_limits(config, settings);
    if (!find_group(config, "postfix-group", &settings->postfix_group, error) ||
        !find_group(config, "admin-group", &settings->admin_group, error) ||
        !find_other_group(config, settings, "feedback-group", &settings->feedback_group, error) ||
        !find_other_group(config, settings, "status-group", &settings->status_group, error) ||
        !find_user(config, "milter-user", &settings->milter_user, error))
        return NULL;
    return g_steal_pointer(&settings);
}

void settings_free(struct settings *settings)
{
    if (settings == NULL)
        return;
    g_free(settings->state);
    g_free(settings->ledger);
    g_free(settings->secret);
    g_free(settings->lock);
    g_free(settings->witness);
    g_free(settings->digest);
    g_free(settings->clients);
    g_free(settings->policy_socket);
    g_free(settings->reserve_socket);
    g_free(settings->control_socket);
    g_free(settings->feedback_socket);
    g_free(settings->status_socket);
    g_free(settings);
}
