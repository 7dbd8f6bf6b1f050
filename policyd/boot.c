/* boot.c - which boot of the host this is; see boot.h. */
#include "policyd/boot.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define BOOT_DIGITS 16

guint64 boot_number(const struct journal *journal)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    guint64 number = 0;
    if (g_file_get_contents(BOOT_ID, &text, NULL, &error)) {
        guint digits = 0;
        for (const char *c = text; *c != '\0' && digits < BOOT_DIGITS; c++)
            if (g_ascii_isxdigit(*c)) {
                number = number << 4 | (guint64)g_ascii_xdigit_value(*c);
                digits++;
            }
        if (digits == BOOT_DIGITS)
            return number;
    }
    journal_write(journal, LOG_WARNING, "%s: %s; each start counts as a reboot of the host", BOOT_ID,
                  error != NULL ? error->message : "not the form that is expected");
    return (guint64)g_random_int() << 32 | g_random_int();
}
