/*
 * control.c - the command's connection to policyd; see control.h. Uses nothing of campaigns, so that postwelle-feedback
 * stays small.
 */
#include "importer/control.h"

#include "lib/error.h"

#include <string.h>

struct policy_client *control_open(struct command_context *context, GError **error)
{
    const struct config *config = command_config(context, error);
    if (config == NULL)
        return NULL;
    return policy_client_new(config_text(config, "policyd", "control-socket"), CONTROL_TIMEOUT_MS, error);
}

struct policy_client *control_open_status(struct command_context *context, GError **error)
{
    g_autoptr(GError) problem = NULL;
    struct policy_client *control = control_open(context, &problem);
    if (g_error_matches(problem, POSTWELLE_ERROR, ERROR_DENIED)) {
        g_autofree char *path = config_status_socket(context->config);
        return policy_client_new(path, CONTROL_TIMEOUT_MS, error);
    }
    if (control == NULL)
        g_propagate_error(error, g_steal_pointer(&problem));
    return control;
}

struct policy_client *control_open_feedback(struct command_context *context, GError **error)
{
    const struct config *config = command_config(context, error);
    if (config == NULL)
        return NULL;
    g_autofree char *path = config_feedback_socket(config);
    return policy_client_new(path, CONTROL_TIMEOUT_MS, error);
}

GString *control_request(const char *kind, ...)
{
    GString *request = g_string_new(NULL);
    policy_append(request, "request", kind);
    va_list args;
    va_start(args, kind);
    for (const char *name = va_arg(args, const char *); name != NULL; name = va_arg(args, const char *)) {
        const char *value = va_arg(args, const char *);
        if (value != NULL)
            policy_append(request, name, value);
    }
    va_end(args);
    return request;
}

gboolean control_send(struct policy_client *policy, GString *request, GError **error)
{
    policy_end(request);
    gboolean sent = policy_client_send(policy, request, error);
    g_string_free(request, TRUE);
    return sent;
}

gboolean control_ask(struct policy_client *policy, GString *request, struct attributes *answer_r, GError **error)
{
    return control_send(policy, request, error) && policy_client_read(policy, answer_r, error) &&
           policy_answer_ok(answer_r, error);
}

const char *control_ask_results(struct policy_client *policy, GString *request, guint count,
                                struct attributes *answer_r, GError **error)
{
    if (!control_ask(policy, request, answer_r, error))
        return NULL;
    const char *results = attributes_text(answer_r, "results");
    if (strlen(results) == count)
        return results;
    error_set(error, ERROR_PROTOCOL,
              "postwelle-policyd answers for %zu of %u; are command and daemon of the same version?", strlen(results),
              count);
    return NULL;
}

gboolean control_rows(struct policy_client *policy, GString *request, control_row_func func, void *cookie,
                      struct attributes *last_r, GError **error)
{
    return control_send(policy, request, error) && control_read_rows(policy, func, cookie, last_r, error);
}

gboolean control_read_rows(struct policy_client *policy, control_row_func func, void *cookie,
                           struct attributes *last_r, GError **error)
{
    if (!policy_client_read(policy, last_r, error) || !policy_answer_ok(last_r, error))
        return FALSE;
    while (policy_answer_more(last_r))
        if (!func(cookie, last_r, error) || !policy_client_read(policy, last_r, error) ||
            !policy_answer_ok(last_r, error))
            return FALSE;
    return TRUE;
}

guint64 control_number(const struct attributes *answer, const char *name)
{
    guint64 number = 0;
    return attributes_number(answer, name, G_MAXUINT64, &number, NULL) ? number : 0;
}
