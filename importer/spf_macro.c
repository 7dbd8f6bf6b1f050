/* spf_macro.c - macro expansion in SPF records; see spf_macro.h. */
#include "importer/spf_macro.h"

#include <string.h>

#define EXPANDED_MAX 4096 /* octets before labels are dropped */

/* The client's address as %{i} has it: dotted quad, or dotted nibbles. */
static char *address_text(GInetAddress *ip)
{
    if (g_inet_address_get_family(ip) == G_SOCKET_FAMILY_IPV4)
        return g_inet_address_to_string(ip);
    GString *text = g_string_new(NULL);
    const guint8 *octets = g_inet_address_to_bytes(ip);
    for (gsize i = 0; i < g_inet_address_get_native_size(ip); i++)
        g_string_append_printf(text, "%s%x.%x", i > 0 ? "." : "", octets[i] >> 4, octets[i] & 15);
    return g_string_free(text, FALSE);
}

static char *letter_value(const struct spf_macro *macro, char letter)
{
    const char *at = strrchr(macro->sender, '@');
    switch (g_ascii_tolower(letter)) {
    case 's':
        return g_strdup(macro->sender);
    case 'l':
        return at != NULL && at > macro->sender ? g_strndup(macro->sender, (size_t)(at - macro->sender))
                                                : g_strdup("postmaster");
    case 'o':
        return g_strdup(at != NULL ? at + 1 : macro->sender);
    case 'd':
        return g_strdup(macro->domain);
    case 'i':
        return address_text(macro->ip);
    case 'p':
        return g_strdup("unknown");
    case 'v':
        return g_strdup(g_inet_address_get_family(macro->ip) == G_SOCKET_FAMILY_IPV4 ? "in-addr" : "ip6");
    case 'h':
        return g_strdup(macro->helo);
    default:
        return NULL;
    }
}

/* The value split at the delimiters, reversed if asked, its last `keep` parts (0: all) joined with dots. */
static char *transform(const char *value, const char *delimiters, gboolean reverse, guint64 keep)
{
    g_auto(GStrv) parts = g_strsplit_set(value, *delimiters != '\0' ? delimiters : ".", -1);
    guint count = g_strv_length(parts);
    for (guint i = 0; reverse && i < count / 2; i++) {
        char *other = parts[count - 1 - i];
        parts[count - 1 - i] = parts[i];
        parts[i] = other;
    }
    return g_strjoinv(".", parts + (keep != 0 && keep < count ? count - keep : 0));
}

/* Expands what stands behind "%{"; returns the place behind "}", or NULL. */
static const char *expand_one(const struct spf_macro *macro, const char *p, GString *out)
{
    char letter = *p;
    g_autofree char *value = letter != '\0' ? letter_value(macro, letter) : NULL;
    if (value == NULL)
        return NULL;
    char *end;
    p++;
    guint64 keep = g_ascii_isdigit(*p) ? g_ascii_strtoull(p, &end, 10) : 0;
    if (g_ascii_isdigit(*p)) {
        if (keep == 0)
            return NULL;
        p = end;
    }
    gboolean reverse = g_ascii_tolower(*p) == 'r';
    p += reverse;
    size_t length = strspn(p, ".-+,/_=");
    g_autofree char *delimiters = g_strndup(p, length);
    p += length;
    if (*p != '}')
        return NULL;
    g_autofree char *transformed = transform(value, delimiters, reverse, keep);
    if (g_ascii_isupper(letter)) {
        g_autofree char *escaped = g_uri_escape_string(transformed, NULL, FALSE);
        g_string_append(out, escaped);
    } else {
        g_string_append(out, transformed);
    }
    return p + 1;
}

char *spf_macro_expand(const struct spf_macro *macro, const char *spec)
{
    g_autoptr(GString) out = g_string_new(NULL);
    for (const char *p = spec; *p != '\0' && out->len < EXPANDED_MAX;) {
        if (*p != '%') {
            g_string_append_c(out, *p++);
        } else if (p[1] == '%' || p[1] == '_') {
            g_string_append_c(out, p[1] == '%' ? '%' : ' ');
            p += 2;
        } else if (p[1] == '-') {
            g_string_append(out, "%20");
            p += 2;
        } else if (p[1] != '{' || (p = expand_one(macro, p + 2, out)) == NULL) {
            return NULL;
        }
    }
    const char *name = out->str;
    while (strlen(name) > SPF_NAME_MAX && strchr(name, '.') != NULL)
        name = strchr(name, '.') + 1;
    return g_strdup(name);
}

char *spf_reverse_name(GInetAddress *ip)
{
    const struct spf_macro macro = {"", "", "", ip};
    return spf_macro_expand(&macro, "%{ir}.%{v}.arpa");
}
