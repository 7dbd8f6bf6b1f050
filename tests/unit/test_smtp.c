/* test_smtp.c - SMTP replies, dot-stuffing, and the client against a scripted server. */
#include "importer/smtp.h"
#include "lib/error.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct {
    const char *name;
    const char *data;
    size_t used; /* 0: more is needed */
    int code;
    const char *enhanced;
    const char *text;
    const char *message; /* the error's; NULL: fine */
} reply_cases[] = {
    {"one line", "250 2.0.0 Ok: queued as 4Qx\r\n", 29, 250, "2.0.0", "Ok: queued as 4Qx", NULL},
    {"no enhanced code", "354 End data with <CR><LF>.<CR><LF>\r\n", 37, 354, "", "End data with <CR><LF>.<CR><LF>",
     NULL},
    {"several lines", "250-a.example\r\n250-PIPELINING\r\n250 SIZE 10\r\n", 44, 250, "",
     "a.example\nPIPELINING\nSIZE 10", NULL},
    {"enhanced on each line", "550-5.7.1 quarter\r\n550 5.7.1 used\r\n", 35, 550, "5.7.1", "quarter\nused", NULL},
    {"code alone", "250\r\n", 5, 250, "", "", NULL},
    {"bare LF", "250 ok\n", 7, 250, "", "ok", NULL},
    {"no enhanced code: class", "250 3.7.1 x\r\n", 13, 250, "", "3.7.1 x", NULL},
    {"no enhanced code: four parts", "550 5.7.1.9 x\r\n", 15, 550, "", "5.7.1.9 x", NULL},
    {"no enhanced code: long part", "550 5.7777.1 x\r\n", 16, 550, "", "5.7777.1 x", NULL},
    {"enhanced code alone", "451 4.3.0\r\n", 11, 451, "4.3.0", "", NULL},
    {"control characters",
     "450 a\tb\x1b"
     "c\r\n",
     11, 450, "", "a b c", NULL},
    {"not UTF-8", "450 \xff\r\n", 7, 450, "", "\xef\xbf\xbd", NULL},
    {"half a line", "250 ok\r", 0, 250, "", NULL, NULL},
    {"half a reply", "250-a\r\n250-b\r\n", 0, 250, "", NULL, NULL},
    {"nothing", "", 0, 0, "", NULL, NULL},
    {"the rest stays", "250 a\r\n354 b\r\n", 7, 250, "", "a", NULL},
    {"no reply", "SSH-2.0-OpenSSH\r\n", 0, 0, "", NULL, "no SMTP reply"},
    {"bad class", "150 x\r\n", 0, 0, "", NULL, "no SMTP reply"},
    {"no separator", "250x\r\n", 0, 0, "", NULL, "no SMTP reply"},
    {"two codes", "250-a\r\n550 b\r\n", 0, 0, "", NULL, "different codes"},
};

static void test_reply(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(reply_cases); i++) {
        g_autoptr(GError) error = NULL;
        struct smtp_reply reply;
        size_t used;
        g_test_message("%s", reply_cases[i].name);
        gboolean good = smtp_reply_parse(reply_cases[i].data, strlen(reply_cases[i].data), &reply, &used, &error);
        g_assert_cmpint(good, ==, reply_cases[i].message == NULL);
        g_assert_cmpuint(used, ==, reply_cases[i].used);
        if (!good)
            g_assert_nonnull(strstr(error->message, reply_cases[i].message));
        if (used == 0)
            continue;
        g_assert_cmpint(reply.code, ==, reply_cases[i].code);
        g_assert_cmpstr(reply.enhanced, ==, reply_cases[i].enhanced);
        g_assert_cmpstr(reply.text, ==, reply_cases[i].text);
    }
}

static void test_reply_limits(void)
{
    g_autoptr(GString) data = g_string_new("250 ");
    struct smtp_reply reply;
    size_t used;
    while (data->len < SMTP_LINE_MAX)
        g_string_append(data, "\xc3\xa4");
    g_string_append(data, "\n");
    g_assert_true(smtp_reply_parse(data->str, data->len, &reply, &used, NULL));
    g_assert_cmpuint(used, ==, data->len);
    g_assert_cmpuint(strlen(reply.text), <, SMTP_TEXT_SIZE);
    g_assert_true(g_utf8_validate(reply.text, -1, NULL));
    g_string_insert(data, 4, "xx");
    g_assert_false(smtp_reply_parse(data->str, data->len - 1, &reply, &used, NULL));
    g_string_truncate(data, 0);
    for (int i = 0; i < SMTP_LINES_MAX; i++)
        g_string_append(data, "250-x\r\n");
    g_assert_false(smtp_reply_parse(data->str, data->len, &reply, &used, NULL));
}

