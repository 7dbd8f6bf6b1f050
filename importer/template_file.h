/*
 * template_file.h - loads a template, its partials and its pictures from a campaign directory.
 */
#ifndef POSTWELLE_IMPORTER_TEMPLATE_FILE_H
#define POSTWELLE_IMPORTER_TEMPLATE_FILE_H

#include "importer/pictures.h"
#include "importer/template.h"

/*
 * Parses directory/name as options say. The partial {{> footer}} of invitation.de.html is footer.de.html or else
 * footer.html of the same directory; options->partial, where given, is asked first (for partials made by the program).
 * In HTML the <img> of template and partials are rewritten and collected in pictures, unless that is NULL. NULL and
 * *error naming file and line; free with template_free().
 */
struct template *template_load(const char *directory, const char *name, const struct template_options *options,
                               struct pictures *pictures, GError **error);

/* TEMPLATE_TEXT for names that end in .txt, TEMPLATE_HEADER for .subject, else TEMPLATE_HTML. */
enum template_kind template_kind_of(const char *name);

#endif
