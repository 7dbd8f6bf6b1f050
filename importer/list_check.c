/* list_check.c - a verdict for each row of a list; see list_check.h. */
#include "importer/list_check.h"

#include <stdarg.h>
#include <string.h>

#include "importer/list_german.h"
#include "lib/error.h"

struct list_check {
    const struct list_check_options *options;
    list_row_func func;
    void *cookie;
    struct columns *columns;    /* NULL until the heading came */
    GHashTable *seen;           /* canonical form (in forms) -> number of the row that has it */
    GStringChunk *forms;
    GPtrArray *values;          /* of the row: places in text, or "" */
    GString *text;              /* the row's values, one after another, each with NUL */
    GString *words;             /* the row's reason or warnings */
    GString *german;            /* the same in German */
    guint last_row;
    struct list_summary summary;
};

struct list_check *list_check_new(const struct list_check_options *options, list_row_func func, void *cookie)
{
    struct list_check *check = g_new0(struct list_check, 1);
    check->options = options;
    check->func = func;
    check->cookie = cookie;
    check->seen = g_hash_table_new(g_str_hash, g_str_equal);
    check->forms = g_string_chunk_new(64 * 1024);
    check->values = g_ptr_array_new();
    check->text = g_string_new(NULL);
    check->words = g_string_new(NULL);
    check->german = g_string_new(NULL);
    return check;
}

void list_check_free(struct list_check *check)
{
    if (check == NULL)
        return;
    columns_free(check->columns);
    g_hash_table_unref(check->seen);
    g_string_chunk_free(check->forms);
    g_ptr_array_unref(check->values);
    g_string_free(check->text, TRUE);
    g_string_free(check->words, TRUE);
    g_string_free(check->german, TRUE);
    g_free(check);
}

static const char *cell(const struct list_cells *cells, guint column)
{
    return column < cells->count ? cells->cells[column] : "";
}

static gboolean row_is_blank(const struct list_cells *cells)
{
    for (guint i = 0; i < cells->count; i++) {
        size_t length;
        list_trim(cells->cells[i], &length);
        if (length > 0)
            return FALSE;
    }
    return TRUE;
}

/* Data in a column without a heading has no name that a template could use: rather ask than drop it. */
static gboolean check_places(const struct list_check *check, const struct list_cells *cells, GError **error)
{
    for (guint i = 0; i < cells->count; i++) {
        size_t length;
        list_trim(cells->cells[i], &length);
        if (length == 0 || (i < check->columns->width && check->columns->known[i]))
            continue;
        char letters[4];
        list_column_letters(i, letters);
        return error_set(error, ERROR_DATA,
                         "%s: row %u, column %s: there is data, but the column has no heading; give it "
                         "one or empty it",
                         check->options->file, cells->row, letters);
    }
    return TRUE;
}

/* One more warning, in both languages. */
static void add_words(struct list_check *check, const char *english, const char *german)
{
    g_string_append_printf(check->words, "%s%s", check->words->len > 0 ? "; " : "", english);
    g_string_append_printf(check->german, "%s%s", check->german->len > 0 ? " " : "", german);
}

/* The one reason, in both languages. */
static void reject_as(struct list_check *check, struct list_row *row, guint column, const char *english,
                      const char *german)
{
    row->verdict = LIST_REJECTED;
    row->column = column;
    g_string_truncate(check->words, 0);
    g_string_truncate(check->german, 0);
    add_words(check, english, german);
}

G_GNUC_PRINTF(2, 3) static void warn(struct list_check *check, const char *warning, ...)
{
    va_list values, again;
    va_start(values, warning);
    va_copy(again, values);
    g_autofree char *english = g_strdup_vprintf(warning, values);
    g_autofree char *german = g_strdup_vprintf(list_german(warning), again);
    va_end(again);
    va_end(values);
    add_words(check, english, german);
}

G_GNUC_PRINTF(4, 5) static void reject(struct list_check *check, struct list_row *row, guint column, const char *reason,
                                       ...)
{
    va_list values, again;
    va_start(values, reason);
    va_copy(again, values);
    g_autofree char *english = g_strdup_vprintf(reason, values);
    g_autofree char *german = g_strdup_vprintf(list_german(reason), again);
    va_end(again);
    va_end(values);
    reject_as(check, row, column, english, german);
}

