/*
 * bench_content.c - what the content rule costs: microseconds for an ordinary mail of 39 KB, nanoseconds an octet
 * beside SHA-256 of the same octets in the same run, and whether hostile texts cost more an octet when they grow.
 *
 * usage: bench_content FOLDER   of newsletters: mails made of one of them, and hostile texts
 *        bench_content MAIL     this mail, with CR LF line ends
 */
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <sysexits.h>

#include "lib/content.h"

#define MAIL_SIZE (39 * 1024)
#define SMALL (128 * 1024)
#define LARGE (1024 * 1024)
/* Each figure is the best of so many rounds: other work on the machine only adds. */
#define ROUNDS 200
#define HOSTILE_ROUNDS 7

typedef void (*work)(struct slice text);

static double best_of(work run, struct slice text, unsigned rounds)
{
    gint64 best = G_MAXINT64;
    for (unsigned i = 0; i < rounds; i++) {
        gint64 start = g_get_monotonic_time();
        /* The clock tells microseconds: ten at once. */
        for (int j = 0; j < 10; j++)
            run(text);
        best = MIN(best, g_get_monotonic_time() - start);
    }
    return (double)best / 10;
}

static void run_sha256(struct slice text)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    EVP_Digest(text.data, text.length, digest, NULL, EVP_sha256(), NULL);
}

static void run_message(struct slice text)
{
    struct content_options options = {.max_message = SIZE_MAX, .max_findings = 1};
    content_check_message(text, &options, NULL);
}

/* All findings are asked for, so that the rule reads to the end. */
static void run_html(struct slice text)
{
    struct content_options options = {.max_message = SIZE_MAX, .max_findings = SIZE_MAX};
    g_autoptr(GPtrArray) findings = content_findings_new();
    content_check_html(text, &options, findings);
}

#define BOUNDARY "--=-1f8e0c5a77d14b2e-0001"

static const char header[] =
    "From: a@client.example\r\nDate: Mon, 23 Nov 2026 08:00:00 +0100\r\nMessage-ID: <1@client.example>\r\nSubject: "
    "x\r\n"
    "List-Unsubscribe: <https://u.example/x>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nMIME-Version: "
    "1.0\r\n"
    "Content-Type: multipart/alternative; boundary=\"=-1f8e0c5a77d14b2e-0001\"\r\n\r\n" BOUNDARY
    "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    "Guten Tag\r\n" BOUNDARY "\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: ";

/* Quoted-printable with lines of 72 at most. */
static void append_quoted(GString *out, const char *text)
{
    for (size_t column = 0; *text != '\0'; text++) {
        if (*text == '\n') {
            g_string_append(out, "\r\n");
            column = 0;
            continue;
        }
        if (column > 70) {
            g_string_append(out, "=\r\n");
            column = 0;
        }
        gboolean quoted = *text == '=' || (guint8)*text >= 0x80 || (*text == ' ' && text[1] == '\n');
        size_t before = out->len;
        if (quoted)
            g_string_append_printf(out, "=%02X", (guint8)*text);
        else
            g_string_append_c(out, *text);
        column += out->len - before;
    }
}

static void append_lines(GString *out, const char *text)
{
    for (; *text != '\0'; text++)
        g_string_append(out, *text == '\n' ? "\r\n" : (char[]){*text, '\0'});
}

/* The newsletter's body again and again, up to the size of an ordinary mail. */
static GString *make_mail(const char *html, gboolean quoted)
{
    GString *mail = g_string_new(header);
    g_string_append(mail, quoted ? "quoted-printable\r\n\r\n" : "8bit\r\n\r\n");
    do {
        if (quoted)
            append_quoted(mail, html);
        else
            append_lines(mail, html);
        html = strstr(html, "<body");
    } while (mail->len < MAIL_SIZE);
    g_string_append(mail, "\r\n" BOUNDARY "--\r\n");
    return mail;
}

static GString *make_base64_mail(const char *html)
{
    GString *mail = g_string_new(header);
    g_autoptr(GString) text = g_string_new(html);
    g_string_append(mail, "base64\r\n\r\n");
    while (text->len < MAIL_SIZE * 3 / 4)
        g_string_append(text, strstr(html, "<body"));
    g_autofree char *encoded = g_base64_encode((const guchar *)text->str, text->len);
    for (size_t i = 0; i < strlen(encoded); i += 76)
        g_string_append_printf(mail, "%.76s\r\n", encoded + i);
    g_string_append(mail, BOUNDARY "--\r\n");
    return mail;
}

static void print_mail(const char *name, GString *mail)
{
    struct slice text = {mail->str, mail->len};
    struct content_options options = CONTENT_OPTIONS_DEFAULT;
    gboolean passed = content_check_message(text, &options, NULL);
    double rule = best_of(run_message, text, ROUNDS), hash = best_of(run_sha256, text, ROUNDS);
    printf("%-20s %6zu octets %7.1f us %6.2f ns/octet %5.2f x SHA-256%s\n", name, text.length, rule,
           rule * 1000 / (double)text.length, rule / hash, passed ? "" : "  REFUSED");
    g_string_free(mail, TRUE);
}

static void print_hostile(const char *name, const char *piece)
{
    g_autoptr(GString) html = g_string_new(NULL);
    while (html->len < LARGE)
        g_string_append(html, piece);
    double small = best_of(run_html, (struct slice){html->str, SMALL}, HOSTILE_ROUNDS);
    double large = best_of(run_html, (struct slice){html->str, LARGE}, HOSTILE_ROUNDS);
    printf("%-20s 1 MiB %9.0f us, an octet costs %.2f of what it costs in 128 KiB\n", name, large,
           large / small * SMALL / LARGE);
}

static const struct {
    const char *name;
    const char *piece;
} hostile[] = {
    {"less-than", "<"},
    {"open comments", "<!--"},
    {"dashes", "-"},
    {"tags", "<b>"},
    {"attributes", "<p a"},
    {"quotes", "<p title=\""},
    {"references", "<p title=&amp"},
    {"style blocks", "<p style=\"{{"},
    {"style comments", "<style>/*"},
    {"backslashes", "<p style='\\"},
    {"raw ends", "<title></titl"},
    {"conditionals", "<!--[if mso]><p>"},
    {"noscripts", "<!--[if mso]><noscript><![endif]-->"},
    {"brackets", "<![if "},
    {"text", "Guten Tag, "},
    {"links", "<a href=\"https://x.test/?a=1&amp;b=2\">"},
    {"data", "<img src=\"data:image/png;base64,AAAA"},
};

static void print_all(const char *html)
{
    print_mail("mail, 8bit", make_mail(html, FALSE));
    print_mail("mail, quoted", make_mail(html, TRUE));
    print_mail("mail, base64", make_base64_mail(html));
    for (size_t i = 0; i < G_N_ELEMENTS(hostile); i++)
        print_hostile(hostile[i].name, hostile[i].piece);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: bench_content FOLDER | MAIL\n");
        return EX_USAGE;
    }
    gboolean folder = g_file_test(argv[1], G_FILE_TEST_IS_DIR);
    g_autofree char *path = folder ? g_build_filename(argv[1], "agency.html", NULL) : g_strdup(argv[1]);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    size_t size;
    if (!g_file_get_contents(path, &text, &size, &error)) {
        fprintf(stderr, "bench_content: %s\n", error->message);
        return EX_NOINPUT;
    }
    if (folder)
        print_all(text);
    else
        print_mail("mail", g_string_new_len(text, (gssize)size));
    return 0;
}
