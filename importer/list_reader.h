/*
 * list_reader.h - what the readers of the formats share; private to importer/list*.c.
 *
 * A reader is a function from a file in memory to calls of a sink. It runs in the child, takes nothing for granted,
 * opens nothing, and hands its cells to a list_builder, which enforces the limits of list.h.
 */
#ifndef POSTWELLE_IMPORTER_LIST_READER_H
#define POSTWELLE_IMPORTER_LIST_READER_H

#include "importer/list.h"

/* What a reader gets. */
struct list_input {
    const char *name;   /* the file, for errors */
    const guint8 *data;
    size_t size;        /* 1 to LIST_FILE_MAX */
    const char *sheet;  /* name or number, or NULL */
    const struct list_sink *sink;
};

struct list_zip;

/* The readers. Errors as of list_read(). Those of zip files get the open file, which they leave open. */
gboolean list_read_xlsx(const struct list_input *input, struct list_zip *zip, GError **error);
gboolean list_read_ods(const struct list_input *input, struct list_zip *zip, GError **error);
gboolean list_read_xls(const struct list_input *input, GError **error);
gboolean list_read_csv(const struct list_input *input, GError **error);

/* Tells the sink a note, printf-formatted. */
void list_note(const struct list_input *input, const char *text, ...) G_GNUC_PRINTF(2, 3);

/* Is this UTF-8 without NUL? */
gboolean list_is_text(const char *text, size_t length);

/* Gathers the cells of one row after another. */
struct list_builder {
    const struct list_input *input;
    GString *text;          /* the cells of this row, each with its NUL */
    size_t starts[LIST_COLUMNS_MAX];
    guint count;            /* cells so far in this row */
    guint last_row;
    guint rows;             /* rows handed on */
    guint64 octets;         /* of the cells handed on, and CELL_COST for each */
};

void list_builder_init(struct list_builder *builder, const struct list_input *input);
void list_builder_release(struct list_builder *builder);

/*
 * Puts a text (length octets, UTF-8) into a column (from 0) of row `row`, which is for errors only. Columns come in
 * rising order; those left out are empty. FALSE with *error: too many columns, too long, not UTF-8, NUL inside.
 */
gboolean list_builder_add(struct list_builder *builder, guint row, guint column, const char *text, size_t length,
                          GError **error);

/*
 * The row is complete: hands it to the sink unless it is empty, and starts the next. Row numbers must rise. repeat: how
 * many rows in a row, from this number on, have these cells; 1 or more.
 */
gboolean list_builder_end(struct list_builder *builder, guint row, guint repeat, GError **error);

#endif
