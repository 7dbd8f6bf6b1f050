/*
 * test_mime_oracle.c - a second reader's opinion on the walk through a mail's parts: GMime reads whatever the content
 * rule accepts, in its own lenient way, and what it finds must be what the rule allows: no other types, each text's
 * words and each picture as the rule has seen them, so that none of them loads anything.
 *
 * Mails are the newsletters and tens of thousands made from them with telling lines put in, taken out, doubled, cut.
 */
#include <gmime/gmime.h>
#include <string.h>

#include "lib/content.h"

#define ROUNDS 40000

/* --- the second reader --- */

static const char *const containers[] = {"multipart/mixed", "multipart/alternative", "multipart/related"};

/* How files of the allowed types begin. */
static const struct {
    const char *type, *start;
    size_t size;
} files[] = {
    {"image/png", "\x89PNG\r\n\x1a\n", 8},
    {"image/jpeg", "\xff\xd8\xff", 3},
    {"image/gif", "GIF8", 4},
    {"image/webp", "RIFF", 4},
    {"application/pdf", "%PDF-", 5},
};

static const char head[] = "From: a@client.example\r\nDate: Mon, 23 Nov 2026 08:00:00 +0100\r\nMessage-ID: <1@x>\r\n"
                           "Subject: x\r\nList-Unsubscribe: <https://u.example/x>\r\n"
                           "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nMIME-Version: 1.0\r\n"
                           "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n";

static GByteArray *decoded(GMimePart *part)
{
    GMimeStream *stream = g_mime_stream_mem_new();
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    GByteArray *octets = g_byte_array_new();
    if (content != NULL)
        g_mime_data_wrapper_write_to_stream(content, stream);
    GByteArray *written = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    g_byte_array_append(octets, written->data, written->len);
    /* Of the CR LF before a delimiter at the mail's very end, without line end, GMime 3.2 leaves the CR to the part. */
    if (octets->len > 0 && octets->data[octets->len - 1] == '\r')
        octets->len--;
    g_byte_array_append(octets, (const guint8 *)"", 1); /* a NUL behind them; an empty array would have no data */
    octets->len--;
    g_object_unref(stream);
    return octets;
}

/* Text alone in a mail, so that the rule for plain text judges it; words are not asked for. */
static gboolean plain_text_passes(const char *text, size_t size)
{
    struct content_options options = CONTENT_OPTIONS_DEFAULT;
    g_autoptr(GPtrArray) findings = content_findings_new();
    g_autoptr(GString) mail = g_string_new(head);
    g_autofree char *base64 = g_base64_encode((const guchar *)text, size);
    for (size_t i = 0, length = strlen(base64); i < length; i += 76)
        g_string_append_printf(mail, "%.76s\r\n", base64 + i);
    if (content_check_message((struct slice){mail->str, mail->len}, &options, findings))
        return TRUE;
    const struct content_finding *first = g_ptr_array_index(findings, 0);
    return findings->len == 1 && first->reason == CONTENT_TEXT_MISSING;
}

static const char *judge_text(GMimePart *part, gboolean html)
{
    const char *charset = g_mime_object_get_content_type_parameter(GMIME_OBJECT(part), "charset");
    struct content_options options = CONTENT_OPTIONS_DEFAULT;
    GByteArray *octets = decoded(part);
    gsize size;
    g_autofree char *text = g_convert((const char *)octets->data, octets->len, "utf-8",
                                      charset != NULL ? charset : "us-ascii", NULL, &size, NULL);
    g_byte_array_unref(octets);
    if (text == NULL)
        return "a text that is not in its charset";
    if (html)
        return content_check_html((struct slice){text, size}, &options, NULL) ? NULL : "HTML that is not allowed";
    return plain_text_passes(text, size) ? NULL : "a plain text that is not allowed";
}

static const char *judge_file(GMimePart *part, const char *type)
{
    GByteArray *octets = decoded(part);
    const char *wrong = "a type that is not allowed";
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
        if (g_ascii_strcasecmp(type, files[i].type) == 0)
            wrong = octets->len >= files[i].size && memcmp(octets->data, files[i].start, files[i].size) == 0
                        ? NULL
                        : "data that are not of their type";
    g_byte_array_unref(octets);
    return wrong;
}

/* What is wrong with an object of the tree, NULL: nothing. */
static const char *judge_object(GMimeObject *object)
{
    g_autofree char *type = g_mime_content_type_get_mime_type(g_mime_object_get_content_type(object));
    if (GMIME_IS_MULTIPART(object)) {
        for (size_t i = 0; i < G_N_ELEMENTS(containers); i++)
            if (g_ascii_strcasecmp(type, containers[i]) == 0)
                return NULL;
        return "a multipart that is not allowed";
    }
    if (!GMIME_IS_PART(object))
        return "a message inside the message";
    if (g_mime_part_get_openpgp_data(GMIME_PART(object)) != GMIME_OPENPGP_DATA_NONE)
        return "something encrypted";
    if (g_ascii_strcasecmp(type, "text/plain") == 0 || g_ascii_strcasecmp(type, "text/html") == 0)
        return judge_text(GMIME_PART(object), g_ascii_strcasecmp(type, "text/html") == 0);
    return judge_file(GMIME_PART(object), type);
}

