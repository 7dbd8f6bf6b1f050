/* dns.c - questions and answers of DNS as octets on the wire; see dns.h. */
#include "lib/dns.h"

#include <ldns/ldns.h>
#include <string.h>

#define HEADER_SIZE 12
#define LABEL_MAX 63
#define NAME_MAX_WIRE 255
#define CLASS_IN 1
#define TYPE_OPT 41
#define FLAG_QR 0x80 /* of the third octet */
#define FLAG_TC 0x02
#define FLAG_RD 0x01
#define OPCODE 0x78
#define FLAG_AD 0x20 /* of the fourth */
#define FLAG_DO 0x80 /* of the OPT record's flags */

void dns_answer_free(struct dns_answer *answer)
{
    if (answer == NULL)
        return;
    for (guint i = 0; i < answer->count; i++)
        g_free(answer->records[i].text);
    g_free(answer->records);
    g_free(answer->detail);
    g_free(answer->canonical);
    g_free(answer->zone);
    g_free(answer->server);
    g_free(answer);
}

struct dns_answer *dns_answer_new(enum dns_status status, char *detail)
{
    struct dns_answer *answer = g_new0(struct dns_answer, 1);
    answer->status = status;
    answer->detail = detail;
    return answer;
}

const char *dns_type_name(enum dns_type type)
{
    switch (type) {
    case DNS_A:
        return "A";
    case DNS_NS:
        return "NS";
    case DNS_CNAME:
        return "CNAME";
    case DNS_SOA:
        return "SOA";
    case DNS_PTR:
        return "PTR";
    case DNS_MX:
        return "MX";
    case DNS_TXT:
        return "TXT";
    case DNS_AAAA:
        return "AAAA";
    case DNS_TLSA:
        return "TLSA";
    }
    return "?";
}

/* --- the query --- */

/* Writes the name as labels; returns the octets written, 0 where it is none. */
static size_t write_name(guint8 wire[NAME_MAX_WIRE], const char *name)
{
    size_t size = 0;
    if (strcmp(name, ".") == 0) {
        wire[0] = 0;
        return 1;
    }
    for (const char *label = name;;) {
        size_t length = strcspn(label, ".");
        if (length == 0 || length > LABEL_MAX || size + length + 2 > NAME_MAX_WIRE)
            return 0;
        wire[size++] = (guint8)length;
        for (size_t i = 0; i < length; i++) {
            if (!g_ascii_isgraph(label[i]) || label[i] == '\\')
                return 0;
            wire[size++] = (guint8)label[i];
        }
        label += length;
        if (*label == '\0' || strcmp(label, ".") == 0)
            break;
        label++;
    }
    wire[size++] = 0;
    return size;
}

gboolean dns_name_valid(const char *name)
{
    guint8 wire[NAME_MAX_WIRE];
    return write_name(wire, name) > 0;
}

static size_t put16(guint8 *wire, unsigned value)
{
    wire[0] = (guint8)(value >> 8);
    wire[1] = (guint8)value;
    return 2;
}

size_t dns_query_write(guint8 query_r[DNS_QUERY_MAX], guint16 id, const char *name, enum dns_type type,
                       gboolean recursive, gboolean dnssec)
{
    memset(query_r, 0, DNS_QUERY_MAX);
    size_t size = HEADER_SIZE, name_size = write_name(query_r + size, name);
    if (name_size == 0)
        return 0;
    put16(query_r, id);
    query_r[2] = recursive ? FLAG_RD : 0;
    query_r[3] = dnssec ? FLAG_AD : 0;
    put16(query_r + 4, 1);  /* one question */
    put16(query_r + 10, 1); /* one additional record: OPT */
    size += name_size;
    size += put16(query_r + size, (unsigned)type);
    size += put16(query_r + size, CLASS_IN);
    size += 1; /* the root, the OPT record's owner */
    size += put16(query_r + size, TYPE_OPT);
    size += put16(query_r + size, DNS_UDP_MAX);
    query_r[size + 2] = dnssec ? FLAG_DO : 0; /* after extended RCODE and version */
    return size + 4 + 2;                      /* no options */
}

