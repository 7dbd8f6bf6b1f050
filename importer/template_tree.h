/*
 * template_tree.h - a parsed template, as template.c builds it and template_render.c reads it. Private to these.
 *
 * A file becomes one flat array of nodes in the order of the text. A section's children follow it up to its end.
 */
#ifndef POSTWELLE_IMPORTER_TEMPLATE_TREE_H
#define POSTWELLE_IMPORTER_TEMPLATE_TREE_H

#include "importer/template.h"
#include "importer/template_html.h"

enum node_kind { NODE_LITERAL, NODE_VALUE, NODE_RAW, NODE_SECTION, NODE_INVERTED, NODE_PARTIAL };

struct node {
    enum node_kind kind;
    enum html_place place; /* NODE_VALUE, NODE_RAW: where in the HTML it stands */
    gboolean line_start;   /* NODE_LITERAL: begins a line of its file, so a partial's indentation goes before it */
    unsigned line;         /* from 1 */
    const char *text;      /* NODE_LITERAL: points into the unit's text */
    size_t length;
    char *name;            /* all others: as written, trimmed */
    char **path;           /* the name split at its dots; NULL for "." */
    size_t end;            /* sections: index of the first node behind the children */
    char *indent;          /* NODE_PARTIAL: white space before a standalone tag */
    const struct unit *partial; /* NODE_PARTIAL: NULL where lenient and missing */
};

/* One file: the template itself or a partial. */
struct unit {
    char *file;
    char *text;
    GArray *nodes;
};

struct template {
    enum template_kind kind;
    gboolean lenient;
    struct unit *main;
    GHashTable *partials; /* name → struct unit */
    char **safe_names;
    char **names;
};

/* Sets *error to "file:line: {{name}}: text"; name may be NULL. Always FALSE. */
gboolean template_error(GError **error, const struct unit *unit, unsigned line, const char *name, const char *text);

#endif
