/* list_files.c - the template for lists, and lists with remarks; see list_files.h. */
#include "importer/list_files.h"

#include <string.h>

#include "importer/list.h"
#include "importer/sheet.h"
#include "lib/error.h"

#define COLUMNS 6u
#define ADDRESS_COLUMN 3u
#define HINTS_MAX 8
#define HINTS_WIDTH 90u

/* --- the template ---------------------------------------------------------------------------- */

struct template_texts {
    const char *language;
    const char *sheet;
    const char *hints_sheet;
    const char *headings[COLUMNS];
    const char *example[COLUMNS];
    const char *salutations[4];
    const char *no_address;
    const char *hints[HINTS_MAX];
};

static const struct template_texts template_texts[] = {
    {
        "de",
        "Teilnehmer",
        "Hinweise",
        {"Anrede", "Vorname", "Nachname", "E-Mail", "Kundengruppe", "Produkt"},
        {"Frau", "Erika", "Muster", "erika.muster@kunde.example", "Privat", "Beispielprodukt"},
        {"Frau", "Herr", "Divers", NULL},
        "Hier gehört genau eine E-Mail-Adresse hin, zum Beispiel erika.muster@kunde.example.",
        {
            "Je Zeile eine Person, je Person eine Zeile. Die erste Zeile mit den Überschriften bleibt stehen.",
            "Nötig ist nur die Spalte E-Mail: genau eine Adresse je Zelle, ohne Namen und ohne spitze Klammern.",
            "Andere Spalten dürfen umbenannt, gelöscht oder ergänzt werden. Jede braucht eine eigene Überschrift, die "
            "mit "
            "einem Buchstaben beginnt; die Überschrift ist der Name, unter dem die Umfragemail den Wert einsetzt.",
            "Bitte nur Daten eintragen, die die Umfrage braucht, und nur Personen, die angeschrieben werden dürfen.",
            "Bitte als .xlsx ohne Kennwort und ohne Makros speichern. So sieht eine ausgefüllte Zeile aus:",
        },
    },
    {
        "en",
        "Participants",
        "Hints",
        {"Salutation", "First name", "Last name", "E-Mail", "Group", "Product"},
        {"Ms", "Erica", "Sample", "erica.sample@customer.example", "Private", "Sample product"},
        {"Ms", "Mr", "Mx", NULL},
        "Give exactly one mail address, for instance erica.sample@customer.example.",
        {
            "One row a person, one person a row. The first row with the headings stays.",
            "Only the column E-Mail is needed: exactly one address a cell, without name or angle brackets.",
            "Other columns may be renamed, removed or added. Each needs a heading of its own that begins with a "
            "letter; the "
            "heading is the name under which the survey mail uses the value.",
            "Please give only what the survey needs, and only people who may be written to.",
            "Please save as .xlsx without password and macros. This is what a row looks like:",
        },
    },
};

static void write_list_sheet(struct sheet_book *book, const struct template_texts *texts)
{
    sheet_begin(book, texts->sheet);
    for (guint i = 0; i < COLUMNS; i++)
        sheet_width(book, i, i == ADDRESS_COLUMN ? 36 : 18);
    for (guint i = 0; i < COLUMNS; i++)
        sheet_text(book, 0, i, texts->headings[i], SHEET_HEADING);
    sheet_choices(book, 0, texts->salutations);
    sheet_must_hold(book, ADDRESS_COLUMN, "@", texts->no_address);
}

static void write_hints_sheet(struct sheet_book *book, const struct template_texts *texts)
{
    guint row = 1;
    sheet_begin(book, texts->hints_sheet);
    sheet_width(book, 0, HINTS_WIDTH);
    sheet_text(book, 0, 0, texts->hints_sheet, SHEET_HEADING);
    for (guint i = 0; i < HINTS_MAX && texts->hints[i] != NULL; i++)
        sheet_text(book, row++, 0, texts->hints[i], SHEET_HINT);
    for (guint i = 0; i < COLUMNS; i++) {
        g_autofree char *line = g_strdup_printf("%s: %s", texts->headings[i], texts->example[i]);
        sheet_text(book, row++, 0, line, SHEET_PLAIN);
    }
}

