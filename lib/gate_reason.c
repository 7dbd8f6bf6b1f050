/* gate_reason.c - why a gate stopped a campaign; see gate_reason.h. */
#include "lib/gate_reason.h"

#include <string.h>

#define WHOLE 10000 /* hundredths of a percent */

/* # stands for a number; they come in the same order in both languages. */
static const struct {
    const char *english, *german;
} sentences[GATE_REASONS] = {
    [GATE_REASON_BOUNCES] = {"# of # mails bounced, # %; [gates] allows # %",
                             "# von # Mails kamen zurück, # %; [gates] erlaubt # %"},
    [GATE_REASON_COMPLAINTS] = {"# of # mails were complained of, # %; [gates] allows # %",
                                "über # von # Mails gab es Beschwerden, # %; [gates] erlaubt # %"},
    [GATE_REASON_DEFERRALS] = {"# of # mails are deferred, # %; [gates] allows # %",
                               "# von # Mails sind aufgeschoben, # %; [gates] erlaubt # %"},
    [GATE_REASON_BACKLOG] = {"# mails are in Postfix's queue; [gates] backlog allows #",
                             "# Mails sind in Postfix' Warteschlange; [gates] backlog erlaubt #"},
};
#define NUMBERS 4 /* of a sentence, at most */

static char *fill(const char *sentence, char *const *numbers)
{
    GString *out = g_string_new(NULL);
    for (; *sentence != '\0'; sentence++)
        if (*sentence == '#')
            g_string_append(out, *numbers++);
        else
            g_string_append_c(out, *sentence);
    return g_string_free(out, FALSE);
}

static char *count_text(guint64 count)
{
    return g_strdup_printf("%" G_GUINT64_FORMAT, count);
}

/* 510 as "5.10", whatever the locale. */
static char *share_text(guint64 hundredths)
{
    return g_strdup_printf("%" G_GUINT64_FORMAT ".%02u", hundredths / 100, (guint)(hundredths % 100));
}

char *gate_reason_rate(enum gate_reason reason, guint64 part, guint64 whole, guint32 limit)
{
    g_autofree char *parts = count_text(part), *wholes = count_text(whole);
    g_autofree char *share = share_text((part * WHOLE + whole / 2) / whole), *allowed = share_text(limit);
    return fill(sentences[reason].english, (char *[]){parts, wholes, share, allowed});
}

char *gate_reason_backlog(guint64 mails, guint64 limit)
{
    g_autofree char *count = count_text(mails), *allowed = count_text(limit);
    return fill(sentences[GATE_REASON_BACKLOG].english, (char *[]){count, allowed});
}

/* Reads the numbers of a sentence; the caller frees them. FALSE where the text is not that sentence. */
static gboolean read_numbers(const char *text, const char *sentence, char *numbers_r[NUMBERS])
{
    size_t count = 0;
    for (; *sentence != '\0'; sentence++) {
        size_t length = *sentence == '#' ? strspn(text, "0123456789.") : *text == *sentence;
        if (length == 0)
            return FALSE;
        if (*sentence == '#')
            numbers_r[count++] = g_strndup(text, length);
        text += length;
    }
    return *text == '\0';
}

char *gate_reason_german(const char *text)
{
    char *german = NULL;
    for (size_t i = 0; i < GATE_REASONS && german == NULL; i++) {
        char *numbers[NUMBERS] = {NULL};
        gboolean found = read_numbers(text, sentences[i].english, numbers);
        for (size_t k = 0; k < NUMBERS && numbers[k] != NULL; k++)
            g_strdelimit(numbers[k], ".", ',');
        if (found)
            german = fill(sentences[i].german, numbers);
        for (size_t k = 0; k < NUMBERS; k++)
            g_free(numbers[k]);
    }
    return german;
}
