/*
 * mta_load.c - loads a milter as Postfix 3.7 does: its side of the milter protocol, version 6, over many connections.
 *
 * usage: mta_load [OPTION…] ADDRESS MESSAGE
 *
 * ADDRESS is unix:PATH or inet:PORT@HOST, MESSAGE a file with CR LF line ends. Each connection is a thread, and stands
 * for one SMTP session: it is kept, and between two mails stands an ABORT. Each mail has its own recipient, Message-ID
 * and queue ID. Steps the milter doesn't want are left out; replies it won't give are not waited for, so that a mail
 * can go out in one go. With --silent there are connections beside these that stop in the middle of a packet: they must
 * keep nobody waiting.
 *
 * Prints one JSON object: rate, answers by kind, signatures inserted, latency from the write that holds the end of
 * message to its answer, and for each --pid the CPU a mail cost it (children included) and its resident memory before
 * and after. Ends with 69 where the milter breaks the protocol or a connection.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/milter_protocol.h"

#define CHUNK 65535            /* octets of a piece of body */
#define PACKET_MAX (64 * 1024) /* of an answer */
#define PIDS_MAX 8

struct field {
    char *name, *value; /* value folded with LF, its leading space kept */
};

struct options {
    int connections, silent, messages;
    double seconds;
    char *domain, *run;
    char **pids;
};

/* What all connections share. */
struct load {
    struct options options;
    const char *address;
    GArray *fields; /* struct field, without To and Message-ID */
    char *body;
    size_t body_size;
    gint next;   /* atomic: number of the next mail */
    gint64 stop; /* monotonic time, 0: none */
};

enum answer { ANSWER_ACCEPT, ANSWER_REJECT, ANSWER_TEMPFAIL, ANSWER_OTHER, ANSWERS };

static const char *const answer_names[ANSWERS] = {"accept", "reject", "tempfail", "other"};

struct connection {
    struct load *load;
    int fd;
    guint32 steps;
    GByteArray *out;
    struct iovec piece; /* of the body; goes out after so many octets of out, from where it lies */
    guint piece_at;
    char received[PACKET_MAX + 4]; /* from the milter, up to filled; taken until now */
    size_t filled, taken;
    char in[PACKET_MAX + 1]; /* the packet taken last, a NUL after it */
    size_t in_size;
    char *early; /* the answer that came before the end of message, NULL: none */
    char queue_id[32];
    guint64 answers[ANSWERS], signatures;
    GArray *latencies; /* gint64, microseconds */
};

static void G_GNUC_NORETURN G_GNUC_PRINTF(1, 2) fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_printerr("mta_load: %s\n", text);
    exit(EX_UNAVAILABLE);
}

/*
 * --- packets --------------------------------------------------------------------------------------------------------
 */

static void put(struct connection *connection, const void *octets, size_t size)
{
    g_byte_array_append(connection->out, octets, (guint)size);
}

static void put_string(struct connection *connection, const char *text)
{
    put(connection, text, strlen(text) + 1);
}

/* Starts a packet; returns where its length goes, for end_packet(). */
static guint begin_packet(struct connection *connection, char command)
{
    guint start = connection->out->len;
    put(connection, "\0\0\0\0", 4);
    put(connection, &command, 1);
    return start;
}

static void end_packet(struct connection *connection, guint start)
{
    guint32 size = htonl(connection->out->len - start - 4);
    memcpy(connection->out->data + start, &size, sizeof size);
}

static void put_packet(struct connection *connection, char command, const char *first, const char *second)
{
    guint start = begin_packet(connection, command);
    if (first != NULL)
        put_string(connection, first);
    if (second != NULL)
        put_string(connection, second);
    end_packet(connection, start);
}

/* Macro `name` for the command that follows. */
static void put_macro(struct connection *connection, char command, const char *name, const char *value)
{
    guint start = begin_packet(connection, 'D');
    put(connection, &command, 1);
    put_string(connection, name);
    put_string(connection, value);
    end_packet(connection, start);
}

/* Sends all three parts, in one call where the socket takes them. */
static void send_parts(const struct connection *connection, struct iovec parts[3])
{
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 3};
    for (size_t left = parts[0].iov_len + parts[1].iov_len + parts[2].iov_len; left > 0;) {
        ssize_t sent = sendmsg(connection->fd, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            fail("%s: %s", connection->load->address, g_strerror(errno));
        left -= (size_t)MAX(sent, 0);
        for (size_t i = 0, gone = (size_t)MAX(sent, 0); gone > 0; i++) {
            size_t here = MIN(gone, parts[i].iov_len);
            parts[i].iov_base = (char *)parts[i].iov_base + here;
            parts[i].iov_len -= here;
            gone -= here;
        }
    }
}

