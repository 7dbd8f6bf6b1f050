/* dkim_record.c - a DKIM key record read strictly; see dkim_record.h. */
#include "importer/dkim_record.h"

#include "importer/tag_list.h"

#include <string.h>

#define ED25519_SIZE 32
#define TOPIC "DKIM"

/* DER of the AlgorithmIdentifier rsaEncryption with NULL parameters (RFC 8017 A.1). */
static const guint8 rsa_algorithm[] = {0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86,
                                       0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00};

/* Where a judgement stands. */
struct judging {
    GPtrArray *findings;
    const char *name, *shown, *publish;
    const struct dkim_wish *wish;
    struct tag_list tags;
};

char *dkim_record_text(const char *type, const char *public)
{
    return g_strdup_printf("v=DKIM1; k=%s; p=%s", type, public);
}

#define ADD(judging, level, ...)                                                                                       \
    findings_add((judging)->findings, level, TOPIC, (judging)->name, (judging)->shown, (judging)->publish, __VA_ARGS__)

/* --- DER --- */

struct der {
    const guint8 *at, *end;
};

/* Reads a tag and its length; 0 where that is not what stands there. The contents may go beyond the end. */
static gsize der_enter(struct der *der, guint8 tag)
{
    if (der->end - der->at < 2 || der->at[0] != tag)
        return 0;
    gsize length = der->at[1], octets = 0;
    der->at += 2;
    if (length >= 0x80) {
        octets = length & 0x7F;
        if (octets == 0 || octets > 2 || (gsize)(der->end - der->at) < octets)
            return 0;
        for (length = 0; octets > 0; octets--)
            length = length << 8 | *der->at++;
    }
    return length;
}

/* Leaves der behind the modulus's length. */
static guint enter_modulus(struct der *der)
{
    if (der_enter(der, 0x30) == 0 || (gsize)(der->end - der->at) < sizeof rsa_algorithm ||
        memcmp(der->at, rsa_algorithm, sizeof rsa_algorithm) != 0)
        return 0;
    der->at += sizeof rsa_algorithm;
    if (der_enter(der, 0x03) == 0 || der->at == der->end || *der->at != 0)
        return 0;
    der->at++;
    if (der_enter(der, 0x30) == 0)
        return 0;
    gsize length = der_enter(der, 0x02);
    gboolean padded = length > 0 && der->at < der->end && *der->at == 0;
    return (guint)MIN((length - (padded ? 1u : 0u)) * 8, DKIM_RSA_BITS_MAX * 2);
}

guint dkim_rsa_bits(const guint8 *der, gsize size)
{
    struct der reader = {der, der + size};
    return enter_modulus(&reader);
}

/* TRUE where all lengths fit: the modulus, an exponent, and nothing after them. */
static gboolean spki_is_whole(const guint8 *der, gsize size)
{
    struct der reader = {der, der + size};
    gsize outer = der_enter(&reader, 0x30);
    if (outer == 0 || outer != (gsize)(reader.end - reader.at))
        return FALSE;
    reader.at = der;
    guint bits = enter_modulus(&reader);
    const guint8 *modulus = reader.at;
    gsize octets = bits / 8 + (modulus < reader.end && *modulus == 0 ? 1u : 0u);
    if (bits == 0 || (gsize)(reader.end - modulus) < octets)
        return FALSE;
    reader.at += octets;
    gsize exponent = der_enter(&reader, 0x02);
    return exponent > 0 && exponent == (gsize)(reader.end - reader.at);
}

static gboolean is_pkcs1(const guint8 *der, gsize size)
{
    struct der reader = {der, der + size};
    return der_enter(&reader, 0x30) != 0 && der_enter(&reader, 0x02) > 16;
}

/* --- the p= tag --- */

static gboolean is_base64(char c)
{
    return g_ascii_isalnum(c) || c == '+' || c == '/' || c == '=';
}

/* The value without blanks, which RFC 6376 allows within it; TRUE in *blanks_r where there were some. */
static char *without_blanks(const char *value, gboolean *blanks_r)
{
    GString *text = g_string_new(NULL);
    for (const char *p = value; *p != '\0'; p++)
        if (g_ascii_isspace(*p))
            *blanks_r = TRUE;
        else
            g_string_append_c(text, *p);
    return g_string_free(text, FALSE);
}

