/*
 * reserve_load.c - asks policyd for slots over many connections, each waiting for its answer before it asks again; and
 * how often a second the same disk does an fdatasync.
 *
 * usage: reserve_load SOCKET CONNECTIONS SECONDS FIRST     prints "RESERVES-A-SECOND NEXT"; recipients count from FIRST
 *        reserve_load --fdatasync FILE SECONDS             prints how many 512-octet appends a second, each synced
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
    guint64 next; /* recipient */
    guint64 answered, refused;
    char deadline[32];
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

static gboolean ask(struct load *load, int fd)
{
    char text[512];
    int size = g_snprintf(text, sizeof text,
                          "request=reserve\nqueue_id=B%" G_GUINT64_FORMAT "\nsender=news@acme.example\n"
                          "from_domain=acme.example\nmessage_id=<%" G_GUINT64_FORMAT "@acme.example>\nrecipients=1\n"
                          "recipient.1=p%" G_GUINT64_FORMAT "@people.example\ndeadline=%s\n\n",
                          load->next, load->next, load->next, load->deadline);
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
    load->refused += !g_str_has_prefix(text, "status=ok\n");
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

static int load_policyd(char **argv)
{
    int connections = atoi(argv[2]);
    struct load load = {.epoll = epoll_create1(EPOLL_CLOEXEC), .next = g_ascii_strtoull(argv[4], NULL, 10)};
    g_snprintf(load.deadline, sizeof load.deadline, "%" G_GINT64_FORMAT, g_get_real_time() / 1000 + DEADLINE_MS);
    if (connections < 1 || connections > CONNECTIONS_MAX || !begin(&load, argv[1], connections) ||
        !run(&load, g_ascii_strtod(argv[3], NULL))) {
        fprintf(stderr, "reserve_load: %s; %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " not ok\n", g_strerror(errno),
                load.refused, load.answered);
        return EX_UNAVAILABLE;
    }
    return 0;
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
    printf("%.0f\n", (double)count / seconds_since(start));
    unlink(path);
    close(fd);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--fdatasync") == 0)
        return sync_disk(argv[2], g_ascii_strtod(argv[3], NULL));
    if (argc == 5)
        return load_policyd(argv);
    fprintf(stderr, "usage: reserve_load SOCKET CONNECTIONS SECONDS FIRST | --fdatasync FILE SECONDS\n");
    return EX_USAGE;
}