struct opinion {
    const char *wrong;
    unsigned parts, texts;
};

static void see_object(GMimeObject *parent, GMimeObject *object, gpointer user)
{
    struct opinion *opinion = user;
    (void)parent;
    opinion->parts++;
    opinion->texts +=
        GMIME_IS_PART(object) && g_mime_content_type_is_type(g_mime_object_get_content_type(object), "text", "plain");
    const char *wrong = judge_object(object);
    if (opinion->wrong == NULL)
        opinion->wrong = wrong;
}

/* What GMime finds in the mail. */
static struct opinion oracle(const char *mail, size_t size)
{
    struct opinion opinion = {0};
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(mail, size);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    if (message == NULL) {
        opinion.wrong = "no message at all";
    } else {
        see_object(NULL, g_mime_message_get_mime_part(message), &opinion);
        opinion.parts = opinion.texts = 0;
        g_mime_message_foreach(message, see_object, &opinion);
        if (opinion.wrong == NULL && opinion.texts == 0)
            opinion.wrong = "no plain text";
        g_object_unref(message);
    }
    g_object_unref(parser);
    g_object_unref(stream);
    return opinion;
}

/* --- mails --- */

static gboolean accepted(const GString *mail)
{
    struct content_options options = CONTENT_OPTIONS_DEFAULT;
    return content_check_message((struct slice){mail->str, mail->len}, &options, NULL);
}

/* The boundaries of nested.eml, the types, encodings and charsets of all; HTML that loads, plain and encoded. */
static const char *const lines[] = {
    "",
    " ",
    "--outer",
    "--outer--",
    "--inner",
    "--inner--",
    "--outer ",
    "--inner\t",
    "-- outer",
    "--oute",
    "--outerx",
    "--inner--x",
    " --inner",
    "--",
    "-- ",
    "From nobody Mon Nov 23 08:00:00 2026",
    "Content-Type: text/html; charset=utf-8",
    "Content-Type: text/html",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Type: text/plain",
    "Content-Type:",
    "Content-Type: text/html; charset=\"utf-8\"; charset=utf-7",
    "Content-Type: multipart/mixed; boundary=inner",
    "Content-Type: multipart/mixed; boundary=\"outer\"",
    "Content-Type: multipart/alternative;",
    " boundary=inner",
    "\tboundary=\"outer\"",
    "Content-Type: message/rfc822",
    "Content-Type: image/png",
    "Content-Type: application/pdf",
    "Content-Type: application/octet-stream",
    "Content-type : text/html; charset=utf-8",
    "CONTENT-TYPE: TEXT/HTML; CHARSET=UTF-8",
    "Content-Type: text/html; charset=iso-8859-1",
    "Content-Type: text/html; charset=windows-1252 (x)",
    "Content-Transfer-Encoding: base64",
    "Content-Transfer-Encoding: quoted-printable",
    "Content-Transfer-Encoding: 8bit",
    "Content-Transfer-Encoding: 7bit",
    "Content-Transfer-Encoding: binary",
    "Content-Transfer-Encoding: x-uuencode",
    "Content-Transfer-Encoding: \"base64\"",
    "Content-Disposition: inline",
    "Content-Disposition: attachment; filename=x.html",
    "Content-Disposition: attachment; filename=x.pdf",
    "Content-ID: <a>",
    "X-Field: value",
    "MIME-Version: 1.0",
    "<img src=http://x.test/>",
    "<p>x</p>",
    "<!-- ",
    "-->",
    "<img src=3Dhttp://x.test/>",
    "<img src=3D=",
    "http://x.test/>",
    "=3Cimg src=3D\"http://x.test/\">",
    "PGltZyBzcmM9aHR0cDovL3gudGVzdC8+",
    "PHA+eDwvcD4=",
    "PHA+",
    "====",
    "R3V0ZW4gVGFn",
    "+ADw-img src+AD0-http://x.test/+AD4-",
    "begin 644 x.html",
    "`",
    "end",
    "Guten Tag",
    "Gr=C3=BC=C3=9Fe",
    "x =",
    "x\xc3\xa4",
    "%PDF-1.4",
    "\x89PNG",
};

/* Mails for the mutations: the files of tests/data/newsletter, and this one. */
static const char nested[] =
    "From: a@client.example\r\nDate: Mon, 23 Nov 2026 08:00:00 +0100\r\nMessage-ID: <1@client.example>\r\n"
    "Subject: x\r\nList-Unsubscribe: <https://u.example/x>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\n"
    "--outer\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n"
    "--inner\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGuten Tag\r\n"
    "--inner\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Guten Tag</p>\r\n--inner--\r\n"
    "--outer\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment\r\n\r\n%PDF-1.4\r\n--outer--\r\n";

