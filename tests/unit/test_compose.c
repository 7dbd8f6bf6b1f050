/* test_compose.c - composed mails, read back with GMime: structure, fields, texts, lines. */
#include "importer/compose.h"

#include <gmime/gmime.h>
#include <string.h>

#include "importer/compose_encode.h"
#include "lib/error.h"

#define BERLIN "Europe/Berlin"

/* Not a picture, but compose doesn't look into it: bytes of all values. */
static struct compose_pictures *make_pictures(void)
{
    guchar bytes[1000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (guchar)(i * 7);
    g_autoptr(GBytes) data = g_bytes_new(bytes, sizeof bytes);
    const struct picture pictures[] = {
        { "logo.png", "logo.1@mail.example", "image/png", data },
        { "Übersicht über alle Filialen.jpg", "plan.2@mail.example", "image/jpeg", data },
    };
    g_autoptr(GError) error = NULL;
    struct compose_pictures *prepared = compose_pictures_new(pictures, G_N_ELEMENTS(pictures), &error);
    g_assert_no_error(error);
    return prepared;
}

static const struct mail_field further[] = {
    { "X-CSA-Complaints", "csa-complaints@mail.example" },
    { "CFBL-Address", "fbl@mail.example; report=arf" },
};

static struct mail make_mail(GTimeZone *zone)
{
    return (struct mail){
        .from = {"umfrage@mail.example", "Müller & Söhne GmbH"},
        .reply_to = {"service@mail.example", "Service \"Umfrage\", Team 1"},
        .to = {"kim.beispiel@kunde.example", "Jörg-Wolfgang Freiherr von und zu Übersee-Müllerstein, Dr. phil. habil."},
        .subject = "Wie zufrieden sind Sie mit uns? Ihre Meinung zählt – nehmen Sie sich fünf Minuten Zeit für uns",
        .message_id = "mzxw6ytboi7777@mail.example",
        .date = 1795420800, /* 2026-11-23 08:00:00 UTC */
        .zone = zone,
        .list_unsubscribe_url = "https://umfrage.example/u/MZXW6YTBOI",
        .list_unsubscribe_mailto = "mailto:unsubscribe@mail.example?subject=MZXW6YTBOI",
        .list_id = "kampagne.mail.example",
        .feedback_id = "kampagne:mail.example:postwelle",
        .fields = further,
        .n_fields = G_N_ELEMENTS(further),
        .text = "Guten Tag,\n\n.Punkt am Anfang\nFrom hier\nendet mit Blank \nGrüße\n",
        .html = "<p style=\"color:#123456\">Guten Tag Jörg,</p>\r\n<img src=\"cid:logo.1@mail.example\" alt=\"\">",
    };
}

static GMimeMessage *parse(const GString *mail)
{
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(mail->str, mail->len);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    g_object_unref(parser);
    g_object_unref(stream);
    g_assert_nonnull(message);
    return message;
}

/* A part's decoded bytes. */
static GByteArray *decode(GMimeObject *object)
{
    GMimeStream *stream = g_mime_stream_mem_new();
    g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(object)), stream);
    GByteArray *bytes = g_byte_array_new();
    GByteArray *array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    g_byte_array_append(bytes, array->data, array->len);
    g_object_unref(stream);
    return bytes;
}

static void assert_text(GMimeObject *object, const char *expected)
{
    GByteArray *bytes = decode(object);
    g_byte_array_append(bytes, (const guint8 *)"", 1);
    g_assert_cmpstr((const char *)bytes->data, ==, expected);
    g_byte_array_unref(bytes);
}

/* Every line ends with CRLF and is short; no byte is above ASCII. */
static void assert_lines(const GString *mail)
{
    g_assert_true(g_str_has_suffix(mail->str, "\r\n"));
    g_auto(GStrv) lines = g_strsplit(mail->str, "\r\n", -1);
    for (size_t i = 0; lines[i] != NULL; i++) {
        g_assert_null(strpbrk(lines[i], "\r\n"));
        g_assert_true(g_str_is_ascii(lines[i]));
        g_assert_cmpuint(strlen(lines[i]), <=, ENCODE_LINE_MAX);
        g_assert_false(lines[i][0] == '.');
        g_assert_false(g_str_has_prefix(lines[i], "From "));
    }
}

static void assert_field(GMimeMessage *message, const char *name, const char *expected)
{
    GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(message));
    GMimeHeader *header = g_mime_header_list_get_header(list, name);
    g_assert_nonnull(header);
    g_assert_cmpstr(g_mime_header_get_value(header), ==, expected);
}