static void test_reply_line(void)
{
    struct smtp_reply reply = {451, "4.7.1", "later\nor never"}, none = {0};
    g_autofree char *line = smtp_reply_line(&reply), *empty = smtp_reply_line(&none);
    g_assert_cmpstr(line, ==, "451 4.7.1 later or never");
    g_assert_cmpstr(empty, ==, "");
    g_assert_true(smtp_reply_temporary(&reply));
    g_assert_false(smtp_reply_good(&reply));
    g_assert_false(smtp_reply_temporary(&none));
}

static const struct {
    const char *name;
    const char *message;
    const char *stuffed; /* NULL: refused */
} stuff_cases[] = {
    {"plain", "a\r\nb\r\n", "a\r\nb\r\n.\r\n"},
    {"dots", ".\r\n..x\r\na.b\r\n", "..\r\n...x\r\na.b\r\n.\r\n"},
    {"dot at the start", ".a\r\n", "..a\r\n.\r\n"},
    {"no end of line", "a", "a\r\n.\r\n"},
    {"empty line last", "a\r\n\r\n", "a\r\n\r\n.\r\n"},
    {"nothing", "", ".\r\n"},
    {"lone LF", "a\nb\r\n", NULL},
    {"lone LF, then a dot", "a\n.\r\n", NULL},
    {"lone CR", "a\rb\r\n", NULL},
    {"lone CR before CRLF", "a\r\r\n", NULL},
    {"lone CR at the end", "a\r", NULL},
};

static void test_stuff(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(stuff_cases); i++) {
        g_autoptr(GString) to = g_string_new(NULL);
        g_autoptr(GError) error = NULL;
        g_test_message("%s", stuff_cases[i].name);
        gboolean good = smtp_stuff(to, stuff_cases[i].message, strlen(stuff_cases[i].message), &error);
        g_assert_cmpint(good, ==, stuff_cases[i].stuffed != NULL);
        if (good)
            g_assert_cmpstr(to->str, ==, stuff_cases[i].stuffed);
    }
}

/* --- a scripted server -------------------------------------------------------------------------- */

/* One line of a script: what must come ("" nothing), and what is said then (NULL: close the connection). */
struct step {
    const char *want;
    const char *say;
};

struct server {
    int fd;
    guint16 port;
    const struct step *steps;
    GThread *thread;
};

/* Reads exactly what is wanted; a client that says something else fails the test. */
static void expect(int fd, const char *want)
{
    char got[4096];
    size_t size = strlen(want), filled = 0;
    g_assert_cmpuint(size, <, sizeof got);
    while (filled < size) {
        ssize_t count = recv(fd, got + filled, size - filled, 0);
        g_assert_cmpint(count, >, 0);
        filled += (size_t)count;
    }
    got[filled] = '\0';
    g_assert_cmpstr(got, ==, want);
}

static void *serve(void *data)
{
    struct server *server = data;
    int fd = accept(server->fd, NULL, NULL);
    g_assert_cmpint(fd, >=, 0);
    for (const struct step *step = server->steps; step->want != NULL; step++) {
        expect(fd, step->want);
        if (step->say == NULL)
            break;
        g_assert_cmpint(send(fd, step->say, strlen(step->say), MSG_NOSIGNAL), ==, (gssize)strlen(step->say));
    }
    shutdown(fd, SHUT_WR);
    char rest[64];
    while (recv(fd, rest, sizeof rest, 0) > 0)
        ;
    close(fd);
    return NULL;
}

static void server_start(struct server *server, const struct step *steps)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(server->fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(listen(server->fd, 1), ==, 0);
    g_assert_cmpint(getsockname(server->fd, (struct sockaddr *)&address, &size), ==, 0);
    server->port = ntohs(address.sin_port);
    server->steps = steps;
    server->thread = g_thread_new("server", serve, server);
}

static void server_stop(struct server *server)
{
    g_thread_join(server->thread);
    close(server->fd);
}

static char *ehlo(void)
{
    char name[256] = "localhost";
    gethostname(name, sizeof name - 1);
    return g_strdup_printf("EHLO %s\r\n", name);
}

