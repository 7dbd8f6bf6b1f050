/*
 * xlsx_maker.h - makes .xlsx files in memory from the XML of their parts, for tests and fuzzers.
 */
#ifndef POSTWELLE_TESTS_XLSX_MAKER_H
#define POSTWELLE_TESTS_XLSX_MAKER_H

#include <glib.h>

#define XLSX_MAIN "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define XLSX_RELATIONSHIPS "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

struct xlsx_part {
    const char *name;
    const char *text;
    size_t length; /* 0: strlen(text) */
};

/* A zip file of these parts, deflated. The caller frees. */
guint8 *xlsx_zip(const struct xlsx_part *parts, size_t count, size_t *size_r);

/* The parts that make a workbook with one sheet 'Liste'. NULL leaves a part (workbook_pr: the element) out. */
struct xlsx_recipe {
    const char *sheet;          /* the sheet's part */
    size_t sheet_length;        /* 0: strlen(sheet) */
    const char *strings;        /* the shared strings' part */
    const char *styles;         /* the styles' part */
    const char *workbook_pr;
};

/* A workbook by the recipe. The caller frees. */
guint8 *xlsx_make(const struct xlsx_recipe *recipe, size_t *size_r);

#endif
