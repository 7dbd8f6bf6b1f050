/* greeting.c - the greeting of a mail; see greeting.h. */
#include "importer/greeting.h"

#include <string.h>

/* How to address someone. */
enum address { ADDRESS_UNKNOWN, ADDRESS_WOMAN, ADDRESS_MAN, ADDRESS_NEUTRAL, ADDRESS_FAMILY, ADDRESS_COMPANY };

struct salutation {
    const char *word; /* folded, without a dot */
    enum address address;
};

static const struct salutation salutations[] = {
    { "frau", ADDRESS_WOMAN },     { "fr", ADDRESS_WOMAN },         { "ms", ADDRESS_WOMAN },
    { "mrs", ADDRESS_WOMAN },      { "miss", ADDRESS_WOMAN },       { "w", ADDRESS_WOMAN },
    { "f", ADDRESS_WOMAN },        { "weiblich", ADDRESS_WOMAN },   { "female", ADDRESS_WOMAN },
    { "herr", ADDRESS_MAN },       { "herrn", ADDRESS_MAN },        { "hr", ADDRESS_MAN },
    { "mr", ADDRESS_MAN },         { "m", ADDRESS_MAN },            { "männlich", ADDRESS_MAN },
    { "male", ADDRESS_MAN },       { "mx", ADDRESS_NEUTRAL },       { "d", ADDRESS_NEUTRAL },
    { "divers", ADDRESS_NEUTRAL }, { "familie", ADDRESS_FAMILY },   { "fam", ADDRESS_FAMILY },
    { "family", ADDRESS_FAMILY },  { "firma", ADDRESS_COMPANY },    { "company", ADDRESS_COMPANY },
    { "unternehmen", ADDRESS_COMPANY },
};

/* Single blanks between words, none at the ends. */
static char *clean(const char *text)
{
    GString *out = g_string_new(NULL);
    for (const char *c = text == NULL ? "" : text; *c != '\0'; c = g_utf8_next_char(c)) {
        gunichar character = g_utf8_get_char(c);
        if (!g_unichar_isspace(character) && !g_unichar_iscntrl(character))
            g_string_append_unichar(out, character);
        else if (out->len > 0 && out->str[out->len - 1] != ' ')
            g_string_append_c(out, ' ');
    }
    if (out->len > 0 && out->str[out->len - 1] == ' ')
        g_string_truncate(out, out->len - 1);
    return g_string_free(out, FALSE);
}

static char *join(const char *a, const char *b)
{
    return g_strconcat(a, *a != '\0' && *b != '\0' ? " " : "", b, NULL);
}

static enum address address_of(const char *word, size_t length)
{
    g_autofree char *copy = g_strndup(word, length > 0 && word[length - 1] == '.' ? length - 1 : length);
    g_autofree char *folded = g_utf8_strdown(copy, -1);
    for (size_t i = 0; i < G_N_ELEMENTS(salutations); i++)
        if (strcmp(folded, salutations[i].word) == 0)
            return salutations[i].address;
    return ADDRESS_UNKNOWN;
}

/* "Sehr geehrter Herr Dr." → man, "Dr."; what follows the salutation is a title. */
static enum address read_salutation(const char *text, char **title_r)
{
    static const char *const openings[] = { "Sehr geehrte ", "Sehr geehrter ", "Liebe ", "Lieber ", "Dear " };
    for (size_t i = 0; i < G_N_ELEMENTS(openings); i++)
        if (g_ascii_strncasecmp(text, openings[i], strlen(openings[i])) == 0) {
            text += strlen(openings[i]);
            break;
        }
    size_t length = strcspn(text, " ");
    enum address address = address_of(text, length);
    *title_r = g_strdup(address == ADDRESS_UNKNOWN ? "" : text + length + (text[length] == ' '));
    return address;
}

static char *greet_in_german(enum address address, const char *title, const char *first, const char *last)
{
    g_autofree char *titled = join(title, last);
    g_autofree char *full = join(first, last);
    g_autofree char *full_titled = join(title, full);
    if (*last != '\0' && address == ADDRESS_WOMAN)
        return g_strconcat("Sehr geehrte Frau ", titled, NULL);
    if (*last != '\0' && address == ADDRESS_MAN)
        return g_strconcat("Sehr geehrter Herr ", titled, NULL);
    if (*last != '\0' && address == ADDRESS_FAMILY)
        return g_strconcat("Sehr geehrte Familie ", last, NULL);
    if (address == ADDRESS_COMPANY)
        return g_strdup("Sehr geehrte Damen und Herren");
    return *full == '\0' ? g_strdup("Guten Tag") : join("Guten Tag", full_titled);
}

