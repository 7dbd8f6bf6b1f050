/* backup.c - postwelle-policyd --backup; see backup.h. */
#include "policyd/backup.h"

#include "lib/error.h"
#include "lib/policy.h"
#include "policyd/meta.h"
#include "policyd/record.h"
#include "policyd/witness.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TIMEOUT_MS 60000
#define LOOK_EVERY_US (100 * 1000)
#define COPY_BUFFER ((size_t)1 << 20)

/* --- asking the daemon ------------------------------------------------------------------------- */

static gboolean ask(struct policy_client *policyd, const char *kind, const char *name, const char *value,
                    struct attributes *answer_r, GError **error)
{
    g_autoptr(GString) request = g_string_new(NULL);
    policy_append(request, "request", kind);
    if (name != NULL)
        policy_append(request, name, value);
    policy_end(request);
    return policy_client_ask(policyd, request, answer_r, error) && policy_answer_ok(answer_r, error);
}

static gboolean let_copy(struct policy_client *policyd, const char *dir, guint64 *least_r, GError **error)
{
    struct attributes answer;
    if (!ask(policyd, "backup", "folder", dir, &answer, error) ||
        !attributes_number(&answer, "sequence", G_MAXINT64, least_r, error))
        return FALSE;
    do {
        g_usleep(LOOK_EVERY_US);
        if (!ask(policyd, "backup-status", NULL, NULL, &answer, error))
            return FALSE;
    } while (strcmp(attributes_text(&answer, "state"), "running") == 0);
    return TRUE;
}

/* Files that root makes here would be of no use to policyd. */
static gboolean become_owner(const char *dir, GError **error)
{
    struct stat stat;
    if (lstat(dir, &stat) != 0)
        return error_from_errno(error, ERROR_NO_INPUT, errno, "%s", dir);
    if (geteuid() != 0 || stat.st_uid == 0)
        return TRUE;
    return (setgid(stat.st_gid) == 0 && setuid(stat.st_uid) == 0) ||
           error_from_errno(error, ERROR_SYSTEM, errno, "become policyd's user");
}

/* --- trying the copy out ----------------------------------------------------------------------- */

static gboolean read_all(struct store *store, guint64 *rows_r, GError **error)
{
    const struct bytes all = {NULL, 0};
    *rows_r = 0;
    for (int table = 0; table < STORE_TABLES; table++) {
        g_autoptr(store_scan_auto) scan = store_scan(store, (enum store_table)table, all, all, error);
        struct bytes key, value;
        enum store_result result = STORE_FAILED;
        while (scan != NULL && (result = store_next(scan, &key, &value, error)) == STORE_DONE)
            ++*rows_r;
        if (result != STORE_ABSENT)
            return FALSE;
    }
    return TRUE;
}

static gboolean mark(struct store *store, GError **error)
{
    return store_begin(store, error) && meta_put_number(store, META_BACKUP, 1, error) && store_commit(store, error) &&
           store_flush(store, error);
}

static gboolean try_out(const struct settings *settings, const char *ledger, guint64 least, guint64 *sequence_r,
                        guint64 *rows_r, GError **error)
{
    struct store *store = store_bdb_open(ledger, settings->cache_size, error);
    gboolean done = store != NULL && meta_get_number(store, META_SEQUENCE, sequence_r, error) &&
                    read_all(store, rows_r, error) && mark(store, error);
    store_close(store);
    if (done && *sequence_r < least)
        return error_set(error, ERROR_IO,
                         "the copy %s ends at %" G_GUINT64_FORMAT ", but the ledger had %" G_GUINT64_FORMAT
                         " when it was begun",
                         ledger, *sequence_r, least);
    return done;
}

/* --- witness and secret ------------------------------------------------------------------------ */

static gboolean copy_octets(int from, int to, GError **error)
{
    g_autofree char *buffer = g_malloc(COPY_BUFFER);
    ssize_t size;
    while ((size = read(from, buffer, COPY_BUFFER)) > 0)
        if (write(to, buffer, (size_t)size) != size)
            return error_from_errno(error, ERROR_IO, errno, "write");
    return size == 0 || error_from_errno(error, ERROR_IO, errno, "read");
}

static gboolean copy_file(const char *from, const char *to, mode_t mode, GError **error)
{
    int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), out = -1;
    if (in >= 0)
        out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    gboolean done =
        out >= 0 ? copy_octets(in, out, error) : error_from_errno(error, ERROR_IO, errno, "copy %s to %s", from, to);
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return done;
}

static gboolean copy_witness(const struct settings *settings, const char *to, GError **error)
{
    g_autoptr(GArray) files = witness_list(settings->witness, error);
    if (files == NULL)
        return FALSE;
    if (mkdir(to, 0700) != 0)
        return error_from_errno(error, ERROR_IO, errno, "make %s", to);
    for (guint i = 0; i < files->len; i++) {
        guint32 file = g_array_index(files, guint32, i);
        g_autofree char *old = witness_path(settings->witness, file), *new = witness_path(to, file);
        if (!copy_file(old, new, 0600, error))
            return FALSE;
    }
    return TRUE;
}

/* The copy of the witness can bring the copy of the ledger up to date. */
static gboolean try_witness(const char *folder, struct secret *secret, guint64 sequence, GError **error)
{
    struct witness_summary oldest, newest;
    if (!witness_chain(folder, secret, &oldest, &newest, error))
        return FALSE;
    return (oldest.head.base <= sequence && newest.last >= sequence) ||
           error_set(error, ERROR_IO,
                     "the witness in %s goes from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
                     ", which does not go with the ledger's copy (%" G_GUINT64_FORMAT ")",
                     folder, oldest.head.base, newest.last, sequence);
}

static gboolean sync_all(const char *dir, GError **error)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    gboolean done = fd >= 0 && syncfs(fd) == 0;
    int errnum = errno;
    if (fd >= 0)
        close(fd);
    return done || error_from_errno(error, ERROR_IO, errnum, "bring %s to the disk", dir);
}

/* --- all of it --------------------------------------------------------------------------------- */

static gboolean copy_rest(const struct settings *settings, const char *dir, guint64 sequence, GError **error)
{
    g_autofree char *witness = g_build_filename(dir, "witness", NULL),
                    *secret_copy = g_build_filename(dir, "secret", NULL);
    if (!copy_witness(settings, witness, error) || !copy_file(settings->secret, secret_copy, 0400, error))
        return FALSE;
    g_autoptr(secret_auto) secret = secret_load(secret_copy, error);
    return secret != NULL && try_witness(witness, secret, sequence, error) && sync_all(dir, error);
}

gboolean backup_make(const struct settings *settings, const char *dir, FILE *out, GError **error)
{
    g_autoptr(policy_client_auto) policyd = policy_client_new(settings->control_socket, TIMEOUT_MS, error);
    g_autofree char *ledger = g_build_filename(dir, "ledger", NULL);
    struct attributes answer;
    guint64 least, sequence, rows;
    if (policyd == NULL || !let_copy(policyd, dir, &least, error) || !become_owner(dir, error) ||
        !try_out(settings, ledger, least, &sequence, &rows, error) || !copy_rest(settings, dir, sequence, error))
        return FALSE;
    g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, sequence);
    if (!ask(policyd, "backup-end", "sequence", text, &answer, error))
        return FALSE;
    fprintf(out, "%s: %" G_GUINT64_FORMAT " rows, sequence %s; tried out, and good\n", dir, rows, text);
    return TRUE;
}
