/*
 * list_xml_buffer.h - what has come of a part and is not yet done with, as UTF-8; private to importer/list_xml.c.
 *
 * Behind it stands a NUL, at which every loop over it stops. UTF-16 is brought to UTF-8 here; UTF-8 is not checked.
 */
#ifndef POSTWELLE_IMPORTER_LIST_XML_BUFFER_H
#define POSTWELLE_IMPORTER_LIST_XML_BUFFER_H

#include <glib.h>

enum list_xml_encoding { LIST_XML_UNKNOWN, LIST_XML_UTF_8, LIST_XML_UTF_16LE, LIST_XML_UTF_16BE };

/* Zeroed at first. */
struct list_xml_buffer {
    char *start;
    char *end;          /* *end is NUL */
    size_t size;        /* octets that start has room for */
    gboolean last;      /* nothing follows */
    guint64 lines;      /* that ended before start */
    enum list_xml_encoding encoding;
    guint8 held[3];     /* octets that tell no encoding or make no character yet */
    guint held_count;
    gunichar high;      /* the first half of a pair of UTF-16, or 0 */
};

void list_xml_buffer_release(struct list_xml_buffer *buffer);

/*
 * Puts octets behind those that are there (NULL where length is 0); last: none follow. start and size may change.
 * What is broken UTF-16 becomes octets that are broken UTF-8.
 */
void list_xml_buffer_append(struct list_xml_buffer *buffer, const guint8 *octets, size_t length, gboolean last);

/* Drops what stands before `rest`. */
void list_xml_buffer_forget(struct list_xml_buffer *buffer, const char *rest);

/* The line, from 1, that this place in the buffer is in. */
guint64 list_xml_buffer_line(const struct list_xml_buffer *buffer, const char *at);

#endif
