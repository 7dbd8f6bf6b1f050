/* list.c - opens a list, finds out what it is, and has it read; see list.h. */
#include "config.h" /* _GNU_SOURCE */

#include "importer/list.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "importer/list_cfb.h"
#include "importer/list_child.h"
#include "importer/list_reader.h"
#include "importer/list_zip.h"
#include "lib/error.h"

#define PROBE_SIZE 1024u /* octets looked at for marks that may stand behind blanks */

#define VERY_OLD "is a very old Excel file (.xls); open it in a spreadsheet program and save it as .xlsx"

/* The octets that the kinds of files begin with. */
static const struct {
    const char *octets;
    size_t length;
    const char *refusal; /* what it is and what to do; NULL: read as zip */
} marks[] = {
    {"PK\x03\x04", 4, NULL},
    {"PK\x05\x06", 4, "is an empty zip file; ask for the list again"},
    {"\x09\x00\x04\x00", 4, VERY_OLD},
    {"\x09\x00\x06\x00", 4, VERY_OLD},
    {"\x09\x02\x06\x00", 4, VERY_OLD},
    {"\x09\x04\x06\x00", 4, VERY_OLD},
    {"%PDF-", 5, "is a PDF; ask for the list as .xlsx or .csv"},
    {"\x1F\x8B", 2, "is compressed with gzip; unpack it first"},
    {"7z\xBC\xAF\x27\x1C", 6, "is a 7-Zip archive; unpack it first"},
    {"Rar!", 4, "is a RAR archive; unpack it first"},
    {"\x89PNG", 4, "is a picture; ask for the list as .xlsx or .csv"},
    {"\xFF\xD8\xFF", 3, "is a picture; ask for the list as .xlsx or .csv"},
    {"{\\rtf", 5, "is a text document (RTF); ask for the list as .xlsx or .csv"},
};

static gboolean refuse(const struct list_input *input, const char *what, GError **error)
{
    return error_set(error, ERROR_DATA, "%s: the file %s", input->name, what);
}

/* Web pages named .xls, and Excel's XML of 2003. A list whose first cell begins with < is none. */
static gboolean is_markup(const struct list_input *input)
{
    const guint8 *text = input->data;
    size_t size = MIN(input->size, PROBE_SIZE);
    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        size -= 3;
    }
    while (size > 0 && g_ascii_isspace(*text)) {
        text++;
        size--;
    }
    return size > 0 && *text == '<';
}

static gboolean has_mark(const struct list_input *input, const char *octets, size_t length)
{
    return input->size >= length && memcmp(input->data, octets, length) == 0;
}

/* The workbook of an .xls file without the compound file round it: a BOF record of 8 or 16 octets. */
static gboolean is_bare_xls(const struct list_input *input)
{
    return has_mark(input, "\x09\x08\x08\x00", 4) || has_mark(input, "\x09\x08\x10\x00", 4);
}

/* Spreadsheets of today are zip files; OpenDocument is the one with this part. */
static gboolean read_zip(const struct list_input *input, GError **error)
{
    struct list_zip *zip = list_zip_open(input, error);
    if (zip == NULL)
        return FALSE;
    gboolean fine =
        list_zip_has(zip, "content.xml") ? list_read_ods(input, zip, error) : list_read_xlsx(input, zip, error);
    list_zip_free(zip);
    return fine;
}

/* Runs in the child: chooses the reader by content. */
static gboolean read_by_content(const struct list_input *input, GError **error)
{
    if (has_mark(input, LIST_CFB_MARK, LIST_CFB_MARK_LENGTH) || is_bare_xls(input))
        return list_read_xls(input, error);
    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
        if (!has_mark(input, marks[i].octets, marks[i].length))
            continue;
        return marks[i].refusal != NULL ? refuse(input, marks[i].refusal, error) : read_zip(input, error);
    }
    if (is_markup(input))
        return refuse(input,
                      "is a web page or XML whatever its name says; open it in a spreadsheet program and save it "
                      "as .xlsx",
                      error);
    if (input->sheet != NULL)
        return error_set(error, ERROR_USAGE, "%s: a text file has no sheets; leave --sheet out", input->name);
    return list_read_csv(input, error);
}

static gboolean check_size(const char *name, guint64 size, GError **error)
{
    if (size == 0)
        return error_set(error, ERROR_DATA, "%s: the file is empty; ask for the list again", name);
    if (size > LIST_FILE_MAX)
        return error_set(error, ERROR_DATA, "%s: the file is larger than %u MiB; divide the list", name,
                         LIST_FILE_MAX / (1024 * 1024));
    return TRUE;
}

gboolean list_read_here(const char *name, const guint8 *data, size_t size, const char *sheet,
                        const struct list_sink *sink, GError **error)
{
    struct list_input input = {.name = name, .data = data, .size = size, .sheet = sheet, .sink = sink};
    return check_size(name, size, error) && read_by_content(&input, error);
}

/* Maps the file at path. A file that shrinks while it is read kills the child only. */
static const guint8 *map_file(const char *path, size_t *size_r, GError **error)
{
    const guint8 *data = NULL;
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &status) < 0)
        error_from_errno(error, ERROR_SYSTEM, errno, "%s", path);
    else if (!S_ISREG(status.st_mode))
        error_set(error, ERROR_NO_INPUT, "%s: this is no regular file; name the list's file", path);
    else if (check_size(path, (guint64)status.st_size, error)) {
        *size_r = (size_t)status.st_size;
        void *map = mmap(NULL, *size_r, PROT_READ, MAP_PRIVATE, fd, 0);
        if (map == MAP_FAILED)
            error_from_errno(error, ERROR_SYSTEM, errno, "%s", path);
        else
            data = map;
    }
    if (fd >= 0)
        close(fd);
    return data;
}

gboolean list_read(const char *path, const char *sheet, const struct list_sink *sink, GError **error)
{
    size_t size = 0;
    const guint8 *data = map_file(path, &size, error);
    if (data == NULL)
        return FALSE;
    struct list_input input = {.name = path, .data = data, .size = size, .sheet = sheet, .sink = sink};
    gboolean fine = list_child_read(&input, read_by_content, error);
    munmap((void *)data, size);
    return fine;
}

char *list_sha256(const char *path, GError **error)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        error_from_errno(error, ERROR_NO_INPUT, errno, "%s", path);
        return NULL;
    }
    if (!S_ISREG(info.st_mode)) {
        error_set(error, ERROR_NO_INPUT, "%s is a folder or device; name a file with a list", path);
        return NULL;
    }
    g_autoptr(GMappedFile) mapped = g_mapped_file_new(path, FALSE, error);
    if (mapped == NULL)
        return NULL;
    g_autoptr(GBytes) bytes = g_mapped_file_get_bytes(mapped);
    return g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);
}