gboolean list_template_write(const char *path, const char *language, GError **error)
{
    const struct template_texts *texts = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(template_texts); i++)
        if (strcmp(template_texts[i].language, language) == 0)
            texts = &template_texts[i];
    if (texts == NULL)
        return error_set(error, ERROR_USAGE, "--language %s: choose de or en", language);
    struct sheet_book *book = sheet_book_new(path, error);
    if (book == NULL)
        return FALSE;
    write_list_sheet(book, texts);
    write_hints_sheet(book, texts);
    return sheet_book_close(book, error);
}

/* --- remarks --------------------------------------------------------------------------------- */

struct list_remark *list_remark_new(guint row, guint column, gboolean rejected, const char *text)
{
    struct list_remark *remark = g_new0(struct list_remark, 1);
    *remark = (struct list_remark){.row = row, .column = column, .rejected = rejected, .text = g_strdup(text)};
    return remark;
}

void list_remark_free(void *pointer)
{
    struct list_remark *remark = pointer;
    g_free(remark->text);
    g_free(remark);
}

struct copying {
    struct sheet_book *book;
    const GPtrArray *remarks;
    guint next;             /* the remark that waits for its row */
    guint heading_row;      /* 0: not yet seen */
    guint remark_column;    /* right of the heading */
};

/* The remark about this row, or NULL; rows and remarks both rise. */
static const struct list_remark *remark_about(struct copying *copying, guint row)
{
    while (copying->next < copying->remarks->len) {
        const struct list_remark *remark = copying->remarks->pdata[copying->next];
        if (remark->row > row)
            return NULL;
        copying->next++;
        if (remark->row == row)
            return remark;
    }
    return NULL;
}

static enum sheet_style style_of(const struct list_remark *remark, gboolean heading)
{
    if (remark == NULL)
        return heading ? SHEET_HEADING : SHEET_PLAIN;
    return remark->rejected ? SHEET_BAD : SHEET_WARNING;
}

/* Copies a row; empty cells only where they are the bad ones. */
static gboolean copy_row(void *cookie, const struct list_cells *cells, GError **error)
{
    (void)error;
    struct copying *copying = cookie;
    gboolean heading = copying->heading_row == 0;
    if (heading) {
        copying->heading_row = cells->row;
        copying->remark_column = cells->count;
    }
    const struct list_remark *remark = remark_about(copying, cells->row);
    guint width = MAX(copying->remark_column, cells->count);
    for (guint i = 0; i < width; i++) {
        gboolean marked = remark != NULL && remark->column == i;
        const char *text = i < cells->count ? cells->cells[i] : "";
        if (*text != '\0' || marked)
            sheet_text(copying->book, cells->row - 1, i, text, style_of(marked ? remark : NULL, heading));
    }
    if (heading)
        sheet_text(copying->book, cells->row - 1, copying->remark_column, "Remark", SHEET_HEADING);
    else if (remark != NULL)
        sheet_text(copying->book, cells->row - 1, MAX(width, copying->remark_column), remark->text,
                   style_of(remark, FALSE));
    return TRUE;
}

gboolean list_remarks_write(const char *list, const char *sheet, const GPtrArray *remarks, const char *path,
                            GError **error)
{
    struct copying copying = {.book = sheet_book_new(path, error), .remarks = remarks};
    struct list_sink sink = {.cells = copy_row, .cookie = &copying};
    if (copying.book == NULL)
        return FALSE;
    sheet_begin(copying.book, "List");
    if (list_read(list, sheet, &sink, error))
        return sheet_book_close(copying.book, error);
    sheet_book_cancel(copying.book);
    return FALSE;
}
