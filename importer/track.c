/* track.c - the grammar of Postfix's mail log; see track.h. */
#include "importer/track.h"

#include <string.h>

#define DAY 86400
#define UNCERTAIN "postwelle-uncertain" /* packaging/postfix/delivery-status-filter writes it */

/* What is left of a line. */
struct rest {
    const char *at;
    const char *end;
};

const char *track_kind_word(enum track_kind kind)
{
    static const char *const words[] = {NULL,      "queued",  "deferred",  "sent",
                                        "bounced", "expired", "uncertain", "rejected"};
    return words[kind];
}

/* --- small steps -------------------------------------------------------------------------------- */

static size_t left(const struct rest *rest)
{
    return (size_t)(rest->end - rest->at);
}

/* Takes a text that must come next. */
static gboolean take(struct rest *rest, const char *text)
{
    size_t length = strlen(text);
    if (left(rest) < length || memcmp(rest->at, text, length) != 0)
        return FALSE;
    rest->at += length;
    return TRUE;
}

/* Takes digits, at least low and at most high of them. */
static gboolean take_number(struct rest *rest, size_t low, size_t high, int *number_r)
{
    size_t digits = 0;
    *number_r = 0;
    while (digits < high && rest->at < rest->end && g_ascii_isdigit(*rest->at)) {
        *number_r = *number_r * 10 + (*rest->at++ - '0');
        digits++;
    }
    return digits >= low;
}

/* Goes to the place after the next `text`; FALSE leaves it where it is. */
static gboolean skip_past(struct rest *rest, const char *text)
{
    const char *found = memmem(rest->at, left(rest), text, strlen(text));
    if (found == NULL)
        return FALSE;
    rest->at = found + strlen(text);
    return TRUE;
}

/* Copies up to the end or size, as valid UTF-8 without control characters. */
static void copy_clean(const char *from, const char *end, char *to, size_t size)
{
    size_t used = 0;
    while (from < end) {
        gunichar letter = g_utf8_get_char_validated(from, end - from);
        size_t length = 1;
        if (letter == (gunichar)-1 || letter == (gunichar)-2 || letter < 0x20 || letter == 0x7F)
            letter = letter < 0x20 ? ' ' : '?';
        else
            length = (size_t)g_utf8_skip[(guint8)*from];
        char octets[6];
        size_t width = (size_t)g_unichar_to_utf8(letter, octets);
        if (used + width >= size)
            break;
        memcpy(to + used, octets, width);
        used += width;
        from += length;
    }
    to[used] = '\0';
}

/* --- time --------------------------------------------------------------------------------------- */

static gint64 unix_time(GTimeZone *zone, int year, int month, int day, int hour, int minute, int second)
{
    /* A leap second is told as the one before it. */
    g_autoptr(GDateTime) time = g_date_time_new(zone, year, month, day, hour, minute, MIN(second, 59));
    return time != NULL ? g_date_time_to_unix(time) : -1;
}

static gboolean take_clock(struct rest *rest, int *hour_r, int *minute_r, int *second_r)
{
    return take_number(rest, 2, 2, hour_r) && take(rest, ":") && take_number(rest, 2, 2, minute_r) && take(rest, ":") &&
           take_number(rest, 2, 2, second_r);
}

/* "Nov  3 08:24:51 ": the year is the latest with which it lies at most a day ahead. */
static gboolean take_old_time(struct rest *rest, GTimeZone *zone, gint64 now, gint64 *time_r)
{
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int month = 0, day, hour, minute, second;
    while (month < 12 && !take(rest, months[month]))
        month++;
    if (month == 12 || !take(rest, " "))
        return FALSE;
    take(rest, " ");
    if (!take_number(rest, 1, 2, &day) || !take(rest, " ") || !take_clock(rest, &hour, &minute, &second) ||
        !take(rest, " "))
        return FALSE;
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(now + DAY);
    g_autoptr(GDateTime) latest = utc != NULL ? g_date_time_to_timezone(utc, zone) : NULL;
    if (latest == NULL)
        return FALSE;
    /* Four years back finds any 29 February but that of 1900 and its like. */
    for (int year = g_date_time_get_year(latest), tries = 0; tries < 5; year--, tries++) {
        *time_r = unix_time(zone, year, month + 1, day, hour, minute, second);
        if (*time_r >= 0 && *time_r <= now + DAY)
            return TRUE;
    }
    return FALSE;
}