static GPtrArray *make_seeds(void)
{
    static const char *const names[] = {"agency.eml", "latin.eml", "plain.eml", "question.eml"};
    GPtrArray *seeds = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_test_build_filename(G_TEST_DIST, "tests/data/newsletter", names[i], NULL);
        char *text;
        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        g_ptr_array_add(seeds, text);
    }
    for (int i = 0; i < 6; i++) /* the most telling, so the most often */
        g_ptr_array_add(seeds, g_strdup(nested));
    return seeds;
}

/* Changes a line of the mail, or an octet. */
static void mutate(GRand *rand, GPtrArray *mail)
{
    guint place = (guint)g_rand_int_range(rand, 0, (gint32)mail->len);
    guint other = (guint)g_rand_int_range(rand, 0, (gint32)mail->len);
    char *line = mail->pdata[place];
    switch (g_rand_int_range(rand, 0, 6)) {
    case 0:
    case 1:
        g_ptr_array_insert(mail, (gint)place, g_strdup(lines[g_rand_int_range(rand, 0, G_N_ELEMENTS(lines))]));
        break;
    case 2:
        g_free(line);
        mail->pdata[place] = g_strdup(lines[g_rand_int_range(rand, 0, G_N_ELEMENTS(lines))]);
        break;
    case 3:
        if (mail->len > 1)
            g_ptr_array_remove_index(mail, place);
        break;
    case 4:
        g_ptr_array_insert(mail, (gint)other, g_strdup(line));
        break;
    default:
        if (line[0] != '\0')
            line[g_rand_int_range(rand, 0, (gint32)strlen(line))] = "=-;:\" \t<>/\rax0"[g_rand_int_range(rand, 0, 15)];
        break;
    }
}

static GString *make_mail(GRand *rand, const char *seed)
{
    g_auto(GStrv) split = g_strsplit(seed, "\r\n", -1);
    g_autoptr(GPtrArray) mail = g_ptr_array_new_with_free_func(g_free);
    for (char **line = split; *line != NULL; line++)
        g_ptr_array_add(mail, g_strdup(*line));
    for (int n = g_rand_int_range(rand, 1, 4); n > 0; n--)
        mutate(rand, mail);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < mail->len; i++)
        g_string_append_printf(text, "%s%s", (const char *)mail->pdata[i], i + 1 < mail->len ? "\r\n" : "");
    return text;
}

static void test_mutations(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(20261123);
    g_autoptr(GPtrArray) seeds = make_seeds();
    unsigned kept = 0, loading = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        g_autoptr(GString) mail = make_mail(rand, seeds->pdata[round % seeds->len]);
        if (accepted(mail)) {
            struct opinion opinion = oracle(mail->str, mail->len);
            if (opinion.wrong != NULL)
                g_error("accepted, but GMime finds %s:\n%s", opinion.wrong, mail->str);
            kept++;
        } else if (round % 16 == 0 && oracle(mail->str, mail->len).wrong != NULL) {
            loading++;
        }
    }
    g_test_message("%u of %u accepted; GMime finds something wrong in %u of a sixteenth of the others", kept, ROUNDS,
                   loading);
    /* The test tells something only while both happen. */
    g_assert_cmpuint(kept, >, ROUNDS / 100);
    g_assert_cmpuint(loading, >, ROUNDS / 200);
}

/* The mails as they are, and how many parts GMime sees in them. */
static void test_newsletters(void)
{
    static const unsigned parts[] = {5, 3, 1, 5, 5};
    g_autoptr(GPtrArray) seeds = make_seeds();
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        const char *mail = seeds->pdata[i];
        struct opinion opinion = oracle(mail, strlen(mail));
        g_assert_cmpstr(opinion.wrong, ==, NULL);
        g_assert_cmpuint(opinion.parts, ==, parts[i]);
    }
}

/* The oracle itself sees what it must. */
static void test_oracle(void)
{
    static const struct {
        const char *of, *becomes;
    } changes[] = {
        {"<p>Guten Tag</p>", "<img src=http://x.test/>"},
        {"text/html; charset=utf-8\r\n\r\n<p>",
         "text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nPGltZyBzcmM9aHR0cDovL3gudGVzdC8+"},
        {"application/pdf", "text/calendar"},
        {"application/pdf", "message/rfc822"},
        {"%PDF", "<htm"},
        {"multipart/mixed", "multipart/digest"},
        {"text/plain; charset=utf-8", "text/html; charset=utf-8"},
        {"\r\nGuten Tag", "\r\n<html><img src=http://x.test/>"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
        g_auto(GStrv) around = g_strsplit(nested, changes[i].of, 2);
        g_assert_nonnull(around[1]);
        g_autofree char *mail = g_strconcat(around[0], changes[i].becomes, around[1], NULL);
        g_test_message("%s", changes[i].becomes);
        g_assert_nonnull(oracle(mail, strlen(mail)).wrong);
        g_assert_false(accepted(&(GString){mail, strlen(mail), 0}));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_mime_init();
    g_test_add_func("/mime-oracle/oracle", test_oracle);
    g_test_add_func("/mime-oracle/newsletters", test_newsletters);
    g_test_add_func("/mime-oracle/mutations", test_mutations);
    return g_test_run();
}
