/*
 * dkim_record.h - a DKIM key record read strictly (RFC 6376 3.6.1, RFC 8301, RFC 8463): stricter than libopendkim,
 * which takes junk within the base64, as receivers differ in what they take.
 *
 * Pure; any thread.
 */
#ifndef POSTWELLE_IMPORTER_DKIM_RECORD_H
#define POSTWELLE_IMPORTER_DKIM_RECORD_H

#include "importer/finding.h"

#define DKIM_RSA_BITS_MIN 2048  /* what we ask for; RFC 8301 takes 1024, and several receivers no longer do */
#define DKIM_RSA_BITS_MAX 16384 /* more is a broken length */

/* What the record should be; unknown parts are NULL. */
struct dkim_wish {
    const char *type;   /* "rsa", "ed25519" */
    const char *public; /* p= of our key; NULL: it is not ours to compare */
};

/*
 * Judges the text of one TXT record at name (SELECTOR._domainkey.DOMAIN): adds a finding for each fault, and one that
 * is good where there is none above a note. publish is the line to publish instead, or NULL.
 */
void dkim_record_judge(GPtrArray *findings, const char *name, const char *text, gsize size,
                       const struct dkim_wish *wish, const char *publish);

/*
 * The bits of an RSA key in the first octets of a DER SubjectPublicKeyInfo, which may be cut after the modulus's
 * length; 0 where they are not the beginning of one.
 */
guint dkim_rsa_bits(const guint8 *der, gsize size);

/* A key record for the public key: "v=DKIM1; k=rsa; p=…". The caller frees. */
char *dkim_record_text(const char *type, const char *public);

#endif