static void flush(struct connection *connection)
{
    GByteArray *out = connection->out;
    struct iovec *piece = &connection->piece;
    guint before = piece->iov_len > 0 ? connection->piece_at : out->len;
    send_parts(connection, (struct iovec[]){{out->data, before}, *piece, {out->data + before, out->len - before}});
    piece->iov_len = 0;
    g_byte_array_set_size(out, 0);
}

/* A packet of the body; one of them at a time waits for flush(). */
static void put_piece(struct connection *connection, const char *octets, size_t size)
{
    guint32 length = htonl((guint32)size + 1);
    if (connection->piece.iov_len > 0)
        flush(connection);
    put(connection, &length, sizeof length);
    put(connection, "B", 1);
    connection->piece = (struct iovec){(void *)(uintptr_t)octets, size};
    connection->piece_at = connection->out->len;
}

/* Until so many octets are there to be taken. */
static const char *await(struct connection *connection, size_t size)
{
    char *buffer = connection->received;
    memmove(buffer, buffer + connection->taken, connection->filled -= connection->taken);
    connection->taken = 0;
    while (connection->filled < size) {
        ssize_t got =
            recv(connection->fd, buffer + connection->filled, sizeof connection->received - connection->filled, 0);
        if (got == 0)
            fail("%s: the milter closed the connection", connection->load->address);
        if (got < 0 && errno != EINTR)
            fail("%s: %s", connection->load->address, g_strerror(errno));
        connection->filled += (size_t)MAX(got, 0);
    }
    return buffer;
}

/* The next packet: returns its command; what belongs to it is in connection->in + 1. */
static char read_packet(struct connection *connection)
{
    guint32 size;
    memcpy(&size, await(connection, sizeof size), sizeof size);
    size = ntohl(size);
    if (size == 0 || size > PACKET_MAX)
        fail("%s: a packet of %u octets; at most %d are read", connection->load->address, size, PACKET_MAX);
    memcpy(connection->in, await(connection, sizeof size + size) + sizeof size, size);
    connection->taken = sizeof size + size;
    connection->in[size] = '\0';
    connection->in_size = size;
    return connection->in[0];
}

/*
 * --- the steps of a session -----------------------------------------------------------------------------------------
 */

/*
 * The step has been put; waits for its reply where there will be one. Anything but "go on" is the answer to the whole
 * mail.
 */
static void end_step(struct connection *connection, guint32 silent)
{
    if (connection->steps & silent)
        return;
    flush(connection);
    char reply = read_packet(connection);
    if (reply != 'c' && reply != 's')
        connection->early = g_strndup(connection->in, connection->in_size);
}

static gboolean is_wanted(const struct connection *connection, guint32 unwanted)
{
    return (connection->steps & unwanted) == 0 && connection->early == NULL;
}

static void send_step(struct connection *connection, char command, const char *first, const char *second,
                      guint32 unwanted, guint32 silent)
{
    if (!is_wanted(connection, unwanted))
        return;
    if (connection->queue_id[0] != '\0')
        put_macro(connection, command, "i", connection->queue_id);
    put_packet(connection, command, first, second);
    end_step(connection, silent);
}

static void negotiate(struct connection *connection)
{
    guint32 words[] = {htonl(MILTER_VERSION), htonl(MILTER_ALL_ACTIONS), htonl(MILTER_ALL_STEPS)};
    guint start = begin_packet(connection, 'O');
    put(connection, words, sizeof words);
    end_packet(connection, start);
    flush(connection);
    if (read_packet(connection) != 'O' || connection->in_size < 1 + sizeof words)
        fail("%s: no negotiation", connection->load->address);
    memcpy(words, connection->in + 1, sizeof words);
    connection->steps = ntohl(words[2]);
}