/* --- the reply --- */

gboolean dns_reply_matches(const guint8 *query, size_t query_size, const guint8 *reply, size_t size)
{
    size_t end = HEADER_SIZE;
    while (end < query_size && query[end] != 0)
        end += query[end] + 1u;
    end += 1 + 4; /* the root label, type and class */
    if (end > query_size || size < end || memcmp(query, reply, 2) != 0 || (reply[2] & FLAG_QR) == 0 ||
        (reply[2] & OPCODE) != 0 || reply[4] != 0 || reply[5] != 1)
        return FALSE;
    /* A label's length is below 64, so lower case changes none. */
    for (size_t i = HEADER_SIZE; i < end; i++)
        if (g_ascii_tolower((char)query[i]) != g_ascii_tolower((char)reply[i]))
            return FALSE;
    return TRUE;
}

gboolean dns_reply_truncated(const guint8 *reply, size_t size)
{
    return size > 2 && (reply[2] & FLAG_TC) != 0;
}

/* A name as text: lower case, without the last dot. */
static char *name_text(const ldns_rdf *rdf)
{
    char *text = ldns_rdf2str(rdf);
    if (text == NULL)
        return g_strdup("?");
    size_t length = strlen(text);
    if (length > 1 && text[length - 1] == '.')
        text[length - 1] = '\0';
    char *name = g_ascii_strdown(text, -1);
    LDNS_FREE(text);
    return name;
}

static void take_strings(const ldns_rr *rr, struct dns_record *record)
{
    GString *joined = g_string_new(NULL);
    for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
        const ldns_rdf *string = ldns_rr_rdf(rr, i);
        size_t size = ldns_rdf_size(string);
        if (size > 1)
            g_string_append_len(joined, (const char *)ldns_rdf_data(string) + 1, (gssize)size - 1);
        record->strings++;
    }
    record->size = joined->len;
    record->text = g_string_free(joined, FALSE);
}

/* All fields of a record in hexadecimal, with a blank between them. */
static char *hexadecimal(const ldns_rr *rr)
{
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
        const ldns_rdf *field = ldns_rr_rdf(rr, i);
        if (i > 0)
            g_string_append_c(text, ' ');
        for (size_t j = 0; j < ldns_rdf_size(field); j++)
            g_string_append_printf(text, "%02x", ldns_rdf_data(field)[j]);
    }
    return g_string_free(text, FALSE);
}

/* FALSE where the record lacks what its type needs. */
static gboolean take_record(const ldns_rr *rr, enum dns_type type, struct dns_record *record)
{
    size_t fields = ldns_rr_rd_count(rr), name_field = type == DNS_MX ? 1 : 0;
    record->ttl = ldns_rr_ttl(rr);
    if (type == DNS_TXT) {
        take_strings(rr, record);
        return TRUE;
    }
    if (fields <= name_field)
        return FALSE;
    if (type == DNS_MX)
        record->preference = ldns_rdf2native_int16(ldns_rr_rdf(rr, 0));
    if (type == DNS_TLSA)
        record->text = hexadecimal(rr);
    else
        record->text = name_text(ldns_rr_rdf(rr, name_field));
    record->size = strlen(record->text);
    return TRUE;
}

/* The target of the name's CNAME, or NULL. */
static const ldns_rdf *alias_of(const ldns_rr_list *list, const ldns_rdf *name)
{
    for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
        const ldns_rr *rr = ldns_rr_list_rr(list, i);
        if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_CNAME && ldns_rr_rd_count(rr) == 1 &&
            ldns_dname_compare(ldns_rr_owner(rr), name) == 0)
            return ldns_rr_rdf(rr, 0);
    }
    return NULL;
}

static gboolean covers(const ldns_rr *rr, enum dns_type type)
{
    return ldns_rr_get_type(rr) == LDNS_RR_TYPE_RRSIG && ldns_rr_rd_count(rr) > 0 &&
           ldns_rdf2rr_type(ldns_rr_rdf(rr, 0)) == (ldns_rr_type)type;
}

