/* check_reach.c - are the daemons there, do they answer, and does Postfix reach them? See check_facts.h. */
#include "importer/check_facts.h"

#include "importer/milter_probe.h"
#include "lib/error.h"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOPIC "Sockets"
#define LOG_TAIL (256 * 1024) /* octets of the log's end that are looked at */
#define ANSWER_MAX 1024
#define GROUPS_MAX 256 /* of Postfix's user */

/* --- as Postfix's chrooted daemons -------------------------------------------------------------- */

/* In a child: connects to it as this user below root, and ends with 0 or the errno. */
static G_NORETURN void connect_and_end(const char *root, const struct sockaddr_un *address, const struct passwd *user,
                                       const gid_t *groups, size_t count)
{
    int fd = setgroups(count, groups) == 0 && chroot(root) == 0 && chdir("/") == 0 && setgid(user->pw_gid) == 0 &&
                     setuid(user->pw_uid) == 0
                 ? socket(AF_UNIX, SOCK_STREAM, 0)
                 : -1;
    _exit(fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 ? 0 : errno);
}

/* 0, or the errno of a connect(2) to path below root, by this user with its groups. For root alone. */
static int connect_as(const char *root, const char *path, const struct passwd *user)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    gid_t groups[GROUPS_MAX];
    int status, count = GROUPS_MAX;
    if (g_strlcpy(address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path)
        return ENAMETOOLONG;
    if (getgrouplist(user->pw_name, user->pw_gid, groups, &count) < 0)
        return E2BIG;
    pid_t pid = fork();
    if (pid < 0)
        return errno;
    if (pid == 0)
        connect_and_end(root, &address, user, groups, (size_t)count);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
}

static void try_as_postfix(GPtrArray *findings, const struct postfix_facts *facts, const char *path, const char *what,
                           const char *unit)
{
    const char *queue = postfix_facts_expanded(facts, "queue_directory");
    const struct passwd *owner = getpwnam(postfix_facts_expanded(facts, "mail_owner"));
    size_t size = strlen(queue);
    if (owner == NULL || geteuid() != 0 || strncmp(path, queue, size) != 0 || path[size] != '/')
        return;
    check_socket(findings, &(struct check_socket){.topic = TOPIC,
                                                  .address = path,
                                                  .what = what,
                                                  .unit = unit,
                                                  .errnum = connect_as(queue, path + size + 1, owner),
                                                  .level = FINDING_ERROR,
                                                  .promise = PROMISE_NO_LOSS});
}

/* --- folders and modes -------------------------------------------------------------------------- */

/* Below Postfix's queue: its daemons may go in, nobody else. */
static void look_at_folder(GPtrArray *findings, const struct config *config, const char *socket)
{
    const struct path_wish wish = {.what = "a socket's folder",
                                   .type = S_IFDIR,
                                   .most = 02750,
                                   .least = 0710,
                                   .group = config_text(config, "policyd", "postfix-group"),
                                   .level = FINDING_ERROR,
                                   .promise = PROMISE_NO_LOSS};
    g_autofree char *folder = g_path_get_dirname(socket);
    check_look(findings, TOPIC, folder, &wish);
}

static void look_at_socket(GPtrArray *findings, const char *path, const char *what, mode_t most, const char *group)
{
    const struct path_wish wish = {.what = what,
                                   .type = S_IFSOCK,
                                   .most = most,
                                   .least = 0,
                                   .group = group,
                                   .level = FINDING_ERROR,
                                   .promise = PROMISE_SUPPRESSED};
    if (!check_has(findings, path))
        check_look(findings, TOPIC, path, &wish);
}

/* --- answers ------------------------------------------------------------------------------------ */

static int errnum_of(const GError *error)
{
    return g_error_matches(error, POSTWELLE_ERROR, ERROR_DENIED)                ? EACCES
           : error->domain == POSTWELLE_ERROR && error->code == ERROR_TEMPORARY ? ETIMEDOUT
                                                                                : ECONNREFUSED;
}

/* One request; what comes is "NAME=VALUE" of the answer's first line, to be freed. */
static void try_request(GPtrArray *findings, const char *path, const char *what, const char *lines,
                        const char *expected)
{
    if (check_has(findings, path))
        return; /* for Postfix already */
    g_autoptr(GError) error = NULL;
    struct attributes answer;
    g_autoptr(GString) request = g_string_new(lines);
    policy_end(request);
    struct check_socket tried = {.topic = TOPIC,
                                 .address = path,
                                 .what = what,
                                 .unit = "postwelle-policyd",
                                 .expected = expected,
                                 .level = FINDING_ERROR,
                                 .promise = PROMISE_NO_LOSS};
    g_autoptr(policy_client_auto) client = policy_client_new(path, CHECK_TIMEOUT * 1000, &error);
    g_autofree char *first = NULL;
    if (client == NULL || !policy_client_ask(client, request, &answer, &error))
        tried.errnum = errnum_of(error);
    else if (answer.count > 0)
        first = g_strdup_printf("%s=%s", answer.list[0].name, answer.list[0].value);
    /* Out of service is policyd's own section. */
    if (first != NULL && strcmp(first, expected) != 0 && strcmp(first, "status=temporary") != 0 &&
        !g_str_has_prefix(first, "action=451"))
        tried.answer = first;
    check_socket(findings, &tried);
}