static void greet(struct connection *connection)
{
    if (is_wanted(connection, MILTER_NO_CONNECT)) {
        put_macro(connection, 'C', "j", "mx.test");
        guint start = begin_packet(connection, 'C');
        put_string(connection, "localhost");
        put(connection, "4\0\x19", 3); /* IPv4, port 25 */
        put_string(connection, "127.0.0.1");
        end_packet(connection, start);
        end_step(connection, MILTER_SILENT_CONNECT);
    }
    send_step(connection, 'H', "localhost", NULL, MILTER_NO_HELO, MILTER_SILENT_HELO);
    if (connection->early != NULL)
        fail("%s: the milter refuses the session", connection->load->address);
}

static void send_field(struct connection *connection, const char *name, const char *value)
{
    if (!(connection->steps & MILTER_LEADING_SPACE) && value[0] == ' ')
        value++;
    send_step(connection, 'L', name, value, MILTER_NO_FIELD, MILTER_SILENT_FIELD);
}

/* All but the end of message of mail `number`. */
static void send_mail(struct connection *connection, int number)
{
    const struct load *load = connection->load;
    const struct options *options = &load->options;
    g_autofree char *sender = g_strdup_printf("<bounce@%s>", options->domain);
    g_autofree char *recipient = g_strdup_printf("<r%d.%s@leser.example>", number, options->run);
    g_autofree char *to = g_strconcat(" ", recipient, NULL);
    g_autofree char *message_id = g_strdup_printf(" <%d.%s@%s>", number, options->run, options->domain);
    connection->queue_id[0] = '\0'; /* Postfix has it from DATA on */
    send_step(connection, 'M', sender, NULL, MILTER_NO_MAIL, MILTER_SILENT_MAIL);
    send_step(connection, 'R', recipient, NULL, MILTER_NO_RCPT, MILTER_SILENT_RCPT);
    g_snprintf(connection->queue_id, sizeof connection->queue_id, "4B%s%d", options->run, number);
    send_step(connection, 'T', NULL, NULL, MILTER_NO_DATA, MILTER_SILENT_DATA);
    for (guint i = 0; i < load->fields->len; i++) {
        const struct field *field = &g_array_index(load->fields, struct field, i);
        send_field(connection, field->name, field->value);
    }
    send_field(connection, "To", to);
    send_field(connection, "Message-ID", message_id);
    send_step(connection, 'N', NULL, NULL, MILTER_NO_END_HEADER, MILTER_SILENT_END_HEADER);
    for (size_t done = 0; done < load->body_size && is_wanted(connection, MILTER_NO_BODY); done += CHUNK) {
        put_piece(connection, load->body + done, MIN(load->body_size - done, CHUNK));
        end_step(connection, MILTER_SILENT_BODY);
    }
}

static enum answer answer_of(const char *reply)
{
    switch (reply[0]) {
    case 'a':
    case 'c':
        return ANSWER_ACCEPT;
    case 'r':
        return ANSWER_REJECT;
    case 't':
        return ANSWER_TEMPFAIL;
    case 'y':
        return reply[1] == '5' ? ANSWER_REJECT : ANSWER_TEMPFAIL;
    default:
        return ANSWER_OTHER;
    }
}

/* TRUE where the packet read is the last of an answer; a signature in the others is counted. */
static gboolean is_final(struct connection *connection)
{
    static const char field[] = "DKIM-Signature";
    const char *name = NULL;
    if (connection->in[0] == 'h')
        name = connection->in + 1;
    else if ((connection->in[0] == 'i' || connection->in[0] == 'm') && connection->in_size > 5)
        name = connection->in + 5;
    if (name != NULL && g_ascii_strcasecmp(name, field) == 0)
        connection->signatures++;
    return strchr("acdrty", connection->in[0]) != NULL;
}

static void finish_mail(struct connection *connection)
{
    if (connection->early != NULL) {
        connection->answers[answer_of(connection->early)]++;
        g_clear_pointer(&connection->early, g_free);
    } else {
        put_macro(connection, 'E', "i", connection->queue_id);
        put_packet(connection, 'E', NULL, NULL);
        gint64 start = g_get_monotonic_time();
        flush(connection);
        do
            read_packet(connection);
        while (!is_final(connection));
        gint64 latency = g_get_monotonic_time() - start;
        g_array_append_val(connection->latencies, latency);
        connection->answers[answer_of(connection->in)]++;
    }
    put_packet(connection, 'A', NULL, NULL);
}

