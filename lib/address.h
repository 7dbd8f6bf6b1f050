/*
 * address.h - one participant's mail address: is it one, how is it written on the wire, and whose is it.
 *
 * Accepted is the Mailbox of RFC 5321 §4.1.2 with a dot-atom local part, in RFC 6531's extended form (UTF-8 local part,
 * U-label domain). Refused although the RFC allows it: quoted local parts and address literals (no survey participant
 * has one), `%` and `!` in the local part and source routes (Postfix would route by them), a leading `-` (Postfix's
 * allow_min_user), domains without a dot or with a number at the end.
 *
 * Domains are kept as lower-case A-labels (IDNA2008, mapped by UTS 46 non-transitional, so that MÜLLER.example works);
 * one trailing dot is dropped; UTF-8 local parts are put into NFC (RFC 6532 §3.1). Nothing else is changed.
 *
 * Pure, without state, any thread. ASCII addresses need neither libidn2 nor the heap.
 */
#ifndef POSTWELLE_LIB_ADDRESS_H
#define POSTWELLE_LIB_ADDRESS_H

#include <glib.h>

#define ADDRESS_LOCAL_MAX 64    /* octets, RFC 5321 §4.5.3.1.1 */
#define ADDRESS_DOMAIN_MAX 253  /* octets of text; 255 octets in DNS's form, RFC 1035 §2.3.4 */
#define ADDRESS_LABEL_MAX 63    /* octets, RFC 1035 §2.3.4 */
#define ADDRESS_MAX 254         /* octets; a Path is 256 with its brackets, RFC 5321 §4.5.3.1.3 */
#define ADDRESS_CANONICAL_SIZE 1024 /* room for any canonical form: case folding makes at most 9 of 1 octet, and NUL */

/* Why a text is no address we mail to. */
enum address_fault {
    ADDRESS_GOOD,
    ADDRESS_EMPTY,
    ADDRESS_NOT_UTF8,
    ADDRESS_CONTROL,        /* control character: line break, tab, NUL ... */
    ADDRESS_HIDDEN,         /* invisible, turning the direction, ASCII in disguise: U+200B, U+202E, U+037E */
    ADDRESS_SPACE,          /* blank inside, any script's */
    ADDRESS_NO_AT,
    ADDRESS_TWO_AT,
    ADDRESS_SEVERAL,        /* two addresses in one cell */
    ADDRESS_BRACKETS,       /* "Name <address>" */
    ADDRESS_NO_LOCAL,
    ADDRESS_NO_DOMAIN,
    ADDRESS_BAD_LOCAL,      /* character not allowed before the @ */
    ADDRESS_BAD_DOMAIN,     /* character not allowed after the @ */
    ADDRESS_LOCAL_DOTS,     /* the local part begins or ends with a dot or has two in a row */
    ADDRESS_QUOTED,
    ADDRESS_ROUTED,         /* percent hack, bang path, source route */
    ADDRESS_LEADING_DASH,   /* the local part begins with - */
    ADDRESS_LITERAL,        /* [192.0.2.1], or a domain that ends in a number */
    ADDRESS_NO_DOT,         /* a host name alone */
    ADDRESS_EMPTY_LABEL,
    ADDRESS_LABEL_DASH,     /* a label begins or ends with - */
    ADDRESS_IDNA,           /* not a valid internationalized domain name */
    ADDRESS_LONG_LOCAL,
    ADDRESS_LONG_LABEL,
    ADDRESS_LONG_DOMAIN,
    ADDRESS_LONG,
};

/* Worth a look by a person, no reason to refuse; a set of bits. */
enum address_warning {
    ADDRESS_ROLE = 1,           /* info@, noreply@ ...: a function, not a person */
    ADDRESS_TYPO = 2,           /* the domain looks like a mistyped provider */
    ADDRESS_MIXED_SCRIPTS = 4,  /* look-alike letters of several scripts in one part (UTS 39) */
};

/* Whom the cap takes for one person (DESIGN §1 "canonical recipient"). */
enum address_identity {
    /*
     * The mailbox behind the address: local parts are compared without case (all Unicode), and the rules of the
     * providers in lib/providers.c apply: their domains that mean one mailbox, their dots, their +tags.
     */
    ADDRESS_IDENTITY_MAILBOX,
    /* The address as written, but for ASCII case and the forms of the domain. */
    ADDRESS_IDENTITY_STRICT,
};

/* A parsed address; plain data, copy as you like. */
struct address {
    char text[ADDRESS_MAX + 1]; /* as sent: local part, @, domain as lower-case A-labels */
    guint8 at;                  /* where the @ stands */
    gboolean smtputf8;          /* the local part is not ASCII: the mail needs SMTPUTF8 (RFC 6531) */
    gboolean mixed_scripts;     /* for address_warnings() */
};

/* The domain within address->text. */
static inline const char *address_domain(const struct address *address)
{
    return address->text + address->at + 1;
}

/*
 * Reads length octets of text (any octets, no NUL needed) as exactly one address; blanks around it are a fault, so trim
 * first. Returns ADDRESS_GOOD and fills *address_r; else the fault, and *where_r (may be NULL) is the octet it is
 * about, 0 where it is about the whole.
 */
enum address_fault address_parse(const char *text, size_t length, struct address *address_r, size_t *where_r);

/*
 * The fault in words, e.g. "character 18 ',' is not allowed after the @". text, length and where as given to and got
 * from address_parse(). Names no more of the text than one printable character. The caller frees.
 */
char *address_fault_message(enum address_fault fault, const char *text, size_t length, size_t where);

/*
 * Which character the fault is about: "18, ','"; NULL where it is about the whole. Arguments as above. The caller
 * frees.
 */
char *address_fault_place(enum address_fault fault, const char *text, size_t length, size_t where);

/*
 * An address, or a domain alone, as people read it: its domain's A-labels as U-labels (RFC 5890). The domain stays
 * as it is where its U-labels would not be the same domain again, or mix scripts as look-alikes do. The caller frees.
 */
char *address_shown(const char *text);

/* Writes the canonical form of a parsed address: equal forms are one recipient to the cap. NUL-terminated. */
void address_canonical(const struct address *address, enum address_identity identity,
                       char canonical_r[ADDRESS_CANONICAL_SIZE]);

/*
 * What a person should look at: bits of enum address_warning. *suggestion_r (may be NULL) is the domain that was
 * probably meant where ADDRESS_TYPO is set, static text; else NULL.
 */
unsigned address_warnings(const struct address *address, const char **suggestion_r);

#endif