#define HELLO "250-mx.example\r\n250-PIPELINING\r\n250-SIZE 100\r\n250-ENHANCEDSTATUSCODES\r\n250 SMTPUTF8\r\n"
#define ENVELOPE "MAIL FROM:<pw-x@r.example> SIZE=5\r\nRCPT TO:<a@b.example>\r\nDATA\r\n"

static const struct smtp_mail mail = {"pw-x@r.example", "a@b.example", ".hi\r\n", 5, FALSE};

/* What one mail ends with: a reply, or an error. */
static const struct {
    const char *name;
    struct step steps[3]; /* after EHLO */
    const char *reply;
    const char *message;
    int code;
} mail_cases[] = {
    {"accepted",
     {{ENVELOPE, "250 ok\r\n250 ok\r\n354 go\r\n"}, {"..hi\r\n.\r\n", "250 2.0.0 Ok: queued\r\n"}},
     "250 2.0.0 Ok: queued",
     NULL,
     0},
    {"refused at RCPT",
     {{ENVELOPE, "250 ok\r\n550 5.7.1 no\r\n554 5.5.1 no valid recipients\r\n"}, {"RSET\r\n", "250 ok\r\n"}},
     "550 5.7.1 no",
     NULL,
     0},
    {"refused at RCPT, DATA taken",
     {{ENVELOPE, "250 ok\r\n451 4.7.1 later\r\n354 go\r\n"}, {".\r\n", "554 none\r\n"}},
     "451 4.7.1 later",
     NULL,
     0},
    {"refused at MAIL",
     {{ENVELOPE, "451 4.7.1 milter\r\n503 need MAIL\r\n503 need RCPT\r\n"}, {"RSET\r\n", "250 ok\r\n"}},
     "451 4.7.1 milter",
     NULL,
     0},
    {"refused at DATA",
     {{ENVELOPE, "250 ok\r\n250 ok\r\n451 4.3.0 not now\r\n"}, {"RSET\r\n", "250 ok\r\n"}},
     "451 4.3.0 not now",
     NULL,
     0},
    {"shutting down within the envelope", {{ENVELOPE, "250 ok\r\n421 4.3.2 bye\r\n"}}, "421 4.3.2 bye", NULL, 0},
    {"refused at the end",
     {{ENVELOPE, "250 ok\r\n250 ok\r\n354 go\r\n"}, {"..hi\r\n.\r\n", "451 4.3.0 file\r\n"}},
     "451 4.3.0 file",
     NULL,
     0},
    {"shutting down", {{ENVELOPE, "421 4.3.2 bye\r\n"}}, "421 4.3.2 bye", NULL, 0},
    {"closed before the reply",
     {{ENVELOPE, "250 ok\r\n250 ok\r\n354 go\r\n"}, {"..hi\r\n.\r\n", NULL}},
     NULL,
     "closed",
     ERROR_UNAVAILABLE},
    {"garbage", {{ENVELOPE, "what?\r\n"}}, NULL, "no SMTP reply", ERROR_PROTOCOL},
};

static void test_mail(void)
{
    g_autofree char *hello = ehlo();
    for (size_t i = 0; i < G_N_ELEMENTS(mail_cases); i++) {
        struct step steps[6] = {{"", "220 mx.example ESMTP\r\n"}, {hello, HELLO}};
        struct server server;
        struct smtp_reply reply;
        g_autoptr(GError) error = NULL;
        g_test_message("%s", mail_cases[i].name);
        memcpy(steps + 2, mail_cases[i].steps, sizeof mail_cases[i].steps);
        server_start(&server, steps);
        struct smtp *smtp = smtp_connect("127.0.0.1", server.port, 5000, &error);
        g_assert_no_error(error);
        gboolean sent = smtp_send(smtp, &mail, NULL, &reply, &error);
        smtp_free(smtp);
        server_stop(&server);
        g_assert_cmpint(sent, ==, mail_cases[i].reply != NULL);
        g_autofree char *line = smtp_reply_line(&reply);
        if (sent) {
            g_assert_cmpstr(line, ==, mail_cases[i].reply);
            continue;
        }
        g_assert_nonnull(strstr(error->message, mail_cases[i].message));
        g_assert_cmpint(error_exit_status(error), ==, mail_cases[i].code);
    }
}

