/* bounce.c - what a mail that came back says; see bounce.h. */
#include "importer/bounce.h"

#include <string.h>

#define PREFIX "pw-"    /* of our reverse-paths */
#define GROUPS_MAX 50   /* recipients in one notification; ours have one */
#define ODD_LINES 60    /* of a text, looked through for a status */

const char *bounce_kind_name(enum bounce_kind kind)
{
    static const char *const names[] = {"none", "auto-reply", "soft", "hard", "complaint"};
    return names[kind];
}

/* --- words -------------------------------------------------------------------------------------- */

static gboolean contains(const char *lower, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strstr(lower, words[i]) != NULL)
            return TRUE;
    return FALSE;
}
#define CONTAINS(lower, words) contains(lower, words, G_N_ELEMENTS(words))

/* Of servers that say 5.0.0, or give no enhanced code at all. */
static const char *const nobody_words[] = {
    "user unknown", "unknown user", "no such user", "no such recipient", "unknown recipient", "recipient unknown",
    "user not found", "no such mailbox", "mailbox not found", "unknown mailbox", "does not exist", "doesn't exist",
    "no mailbox here", "invalid recipient", "invalid mailbox", "address rejected: unknown", "account is disabled",
    "account has been disabled", "no longer valid", "unknown address", "address unknown", "account does not",
    "recipient not found", "not a valid mailbox", "unbekannt", "existiert nicht", "adresse nicht gefunden", "nullmx",
    "domain not found",
};

static const char *const again_words[] = {
    "will be retried",         "will continue trying", "will keep trying",           "no action is required",
    "not need to resend",      "still being retried",  "wird weiterhin versucht",    "weitere versuche",
    "warning: could not send", "has been delayed",     "has not been delivered yet",
};

static const char *const failed_words[] = {
    "undeliver", "delivery failed", "delivery failure", "failure notice", "returned mail", "mail delivery failed",
    "returning message", "unzustellbar", "nicht zugestellt", "delivery status notification (failure)",
    "delivery has failed", "could not be delivered", "non remis", "mail system error", "delivery problem",
    "failed delivery", "not delivered",
};

static const char *const away_words[] = {
    "out of office", "out of the office", "abwesen", "auto reply", "autoreply", "auto-reply", "automatic reply",
    "automatische antwort", "automatische reaktion", "nicht im büro", "nicht im haus", "on vacation", "urlaub",
};

/* --- tokens ------------------------------------------------------------------------------------- */

static gboolean is_token_char(char c)
{
    return g_ascii_isalpha(c) || (c >= '2' && c <= '7');
}

gboolean bounce_find_token(const char *text, const char *prefix, char token_r[BOUNCE_TOKEN + 1])
{
    size_t skip = strlen(prefix);
    for (const char *at = text; *at != '\0'; at++) {
        if ((at > text && (g_ascii_isalnum(at[-1]) || at[-1] == '-')) || g_ascii_strncasecmp(at, prefix, skip) != 0)
            continue;
        size_t length = 0;
        while (length < BOUNCE_TOKEN && is_token_char(at[skip + length]))
            length++;
        if (length < BOUNCE_TOKEN || g_ascii_isalnum(at[skip + length]) || at[skip + length] == '-' ||
            (skip > 0 && at[skip + length] != '@'))
            continue;
        for (size_t i = 0; i < BOUNCE_TOKEN; i++)
            token_r[i] = g_ascii_tolower(at[skip + i]);
        token_r[BOUNCE_TOKEN] = '\0';
        return TRUE;
    }
    return FALSE;
}

/* --- statuses ----------------------------------------------------------------------------------- */

