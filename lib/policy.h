/*
 * policy.h - the attribute protocol of policyd: both ends (doc/PROTOCOL.md; Postfix's SMTPD_POLICY_README).
 *
 * A list of attributes is parsed in place: names and values point into the buffer that was read, so that a look-up
 * allocates nothing. An answer is built in a GString. The client is a blocking one for the milter and the command;
 * policyd has its own loop.
 *
 * Thread rule: everything belongs to one thread at a time; nothing is shared.
 */
#ifndef POSTWELLE_LIB_POLICY_H
#define POSTWELLE_LIB_POLICY_H

#include <glib.h>

#define POLICY_POSTFIX_SIZE ((size_t)16 * 1024)  /* octets of a request of Postfix */
#define POLICY_POSTFIX_ATTRIBUTES 100
#define POLICY_SIZE ((size_t)64 * 1024)          /* octets of a request or answer of ours */
#define POLICY_ATTRIBUTES 300
#define POLICY_LINE ((size_t)4096)               /* octets of a line of ours */

struct attribute {
    const char *name;
    const char *value;
};

struct attributes {
    size_t count;
    struct attribute list[POLICY_ATTRIBUTES];
};

/* What one socket accepts. */
struct policy_limits {
    size_t size;       /* octets of a request, its empty line included */
    size_t line;       /* octets of a line without its LF */
    size_t attributes; /* at most POLICY_ATTRIBUTES */
};

extern const struct policy_limits policy_postfix_limits; /* policy.sock */
extern const struct policy_limits policy_own_limits;     /* the other sockets, and answers */

/*
 * Looks for one whole list at the start of data[0..size). TRUE with *used_r = 0 where more octets are needed; TRUE with
 * *used_r = its octets, the empty line included, and *attributes_r filled: its strings lie in data, which was changed
 * (NULs put in), and live as long as data does. FALSE with *error (ERROR_PROTOCOL) where it breaks the form or a limit:
 * close the connection.
 */
gboolean policy_parse(char *data, size_t size, const struct policy_limits *limits, struct attributes *attributes_r,
                      size_t *used_r, GError **error);

/*
 * Makes a parsed list one of ours: undoes the percent-encoding in place and refuses a name that stands twice, a broken
 * %XX and an encoded NUL. Not for Postfix's own request, whose values are taken as they are.
 */
gboolean policy_decode(struct attributes *attributes, GError **error);

/* The value of the first attribute of that name; NULL where there is none. */
const char *attributes_get(const struct attributes *attributes, const char *name);

/* The value, "" where there is none. */
const char *attributes_text(const struct attributes *attributes, const char *name);

/*
 * The value as an unsigned decimal number of at most `high`; FALSE with *error (ERROR_DATA, names the attribute) where
 * it is missing or anything else.
 */
gboolean attributes_number(const struct attributes *attributes, const char *name, guint64 high, guint64 *number_r,
                           GError **error);

/* Appends `name=value` LF, percent-encoded, to a list being built; policy_end() appends the empty line. */
void policy_append(GString *list, const char *name, const char *value);
void policy_append_number(GString *list, const char *name, guint64 number);
void policy_end(GString *list);

/* --- the client end --- */

struct policy_client;

/*
 * Connects to the unix socket at path. timeout_ms bounds each later send and each wait for an answer (0: none); an
 * answer that comes in pieces may take twice as long. NULL and *error
 * (ERROR_UNAVAILABLE, with what to do) where nobody listens, ERROR_DENIED where the socket's mode forbids it.
 */
struct policy_client *policy_client_new(const char *path, int timeout_ms, GError **error);
void policy_client_free(struct policy_client *client); /* NULL is fine */
typedef struct policy_client policy_client_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(policy_client_auto, policy_client_free)

/*
 * Sends one finished list (ended by policy_end()), without waiting for its answer. FALSE: the connection is of no use
 * any more.
 */
gboolean policy_client_send(struct policy_client *client, const GString *request, GError **error);

/*
 * Reads the next answer into *answer_r, decoded; its strings live until the next call. ERROR_TEMPORARY on a time-out,
 * ERROR_UNAVAILABLE where policyd closed the connection.
 */
gboolean policy_client_read(struct policy_client *client, struct attributes *answer_r, GError **error);

/* Send and read: one question, its first answer. */
gboolean policy_client_ask(struct policy_client *client, const GString *request, struct attributes *answer_r,
                           GError **error);

/*
 * TRUE where an answer's status is ok or more. Otherwise FALSE with *error of the class in PROTOCOL §1 and the answer's
 * reason as its text.
 */
gboolean policy_answer_ok(const struct attributes *answer, GError **error);

/* TRUE where further answers to the same request follow. */
gboolean policy_answer_more(const struct attributes *answer);

#endif
