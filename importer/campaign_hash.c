/* campaign_hash.c - the hash that an approval binds; the serialisation is described in campaign.h. */
#include "importer/campaign.h"

#include "importer/pictures.h"

#include <string.h>

#define PART_DIGITS 12 /* of the SHA-256 of a part */

/* What the hash is made of, item by item. label is what a person calls it. */
typedef void content_func(void *cookie, const char *name, const char *label, const void *data, size_t size);

struct walk {
    content_func *func;
    void *cookie;
    const char *kind; /* of the templates that are walked: "html", "reminder-html" */
};

static void add_text(const struct walk *walk, const char *name, const char *label, const char *text)
{
    walk->func(walk->cookie, name, label, text, strlen(text));
}

static void add_options(const struct walk *walk, const struct campaign *campaign)
{
    static const struct {
        const char *group, *name;
    } options[] = {
        {"campaign", "client"},       {"campaign", "name"},       {"mail", "from"},    {"mail", "reply-to"},
        {"mail", "subject"},          {"campaign", "survey-url"}, {"mail", "list-id"}, {"mail", "complaints"},
        {"mail", "feedback-address"}, {"question", "parameter"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        g_autofree char *label = g_strdup_printf("[%s] %s", options[i].group, options[i].name);
        add_text(walk, strcmp(options[i].name, "name") == 0 ? "campaign" : options[i].name, label,
                 config_text(campaign->config, options[i].group, options[i].name));
    }
    add_text(walk, "signing-domain", "the client's signing domain", campaign->client->signing_domain);
    add_text(walk, "unsubscribe-uri", "the client's unsubscribe uri", campaign->client->unsubscribe_uri);
    add_text(walk, "unsubscribe-mailto", "the client's unsubscribe mailto", campaign->client->unsubscribe_mailto);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_defaults(const struct walk *walk, json_t *defaults)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    const char *name;
    json_t *value;
    json_object_foreach(defaults, name, value) g_ptr_array_add(names, (char *)name);
    g_ptr_array_sort(names, compare_texts);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *item = g_strconcat("default ", names->pdata[i], NULL);
        g_autofree char *label = g_strconcat("[defaults] ", names->pdata[i], NULL);
        add_text(walk, item, label, json_string_value(json_object_get(defaults, names->pdata[i])));
    }
}

static void add_file(void *cookie, const char *file, const char *text)
{
    const struct walk *walk = cookie;
    g_autofree char *item = g_strdup_printf("%s %s", walk->kind, file);
    add_text(walk, item, file, text);
}

static void add_templates(const struct walk *walk, const struct template *template, const char *kind)
{
    struct walk files = {walk->func, walk->cookie, kind};
    if (template != NULL)
        template_texts(template, add_file, &files);
}

static int compare_pictures(const void *a, const void *b)
{
    const struct picture *const *left = a, *const *right = b;
    return strcmp((*left)->content_id, (*right)->content_id);
}

static void add_pictures(const struct walk *walk, const struct pictures *pictures)
{
    size_t count;
    const struct picture *list = pictures_list(pictures, &count);
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();
    for (size_t i = 0; i < count; i++)
        g_ptr_array_add(sorted, (void *)&list[i]);
    g_ptr_array_sort(sorted, compare_pictures);
    for (guint i = 0; i < sorted->len; i++) {
        const struct picture *picture = sorted->pdata[i];
        g_autofree char *item = g_strconcat("picture ", picture->content_id, NULL);
        walk->func(walk->cookie, item, picture->name, g_bytes_get_data(picture->bytes, NULL),
                   g_bytes_get_size(picture->bytes));
    }
}

static void add_edition(const struct walk *walk, const struct campaign *campaign, const struct edition *edition)
{
    gboolean reminder = edition->reminder;
    if (!edition->main) /* the main one's is campaign.conf's */
        add_templates(walk, edition->subject, reminder ? "reminder-subject" : "subject");
    else if (reminder)
        add_text(walk, "reminder-subject", "[mail] reminder-subject",
                 config_text(campaign->config, "mail", "reminder-subject"));
    add_templates(walk, edition->html, reminder ? "reminder-html" : "html");
    add_templates(walk, edition->text, reminder ? "reminder-text" : "text");
}

static void walk_content(const struct campaign *campaign, content_func *func, void *cookie)
{
    const struct walk walk = {.func = func, .cookie = cookie};
    add_options(&walk, campaign);
    add_defaults(&walk, campaign->defaults);
    for (size_t i = 0; i < campaign->n_editions; i++)
        add_edition(&walk, campaign, &campaign->editions[i]);
    add_pictures(&walk, campaign->picture_files);
}

