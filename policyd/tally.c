/* tally.c - a campaign counted by provider and by reason; see tally.h. */
#include "policyd/tally.h"

#include "lib/providers.h"
#include "lib/status_code.h"

#include <string.h>

#define DOMAIN_MAX 253 /* octets, RFC 1035 */

/* What our own Postfix answers the feeder where one of us is away; policyd and the milter have codes of their own. */
#define NO_MILTER "Service unavailable - try again later"
#define NO_POLICYD "Server configuration problem"
#define NO_KEY "4.7.5"

G_STATIC_ASSERT(TALLY_CODE >= STATUS_CODE_SIZE);

struct tally {
    GHashTable *domains; /* name, owned by the row -> struct row */
    struct tally_provider beyond; /* domains that found no room */
    GArray *reasons;              /* struct tally_reason */
    GArray *told;                 /* struct tally_provider: the last answer */
};

struct row {
    struct tally_provider provider;
    gboolean large; /* a provider of many people: its name tells nothing */
    char name[];
};

struct tally *tally_new(void)
{
    struct tally *tally = g_new0(struct tally, 1);
    tally->domains = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    tally->reasons = g_array_new(FALSE, TRUE, sizeof(struct tally_reason));
    tally->told = g_array_new(FALSE, TRUE, sizeof(struct tally_provider));
    return tally;
}

void tally_free(struct tally *tally)
{
    if (tally == NULL)
        return;
    g_hash_table_unref(tally->domains);
    g_array_unref(tally->reasons);
    g_array_unref(tally->told);
    g_free(tally);
}

/* --- reasons ------------------------------------------------------------------------------------ */

/* "550" as the first word: for the few who send no enhanced code. */
static void take_basic(const char *reply, char code_r[TALLY_CODE])
{
    size_t length = strspn(reply, "0123456789");
    gboolean word = strchr(" -", reply[length]) != NULL; /* or the end: strchr() finds the NUL */
    if (length == 3 && (*reply == '4' || *reply == '5') && word)
        g_strlcpy(code_r, reply, 3 + 1);
}

void tally_code(enum mail_state state, const char *reply, char code_r[TALLY_CODE])
{
    code_r[0] = '\0';
    if (!status_code_find(reply, code_r))
        take_basic(reply, code_r);
    if (state == STATE_GREYLISTED)
        g_strlcpy(code_r, "greylisted", TALLY_CODE);
    if (state != STATE_NEW)
        return;
    if (strstr(reply, NO_MILTER) != NULL)
        g_strlcpy(code_r, "milter", TALLY_CODE);
    else if (strstr(reply, NO_POLICYD) != NULL)
        g_strlcpy(code_r, "policyd", TALLY_CODE);
    else if (strcmp(code_r, NO_KEY) == 0)
        g_strlcpy(code_r, "key", TALLY_CODE);
}

static struct tally_reason *find_reason(const struct tally *tally, enum mail_state state, const char *code)
{
    for (guint i = 0; i < tally->reasons->len; i++) {
        struct tally_reason *reason = &g_array_index(tally->reasons, struct tally_reason, i);
        if (reason->state == state && strcmp(reason->code, code) == 0)
            return reason;
    }
    return NULL;
}

/* Of these states a reply is the reason. */
static gboolean has_reason(enum mail_state state, const char *reply)
{
    return state == STATE_GREYLISTED || state == STATE_DEFERRED || state == STATE_BOUNCED || state == STATE_EXPIRED ||
           state == STATE_REFUSED || (state == STATE_NEW && *reply != '\0');
}

/* Greylisting is a reason why a mail is deferred. */
static void add_reason(struct tally *tally, enum mail_state state, const char *reply)
{
    struct tally_reason made = {.state = state == STATE_GREYLISTED ? STATE_DEFERRED : state};
    tally_code(state, reply, made.code);
    struct tally_reason *reason = find_reason(tally, made.state, made.code);
    if (reason == NULL && tally->reasons->len >= TALLY_REASONS) {
        made.code[0] = '\0';
        reason = find_reason(tally, made.state, "");
    }
    if (reason == NULL) { /* one without a code for each state finds room at any time */
        g_array_append_val(tally->reasons, made);
        reason = &g_array_index(tally->reasons, struct tally_reason, tally->reasons->len - 1);
    }
    reason->count++;
}