/* The first line that a server says by itself. */
static void try_listener(GPtrArray *findings, const char *address)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GSocketClient) client = g_socket_client_new();
    char line[ANSWER_MAX + 1] = "";
    struct check_socket tried = {.topic = TOPIC,
                                 .address = address,
                                 .what = "Postfix's listener for our own mail",
                                 .expected = "220",
                                 .level = FINDING_ERROR,
                                 .promise = PROMISE_NONE};
    g_socket_client_set_timeout(client, CHECK_TIMEOUT);
    g_autoptr(GSocketConnection) connection = g_socket_client_connect_to_host(client, address, 25, NULL, &error);
    if (connection == NULL) {
        tried.errnum = ECONNREFUSED;
    } else {
        gssize size =
            g_input_stream_read(g_io_stream_get_input_stream(G_IO_STREAM(connection)), line, ANSWER_MAX, NULL, NULL);
        line[MAX(size, 0)] = '\0';
        g_output_stream_write(g_io_stream_get_output_stream(G_IO_STREAM(connection)), "QUIT\r\n", 6, NULL, NULL);
        if (!g_str_has_prefix(line, "220"))
            tried.answer = g_strchomp(line);
    }
    check_socket(findings, &tried);
}

static void try_milter(GPtrArray *findings, const char *address)
{
    if (g_str_has_prefix(address, "unix:") && check_has(findings, address + strlen("unix:")))
        return; /* for Postfix already */
    g_autoptr(GError) error = NULL;
    struct check_socket tried = {.topic = TOPIC,
                                 .address = address,
                                 .what = "the milter",
                                 .unit = "postwelle-milter",
                                 .expected = "a milter's",
                                 .level = FINDING_ERROR,
                                 .promise = PROMISE_NO_LOSS};
    g_autoptr(milter_probe_auto) probe = milter_probe_open(address, &error);
    if (probe == NULL && g_error_matches(error, POSTWELLE_ERROR, ERROR_PROTOCOL))
        tried.answer = error->message;
    else if (probe == NULL)
        tried.errnum = errnum_of(error);
    check_socket(findings, &tried);
}

void check_sockets(GPtrArray *findings, const struct config *config, const struct postfix_facts *facts,
                   const struct check_place *place)
{
    const char *policy = config_text(config, "policyd", "policy-socket");
    const char *control = config_text(config, "policyd", "control-socket");
    const char *admins = config_text(config, "policyd", "admin-group");
    const char *backs = config_text(config, "policyd", "feedback-group");
    const char *watchers = config_text(config, "policyd", "status-group");
    g_autofree char *feedback = config_feedback_socket(config), *status = config_status_socket(config);
    const char *milter = g_str_has_prefix(place->milter, "unix:") ? place->milter + strlen("unix:") : NULL;
    look_at_folder(findings, config, policy);
    if (milter != NULL)
        look_at_folder(findings, config, milter);
    if (facts != NULL) {
        try_as_postfix(findings, facts, policy, "Postfix's way to the policy service", "postwelle-policyd");
        if (milter != NULL)
            try_as_postfix(findings, facts, milter, "Postfix's way to the milter", "postwelle-milter");
    }
    try_listener(findings, place->listener);
    try_request(findings, control, "the command's way to policyd", "request=health\n", "status=ok");
    if (geteuid() != 0) {
        check_add(findings, &(struct check_about){FINDING_NOTE, PROMISE_NONE, TOPIC, "root"}, NULL,
                  "postwelle check    # as root", "only root may try the other sockets");
        return;
    }
    try_milter(findings, place->milter);
    try_request(findings, policy, "the policy service",
                "request=smtpd_access_policy\nprotocol_state=RCPT\nsender=\nrecipient=postmaster@invalid\n",
                "action=DUNNO");
    try_request(findings, config_text(config, "policyd", "reserve-socket"), "the milter's way to policyd",
                "request=health\n", "status=ok");
    try_request(findings, feedback, "the way of bounces to policyd", "request=health\n", "status=ok");
    try_request(findings, status, "the status pages' way to policyd", "request=health\n", "status=ok");
    look_at_socket(findings, status, "the status pages' socket", 0660, *watchers != '\0' ? watchers : admins);
    look_at_socket(findings, control, "the command's socket", 0660, admins);
    look_at_socket(findings, feedback, "the socket of bounces", 0660, *backs != '\0' ? backs : admins);
}

