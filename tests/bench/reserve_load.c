/*
 * reserve_load.c - asks policyd over many connections, each waiting for its answer before it asks again; and how often
 * a second the same disk does an fdatasync.
 *
 * usage: reserve_load SOCKET CONNECTIONS SECONDS FIRST             takes slots: recipients, queue IDs count from FIRST
 *        reserve_load --lookups SOCKET CONNECTIONS SECONDS FILE    Postfix's question at RCPT for the mails of FILE in
 *                                                                  turn, a line "SENDER RECIPIENT" each
 *        reserve_load --fdatasync FILE SECONDS                     appends of 512 octets, each synced
 *
 * Prints "A-SECOND NEXT": the rate, and what FIRST may be next. A single answer that is not yes makes it fail.
 */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1000
#define RECORD_SIZE 512
#define DEADLINE_MS (3600 * 1000)

struct load {
    int epoll;
    guint64 next; /* question */
    guint64 answered, refused;
    const char *yes;
    char deadline[32];
    char **mails; /* of look-ups; NULL: reserve */
    guint count;
};

static double seconds_since(gint64 begin)
{
    return (double)(g_get_monotonic_time() - begin) / G_TIME_SPAN_SECOND;
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || g_strlcpy(address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path ||
        connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        return -1;
    return fd;
}

/* Queue IDs grow with time, as Postfix's long ones do. */
static int write_reserve(const struct load *load, char *text, size_t size)
{
    return g_snprintf(text, size,
                      "request=reserve\nqueue_id=B%012" G_GUINT64_FORMAT "\nsender=news@acme.example\n"
                      "from_domain=acme.example\nmessage_id=<%" G_GUINT64_FORMAT "@acme.example>\nrecipients=1\n"
                      "recipient.1=p%" G_GUINT64_FORMAT "@people.example\ndeadline=%s\n\n",
                      load->next, load->next, load->next, load->deadline);
}

/* All that Postfix 3.7 sends. */
static int write_lookup(const struct load *load, char *text, size_t size)
{
    const char *sender = load->mails[load->next % load->count], *recipient = sender + strlen(sender) + 1;
    return g_snprintf(text, size,
                      "request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=ESMTP\n"
                      "client_address=127.0.0.1\nclient_name=localhost\nclient_port=40712\n"
                      "reverse_client_name=localhost\nserver_address=127.0.0.1\nserver_port=10025\n"
                      "helo_name=mail.acme.example\nsender=%s\nrecipient=%s\nrecipient_count=0\nqueue_id=\n"
                      "instance=1b7d.6531a0b4.%" G_GUINT64_FORMAT ".0\nsize=39412\netrn_domain=\nstress=\n"
                      "sasl_method=\nsasl_username=\nsasl_sender=\nccert_subject=\nccert_issuer=\n"
                      "ccert_fingerprint=\nccert_pubkey_fingerprint=\nencryption_protocol=\nencryption_cipher=\n"
                      "encryption_keysize=0\npolicy_context=\n\n",
                      sender, recipient, load->next);
}

static gboolean ask(struct load *load, int fd)
{
    char text[2048];
    int size = load->mails != NULL ? write_lookup(load, text, sizeof text) : write_reserve(load, text, sizeof text);
    load->next++;
    return send(fd, text, (size_t)size, MSG_NOSIGNAL) == size;
}

/* An answer is one small packet here, so it comes whole. */
static gboolean take_answer(struct load *load, int fd)
{
    char text[4096];
    ssize_t size = recv(fd, text, sizeof text, 0);
    if (size < 2 || memcmp(text + size - 2, "\n\n", 2) != 0)
        return FALSE;
    load->answered++;
    load->refused += !g_str_has_prefix(text, load->yes);
    return TRUE;
}

static gboolean begin(struct load *load, const char *path, int connections)
{
    for (int i = 0; i < connections; i++) {
        int fd = connect_to(path);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        if (fd < 0 || epoll_ctl(load->epoll, EPOLL_CTL_ADD, fd, &event) != 0 || !ask(load, fd))
            return FALSE;
    }
    return TRUE;
}

static gboolean run(struct load *load, double seconds)
{
    struct epoll_event events[CONNECTIONS_MAX];
    gint64 start = g_get_monotonic_time();
    while (seconds_since(start) < seconds) {
        int count = epoll_wait(load->epoll, events, CONNECTIONS_MAX, 1000);
        for (int i = 0; i < count; i++)
            if (!take_answer(load, events[i].data.fd) || !ask(load, events[i].data.fd))
                return FALSE;
    }
    printf("%.0f %" G_GUINT64_FORMAT "\n", (double)load->answered / seconds_since(start), load->next);
    return load->refused == 0;
}

static int load_policyd(struct load *load, const char *path, const char *connections_text, const char *seconds)
{
    int connections = atoi(connections_text);
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    g_snprintf(load->deadline, sizeof load->deadline, "%" G_GINT64_FORMAT, g_get_real_time() / 1000 + DEADLINE_MS);
    if (connections < 1 || connections > CONNECTIONS_MAX || !begin(load, path, connections) ||
        !run(load, g_ascii_strtod(seconds, NULL))) {
        fprintf(stderr, "reserve_load: %s; %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " not ok\n", g_strerror(errno),
                load->refused, load->answered);
        return EX_UNAVAILABLE;
    }
    return 0;
}

static int look_up(char **argv)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    if (!g_file_get_contents(argv[5], &text, NULL, &error)) {
        fprintf(stderr, "reserve_load: %s\n", error->message);
        return EX_NOINPUT;
    }
    g_auto(GStrv) mails = g_strsplit(g_strchomp(text), "\n", -1);
    struct load load = {.yes = "action=DUNNO\n", .mails = mails, .count = g_strv_length(mails)};
    for (guint i = 0; i < load.count; i++)
        *strchrnul(mails[i], ' ') = '\0';
    return load_policyd(&load, argv[2], argv[3], argv[4]);
}

static int sync_disk(const char *path, double seconds)
{
    char record[RECORD_SIZE] = "";
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    guint64 count = 0;
    gint64 start = g_get_monotonic_time();
    for (; seconds_since(start) < seconds; count++)
        if (fd < 0 || write(fd, record, sizeof record) != RECORD_SIZE || fdatasync(fd) != 0) {
            perror(path);
            return EX_IOERR;
        }
    printf("%.0f %" G_GUINT64_FORMAT "\n", (double)count / seconds_since(start), count);
    unlink(path);
    close(fd);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--fdatasync") == 0)
        return sync_disk(argv[2], g_ascii_strtod(argv[3], NULL));
    if (argc == 6 && strcmp(argv[1], "--lookups") == 0)
        return look_up(argv);
    if (argc == 5) {
        struct load load = {.yes = "status=ok\n", .next = g_ascii_strtoull(argv[4], NULL, 10)};
        return load_policyd(&load, argv[1], argv[2], argv[3]);
    }
    fprintf(stderr,
            "usage: reserve_load SOCKET CONNECTIONS SECONDS FIRST | --lookups SOCKET CONNECTIONS SECONDS FILE |\n"
            "                    --fdatasync FILE SECONDS\n");
    return EX_USAGE;
}