static void assert_mailbox(InternetAddressList *list, const struct mail_address *expected)
{
    g_assert_cmpint(internet_address_list_length(list), ==, 1);
    InternetAddress *address = internet_address_list_get_address(list, 0);
    g_assert_cmpstr(internet_address_get_name(address), ==, expected->name);
    g_assert_cmpstr(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address)), ==, expected->address);
}

static void test_fields(void)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(BERLIN);
    struct mail mail = make_mail(zone);
    g_autoptr(GString) out = g_string_new("old");
    g_autoptr(GError) error = NULL;
    compose_mail(&mail, out, &error);
    g_assert_no_error(error);
    assert_lines(out);
    g_assert_nonnull(strstr(out->str, "\r\nDate: Mon, 23 Nov 2026 09:00:00 +0100\r\n"));
    GMimeMessage *message = parse(out);
    assert_mailbox(g_mime_message_get_from(message), &mail.from);
    assert_mailbox(g_mime_message_get_to(message), &mail.to);
    assert_mailbox(g_mime_message_get_reply_to(message), &mail.reply_to);
    g_assert_cmpstr(g_mime_message_get_subject(message), ==, mail.subject);
    g_assert_cmpstr(g_mime_message_get_message_id(message), ==, mail.message_id);
    assert_field(message, "MIME-Version", "1.0");
    assert_field(message, "Auto-Submitted", "auto-generated");
    assert_field(message, "List-Unsubscribe",
                 "<https://umfrage.example/u/MZXW6YTBOI>, <mailto:unsubscribe@mail.example?subject=MZXW6YTBOI>");
    assert_field(message, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
    assert_field(message, "List-Id", "<kampagne.mail.example>");
    assert_field(message, "Feedback-ID", mail.feedback_id);
    assert_field(message, "X-CSA-Complaints", further[0].value);
    assert_field(message, "CFBL-Address", further[1].value);
    g_object_unref(message);
}

static void test_structure(void)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(BERLIN);
    struct mail mail = make_mail(zone);
    struct compose_pictures *pictures = make_pictures();
    mail.pictures = pictures;
    g_autoptr(GString) out = g_string_new(NULL);
    g_assert_true(compose_mail(&mail, out, NULL));
    assert_lines(out);
    GMimeMessage *message = parse(out);
    GMimeObject *root = g_mime_message_get_mime_part(message);
    g_assert_true(g_mime_content_type_is_type(g_mime_object_get_content_type(root), "multipart", "alternative"));
    g_assert_cmpint(g_mime_multipart_get_count(GMIME_MULTIPART(root)), ==, 2);
    assert_text(g_mime_multipart_get_part(GMIME_MULTIPART(root), 0),
                "Guten Tag,\r\n\r\n.Punkt am Anfang\r\nFrom hier\r\nendet mit Blank \r\nGrüße\r\n");
    GMimeObject *related = g_mime_multipart_get_part(GMIME_MULTIPART(root), 1);
    g_assert_true(g_mime_content_type_is_type(g_mime_object_get_content_type(related), "multipart", "related"));
    g_assert_cmpint(g_mime_multipart_get_count(GMIME_MULTIPART(related)), ==, 3);
    assert_text(g_mime_multipart_get_part(GMIME_MULTIPART(related), 0), mail.html);
    GMimeObject *plan = g_mime_multipart_get_part(GMIME_MULTIPART(related), 2);
    g_assert_cmpstr(g_mime_object_get_content_id(plan), ==, "plan.2@mail.example");
    g_assert_cmpstr(g_mime_part_get_filename(GMIME_PART(plan)), ==, "Übersicht über alle Filialen.jpg");
    GByteArray *bytes = decode(plan);
    g_assert_cmpuint(bytes->len, ==, 1000);
    for (guint i = 0; i < bytes->len; i++)
        g_assert_cmpuint(bytes->data[i], ==, (guint8)(i * 7));
    g_byte_array_unref(bytes);
    g_object_unref(message);
    compose_pictures_free(pictures);
}

static void test_text_only(void)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
    struct mail mail = make_mail(zone);
    mail.html = NULL;
    mail.text = "日本語のテキスト\n二行目";
    g_autoptr(GString) out = g_string_new(NULL);
    g_assert_true(compose_mail(&mail, out, NULL));
    g_assert_nonnull(strstr(out->str, "\r\nContent-Transfer-Encoding: base64\r\n"));
    GMimeMessage *message = parse(out);
    assert_text(g_mime_message_get_mime_part(message), "日本語のテキスト\r\n二行目");
    g_object_unref(message);
}

/* What is wrong with a mail and the error's text. */
struct refusal {
    const char *name;
    size_t offset; /* of the string in struct mail */
    const char *value;
    const char *error;
};