/* Copies an attribute's value into check->text; TRUE in *broken_r where line breaks or tabs became blanks. */
static gboolean copy_value(struct list_check *check, const char *text, gboolean *broken_r)
{
    size_t length;
    text = list_trim(text, &length);
    for (const char *p = text; p < text + length; p = g_utf8_next_char(p)) {
        gunichar character = g_utf8_get_char(p);
        if (character == '\r' && p[1] == '\n')
            continue;
        gboolean line_break = character == '\n' || character == '\r' || character == '\t' || character == 0x85 ||
                              character == 0x2028 || character == 0x2029;
        if (!line_break && g_unichar_type(character) == G_UNICODE_CONTROL)
            return FALSE;
        *broken_r |= line_break;
        g_string_append_unichar(check->text, line_break ? ' ' : character);
    }
    g_string_append_c(check->text, '\0');
    return TRUE;
}

/* Fills check->values; their places are final only when the text has stopped growing. */
static void take_values(struct list_check *check, const struct list_cells *cells, struct list_row *row)
{
    const struct columns *columns = check->columns;
    g_string_truncate(check->text, 0);
    g_ptr_array_set_size(check->values, 0);
    for (guint i = 0; i < columns->count; i++) {
        gboolean broken = FALSE;
        gsize start = check->text->len;
        if (!copy_value(check, cell(cells, columns->places[i]), &broken) && row->verdict == LIST_GOOD)
            reject(check, row, columns->places[i], "the cell holds a control character; retype it");
        else if (broken && row->verdict == LIST_GOOD)
            warn(check, "line breaks or tabs in '%s' became blanks", columns->names[i]);
        if (check->text->len == start || check->text->str[check->text->len - 1] != '\0')
            g_string_append_c(check->text, '\0');
        g_ptr_array_add(check->values, GSIZE_TO_POINTER(start));
    }
    for (guint i = 0; i < columns->count; i++)
        check->values->pdata[i] = check->text->str + GPOINTER_TO_SIZE(check->values->pdata[i]);
}

static void check_duplicate(struct list_check *check, struct list_row *row)
{
    guint first = GPOINTER_TO_UINT(g_hash_table_lookup(check->seen, row->canonical));
    if (first == 0) {
        g_hash_table_insert(check->seen, g_string_chunk_insert(check->forms, row->canonical),
                            GUINT_TO_POINTER(row->row));
        return;
    }
    reject(check, row, check->columns->address, "the address is already in row %u", first);
    check->summary.duplicates++;
}

/* What DNS says about the domain, where it was asked. */
static void check_domain(struct list_check *check, struct list_row *row)
{
    const char *domain = address_domain(&row->address);
    g_autofree char *reason = NULL;
    enum domain_verdict verdict = domain_check_verdict(check->options->domains, domain, &reason);
    g_autofree char *german = list_german_domain(verdict, domain);
    if (verdict == DOMAIN_UNKNOWN)
        add_words(check, reason, german);
    else if (verdict != DOMAIN_FINE)
        reject_as(check, row, check->columns->address, reason, german);
}

static void add_warnings(struct list_check *check, const struct list_row *row)
{
    const char *suggestion;
    unsigned warnings = address_warnings(&row->address, &suggestion);
    if (warnings & ADDRESS_TYPO)
        warn(check, "mistyped domain? probably meant: %s", suggestion);
    if (warnings & ADDRESS_ROLE)
        warn(check, "a function, not a person's address");
    if (warnings & ADDRESS_MIXED_SCRIPTS)
        warn(check, "letters of several scripts that look alike");
}