/* "Z", "+01:00", "+0100". */
static gboolean take_offset(struct rest *rest, int *seconds_r)
{
    int hours, minutes, sign;
    *seconds_r = 0;
    if (take(rest, "Z"))
        return TRUE;
    sign = take(rest, "+") ? 1 : take(rest, "-") ? -1 : 0;
    if (sign == 0 || !take_number(rest, 2, 2, &hours))
        return FALSE;
    take(rest, ":");
    if (!take_number(rest, 2, 2, &minutes) || hours > 23 || minutes > 59)
        return FALSE;
    *seconds_r = sign * (hours * 3600 + minutes * 60);
    return TRUE;
}

/* "2026-11-23T08:24:51.123456+01:00 ". */
static gboolean take_new_time(struct rest *rest, gint64 *time_r)
{
    int year, month, day, hour, minute, second, offset, ignored;
    if (!take_number(rest, 4, 4, &year) || !take(rest, "-") || !take_number(rest, 2, 2, &month) || !take(rest, "-") ||
        !take_number(rest, 2, 2, &day) || (!take(rest, "T") && !take(rest, " ")) ||
        !take_clock(rest, &hour, &minute, &second))
        return FALSE;
    if (take(rest, ".") && !take_number(rest, 1, 9, &ignored))
        return FALSE;
    if (!take_offset(rest, &offset) || !take(rest, " "))
        return FALSE;
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    gint64 time = unix_time(utc, year, month, day, hour, minute, second);
    *time_r = time - offset;
    return time >= 0;
}

/* --- who wrote it, about what ------------------------------------------------------------------- */

/*
 * "host postfix/postwelle/smtp[123]: " → "smtp" between at and the returned end (the bracket); NULL where it isn't
 * Postfix.
 */
static const char *take_program(struct rest *rest, const char *syslog_name, const char **end_r)
{
    if (!skip_past(rest, " ") || !take(rest, syslog_name) || !take(rest, "/"))
        return NULL;
    const char *bracket = memchr(rest->at, '[', left(rest));
    const char *blank = memchr(rest->at, ' ', left(rest));
    if (bracket == NULL || (blank != NULL && blank < bracket))
        return NULL;
    const char *slash = memrchr(rest->at, '/', (size_t)(bracket - rest->at));
    const char *name = slash != NULL ? slash + 1 : rest->at;
    *end_r = bracket;
    return skip_past(rest, "]: ") ? name : NULL;
}

static gboolean take_queue_id(struct rest *rest, char id_r[TRACK_ID_SIZE])
{
    size_t length = 0;
    while (length < left(rest) && g_ascii_isalnum(rest->at[length]))
        length++;
    if (length < 6 || length >= TRACK_ID_SIZE)
        return FALSE;
    memcpy(id_r, rest->at, length);
    id_r[length] = '\0';
    rest->at += length;
    return take(rest, ": ");
}

/* --- the programs ------------------------------------------------------------------------------- */

/* The value that follows `name` up to a comma. */
static void read_value(struct rest rest, const char *name, char *value_r, size_t size)
{
    *value_r = '\0';
    if (!skip_past(&rest, name))
        return;
    const char *comma = memchr(rest.at, ',', left(&rest));
    copy_clean(rest.at, comma != NULL ? comma : rest.end, value_r, size);
}

/* The text in the brackets that end the line. */
static void read_reply(struct rest rest, char reply_r[TRACK_REPLY_SIZE])
{
    if (!take(&rest, " ("))
        return;
    if (rest.end > rest.at && rest.end[-1] == ')')
        rest.end--;
    copy_clean(rest.at, rest.end, reply_r, TRACK_REPLY_SIZE);
}

/* The end of the line is Postfix's own, whatever the receiver has said before. */
static gboolean ends_in_content(const struct rest *rest)
{
    static const char *const ends[] = {" (in reply to end of DATA command))", " while sending message body)"};
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        size_t length = strlen(ends[i]);
        if (left(rest) >= length && memcmp(rest->end - length, ends[i], length) == 0)
            return TRUE;
    }
    return FALSE;
}

/* "delays=a/b/c/d": c and d, connecting and sending, together, rounded up. */
static guint read_seconds(struct rest rest)
{
    if (!skip_past(&rest, ", delays=") || !skip_past(&rest, "/") || !skip_past(&rest, "/"))
        return 0;
    int seconds = 0, more = 0;
    take_number(&rest, 1, 6, &seconds);
    if (skip_past(&rest, "/"))
        take_number(&rest, 1, 6, &more);
    return (guint)(seconds + more + 2);
}