/* --- the hash ----------------------------------------------------------------------------------- */

static void hash_item(void *cookie, const char *name, const char *label, const void *data, size_t size)
{
    (void)label;
    g_autofree char *head = g_strdup_printf("%s %zu\n", name, size);
    g_checksum_update(cookie, (const guchar *)head, (gssize)strlen(head));
    g_checksum_update(cookie, data, (gssize)size);
    g_checksum_update(cookie, (const guchar *)"\n", 1);
}

void campaign_hash(const struct campaign *campaign, char hash_r[CAMPAIGN_HASH_SIZE])
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    static const char head[] = "postwelle-content 1\n";
    g_checksum_update(sum, (const guchar *)head, sizeof head - 1);
    walk_content(campaign, hash_item, sum);
    g_strlcpy(hash_r, g_checksum_get_string(sum), CAMPAIGN_HASH_SIZE);
}

/* --- the parts ---------------------------------------------------------------------------------- */

struct parts {
    const struct campaign *campaign;
    GString *text;
};

/* A template says cid:CONTENT-ID, which changes with the picture; the template has not changed for that. */
static void name_pictures(GString *text, const struct pictures *pictures)
{
    size_t count;
    const struct picture *list = pictures_list(pictures, &count);
    for (size_t i = 0; i < count; i++)
        g_string_replace(text, list[i].content_id, list[i].name, 0);
}

static void add_part(void *cookie, const char *name, const char *label, const void *data, size_t size)
{
    const struct parts *parts = cookie;
    g_autoptr(GString) text = g_string_new_len(data, (gssize)size);
    if (g_str_has_prefix(name, "html ") || g_str_has_prefix(name, "reminder-html "))
        name_pictures(text, parts->campaign->picture_files);
    g_autofree char *digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text->str, text->len);
    g_autofree char *line = g_strdup_printf("%.*s %s\n", PART_DIGITS, digest, label);
    if (strstr(parts->text->str, line) == NULL) /* a file that two editions use */
        g_string_append(parts->text, line);
}

char *campaign_parts(const struct campaign *campaign)
{
    struct parts parts = {campaign, g_string_new(NULL)};
    walk_content(campaign, add_part, &parts);
    size_t length = 0;
    for (const char *c = parts.text->str; *c != '\0'; c++)
        length += g_ascii_iscntrl(*c) || *c == '%' ? 3 : 1; /* as policy_append() writes it */
    if (length > CAMPAIGN_PARTS_MAX)
        g_string_truncate(parts.text, 0);
    return g_string_free(parts.text, FALSE);
}

/* "DIGEST LABEL" lines as LABEL -> DIGEST; lines becomes its memory. */
static GHashTable *read_parts(char **lines)
{
    GHashTable *parts = g_hash_table_new(g_str_hash, g_str_equal);
    for (char **line = lines; *line != NULL; line++) {
        char *blank = strchr(*line, ' ');
        if (blank == NULL)
            continue;
        *blank = '\0';
        g_hash_table_insert(parts, blank + 1, *line);
    }
    return parts;
}

/* The labels of `of` that `with` does not have; same: those that it has with another digest. */
static void append_labels(GString *out, const char *word, GHashTable *of, GHashTable *with, gboolean same)
{
    g_autoptr(GList) labels = g_list_sort(g_hash_table_get_keys(of), (GCompareFunc)strcmp);
    gboolean any = FALSE;
    for (const GList *label = labels; label != NULL; label = label->next) {
        const char *digest = g_hash_table_lookup(with, label->data);
        if (same ? digest == NULL || strcmp(digest, g_hash_table_lookup(of, label->data)) == 0 : digest != NULL)
            continue;
        g_string_append_printf(out, "%s%s%s", any ? ", " : out->len > 0 ? "; " : "", any ? "" : word,
                               (const char *)label->data);
        any = TRUE;
    }
}

char *campaign_parts_changes(const char *before, const char *now)
{
    g_auto(GStrv) old_lines = g_strsplit(before, "\n", -1), new_lines = g_strsplit(now, "\n", -1);
    g_autoptr(GHashTable) old_parts = read_parts(old_lines), new_parts = read_parts(new_lines);
    GString *out = g_string_new(NULL);
    if (*before != '\0' && *now != '\0') {
        append_labels(out, "changed: ", old_parts, new_parts, TRUE);
        append_labels(out, "new: ", new_parts, old_parts, FALSE);
        append_labels(out, "gone: ", old_parts, new_parts, FALSE);
    }
    return g_string_free(out, FALSE);
}
