/*
 * bench_compose.c - what it costs to render and compose a mail of 40 KB with a picture: CPU microseconds a mail, beside
 * nodemailer with a Mustache template on the same texts, in the same run, in turns. The best round of each counts:
 * other work only adds.
 *
 * usage: bench_compose SCAFFOLD NODEMAILER NODE_MODULES
 *
 * SCAFFOLD is the folder of the starter templates, NODEMAILER that of compose.js.
 */
#include <stdio.h>
#include <sys/resource.h>

#include "importer/compose.h"
#include "importer/remove_tree.h"
#include "importer/template_file.h"

#define MAIL_SIZE (40 * 1024)
#define MAILS 4000
#define PEER_MAILS "400"
#define ROUNDS 5
#define GOAL_US 150.0
#define GOAL_RATIO 10.0

struct bench {
    char *folder; /* the texts, as both read them */
    struct template *subject, *html, *text;
    struct pictures *found;
    struct compose_pictures *pictures;
    GTimeZone *zone;
    GString *rendered[3], *message;
};

static void give_up(GError *error)
{
    fprintf(stderr, "bench_compose: %s\n", error->message);
    exit(1);
}

static void write_file(const char *folder, const char *name, const char *data, gssize size)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    GError *error = NULL;
    if (!g_file_set_contents(path, data, size, &error))
        give_up(error);
}

/* A mail of paragraphs, each with values, links and umlauts, about as large as wanted. */
static void write_texts(const char *scaffold, const char *folder)
{
    static const char paragraph[] =
        "<tr><td style=\"padding:8px 28px; font-family:Arial, Helvetica, sans-serif; font-size:16px; color:#1f2933;\">"
        "<p style=\"margin:0 0 16px 0;\">{{greeting}}, für diese Frage nehmen Sie sich bitte fünf Minuten Zeit, und "
        "ändern "
        "Sie Ihre Antwort, so oft Sie möchten: <a href=\"{{survey_url}}\" style=\"color:#0b4a8a;\">Zur "
        "Befragung</a></p></td>"
        "</tr>\n";
    g_autoptr(GString) html =
        g_string_new("<!DOCTYPE html>\n<html lang=\"de\"><head><meta "
                     "charset=\"utf-8\"><title>Befragung</title></head><body>\n<table>\n"
                     "<tr><td><img src=\"logo.png\" width=\"160\" height=\"48\" alt=\"Beispiel GmbH\"></td></tr>\n");
    g_autoptr(GString) text = g_string_new("{{greeting}},\n\nzur Befragung:\n{{survey_url}}\n\n");
    for (int i = 0; i < 80; i++)
        g_string_append(html, paragraph);
    for (int i = 0; i < 60; i++)
        g_string_append(text, "Für diese Frage nehmen Sie sich bitte fünf Minuten Zeit.\n");
    g_string_append(html, "<tr><td><a href=\"{{unsubscribe_url}}\">Abmelden</a></td></tr></table></body></html>\n");
    g_string_append(text, "\nAbmelden:\n{{unsubscribe_url}}\n");
    write_file(folder, "mail.html", html->str, (gssize)html->len);
    write_file(folder, "mail.txt", text->str, (gssize)text->len);
    g_autofree char *path = g_build_filename(scaffold, "logo.png", NULL), *picture = NULL;
    gsize size;
    GError *error = NULL;
    if (!g_file_get_contents(path, &picture, &size, &error))
        give_up(error);
    write_file(folder, "logo.png", picture, (gssize)size);
}

static struct template *load(const struct bench *bench, const char *name)
{
    const struct template_options options = {.kind = template_kind_of(name)};
    GError *error = NULL;
    struct template *template = template_load(bench->folder, name, &options, bench->found, &error);
    if (template == NULL)
        give_up(error);
    return template;
}

static void bench_init(struct bench *bench, const char *scaffold)
{
    const struct template_options header = {.kind = TEMPLATE_HEADER};
    size_t n;
    bench->folder = g_dir_make_tmp("bench-compose-XXXXXX", NULL);
    write_texts(scaffold, bench->folder);
    bench->found = pictures_new(bench->folder, "kunde.example");
    bench->subject = template_parse("subject", "Ihre Meinung, {{greeting}}", &header, NULL);
    bench->html = load(bench, "mail.html");
    bench->text = load(bench, "mail.txt");
    const struct picture *list = pictures_list(bench->found, &n);
    bench->pictures = compose_pictures_new(list, n, NULL);
    bench->zone = g_time_zone_new_utc();
    bench->message = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(bench->rendered); i++)
        bench->rendered[i] = g_string_new(NULL);
}

