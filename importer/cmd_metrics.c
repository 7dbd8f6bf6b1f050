/* cmd_metrics.c - postwelle metrics: the numbers of policyd, the milter and Postfix's queue, for Prometheus. */
#include "importer/command.h"

#include "importer/control.h"
#include "importer/postfix.h"
#include "lib/error.h"
#include "lib/metrics.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define MILTER_TIMEOUT 5 /* seconds */

/* --- policyd ------------------------------------------------------------------------------------ */

static gboolean take_line(void *cookie, const struct attributes *row, GError **error)
{
    (void)error;
    g_string_append_printf(cookie, "%s\n", attributes_text(row, "line"));
    return TRUE;
}

/* Where it does not answer, that is what there is to say. */
static void write_policyd(GString *out, struct command_context *context)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(policy_client_auto) policy = control_open_status(context, &error);
    struct attributes last;
    gboolean up = policy != NULL,
             good = up && control_rows(policy, control_request("metrics", NULL), take_line, text, &last, &error);
    if (error != NULL)
        g_printerr("postwelle: %s\n", error->message);
    metrics_single(out, "postwelle_policyd_up", METRICS_GAUGE, "1: postwelle-policyd takes connections.", up ? 1 : 0);
    metrics_single(out, "postwelle_policyd_in_service", METRICS_GAUGE,
                   "1: it serves its ledger; 0: every request is answered 451.", good ? 1 : 0);
    if (good)
        g_string_append_len(out, text->str, (gssize)text->len);
}

/* --- the milter --------------------------------------------------------------------------------- */

static gboolean read_milter(const char *path, GString *text, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval timeout = {.tv_sec = MILTER_TIMEOUT};
    char buffer[4096];
    ssize_t size = -1;
    if (strlen(path) >= sizeof address.sun_path)
        return error_set(error, ERROR_CONFIG, "%s is too long for a socket's path", path);
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) == 0 &&
        connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        while ((size = read(fd, buffer, sizeof buffer)) > 0)
            g_string_append_len(text, buffer, size);
    int errnum = errno;
    if (fd >= 0)
        close(fd);
    return size == 0 || error_from_errno(error, errnum == EACCES ? ERROR_DENIED : ERROR_UNAVAILABLE, errnum,
                                         "postwelle-milter's status socket %s", path);
}

static void write_milter(GString *out, const struct config *config)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *path = config_milter_status_socket(config);
    if (path == NULL)
        return;
    gboolean up = read_milter(path, text, &error);
    if (!up)
        g_printerr("postwelle: %s\n", error->message);
    if (g_error_matches(error, POSTWELLE_ERROR, ERROR_DENIED))
        return; /* who may not ask does not know */
    metrics_single(out, "postwelle_milter_up", METRICS_GAUGE, "1: postwelle-milter answers on its status socket.",
                   up ? 1 : 0);
    if (up)
        g_string_append_len(out, text->str, (gssize)text->len);
}

/* --- Postfix's queue ---------------------------------------------------------------------------- */

enum queue { QUEUE_MAILDROP, QUEUE_HOLD, QUEUE_INCOMING, QUEUE_ACTIVE, QUEUE_DEFERRED, QUEUES };
static const char *const queue_names[QUEUES] = {"maildrop", "hold", "incoming", "active", "deferred"};

/* What postqueue(1) shows, ours told apart by the envelope sender's domain. */
struct queue_counts {
    const struct client_set *clients;
    gint64 now;
    guint64 others[QUEUES], *ours; /* [client × QUEUES + queue] */
    gint64 oldest[QUEUES];         /* of all */
};

static size_t client_index(const struct client_set *clients, const struct client *client)
{
    size_t count;
    const struct client *const *list = client_set_list(clients, &count);
    for (size_t i = 0; i < count; i++)
        if (list[i] == client)
            return i;
    g_assert_not_reached();
}