/* A connection takes one mail after the other, and goes on after a mail that can't be sent. */
static void test_several(void)
{
    g_autofree char *hello = ehlo();
    const struct step steps[] = {
        {"", "220 mx.example ESMTP\r\n"},
        {hello, HELLO},
        {ENVELOPE, "250 ok\r\n550 5.7.1 no\r\n554 none\r\n"},
        {"RSET\r\n", "250 ok\r\n"}, /* else this is "503 nested MAIL" to Postfix */
        {"MAIL FROM:<> SIZE=5 SMTPUTF8\r\nRCPT TO:<\xc3\xa4@b.example>\r\nDATA\r\n", "250 ok\r\n250 ok\r\n354 go\r\n"},
        {"..hi\r\n.\r\n", "250 ok\r\n"},
        {"QUIT\r\n", NULL},
        {NULL, NULL},
    };
    const struct smtp_mail utf8 = {"", "\xc3\xa4@b.example", ".hi\r\n", 5, TRUE};
    struct smtp_mail large = mail, lone = mail, injected = mail;
    struct server server;
    struct smtp_reply reply;
    g_autoptr(GError) error = NULL;
    g_autofree char *much = g_strnfill(101, 'x');
    large.message = much;
    large.size = 101;
    lone.message = "a\nb\n";
    lone.size = 4;
    injected.recipient = "a@b.example>\r\nRCPT TO:<c@d.example";
    server_start(&server, steps);
    struct smtp *smtp = smtp_connect("127.0.0.1", server.port, 5000, &error);
    g_assert_no_error(error);
    g_assert_true(smtp_send(smtp, &mail, NULL, &reply, &error));
    g_assert_cmpint(reply.code, ==, 550);
    const struct smtp_mail *bad[] = {&large, &lone, &injected};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_false(smtp_send(smtp, bad[i], NULL, &reply, &error));
        g_assert_cmpint(error_exit_status(error), ==, ERROR_DATA);
        g_clear_error(&error);
    }
    g_assert_true(smtp_send(smtp, &utf8, NULL, &reply, &error));
    g_assert_cmpint(reply.code, ==, 250);
    smtp_free(smtp);
    server_stop(&server);
}

#define NEXT "MAIL FROM:<pw-y@r.example> SIZE=7\r\nRCPT TO:<c@d.example>\r\nDATA\r\n"

/* Two mails in turn, the second announced with the first one's content. */
static const struct {
    const char *name;
    const char *message; /* of the second mail */
    struct step steps[4];
    const char *first, *second; /* their replies; NULL: none came */
    int second_code;            /* where there is none */
} pipelined_cases[] = {
    {"both taken",
     "hello\r\n",
     {{ENVELOPE, "250 ok\r\n250 ok\r\n354 go\r\n"},
      {"..hi\r\n.\r\n" NEXT, "250 one\r\n250 ok\r\n250 ok\r\n354 go\r\n"},
      {"hello\r\n.\r\n", "250 two\r\n"}},
     "250 one",
     "250 two",
     0},
    {"the first is refused at the end",
     "hello\r\n",
     {{ENVELOPE, "250 ok\r\n250 ok\r\n354 go\r\n"},
      {"..hi\r\n.\r\n" NEXT, "451 4.7.1 later\r\n250 ok\r\n250 ok\r\n354 go\r\n"},
      {"hello\r\n.\r\n", "250 two\r\n"}},
     "451 4.7.1 later",
     "250 two",
     0},
    {"the first is refused at RCPT: nothing is announced",
     "hello\r\n",
     {{ENVELOPE, "250 ok\r\n550 no\r\n554 none\r\n"},
      {"RSET\r\n", "250 ok\r\n"},
      {NEXT, "250 ok\r\n250 ok\r\n354 go\r\n"},
      {"hello\r\n.\r\n", "250 two\r\n"}},
     "550 no",
     "250 two",
     0},
    {"the second is refused at RCPT, DATA taken",
     "hello\r\n",
     {{ENVELOPE, "250 ok\r\n250 ok\r\n354 go\r\n"},
      {"..hi\r\n.\r\n" NEXT, "250 one\r\n250 ok\r\n550 no\r\n354 go\r\n"},
      {".\r\n", "554 none\r\n"}},
     "250 one",
     "550 no",
     0},
    {"closed after the first",
     "hello\r\n",
     {{ENVELOPE, "250 ok\r\n250 ok\r\n354 go\r\n"}, {"..hi\r\n.\r\n" NEXT, "250 one\r\n"}, {"", NULL}},
     "250 one",
     NULL,
     ERROR_UNAVAILABLE},
    {"the second can't be sent: it is not announced",
     "hello\n",
     {{ENVELOPE, "250 ok\r\n250 ok\r\n354 go\r\n"}, {"..hi\r\n.\r\n", "250 one\r\n"}},
     "250 one",
     NULL,
     ERROR_DATA},
};

