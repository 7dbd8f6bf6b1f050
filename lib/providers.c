/* providers.c - tables about large mail providers; see providers.h. Each table is sorted for bsearch(). */
#include "lib/providers.h"

#include <stdlib.h>
#include <string.h>

#define ROLE_MAX 16 /* octets; no role is longer */

/* From the providers' own help pages: which names are one mailbox, and whether dots and +tags count. */
static const struct provider providers[] = {
    {"fastmail.com", "fastmail.com", FALSE, TRUE},
    {"fastmail.fm", "fastmail.fm", FALSE, TRUE},
    {"gmail.com", "gmail.com", TRUE, TRUE},
    {"googlemail.com", "gmail.com", TRUE, TRUE},
    {"hotmail.com", "hotmail.com", FALSE, TRUE},
    {"hotmail.de", "hotmail.de", FALSE, TRUE},
    {"icloud.com", "icloud.com", FALSE, TRUE},
    {"live.com", "live.com", FALSE, TRUE},
    {"live.de", "live.de", FALSE, TRUE},
    {"mac.com", "icloud.com", FALSE, TRUE},
    {"mailbox.org", "mailbox.org", FALSE, TRUE},
    {"me.com", "icloud.com", FALSE, TRUE},
    {"outlook.com", "outlook.com", FALSE, TRUE},
    {"outlook.de", "outlook.de", FALSE, TRUE},
    {"pm.me", "proton.me", TRUE, TRUE},
    {"posteo.de", "posteo.de", FALSE, TRUE},
    {"proton.me", "proton.me", TRUE, TRUE},
    {"protonmail.com", "proton.me", TRUE, TRUE},
};

struct pair {
    const char *name;
    const char *value;
};

/* Who runs which domain's mail servers. */
static const struct pair operators[] = {
    {"1und1.de", "1und1"},
    {"aol.com", "yahoo"},
    {"aol.de", "yahoo"},
    {"arcor.de", "vodafone"},
    {"email.de", "1und1"},
    {"freenet.de", "freenet"},
    {"gmail.com", "google"},
    {"gmx.at", "1und1"},
    {"gmx.ch", "1und1"},
    {"gmx.com", "1und1"},
    {"gmx.de", "1und1"},
    {"gmx.net", "1und1"},
    {"googlemail.com", "google"},
    {"hotmail.com", "microsoft"},
    {"hotmail.de", "microsoft"},
    {"icloud.com", "apple"},
    {"live.com", "microsoft"},
    {"live.de", "microsoft"},
    {"mac.com", "apple"},
    {"magenta.de", "telekom"},
    {"mail.com", "1und1"},
    {"me.com", "apple"},
    {"msn.com", "microsoft"},
    {"online.de", "1und1"},
    {"outlook.com", "microsoft"},
    {"outlook.de", "microsoft"},
    {"pm.me", "proton"},
    {"posteo.de", "posteo"},
    {"proton.me", "proton"},
    {"protonmail.com", "proton"},
    {"rocketmail.com", "yahoo"},
    {"t-online.de", "telekom"},
    {"vodafone.de", "vodafone"},
    {"vodafonemail.de", "vodafone"},
    {"web.de", "1und1"},
    {"yahoo.com", "yahoo"},
    {"yahoo.de", "yahoo"},
    {"ymail.com", "yahoo"},
};

/* What people know them by. */
static const struct pair titles[] = {
    {"1und1", "GMX, WEB.DE (1&1)"},
    {"apple", "Apple (iCloud)"},
    {"freenet", "freenet"},
    {"google", "Google (Gmail)"},
    {"microsoft", "Microsoft (Outlook)"},
    {"posteo", "Posteo"},
    {"proton", "Proton"},
    {"telekom", "Telekom (T-Online)"},
    {"vodafone", "Vodafone"},
    {"yahoo", "Yahoo, AOL"},
};

static const struct pair typos[] = {
#define TYPO(written, meant) {written, meant},
#include "lib/typo_domains.def"
#undef TYPO
};

static const char *const roles[] = {
    "abuse", "admin", "anfrage", "bestellung", "billing", "buchhaltung", "contact", "datenschutz", "do-not-reply",
    "donotreply", "einkauf", "empfang", "hello", "hostmaster", "hr", "info", "it", "kontakt", "kundenservice", "mail",
    "mailer-daemon", "marketing", "newsletter", "no-reply", "noc", "noreply", "office", "personal", "post",
    "postmaster", "presse", "rechnung", "sales", "security", "sekretariat", "service", "support", "team", "verkauf",
    "vertrieb", "verwaltung", "webmaster", "zentrale",
};

static int compare_provider(const void *key, const void *member)
{
    return strcmp(key, ((const struct provider *)member)->domain);
}

static int compare_pair(const void *key, const void *member)
{
    return strcmp(key, ((const struct pair *)member)->name);
}

static int compare_name(const void *key, const void *member)
{
    return strcmp(key, *(const char *const *)member);
}

const struct provider *provider_find(const char *domain)
{
    return bsearch(domain, providers, G_N_ELEMENTS(providers), sizeof providers[0], compare_provider);
}

const char *provider_typo(const char *domain)
{
    const struct pair *pair = bsearch(domain, typos, G_N_ELEMENTS(typos), sizeof typos[0], compare_pair);
    return pair != NULL ? pair->value : NULL;
}

const char *provider_operator(const char *domain)
{
    const struct pair *pair = bsearch(domain, operators, G_N_ELEMENTS(operators), sizeof operators[0], compare_pair);
    return pair != NULL ? pair->value : domain;
}

const char *provider_title(const char *operator)
{
    const struct pair *pair = bsearch(operator, titles, G_N_ELEMENTS(titles), sizeof titles[0], compare_pair);
    return pair != NULL ? pair->value : operator;
}

gboolean provider_role(const char *local, size_t length)
{
    char lower[ROLE_MAX + 1];
    if (length > ROLE_MAX)
        return FALSE;
    for (size_t i = 0; i < length; i++)
        lower[i] = g_ascii_tolower(local[i]);
    lower[length] = '\0';
    return bsearch(lower, roles, G_N_ELEMENTS(roles), sizeof roles[0], compare_name) != NULL;
}
