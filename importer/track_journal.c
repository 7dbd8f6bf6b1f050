/* track_journal.c - Postfix's lines in the systemd journal; see track_journal.h. */
#include "importer/track_journal.h"

#include "importer/journal_gap.h"
#include "importer/track.h"
#include "lib/error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-journal.h>
#include <time.h>
#include <unistd.h>

#define LOOK_BACK 10000                /* entries before our place in which Postfix's unit is looked for */
#define PERSON 1000                    /* the first user id of a person */
#define INFO "6"                       /* syslog's priority of what Postfix logs of each mail */
#define LIMITS "/run/systemd/units/"   /* where systemd tells journald of the units' rate limits */

/* A field's value; lives until the next one is asked for. */
struct value {
    const char *text;
    size_t size;
};

struct track_journal {
    sd_journal *journal;
    const char *syslog_name;
    char *cursor; /* sd-journal's, of the last entry that was read; NULL: none was */
    struct journal_place place;
    char *unit;  /* of Postfix's daemons; NULL: not known, "": none */
    gint64 said;  /* when their last line of priority INFO was logged, seconds since 1970 */
    gint64 heard; /* when their last line of any kind that was handed out was; 0: none was */
    GString *line;
    gint64 second; /* of which `stamp` is the text */
    char stamp[32];
};

/* --- an entry ----------------------------------------------------------------------------------- */

static struct value get(const struct track_journal *journal, const char *field)
{
    const void *data;
    size_t size, name = strlen(field) + 1;
    if (sd_journal_get_data(journal->journal, field, &data, &size) < 0 || size < name)
        return (struct value){"", 0};
    return (struct value){(const char *)data + name, size - name};
}

static gint64 get_time(const struct track_journal *journal)
{
    guint64 microseconds;
    return sd_journal_get_realtime_usec(journal->journal, &microseconds) < 0 ? 0
                                                                             : (gint64)(microseconds / G_USEC_PER_SEC);
}

/* Its identifier is "postfix/smtp", and no person's process has written it. */
static gboolean is_of_postfix(const struct track_journal *journal, struct value identifier)
{
    size_t size = strlen(journal->syslog_name);
    if (identifier.size <= size || memcmp(identifier.text, journal->syslog_name, size) != 0 ||
        identifier.text[size] != '/')
        return FALSE;
    struct value user = get(journal, "_UID");
    g_autofree char *number = g_strndup(user.text, user.size);
    return user.size == 0 || g_ascii_strtoull(number, NULL, 10) < PERSON;
}