static gint compare_reasons(gconstpointer a, gconstpointer b)
{
    const struct tally_reason *one = a, *other = b;
    if (one->state != other->state)
        return one->state < other->state ? -1 : 1;
    if (one->count != other->count)
        return one->count > other->count ? -1 : 1;
    return strcmp(one->code, other->code);
}

const struct tally_reason *tally_reasons(struct tally *tally, size_t *count_r)
{
    g_array_sort(tally->reasons, compare_reasons);
    *count_r = tally->reasons->len;
    return (const struct tally_reason *)(void *)tally->reasons->data;
}

/* --- providers ---------------------------------------------------------------------------------- */

static void add_counts(struct tally_provider *sum, const struct tally_provider *more)
{
    sum->domains += more->domains;
    sum->total += more->total;
    for (int state = 0; state < MAIL_STATES; state++)
        sum->counts[state] += more->counts[state];
}

static struct tally_provider *find_provider(struct tally *tally, const char *address)
{
    char domain[DOMAIN_MAX + 1];
    const char *at = address != NULL ? strrchr(address, '@') : NULL;
    if (at == NULL)
        return &tally->beyond;
    size_t length = MIN(strlen(at + 1), DOMAIN_MAX);
    for (size_t i = 0; i < length; i++)
        domain[i] = g_ascii_tolower(at[1 + i]);
    domain[length] = '\0';
    const char *name = provider_operator(domain);
    struct row *row = g_hash_table_lookup(tally->domains, name);
    if (row == NULL && g_hash_table_size(tally->domains) >= TALLY_DOMAINS)
        return &tally->beyond;
    if (row == NULL) {
        size_t size = strlen(name) + 1;
        row = g_malloc0(sizeof *row + size);
        memcpy(row->name, name, size);
        row->large = name != domain;
        row->provider = (struct tally_provider){.name = row->name, .domains = 1};
        g_hash_table_insert(tally->domains, row->name, row);
    }
    return &row->provider;
}

void tally_add(struct tally *tally, const char *address, enum mail_state state, const char *reply)
{
    struct tally_provider *provider = find_provider(tally, address);
    provider->total++;
    provider->counts[state]++;
    if (has_reason(state, reply))
        add_reason(tally, state, reply);
}

static gint compare_providers(gconstpointer a, gconstpointer b)
{
    const struct tally_provider *one = a, *other = b;
    if (one->total != other->total)
        return one->total > other->total ? -1 : 1;
    return strcmp(one->name, other->name);
}

const struct tally_provider *tally_providers(struct tally *tally, size_t *count_r)
{
    struct tally_provider others = tally->beyond;
    GHashTableIter iterator;
    struct row *row;
    others.name = "";
    g_array_set_size(tally->told, 0);
    g_hash_table_iter_init(&iterator, tally->domains);
    while (g_hash_table_iter_next(&iterator, NULL, (gpointer *)&row))
        if (row->large || row->provider.total >= TALLY_NAMED)
            g_array_append_val(tally->told, row->provider);
        else
            add_counts(&others, &row->provider);
    g_array_sort(tally->told, compare_providers);
    for (guint i = TALLY_PROVIDERS; i < tally->told->len; i++)
        add_counts(&others, &g_array_index(tally->told, struct tally_provider, i));
    if (tally->told->len > TALLY_PROVIDERS)
        g_array_set_size(tally->told, TALLY_PROVIDERS);
    if (others.total > 0)
        g_array_append_val(tally->told, others);
    *count_r = tally->told->len;
    return (const struct tally_provider *)(void *)tally->told->data;
}