/* Reads "5.1.1", class 2, 4 or 5 and one to three digits each, at the start of text. Returns its length, 0: none. */
static size_t read_status(const char *text)
{
    size_t length = 0;
    if (strchr("245", text[0]) == NULL || text[0] == '\0')
        return 0;
    length = 1;
    for (int i = 0; i < 2; i++) {
        size_t digits = text[length] == '.' ? strspn(text + length + 1, "0123456789") : 0;
        if (digits < 1 || digits > 3)
            return 0;
        length += 1 + digits;
    }
    return text[length] == '.' ? 0 : length;
}

/* The first one in text that stands alone. */
static gboolean find_status(const char *text, char *status_r, size_t room)
{
    for (const char *at = text; *at != '\0'; at++) {
        size_t length = at > text && (g_ascii_isalnum(at[-1]) || at[-1] == '.') ? 0 : read_status(at);
        if (length == 0 || length >= room || g_ascii_isalnum(at[length]))
            continue;
        memcpy(status_r, at, length);
        status_r[length] = '\0';
        return TRUE;
    }
    return FALSE;
}

/* What says that there is no such address, whatever is said with it. */
static gboolean is_no_address(const char *status)
{
    static const char *const statuses[] = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.310"};
    for (size_t i = 0; i < G_N_ELEMENTS(statuses); i++)
        if (strcmp(status, statuses[i]) == 0)
            return TRUE;
    return FALSE;
}

/* What says little: then the words count. 5.7.x, 5.2.2 and their like say enough. */
static gboolean is_vague(const char *status)
{
    return *status == '\0' || g_str_has_prefix(status, "5.0.") || g_str_has_prefix(status, "5.1.") ||
           g_str_has_prefix(status, "5.5.") || g_str_has_prefix(status, "5.4.");
}

enum bounce_kind bounce_classify(const char *status, const char *text)
{
    g_autofree char *lower = g_utf8_strdown(text, -1);
    if (*status == '4')
        return BOUNCE_SOFT; /* given up after a while */
    if (is_no_address(status))
        return BOUNCE_HARD;
    return is_vague(status) && CONTAINS(lower, nobody_words) ? BOUNCE_HARD : BOUNCE_SOFT;
}

static void set_text(struct bounce *bounce, const char *text)
{
    g_autofree char *line = g_strdup(text);
    for (char *at = line; *at != '\0'; at++)
        if (g_ascii_iscntrl(*at))
            *at = ' ';
    g_strlcpy(bounce->text, g_strstrip(line), sizeof bounce->text);
    const char *end;
    if (!g_utf8_validate(bounce->text, -1, &end))
        bounce->text[end - bounce->text] = '\0'; /* cut within a character */
}

/* --- delivery status notifications, RFC 3464 ----------------------------------------------------- */

/* One recipient's fields. */
static enum bounce_kind read_group(const struct inbound *group, struct bounce *bounce)
{
    const char *action = inbound_get(group, "Action"), *said = inbound_get(group, "Diagnostic-Code");
    const char *semicolon = strchr(said, ';'); /* "smtp; 550 5.1.1 …" */
    char status[sizeof bounce->status] = "", inner[sizeof bounce->status];
    if (g_ascii_strncasecmp(action, "failed", strlen("failed")) != 0)
        return BOUNCE_NONE; /* delayed, delivered, relayed, expanded */
    find_status(inbound_get(group, "Status"), status, sizeof status);
    said = semicolon != NULL ? semicolon + 1 : said;
    /* A general code says less than the one that the other side gave. */
    if ((*status == '\0' || strcmp(status + 1, ".0.0") == 0) && find_status(said, inner, sizeof inner))
        g_strlcpy(status, inner, sizeof status);
    g_strlcpy(bounce->status, status, sizeof bounce->status);
    set_text(bounce, said);
    return bounce_classify(status, said);
}

