/* delivery.c - what a receiver's last word means; see delivery.h. */
#include "lib/delivery.h"

#include <string.h>

#define ID_MICROSECONDS 4 /* digits of a long queue ID, behind those of the seconds */
#define ID_SECONDS_MIN 6
#define ID_SECONDS_MAX 8

/* In lower case; what greylisters of Postfix, Exim, Sendmail, appliances and mail providers say. */
static const char *const greylisters[] = {
    "greylist", "graylist",  "grey list",          "gray list",           "grey-list",         "gray-list",
    "greywait", "graulist",  "come back in 00:",   "come back later",     "please retry later, unknown",
    "first time sender",     "first-time sender",
};

gboolean delivery_is_greylisted(const char *reply)
{
    static const char said[] = " said: ";
    /* Only what the host has said, and only a "later". */
    const char *words = strstr(reply, said);
    if (words == NULL || words[strlen(said)] != '4')
        return FALSE;
    g_autofree char *lower = g_ascii_strdown(words, -1);
    for (size_t i = 0; i < G_N_ELEMENTS(greylisters); i++)
        if (strstr(lower, greylisters[i]) != NULL)
            return TRUE;
    return FALSE;
}

gint64 delivery_arrival(const char *queue_id)
{
    /* Digits and consonants: no ID spells a word. */
    static const char digits[] = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
    const char *inode = strrchr(queue_id, 'z');
    if (inode == NULL || inode - queue_id < ID_SECONDS_MIN + ID_MICROSECONDS ||
        inode - queue_id > ID_SECONDS_MAX + ID_MICROSECONDS)
        return 0;
    gint64 seconds = 0;
    for (const char *at = queue_id; at < inode - ID_MICROSECONDS; at++) {
        const char *digit = strchr(digits, *at);
        if (digit == NULL)
            return 0;
        seconds = seconds * (gint64)strlen(digits) + (digit - digits);
    }
    return seconds;
}

gint64 delivery_next_try(const char *queue_id, gint64 tried, const struct delivery_pace *pace)
{
    gint64 arrival = delivery_arrival(queue_id);
    if (arrival == 0 || tried == 0 || pace->minimal <= 0 || pace->maximal < pace->minimal)
        return 0;
    return tried + CLAMP(tried - arrival, pace->minimal, pace->maximal);
}
