/*
 * xml_peer.h - XML as a list of events, as the scanner of importer/list_xml.h and expat find it, for tests and fuzzers.
 *
 * Both know the same names: see xml_peer.c.
 */
#ifndef POSTWELLE_TESTS_XML_PEER_H
#define POSTWELLE_TESTS_XML_PEER_H

#include <glib.h>

/* What was found: one event a line, "start WORD ATTRIBUTE=VALUE ...", "text ...", "end WORD". */
struct xml_finding {
    GString *events;
    const char *fault;      /* NULL: the document is well-formed */
    guint64 line;           /* of the fault */
    gboolean out_of_reach;  /* the two may differ: our limits, other encodings and versions, names beyond ASCII */
};

/* The document in pieces of that many octets (0: in one). */
void xml_peer_ours(const void *octets, size_t length, size_t piece, struct xml_finding *finding_r);

void xml_peer_expat(const void *octets, size_t length, struct xml_finding *finding_r);

void xml_finding_release(struct xml_finding *finding);

/* Asserts that the two find the same, and ours the same octet by octet. */
void xml_peer_compare(const void *octets, size_t length);

/* Asserts that ours finds the same wherever the document is cut in two. */
void xml_peer_compare_pieces(const void *octets, size_t length);

#endif
