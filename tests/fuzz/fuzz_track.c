/* fuzz_track.c - the mail log's grammar and sd-journal's cursors: any octets, line by line. */
#include "lib/delivery.h"
#include "importer/journal_gap.h"
#include "importer/track.h"
#include "importer/track_tls.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, size_t size);

/* What reads a line, but for track_line() itself. */
static void read_otherwise(const char *line, size_t size, GTimeZone *zone, struct track_tls *tls)
{
    struct journal_place place;
    gint64 when;
    g_autofree char *text = g_strndup(line, size);
    track_tls_line(tls, line, size, "postfix");
    track_line_is_crash(line, size, "postfix");
    if (track_line_is_restart(line, size, "postfix", zone, 1795422291, &when))
        g_assert_false(track_line_is_daily(line, size, "postfix"));
    g_assert_true(journal_place_read(text, &place) == (place.number != 0));
    delivery_is_greylisted(text);
    g_assert_cmpint(delivery_arrival(text), >=, 0);
}

int LLVMFuzzerTestOneInput(const guint8 *data, size_t size)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
    const char *line = (const char *)data, *end = line + size;
    struct track_tls *tls = track_tls_new(TRUE);
    track_tls_begin(tls, 1);
    while (line < end) {
        struct track_event event;
        const char *lf = memchr(line, '\n', (size_t)(end - line));
        const char *stop = lf != NULL ? lf : end;
        if (track_line(line, (size_t)(stop - line), "postfix", zone, 1795422291, &event) != TRACK_NONE) {
            g_assert_cmpuint(strlen(event.queue_id), >=, 6);
            g_assert_true(g_utf8_validate(event.reply, -1, NULL) && g_utf8_validate(event.relay, -1, NULL) &&
                          g_utf8_validate(event.dsn, -1, NULL));
            g_assert_null(strpbrk(event.reply, "\n\r"));
            g_assert_cmpuint(strlen(track_tls_of(tls, &event)), <, TRACK_TLS_SIZE);
        }
        read_otherwise(line, (size_t)(stop - line), zone, tls);
        line = stop + 1;
    }
    track_tls_free(tls);
    return 0;
}