static const struct refusal refusals[] = {
    {"from-missing", offsetof(struct mail, from.address), NULL, "From: is missing"},
    {"from-with-comma", offsetof(struct mail, from.address), "a@b.example,c@d.example", "From: must be ASCII"},
    {"from-name-with-line-end", offsetof(struct mail, from.name), "A\r\nBcc: x@y.example", "From: holds a control"},
    {"to-without-at", offsetof(struct mail, to.address), "kunde.example", "To: is no address"},
    {"to-with-blank", offsetof(struct mail, to.address), "jörg k@kunde.example", "To: must be without blanks"},
    {"to-with-line-end", offsetof(struct mail, to.address), "jörg\n@kunde.example", "To: holds a control"},
    {"reply-to-not-ascii", offsetof(struct mail, reply_to.address), "jörg@kunde.example", "Reply-To: must be ASCII"},
    {"to-name-with-NEL", offsetof(struct mail, to.name), "A\xC2\x85", "To: holds a control"},
    {"subject-empty", offsetof(struct mail, subject), "", "Subject: is missing"},
    {"subject-with-line-end", offsetof(struct mail, subject), "a\nb", "Subject: holds a control"},
    {"subject-not-UTF-8", offsetof(struct mail, subject), "a\xFC",
     "Subject: holds a control character or is not UTF-8"},
    {"message-id-in-brackets", offsetof(struct mail, message_id), "<a@b>", "Message-ID: must be ASCII"},
    {"unsubscribe-missing", offsetof(struct mail, list_unsubscribe_url), NULL, "List-Unsubscribe (URL): is missing"},
    {"unsubscribe-http", offsetof(struct mail, list_unsubscribe_url), "http://a.example/",
     "must begin with \"https://\""},
    {"unsubscribe-no-mailto", offsetof(struct mail, list_unsubscribe_mailto), "https://a.example", "\"mailto:\""},
    {"feedback-id", offsetof(struct mail, feedback_id), "a b", "Feedback-ID: must be ASCII"},
    {"text-missing", offsetof(struct mail, text), "", "text: is missing"},
    {"text-with-bell", offsetof(struct mail, text), "a\a", "text: holds a control"},
    {"html-not-UTF-8", offsetof(struct mail, html), "<p>\xED\xA0\x80",
     "html: holds a control character or is not UTF-8"},
};

static void test_refusal(const void *data)
{
    const struct refusal *refusal = data;
    g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
    struct mail mail = make_mail(zone);
    memcpy((char *)&mail + refusal->offset, &refusal->value, sizeof refusal->value);
    g_autoptr(GString) out = g_string_new("old");
    g_autoptr(GError) error = NULL;
    g_assert_false(compose_mail(&mail, out, &error));
    g_assert_error(error, POSTWELLE_ERROR, ERROR_DATA);
    if (strstr(error->message, refusal->error) == NULL)
        g_error("error is \"%s\"", error->message);
    g_assert_cmpuint(out->len, ==, 0);
}

static void test_further_refusals(void)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
    static const struct mail_field bad[] = {
        { "Subject", "twice" }, { "X-A:", "b" }, { "X A", "b" }, { "X-A", "b\r\nX-B: c" }, { "X-A", "" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        struct mail mail = make_mail(zone);
        mail.fields = &bad[i];
        mail.n_fields = 1;
        g_autoptr(GString) out = g_string_new(NULL);
        g_assert_false(compose_mail(&mail, out, NULL));
    }
    const struct picture picture = { "a\nb.png", "a@b", "image/png", NULL };
    g_assert_null(compose_pictures_new(&picture, 1, NULL));
    const struct picture page = { "a.png", "a@b", "text/html", NULL };
    g_assert_null(compose_pictures_new(&page, 1, NULL));
}

/* Subjects and names that must come back as they were. */
static const char *const lines[] = {
    "Ihre Meinung", "=?utf-8?q?x?= ist kein Wort", "a  b   ü  c", "zwei  Blanks", "?", "ä", "a_b=c?d",
    "日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語",
    "a subject in plain ASCII that goes on and on and on, well past the seventy-sixth column, to be folded there",
    "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀", "\"quoted\" \\ back", "(comment) <a@b.example>, c",
};

static void test_lines(const void *data)
{
    const char *line = data;
    g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
    struct mail mail = make_mail(zone);
    mail.subject = line;
    mail.to.name = line;
    g_autoptr(GString) out = g_string_new(NULL);
    g_assert_true(compose_mail(&mail, out, NULL));
    assert_lines(out);
    GMimeMessage *message = parse(out);
    g_assert_cmpstr(g_mime_message_get_subject(message), ==, line);
    assert_mailbox(g_mime_message_get_to(message), &mail.to);
    g_object_unref(message);
    for (const char *word = out->str; (word = strstr(word, "=?UTF-8?")) != NULL; word++)
        g_assert_cmpuint(strcspn(word, " \r"), <=, 75);
}

