/* journal_gap.c - does the journal lack lines; see journal_gap.h. */
#include "importer/journal_gap.h"

#include <string.h>

/* systemd's sd-messages.h has them, too; here they stand so that this file needs none of its headers. */
#define ID_STARTED "f77379a8490b408bbe5f6940505a777b"
#define ID_SUPPRESSED "a596d6fe7bfa4994828e72309e95d61e"

#define ENOUGH 100000 /* lines a second that no Postfix writes */

/* "x=" and hex digits, up to the next ";". */
static const char *field(const char *cursor, char name, size_t *size_r)
{
    for (const char *at = cursor; at != NULL; at = strchr(at, ';')) {
        at += *at == ';';
        if (at[0] != name || at[1] != '=')
            continue;
        *size_r = strspn(at + 2, "0123456789abcdefABCDEF");
        return at[2 + *size_r] == ';' || at[2 + *size_r] == '\0' ? at + 2 : NULL;
    }
    return NULL;
}

static gboolean copy_id(const char *cursor, char name, char id_r[JOURNAL_ID_SIZE])
{
    size_t size;
    const char *value = field(cursor, name, &size);
    if (value == NULL || size != JOURNAL_ID_SIZE - 1)
        return FALSE;
    memcpy(id_r, value, size);
    id_r[size] = '\0';
    return TRUE;
}

gboolean journal_place_read(const char *cursor, struct journal_place *place_r)
{
    struct journal_place place = {.number = 0};
    size_t size;
    const char *number = field(cursor, 'i', &size);
    memset(place_r, 0, sizeof *place_r);
    if (number == NULL || size == 0 || size > 16 || !copy_id(cursor, 's', place.lineage) ||
        !copy_id(cursor, 'b', place.boot))
        return FALSE;
    place.number = g_ascii_strtoull(number, NULL, 16);
    if (place.number == 0)
        return FALSE;
    *place_r = place;
    return TRUE;
}

enum journal_mark journal_mark_read(const char *message_id, size_t size)
{
    if (size == strlen(ID_STARTED) && memcmp(message_id, ID_STARTED, size) == 0)
        return JOURNAL_STARTED;
    return size == strlen(ID_SUPPRESSED) && memcmp(message_id, ID_SUPPRESSED, size) == 0 ? JOURNAL_SUPPRESSED
                                                                                         : JOURNAL_PLAIN;
}

/* Another service's suppressed lines are not ours; where one of the names is not known, they may be. */
static gboolean is_postfix(const struct journal_step *step)
{
    return step->unit == NULL || *step->suppressed == '\0' || strcmp(step->unit, step->suppressed) == 0;
}

enum journal_gap journal_gap_between(const struct journal_step *step)
{
    const struct journal_place *before = &step->before, *entry = &step->entry;
    if (step->mark == JOURNAL_STARTED)
        return JOURNAL_GAP_STARTED;
    if (before->number != 0) {
        gboolean same = strcmp(before->lineage, entry->lineage) == 0;
        if (strcmp(before->boot, entry->boot) != 0)
            return JOURNAL_GAP_BOOT;
        if (entry->number > before->number + 1)
            return JOURNAL_GAP_MISSING;
        if (entry->number <= before->number && !same)
            return JOURNAL_GAP_OTHER;
    }
    return step->mark == JOURNAL_SUPPRESSED && is_postfix(step) ? JOURNAL_GAP_SUPPRESSED : JOURNAL_GAP_NONE;
}

const char *journal_gap_text(enum journal_gap gap)
{
    static const char *const texts[] = {
        [JOURNAL_GAP_NONE] = "",
        [JOURNAL_GAP_MISSING] =
            "entries of the journal are gone before they were read (vacuumed, damaged or removed); raise "
            "SystemMaxUse= in journald.conf, and let track run always",
        [JOURNAL_GAP_OTHER] = "this is not the journal that was read before",
        [JOURNAL_GAP_BOOT] = "the host was started anew; a crash loses what journald had not written to the disk",
        [JOURNAL_GAP_STARTED] = "journald was started anew, and may have lost lines",
        [JOURNAL_GAP_SUPPRESSED] =
            "journald has suppressed lines of Postfix, which logs more than its rate limit; set "
            "LogRateLimitIntervalSec=1s and LogRateLimitBurst=1000000000 for its unit, as Postwelle's "
            "package does",
    };
    return texts[gap];
}

gboolean journal_limit_matters(const struct journal_limit *limit)
{
    return limit->interval == 0 || limit->burst / ENOUGH < (limit->interval + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;
}

gint64 journal_complete_until(const struct journal_reach *reach)
{
    if (reach->unit == NULL)
        return 0;
    return *reach->unit == '\0' || !reach->limited ? reach->now : MIN(reach->line, reach->now);
}
