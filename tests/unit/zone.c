/* zone.c - a name server of a few lines; see zone.h. */
#include "tests/unit/zone.h"

#include <stdlib.h>
#include <string.h>

struct zone {
    char **lines;
    GPtrArray *answers;
};

static void answer_free(void *answer)
{
    dns_answer_free(answer);
}

struct zone *zone_new(const char *text)
{
    struct zone *zone = g_new0(struct zone, 1);
    zone->lines = g_strsplit(text, "\n", -1);
    zone->answers = g_ptr_array_new_with_free_func(answer_free);
    return zone;
}

void zone_free(struct zone *zone)
{
    g_strfreev(zone->lines);
    g_ptr_array_unref(zone->answers);
    g_free(zone);
}

static void take(struct dns_answer *answer, enum dns_type type, const char *data)
{
    struct dns_record record = {.strings = 1, .ttl = 60};
    if (strcmp(data, "!") == 0) {
        answer->status = DNS_FAILED;
        answer->detail = g_strdup("SERVFAIL");
        return;
    }
    if (type == DNS_MX) {
        record.preference = (guint16)atoi(data);
        data = strchr(data, ' ') + 1;
    }
    record.text = g_strdup(data);
    record.size = strlen(data);
    answer->status = DNS_FOUND;
    answer->records = g_renew(struct dns_record, answer->records, answer->count + 1);
    answer->records[answer->count++] = record;
}

const struct dns_answer *zone_lookup(void *cookie, const char *name, enum dns_type type)
{
    struct zone *zone = cookie;
    struct dns_answer *answer = dns_answer_new(DNS_NO_NAME, NULL);
    g_ptr_array_add(zone->answers, answer);
    for (char **line = zone->lines; *line != NULL; line++) {
        g_auto(GStrv) words = g_strsplit(*line, " ", 3);
        if (g_strv_length(words) != 3 || g_ascii_strcasecmp(words[0], name) != 0)
            continue;
        if (answer->status == DNS_NO_NAME)
            answer->status = DNS_NO_DATA;
        if (strcmp(words[1], dns_type_name(type)) == 0)
            take(answer, type, words[2]);
    }
    return answer;
}
