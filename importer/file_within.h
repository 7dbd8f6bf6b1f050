/*
 * file_within.h - reads a file of a campaign directory, and of nowhere else.
 */
#ifndef POSTWELLE_IMPORTER_FILE_WITHIN_H
#define POSTWELLE_IMPORTER_FILE_WITHIN_H

#include <glib.h>

/*
 * Reads directory/name. name is relative, its parts separated by "/"; empty, "." and ".." parts are refused, and so are
 * symbolic links anywhere in name, so that the file lies within directory. It must be a regular file of at most limit
 * bytes. Returns its content with a NUL byte behind it that does not count. NULL and: ERROR_DATA for a name that leaves
 * the directory, a symbolic link or a file too large; ERROR_NO_INPUT where there is none; ERROR_DENIED, ERROR_IO. The
 * text begins with name.
 */
GBytes *file_within_read(const char *directory, const char *name, size_t limit, GError **error);

#endif
