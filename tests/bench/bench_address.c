/*
 * bench_address.c - verdicts on addresses a second, on one core: parsing, canonical form and warnings, as list check
 * wants them for each row.
 */
#include <stdio.h>
#include <string.h>

#include "lib/address.h"

#define ROUNDS 9        /* the best counts: other work on the machine only adds */
#define PASSES 20000    /* over all addresses, a round */
#define GOAL 1e6        /* verdicts a second */

/* As in lists of clients: mostly plain, some at providers, some international, some wrong. */
static const char *const addresses[] = {
    "erika.muster@kunde.example",       "Max.Mustermann@Firma.Example",     "info@stadtwerke.example",
    "a.very.long.name@mail.example.org", "k.ä@müller.example",              "anna+umfrage@gmail.com",
    "p.lustig@web.de",                  "vertrieb-sued@gmbh-und-co.example", "peter@gmial.com",
    "karl.kaefer@kunde,example",        "ohne-at.example",                  "j.o'neill@kunde.example",
};

static unsigned judge_all(void)
{
    unsigned good = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(addresses); i++) {
        struct address address;
        char canonical[ADDRESS_CANONICAL_SIZE];
        const char *suggestion;
        size_t where;
        if (address_parse(addresses[i], strlen(addresses[i]), &address, &where) != ADDRESS_GOOD)
            continue;
        address_canonical(&address, ADDRESS_IDENTITY_MAILBOX, canonical);
        good += address_warnings(&address, &suggestion) == 0 ? 1u : 2u;
    }
    return good;
}

int main(void)
{
    gint64 best = G_MAXINT64;
    unsigned good = 0;
    for (int round = 0; round < ROUNDS; round++) {
        gint64 start = g_get_monotonic_time();
        for (int i = 0; i < PASSES; i++)
            good += judge_all();
        best = MIN(best, g_get_monotonic_time() - start);
    }
    double rate = (double)PASSES * G_N_ELEMENTS(addresses) * 1e6 / (double)best;
    printf("addresses: %.0f verdicts a second on one core (goal: >= %.0f: %s; check sum %u)\n", rate, GOAL,
           rate >= GOAL ? "met" : "MISSED", good);
    return 0;
}
