/* list_files.c - the template for lists, and lists with remarks; see list_files.h. */
#include "importer/list_files.h"

#include <string.h>

#include "importer/list.h"
#include "importer/sheet.h"
#include "lib/error.h"

#define COLUMNS 8u
#define HINTS_MAX 12
#define WIDTH 18u           /* of a column, in characters */
#define ADDRESS_WIDTH 36u
#define REMARK_WIDTH 60u
#define ADDRESS_COLUMN 4u   /* of the template */

/* --- the template ---------------------------------------------------------------------------- */

struct template_texts {
    const char *language;
    const char *sheet;
    const char *hints_sheet;
    const char *headings[COLUMNS];
    const char *example[COLUMNS];
    const char *messages[COLUMNS]; /* beside a chosen cell */
    const char *choices[COLUMNS][4]; /* what a column offers */
    const char *hints[HINTS_MAX];
};

static const struct template_texts template_texts[] = {
    {
        "de",
        "Teilnehmer",
        "Hinweise",
        {"Anrede", "Titel", "Vorname", "Nachname", "E-Mail", "Sprache", "Kundengruppe", "Produkt"},
        {"Frau", "Dr.", "Erika", "Muster", "erika.muster@kunde.example", "de", "Privat", "Beispielprodukt"},
        {"Frau, Herr oder Divers; leer, wenn unbekannt.", NULL, NULL, NULL,
         "Genau eine E-Mail-Adresse, ohne Namen und Klammern, zum Beispiel erika.muster@kunde.example.",
         "In welcher Sprache die Person die Mail bekommt: de oder en. Leer: in der Hauptsprache der Befragung.",
         "Beispiel für ein eigenes Merkmal: umbenennen, ausfüllen oder löschen.",
         "Beispiel für ein eigenes Merkmal: umbenennen, ausfüllen oder löschen."},
        {[0] = {"Frau", "Herr", "Divers", NULL}, [5] = {"de", "en", NULL}},
        {
            "Je Zeile eine Person, je Person eine Zeile. Die erste Zeile mit den Überschriften bleibt stehen.",
            "Nötig ist nur die Spalte E-Mail: genau eine Adresse je Zelle, ohne Namen und ohne spitze Klammern.",
            "Andere Spalten dürfen umbenannt, gelöscht oder ergänzt werden; jede braucht eine eigene Überschrift.",
            "Die Überschrift beginnt mit einem Buchstaben. Unter ihr setzt die Umfragemail den Wert ein.",
            "Bitte nur Daten eintragen, die die Umfrage braucht, und nur Personen, die angeschrieben werden dürfen.",
            "Bitte als .xlsx speichern, ohne Kennwort und ohne Makros.",
            "So sieht eine ausgefüllte Zeile aus:",
        },
    },
    {
        "en",
        "Participants",
        "Hints",
        {"Salutation", "Title", "First name", "Last name", "E-Mail", "Language", "Group", "Product"},
        {"Ms", "Dr", "Erica", "Sample", "erica.sample@customer.example", "en", "Private", "Sample product"},
        {"Ms, Mr or Mx; empty if unknown.", NULL, NULL, NULL,
         "Exactly one mail address, without name or brackets, for instance erica.sample@customer.example.",
         "The language in which this person gets the mail: de or en. Empty: the survey's main language.",
         "An example of an attribute of your own: rename, fill in or remove it.",
         "An example of an attribute of your own: rename, fill in or remove it."},
        {[0] = {"Ms", "Mr", "Mx", NULL}, [5] = {"de", "en", NULL}},
        {
            "One row a person, one person a row. The first row with the headings stays.",
            "Only the column E-Mail is needed: exactly one address a cell, without name or angle brackets.",
            "Other columns may be renamed, removed or added; each needs a heading of its own.",
            "A heading begins with a letter. Under its name the survey mail uses the value.",
            "Please give only what the survey needs, and only people who may be written to.",
            "Please save as .xlsx, without password and macros.",
            "This is what a row looks like:",
        },
    },
};