static int connect_to(const char *address)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in remote = {.sin_family = AF_INET};
    int fd, on = 1;
    if (g_str_has_prefix(address, "unix:")) {
        g_strlcpy(local.sun_path, address + strlen("unix:"), sizeof local.sun_path);
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        return fd >= 0 && connect(fd, (struct sockaddr *)&local, sizeof local) == 0 ? fd : -1;
    }
    const char *at = strchr(address, '@');
    if (!g_str_has_prefix(address, "inet:") || at == NULL || inet_pton(AF_INET, at + 1, &remote.sin_addr) != 1)
        fail("%s: is neither unix:PATH nor inet:PORT@IPV4", address);
    remote.sin_port = htons((guint16)strtoul(address + strlen("inet:"), NULL, 10));
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd >= 0 && connect(fd, (struct sockaddr *)&remote, sizeof remote) == 0 ? fd : -1;
}

static struct connection *connection_new(struct load *load)
{
    struct connection *connection = g_new0(struct connection, 1);
    connection->load = load;
    connection->out = g_byte_array_new();
    connection->latencies = g_array_new(FALSE, FALSE, sizeof(gint64));
    connection->fd = connect_to(load->address);
    if (connection->fd < 0)
        fail("%s: %s", load->address, g_strerror(errno));
    negotiate(connection);
    greet(connection);
    return connection;
}

static void connection_free(struct connection *connection)
{
    close(connection->fd);
    g_byte_array_unref(connection->out);
    g_array_unref(connection->latencies);
    g_free(connection);
}

/* A thread's work: mails until all are sent or the time is over. */
static gpointer run_session(void *user)
{
    struct connection *connection = user;
    struct load *load = connection->load;
    int number;
    while ((number = g_atomic_int_add(&load->next, 1)) < load->options.messages &&
           (load->stop == 0 || g_get_monotonic_time() < load->stop)) {
        send_mail(connection, number);
        finish_mail(connection);
    }
    put_packet(connection, 'Q', NULL, NULL);
    flush(connection);
    return NULL;
}

/*
 * --- what a process costs -------------------------------------------------------------------------------------------
 */

/* Of one process or a tree of them. */
struct cost {
    guint64 ticks; /* user and system time */
    guint64 pages; /* resident */
};

/* Reads /proc/PID/stat. FALSE: the process is gone. */
static gboolean read_stat(const char *pid, int *parent_r, struct cost *cost_r)
{
    g_autofree char *path = g_build_filename("/proc", pid, "stat", NULL), *text = NULL;
    unsigned long user, system;
    long pages;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return FALSE;
    const char *after_name = strrchr(text, ')');
    if (after_name == NULL ||
        sscanf(after_name + 1,
               " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %*d %*d %*u %*u %ld", parent_r,
               &user, &system, &pages) != 4)
        return FALSE;
    *cost_r = (struct cost){user + system, (guint64)pages};
    return TRUE;
}

/* Adds what a process and all below it have cost. */
static void add_tree(const char *pid, struct cost *cost)
{
    struct cost own;
    int parent, wanted = atoi(pid);
    if (!read_stat(pid, &parent, &own))
        fail("pid %s: no such process", pid);
    cost->ticks += own.ticks;
    cost->pages += own.pages;
    g_autoptr(GDir) processes = g_dir_open("/proc", 0, NULL);
    for (const char *name; processes != NULL && (name = g_dir_read_name(processes)) != NULL;)
        if (g_ascii_isdigit(name[0]) && read_stat(name, &parent, &own) && parent == wanted)
            add_tree(name, cost);
}

/* CPU time of the whole machine in use, in ticks. */
static guint64 machine_ticks(void)
{
    g_autofree char *text = NULL;
    guint64 user, nice, system, idle, wait, irq, soft;
    if (!g_file_get_contents("/proc/stat", &text, NULL, NULL) ||
        sscanf(text, "cpu %lu %lu %lu %lu %lu %lu %lu", &user, &nice, &system, &idle, &wait, &irq, &soft) != 7)
        return 0;
    return user + nice + system + irq + soft;
}

static double own_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/*
 * --- the run --------------------------------------------------------------------------------------------------------
 */

struct clocks {
    gint64 time;
    double own;
    guint64 machine;
    struct cost pids[PIDS_MAX];
};

static void read_clocks(const struct options *options, struct clocks *clocks_r)
{
    memset(clocks_r, 0, sizeof *clocks_r);
    for (size_t i = 0; options->pids != NULL && options->pids[i] != NULL; i++)
        add_tree(options->pids[i], &clocks_r->pids[i]);
    clocks_r->own = own_seconds();
    clocks_r->machine = machine_ticks();
    clocks_r->time = g_get_monotonic_time();
}

