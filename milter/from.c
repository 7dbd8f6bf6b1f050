/* from.c - reads the From field; see from.h. */
#include "milter/from.h"

#include <string.h>

/* Where the reader stands, and the first thing that is wrong. */
struct reader {
    const char *at;
    const char *fault;
};

static gboolean fail(struct reader *reader, const char *fault)
{
    if (reader->fault == NULL)
        reader->fault = fault;
    return FALSE;
}

/* atext of RFC 5322 §3.2.3, and UTF-8. */
static gboolean is_atext(char letter)
{
    return letter != '\0' &&
           ((guchar)letter >= 0x80 || g_ascii_isalnum(letter) || strchr("!#$%&'*+-/=?^_`{|}~", letter) != NULL);
}

static gboolean is_blank(char letter)
{
    return letter == ' ' || letter == '\t';
}

/* One folding line break (CR LF or LF, and a blank after it), or a blank. */
static gboolean skip_blank(struct reader *reader)
{
    const char *at = reader->at;
    if (at[0] == '\r' && at[1] == '\n')
        at++;
    if (*at == '\n' && is_blank(at[1]))
        at++;
    if (!is_blank(*at))
        return FALSE;
    reader->at = at + 1;
    return TRUE;
}

/* A quoted string or comment's inside: one letter, escaped or not. */
static gboolean skip_quoted_letter(struct reader *reader)
{
    if (skip_blank(reader))
        return TRUE;
    if (*reader->at == '\\')
        reader->at++;
    if ((guchar)*reader->at < 0x20 || *reader->at == 0x7F)
        return fail(reader, "has a control character, or a comment or quoted name without an end");
    reader->at++;
    return TRUE;
}

static gboolean skip_comment(struct reader *reader)
{
    unsigned depth = 0;
    do {
        if (*reader->at == '(' && ++depth > FROM_COMMENT_DEPTH)
            return fail(reader, "has comments nested too deeply");
        if (*reader->at == ')')
            depth--;
        if (*reader->at == '(' || *reader->at == ')')
            reader->at++;
        else if (!skip_quoted_letter(reader))
            return FALSE;
    } while (depth > 0);
    return TRUE;
}

/* CFWS: white space and comments. */
static gboolean skip_cfws(struct reader *reader)
{
    for (;;) {
        if (*reader->at == '(') {
            if (!skip_comment(reader))
                return FALSE;
        } else if (!skip_blank(reader)) {
            return TRUE;
        }
    }
}

static gboolean skip_quoted_string(struct reader *reader)
{
    for (reader->at++; *reader->at != '"';)
        if (!skip_quoted_letter(reader))
            return FALSE;
    reader->at++;
    return TRUE;
}

/* dot-atom or quoted-string (RFC 5322 §3.4.1); no obsolete forms. */
static gboolean skip_local_part(struct reader *reader)
{
    if (*reader->at == '"')
        return skip_quoted_string(reader);
    const char *start = reader->at;
    while (is_atext(*reader->at) || *reader->at == '.')
        reader->at++;
    if (reader->at == start || *start == '.' || reader->at[-1] == '.' ||
        g_strstr_len(start, reader->at - start, "..") != NULL)
        return fail(reader, "has an address without a proper part before the @");
    return TRUE;
}

static gboolean is_domain_letter(char letter)
{
    return (guchar)letter >= 0x80 || g_ascii_isalnum(letter) || letter == '.' || letter == '-' || letter == '_';
}

gboolean domain_normalise(const char *text, size_t length, char domain_r[FROM_DOMAIN_SIZE])
{
    char mailbox[2 + FROM_DOMAIN_SIZE] = "x@";
    struct address address;
    if (length >= FROM_DOMAIN_SIZE)
        return FALSE;
    memcpy(mailbox + 2, text, length);
    if (address_parse(mailbox, length + 2, &address, NULL) != ADDRESS_GOOD)
        return FALSE;
    g_strlcpy(domain_r, address_domain(&address), FROM_DOMAIN_SIZE);
    return TRUE;
}