static void check_reply(gboolean sent, const struct smtp_reply *reply, const char *want)
{
    g_autofree char *line = smtp_reply_line(reply);
    g_assert_cmpint(sent, ==, want != NULL);
    if (want != NULL)
        g_assert_cmpstr(line, ==, want);
}

static void test_pipelined(void)
{
    g_autofree char *hello = ehlo();
    for (size_t i = 0; i < G_N_ELEMENTS(pipelined_cases); i++) {
        struct step steps[7] = {{"", "220 mx.example ESMTP\r\n"}, {hello, HELLO}};
        struct server server;
        struct smtp_reply reply;
        g_autoptr(GError) error = NULL;
        g_test_message("%s", pipelined_cases[i].name);
        memcpy(steps + 2, pipelined_cases[i].steps, sizeof pipelined_cases[i].steps);
        const char *message = pipelined_cases[i].message;
        const struct smtp_mail second = {"pw-y@r.example", "c@d.example", message, strlen(message), FALSE};
        server_start(&server, steps);
        struct smtp *smtp = smtp_connect("127.0.0.1", server.port, 5000, &error);
        g_assert_no_error(error);
        check_reply(smtp_send(smtp, &mail, &second, &reply, &error), &reply, pipelined_cases[i].first);
        gboolean sent = smtp_send(smtp, &second, NULL, &reply, &error);
        smtp_free(smtp);
        server_stop(&server);
        check_reply(sent, &reply, pipelined_cases[i].second);
        if (!sent)
            g_assert_cmpint(error_exit_status(error), ==, pipelined_cases[i].second_code);
    }
}

static const struct {
    const char *name;
    struct step steps[3];
    const char *message;
    int code;
} connect_cases[] = {
    {"not SMTP", {{"", "SSH-2.0-x\r\n"}}, "another service", ERROR_PROTOCOL},
    {"busy", {{"", "421 4.3.2 too many\r\n"}}, "421 4.3.2 too many", ERROR_TEMPORARY},
    {"closed", {{"", NULL}}, "closed the connection", ERROR_UNAVAILABLE},
};

static void test_connect(void)
{
    g_autoptr(GError) error = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(connect_cases); i++) {
        struct server server;
        g_test_message("%s", connect_cases[i].name);
        server_start(&server, connect_cases[i].steps);
        g_assert_null(smtp_connect("127.0.0.1", server.port, 5000, &error));
        server_stop(&server);
        g_assert_nonnull(strstr(error->message, connect_cases[i].message));
        g_assert_cmpint(error_exit_status(error), ==, connect_cases[i].code);
        g_clear_error(&error);
    }
}

/* Nobody listens; somebody listens and says nothing; a server that can't pipeline. */
static void test_no_server(void)
{
    g_autoptr(GError) error = NULL;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&address, &size), ==, 0);
    g_assert_null(smtp_connect("127.0.0.1", ntohs(address.sin_port), 5000, &error));
    g_assert_cmpint(error_exit_status(error), ==, ERROR_UNAVAILABLE);
    g_assert_nonnull(strstr(error->message, "postfix status"));
    g_clear_error(&error);
    g_assert_cmpint(listen(fd, 1), ==, 0);
    g_assert_null(smtp_connect("127.0.0.1", ntohs(address.sin_port), 50, &error));
    g_assert_cmpint(error_exit_status(error), ==, ERROR_TEMPORARY);
    g_clear_error(&error);
    close(fd);
    g_autofree char *hello = ehlo();
    const struct step steps[] = {{"", "220 x\r\n"}, {hello, "250-x\r\n250 SIZE 0\r\n"}, {NULL, NULL}};
    struct server server;
    server_start(&server, steps);
    g_assert_null(smtp_connect("127.0.0.1", server.port, 5000, &error));
    server_stop(&server);
    g_assert_nonnull(strstr(error->message, "PIPELINING"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/smtp/reply", test_reply);
    g_test_add_func("/smtp/reply-limits", test_reply_limits);
    g_test_add_func("/smtp/reply-line", test_reply_line);
    g_test_add_func("/smtp/stuff", test_stuff);
    g_test_add_func("/smtp/mail", test_mail);
    g_test_add_func("/smtp/several", test_several);
    g_test_add_func("/smtp/pipelined", test_pipelined);
    g_test_add_func("/smtp/connect", test_connect);
    g_test_add_func("/smtp/no-server", test_no_server);
    return g_test_run();
}