/* --- the log, policyd ------------------------------------------------------------------------------------ */

static gint64 time_of(const struct attributes *answer, const char *name)
{
    guint64 number;
    return attributes_number(answer, name, G_MAXINT64, &number, NULL) ? (gint64)number : 0;
}

/* The file's last part. */
static void look_at_file(struct check_log *log)
{
    g_autofree char *tail = g_malloc(LOG_TAIL + 1), *word = g_strconcat(" ", log->syslog_name, "/", NULL);
    int fd = open(log->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        log->errnum = errno;
        return;
    }
    off_t size = lseek(fd, 0, SEEK_END);
    ssize_t got = pread(fd, tail, LOG_TAIL, MAX(size - LOG_TAIL, 0));
    log->has_lines = size == 0 || (got > 0 && memmem(tail, (size_t)got, word, strlen(word)) != NULL);
    close(fd);
}

static void look_at_log(GPtrArray *findings, const struct config *config, const struct check_policyd *policyd)
{
    struct check_log log = {.syslog_name = config_text(config, "postfix", "syslog-name")};
    if (check_follows_journal(config)) {
        log.is_kept = *config_text(config, "postfix", "journal") != '\0' ||
                      g_file_test(LOCALSTATEDIR "/log/journal", G_FILE_TEST_IS_DIR);
    } else {
        log.path = config_text(config, "postfix", "maillog");
        look_at_file(&log);
        log.is_hidden = log.errnum == 0 && !check_track_reads(config, log.path);
    }
    check_log(findings, &log, policyd);
}

static void look_at_rotation(GPtrArray *findings, const struct config *config)
{
    static const char whole[] = "/etc/logrotate.conf", folder[] = "/etc/logrotate.d";
    const char *log = config_text(config, "postfix", "maillog");
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_autofree char *main_text = NULL;
    gboolean named =
        g_file_get_contents(whole, &main_text, NULL, NULL) && check_rotation(findings, log, whole, main_text);
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *path = g_build_filename(folder, name, NULL), *text = NULL;
        if (g_file_get_contents(path, &text, NULL, NULL))
            named |= check_rotation(findings, log, path, text);
    }
    if (!named)
        check_no_rotation(findings, log);
}

static void look_at_clock(GPtrArray *findings, const struct check_policyd *policyd)
{
    struct timex timex = {0};
    int state = adjtimex(&timex);
    check_clock(findings, &(struct check_clock){.known = state >= 0,
                                                .synchronised = state != TIME_ERROR && (timex.status & STA_UNSYNC) == 0,
                                                .now = policyd->now,
                                                .latest = MAX(policyd->read, policyd->backup)});
}

/* Fills in what health told; FALSE where nobody answers, which "Sockets" tells. */
static gboolean ask_health(struct policy_client *client, struct attributes *answer, struct check_policyd *policyd)
{
    g_autoptr(GString) request = g_string_new("request=health\n");
    policy_end(request);
    if (client == NULL || !policy_client_ask(client, request, answer, NULL))
        return FALSE;
    if (strcmp(attributes_text(answer, "status"), "ok") != 0) {
        policyd->refusal = attributes_text(answer, "reason");
        return TRUE;
    }
    policyd->version = attributes_text(answer, "version");
    policyd->configuration = attributes_text(answer, "configuration");
    policyd->clients = attributes_text(answer, "clients_configuration");
    policyd->slots = (guint64)time_of(answer, "slots");
    policyd->epoch = (guint64)time_of(answer, "epoch");
    policyd->read = time_of(answer, "read");
    policyd->gap = time_of(answer, "gap");
    policyd->backup = time_of(answer, "backup");
    return TRUE;
}

void check_service(GPtrArray *findings, const struct config *config, const struct client_set *clients)
{
    struct attributes answer;
    struct check_policyd policyd = {.our_version = PACKAGE_VERSION,
                                    .our_configuration = config_digest(config),
                                    .our_clients = clients != NULL ? client_set_digest(clients) : NULL,
                                    .config_file = config_path(config),
                                    .clients_folder = config_text(config, "paths", "clients"),
                                    .now = g_get_real_time() / G_USEC_PER_SEC};
    g_autoptr(policy_client_auto) client =
        policy_client_new(config_text(config, "policyd", "control-socket"), CHECK_TIMEOUT * 1000, NULL);
    if (ask_health(client, &answer, &policyd))
        check_policyd(findings, &policyd);
    else
        policyd.refusal = "";
    look_at_log(findings, config, &policyd);
    if (!check_follows_journal(config))
        look_at_rotation(findings, config);
    check_backup(findings, &policyd);
    look_at_clock(findings, &policyd);
}
