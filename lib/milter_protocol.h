/*
 * milter_protocol.h - the numbers that both ends of the milter protocol negotiate with: our milter, and what plays the
 * mail server to one.
 *
 * The protocol's only description is libmilter/mfdef.h of Sendmail; its names for these are given.
 */
#ifndef POSTWELLE_LIB_MILTER_PROTOCOL_H
#define POSTWELLE_LIB_MILTER_PROTOCOL_H

#define MILTER_VERSION 6 /* SMFI_PROT_VERSION */

/* What a milter may do to a mail (SMFIF_). */
enum milter_action {
    MILTER_ADD_FIELDS = 0x1,
    MILTER_ALL_ACTIONS = 0x1ff, /* what Postfix lets be done */
};

/*
 * How a session goes (SMFIP_). NO_: the mail server leaves the step out. SILENT_: it does not wait for a reply to it,
 * so that a whole mail can go out in one write.
 */
enum milter_steps {
    MILTER_NO_CONNECT = 0x1,
    MILTER_NO_HELO = 0x2,
    MILTER_NO_MAIL = 0x4,
    MILTER_NO_RCPT = 0x8,
    MILTER_NO_BODY = 0x10,
    MILTER_NO_FIELD = 0x20,
    MILTER_NO_END_HEADER = 0x40,
    MILTER_SILENT_FIELD = 0x80,
    MILTER_NO_UNKNOWN = 0x100, /* a command that the mail server does not know */
    MILTER_NO_DATA = 0x200,
    MILTER_SILENT_CONNECT = 0x1000,
    MILTER_SILENT_HELO = 0x2000,
    MILTER_SILENT_MAIL = 0x4000,
    MILTER_SILENT_RCPT = 0x8000,
    MILTER_SILENT_DATA = 0x10000,
    MILTER_SILENT_END_HEADER = 0x40000,
    MILTER_SILENT_BODY = 0x80000,
    MILTER_LEADING_SPACE = 0x100000, /* a field's value comes, and goes, with the space after its colon */
    MILTER_ALL_STEPS = 0x1fffff,     /* what Postfix lets be left out */
};

#endif