/* Junk: tells where it is, and what the good beginning says about the key. */
static void judge_junk(struct judging *judging, const char *text, gsize good)
{
    gsize after = good;
    while (text[after] != '\0' && !is_base64(text[after]))
        after++;
    gsize before = MIN(good, 12), bits = 0;
    g_autofree char *junk = record_shown(text + good, after - good);
    ADD(judging, FINDING_ERROR,
        "junk within the key: character %zu of p= is \"%s\", after \"%.*s\"; a key has only A-Z a-z 0-9 + / and = "
        "(base64). "
        "Publish it anew, copied as one piece",
        good + 1, junk, (int)before, text + good - before);
    g_autofree char *head = g_strndup(text, good - good % 4);
    if (*head != '\0') {
        gsize size;
        g_autofree guchar *der = g_base64_decode(head, &size);
        bits = dkim_rsa_bits(der, size);
    }
    if (bits > 0 && bits < DKIM_RSA_BITS_MIN)
        ADD(judging, FINDING_ERROR, "and the key has %zu bits only; at least %d are needed: make a new one", bits,
            DKIM_RSA_BITS_MIN);
}

/* The octets of a clean base64 text; NULL and a finding where it is none. */
static guchar *decode(struct judging *judging, const char *text, gsize *size_r)
{
    gsize good = 0, length = strlen(text), padding = 0;
    while (is_base64(text[good]))
        good++;
    if (good < length) {
        judge_junk(judging, text, good);
        return NULL;
    }
    while (padding < length && text[length - 1 - padding] == '=')
        padding++;
    if (length % 4 != 0 || padding > 2 || memchr(text, '=', length - padding) != NULL) {
        ADD(judging, FINDING_ERROR, "p= is cut off, or has a piece too much: %zu characters are no whole base64 text",
            length);
        return NULL;
    }
    return g_base64_decode(text, size_r);
}

static void judge_rsa(struct judging *judging, const guint8 *der, gsize size)
{
    guint bits = dkim_rsa_bits(der, size);
    if (is_pkcs1(der, size))
        ADD(judging, FINDING_ERROR,
            "p= is an RSA key in PKCS#1 form; it must be a SubjectPublicKeyInfo (RFC 6376 3.6.1)");
    else if (bits == 0 || !spki_is_whole(der, size))
        ADD(judging, FINDING_ERROR, "p= is no RSA key (SubjectPublicKeyInfo), or a damaged or shortened one");
    if (bits > 0 && bits < DKIM_RSA_BITS_MIN)
        ADD(judging, FINDING_ERROR, "the key has %u bits only; at least %d are needed: make a new one", bits,
            DKIM_RSA_BITS_MIN);
    else if (bits > 4096)
        ADD(judging, FINDING_WARNING, "the key has %u bits; receivers need only take 4096 (RFC 8301)", bits);
}

static gboolean is_ours(const char *public, const guint8 *octets, gsize size)
{
    gsize our_size;
    g_autofree guchar *ours = g_base64_decode(public, &our_size);
    return our_size == size && memcmp(ours, octets, size) == 0;
}

static void judge_key(struct judging *judging, const char *type, const char *value)
{
    gboolean blanks = FALSE;
    gsize size = 0;
    g_autofree char *text = without_blanks(value, &blanks);
    if (*text == '\0') {
        ADD(judging, FINDING_ERROR, "the key is revoked: p= is empty (RFC 6376 3.6.1)");
        return;
    }
    if (blanks)
        ADD(judging, FINDING_WARNING,
            "there are blanks within p=; allowed, but not every receiver takes them: take them out");
    g_autofree guchar *octets = decode(judging, text, &size);
    if (octets == NULL)
        return;
    if (strcmp(type, "rsa") == 0)
        judge_rsa(judging, octets, size);
    else if (size != ED25519_SIZE)
        ADD(judging, FINDING_ERROR, "p= has %zu octets; an Ed25519 key has the bare %d (RFC 8463 4.2)", size,
            ED25519_SIZE);
    if (judging->wish->public != NULL && !is_ours(judging->wish->public, octets, size))
        ADD(judging, FINDING_ERROR, "this is not the key that we sign with");
}

/* --- the other tags --- */

