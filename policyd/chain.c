/* chain.c - links of a keyed chain; see chain.h. */
#include "policyd/chain.h"

#include <string.h>

G_STATIC_ASSERT(CHAIN_OCTETS <= SECRET_MAC_SIZE);

void chain_link(struct secret *secret, enum secret_purpose purpose, struct bytes data, struct chain_mac *mac_r)
{
    guint8 mac[SECRET_MAC_SIZE];
    secret_mac(secret, purpose, data, mac);
    memcpy(mac_r->octets, mac, sizeof mac_r->octets);
}

void chain_append(GString *out, const struct chain_mac *mac)
{
    for (size_t i = 0; i < sizeof mac->octets; i++)
        g_string_append_printf(out, "%02x", mac->octets[i]);
}

gboolean chain_equal(const struct chain_mac *a, const struct chain_mac *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}
