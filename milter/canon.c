/* canon.c - relaxed canonicalization as the octets arrive; see canon.h. */
#include "milter/canon.h"

#include "lib/slice.h"

#include <string.h>

#define CANON_BLOCK 4096 /* one unclean line sends this much the slower way */
#define CRLF_BLOCK "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"

void canon_body_init(struct canon_body *canon, canon_sink *sink, void *user)
{
    *canon = (struct canon_body){.sink = sink, .user = user};
}

static void flush(struct canon_body *canon)
{
    if (canon->held > 0)
        canon->sink(canon->user, canon->buffer, canon->held);
    canon->held = 0;
}

static void give(struct canon_body *canon, const char *octets, size_t size)
{
    if (size > sizeof canon->buffer - canon->held)
        flush(canon);
    if (size > sizeof canon->buffer / 2) {
        flush(canon);
        canon->sink(canon->user, octets, size);
        return;
    }
    memcpy(canon->buffer + canon->held, octets, size);
    canon->held += size;
}

/* Gives out what was held back until now, as a visible octet follows. */
static void give_held_back(struct canon_body *canon)
{
    while (canon->line_ends > 0) {
        size_t count = MIN(canon->line_ends, strlen(CRLF_BLOCK) / 2);
        give(canon, CRLF_BLOCK, count * 2);
        canon->line_ends -= count;
    }
    if (canon->space)
        give(canon, " ", 1);
    canon->space = FALSE;
    canon->any = TRUE;
}

/* True where relaxed changes no octet; not asked of the last one, nor of line ends that may be the body's end. */
SLICE_VECTORIZE static gboolean is_clean(const char *octets, size_t size)
{
    guint8 dirt = 0;
    for (size_t i = 0; i + 1 < size; i++) {
        char c = octets[i], next = octets[i + 1];
        dirt |= (guint8)((c == '\t') | ((c == ' ') & ((next == ' ') | (next == '\r'))));
        dirt |= (guint8)((c == '\r') ^ (next == '\n'));
    }
    return dirt == 0;
}

/* Octets that may not pass as they are. */
static const guint8 is_special[256] = {['\t'] = 1, ['\n'] = 1, ['\r'] = 1, [' '] = 1};

/* How many octets from p on pass unchanged on this line: up to a line end or white space that may shrink or vanish. */
static size_t clean_length(const char *p, const char *end)
{
    const char *q = p;
    for (;;) {
        while (q < end && !is_special[(guint8)*q])
            q++;
        /* A single space between words passes. */
        if (q + 1 >= end || *q != ' ' || is_special[(guint8)q[1]])
            return (size_t)(q - p);
        q++;
    }
}

/*
 * An octet that neither take_blanks() nor clean_length() takes: part of a CR LF that is cut in two, a blank after a CR,
 * or a CR or LF alone, which is taken for content.
 */
static void take_special(struct canon_body *canon, char c)
{
    if (canon->cr && c == '\n') {
        canon->line_ends++;
        canon->space = FALSE;
        canon->cr = FALSE;
        return;
    }
    if (canon->cr) {
        give_held_back(canon);
        give(canon, "\r", 1);
    }
    canon->cr = c == '\r';
    if (c == ' ' || c == '\t') {
        canon->space = TRUE;
    } else if (c == '\n') {
        give_held_back(canon);
        give(canon, "\n", 1);
    }
}

/* Blanks and whole line ends from p on; returns where they stop. */
static const char *take_blanks(struct canon_body *canon, const char *p, const char *end)
{
    for (; p < end && !canon->cr; p++) {
        if (*p == ' ' || *p == '\t') {
            canon->space = TRUE;
        } else if (*p == '\r' && p + 1 < end && p[1] == '\n') {
            canon->line_ends++;
            canon->space = FALSE;
            p++;
        } else {
            break;
        }
    }
    return p;
}

/* The general way, an octet or a word at a time. */
static void feed_octets(struct canon_body *canon, const char *p, const char *end)
{
    while ((p = take_blanks(canon, p, end)) < end) {
        size_t clean = canon->cr && is_special[(guint8)*p] ? 0 : clean_length(p, end);
        if (clean == 0) {
            take_special(canon, *p++);
            continue;
        }
        give_held_back(canon);
        if (canon->cr)
            give(canon, "\r", 1);
        canon->cr = FALSE;
        give(canon, p, clean);
        p += clean;
    }
}