static void judge_tags(struct judging *judging)
{
    const struct tag_list *tags = &judging->tags;
    const char *version = tag_list_value(tags, "v"), *hashes = tag_list_value(tags, "h");
    const char *services = tag_list_value(tags, "s"), *flags = tag_list_value(tags, "t"),
               *whom = tag_list_value(tags, "g");
    if (version == NULL)
        ADD(judging, FINDING_WARNING, "v=DKIM1 is missing; it should stand first");
    else if (strcmp(version, "DKIM1") != 0)
        ADD(judging, FINDING_ERROR, "v=%.20s: must be DKIM1, in capitals", version);
    else if (strcmp(tags->tags[0].name, "v") != 0)
        ADD(judging, FINDING_ERROR, "v=DKIM1 must stand first (RFC 6376 3.6.1)");
    if (hashes != NULL && !tag_has_word(hashes, "sha256"))
        ADD(judging, FINDING_ERROR, "h=%.40s does not allow sha256, which is what we sign with (RFC 8301)", hashes);
    if (services != NULL && !tag_has_word(services, "email"))
        ADD(judging, FINDING_ERROR, "s=%.40s: the key is not for mail; take s= out", services);
    if (flags != NULL && tag_has_word(flags, "y"))
        ADD(judging, FINDING_ERROR,
            "t=y: the key is in test mode, so receivers take the mail for unsigned; take t=y out");
    if (flags != NULL && tag_has_word(flags, "s"))
        ADD(judging, FINDING_NOTE, "t=s: the key is not for sub-domains of the signing domain");
    if (whom != NULL && strcmp(whom, "*") != 0)
        ADD(judging, FINDING_WARNING, "g=%.40s is of a past standard (RFC 4871) and narrows the key down; take it out",
            whom);
}

static void judge_list(struct judging *judging)
{
    const char *type = tag_list_value(&judging->tags, "k"), *key = tag_list_value(&judging->tags, "p");
    judge_tags(judging);
    if (type == NULL)
        type = "rsa";
    if (strcmp(type, "rsa") != 0 && strcmp(type, "ed25519") != 0)
        ADD(judging, FINDING_ERROR, "k=%.20s: there are rsa and ed25519 (RFC 8463)", type);
    else if (judging->wish->type != NULL && strcmp(type, judging->wish->type) != 0)
        ADD(judging, FINDING_ERROR, "k=%s, but our key of this selector is %s", type, judging->wish->type);
    else if (key == NULL)
        ADD(judging, FINDING_ERROR, "there is no p=, so no key; is it another record, perhaps of a wildcard?");
    else
        judge_key(judging, type, key);
}

/* The text without the quotation marks around it that were pasted along, so that the rest is judged as well. */
static char *without_quotes(const char *text, gsize size)
{
    static const char *const marks[] = {"\"", "\\", "“", "”", "„", "‟", "‘", "’", "‚", "«", "»"};
    g_autofree char *copy = g_strndup(text, size);
    g_autoptr(GString) plain = g_string_new(copy);
    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++)
        g_string_replace(plain, marks[i], "", 0);
    return g_strdup(plain->str);
}

void dkim_record_judge(GPtrArray *findings, const char *name, const char *text, gsize size,
                       const struct dkim_wish *wish, const char *publish)
{
    g_autofree char *shown = record_shown(text, size), *oddity = record_oddity(text, size), *fault = NULL;
    g_autofree char *plain = without_quotes(text, size);
    struct judging judging = {.findings = findings, .name = name, .shown = shown, .publish = publish, .wish = wish};
    guint before = findings->len;
    if (oddity != NULL)
        ADD(&judging, FINDING_ERROR, "the record has a %s, pasted along perhaps; only plain ASCII text belongs there",
            oddity);
    if (tag_list_parse(plain, &judging.tags, &fault))
        judge_list(&judging);
    else
        ADD(&judging, FINDING_ERROR, "is no key record: %s", fault);
    tag_list_release(&judging.tags);
    for (guint i = before; i < findings->len; i++)
        if (((const struct finding *)findings->pdata[i])->level > FINDING_NOTE)
            return;
    findings_add(findings, FINDING_GOOD, TOPIC, name, shown, NULL, "%s",
                 wish->public != NULL ? "the key is published, and it is ours" : "the key record is right");
}
