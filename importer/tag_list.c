/* tag_list.c - records of the form "v=DKIM1; k=rsa; p=…"; see tag_list.h. */
#include "importer/tag_list.h"

#include <string.h>

#define SHOWN_MAX 400

static gboolean is_name(const char *name)
{
    if (!g_ascii_isalpha(*name))
        return FALSE;
    for (; *name != '\0'; name++)
        if (!g_ascii_isalnum(*name) && *name != '_')
            return FALSE;
    return TRUE;
}

/* One "name = value"; FALSE and *fault_r. */
static gboolean take_tag(const char *part, struct tag_list *list, char **fault_r)
{
    const char *equals = strchr(part, '=');
    g_autofree char *name = g_strstrip(equals != NULL ? g_strndup(part, (size_t)(equals - part)) : g_strdup(part));
    if (equals == NULL || !is_name(name)) {
        *fault_r = g_strdup_printf("\"%.40s\" is not of the form name=value", name);
        return FALSE;
    }
    if (tag_list_value(list, name) != NULL) {
        *fault_r = g_strdup_printf("the tag %s= is there twice", name);
        return FALSE;
    }
    if (list->count == TAG_LIST_MAX) {
        *fault_r = g_strdup_printf("it has more than %d tags", TAG_LIST_MAX);
        return FALSE;
    }
    list->tags[list->count++] = (struct tag){g_steal_pointer(&name), g_strstrip(g_strdup(equals + 1))};
    return TRUE;
}

gboolean tag_list_parse(const char *text, struct tag_list *list_r, char **fault_r)
{
    g_auto(GStrv) parts = g_strsplit(text, ";", -1);
    list_r->count = 0;
    *fault_r = NULL;
    for (char **part = parts; *part != NULL; part++) {
        g_strstrip(*part);
        if (**part == '\0' && part[1] == NULL && part != parts)
            continue; /* after the last semicolon */
        if (!take_tag(*part, list_r, fault_r))
            return FALSE;
    }
    return TRUE;
}

void tag_list_release(struct tag_list *list)
{
    for (guint i = 0; i < list->count; i++) {
        g_free(list->tags[i].name);
        g_free(list->tags[i].value);
    }
    list->count = 0;
}

const char *tag_list_value(const struct tag_list *list, const char *name)
{
    for (guint i = 0; i < list->count; i++)
        if (strcmp(list->tags[i].name, name) == 0)
            return list->tags[i].value;
    return NULL;
}

gboolean tag_has_word(const char *value, const char *word)
{
    g_auto(GStrv) words = g_strsplit(value, ":", -1);
    for (char **one = words; *one != NULL; one++) {
        g_strstrip(*one);
        if (strcmp(*one, "*") == 0 || g_ascii_strcasecmp(*one, word) == 0)
            return TRUE;
    }
    return FALSE;
}

/* What a character is called that no record has; NULL for others. */
static const char *odd_name(gunichar character)
{
    switch (character) {
    case 0x201C:
    case 0x201D:
    case 0x201E:
    case 0x201F:
    case 0x2018:
    case 0x2019:
    case 0x201A:
    case 0xAB:
    case 0xBB:
        return "curly quotation mark";
    case '"':
        return "quotation mark";
    case '\\':
        return "backslash";
    case 0xA0:
    case 0x202F:
    case 0x2007:
        return "no-break blank";
    case 0xAD:
    case 0x200B:
    case 0x200C:
    case 0x200D:
    case 0x2060:
    case 0xFEFF:
        return "invisible character";
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
        return "dash that is no minus sign";
    default:
        return character > 0x7E                        ? "character that is not ASCII"
               : character < 0x20 && character != '\t' ? "control character"
                                                       : NULL;
    }
}

char *record_oddity(const char *text, gsize size)
{
    guint place = 1;
    for (const char *p = text; p < text + size; place++) {
        gunichar character = g_utf8_get_char_validated(p, (gssize)(text + size - p));
        if (character == (gunichar)-1 || character == (gunichar)-2)
            return g_strdup_printf("octet %02X that is not UTF-8, as character %u", (guint8)*p, place);
        const char *name = odd_name(character);
        if (name != NULL)
            return g_strdup_printf("%s (U+%04X) as character %u", name, character, place);
        p += *p == '\0' ? 1 : g_utf8_next_char(p) - p;
    }
    return NULL;
}

char *record_shown(const char *text, gsize size)
{
    GString *shown = g_string_new(NULL);
    for (const char *p = text; p < text + size;) {
        gunichar character = g_utf8_get_char_validated(p, (gssize)(text + size - p));
        if (shown->len > SHOWN_MAX) {
            g_string_append(shown, "…");
            break;
        }
        if (*p == '\0' || character == (gunichar)-1 || character == (gunichar)-2 || !g_unichar_isprint(character)) {
            g_string_append_printf(shown, "\\x%02X", (guint8)*p++);
        } else {
            g_string_append_unichar(shown, character);
            p = g_utf8_next_char(p);
        }
    }
    return g_string_free(shown, FALSE);
}