/* "to=<a@b>, [orig_to=<c>, ]relay=…, delay=…, delays=…, dsn=2.0.0, status=sent (250 …)". */
static enum track_kind read_delivery(struct rest rest, struct track_event *event)
{
    /* An orig_to=<…> may come between; what counts stands behind ">, relay=". */
    struct rest fields = rest;
    if (!take(&rest, "to=<") || !skip_past(&fields, ">, relay="))
        return TRACK_NONE;
    fields.at -= strlen("relay=");
    struct rest status = fields;
    if (!skip_past(&status, ", status="))
        return TRACK_NONE;
    enum track_kind kind = take(&status, "sent")       ? TRACK_SENT
                           : take(&status, "deferred") ? TRACK_DEFERRED
                           : take(&status, "bounced")  ? TRACK_BOUNCED
                                                       : TRACK_NONE;
    struct rest before = {fields.at, status.at};
    read_value(before, "relay=", event->relay, sizeof event->relay);
    read_value(before, ", dsn=", event->dsn, sizeof event->dsn);
    read_reply(status, event->reply);
    event->seconds = read_seconds(before);
    event->content = kind == TRACK_DEFERRED && ends_in_content(&status);
    return kind == TRACK_BOUNCED && g_str_has_prefix(event->reply, UNCERTAIN) ? TRACK_UNCERTAIN : kind;
}

static enum track_kind read_qmgr(struct rest rest, struct track_event *event)
{
    static const char active[] = " (queue active)";
    (void)event; /* the line has neither reply nor relay */
    if (!take(&rest, "from=<"))
        return TRACK_NONE;
    if (left(&rest) >= strlen(active) && memcmp(rest.end - strlen(active), active, strlen(active)) == 0)
        return TRACK_QUEUED;
    if (!skip_past(&rest, ">, status="))
        return TRACK_NONE;
    take(&rest, "force-");
    return take(&rest, "expired") ? TRACK_EXPIRED : TRACK_NONE;
}

/* "milter-reject: END-OF-MESSAGE from host[address]: 4.7.1 text; from=<…> to=<…> …". */
static enum track_kind read_cleanup(struct rest rest, struct track_event *event)
{
    if (!take(&rest, "milter-reject: END-OF-MESSAGE from ") || !skip_past(&rest, "]: "))
        return TRACK_NONE;
    struct rest reply = rest;
    if (skip_past(&rest, "; from=<"))
        reply.end = rest.at - strlen("; from=<");
    const char *blank = memchr(reply.at, ' ', left(&reply));
    if (blank != NULL && blank - reply.at >= 5 && reply.at[1] == '.' && g_ascii_isdigit(reply.at[0]))
        copy_clean(reply.at, blank, event->dsn, sizeof event->dsn);
    copy_clean(reply.at, reply.end, event->reply, sizeof event->reply);
    return TRACK_REJECTED;
}

static const struct reader {
    const char *program;
    enum track_kind (*read)(struct rest rest, struct track_event *event);
    gboolean connects; /* to another host */
} readers[] = {
    {"qmgr", read_qmgr, FALSE},      {"cleanup", read_cleanup, FALSE},  {"smtp", read_delivery, TRUE},
    {"lmtp", read_delivery, TRUE},   {"error", read_delivery, FALSE},   {"local", read_delivery, FALSE},
    {"pipe", read_delivery, FALSE},  {"virtual", read_delivery, FALSE}, {"discard", read_delivery, FALSE},
    {"retry", read_delivery, FALSE},
};

static const struct reader *find_reader(const char *program, const char *end)
{
    for (size_t i = 0; i < G_N_ELEMENTS(readers); i++)
        if (strlen(readers[i].program) == (size_t)(end - program) &&
            memcmp(readers[i].program, program, (size_t)(end - program)) == 0)
            return &readers[i];
    return NULL;
}

/* "[123" */
static guint64 process_id(const char *bracket)
{
    return g_ascii_strtoull(bracket + 1, NULL, 10);
}

static gboolean take_time(struct rest *rest, GTimeZone *zone, gint64 now, gint64 *time_r)
{
    gboolean digit = left(rest) > 0 && g_ascii_isdigit(*rest->at);
    return digit ? take_new_time(rest, time_r) : take_old_time(rest, zone, now, time_r);
}

/* Goes over the time without reading it; what is no line of a log may get through. */
static gboolean take_date(struct rest *rest)
{
    /* "2026-11-23T08:24:51Z ", or "Nov 23 08:24:51 ". */
    gboolean digit = left(rest) > 0 && g_ascii_isdigit(*rest->at);
    if (!digit && left(rest) > strlen("Nov 23 "))
        rest->at += strlen("Nov 23 ");
    return skip_past(rest, " ");
}

