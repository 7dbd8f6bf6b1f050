/* columns.c - what the columns of a list are; see columns.h. */
#include "importer/columns.h"

#include <string.h>

#include "lib/error.h"

/* Headings of address columns, lower case, letters and digits alone. */
static const char *const address_headings[] = {
    "email", "mail", "emails", "mailadresse", "emailadresse", "emailadressen", "emailaddress", "mailaddress", "epost",
    "emailkontakt", "emailprivat", "emailgeschäftlich", "mailadr", "emailadr",
};

/* Headings of columns of survey tokens, in the same form. */
static const char *const token_headings[] = {
    "token", "tokens", "surveytoken", "accesscode", "zugangscode", "zugangsschlüssel", "zugangsschluessel",
};

/* Headings that only a German list has, in the same form. */
static const char *const german_headings[] = {
    "anrede",  "vorname",       "nachname",    "titel",        "firma",         "unternehmen",       "abteilung",
    "kunde",   "kundennummer",  "kundennr",    "kundengruppe", "straße",        "strasse",           "plz",
    "ort",     "land",          "sprache",     "geschlecht",   "geburtsdatum",  "telefon",           "produkt",
    "filiale", "niederlassung", "mailadresse", "emailadresse", "emailadressen", "emailgeschäftlich", "emailprivat",
};

/* The heading's letters and digits in lower case: what headings are compared by. The caller frees. */
static char *fold(const char *heading)
{
    g_autofree char *composed = g_utf8_normalize(heading, -1, G_NORMALIZE_NFKC);
    GString *folded = g_string_new(NULL);
    for (const char *p = composed; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar character = g_utf8_get_char(p);
        if (g_unichar_isalnum(character))
            g_string_append_unichar(folded, g_unichar_tolower(character));
    }
    return g_string_free(folded, FALSE);
}

static gboolean is_one_of(const char *heading, const char *const *headings, size_t count)
{
    g_autofree char *folded = fold(heading);
    for (size_t i = 0; i < count; i++)
        if (strcmp(folded, headings[i]) == 0)
            return TRUE;
    return FALSE;
}

static gboolean is_address_heading(const char *heading)
{
    return is_one_of(heading, address_headings, G_N_ELEMENTS(address_headings));
}

static gboolean is_token_heading(const char *heading)
{
    return is_one_of(heading, token_headings, G_N_ELEMENTS(token_headings));
}

/* A heading as a name: composed, trimmed, each run of blanks a `_`. The caller frees. */
static char *name_of(const char *heading)
{
    g_autofree char *composed = g_utf8_normalize(heading, -1, G_NORMALIZE_NFC);
    GString *name = g_string_new(NULL);
    gboolean blank = FALSE;
    for (const char *p = composed; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar character = g_utf8_get_char(p);
        if (list_is_blank(character)) {
            blank = TRUE;
            continue;
        }
        if (blank && name->len > 0)
            g_string_append_c(name, '_');
        blank = FALSE;
        g_string_append_unichar(name, character);
    }
    return g_string_free(name, FALSE);
}

gboolean columns_name_is_valid(const char *name)
{
    if (*name == '\0' || strlen(name) > COLUMNS_NAME_MAX || !g_utf8_validate(name, -1, NULL))
        return FALSE;
    for (const char *p = name; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar character = g_utf8_get_char(p);
        gboolean first = character == '_' || g_unichar_isalpha(character);
        gboolean later = character == '-' || g_unichar_isdigit(character) || g_unichar_ismark(character);
        if (!first && (!later || p == name))
            return FALSE;
    }
    return TRUE;
}

/* "D ('E-Mail')": a column for messages. The caller frees. */
static char *describe(const struct list_cells *heading, guint column)
{
    char letters[4];
    list_column_letters(column, letters);
    return g_strdup_printf("%s ('%s')", letters, heading->cells[column]);
}

/* The column whose letters these are, or heading->count. */
static guint column_by_letters(const struct list_cells *heading, const char *wanted)
{
    for (guint i = 0; i < heading->count; i++) {
        char letters[4];
        list_column_letters(i, letters);
        if (g_ascii_strcasecmp(letters, wanted) == 0)
            return i;
    }
    return heading->count;
}

static gboolean find_wanted(const char *file, const struct list_cells *heading, const char *wanted, guint *column_r,
                            GError **error)
{
    g_autofree char *folded = fold(wanted);
    guint found = 0;
    for (guint i = 0; i < heading->count; i++) {
        g_autofree char *here = fold(heading->cells[i]);
        if (*folded != '\0' && strcmp(folded, here) == 0 && found++ == 0)
            *column_r = i;
    }
    if (found > 1)
        return error_set(error, ERROR_USAGE,
                         "%s: %u columns are headed '%s'; name the column by its letter, --column D", file, found,
                         wanted);
    if (found == 0)
        *column_r = column_by_letters(heading, wanted);
    if (*column_r == heading->count)
        return error_set(error, ERROR_USAGE,
                         "%s: row %u: no column is headed '%s'; give a heading or a letter to --column", file,
                         heading->row, wanted);
    return TRUE;
}