/* A clean stretch, nothing half read before it: all goes out but the line ends at its end, which may be the body's. */
static void feed_clean(struct canon_body *canon, const char *octets, size_t size)
{
    size_t line_ends = 0;
    while (size >= 2 && octets[size - 1] == '\n' && octets[size - 2] == '\r') {
        size -= 2;
        line_ends++;
    }
    if (size > 0) {
        give_held_back(canon);
        give(canon, octets, size);
    }
    canon->line_ends += line_ends;
}

static void feed_block(struct canon_body *canon, const char *p, const char *end)
{
    /* Up to a visible octet, the state matters. */
    while (p < end && (canon->cr || canon->space)) {
        feed_octets(canon, p, p + 1);
        p++;
    }
    /* What the next block decides about goes the general way. */
    const char *tail = end;
    while (tail > p && (tail[-1] == ' ' || tail[-1] == '\t' || tail[-1] == '\r'))
        tail--;
    if (p < tail && p[0] != '\n' && is_clean(p, (size_t)(tail - p))) {
        feed_clean(canon, p, (size_t)(tail - p));
        p = tail;
    }
    feed_octets(canon, p, end);
}

void canon_body_feed(struct canon_body *canon, const char *octets, size_t size)
{
    for (size_t done = 0; done < size;) {
        size_t block = MIN(size - done, CANON_BLOCK);
        feed_block(canon, octets + done, octets + done + block);
        done += block;
    }
}

void canon_body_finish(struct canon_body *canon)
{
    if (canon->cr) {
        give_held_back(canon);
        give(canon, "\r", 1);
    }
    if (canon->any)
        give(canon, "\r\n", 2);
    flush(canon);
}

static gboolean is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void canon_header_field(GString *out, const char *name, const char *value)
{
    size_t length = strlen(name);
    while (length > 0 && is_blank(name[length - 1]))
        length--;
    for (size_t i = 0; i < length; i++)
        g_string_append_c(out, g_ascii_tolower(name[i]));
    g_string_append_c(out, ':');
    size_t start = out->len;
    for (const char *p = value; *p != '\0';) {
        size_t blank = 0;
        while (is_blank(p[blank]))
            blank++;
        p += blank;
        size_t word = 0;
        while (p[word] != '\0' && !is_blank(p[word]))
            word++;
        if (blank > 0 && word > 0 && out->len > start)
            g_string_append_c(out, ' ');
        g_string_append_len(out, p, (gssize)word);
        p += word;
    }
}

void body_check_init(struct body_check *check)
{
    *check = (struct body_check){.line = 1};
}

static void find(struct body_check *check, enum body_fault fault)
{
    if (check->fault == BODY_GOOD)
        check->fault = fault;
}

/* Part of a line, without its LF; a CR may only be its last octet. */
static void check_part(struct body_check *check, const char *part, size_t size)
{
    if (size == 0)
        return;
    if (check->cr || memchr(part, '\r', size - 1) != NULL)
        find(check, BODY_BARE_CR);
    check->cr = part[size - 1] == '\r';
    check->length += size;
    if (check->length > (check->cr ? CANON_LINE_MAX + 1 : CANON_LINE_MAX))
        find(check, BODY_LONG_LINE);
}

void body_check_feed(struct body_check *check, const char *octets, size_t size)
{
    const char *p = octets, *end = octets + size;
    while (p < end && check->fault == BODY_GOOD) {
        const char *lf = memchr(p, '\n', (size_t)(end - p));
        check_part(check, p, (size_t)((lf != NULL ? lf : end) - p));
        if (lf != NULL && !check->cr)
            find(check, BODY_BARE_LF);
        if (lf != NULL && check->fault == BODY_GOOD) {
            check->line++;
            check->length = 0;
            check->cr = FALSE;
        }
        check->line_open = lf == NULL;
        p = lf != NULL ? lf + 1 : end;
    }
}

void body_check_finish(struct body_check *check)
{
    if (check->cr)
        find(check, BODY_BARE_CR);
}
