/* reply_hint.c - replies and remedies; see reply_hint.h. */
#include "importer/reply_hint.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define NO_KEY "4.7.5"                                    /* of postwelle-milter */
#define NO_MILTER "Service unavailable - try again later" /* of Postfix where a milter is away */
#define NO_POLICYD "Server configuration problem"         /* of Postfix where a policy service is away */

/* "/etc/postwelle/keys/a.pem", with what is wrong with it as far as this user can see. */
static void append_key(GString *hint, const struct client_key *key)
{
    struct stat info;
    if (*key->selector == '\0')
        return;
    g_string_append_printf(hint, " %s", key->file);
    if (stat(key->file, &info) != 0 && errno != EACCES)
        g_string_append_printf(hint, " (%s)", g_strerror(errno));
}

static char *key_hint(const struct client *client)
{
    GString *hint = g_string_new(NULL);
    g_string_append_printf(
        hint, "postwelle-milter has no usable key for client %s. The keys that %s names:", client->name, client->file);
    append_key(hint, &client->rsa);
    append_key(hint, &client->ed25519);
    g_string_append(hint, ". postwelle-milter's log says what is wrong with them; mend it, systemctl reload "
                          "postwelle-milter");
    return g_string_free(hint, FALSE);
}

char *reply_hint(const struct client *client, const struct smtp_reply *reply)
{
    if (strcmp(reply->enhanced, NO_KEY) == 0)
        return key_hint(client);
    if (strstr(reply->text, NO_MILTER) != NULL)
        return g_strdup("Postfix can't reach postwelle-milter: start it (systemctl start postwelle-milter)");
    if (strstr(reply->text, NO_POLICYD) != NULL)
        return g_strdup(
            "Postfix can't reach postwelle-policyd, or one of its own settings is wrong: its log says which");
    return g_strdup("The logs of Postfix, postwelle-milter and postwelle-policyd say why");
}
