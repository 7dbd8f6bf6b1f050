/* sheet.c - .xlsx files through libxlsxwriter, in its constant-memory mode; see sheet.h. */
#include "importer/sheet.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "importer/list.h"
#include "lib/error.h"

#define LAST_ROW (LIST_ROW_NUMBER_MAX - 1) /* counted from 0 */
#define STYLES (SHEET_HINT + 1)

struct sheet_book {
    char *path;
    lxw_workbook *workbook;
    lxw_worksheet *sheet;
    lxw_format *formats[STYLES];
    lxw_format *text;  /* what is typed stays text */
    lxw_format *time, *share;
    lxw_error failure; /* the first */
};

static void add_formats(struct sheet_book *book)
{
    for (int i = SHEET_HEADING; i < STYLES; i++)
        book->formats[i] = workbook_add_format(book->workbook);
    format_set_bold(book->formats[SHEET_HEADING]);
    format_set_bg_color(book->formats[SHEET_HEADING], 0xDDDDDD);
    format_set_bg_color(book->formats[SHEET_BAD], 0xFFB3B3);
    format_set_bg_color(book->formats[SHEET_WARNING], 0xFFF0A0);
    format_set_italic(book->formats[SHEET_HINT]);
    format_set_font_color(book->formats[SHEET_HINT], 0x555555);
    book->text = workbook_add_format(book->workbook);
    format_set_num_format(book->text, "@");
    book->time = workbook_add_format(book->workbook);
    format_set_num_format(book->time, "yyyy-mm-dd hh:mm");
    book->share = workbook_add_format(book->workbook);
    format_set_num_format(book->share, "0.0%");
}

struct sheet_book *sheet_book_new(const char *path, GError **error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) {
        if (errno == EEXIST)
            error_set(error, ERROR_CANT_CREATE, "%s: the file exists already; choose another name or remove it", path);
        else
            error_from_errno(error, ERROR_CANT_CREATE, errno, "%s", path);
        return NULL;
    }
    close(fd);
    g_autofree char *folder = g_path_get_dirname(path);
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = folder};
    struct sheet_book *book = g_new0(struct sheet_book, 1);
    book->path = g_strdup(path);
    book->workbook = workbook_new_opt(path, &options);
    add_formats(book);
    return book;
}

static void sheet_book_free(struct sheet_book *book)
{
    g_free(book->path);
    g_free(book);
}

gboolean sheet_book_close(struct sheet_book *book, GError **error)
{
    lxw_error failure = workbook_close(book->workbook);
    if (book->failure == LXW_NO_ERROR)
        book->failure = failure;
    gboolean fine = book->failure == LXW_NO_ERROR;
    if (!fine) {
        error_set(error, ERROR_CANT_CREATE, "%s: %s", book->path, lxw_strerror(book->failure));
        unlink(book->path);
    }
    sheet_book_free(book);
    return fine;
}

void sheet_book_cancel(struct sheet_book *book)
{
    if (book == NULL)
        return;
    workbook_close(book->workbook);
    unlink(book->path);
    sheet_book_free(book);
}

static void note_failure(struct sheet_book *book, lxw_error failure)
{
    if (book->failure == LXW_NO_ERROR)
        book->failure = failure;
}

void sheet_begin(struct sheet_book *book, const char *name)
{
    book->sheet = workbook_add_worksheet(book->workbook, name);
    if (book->sheet == NULL)
        g_error("'%s' can't name a sheet", name);
    worksheet_freeze_panes(book->sheet, 1, 0);
}

void sheet_select(struct sheet_book *book, const char *name)
{
    book->sheet = workbook_get_worksheet_by_name(book->workbook, name);
    if (book->sheet == NULL)
        g_error("there is no sheet '%s'", name);
}

void sheet_text(struct sheet_book *book, guint row, guint column, const char *text, enum sheet_style style)
{
    g_autofree char *cut = NULL;
    if (g_utf8_strlen(text, -1) > (glong)SHEET_TEXT_MAX) {
        g_autofree char *head = g_utf8_substring(text, 0, SHEET_TEXT_MAX - 3);
        text = cut = g_strconcat(head, "...", NULL);
    }
    note_failure(book, worksheet_write_string(book->sheet, row, (lxw_col_t)column, text, book->formats[style]));
}

void sheet_number(struct sheet_book *book, guint row, guint column, double number, enum sheet_style style)
{
    note_failure(book, worksheet_write_number(book->sheet, row, (lxw_col_t)column, number, book->formats[style]));
}

void sheet_time(struct sheet_book *book, guint row, guint column, GDateTime *time)
{
    lxw_datetime cell = {.year = g_date_time_get_year(time),
                         .month = g_date_time_get_month(time),
                         .day = g_date_time_get_day_of_month(time),
                         .hour = g_date_time_get_hour(time),
                         .min = g_date_time_get_minute(time),
                         .sec = g_date_time_get_second(time)};
    note_failure(book, worksheet_write_datetime(book->sheet, row, (lxw_col_t)column, &cell, book->time));
}

void sheet_share(struct sheet_book *book, guint row, guint column, double share)
{
    note_failure(book, worksheet_write_number(book->sheet, row, (lxw_col_t)column, share, book->share));
}

void sheet_width(struct sheet_book *book, guint column, guint characters)
{
    note_failure(book, worksheet_set_column(book->sheet, (lxw_col_t)column, (lxw_col_t)column, characters, NULL));
}

void sheet_text_width(struct sheet_book *book, guint column, guint characters)
{
    note_failure(book, worksheet_set_column(book->sheet, (lxw_col_t)column, (lxw_col_t)column, characters, book->text));
}

/* libxlsxwriter copies the texts; older releases of its header only lack the const. */
void sheet_advise(struct sheet_book *book, guint column, const struct sheet_advice *advice)
{
    lxw_data_validation validation = {.validate = LXW_VALIDATION_TYPE_ANY,
                                      .error_type = LXW_VALIDATION_ERROR_TYPE_WARNING,
                                      .input_message = (void *)advice->message,
                                      .error_message = (void *)advice->message};
    g_autofree char *formula = NULL;
    if (advice->choices != NULL) {
        validation.validate = LXW_VALIDATION_TYPE_LIST;
        validation.value_list = (void *)advice->choices;
    } else if (advice->wanted != NULL) {
        char letters[4];
        list_column_letters(column, letters);
        formula = g_strdup_printf("=ISNUMBER(FIND(\"%s\",%s2))", advice->wanted, letters);
        validation.validate = LXW_VALIDATION_TYPE_CUSTOM_FORMULA;
        validation.value_formula = formula;
    }
    note_failure(book, worksheet_data_validation_range(book->sheet, 1, (lxw_col_t)column, LAST_ROW, (lxw_col_t)column,
                                                       &validation));
}
