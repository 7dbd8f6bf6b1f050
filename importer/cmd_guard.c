/*
 * cmd_guard.c - postwelle guard: does as root, on its standard input and output, what track asks for, which is not
 * root.
 *
 * The one part that runs as root beside a person's own commands. So little can be asked of it: to put mails with a
 * reverse-path of ours on hold, and whether Postfix has a file of a queue ID. doc/PROTOCOL.md §6.
 */
#include "importer/command.h"

#include "importer/guard.h"
#include "importer/postfix.h"
#include "lib/error.h"
#include "lib/policy.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct guarding {
    struct guard guard;
    GHashTable *own; /* queue IDs of our mail when they were first asked for, NULL before */
};

/* A connection's whole input at any time. */
struct input {
    size_t filled;
    char data[POLICY_SIZE];
};

static gboolean read_ids(const struct attributes *request, char ***ids_r, GError **error)
{
    g_auto(GStrv) ids = g_strsplit(attributes_text(request, "queue_ids"), " ", -1);
    if (g_strv_length(ids) == 0 || g_strv_length(ids) > GUARD_BATCH)
        return error_set(error, ERROR_DATA, "attribute queue_ids: 1 to %d queue IDs", GUARD_BATCH);
    for (char **id = ids; *id != NULL; id++)
        if (!guard_is_queue_id(*id))
            return error_set(error, ERROR_DATA, "attribute queue_ids: \"%.40s\" is no queue ID", *id);
    *ids_r = g_steal_pointer(&ids);
    return TRUE;
}

/* --- hold --------------------------------------------------------------------------------------- */

static gboolean take_own(void *cookie, const char *line, size_t size, GError **error)
{
    char *queue_id = guard_line_own(line, size);
    (void)error;
    if (queue_id != NULL)
        g_hash_table_add(cookie, queue_id);
    return TRUE;
}

/* Whose mails these are is seen once a connection: what is asked for was found before it began. */
static gboolean find_own(struct guarding *guarding, GError **error)
{
    if (guarding->own != NULL)
        return TRUE;
    guarding->own = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (postfix_list_queue(guarding->guard.postfix, take_own, guarding->own, error))
        return TRUE;
    g_clear_pointer(&guarding->own, g_hash_table_unref);
    return FALSE;
}

static gboolean answer_hold(struct guarding *guarding, char **ids, GString *answer, GError **error)
{
    g_autoptr(GPtrArray) own = g_ptr_array_new();
    if (!find_own(guarding, error))
        return FALSE;
    for (char **id = ids; *id != NULL; id++)
        if (g_hash_table_contains(guarding->own, *id))
            g_ptr_array_add(own, *id);
    policy_append_number(answer, "own", own->len);
    return guard_hold(&guarding->guard, own, error);
}

/* --- look --------------------------------------------------------------------------------------- */

static gboolean answer_look(struct guarding *guarding, char **ids, GString *answer, GError **error)
{
    struct evidence evidence;
    g_autoptr(GString) files = g_string_new(NULL);
    evidence_init(&evidence);
    for (char **id = ids; *id != NULL; id++)
        evidence_add(&evidence, *id);
    gboolean good = evidence_look(&evidence, guarding->guard.postfix, error);
    for (char **id = ids; good && *id != NULL; id++)
        g_string_append_printf(files, "%s%s", files->len > 0 ? " " : "",
                               evidence_seen(g_hash_table_lookup(evidence.mails, *id)));
    if (good)
        policy_append(answer, "files", files->str);
    evidence_release(&evidence);
    return good;
}

/* --- the connection ----------------------------------------------------------------------------- */

static const struct {
    const char *name;
    gboolean (*answer)(struct guarding *guarding, char **ids, GString *answer, GError **error);
} kinds[] = {{"hold", answer_hold}, {"look", answer_look}};

static gboolean answer_request(struct guarding *guarding, const struct attributes *request, GString *answer,
                               GError **error)
{
    g_auto(GStrv) ids = NULL;
    const char *kind = attributes_text(request, "request");
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(kind, kinds[i].name) == 0)
            return read_ids(request, &ids, error) && kinds[i].answer(guarding, ids, answer, error);
    return error_set(error, ERROR_DATA, "request \"%.40s\" is unknown here", kind);
}

static gboolean write_all(const GString *text, GError **error)
{
    for (size_t written = 0; written < text->len;) {
        ssize_t count = write(STDOUT_FILENO, text->str + written, text->len - written);
        if (count < 0 && errno != EINTR)
            return error_from_errno(error, ERROR_IO, errno, "write an answer");
        written += (size_t)MAX(count, 0);
    }
    return TRUE;
}

/* What can't be done is told whom it concerns, who asks again. */
static gboolean serve_request(struct guarding *guarding, const struct attributes *request, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(GString) answer = g_string_new(NULL), fields = g_string_new(NULL);
    if (answer_request(guarding, request, fields, &problem)) {
        policy_append(answer, "status", "ok");
        g_string_append_len(answer, fields->str, (gssize)fields->len);
    } else {
        policy_append(answer, "status", error_is_temporary(problem) ? "temporary" : "error");
        policy_append(answer, "reason", problem->message);
    }
    policy_end(answer);
    return write_all(answer, error);
}

/* Reads more. *end_r: there is none. */
static gboolean fill(struct input *input, gboolean *end_r, GError **error)
{
    ssize_t count;
    do
        count = read(STDIN_FILENO, input->data + input->filled, sizeof input->data - input->filled);
    while (count < 0 && errno == EINTR);
    *end_r = count == 0;
    input->filled += (size_t)MAX(count, 0);
    return count >= 0 || error_from_errno(error, ERROR_IO, errno, "read a request");
}

static gboolean serve(struct guarding *guarding, GError **error)
{
    g_autofree struct input *input = g_new0(struct input, 1);
    for (gboolean end = FALSE;;) {
        struct attributes request;
        size_t used;
        if (!policy_parse(input->data, input->filled, &policy_own_limits, &request, &used, error))
            return FALSE;
        if (used == 0 && end)
            return input->filled == 0 || error_set(error, ERROR_PROTOCOL, "a request breaks off");
        if (used == 0 && !fill(input, &end, error))
            return FALSE;
        if (used > 0 && (!policy_decode(&request, error) || !serve_request(guarding, &request, error)))
            return FALSE;
        input->filled -= used;
        memmove(input->data, input->data + used, input->filled);
    }
}

int cmd_guard(struct command_context *context, int argc, char **argv)
{
    GError *error = NULL;
    const struct config *config = NULL;
    if (command_options(
            &argc, &argv, "guard",
            "Does for track, which has no rights, what takes root: puts mails of ours in Postfix's queue on hold, and "
            "says "
            "whether Postfix has a file of a queue ID. Requests come on standard input, answers go to standard output; "
            "postwelle-guard.socket starts it.",
            NULL, 0, 0, &error))
        config = command_config(context, &error);
    if (config == NULL)
        return command_fail(error);
    struct guarding guarding = {.guard.postfix = config_text(config, "postfix", "config-directory")};
    gboolean good = geteuid() == 0 ? serve(&guarding, &error) : error_set(&error, ERROR_DENIED, "guard needs root");
    g_clear_pointer(&guarding.own, g_hash_table_unref);
    return good ? 0 : command_fail(error);
}