static int compare_times(const void *a, const void *b)
{
    gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
    return (x > y) - (x < y);
}

static double percentile_ms(const GArray *sorted, double share)
{
    if (sorted->len == 0)
        return 0;
    guint index = (guint)(share * (sorted->len - 1) + 0.5);
    return (double)g_array_index(sorted, gint64, index) / 1000;
}

/* CPU per mail and memory of each --pid, and the share of the machine's CPU that others took meanwhile. */
static void print_costs(const struct options *options, const struct clocks *from, const struct clocks *to,
                        guint64 mails)
{
    double tick = 1.0 / (double)sysconf(_SC_CLK_TCK), page = (double)sysconf(_SC_PAGESIZE) / 1024;
    double known = to->own - from->own, elapsed = (double)(to->time - from->time) / 1e6;
    double cores = (double)sysconf(_SC_NPROCESSORS_ONLN);
    g_print(", \"load_cpu_us\": %.1f, \"pids\": [", known * 1e6 / (double)mails);
    for (size_t i = 0; options->pids != NULL && options->pids[i] != NULL; i++) {
        double used = (double)(to->pids[i].ticks - from->pids[i].ticks) * tick;
        known += used;
        g_print("%s{\"cpu_us\": %.1f, \"kib_before\": %.0f, \"kib_after\": %.0f}", i > 0 ? ", " : "",
                used * 1e6 / (double)mails, (double)from->pids[i].pages * page, (double)to->pids[i].pages * page);
    }
    double foreign = (double)(to->machine - from->machine) * tick - known;
    g_print("], \"foreign\": %.3f}\n", MAX(foreign, 0) / (elapsed * cores));
}

static void print_result(const struct load *load, struct connection **connections, const struct clocks *from,
                         const struct clocks *to)
{
    g_autoptr(GArray) latencies = g_array_new(FALSE, FALSE, sizeof(gint64));
    guint64 answers[ANSWERS] = {0}, signatures = 0, mails = 0;
    double seconds = (double)(to->time - from->time) / 1e6;
    for (int i = 0; i < load->options.connections; i++) {
        g_array_append_vals(latencies, connections[i]->latencies->data, connections[i]->latencies->len);
        signatures += connections[i]->signatures;
        for (int kind = 0; kind < ANSWERS; kind++)
            answers[kind] += connections[i]->answers[kind];
    }
    g_array_sort(latencies, compare_times);
    g_print("{");
    for (int kind = 0; kind < ANSWERS; kind++) {
        mails += answers[kind];
        g_print("\"%s\": %" G_GUINT64_FORMAT ", ", answer_names[kind], answers[kind]);
    }
    g_print("\"mails\": %" G_GUINT64_FORMAT ", \"signatures\": %" G_GUINT64_FORMAT
            ", \"seconds\": %.3f, \"rate\": %.1f, "
            "\"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f",
            mails, signatures, seconds, (double)mails / seconds, percentile_ms(latencies, 0.5),
            percentile_ms(latencies, 0.99), percentile_ms(latencies, 1));
    print_costs(&load->options, from, to, MAX(mails, 1));
}

/* Connections that are there, have begun a packet, and never end it. */
static GPtrArray *open_silent(struct load *load)
{
    GPtrArray *silent = g_ptr_array_new_with_free_func((GDestroyNotify)connection_free);
    for (int i = 0; i < load->options.silent; i++) {
        struct connection *connection = connection_new(load);
        put(connection, "\0\0\0\x20M<a", 7);
        flush(connection);
        g_ptr_array_add(silent, connection);
    }
    return silent;
}

static void run(struct load *load)
{
    const struct options *options = &load->options;
    struct clocks from, to;
    g_autoptr(GPtrArray) silent = open_silent(load);
    g_autofree struct connection **connections = g_new0(struct connection *, options->connections);
    g_autofree GThread **threads = g_new0(GThread *, options->connections);
    for (int i = 0; i < options->connections; i++)
        connections[i] = connection_new(load);
    read_clocks(options, &from);
    load->stop = options->seconds > 0 ? from.time + (gint64)(options->seconds * 1e6) : 0;
    for (int i = 0; i < options->connections; i++)
        threads[i] = g_thread_new("session", run_session, connections[i]);
    for (int i = 0; i < options->connections; i++)
        g_thread_join(threads[i]);
    read_clocks(options, &to);
    print_result(load, connections, &from, &to);
    for (int i = 0; i < options->connections; i++)
        connection_free(connections[i]);
}

