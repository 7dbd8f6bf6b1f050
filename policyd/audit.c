/* audit.c - the chain of the audit trail; see audit.h. */
#include "policyd/audit.h"

#include <string.h>

static const struct chain_mac no_link;

/* Over the row without its last octets, which hold the link. */
static void link_of(struct bytes row, struct secret *secret, struct chain_mac *mac_r)
{
    chain_link(secret, SECRET_AUDIT, row, mac_r);
}

/* A row begins with its version, so no row's link is ever a seal. */
static void seal_of(const struct audit_head *head, struct secret *secret, struct chain_mac *seal_r)
{
    g_autoptr(GString) text = g_string_new("head ");
    g_string_append_printf(text, "%" G_GUINT64_FORMAT " ", head->number);
    chain_append(text, &head->mac);
    chain_link(secret, SECRET_AUDIT, (struct bytes){text->str, text->len}, seal_r);
}

void audit_seal(struct audit_record *record, struct audit_head *head, struct secret *secret, GString *out)
{
    gsize begin = out->len;
    record->number = head->number + 1;
    record->before = head->mac;
    audit_write(out, record);
    link_of((struct bytes){out->str + begin, out->len - begin}, secret, &record->mac);
    g_string_append_len(out, (const char *)record->mac.octets, CHAIN_OCTETS);
    head->number = record->number;
    head->mac = record->mac;
    seal_of(head, secret, &head->seal);
}

gboolean audit_head_good(const struct audit_head *head, struct secret *secret)
{
    struct chain_mac seal;
    if (head->number == 0)
        return chain_equal(&head->mac, &no_link) && chain_equal(&head->seal, &no_link);
    seal_of(head, secret, &seal);
    return chain_equal(&seal, &head->seal);
}

static void unreadable(struct audit_record *record)
{
    *record = (struct audit_record){
        .user = "", .by = "", .action = "", .client = "", .campaign = "", .subject = "", .detail = ""};
}

enum audit_fault audit_check(struct bytes value, guint64 number, const struct chain_mac *before, struct secret *secret,
                             struct audit_record *record_r)
{
    struct chain_mac mac;
    if (!audit_read(value, record_r)) {
        unreadable(record_r);
        return AUDIT_UNREADABLE;
    }
    link_of((struct bytes){value.data, value.size - CHAIN_OCTETS}, secret, &mac);
    if (!chain_equal(&mac, &record_r->mac))
        return AUDIT_CHANGED;
    if (record_r->number != number)
        return AUDIT_MOVED;
    return before == NULL || chain_equal(&record_r->before, before) ? AUDIT_GOOD : AUDIT_UNLINKED;
}

char *audit_fault_text(enum audit_fault fault, const struct audit_record *record, guint64 number)
{
    switch (fault) {
    case AUDIT_UNREADABLE:
        return g_strdup("it can't be read: somebody has changed it, or the disk has");
    case AUDIT_CHANGED:
        return g_strdup("it was changed: what it says is not what was written");
    case AUDIT_MOVED:
        return g_strdup_printf("it was put here: it was written as entry %" G_GUINT64_FORMAT, record->number);
    case AUDIT_UNLINKED:
        return g_strdup_printf("it was not written behind the entry %" G_GUINT64_FORMAT
                               " that stands before it: that is of another trail",
                               number - 1);
    default:
        return NULL;
    }
}

/* A mere @, with or without punctuation, as in "the @ is missing", names nobody. */
static gboolean may_be_address(const char *word)
{
    if (strchr(word, '@') == NULL)
        return FALSE;
    for (; *word != '\0'; word++)
        if (!g_ascii_ispunct(*word))
            return TRUE;
    return FALSE;
}

char *audit_mask(const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    for (char **word = words; *word != NULL; word++)
        if (may_be_address(*word)) {
            g_free(*word);
            *word = g_strdup("(address)");
        }
    return g_strjoinv(" ", words);
}

void audit_cut(char *text, size_t most)
{
    size_t end = strlen(text);
    if (end <= most)
        return;
    for (end = most; end > 0 && ((guint8)text[end] & 0xc0) == 0x80; end--)
        ;
    text[end] = '\0';
}
