/*
 * list_zip.h - XML parts of a zip file in memory, as spreadsheet programs write them; private to importer/list*.c.
 *
 * Guards against what such files are made to do: more parts, octets or inflation than list.h allows, encryption,
 * DOCTYPE (and with it entities), and anything outside the file. Sizes in the zip's directory are not believed; what
 * comes out is counted.
 */
#ifndef POSTWELLE_IMPORTER_LIST_ZIP_H
#define POSTWELLE_IMPORTER_LIST_ZIP_H

#include <string.h>

#include "importer/list_reader.h"

struct list_zip;

/* Opens the input as zip. NULL with *error (ERROR_DATA): damaged, truncated, too many parts. */
struct list_zip *list_zip_open(const struct list_input *input, GError **error);
void list_zip_free(struct list_zip *zip);

/* Is there a part with this name (case does not count, as in ISO/IEC 29500-2)? */
gboolean list_zip_has(const struct list_zip *zip, const char *part);

/*
 * What is done with a part's XML. Names are "NAMESPACE\x1FLOCAL", as attributes are that have a namespace; attributes
 * come as name, value, name, value, NULL. Text may come in pieces. FALSE with *error ends the reading.
 */
struct list_xml {
    gboolean (*start)(void *cookie, const char *name, const char **attributes, GError **error);
    gboolean (*end)(void *cookie, const char *name, GError **error);
    gboolean (*text)(void *cookie, const char *text, size_t length, GError **error); /* NULL: not wanted */
};

/* Reads a part through the handlers. FALSE with *error: no such part, damaged, over a limit, or the handlers' own. */
gboolean list_zip_read(struct list_zip *zip, const char *part, const struct list_xml *xml, void *cookie,
                       GError **error);

/* Are the names the same? In line, as it is asked several times for each element. */
static inline gboolean list_xml_is(const char *name, const char *wanted)
{
    return *name == *wanted && strcmp(name, wanted) == 0;
}

/* A namespace; lists of them end with LIST_NAMESPACES_END. */
struct list_namespace {
    const char *uri;
    size_t length;
};
#define LIST_NAMESPACE(uri) {uri, sizeof uri - 1}
#define LIST_NAMESPACES_END {NULL, 0}

/* The local part of a name that is in one of the namespaces; "" for other names. */
const char *list_xml_local(const char *name, const struct list_namespace *namespaces);

/* The value of the attribute without namespace, or NULL. */
const char *list_xml_attribute(const char **attributes, const char *name);

/* A number written as one to nine digits and nothing else. FALSE for anything other. */
gboolean list_xml_number(const char *text, guint *number_r);

#endif
