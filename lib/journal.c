/* journal.c - log lines of the daemons; see journal.h. */
#include "lib/journal.h"

#include <string.h>
#include <unistd.h>

void journal_init(struct journal *journal, const char *name, gboolean to_syslog)
{
    journal->syslog = to_syslog;
    journal->priority = !to_syslog && g_getenv("JOURNAL_STREAM") != NULL;
    if (to_syslog)
        openlog(name, LOG_PID | LOG_NDELAY, LOG_MAIL);
}

static void append_octet(GString *line, guint8 octet)
{
    g_string_append_printf(line, "\\x%02X", (guint)octet);
}

char *journal_clean(const char *text)
{
    GString *line = g_string_sized_new(strlen(text) + 1);
    while (*text != '\0' && line->len < JOURNAL_LINE) {
        gunichar letter = g_utf8_get_char_validated(text, -1);
        if (letter == (gunichar)-1 || letter == (gunichar)-2) {
            append_octet(line, (guint8)*text++);
            continue;
        }
        const char *next = g_utf8_next_char(text);
        if (g_unichar_iscntrl(letter) || g_unichar_type(letter) == G_UNICODE_FORMAT || letter == 0x2028 ||
            letter == 0x2029)
            while (text < next)
                append_octet(line, (guint8)*text++);
        else
            g_string_append_len(line, text, next - text);
        text = next;
    }
    return g_string_free(line, FALSE);
}

void journal_write(const struct journal *journal, int priority, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *clean = journal_clean(text);
    if (journal->syslog) {
        syslog(priority, "%s", clean);
        return;
    }
    g_autofree char *line =
        journal->priority ? g_strdup_printf("<%d>%s\n", priority, clean) : g_strdup_printf("%s\n", clean);
    ssize_t written = write(STDERR_FILENO, line, strlen(line));
    (void)written; /* there is nowhere else to say that it failed */
}