/* The records of name and type. */
static void take_records(struct dns_answer *answer, const ldns_rr_list *list, const ldns_rdf *name, enum dns_type type)
{
    size_t count = ldns_rr_list_rr_count(list);
    answer->records = g_new0(struct dns_record, MIN(count, DNS_RECORDS_MAX) + 1);
    for (size_t i = 0; i < count && answer->count < DNS_RECORDS_MAX; i++) {
        const ldns_rr *rr = ldns_rr_list_rr(list, i);
        if (ldns_dname_compare(ldns_rr_owner(rr), name) != 0)
            continue;
        if (covers(rr, type))
            answer->has_rrsig = TRUE;
        if (ldns_rr_get_type(rr) != (ldns_rr_type)type || ldns_rr_get_class(rr) != LDNS_RR_CLASS_IN)
            continue;
        answer->count += take_record(rr, type, &answer->records[answer->count]) ? 1u : 0u;
    }
}

static char *zone_of(const ldns_pkt *packet)
{
    const ldns_rr_list *list = ldns_pkt_authority(packet);
    for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++)
        if (ldns_rr_get_type(ldns_rr_list_rr(list, i)) == LDNS_RR_TYPE_SOA)
            return name_text(ldns_rr_owner(ldns_rr_list_rr(list, i)));
    return NULL;
}

static char *rcode_text(unsigned rcode)
{
    static const char *const names[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};
    return rcode < G_N_ELEMENTS(names) ? g_strdup(names[rcode]) : g_strdup_printf("RCODE %u", rcode);
}

static void read_packet(struct dns_answer *answer, const ldns_pkt *packet, enum dns_type type)
{
    const ldns_rr_list *list = ldns_pkt_answer(packet);
    const ldns_rdf *name = ldns_rr_owner(ldns_rr_list_rr(ldns_pkt_question(packet), 0)), *target;
    unsigned rcode = ldns_pkt_get_rcode(packet), hops = 0;
    answer->authoritative = ldns_pkt_aa(packet);
    answer->authentic = ldns_pkt_ad(packet);
    if (rcode != LDNS_RCODE_NOERROR && rcode != LDNS_RCODE_NXDOMAIN) {
        answer->status = DNS_FAILED;
        answer->detail = rcode_text(rcode);
        return;
    }
    while (type != DNS_CNAME && hops < DNS_CHAIN_MAX && (target = alias_of(list, name)) != NULL) {
        name = target;
        hops++;
    }
    if (hops == DNS_CHAIN_MAX) {
        answer->status = DNS_BROKEN;
        answer->detail = g_strdup_printf("more than %d CNAMEs in a row, or a loop of them", DNS_CHAIN_MAX - 1);
        return;
    }
    if (hops > 0)
        answer->canonical = name_text(name);
    take_records(answer, list, name, type);
    answer->zone = zone_of(packet);
    answer->status = answer->count > 0 ? DNS_FOUND : rcode == LDNS_RCODE_NXDOMAIN ? DNS_NO_NAME : DNS_NO_DATA;
    answer->open_alias = answer->status == DNS_NO_DATA && hops > 0 && answer->zone == NULL;
}

struct dns_answer *dns_reply_parse(const guint8 *reply, size_t size, enum dns_type type)
{
    ldns_pkt *packet = NULL;
    struct dns_answer *answer = dns_answer_new(DNS_BROKEN, NULL);
    ldns_status status = ldns_wire2pkt(&packet, reply, size);
    if (status != LDNS_STATUS_OK)
        answer->detail = g_strdup_printf("an answer that can't be read (%s)", ldns_get_errorstr_by_id(status));
    else if (ldns_rr_list_rr_count(ldns_pkt_question(packet)) != 1)
        answer->detail = g_strdup("an answer without question");
    else
        read_packet(answer, packet, type);
    ldns_pkt_free(packet);
    return answer;
}
