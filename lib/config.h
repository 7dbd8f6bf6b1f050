/*
 * config.h - one format for all configuration files: GKeyFile groups of `name = value`, checked against a table.
 *
 * A table holds every option of one file kind: group, name, type, range, default and what it is for. A file with an
 * unknown group or name, a bad value, or without a required option is refused with file, group and name. The
 * manual and `postwelle check` read the same tables, so an option exists in one place only.
 *
 * A loaded configuration never changes; a daemon that rereads its files loads a new one and swaps it.
 */
#ifndef POSTWELLE_LIB_CONFIG_H
#define POSTWELLE_LIB_CONFIG_H

#include <glib.h>

enum config_type {
    CONFIG_TEXT,     /* any text */
    CONFIG_PATH,     /* a file name; a relative one is taken from the configuration file's folder */
    CONFIG_NUMBER,   /* a whole number; low..high */
    CONFIG_SIZE,     /* octets, with K, M or G (powers of 1024); low..high */
    CONFIG_DURATION, /* seconds, with s, m, h or d; low..high, in seconds */
    CONFIG_SWITCH,   /* yes or no */
    CONFIG_CHOICE,   /* one of the words in `choices` */
    CONFIG_LIST,     /* words separated by commas; blanks around them are dropped */
};

struct config_option {
    const char *group;
    const char *name;
    enum config_type type;
    const char *fallback; /* the default as it would stand in the file; NULL where the option must be given */
    gint64 low, high;     /* of numbers, sizes and durations */
    const char *choices;  /* of choices: "a|b|c" */
    const char *doc;      /* one sentence for the manual */
};

struct config_table {
    const char *kind;                    /* "postwelle.conf" */
    const struct config_option *options; /* ends with a row whose group is NULL */
    const char *free_group;              /* a group whose names are the user's own, or NULL */
};

/* The three file kinds. */
extern const struct config_table config_postwelle; /* /etc/postwelle/postwelle.conf */
extern const struct config_table config_client;    /* /etc/postwelle/clients/NAME.conf */
extern const struct config_table config_campaign;  /* campaign.conf */

/* Where postwelle.conf is looked for when no -c is given. */
#define CONFIG_DEFAULT_FILE SYSCONFDIR "/postwelle/postwelle.conf"

struct config;

/*
 * Reads and checks one file. Returns NULL and sets *error (ERROR_CONFIG, or the file's error) where anything is wrong;
 * the text names file, group, option and what is allowed. Free with config_free().
 */
struct config *config_load(const char *path, const struct config_table *table, GError **error);
void config_free(struct config *config); /* NULL is fine */
/* g_autoptr(config_auto), as g_autoptr takes one word. */
typedef struct config config_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(config_auto, config_free)

/* The file it was read from. */
const char *config_path(const struct config *config);

/* SHA-256 of that file as it was read, in hex: two programs with the same one were told the same. */
const char *config_digest(const struct config *config);

/*
 * Values; the option must be in the table (a bug ends the program). Text, paths and lists are borrowed until
 * config_free(). An empty text is "", never NULL.
 */
const char *config_text(const struct config *config, const char *group, const char *name);
gint64 config_number(const struct config *config, const char *group, const char *name); /* sizes, durations too */
gboolean config_switch(const struct config *config, const char *group, const char *name);
const char *const *config_list(const struct config *config, const char *group, const char *name);

/* [policyd] feedback-socket of a postwelle.conf, or where it is by default. Free with g_free(). */
char *config_feedback_socket(const struct config *config);

/* The same for status-socket. */
char *config_status_socket(const struct config *config);

/* [milter] status-socket, or where it is by default; NULL: there is none. Free with g_free(). */
char *config_milter_status_socket(const struct config *config);

/*
 * The names of the free group, NULL-terminated (free with g_strfreev), and the value of one ("" where there is none).
 */
char **config_free_names(const struct config *config);
const char *config_free_value(const struct config *config, const char *name);

#endif