/*
 * --- options and message --------------------------------------------------------------------------------------------
 */

/* One field, folded lines and all, without its line end. */
static void add_field(struct load *load, char *text)
{
    char *colon = strchr(text, ':');
    if (colon == NULL)
        fail("message: \"%.40s\" is no header field", text);
    *colon = '\0';
    g_auto(GStrv) lines = g_strsplit(colon + 1, "\r\n", -1);
    struct field field = {g_strdup(text), g_strjoinv("\n", lines)};
    if (g_ascii_strcasecmp(field.name, "To") != 0 && g_ascii_strcasecmp(field.name, "Message-ID") != 0) {
        g_array_append_val(load->fields, field);
        return;
    }
    g_free(field.name);
    g_free(field.value);
}

static void read_message(struct load *load, const char *path)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    size_t size;
    if (!g_file_get_contents(path, &text, &size, &error))
        fail("%s", error->message);
    char *end = strstr(text, "\r\n\r\n");
    if (end == NULL)
        fail("%s: no header that ends with an empty line (line ends must be CR LF)", path);
    char *body = end + strlen("\r\n\r\n");
    load->body_size = size - (size_t)(body - text);
    load->body = g_memdup2(body, load->body_size);
    load->fields = g_array_new(FALSE, FALSE, sizeof(struct field));
    *end = '\0';
    for (char *field = text; field != NULL;) {
        char *next = strstr(field, "\r\n");
        while (next != NULL && (next[2] == ' ' || next[2] == '\t'))
            next = strstr(next + 2, "\r\n");
        if (next != NULL)
            *next = '\0';
        add_field(load, field);
        field = next != NULL ? next + 2 : NULL;
    }
}

static void free_message(struct load *load)
{
    for (guint i = 0; i < load->fields->len; i++) {
        g_free(g_array_index(load->fields, struct field, i).name);
        g_free(g_array_index(load->fields, struct field, i).value);
    }
    g_array_unref(load->fields);
    g_free(load->body);
}

static void free_options(struct options *options)
{
    g_free(options->domain);
    g_free(options->run);
    g_strfreev(options->pids);
}

static gboolean read_options(int *argc, char ***argv, struct options *options, GError **error)
{
    GOptionEntry entries[] = {
        {"connections", 'c', 0, G_OPTION_ARG_INT, &options->connections, "SMTP sessions at once (8)", "N"},
        {"silent", 0, 0, G_OPTION_ARG_INT, &options->silent, "connections beside them that say half a packet (0)", "N"},
        {"messages", 'n', 0, G_OPTION_ARG_INT, &options->messages, "end after so many mails", "N"},
        {"seconds", 's', 0, G_OPTION_ARG_DOUBLE, &options->seconds, "or after this time", "S"},
        {"domain", 'd', 0, G_OPTION_ARG_STRING, &options->domain, "of sender and Message-ID (client.example)", "NAME"},
        {"run", 'r', 0, G_OPTION_ARG_STRING, &options->run, "part of all names in this run (the time)", "WORD"},
        {"pid", 'p', 0, G_OPTION_ARG_STRING_ARRAY, &options->pids, "tell what this process costs; may be given again",
         "PID"},
        {0},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("ADDRESS MESSAGE - load a milter as a mail server does");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, error))
        return FALSE;
    if (options->domain == NULL)
        options->domain = g_strdup("client.example");
    if (options->run == NULL)
        options->run = g_strdup_printf("%" G_GINT64_MODIFIER "X", g_get_real_time());
    return *argc == 3 && options->connections > 0 && options->silent >= 0 && options->messages > 0 &&
           (options->pids == NULL || g_strv_length(options->pids) <= PIDS_MAX);
}

int main(int argc, char **argv)
{
    struct load load = {.options = {.connections = 8, .messages = G_MAXINT}};
    g_autoptr(GError) error = NULL;
    if (!read_options(&argc, &argv, &load.options, &error)) {
        g_printerr("mta_load: %s\n", error != NULL ? error->message : "wrong arguments; --help shows the usage");
        return EX_USAGE;
    }
    load.address = argv[1];
    read_message(&load, argv[2]);
    run(&load);
    free_message(&load);
    free_options(&load.options);
    return EXIT_SUCCESS;
}