gboolean track_line_time(const char *line, size_t size, GTimeZone *zone, gint64 now, gint64 *time_r)
{
    struct rest rest = {line, line + MIN(size, TRACK_LINE_MAX)};
    return take_time(&rest, zone, now, time_r);
}

enum track_kind track_line(const char *line, size_t size, const char *syslog_name, GTimeZone *zone, gint64 now,
                           struct track_event *event_r)
{
    struct rest rest = {line, line + MIN(size, TRACK_LINE_MAX)};
    struct track_event event = {0};
    if (!take_time(&rest, zone, now, &event.time))
        return TRACK_NONE;
    const char *end, *program = take_program(&rest, syslog_name, &end);
    const struct reader *reader = program != NULL ? find_reader(program, end) : NULL;
    if (reader == NULL || !take_queue_id(&rest, event.queue_id))
        return TRACK_NONE;
    event.kind = reader->read(rest, &event);
    event.agent = reader->connects ? process_id(end) : 0;
    if (event.kind != TRACK_NONE)
        *event_r = event;
    return event.kind;
}

gboolean track_line_is_daily(const char *line, size_t size, const char *syslog_name)
{
    struct rest rest = {line, line + MIN(size, TRACK_LINE_MAX)};
    char queue_id[TRACK_ID_SIZE];
    const char *end, *program = take_date(&rest) ? take_program(&rest, syslog_name, &end) : NULL;
    return program != NULL && find_reader(program, end) != NULL && take_queue_id(&rest, queue_id);
}

/* Up to a text, which is gone over; FALSE where it does not come. */
static gboolean take_up_to(struct rest *rest, const char *text, char *value_r, size_t size)
{
    const char *from = rest->at;
    if (!skip_past(rest, text))
        return FALSE;
    copy_clean(from, rest->at - strlen(text), value_r, size);
    return TRUE;
}

gboolean track_line_is_tls(const char *line, size_t size, const char *syslog_name, guint64 *agent_r,
                           char relay_r[TRACK_RELAY_SIZE], char version_r[TRACK_TLS_SIZE])
{
    static const char connection[] = " TLS connection ";
    struct rest rest = {line, line + MIN(size, TRACK_LINE_MAX)}, begin = rest;
    if (!skip_past(&rest, connection))
        return FALSE;
    const char *end, *program = take_date(&begin) ? take_program(&begin, syslog_name, &end) : NULL;
    const struct reader *reader = program != NULL ? find_reader(program, end) : NULL;
    const char *word_end = rest.at - strlen(connection);
    /* One word between: what a receiver said stands further behind. */
    if (reader == NULL || !reader->connects || begin.at > word_end ||
        memchr(begin.at, ' ', (size_t)(word_end - begin.at)) != NULL)
        return FALSE;
    *agent_r = process_id(end);
    return (take(&rest, "established to ") || take(&rest, "reused to ")) &&
           take_up_to(&rest, ": ", relay_r, TRACK_RELAY_SIZE) && take_up_to(&rest, " ", version_r, TRACK_TLS_SIZE);
}

gboolean track_line_is_restart(const char *line, size_t size, const char *syslog_name, GTimeZone *zone, gint64 now,
                               gint64 *time_r)
{
    static const char master[] = "master";
    struct rest rest = {line, line + MIN(size, TRACK_LINE_MAX)};
    if (!take_time(&rest, zone, now, time_r))
        return FALSE;
    const char *end, *program = take_program(&rest, syslog_name, &end);
    return program != NULL && (size_t)(end - program) == strlen(master) &&
           memcmp(program, master, strlen(master)) == 0 &&
           (take(&rest, "daemon started") || take(&rest, "terminating on signal "));
}

gboolean track_line_is_crash(const char *line, size_t size, const char *syslog_name)
{
    struct rest rest = {line, line + MIN(size, TRACK_LINE_MAX)};
    g_autofree char *master = g_strdup_printf(" %s/master[", syslog_name);
    if (!skip_past(&rest, master) || !skip_past(&rest, "]: ") || !take(&rest, "warning: process ") ||
        !skip_past(&rest, "/smtp pid "))
        return FALSE;
    int pid;
    return take_number(&rest, 1, 9, &pid) && (take(&rest, " killed by signal ") || take(&rest, " exit status "));
}