/* Blocks of fields with empty lines between; the first is about the whole mail. */
static enum bounce_kind read_groups(const char *text, struct bounce *bounce)
{
    enum bounce_kind kind = BOUNCE_NONE;
    guint failed = 0, others = 0;
    for (guint i = 0; *text != '\0' && i < GROUPS_MAX; i++) {
        struct inbound group;
        text += strspn(text, "\n");
        const char *end = strstr(text, "\n\n");
        size_t length = end != NULL ? (size_t)(end - text) : strlen(text);
        inbound_read(text, length, &group);
        if (*inbound_get(&group, "Action") != '\0') {
            enum bounce_kind one = read_group(&group, bounce);
            /* One of several that is not hard makes the whole not hard: whose address it is, is not known. */
            kind = failed == 0 ? one : MIN(kind, one);
            failed += one != BOUNCE_NONE;
            others += one == BOUNCE_NONE;
        }
        inbound_release(&group);
        text += length;
    }
    return others > 0 ? BOUNCE_NONE : kind;
}

static const struct inbound *find_part(const GPtrArray *parts, const char *type)
{
    for (guint i = 0; i < parts->len; i++) {
        g_autofree char *of_part = inbound_type(parts->pdata[i]);
        if (strcmp(of_part, type) == 0)
            return parts->pdata[i];
    }
    return NULL;
}

static gboolean read_notification(const GPtrArray *parts, struct bounce *bounce)
{
    const struct inbound *part = find_part(parts, "message/delivery-status");
    if (part == NULL)
        part = find_part(parts, "message/global-delivery-status"); /* RFC 6533 */
    if (part == NULL)
        return FALSE;
    g_autofree char *text = inbound_text(part);
    bounce->kind = read_groups(text, bounce);
    return TRUE;
}

/* --- complaints, RFC 5965 ------------------------------------------------------------------------ */

/* In the fields of the report, or in the header of the mail that it is about. */
static void find_complained(const struct inbound *report, const GPtrArray *parts, char *token_r)
{
    const struct inbound *mail = find_part(parts, "message/rfc822");
    if (mail == NULL)
        mail = find_part(parts, "text/rfc822-headers");
    if (bounce_find_token(inbound_get(report, "Original-Mail-From"), PREFIX, token_r) || mail == NULL)
        return;
    struct inbound about;
    g_autofree char *text = inbound_text(mail);
    inbound_read(text, strlen(text), &about);
    if (!bounce_find_token(inbound_get(&about, "Return-Path"), PREFIX, token_r))
        bounce_find_token(inbound_get(&about, "List-Unsubscribe"), "", token_r);
    inbound_release(&about);
}

static gboolean read_complaint(const GPtrArray *parts, struct bounce *bounce)
{
    static const char *const kinds[] = {"abuse", "fraud", "virus", "other", "opt-out", "opt-out-list"};
    const struct inbound *part = find_part(parts, "message/feedback-report");
    if (part == NULL)
        return FALSE;
    struct inbound report;
    g_autofree char *text = inbound_text(part);
    inbound_read(text, strlen(text), &report);
    const char *kind = inbound_get(&report, "Feedback-Type");
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_ascii_strcasecmp(kind, kinds[i]) == 0)
            bounce->kind = BOUNCE_COMPLAINT;
    set_text(bounce, kind);
    bounce->token[0] = '\0'; /* the report's own recipient is no participant */
    find_complained(&report, parts, bounce->token);
    inbound_release(&report);
    return TRUE;
}

/* --- automatic replies and odd forms -------------------------------------------------------------- */

static gboolean is_auto_reply(const struct inbound *mail, const char *subject)
{
    static const char *const fields[] = {"X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Response-From"};
    const char *submitted = inbound_get(mail, "Auto-Submitted");
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        if (*inbound_get(mail, fields[i]) != '\0')
            return TRUE;
    return g_ascii_strncasecmp(submitted, "auto-replied", strlen("auto-replied")) == 0 ||
           g_ascii_strcasecmp(inbound_get(mail, "Precedence"), "auto_reply") == 0 || CONTAINS(subject, away_words);
}