/* English writes one title instead of Mr or Ms. */
static const char *english_title(enum address address, const char *title)
{
    if (strstr(title, "Prof") != NULL)
        return "Professor";
    if (g_ascii_strncasecmp(title, "Dr", 2) == 0)
        return "Dr";
    return address == ADDRESS_WOMAN ? "Ms" : address == ADDRESS_MAN ? "Mr" : "";
}

static char *greet_in_english(enum address address, const char *title, const char *first, const char *last)
{
    const char *written = english_title(address, title);
    g_autofree char *full = join(first, last);
    if (*last != '\0' && address == ADDRESS_FAMILY)
        return g_strdup_printf("Dear %s family", last);
    if (address == ADDRESS_COMPANY)
        return g_strdup("Dear Sir or Madam");
    if (*last != '\0' && *written != '\0')
        return g_strdup_printf("Dear %s %s", written, last);
    return *full == '\0' ? g_strdup("Hello") : join("Dear", full);
}

char *greeting_make(const char *language, const struct person *person)
{
    g_autofree char *salutation = clean(person->salutation);
    g_autofree char *column = clean(person->title);
    g_autofree char *first = clean(person->first_name);
    g_autofree char *last = clean(person->last_name);
    g_autofree char *within = NULL;
    enum address address = read_salutation(salutation, &within);
    const char *title = *column != '\0' ? column : within;
    gboolean german = language != NULL && g_ascii_strncasecmp(language, "de", 2) == 0 && !g_ascii_isalpha(language[2]);
    return (german ? greet_in_german : greet_in_english)(address, title, first, last);
}

/* Which member of struct person a column is, by heading. */
struct heading {
    const char *word; /* folded, letters only */
    size_t offset;
};

static const struct heading headings[] = {
    { "anrede", offsetof(struct person, salutation) },   { "salutation", offsetof(struct person, salutation) },
    { "geschlecht", offsetof(struct person, salutation) }, { "gender", offsetof(struct person, salutation) },
    { "titel", offsetof(struct person, title) },         { "title", offsetof(struct person, title) },
    { "akademischertitel", offsetof(struct person, title) },
    { "vorname", offsetof(struct person, first_name) },  { "firstname", offsetof(struct person, first_name) },
    { "givenname", offsetof(struct person, first_name) },
    { "nachname", offsetof(struct person, last_name) },  { "lastname", offsetof(struct person, last_name) },
    { "familienname", offsetof(struct person, last_name) }, { "surname", offsetof(struct person, last_name) },
    { "name", offsetof(struct person, last_name) },
};

static char *fold_heading(const char *text)
{
    g_autofree char *lower = g_utf8_strdown(text, -1);
    GString *out = g_string_new(NULL);
    for (const char *c = lower; *c != '\0'; c = g_utf8_next_char(c))
        if (g_unichar_isalpha(g_utf8_get_char(c)))
            g_string_append_unichar(out, g_utf8_get_char(c));
    return g_string_free(out, FALSE);
}

static void set_member(struct person *person, const char *heading, const char *value)
{
    g_autofree char *folded = fold_heading(heading);
    for (size_t i = 0; i < G_N_ELEMENTS(headings); i++) {
        const char **member = (const char **)(void *)((char *)person + headings[i].offset);
        if (strcmp(folded, headings[i].word) == 0 && (*member == NULL || **member == '\0'))
            *member = value;
    }
}

void greeting_add(json_t *data, const char *language)
{
    if (json_object_get(data, "greeting") != NULL)
        return;
    struct person person = { 0 };
    const char *heading;
    json_t *value;
    json_object_foreach (data, heading, value)
        if (json_is_string(value))
            set_member(&person, heading, json_string_value(value));
    g_autofree char *greeting = greeting_make(language, &person);
    json_object_set_new(data, "greeting", json_string(greeting));
}
