/*
 * list_zip.h - XML parts of a zip file in memory, as spreadsheet programs write them; private to importer/list*.c.
 *
 * Guards against what such files are made to do: more parts, octets or inflation than list.h allows, encryption,
 * DOCTYPE (and with it entities), and anything outside the file. Sizes in the zip's directory are not believed; what
 * comes out is counted.
 */
#ifndef POSTWELLE_IMPORTER_LIST_ZIP_H
#define POSTWELLE_IMPORTER_LIST_ZIP_H

#include "importer/list_reader.h"
#include "importer/list_xml.h"

struct list_zip;

/* Opens the input as zip. NULL with *error (ERROR_DATA): damaged, truncated, too many parts. */
struct list_zip *list_zip_open(const struct list_input *input, GError **error);
void list_zip_free(struct list_zip *zip);

/* Is there a part with this name (case does not count, as in ISO/IEC 29500-2)? */
gboolean list_zip_has(const struct list_zip *zip, const char *part);

/* Reads a part through the handlers. FALSE with *error: no such part, damaged, over a limit, or the handlers' own. */
gboolean list_zip_read(struct list_zip *zip, const char *part, const struct list_xml *xml, void *cookie,
                       GError **error);

#endif