static gboolean count_mail(void *cookie, const char *line, size_t size, GError **error)
{
    struct queue_counts *counts = cookie;
    json_t *mail = json_loadb(line, size, 0, NULL);
    const char *queue = json_string_value(json_object_get(mail, "queue_name"));
    const char *sender = json_string_value(json_object_get(mail, "sender"));
    gint64 arrived = (gint64)json_integer_value(json_object_get(mail, "arrival_time"));
    const char *at = sender != NULL ? strrchr(sender, '@') : NULL;
    const struct client *client = at != NULL ? client_by_return_path(counts->clients, at + 1) : NULL;
    (void)error;
    for (int i = 0; queue != NULL && i < QUEUES; i++) {
        if (strcmp(queue, queue_names[i]) != 0)
            continue;
        guint64 *count = client != NULL ? &counts->ours[client_index(counts->clients, client) * QUEUES + (size_t)i]
                                        : &counts->others[i];
        ++*count;
        counts->oldest[i] = MAX(counts->oldest[i], counts->now - arrived);
    }
    json_decref(mail);
    return TRUE;
}

static void write_counts(GString *out, const struct queue_counts *counts)
{
    size_t clients;
    const struct client *const *list = client_set_list(counts->clients, &clients);
    metrics_family(out, "postwelle_queue_mails", METRICS_GAUGE,
                   "Mails in Postfix's queues, by client (empty: other mail).");
    for (int queue = 0; queue < QUEUES; queue++) {
        for (size_t i = 0; i < clients; i++)
            metrics_number(out, "postwelle_queue_mails", counts->ours[i * QUEUES + (size_t)queue], "client",
                           list[i]->name, "queue", queue_names[queue], NULL);
        metrics_number(out, "postwelle_queue_mails", counts->others[queue], "client", "", "queue", queue_names[queue],
                       NULL);
    }
    metrics_family(out, "postwelle_queue_oldest_seconds", METRICS_GAUGE,
                   "The age of the oldest mail in each queue; 0: it is empty.");
    for (int queue = 0; queue < QUEUES; queue++)
        metrics_number(out, "postwelle_queue_oldest_seconds", (guint64)MAX(counts->oldest[queue], 0), "queue",
                       queue_names[queue], NULL);
}

static void write_queue(GString *out, struct command_context *context)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(client_set_auto) clients = control_clients(context, &error);
    const char *postfix = config_text(context->config, "postfix", "config-directory");
    size_t count = 0;
    if (clients != NULL)
        client_set_list(clients, &count);
    g_autofree guint64 *ours = g_new0(guint64, (count + 1) * QUEUES);
    struct queue_counts counts = {.clients = clients, .now = g_get_real_time() / G_USEC_PER_SEC, .ours = ours};
    gboolean good = clients != NULL && postfix_list_queue(postfix, count_mail, &counts, &error);
    if (!good)
        g_printerr("postwelle: %s\n", error->message);
    metrics_single(out, "postwelle_queue_read", METRICS_GAUGE, "1: postqueue -j told of Postfix's queues.",
                   good ? 1 : 0);
    if (good)
        write_counts(out, &counts);
}

/* --- the command -------------------------------------------------------------------------------- */

/* In one step, and readable to whoever collects it. */
static gboolean write_file(const char *path, const GString *text, GError **error)
{
    g_autoptr(GError) why = NULL;
    return g_file_set_contents_full(path, text->str, (gssize)text->len, G_FILE_SET_CONTENTS_CONSISTENT, 0644, &why) ||
           error_set(error, ERROR_CANT_CREATE, "%s", why->message);
}

int cmd_metrics(struct command_context *context, int argc, char **argv)
{
    g_autofree char *file = NULL;
    const GOptionEntry entries[] = {
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &file,
         "Write to this file, in one step, as node_exporter's textfile collector wants it", "FILE"},
        {0},
    };
    GError *error = NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    const struct config *config = NULL;
    if (!command_options(&argc, &argv, "metrics",
                         "Prints the numbers of policyd, of the milter, and of Postfix's queues in Prometheus' text "
                         "form. What can't be "
                         "asked counts as down, and is told on standard error.",
                         entries, 0, 0, &error) ||
        (config = command_config(context, &error)) == NULL)
        return command_fail(error);
    write_policyd(out, context);
    write_milter(out, config);
    write_queue(out, context);
    if (file == NULL)
        g_print("%s", out->str);
    else if (!write_file(file, out, &error))
        return command_fail(error);
    return 0;
}
