/* test_protocol.c - the milter protocol, octet by octet: what is understood, what is refused, what is answered. */
#include <string.h>

#include "milter/protocol.h"
#include "tests/unit/conversation.h"

/* A literal with its NULs, and its size. */
#define OCTETS(text) text, sizeof text - 1

#define NEGOTIATE "\0\0\0\x0dO\0\0\0\6\0\0\1\xff\0\x1f\xff\xff"
#define NEGOTIATED "\0\0\0\x0dO\0\0\0\6\0\0\0\1\0\x1c\xc3\x83"
#define OLD_NEGOTIATE "\0\0\0\x0dO\0\0\0\2\0\0\0\1\0\0\0\0"
#define OLD_NEGOTIATED "\0\0\0\x0dO\0\0\0\2\0\0\0\1\0\0\0\0"
#define MAIL "\0\0\0\7M<a@b>\0"
#define RCPT "\0\0\0\7R<c@d>\0"
#define QUEUE_ID                                                                                                       \
    "\0\0\0\6DTi\0"                                                                                                    \
    "4\0"
#define FIELD "\0\0\0\x0bLFrom\0 a@b\0"
#define END_HEADER "\0\0\0\1N"
#define BODY "\0\0\0\5Bx\r\n\r"
#define END "\0\0\0\1E"
#define ABORT "\0\0\0\1A"
#define QUIT "\0\0\0\1Q"
#define GO_ON "\0\0\0\1c"
#define ACCEPT "\0\0\0\1a"
#define WHOLE_MAIL MAIL RCPT QUEUE_ID FIELD END_HEADER BODY END

struct good {
    const char *name;
    const char *octets;
    size_t size;
    const char *answer;
    size_t answer_size;
    gboolean ended;
};

static const struct good good[] = {
    {"negotiation", OCTETS(NEGOTIATE), OCTETS(NEGOTIATED), FALSE},
    {"the version of an older mail server", OCTETS(OLD_NEGOTIATE), OCTETS(OLD_NEGOTIATED), FALSE},
    {"a mail in one go", OCTETS(NEGOTIATE WHOLE_MAIL), OCTETS(NEGOTIATED ACCEPT), FALSE},
    {"two mails", OCTETS(NEGOTIATE WHOLE_MAIL ABORT WHOLE_MAIL), OCTETS(NEGOTIATED ACCEPT ACCEPT), FALSE},
    {"a mail given up", OCTETS(NEGOTIATE MAIL RCPT FIELD ABORT WHOLE_MAIL), OCTETS(NEGOTIATED ACCEPT), FALSE},
    {"each step answered", OCTETS(OLD_NEGOTIATE MAIL RCPT QUEUE_ID FIELD END_HEADER BODY END),
     OCTETS(OLD_NEGOTIATED GO_ON GO_ON GO_ON GO_ON GO_ON ACCEPT), FALSE},
    {"steps nobody asked for", OCTETS(OLD_NEGOTIATE "\0\0\0\4Cx\0U\0\0\0\3Hx\0\0\0\0\1T\0\0\0\3Ux\0"),
     OCTETS(OLD_NEGOTIATED GO_ON GO_ON GO_ON GO_ON), FALSE},
    {"the last piece with the end", OCTETS(NEGOTIATE MAIL RCPT FIELD END_HEADER "\0\0\0\3E\r\n"),
     OCTETS(NEGOTIATED ACCEPT), FALSE},
    {"another session", OCTETS(NEGOTIATE MAIL "\0\0\0\1K" WHOLE_MAIL), OCTETS(NEGOTIATED ACCEPT), FALSE},
    {"macros cut short", OCTETS(NEGOTIATE "\0\0\0\4DMi\0" WHOLE_MAIL), OCTETS(NEGOTIATED ACCEPT), FALSE},
    {"the end of a mail that never began", OCTETS(NEGOTIATE END),
     OCTETS(NEGOTIATED "\0\0\0\x33y451 4.3.5 the message has an end but no beginning\0"), FALSE},
    {"quit", OCTETS(NEGOTIATE QUIT WHOLE_MAIL), OCTETS(NEGOTIATED), TRUE},
    {"quit at once", OCTETS(QUIT), OCTETS(""), TRUE},
};

static void test_good(gconstpointer data)
{
    const struct good *it = data;
    g_autoptr(GBytes) answer = g_bytes_new_static(it->answer, it->answer_size);
    for (size_t piece = 1; piece <= it->size; piece++) { /* however it is cut */
        g_autoptr(GError) error = NULL;
        gboolean ended;
        g_autoptr(GBytes) sent = conversation(it->octets, it->size, piece, &ended, &error);
        g_assert_no_error(error);
        g_assert_true(g_bytes_equal(sent, answer));
        g_assert_cmpint(ended, ==, it->ended);
    }
}

static const struct {
    const char *name;
    const char *octets;
    size_t size;
    const char *message;
} bad[] = {
    {"length 0", OCTETS("\0\0\0\0\0"), "a packet of 0 octets*"},
    {"4 GiB",
     OCTETS("\xff\xff\xff\xff"
            "B"),
     "a packet of 4294967295 octets*"},
    {"one octet too long", OCTETS(NEGOTIATE "\0\2\0\1B"), "a packet of 131073 octets*"},
    {"text", OCTETS("EHLO client.example\r\n"), "a packet of * octets*"},
    {"an unknown command", OCTETS(NEGOTIATE "\0\0\0\1z"), "command 0x7a*"},
    {"a mail before the negotiation", OCTETS(MAIL), "command M comes before*"},
    {"a second negotiation", OCTETS(NEGOTIATE NEGOTIATE), "a second negotiation"},
    {"a short negotiation", OCTETS("\0\0\0\5O\0\0\0\6"), "negotiation: *"},
    {"version 1", OCTETS("\0\0\0\x0dO\0\0\0\1\0\0\1\xff\0\0\0\0"), "protocol version 1*"},
    {"fields may not be added", OCTETS("\0\0\0\x0dO\0\0\0\6\0\0\1\xfe\0\0\0\0"), "*does not let*"},
    {"MAIL without end", OCTETS(NEGOTIATE "\0\0\0\3M<a"), "MAIL: *"},
    {"RCPT without end", OCTETS(NEGOTIATE MAIL "\0\0\0\1R"), "RCPT: *"},
    {"a field without value", OCTETS(NEGOTIATE MAIL "\0\0\0\6LFrom\0"), "header field: *"},
    {"macros of nothing", OCTETS(NEGOTIATE "\0\0\0\1D"), "macros: *"},
};

static void test_bad(gconstpointer data)
{
    size_t i = GPOINTER_TO_SIZE(data);
    g_autoptr(GError) error = NULL;
    gboolean ended;
    g_autoptr(GBytes) sent = conversation(bad[i].octets, bad[i].size, bad[i].size, &ended, &error);
    g_assert_nonnull(sent);
    g_assert_true(ended);
    g_assert_nonnull(error);
    if (!g_pattern_match_simple(bad[i].message, error->message))
        g_error("got: %s", error->message);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autofree char *path = g_strconcat("/protocol/good/", good[i].name, NULL);
        g_test_add_data_func(path, &good[i], test_good);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *path = g_strconcat("/protocol/bad/", bad[i].name, NULL);
        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_bad);
    }
    return g_test_run();
}