/* "@" domain, blanks and comments around both. */
static gboolean read_domain(struct reader *reader, char domain_r[FROM_DOMAIN_SIZE])
{
    if (!skip_cfws(reader))
        return FALSE;
    if (*reader->at != '@')
        return fail(reader, "has an address without @");
    reader->at++;
    if (!skip_cfws(reader))
        return FALSE;
    const char *start = reader->at;
    while (is_domain_letter(*reader->at))
        reader->at++;
    if (!domain_normalise(start, (size_t)(reader->at - start), domain_r))
        return fail(reader, "has an address without a valid domain after the @");
    return skip_cfws(reader);
}

/* The phrase before < (obs-phrase), or the local part of an address without name: TRUE where an @ or < follows. */
static gboolean skip_words(struct reader *reader, const char **first_r, size_t *words_r)
{
    for (*words_r = 0;; (*words_r)++) {
        if (!skip_cfws(reader))
            return FALSE;
        if (*words_r == 0)
            *first_r = reader->at;
        if (*reader->at == '"') {
            if (!skip_quoted_string(reader))
                return FALSE;
        } else if (is_atext(*reader->at) || *reader->at == '.') {
            while (is_atext(*reader->at) || *reader->at == '.')
                reader->at++;
        } else {
            return TRUE;
        }
    }
}

static gboolean read_mailbox(struct reader *reader, char domain_r[FROM_DOMAIN_SIZE])
{
    const char *first;
    size_t words;
    if (!skip_words(reader, &first, &words))
        return FALSE;
    switch (*reader->at) {
    case '<':
        reader->at++;
        if (!skip_cfws(reader) || !skip_local_part(reader) || !read_domain(reader, domain_r))
            return FALSE;
        if (*reader->at != '>')
            return fail(reader, "has an address without > at its end");
        reader->at++;
        return skip_cfws(reader);
    case '@':
        if (words != 1)
            return fail(reader, "has an address without < and > after the name");
        reader->at = first;
        return skip_local_part(reader) && read_domain(reader, domain_r);
    case ':':
        return fail(reader, "has a group of addresses");
    case ',':
        return fail(reader, "has several addresses");
    default:
        return fail(reader, words == 0 && *reader->at == '\0' ? "has no address" : "has no readable address");
    }
}

const char *from_parse(const char *value, char domain_r[FROM_DOMAIN_SIZE])
{
    struct reader reader = {value, NULL};
    if (!read_mailbox(&reader, domain_r))
        return reader.fault;
    if (*reader.at == ',')
        return "has several addresses";
    return *reader.at == '\0' ? NULL : "has something after its address";
}

/* The value without white space and comments; an unclosed comment stays as it is. */
static char *squeeze(const char *value)
{
    GString *text = g_string_sized_new(strlen(value) + 1);
    struct reader reader = {value, NULL};
    while (*reader.at != '\0') {
        struct reader comment = {reader.at, NULL};
        if (*reader.at == '(' && skip_comment(&comment))
            reader.at = comment.at;
        else if (!g_ascii_isspace(*reader.at) && *reader.at != '"' && *reader.at != '\\')
            g_string_append_c(text, *reader.at++);
        else
            reader.at++;
    }
    return g_string_free(text, FALSE);
}

static void collect(const char *text, GPtrArray *domains)
{
    for (const char *at = strchr(text, '@'); at != NULL && domains->len < FROM_DOMAINS_MAX; at = strchr(at, '@')) {
        const char *start = ++at;
        char domain[FROM_DOMAIN_SIZE];
        while (is_domain_letter(*at))
            at++;
        if (domain_normalise(start, (size_t)(at - start), domain))
            g_ptr_array_add(domains, g_strdup(domain));
    }
}

char **from_domains(const char *value)
{
    g_autoptr(GPtrArray) domains = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *squeezed = squeeze(value);
    collect(value, domains);
    collect(squeezed, domains);
    g_ptr_array_add(domains, NULL);
    return (char **)g_ptr_array_steal(domains, NULL);
}
