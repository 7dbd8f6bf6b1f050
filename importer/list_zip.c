/* list_zip.c - libzip and expat, and the limits they lack; see list_zip.h. */
#include "importer/list_zip.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "lib/error.h"

#define PIECE (64 * 1024) /* octets inflated and parsed at once */
#define SEPARATOR '\x1F'
#define DIGITS_MAX 9 /* of a number: it fits into 32 bits, and so does its sum with another */

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

/* --- XML ------------------------------------------------------------------------------------- */

struct xml_run {
    XML_Parser parser;
    const struct list_xml *xml;
    void *cookie;
    GError *error;
};

static void stop_unless(struct xml_run *run, gboolean fine)
{
    if (!fine)
        XML_StopParser(run->parser, XML_FALSE);
}

static void XMLCALL on_start(void *cookie, const XML_Char *name, const XML_Char **attributes)
{
    struct xml_run *run = cookie;
    if (run->error == NULL)
        stop_unless(run, run->xml->start(run->cookie, name, attributes, &run->error));
}

static void XMLCALL on_end(void *cookie, const XML_Char *name)
{
    struct xml_run *run = cookie;
    if (run->error == NULL)
        stop_unless(run, run->xml->end(run->cookie, name, &run->error));
}

static void XMLCALL on_text(void *cookie, const XML_Char *text, int length)
{
    struct xml_run *run = cookie;
    if (run->error == NULL)
        stop_unless(run, run->xml->text(run->cookie, text, (size_t)length, &run->error));
}

static void XMLCALL on_doctype(void *cookie, const XML_Char *name, const XML_Char *system, const XML_Char *public,
                               int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    struct xml_run *run = cookie;
    if (run->error == NULL)
        stop_unless(run, error_set(&run->error, ERROR_DATA, "has a DOCTYPE, which no spreadsheet program writes"));
}

static void xml_run_init(struct xml_run *run, const struct list_xml *xml, void *cookie)
{
    *run = (struct xml_run){.parser = XML_ParserCreateNS(NULL, SEPARATOR), .xml = xml, .cookie = cookie};
    if (run->parser == NULL)
        g_error("out of memory");
    XML_SetUserData(run->parser, run);
    XML_SetElementHandler(run->parser, on_start, on_end);
    if (xml->text != NULL)
        XML_SetCharacterDataHandler(run->parser, on_text);
    XML_SetStartDoctypeDeclHandler(run->parser, on_doctype);
}

const char *list_xml_local(const char *name, const struct list_namespace *namespaces)
{
    for (; namespaces->uri != NULL; namespaces++)
        if (strncmp(name, namespaces->uri, namespaces->length) == 0 && name[namespaces->length] == SEPARATOR)
            return name + namespaces->length + 1;
    return "";
}

const char *list_xml_attribute(const char **attributes, const char *name)
{
    for (; attributes[0] != NULL; attributes += 2)
        if (list_xml_is(attributes[0], name))
            return attributes[1];
    return NULL;
}

gboolean list_xml_number(const char *text, guint *number_r)
{
    size_t length = strlen(text);
    if (length == 0 || length > DIGITS_MAX || strspn(text, "0123456789") != length)
        return FALSE;
    *number_r = (guint)strtoul(text, NULL, 10);
    return TRUE;
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

/* The line that the parser has come to. expat 2.9 deprecates the function that older ones have. */
static guint64 line_of(XML_Parser parser)
{
#if XML_MAJOR_VERSION > 2 || XML_MINOR_VERSION >= 9
    return XML_GetCurrentLineNumber64(parser);
#else
    return XML_GetCurrentLineNumber(parser);
#endif
}

static gboolean refuse_xml(struct list_zip *zip, const char *part, struct xml_run *run, GError **error)
{
    if (run->error == NULL)
        return error_set(error, ERROR_DATA, "%s: part %s, line %" G_GUINT64_FORMAT ": %s; the file is damaged: open it in a "
                         "spreadsheet program and save it anew as .xlsx", zip->input->name, part, line_of(run->parser),
                         XML_ErrorString(XML_GetErrorCode(run->parser)));
    if (g_str_has_prefix(run->error->message, zip->input->name))
        g_propagate_error(error, g_steal_pointer(&run->error));
    else
        refuse(zip, part, run->error->message, error);
    return FALSE;
}

static gboolean read_part(struct list_zip *zip, const char *part, zip_file_t *file, guint64 compressed,
                          struct xml_run *run, GError **error)
{
    guint64 inflated = 0;
    for (zip_int64_t got = 1; got > 0;) {
        void *piece = XML_GetBuffer(run->parser, PIECE);
        if (piece == NULL)
            return refuse_xml(zip, part, run, error);
        got = zip_fread(file, piece, PIECE);
        if (got < 0)
            return refuse(zip, part, "is damaged or cut off; ask for the file again", error);
        inflated += (guint64)got;
        if (!count(zip, part, inflated, compressed, (size_t)got, error))
            return FALSE;
        if (XML_ParseBuffer(run->parser, (int)got, got == 0) != XML_STATUS_OK)
            return refuse_xml(zip, part, run, error);
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
    struct xml_run run;
    xml_run_init(&run, xml, cookie);
    gboolean fine = read_part(zip, part, file, status.comp_size, &run, error);
    g_clear_error(&run.error);
    XML_ParserFree(run.parser);
    zip_fclose(file);
    return fine;
}