/* Judges the address; the row's canonical form is written to canonical. */
static void check_address(struct list_check *check, const struct list_cells *cells, struct list_row *row,
                          char canonical[ADDRESS_CANONICAL_SIZE])
{
    size_t length, where;
    guint column = check->columns->address;
    const char *text = list_trim(cell(cells, column), &length);
    enum address_fault fault = address_parse(text, length, &row->address, &where);
    if (fault != ADDRESS_GOOD) {
        g_autofree char *reason = address_fault_message(fault, text, length, where);
        g_autofree char *german = list_german_fault(fault, text, length, where);
        reject_as(check, row, column, reason, german);
        return;
    }
    address_canonical(&row->address, check->options->identity, canonical);
    row->canonical = canonical;
}

static gboolean hand_on(struct list_check *check, struct list_row *row, GError **error)
{
    struct list_summary *summary = &check->summary;
    const char *words = check->words->len > 0 ? check->words->str : NULL;
    row->remark = words != NULL && check->columns->german ? check->german->str : words;
    summary->rows++;
    if (row->verdict == LIST_GOOD) {
        summary->good++;
        summary->warned += words != NULL ? 1u : 0u;
        row->warning = words;
    } else {
        summary->rejected++;
        row->reason = words;
        row->canonical = NULL;
    }
    return check->func(check->cookie, row, error);
}

static gboolean check_row(struct list_check *check, const struct list_cells *cells, GError **error)
{
    char canonical[ADDRESS_CANONICAL_SIZE];
    size_t length;
    const char *text = list_trim(cell(cells, check->columns->address), &length);
    g_autofree char *trimmed = g_strndup(text, length);
    struct list_row row = {.row = cells->row, .text = trimmed, .column = check->columns->address,
                           .names = (const char *const *)check->columns->names};
    if (!check_places(check, cells, error))
        return FALSE;
    g_string_truncate(check->words, 0);
    g_string_truncate(check->german, 0);
    check_address(check, cells, &row, canonical);
    take_values(check, cells, &row);
    if (row.verdict == LIST_GOOD)
        check_duplicate(check, &row);
    if (row.verdict == LIST_GOOD && check->options->domains != NULL)
        check_domain(check, &row);
    if (row.verdict == LIST_GOOD)
        add_warnings(check, &row);
    row.values = (const char *const *)check->values->pdata;
    return hand_on(check, &row, error);
}

gboolean list_check_feed(struct list_check *check, const struct list_cells *cells, GError **error)
{
    if (row_is_blank(cells))
        return TRUE;
    if (check->columns == NULL) {
        check->columns = columns_find(check->options->file, cells, check->options->column, error);
        check->last_row = cells->row;
        check->summary.german = check->columns != NULL && check->columns->german;
        return check->columns != NULL;
    }
    check->summary.empty += cells->row - check->last_row - 1;
    check->last_row = cells->row;
    return check_row(check, cells, error);
}

gboolean list_check_finish(const struct list_check *check, struct list_summary *summary_r, GError **error)
{
    *summary_r = check->summary;
    if (check->columns == NULL)
        return error_set(error, ERROR_DATA, "%s: the list holds nothing; is it the right sheet?", check->options->file);
    if (check->summary.rows == 0)
        return error_set(error, ERROR_DATA, "%s: the list holds no row below its heading (row %u)",
                         check->options->file, check->last_row);
    return TRUE;
}

struct file_check {
    struct list_check *check;
    void (*note)(void *cookie, const char *text);
    void *cookie;
};

static gboolean feed_cells(void *cookie, const struct list_cells *cells, GError **error)
{
    struct file_check *file = cookie;
    return list_check_feed(file->check, cells, error);
}

static void pass_note(void *cookie, const char *text)
{
    struct file_check *file = cookie;
    if (file->note != NULL)
        file->note(file->cookie, text);
}

gboolean list_check_file(const char *path, const char *sheet, const struct list_check_options *options,
                         list_row_func func, void (*note)(void *cookie, const char *text), void *cookie,
                         struct list_summary *summary_r, GError **error)
{
    struct file_check file = {.check = list_check_new(options, func, cookie), .note = note, .cookie = cookie};
    struct list_sink sink = {.cells = feed_cells, .note = pass_note, .cookie = &file};
    gboolean fine = list_read(path, sheet, &sink, error) && list_check_finish(file.check, summary_r, error);
    list_check_free(file.check);
    return fine;
}