/* The one column whose heading is such a one; what: of what it is, in words. *found_r: how many there are. */
static gboolean find_kind(const char *file, const struct list_cells *heading, gboolean (*is_such)(const char *heading),
                          const char *what, guint *column_r, guint *found_r, GError **error)
{
    guint found = 0;
    for (guint i = 0; i < heading->count; i++) {
        if (!is_such(heading->cells[i]))
            continue;
        if (found++ == 0) {
            *column_r = i;
            continue;
        }
        g_autofree char *one = describe(heading, *column_r);
        g_autofree char *other = describe(heading, i);
        return error_set(error, ERROR_DATA, "%s: columns %s and %s both look like the %s; choose one with --column",
                         file, one, other, what);
    }
    *found_r = found;
    return TRUE;
}

gboolean columns_find_address(const char *file, const struct list_cells *heading, const char *wanted, guint *column_r,
                              GError **error)
{
    guint found;
    *column_r = heading->count;
    if (wanted != NULL)
        return find_wanted(file, heading, wanted, column_r, error);
    if (!find_kind(file, heading, is_address_heading, "addresses", column_r, &found, error))
        return FALSE;
    if (found == 0)
        return error_set(error, ERROR_DATA,
                         "%s: row %u, the heading: no column is headed E-Mail, Mail, Mailadresse or the "
                         "like; name it with --column",
                         file, heading->row);
    return TRUE;
}

static gboolean add_name(const char *file, const struct list_cells *heading, guint column, struct columns *columns,
                         GError **error)
{
    g_autofree char *name = name_of(heading->cells[column]);
    if (*name == '\0')
        return TRUE;
    g_autofree char *described = describe(heading, column);
    if (!columns_name_is_valid(name))
        return error_set(error, ERROR_DATA,
                         "%s: row %u, column %s: the heading is no name: a letter first, then letters, "
                         "digits, _ and -, at most %u octets; change it",
                         file, heading->row, described, COLUMNS_NAME_MAX);
    for (guint i = 0; i < columns->count; i++)
        if (strcmp(columns->names[i], name) == 0)
            return error_set(error, ERROR_DATA, "%s: row %u, column %s: another column has this name; change one", file,
                             heading->row, described);
    columns->known[column] = TRUE;
    columns->places[columns->count] = column;
    columns->names[columns->count++] = g_steal_pointer(&name);
    return TRUE;
}

struct columns *columns_find(const char *file, const struct list_cells *heading, const char *wanted, GError **error)
{
    guint address = heading->count;
    gboolean fine = columns_find_address(file, heading, wanted, &address, error);
    if (!fine)
        return NULL;
    struct columns *columns = g_new0(struct columns, 1);
    columns->address = address;
    columns->width = heading->count;
    columns->names = g_new0(char *, heading->count + 1);
    columns->places = g_new0(guint, heading->count);
    columns->known = g_new0(gboolean, heading->count);
    columns->known[address] = TRUE;
    for (guint i = 0; i < heading->count; i++)
        columns->german |= is_one_of(heading->cells[i], german_headings, G_N_ELEMENTS(german_headings));
    for (guint i = 0; fine && i < heading->count; i++)
        fine = i == address || add_name(file, heading, i, columns, error);
    if (fine)
        return columns;
    columns_free(columns);
    return NULL;
}

void columns_free(struct columns *columns)
{
    if (columns == NULL)
        return;
    g_strfreev(columns->names);
    g_free(columns->places);
    g_free(columns->known);
    g_free(columns);
}

gboolean columns_find_person(const char *file, const struct list_cells *heading, const char *wanted, guint *column_r,
                             GError **error)
{
    guint found;
    *column_r = heading->count;
    if (wanted != NULL)
        return find_wanted(file, heading, wanted, column_r, error);
    if (!find_kind(file, heading, is_token_heading, "tokens", column_r, &found, error))
        return FALSE;
    if (found == 0 && !find_kind(file, heading, is_address_heading, "addresses", column_r, &found, error))
        return FALSE;
    return found > 0 ||
           error_set(error, ERROR_DATA,
                     "%s: row %u, the heading: no column is headed Token, Zugangscode, E-Mail or the like; name "
                     "the one with the tokens or addresses with --column",
                     file, heading->row);
}
