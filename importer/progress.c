/* progress.c - a progress bar on stderr; see progress.h. */
#include "importer/progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SHOW_AFTER G_USEC_PER_SEC
#define SHOW_EVERY (G_USEC_PER_SEC / 5)
#define BAR 20
#define WIDTH 79 /* where the terminal does not tell its own */

void progress_begin(struct progress *progress, const char *label, guint64 total)
{
    *progress = (struct progress){
        .label = label, .total = total, .begun = g_get_monotonic_time(), .terminal = isatty(STDERR_FILENO)};
}

static void append_left(GString *line, guint64 done, guint64 total, gint64 elapsed_us)
{
    if (done == 0 || done >= total)
        return;
    guint64 left = (guint64)((double)elapsed_us / (double)done * (double)(total - done) / G_USEC_PER_SEC);
    if (left >= 3600)
        g_string_append_printf(line, "  %" G_GUINT64_FORMAT ":%02u:%02u left", left / 3600, (guint)(left / 60 % 60),
                               (guint)(left % 60));
    else
        g_string_append_printf(line, "  %u:%02u left", (guint)(left / 60), (guint)(left % 60));
}

char *progress_line(const struct progress *progress, guint64 done, gint64 elapsed_us, const char *remark, size_t width)
{
    g_autoptr(GString) line = g_string_new(progress->label);
    if (progress->total > 0) {
        done = MIN(done, progress->total);
        guint filled = (guint)(done * BAR / progress->total);
        g_string_append(line, "  [");
        for (guint i = 0; i < BAR; i++)
            g_string_append_c(line, i < filled ? '#' : '-');
        g_string_append_printf(line, "]  %u %%  %" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT,
                               (guint)(done * 100 / progress->total), done, progress->total);
        append_left(line, done, progress->total, elapsed_us);
    } else {
        g_string_append_printf(line, "  %" G_GUINT64_FORMAT, done);
    }
    if (remark != NULL && *remark != '\0')
        g_string_append_printf(line, "  %s", remark);
    if ((size_t)g_utf8_strlen(line->str, -1) > width)
        return g_utf8_substring(line->str, 0, (glong)width);
    return g_string_free(g_steal_pointer(&line), FALSE);
}

static size_t terminal_width(void)
{
    struct winsize size = {0};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? (size_t)size.ws_col - 1 : WIDTH;
}

void progress_show(struct progress *progress, guint64 done, const char *remark)
{
    gint64 now = progress->terminal ? g_get_monotonic_time() : 0;
    if (!progress->terminal || now - progress->begun < SHOW_AFTER || now - progress->shown < SHOW_EVERY)
        return;
    g_autofree char *line = progress_line(progress, done, now - progress->begun, remark, terminal_width());
    fprintf(stderr, "\r%s\033[K", line);
    progress->shown = now;
}

void progress_clear(struct progress *progress)
{
    if (progress->shown != 0)
        fputs("\r\033[K", stderr);
    progress->shown = 0;
}