static gboolean is_from_system(const struct inbound *mail)
{
    g_autofree char *from = g_ascii_strdown(inbound_get(mail, "From"), -1);
    return strstr(from, "mailer-daemon") != NULL || strstr(from, "postmaster") != NULL ||
           strstr(from, "mail delivery") != NULL;
}

/* The text that a person reads: the mail's own, or its first part's that is text. */
static char *own_words(const struct inbound *mail)
{
    g_autoptr(GPtrArray) parts = inbound_parts(mail);
    const struct inbound *text = parts->len > 0 ? find_part(parts, "text/plain") : mail;
    return text != NULL ? inbound_text(text) : g_strdup("");
}

/* "550" at the start of a word, where no enhanced code is given. */
static gboolean has_permanent_code(const char *line)
{
    for (const char *at = line; (at = strchr(at, '5')) != NULL; at++)
        if ((at == line || !g_ascii_isalnum(at[-1])) && g_ascii_isdigit(at[1]) && g_ascii_isdigit(at[2]) &&
            (at[3] == ' ' || at[3] == '-' || at[3] == '\0') && (at == line || at[-1] != '.'))
            return TRUE;
    return FALSE;
}

/* The first line with a code decides; below the returned mail begins. */
static enum bounce_kind read_words(const char *words, struct bounce *bounce)
{
    g_auto(GStrv) lines = g_strsplit(words, "\n", ODD_LINES + 1);
    for (guint i = 0; i < ODD_LINES && lines[i] != NULL; i++) {
        if (g_ascii_strncasecmp(lines[i], "Return-Path:", 12) == 0 ||
            g_ascii_strncasecmp(lines[i], "Received:", 9) == 0)
            break;
        gboolean has_status = find_status(lines[i], bounce->status, sizeof bounce->status) && *bounce->status != '2';
        if (!has_status)
            bounce->status[0] = '\0';
        if (!has_status && !has_permanent_code(lines[i]))
            continue;
        /* What was said may go on in the next line. */
        g_autofree char *said = g_strjoin(" ", lines[i], lines[i + 1], NULL);
        set_text(bounce, lines[i]);
        return bounce_classify(bounce->status, said);
    }
    return BOUNCE_NONE;
}

/* qmail's, Exim's, Exchange's and all the others': words, and an SMTP reply among them. */
static void read_odd(const struct inbound *mail, const char *subject, const char *sender, struct bounce *bounce)
{
    g_autofree char *words = own_words(mail), *lower = g_utf8_strdown(words, -1);
    if (*sender != '\0' && !is_from_system(mail))
        return; /* a person wrote it */
    if (CONTAINS(lower, again_words) || strstr(subject, "delayed") != NULL || strstr(subject, "verzögert") != NULL)
        return;
    if (CONTAINS(subject, failed_words) || *inbound_get(mail, "X-Failed-Recipients") != '\0' ||
        strstr(lower, "qmail-send") != NULL)
        bounce->kind = read_words(words, bounce);
}

void bounce_read(const char *mail, size_t size, const char *sender, const char *recipient, struct bounce *bounce_r)
{
    struct inbound inbound;
    *bounce_r = (struct bounce){0};
    if (size > INBOUND_SIZE)
        return;
    bounce_find_token(recipient, PREFIX, bounce_r->token);
    inbound_read(mail, size, &inbound);
    g_autofree char *subject = g_utf8_strdown(inbound_get(&inbound, "Subject"), -1);
    g_autofree char *type = inbound_type(&inbound);
    g_autoptr(GPtrArray) parts = inbound_parts(&inbound);
    gboolean report = strcmp(type, "multipart/report") == 0 &&
                      (read_notification(parts, bounce_r) || read_complaint(parts, bounce_r));
    if (!report && is_auto_reply(&inbound, subject) && !is_from_system(&inbound))
        bounce_r->kind = BOUNCE_AUTO_REPLY;
    else if (!report)
        read_odd(&inbound, subject, sender, bounce_r);
    inbound_release(&inbound);
}