static void bench_release(struct bench *bench)
{
    remove_tree(bench->folder);
    g_free(bench->folder);
    template_free(bench->subject);
    template_free(bench->html);
    template_free(bench->text);
    compose_pictures_free(bench->pictures);
    pictures_free(bench->found);
    g_time_zone_unref(bench->zone);
    g_string_free(bench->message, TRUE);
    for (size_t i = 0; i < G_N_ELEMENTS(bench->rendered); i++)
        g_string_free(bench->rendered[i], TRUE);
}

static void make_mail(struct bench *bench, int number)
{
    const struct template *templates[] = {bench->subject, bench->html, bench->text};
    g_autofree char *url = g_strdup_printf("https://survey.example/s/%016d", number);
    g_autofree char *unsubscribe = g_strdup_printf("https://survey.example/u/%016d", number);
    g_autofree char *greeting = g_strdup_printf("Sehr geehrte Frau Müller-%d", number);
    g_autofree char *to = g_strdup_printf("p%d@leser.example", number);
    g_autofree char *message_id = g_strdup_printf("%d@kunde.example", number);
    json_t *data =
        json_pack("{s:s, s:s, s:s}", "greeting", greeting, "survey_url", url, "unsubscribe_url", unsubscribe);
    GError *error = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(templates); i++) {
        g_string_truncate(bench->rendered[i], 0);
        if (!template_render(templates[i], data, bench->rendered[i], &error))
            give_up(error);
    }
    json_decref(data);
    const struct mail mail = {
        .from = {"umfrage@kunde.example", "Beispiel GmbH"},
        .to = {to, NULL},
        .subject = bench->rendered[0]->str,
        .message_id = message_id,
        .zone = bench->zone,
        .list_unsubscribe_url = unsubscribe,
        .list_unsubscribe_mailto = "mailto:ab@kunde.example",
        .text = bench->rendered[2]->str,
        .html = bench->rendered[1]->str,
        .pictures = bench->pictures,
    };
    if (!compose_mail(&mail, bench->message, &error))
        give_up(error);
}

static double cpu_us(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static double own_round(struct bench *bench)
{
    double before = cpu_us();
    for (int i = 0; i < MAILS; i++)
        make_mail(bench, i);
    return (cpu_us() - before) / MAILS;
}

/* One run of compose.js. */
static double peer_round(const struct bench *bench, const char *program, const char *modules, double *size_r)
{
    g_autofree char *script = g_build_filename(program, "compose.js", NULL), *output = NULL;
    g_auto(GStrv) environment = g_environ_setenv(g_get_environ(), "NODE_PATH", modules, TRUE);
    char *argv[] = {(char *)"node", script, bench->folder, (char *)PEER_MAILS, NULL};
    GError *error = NULL;
    char *rest = NULL;
    int status = 0;
    if (!g_spawn_sync(NULL, argv, environment, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL, &status, &error) ||
        !g_spawn_check_wait_status(status, &error))
        give_up(error);
    double cost = g_ascii_strtod(output, &rest);
    *size_r = g_ascii_strtod(rest, NULL);
    return cost;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: bench_compose SCAFFOLD NODEMAILER NODE_MODULES\n");
        return 64;
    }
    struct bench bench;
    double own = G_MAXDOUBLE, peer = G_MAXDOUBLE, peer_size = 0;
    bench_init(&bench, argv[1]);
    own_round(&bench); /* warm */
    for (int i = 0; i < ROUNDS; i++) {
        double ours = own_round(&bench), theirs = peer_round(&bench, argv[2], argv[3], &peer_size);
        printf("round %d: postwelle %.1f us, nodemailer %.1f us, %.1f times\n", i + 1, ours, theirs, theirs / ours);
        own = MIN(own, ours);
        peer = MIN(peer, theirs);
    }
    size_t size = bench.message->len;
    printf("postwelle %.1f us of CPU for a mail of %zu octets; nodemailer %.1f us for %.0f octets\n", own, size, peer,
           peer_size);
    printf("goal: at most %.0f us: %s\n", GOAL_US, own <= GOAL_US ? "met" : "MISSED");
    printf("goal: %.0f times nodemailer: %.1f: %s\n", GOAL_RATIO, peer / own,
           peer / own >= GOAL_RATIO ? "met" : "MISSED");
    bench_release(&bench);
    if (size < MAIL_SIZE) {
        fprintf(stderr, "bench_compose: the mail is smaller than %d octets\n", MAIL_SIZE);
        return 1;
    }
    return own <= GOAL_US && peer / own >= GOAL_RATIO ? 0 : 1;
}
