/*
 * postfix_settings.h - what Postwelle needs of Postfix's configuration: the one table of settings and services, and
 * what a given configuration lacks of it. Pure: `postwelle setup postfix` puts right what this finds, `postwelle check`
 * tells it.
 *
 * The values rest on names of our own in main.cf (postwelle_milter, postwelle_policy, …), so that a site's lists hold
 * one word of ours each. Lists keep all that the site has in them.
 */
#ifndef POSTWELLE_IMPORTER_POSTFIX_SETTINGS_H
#define POSTWELLE_IMPORTER_POSTFIX_SETTINGS_H

#include "importer/postfix_facts.h"

/* How a parameter's value is judged. */
enum postfix_rule {
    POSTFIX_EQUAL,         /* it is to be this one */
    POSTFIX_SUGGESTED,     /* the same, but only where the site has set none: what it has set is as good */
    POSTFIX_FIRST,         /* a list that begins with this item */
    POSTFIX_LAST,          /* a list that ends with it */
    POSTFIX_MEMBER,        /* a list that has it somewhere */
    POSTFIX_MEMBER_IF_SET, /* the same, unless the list is empty: that means no restriction */
};

/*
 * One setting. In value, @tables@, @listener@, @milter@, @policy@, @domains@, @maillog@, @user@ and @command@ stand for
 * the site's (struct postfix_site).
 */
struct postfix_setting {
    const char *name;
    enum postfix_rule rule;
    const char *value;
    const char *why; /* one line, for people */
};

/* One service of master.cf: an entry with options of its own. */
struct postfix_service_setting {
    const char *name; /* or "@listener@" */
    const char *type;
    const char *fields;    /* of a new entry: private, unprivileged, chroot, wakeup, limit; an old one keeps its own */
    const char *command;   /* "smtpd", "smtp", "pipe" */
    const char *arguments; /* of a pipe: all behind the command; NULL: there are options */
    const struct postfix_setting
        *options; /* -o settings, ended by a row without a name; other options of the site's stay */
    const char *why;
};

/* Both end with a row without a name. */
extern const struct postfix_setting postfix_settings[];
extern const struct postfix_service_setting postfix_services[];

/* The syslog_name by which the entry of our listener is known, wherever it listens. */
#define POSTFIX_LISTENER_NAME "postfix/postwelle-submission"

/* What differs from site to site. All texts must be given, but for those that say otherwise. */
struct postfix_site {
    const char *tables;   /* folder of the tables in packaging/postfix */
    const char *listener; /* where our own mail comes in: "127.0.0.1:10587" */
    const char *milter;   /* as Postfix names it: "unix:postwelle-milter/milter.sock", "inet:127.0.0.1:8890" */
    const char *policy;   /* the policy service's unix socket, relative to the queue directory */
    const char *domains;  /* the clients' return-path domains, ", " between them; "" where there are no clients */
    const char *maillog;  /* the log that Postfix is to write itself; "" where a syslog daemon writes it */
    const char *user;     /* USER or USER:GROUP of the pipes; NULL: as the entries have it, by default POSTFIX_USER */
    const char *command;  /* the command of the pipes; NULL: as the entries have it, by default default_command */
    const char *default_command; /* "/usr/libexec/postwelle/postwelle-feedback" */
};

#define POSTFIX_USER "postwelle"

/* One setting that is not as it should be. */
struct postfix_detail {
    char *setting;   /* "smtpd_milters", "-o smtpd_milters", or "the entry" */
    char *now;       /* NULL: it is not there */
    char *then;      /* NULL: it is to go */
    const char *why; /* from the table */
};

/* What of a parameter or an entry has to change, as a whole. */
struct postfix_change {
    gboolean service;   /* an entry of master.cf; else a parameter of main.cf */
    char *name;         /* "smtpd_milters", or "postwelle/unix" */
    char *before;       /* the value, or the entry's line (postfix_service_line()); NULL: it is not there */
    char *after;        /* the same; NULL: it is to go */
    GPtrArray *details; /* struct postfix_detail: one of a parameter, one or more of an entry */
    char *conflict;     /* NULL; else why only a person can put it right, and how: before and after are equal then */
};

/*
 * What the configuration lacks, in the order in which it is to be changed: first parameters, then entries. Empty where
 * all is as it should be. Free with g_ptr_array_unref().
 */
GPtrArray *postfix_changes(const struct postfix_facts *facts, const struct postfix_site *site);
void postfix_change_free(struct postfix_change *change); /* NULL is fine */

/* A change with one detail. Copies name, before and after (each may be NULL but name); why must stay. */
struct postfix_change *postfix_change_new(gboolean service, const char *name, const char *before, const char *after,
                                          const char *why);
/* Gives such a change another end, or a conflict (which it takes). */
void postfix_change_redirect(struct postfix_change *change, const char *after, const char *why);
void postfix_change_refuse(struct postfix_change *change, char *conflict);

/* TRUE where one of the changes has a conflict. */
gboolean postfix_changes_have_conflict(const GPtrArray *changes);

/* A list without the items that are this one, as "$postwelle_milter", however they are written. Free with g_free(). */
char *postfix_list_without(const char *list, const char *item);

/* The setting of main.cf with that name; NULL where it is none of ours. */
const struct postfix_setting *postfix_setting_find(const char *name);

/*
 * The option of one of our entries ("postwelle/unix"; any other inet entry is the listener); NULL where it is none of
 * ours.
 */
const struct postfix_setting *postfix_option_find(const char *entry, const char *option);

#endif