static const char *stamp(struct track_journal *journal, gint64 second)
{
    time_t time = (time_t)second;
    struct tm parts;
    if (second == journal->second)
        return journal->stamp;
    journal->second = second;
    if (gmtime_r(&time, &parts) == NULL ||
        strftime(journal->stamp, sizeof journal->stamp, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        journal->stamp[0] = '\0';
    return journal->stamp;
}

/* As a log file would have it. */
static void make_line(struct track_journal *journal, gint64 second)
{
    struct value pid = get(journal, "SYSLOG_PID");
    g_autofree char *number = g_strndup(pid.text, pid.size);
    g_string_printf(journal->line, "%s journal ", stamp(journal, second));
    struct value identifier = get(journal, "SYSLOG_IDENTIFIER");
    g_string_append_len(journal->line, identifier.text, (gssize)identifier.size);
    g_string_append_printf(journal->line, "[%s]: ", number);
    struct value message = get(journal, "MESSAGE");
    g_string_append_len(journal->line, message.text, (gssize)MIN(message.size, TRACK_LINE_MAX));
}

/* master(8)'s first words, before there is any mail. */
static gboolean is_start(const struct track_journal *journal, gint64 second)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
    gint64 when;
    return track_line_is_restart(journal->line->str, journal->line->len, journal->syslog_name, zone, second, &when);
}

/*
 * Daily business of one of Postfix's daemons shows where they run, and that nothing is being suppressed; so does their
 * start.
 */
static void note_line(struct track_journal *journal, gint64 second)
{
    struct value priority = get(journal, "PRIORITY");
    if (priority.size != 1 || *priority.text != *INFO)
        return;
    if (!track_line_is_daily(journal->line->str, journal->line->len, journal->syslog_name) &&
        (journal->unit != NULL || !is_start(journal, second)))
        return;
    struct value unit = get(journal, "_SYSTEMD_UNIT");
    if (journal->unit == NULL || strlen(journal->unit) != unit.size ||
        memcmp(journal->unit, unit.text, unit.size) != 0) {
        g_free(journal->unit);
        journal->unit = g_strndup(unit.text, unit.size);
    }
    journal->said = second;
}

/* --- gaps --------------------------------------------------------------------------------------- */

/* "Suppressed 17 messages from postfix@-.service" → the unit. */
static char *suppressed_unit(const struct track_journal *journal)
{
    static const char from[] = " messages from ";
    struct value message = get(journal, "MESSAGE");
    g_autofree char *text = g_strndup(message.text, message.size);
    const char *unit = strstr(text, from);
    return g_strdup(unit != NULL ? unit + strlen(from) : "");
}

/* Goes to the entry that sd-journal has now: was anything lost before it? */
static void step(struct track_journal *journal, gint64 second, struct track_gap *gap)
{
    char *cursor;
    struct journal_step step = {.before = journal->place, .unit = journal->unit, .suppressed = ""};
    if (sd_journal_get_cursor(journal->journal, &cursor) < 0)
        return;
    free(journal->cursor);
    journal->cursor = cursor;
    journal_place_read(cursor, &journal->place);
    step.entry = journal->place;
    struct value id = get(journal, "MESSAGE_ID");
    step.mark = journal_mark_read(id.text, id.size);
    g_autofree char *suppressed = step.mark == JOURNAL_SUPPRESSED ? suppressed_unit(journal) : NULL;
    if (suppressed != NULL)
        step.suppressed = suppressed;
    enum journal_gap found = journal_gap_between(&step);
    if (found != JOURNAL_GAP_NONE)
        track_gap_add(gap, journal->heard, second, journal_gap_text(found));
}

/* --- opening ------------------------------------------------------------------------------------ */

/* Where Postfix runs, by its last line before our place; sd-journal is at our place again afterwards. */
static void find_unit(struct track_journal *journal)
{
    for (guint i = 0; journal->unit == NULL && i < LOOK_BACK; i++) {
        struct value identifier = get(journal, "SYSLOG_IDENTIFIER");
        if (is_of_postfix(journal, identifier)) {
            make_line(journal, get_time(journal));
            note_line(journal, get_time(journal));
        }
        if (sd_journal_previous(journal->journal) <= 0)
            break;
    }
    journal->said = 0; /* what was logged before our place is not read in this run */
}

static gboolean go_to(struct track_journal *journal, const char *position)
{
    return sd_journal_seek_cursor(journal->journal, position) >= 0 && sd_journal_next(journal->journal) > 0 &&
           sd_journal_test_cursor(journal->journal, position) > 0;
}

/* FALSE where the position is no cursor. One that is not there any more is judged by the first entry behind it. */
static gboolean go_to_position(struct track_journal *journal, const char *position)
{
    if (!journal_place_read(position, &journal->place))
        return FALSE;
    journal->cursor = strdup(position);
    if (go_to(journal, position)) {
        find_unit(journal);
        return go_to(journal, position) || sd_journal_seek_cursor(journal->journal, position) >= 0;
    }
    return sd_journal_seek_cursor(journal->journal, position) >= 0;
}

/* With its files open, at no place. */
static struct track_journal *new_journal(const char *folder, const char *syslog_name, GError **error)
{
    struct track_journal *journal = g_new0(struct track_journal, 1);
    int result = *folder != '\0' ? sd_journal_open_directory(&journal->journal, folder, 0)
                                 : sd_journal_open(&journal->journal, SD_JOURNAL_LOCAL_ONLY);
    journal->syslog_name = syslog_name;
    journal->line = g_string_new(NULL);
    journal->second = -1;
    if (result >= 0)
        return journal;
    error_from_errno(error, ERROR_SYSTEM, -result, "%s ([postfix] log = journal in postwelle.conf)",
                     *folder != '\0' ? folder : "the systemd journal");
    track_journal_free(journal);
    return NULL;
}

struct track_journal *track_journal_open(const char *folder, const char *syslog_name, const char *position,
                                         struct track_gap *gap, GError **error)
{
    struct track_journal *journal = new_journal(folder, syslog_name, error);
    if (journal == NULL)
        return NULL;
    sd_journal_get_fd(journal->journal); /* from now on it notices new files */
    if (*position != '\0' && go_to_position(journal, position))
        return journal;
    if (*position != '\0')
        track_gap_add(gap, 0, g_get_real_time() / G_USEC_PER_SEC, journal_gap_text(JOURNAL_GAP_OTHER));
    sd_journal_seek_head(journal->journal);
    return journal;
}

/* An entry from before `since` tells that the journal reaches back, and whether the next one follows it. */
struct track_journal *track_journal_open_since(const char *folder, const char *syslog_name, gint64 since,
                                               gint64 *begins_r, GError **error)
{
    struct track_journal *journal = new_journal(folder, syslog_name, error);
    guint64 from = (guint64)MAX(since, 0) * G_USEC_PER_SEC;
    struct track_gap none = {0};
    if (journal == NULL)
        return NULL;
    sd_journal_seek_realtime_usec(journal->journal, from);
    *begins_r = 0;
    if (sd_journal_previous(journal->journal) > 0) {
        step(journal, get_time(journal), &none);
        find_unit(journal);
        go_to(journal, journal->cursor);
        return journal;
    }
    *begins_r = sd_journal_seek_head(journal->journal) >= 0 && sd_journal_next(journal->journal) > 0
                    ? get_time(journal)
                    : TRACK_FIRST_LINE;
    sd_journal_seek_head(journal->journal);
    return journal;
}

void track_journal_free(struct track_journal *journal)
{
    if (journal == NULL)
        return;
    sd_journal_close(journal->journal);
    free(journal->cursor);
    g_free(journal->unit);
    g_string_free(journal->line, TRUE);
    g_free(journal);
}

/* --- following ---------------------------------------------------------------------------------- */

/* At the end it looks for new files once; sd-journal does not by itself. */
static int next_entry(struct track_journal *journal)
{
    int result = sd_journal_next(journal->journal);
    if (result == 0 && sd_journal_process(journal->journal) > SD_JOURNAL_NOP)
        result = sd_journal_next(journal->journal);
    return result;
}

gboolean track_journal_next(struct track_journal *journal, const char **line_r, size_t *size_r, struct track_gap *gap)
{
    int result = next_entry(journal);
    if (result < 0)
        track_gap_add(gap, 0, g_get_real_time() / G_USEC_PER_SEC, journal_gap_text(JOURNAL_GAP_MISSING));
    if (result <= 0)
        return FALSE;
    gint64 second = get_time(journal);
    step(journal, second, gap);
    g_string_truncate(journal->line, 0);
    struct value identifier = get(journal, "SYSLOG_IDENTIFIER");
    if (is_of_postfix(journal, identifier)) {
        make_line(journal, second);
        note_line(journal, second);
        journal->heard = second;
    }
    *line_r = journal->line->str;
    *size_r = journal->line->len;
    return TRUE;
}

void track_journal_position(const struct track_journal *journal, char position_r[TRACK_POSITION_SIZE])
{
    g_strlcpy(position_r, journal->cursor != NULL ? journal->cursor : "", TRACK_POSITION_SIZE);
}

static guint64 read_limit(const char *name, const char *unit)
{
    char number[24] = "";
    g_autofree char *path = g_strdup_printf(LIMITS "log-rate-limit-%s:%s", name, unit);
    ssize_t size = readlink(path, number, sizeof number - 1);
    return size > 0 ? g_ascii_strtoull(number, NULL, 10) : 0;
}

gint64 track_journal_complete(const struct track_journal *journal, gint64 now)
{
    const struct journal_limit limit = {read_limit("interval", journal->unit != NULL ? journal->unit : ""),
                                        read_limit("burst", journal->unit != NULL ? journal->unit : "")};
    const struct journal_reach reach = {
        .unit = journal->unit, .limited = journal_limit_matters(&limit), .line = journal->said, .now = now};
    return journal_complete_until(&reach);
}
