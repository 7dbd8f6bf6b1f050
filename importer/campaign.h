/*
 * campaign.h - a campaign's directory, read and checked: campaign.conf, templates, pictures, and the hash that an
 * approval binds.
 *
 * Everything that can be known before the first mail is known here; what is wrong is a list of findings rather than the
 * first error, so that a person can mend all of it at once.
 *
 * A loaded campaign never changes; any number of threads may render from it (render.h). Load it in a single-threaded
 * program.
 */
#ifndef POSTWELLE_IMPORTER_CAMPAIGN_H
#define POSTWELLE_IMPORTER_CAMPAIGN_H

#include "importer/compose.h"
#include "importer/edition.h"
#include "importer/gate.h"
#include "importer/question.h"
#include "importer/rate.h"
#include "importer/template.h"
#include "importer/waves.h"
#include "lib/client.h"
#include "lib/config.h"

#define CAMPAIGN_FILE "campaign.conf"
#define CAMPAIGN_NAME_MAX CLIENT_NAME_MAX
#define CAMPAIGN_HASH_SIZE 65 /* 64 hex digits and NUL */
#define CAMPAIGN_PARTS_MAX 4000 /* octets of the content's parts on their way to policyd */

struct pictures;

struct campaign {
    char *directory; /* absolute */
    char *file;      /* its campaign.conf */
    struct config *config;
    struct client_set *clients;
    const struct client *client;
    const char *name, *title;

    char *from_name, *from_address;   /* as ASCII; name NULL for none */
    char *reply_name, *reply_address; /* address NULL for none */
    char *list_id;                    /* without angle brackets */
    struct wave_plan plan;
    struct gates gates;
    struct rates rates;
    json_t *defaults; /* name → text; what a row leaves empty */

    struct template *survey_url;
    struct question question;
    /* The invitation's, its main one first; then the reminder's, where there is one. */
    struct edition editions[EDITIONS_MAX];
    size_t n_editions;
    gboolean reminder;   /* there are templates for one */
    guint reminders;     /* a participant gets at most */
    gint64 reminder_gap; /* seconds from one mail to the next */
    gboolean remind;     /* `run` sends them when they are due */
    struct pictures *picture_files;
    struct compose_pictures *pictures; /* NULL: none */
    char hash[CAMPAIGN_HASH_SIZE];     /* of the content; "" where there are findings */

    GPtrArray *findings; /* of char *: file, place, what is wrong, what to do */
};

/*
 * Reads the directory. The client is looked up in clients, of which a reference is kept. NULL and *error where there is
 * no campaign.conf to go by (its path, or its options: ERROR_CONFIG, ERROR_NO_INPUT) or no such client; all else is in
 * findings. Free with campaign_close().
 */
struct campaign *campaign_open(const char *directory, struct client_set *clients, GError **error);
void campaign_close(struct campaign *campaign); /* NULL is fine */
typedef struct campaign campaign_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(campaign_auto, campaign_close)

/* TRUE where there are no findings; else FALSE with *error (ERROR_WANTING), whose text holds them all, a line each. */
gboolean campaign_is_ready(const struct campaign *campaign, GError **error);

/*
 * Which names the templates use that neither a column (NULL-terminated names) nor [defaults] nor the program fills. The
 * array holds borrowed texts, each once; free it with g_ptr_array_unref().
 */
GPtrArray *campaign_unknown_names(const struct campaign *campaign, const char *const *columns);

/* TRUE for a name whose value the program makes (greeting, survey_url, unsubscribe_url ...). */
gboolean campaign_own_name(const char *name);

/*
 * Reads "Name <address>", "\"Name\" <address>" or "address". Address is checked by lib/address.h and must be ASCII once
 * its domain is. FALSE and *error (ERROR_CONFIG) says what is wrong; *name_r is NULL where there is none. The caller
 * frees both.
 */
gboolean campaign_mailbox(const char *text, char **name_r, char **address_r, GError **error);

/*
 * The content hash: SHA-256 over these items, each as its name, a blank, the number of its octets, LF, the octets and
 * LF:
 *
 *   "postwelle-content 1" LF, then
 *   client, campaign, from, reply-to, subject, survey-url, list-id, complaints, feedback-address   as in campaign.conf
 *   parameter                                                                                      of [question]
 *   signing-domain, unsubscribe-uri, unsubscribe-mailto                                            of the client
 *   default NAME        each of [defaults], by name
 *   html FILE, text FILE        each template and partial that is used, by file name, pictures as cid: URLs
 *   subject FILE, html FILE, text FILE        the same of each further edition
 *   reminder-subject            as in campaign.conf, and then as above, where there is a reminder:
 *   reminder-html FILE, reminder-text FILE, reminder-subject FILE
 *   picture CONTENT-ID          each picture, by its content id
 */
void campaign_hash(const struct campaign *campaign, char hash_r[CAMPAIGN_HASH_SIZE]);

/*
 * The same items one by one, so that a person can be told which of them changed: a line each, twelve digits of its
 * SHA-256, a blank, what a person calls it, LF. "" where there are too many to be kept. The caller frees.
 */
char *campaign_parts(const struct campaign *campaign);

/*
 * What differs between two such texts, as "changed: nps.de.html, logo.png; new: imprint.en.html; gone: nps.en.html"; ""
 * where nothing does, or one of them is "" (not known). The caller frees.
 */
char *campaign_parts_changes(const char *before, const char *now);

#endif