static guint template_width(guint column)
{
    return column == ADDRESS_COLUMN ? ADDRESS_WIDTH : WIDTH;
}

static void write_list_sheet(struct sheet_book *book, const struct template_texts *texts)
{
    sheet_begin(book, texts->sheet);
    for (guint i = 0; i < COLUMNS; i++) {
        struct sheet_advice advice = {.message = texts->messages[i],
                                      .choices = texts->choices[i][0] != NULL ? texts->choices[i] : NULL,
                                      .wanted = i == ADDRESS_COLUMN ? "@" : NULL};
        sheet_text_width(book, i, template_width(i));
        sheet_text(book, 0, i, texts->headings[i], SHEET_HEADING);
        if (advice.message != NULL)
            sheet_advise(book, i, &advice);
    }
}

static void write_hints_sheet(struct sheet_book *book, const struct template_texts *texts)
{
    guint row = 1;
    sheet_begin(book, texts->hints_sheet);
    sheet_text(book, 0, 0, texts->hints_sheet, SHEET_HEADING);
    for (guint i = 0; i < HINTS_MAX && texts->hints[i] != NULL; i++)
        sheet_text(book, row++, 0, texts->hints[i], SHEET_HINT);
    for (guint i = 0; i < COLUMNS; i++) {
        sheet_width(book, i, template_width(i));
        sheet_text(book, row, i, texts->headings[i], SHEET_HEADING);
    }
    for (guint i = 0; i < COLUMNS; i++)
        sheet_text(book, row + 1, i, texts->example[i], SHEET_PLAIN);
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
    gboolean german;
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

static enum sheet_style style_of(const struct list_remark *remark)
{
    if (remark == NULL)
        return SHEET_PLAIN;
    return remark->rejected ? SHEET_BAD : SHEET_WARNING;
}

/* The heading row: it says how wide the list is, and gets one heading more. */
static void copy_heading(struct copying *copying, const struct list_cells *cells)
{
    copying->heading_row = cells->row;
    copying->remark_column = cells->count;
    for (guint i = 0; i < cells->count; i++) {
        sheet_width(copying->book, i, WIDTH);
        sheet_text(copying->book, cells->row - 1, i, cells->cells[i], SHEET_HEADING);
    }
    sheet_width(copying->book, cells->count, REMARK_WIDTH);
    sheet_text(copying->book, cells->row - 1, cells->count, copying->german ? "Bemerkung" : "Remark", SHEET_HEADING);
}

/* Copies a row; empty cells only where they are the bad ones. */
static gboolean copy_row(void *cookie, const struct list_cells *cells, GError **error)
{
    (void)error;
    struct copying *copying = cookie;
    if (copying->heading_row == 0) {
        copy_heading(copying, cells);
        return TRUE;
    }
    const struct list_remark *remark = remark_about(copying, cells->row);
    for (guint i = 0; i < MAX(copying->remark_column, cells->count); i++) {
        gboolean marked = remark != NULL && remark->column == i;
        const char *text = i < cells->count ? cells->cells[i] : "";
        if (*text != '\0' || marked)
            sheet_text(copying->book, cells->row - 1, i, text, style_of(marked ? remark : NULL));
    }
    if (remark != NULL)
        sheet_text(copying->book, cells->row - 1, MAX(cells->count, copying->remark_column), remark->text,
                   style_of(remark));
    return TRUE;
}

gboolean list_remarks_write(const char *list, const char *sheet, const GPtrArray *remarks, gboolean german,
                            const char *path, GError **error)
{
    struct copying copying = {.book = sheet_book_new(path, error), .remarks = remarks, .german = german};
    struct list_sink sink = {.cells = copy_row, .cookie = &copying};
    if (copying.book == NULL)
        return FALSE;
    sheet_begin(copying.book, german ? "Liste" : "List");
    if (list_read(list, sheet, &sink, error))
        return sheet_book_close(copying.book, error);
    sheet_book_cancel(copying.book);
    return FALSE;
}
