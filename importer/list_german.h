/*
 * list_german.h - remarks about the rows of a list in German, for clients whose list has German headings; private to
 * importer/list_check.c.
 */
#ifndef POSTWELLE_IMPORTER_LIST_GERMAN_H
#define POSTWELLE_IMPORTER_LIST_GERMAN_H

#include "importer/domain_check.h"
#include "lib/address.h"

/* The German for a remark's printf format, with the same values in the same order; the English where there is none. */
const char *list_german(const char *english) G_GNUC_FORMAT(1);

/* What address_fault_message() says, in German. The caller frees. */
char *list_german_fault(enum address_fault fault, const char *text, size_t length, size_t where);

/* What domain_check_verdict() says, in German. The caller frees. */
char *list_german_domain(enum domain_verdict verdict, const char *domain);

#endif
