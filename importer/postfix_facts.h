/*
 * postfix_facts.h - a Postfix configuration as postconf(1) tells it: its parameters and its services. Pure.
 *
 * Read-only once made; then any thread may read it.
 */
#ifndef POSTWELLE_IMPORTER_POSTFIX_FACTS_H
#define POSTWELLE_IMPORTER_POSTFIX_FACTS_H

#include <glib.h>

/* The columns of master.cf between the type and the command. */
enum postfix_field {
    POSTFIX_PRIVATE,
    POSTFIX_UNPRIVILEGED,
    POSTFIX_CHROOT,
    POSTFIX_WAKEUP,
    POSTFIX_LIMIT,
    POSTFIX_FIELDS,
};

/* An entry of master.cf. */
struct postfix_service {
    char *name;                   /* "smtp", "127.0.0.1:10587" */
    char *type;                   /* "inet", "unix", … */
    char *fields[POSTFIX_FIELDS]; /* "-", "n", "y", numbers */
    char **words; /* the command and its arguments, at least one; a {group} with blanks in it is one word */
};

struct postfix_facts {
    GHashTable *set;      /* name -> value: what main.cf sets, unexpanded (postconf -n) */
    GHashTable *defaults; /* the same: Postfix's own defaults (postconf -d) */
    GHashTable *expanded; /* what is in force, with all $names expanded (postconf -x) */
    GPtrArray *services;  /* struct postfix_service, in the order of master.cf (postconf -M) */
};

/*
 * Reads the output of `postconf -n`, `-d`, `-x` and `-M`. NULL with *error (ERROR_PROTOCOL) where a line is none of
 * postconf's.
 */
struct postfix_facts *postfix_facts_new(const char *set, const char *defaults, const char *expanded,
                                        const char *services, GError **error);
void postfix_facts_free(struct postfix_facts *facts); /* NULL is fine */
typedef struct postfix_facts postfix_facts_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(postfix_facts_auto, postfix_facts_free)

/* A parameter's value in force, unexpanded or with all names expanded; "" where nobody knows it. Borrowed. */
const char *postfix_facts_value(const struct postfix_facts *facts, const char *name);
const char *postfix_facts_expanded(const struct postfix_facts *facts, const char *name);

/* What main.cf itself sets it to, unexpanded; NULL where it does not. Borrowed. */
const char *postfix_facts_set(const struct postfix_facts *facts, const char *name);

/* The entry NAME/TYPE; NULL where there is none. */
const struct postfix_service *postfix_facts_service(const struct postfix_facts *facts, const char *name,
                                                    const char *type);

/* One line of `postconf -M`; NULL with *error (ERROR_PROTOCOL) where it is none. */
struct postfix_service *postfix_service_parse(const char *line, GError **error);
void postfix_service_free(struct postfix_service *service); /* NULL is fine */
typedef struct postfix_service postfix_service_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(postfix_service_auto, postfix_service_free)

/* The entry as one line with single blanks; equal entries give equal lines. Free with g_free(). */
char *postfix_service_line(const struct postfix_service *service);

/* The value of its `-o name=…` (the last one counts); NULL where it has none. Free with g_free(). */
char *postfix_service_option(const struct postfix_service *service, const char *name);

/*
 * Reads the option that begins at words[*index], if one does: "-o name=value", "-oname=value" or "-o {name = value}".
 * TRUE with its name and value (free both with g_free()) and *index behind it.
 */
gboolean postfix_service_read_option(char **words, guint *index, char **name_r, char **value_r);

/* The items of a list: between commas and blanks, but a {group} is one. Free with g_strfreev(). */
char **postfix_list(const char *value);

/* NAME of an item "$NAME", "${NAME}" or "$(NAME)"; NULL of any other. Free with g_free(). */
char *postfix_list_reference(const char *item);

#endif