/* Random texts of difficult bytes come back from quoted-printable and base64. */
static void test_encodings(void)
{
    static const char *const pieces[] = { "a", " ", "\t", "\n", "\r\n", "=", ".", "ü", "€", "From ", "\n.", " \n",
                                          "eine etwas längere Zeile ohne Ende " };
    for (int round = 0; round < 2000; round++) {
        g_autoptr(GString) text = g_string_new(NULL);
        g_autoptr(GString) expected = g_string_new(NULL);
        for (int n = g_test_rand_int_range(0, 200); n > 0; n--)
            g_string_append(text, pieces[g_test_rand_int_range(0, G_N_ELEMENTS(pieces))]);
        for (const char *c = text->str; *c != '\0'; c++)
            g_string_append_printf(expected, *c == '\n' && (c == text->str || c[-1] != '\r') ? "\r%c" : "%c", *c);
        for (int base64 = 0; base64 <= 1; base64++) {
            g_autoptr(GString) out = g_string_new(NULL);
            (base64 ? encode_base64 : encode_quoted_printable)(out, text->str, text->len);
            g_auto(GStrv) encoded = g_strsplit(out->str, "\r\n", -1);
            for (size_t i = 0; encoded[i] != NULL; i++) {
                g_assert_cmpuint(strlen(encoded[i]), <=, ENCODE_LINE_MAX);
                g_assert_false(g_str_has_suffix(encoded[i], " ") || g_str_has_suffix(encoded[i], "\t"));
                g_assert_false(encoded[i][0] == '.');
            }
            GMimeEncoding state;
            g_mime_encoding_init_decode(&state, base64 ? GMIME_CONTENT_ENCODING_BASE64
                                                       : GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
            g_autofree char *decoded = g_malloc0(out->len + 4);
            g_mime_encoding_flush(&state, out->str, out->len, decoded);
            g_assert_cmpstr(decoded, ==, expected->str);
        }
    }
}

static void test_determinism(void)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(BERLIN);
    struct mail mail = make_mail(zone);
    g_autoptr(GString) first = g_string_new(NULL);
    g_autoptr(GString) second = g_string_new(NULL);
    g_assert_true(compose_mail(&mail, first, NULL));
    g_assert_true(compose_mail(&mail, second, NULL));
    g_assert_true(g_string_equal(first, second));
    mail.message_id = "other@mail.example";
    g_assert_true(compose_mail(&mail, second, NULL));
    g_autofree char *boundary = g_strndup(strstr(first->str, "boundary=\"=_a"), 24);
    g_assert_null(strstr(second->str, boundary));
}

struct shared {
    struct mail mail;
    GString *expected;
};

static void *compose_often(void *data)
{
    const struct shared *shared = data;
    g_autoptr(GString) out = g_string_new(NULL);
    for (int i = 0; i < 1000; i++) {
        g_assert_true(compose_mail(&shared->mail, out, NULL));
        g_assert_true(g_string_equal(out, shared->expected));
    }
    return NULL;
}

static void test_threads(void)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(BERLIN);
    struct compose_pictures *pictures = make_pictures();
    struct shared shared = { .mail = make_mail(zone), .expected = g_string_new(NULL) };
    shared.mail.pictures = pictures;
    g_assert_true(compose_mail(&shared.mail, shared.expected, NULL));
    GThread *other = g_thread_new("compose", compose_often, &shared);
    compose_often(&shared);
    g_thread_join(other);
    g_string_free(shared.expected, TRUE);
    compose_pictures_free(pictures);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_mime_init();
    g_test_add_func("/compose/fields", test_fields);
    g_test_add_func("/compose/structure", test_structure);
    g_test_add_func("/compose/text-only", test_text_only);
    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        g_autofree char *path = g_strconcat("/compose/refusal/", refusals[i].name, NULL);
        g_test_add_data_func(path, &refusals[i], test_refusal);
    }
    g_test_add_func("/compose/further-refusals", test_further_refusals);
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autofree char *path = g_strdup_printf("/compose/line/%zu", i);
        g_test_add_data_func(path, lines[i], test_lines);
    }
    g_test_add_func("/compose/encodings", test_encodings);
    g_test_add_func("/compose/determinism", test_determinism);
    g_test_add_func("/compose/threads", test_threads);
    return g_test_run();
}
