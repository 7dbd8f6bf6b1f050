/* fuzz_track.c - the mail log's grammar: any octets, line by line. */
#include "importer/track.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, size_t size);

int LLVMFuzzerTestOneInput(const guint8 *data, size_t size)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
    const char *line = (const char *)data, *end = line + size;
    while (line < end) {
        struct track_event event;
        const char *lf = memchr(line, '\n', (size_t)(end - line));
        const char *stop = lf != NULL ? lf : end;
        if (track_line(line, (size_t)(stop - line), "postfix", zone, 1795422291, &event) != TRACK_NONE) {
            g_assert_cmpuint(strlen(event.queue_id), >=, 6);
            g_assert_true(g_utf8_validate(event.reply, -1, NULL) && g_utf8_validate(event.relay, -1, NULL) &&
                          g_utf8_validate(event.dsn, -1, NULL));
            g_assert_null(strpbrk(event.reply, "\n\r"));
        }
        line = stop + 1;
    }
    return 0;
}
