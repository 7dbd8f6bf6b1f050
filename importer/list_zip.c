/* list_zip.c - libzip, and the limits it lacks; see list_zip.h. */
#include "importer/list_zip.h"

#include <string.h>
#include <zip.h>

#include "lib/error.h"

#define PIECE (64 * 1024) /* octets inflated and scanned at once */

struct list_zip {
    const struct list_input *input;
    zip_t *archive;
    guint64 inflated; /* octets out of all parts so far */
};

static gboolean refuse(const struct list_zip *zip, const char *part, const char *what, GError **error)
{
    return error_set(error, ERROR_DATA, "%s: part %s %s", zip->input->name, part, what);
}

static gboolean check_archive(const struct list_zip *zip, GError **error)
{
    zip_int64_t entries = zip_get_num_entries(zip->archive, 0);
    if (entries > LIST_ENTRIES_MAX)
        return error_set(error, ERROR_DATA, "%s: the file has more than %u parts; open it in a spreadsheet program and "
                         "save it anew as .xlsx", zip->input->name, LIST_ENTRIES_MAX);
    return TRUE;
}

struct list_zip *list_zip_open(const struct list_input *input, GError **error)
{
    zip_error_t failure;
    zip_error_init(&failure);
    struct list_zip *zip = g_new0(struct list_zip, 1);
    zip->input = input;
    zip_source_t *source = zip_source_buffer_create(input->data, input->size, 0, &failure);
    zip->archive = source != NULL ? zip_open_from_source(source, ZIP_RDONLY, &failure) : NULL;
    if (zip->archive == NULL) {
        error_set(error, ERROR_DATA, "%s: the file is damaged or cut off (%s); ask for it again", input->name,
                  zip_error_strerror(&failure));
        zip_source_free(source);
    }
    zip_error_fini(&failure);
    if (zip->archive != NULL && check_archive(zip, error))
        return zip;
    list_zip_free(zip);
    return NULL;
}

void list_zip_free(struct list_zip *zip)
{
    if (zip == NULL)
        return;
    if (zip->archive != NULL)
        zip_discard(zip->archive);
    g_free(zip);
}

gboolean list_zip_has(const struct list_zip *zip, const char *part)
{
    return zip_name_locate(zip->archive, part, ZIP_FL_NOCASE) >= 0;
}

/* --- a part ---------------------------------------------------------------------------------- */

/* Counts what came out of a part; compressed is the size that it was inflated from. */
static gboolean count(struct list_zip *zip, const char *part, guint64 inflated, guint64 compressed, size_t more,
                      GError **error)
{
    zip->inflated += more;
    if (inflated > LIST_RATIO_FREE && inflated / LIST_RATIO_MAX > compressed)
        return refuse(zip, part, "inflates more than a hundredfold, as only made-up files do; ask for the list anew",
                      error);
    if (zip->inflated > LIST_INFLATED_MAX)
        return refuse(zip, part, "makes the file larger than 500 MiB when unpacked; divide the list", error);
    return TRUE;
}

/* The handlers' own error, or what the scanner found. */
static gboolean refuse_xml(const struct list_zip *zip, const char *part, const struct list_xml_scanner *scanner,
                           GError **error)
{
    guint64 line;
    const char *fault = list_xml_fault(scanner, &line);
    return fault != NULL &&
           error_set(error, ERROR_DATA, "%s: part %s, line %" G_GUINT64_FORMAT ": %s; the file is damaged: open it in "
                     "a spreadsheet program and save it anew as .xlsx", zip->input->name, part, line, fault);
}

static gboolean read_part(struct list_zip *zip, const char *part, zip_file_t *file, guint64 compressed,
                          struct list_xml_scanner *scanner, GError **error)
{
    g_autofree char *piece = g_malloc(PIECE);
    guint64 inflated = 0;
    for (zip_int64_t got = 1; got > 0;) {
        got = zip_fread(file, piece, PIECE);
        if (got < 0)
            return refuse(zip, part, "is damaged or cut off; ask for the file again", error);
        inflated += (guint64)got;
        if (!count(zip, part, inflated, compressed, (size_t)got, error))
            return FALSE;
        if (!list_xml_scan(scanner, piece, (size_t)got, got == 0, error))
            return refuse_xml(zip, part, scanner, error);
    }
    return TRUE;
}

gboolean list_zip_read(struct list_zip *zip, const char *part, const struct list_xml *xml, void *cookie,
                       GError **error)
{
    zip_stat_t status;
    zip_stat_init(&status);
    zip_int64_t index = zip_name_locate(zip->archive, part, ZIP_FL_NOCASE);
    if (index < 0 || zip_stat_index(zip->archive, (zip_uint64_t)index, 0, &status) < 0)
        return refuse(zip, part, "is missing; the file is damaged: ask for it again", error);
    if ((status.valid & ZIP_STAT_ENCRYPTION_METHOD) && status.encryption_method != ZIP_EM_NONE)
        return refuse(zip, part, "is protected with a password; save the list without one", error);
    zip_file_t *file = zip_fopen_index(zip->archive, (zip_uint64_t)index, 0);
    if (file == NULL)
        return refuse(zip, part, "can't be unpacked; open the file in a spreadsheet program and save it anew", error);
    struct list_xml_scanner *scanner = list_xml_scanner_new(xml, cookie);
    gboolean fine = read_part(zip, part, file, status.comp_size, scanner, error);
    list_xml_scanner_free(scanner);
    zip_fclose(file);
    return fine;
}
