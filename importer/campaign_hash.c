/* campaign_hash.c - the hash that an approval binds; the serialisation is described in campaign.h. */
#include "importer/campaign.h"

#include "importer/pictures.h"

#include <string.h>

static void add(GChecksum *sum, const char *name, const void *data, size_t size)
{
    g_autofree char *head = g_strdup_printf("%s %zu\n", name, size);
    g_checksum_update(sum, (const guchar *)head, (gssize)strlen(head));
    g_checksum_update(sum, data, (gssize)size);
    g_checksum_update(sum, (const guchar *)"\n", 1);
}

static void add_text(GChecksum *sum, const char *name, const char *text)
{
    add(sum, name, text, strlen(text));
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_defaults(GChecksum *sum, json_t *defaults)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    const char *name;
    json_t *value;
    json_object_foreach(defaults, name, value) g_ptr_array_add(names, (char *)name);
    g_ptr_array_sort(names, compare_texts);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *item = g_strconcat("default ", names->pdata[i], NULL);
        add_text(sum, item, json_string_value(json_object_get(defaults, names->pdata[i])));
    }
}

struct adding {
    GChecksum *sum;
    const char *kind;
};

static void add_file(void *cookie, const char *file, const char *text)
{
    const struct adding *adding = cookie;
    g_autofree char *item = g_strdup_printf("%s %s", adding->kind, file);
    add_text(adding->sum, item, text);
}

static int compare_pictures(const void *a, const void *b)
{
    const struct picture *const *left = a, *const *right = b;
    return strcmp((*left)->content_id, (*right)->content_id);
}

static void add_pictures(GChecksum *sum, const struct pictures *pictures)
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
        add(sum, item, g_bytes_get_data(picture->bytes, NULL), g_bytes_get_size(picture->bytes));
    }
}

void campaign_hash(const struct campaign *campaign, char hash_r[CAMPAIGN_HASH_SIZE])
{
    static const struct {
        const char *group, *name;
    } options[] = {
        {"campaign", "client"},       {"campaign", "name"},       {"mail", "from"},    {"mail", "reply-to"},
        {"mail", "subject"},          {"campaign", "survey-url"}, {"mail", "list-id"}, {"mail", "complaints"},
        {"mail", "feedback-address"}, {"question", "parameter"},
    };
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    static const char head[] = "postwelle-content 1\n";
    g_checksum_update(sum, (const guchar *)head, sizeof head - 1);
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
        add_text(sum, strcmp(options[i].name, "name") == 0 ? "campaign" : options[i].name,
                 config_text(campaign->config, options[i].group, options[i].name));
    add_text(sum, "signing-domain", campaign->client->signing_domain);
    add_text(sum, "unsubscribe-uri", campaign->client->unsubscribe_uri);
    add_text(sum, "unsubscribe-mailto", campaign->client->unsubscribe_mailto);
    add_defaults(sum, campaign->defaults);
    for (size_t i = 0; i < campaign->n_editions; i++) {
        const struct edition *edition = &campaign->editions[i];
        if (i > 0) /* the first one's is campaign.conf's */
            template_texts(edition->subject, add_file, &(struct adding){sum, "subject"});
        template_texts(edition->html, add_file, &(struct adding){sum, "html"});
        if (edition->text != NULL)
            template_texts(edition->text, add_file, &(struct adding){sum, "text"});
    }
    add_pictures(sum, campaign->picture_files);
    g_strlcpy(hash_r, g_checksum_get_string(sum), CAMPAIGN_HASH_SIZE);
}
