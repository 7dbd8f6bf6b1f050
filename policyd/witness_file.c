/* witness_file.c - the witness's files: the folder, appending, making durable; see witness.h. */
#include "policyd/witness.h"

#include "lib/error.h"
#include "policyd/witness_text.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "slots."
#define NAME_DIGITS 6
#define NEW_NAME "new" /* a file on its way to its name */
/*
 * Octets of room made at a time. Writing into it changes no size and takes no block of the disk, which halves what
 * making a record durable costs.
 */
#define ROOM_STEP ((guint64)256 << 10)

/* --- the folder -------------------------------------------------------------------------------- */

char *witness_path(const char *folder, guint32 file)
{
    return g_strdup_printf("%s/" NAME "%0*" G_GUINT32_FORMAT, folder, NAME_DIGITS, file);
}

static gint compare_numbers(gconstpointer a, gconstpointer b)
{
    guint32 left = *(const guint32 *)a, right = *(const guint32 *)b;
    return (left > right) - (left < right);
}

GArray *witness_list(const char *folder, GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, error);
    if (dir == NULL)
        return NULL;
    GArray *files = g_array_new(FALSE, FALSE, sizeof(guint32));
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;) {
        guint64 number;
        if (!g_str_has_prefix(name, NAME) || strlen(name) < strlen(NAME) + NAME_DIGITS ||
            !g_ascii_string_to_unsigned(name + strlen(NAME), 10, 1, G_MAXUINT32, &number, NULL))
            continue;
        guint32 file = (guint32)number;
        g_array_append_val(files, file);
    }
    g_array_sort(files, compare_numbers);
    return files;
}

/* The number of the newest file; 0 where there is none. */
static gboolean find_newest(const char *folder, guint32 *file_r, GError **error)
{
    g_autoptr(GArray) files = witness_list(folder, error);
    if (files == NULL)
        return FALSE;
    *file_r = files->len > 0 ? g_array_index(files, guint32, files->len - 1) : 0;
    return TRUE;
}

static gboolean sync_folder(const char *folder, GError **error)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    gboolean done = fd >= 0 && fsync(fd) == 0;
    int errnum = errno;
    if (fd >= 0)
        close(fd);
    return done || error_from_errno(error, ERROR_IO, errnum, "witness folder %s", folder);
}

gboolean witness_read_file(const char *folder, guint32 file, struct secret *secret, guint64 after, witness_visit visit,
                           void *cookie, struct witness_summary *summary_r, GError **error)
{
    g_autofree char *path = witness_path(folder, file);
    g_autoptr(GError) why = NULL;
    g_autoptr(GMappedFile) map = g_mapped_file_new(path, FALSE, &why);
    if (map == NULL)
        return error_set(error, ERROR_NO_INPUT, "witness %s: %s", path, why->message);
    gsize size = g_mapped_file_get_length(map);
    if (size == 0)
        return error_set(error, ERROR_DATA, "witness %s: a file of %" G_GSIZE_FORMAT " octets is none of ours", path,
                         size);
    struct bytes octets = {g_mapped_file_get_contents(map), size};
    if (!witness_read(octets, path, secret, after, visit, cookie, summary_r, error))
        return FALSE;
    return summary_r->head.file == file ||
           error_set(error, ERROR_DATA,
                     "witness %s: its first line says that it is file %" G_GUINT32_FORMAT "; it was renamed", path,
                     summary_r->head.file);
}

static gboolean is_zero(const struct chain_mac *mac)
{
    const struct chain_mac zero = {{0}};
    return memcmp(mac, &zero, sizeof zero) == 0;
}

gboolean witness_chain(const char *folder, struct secret *secret, struct witness_summary *oldest_r,
                       struct witness_summary *newest_r, GError **error)
{
    guint32 file;
    if (!find_newest(folder, &file, error))
        return FALSE;
    if (file == 0)
        return error_set(error, ERROR_NO_INPUT, "witness %s: there is no file in it", folder);
    if (!witness_read_file(folder, file, secret, 0, NULL, NULL, newest_r, error))
        return FALSE;
    *oldest_r = *newest_r;
    while (!is_zero(&oldest_r->head.chain) && oldest_r->head.file > 1) {
        struct witness_summary before;
        if (!witness_read_file(folder, oldest_r->head.file - 1, secret, 0, NULL, NULL, &before, NULL) ||
            memcmp(&before.chain, &oldest_r->head.chain, sizeof before.chain) != 0 ||
            before.last != oldest_r->head.base)
            break;
        *oldest_r = before;
    }
    return TRUE;
}

/* --- writing ----------------------------------------------------------------------------------- */

struct witness {
    char *folder;
    struct secret *secret;
    struct witness_head head;
    GString *record; /* room for a MAC, then the lines noted */
    guint64 notes;
    gboolean turn; /* to the next file */
    pthread_mutex_t mutex; /* guards what follows: appending and syncing may be in two threads */
    int fd;
    guint64 size, last;
    guint64 room; /* size of the file: NULs from `size` on */
    struct chain_mac chain;
    guint64 settled;
    gboolean dirty;
    /* before the last record */
    guint64 size_before;
    struct chain_mac chain_before;
};

static struct witness *new_witness(const char *folder, struct secret *secret, const struct witness_head *head)
{
    struct witness *witness = g_new0(struct witness, 1);
    witness->folder = g_strdup(folder);
    witness->secret = secret;
    witness->head = *head;
    witness->fd = -1;
    witness->record = g_string_sized_new(4096);
    pthread_mutex_init(&witness->mutex, NULL);
    witness_forget(witness);
    return witness;
}

static gboolean write_at(int fd, guint64 at, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t done = pwrite(fd, data, size, (off_t)at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return FALSE;
        data += done;
        at += (guint64)done;
        size -= (size_t)done;
    }
    return TRUE;
}

/* Cuts off what is behind the last whole line, room included. */
static gboolean cut_to(struct witness *witness, guint64 size)
{
    if (ftruncate(witness->fd, (off_t)size) != 0)
        return FALSE;
    witness->size = witness->room = size;
    return TRUE;
}

/* Room is only saved time: without it, the file grows by what is written. */
static void make_room(struct witness *witness, size_t size)
{
    static const char zeros[ROOM_STEP];
    guint64 end = witness->size + size;
    if (end <= witness->room)
        return;
    witness->room = end;
    if (write_at(witness->fd, end, zeros, sizeof zeros))
        witness->room += sizeof zeros;
}

/* Writes behind the last line; FALSE with errno, and the file as it was or longer. */
static gboolean write_behind(struct witness *witness, const char *data, size_t size)
{
    make_room(witness, size);
    return write_at(witness->fd, witness->size, data, size);
}

/*
 * Makes the file of witness->head, with its first line, under its name, on the disk. A crash leaves it whole or not at
 * all. Returns the descriptor, or -1 and *error (ERROR_TEMPORARY: nothing has changed).
 */
static int make_file(struct witness *witness, GError **error)
{
    g_autofree char *new_path = g_strdup_printf("%s/" NEW_NAME, witness->folder);
    g_autofree char *path = witness_path(witness->folder, witness->head.file);
    g_autoptr(GString) line = g_string_new(NULL);
    struct chain_mac chain;
    witness_text_head(line, &witness->head, witness->secret, &chain);
    int fd = open(new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 || !write_at(fd, 0, line->str, line->len) || fdatasync(fd) != 0 || rename(new_path, path) != 0) {
        error_from_errno(error, ERROR_TEMPORARY, errno, "make the witness %s", path);
    } else if (sync_folder(witness->folder, error)) {
        witness->size = witness->room = line->len;
        witness->chain = chain;
        witness->last = witness->settled = witness->head.base;
        witness->dirty = FALSE;
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

struct witness *witness_create(const char *folder, struct secret *secret, const struct witness_head *head,
                               GError **error)
{
    guint32 newest;
    if (g_mkdir_with_parents(folder, 0700) != 0) {
        error_from_errno(error, ERROR_CANT_CREATE, errno, "make the witness's folder %s", folder);
        return NULL;
    }
    if (!find_newest(folder, &newest, error))
        return NULL;
    struct witness *witness = new_witness(folder, secret, head);
    witness->head.file = newest + 1;
    witness->fd = make_file(witness, error);
    if (witness->fd >= 0)
        return witness;
    witness_free(witness);
    return NULL;
}

struct witness *witness_open(const char *folder, struct secret *secret, const struct witness_summary *summary,
                             GError **error)
{
    g_autofree char *path = witness_path(folder, summary->head.file);
    struct witness *witness = new_witness(folder, secret, &summary->head);
    witness->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    witness->last = summary->last;
    witness->settled = summary->settled;
    witness->chain = summary->chain;
    if (witness->fd >= 0 && cut_to(witness, summary->size) && fdatasync(witness->fd) == 0)
        return witness;
    error_from_errno(error, ERROR_SYSTEM, errno, "open the witness %s", path);
    witness_free(witness);
    return NULL;
}

void witness_free(struct witness *witness)
{
    if (witness == NULL)
        return;
    if (witness->fd >= 0) {
        cut_to(witness, witness->size); /* for those who read it; the next start would do it, too */
        close(witness->fd);
    }
    g_string_free(witness->record, TRUE);
    pthread_mutex_destroy(&witness->mutex);
    g_free(witness->folder);
    g_free(witness);
}

guint64 witness_last(const struct witness *witness)
{
    return witness->last;
}

void witness_note(struct witness *witness, enum store_table table, struct bytes key, const struct bytes *value)
{
    g_string_append(witness->record, value != NULL ? "+ " : "- ");
    rowtext_append(witness->record, table, key, value);
    g_string_append_c(witness->record, '\n');
    witness->notes++;
}

gboolean witness_has_notes(const struct witness *witness)
{
    return witness->notes > 0;
}

void witness_forget(struct witness *witness)
{
    g_string_truncate(witness->record, 0);
    for (int i = 0; i < CHAIN_OCTETS; i++)
        g_string_append_c(witness->record, '\0');
    witness->notes = 0;
}

/* The error of a failed write, with what was written of it taken back. */
static gboolean undo_write(struct witness *witness, int errnum, GError **error)
{
    enum error_code code = cut_to(witness, witness->size) ? ERROR_TEMPORARY : ERROR_IO;
    g_autofree char *path = witness_path(witness->folder, witness->head.file);
    return error_set(error, code, "write the witness %s: %s; make room, or repair its disk", path, g_strerror(errnum));
}

/* Goes on in a new file, at a time when the ledger has all that is in the old one. */
static gboolean rotate(struct witness *witness, GError **error)
{
    if (!cut_to(witness, witness->size) || fdatasync(witness->fd) != 0)
        return error_from_errno(error, ERROR_IO, errno, "witness %s", witness->folder);
    const struct witness old = *witness;
    witness->head.file++;
    witness->head.base = old.last;
    witness->head.chain = old.chain;
    witness->fd = make_file(witness, error);
    if (witness->fd >= 0) {
        close(old.fd);
        return TRUE;
    }
    witness->head = old.head;
    witness->fd = old.fd;
    return FALSE;
}

void witness_turn(struct witness *witness)
{
    witness->turn = TRUE;
}

static gboolean append(struct witness *witness, GError **error)
{
    if ((witness->turn || witness->size >= WITNESS_FILE_SIZE) && !rotate(witness, error))
        return FALSE;
    witness->turn = FALSE;
    struct chain_mac chain = witness->chain;
    witness_text_end(witness->record, witness->last + 1, witness->notes, witness->secret, &chain);
    const char *text = witness->record->str + CHAIN_OCTETS;
    size_t size = witness->record->len - CHAIN_OCTETS;
    if (!write_behind(witness, text, size))
        return undo_write(witness, errno, error);
    witness->size_before = witness->size;
    witness->chain_before = witness->chain;
    witness->size += size;
    witness->chain = chain;
    witness->last++;
    witness->dirty = TRUE;
    return TRUE;
}

gboolean witness_append(struct witness *witness, GError **error)
{
    pthread_mutex_lock(&witness->mutex);
    gboolean done = append(witness, error);
    pthread_mutex_unlock(&witness->mutex);
    witness_forget(witness);
    return done;
}

gboolean witness_retract(struct witness *witness, GError **error)
{
    pthread_mutex_lock(&witness->mutex);
    gboolean done = cut_to(witness, witness->size_before) ||
                    error_from_errno(error, ERROR_IO, errno, "take back a record of the witness %s", witness->folder);
    if (done) {
        witness->chain = witness->chain_before;
        witness->last--;
    }
    pthread_mutex_unlock(&witness->mutex);
    return done;
}

gboolean witness_sync(struct witness *witness, guint64 *last_r, GError **error)
{
    pthread_mutex_lock(&witness->mutex);
    *last_r = witness->last;
    gboolean done = !witness->dirty || fdatasync(witness->fd) == 0 ||
                    error_from_errno(error, ERROR_IO, errno, "witness %s", witness->folder);
    if (done)
        witness->dirty = FALSE;
    pthread_mutex_unlock(&witness->mutex);
    return done;
}

/* A missing `!` does no harm, half of one would. */
static gboolean write_settled(struct witness *witness, guint64 sequence, GError **error)
{
    char line[32];
    size_t size = (size_t)g_snprintf(line, sizeof line, "! %" G_GUINT64_FORMAT "\n", sequence);
    if (write_behind(witness, line, size))
        witness->size += size;
    else if (!cut_to(witness, witness->size))
        return error_from_errno(error, ERROR_IO, errno, "write the witness %s", witness->folder);
    witness->settled = sequence;
    return TRUE;
}

gboolean witness_settle(struct witness *witness, guint64 sequence, GError **error)
{
    pthread_mutex_lock(&witness->mutex);
    gboolean done = sequence <= witness->settled || write_settled(witness, sequence, error);
    pthread_mutex_unlock(&witness->mutex);
    return done;
}

/* The sequence number before a file's first record, by its first line alone. */
static gboolean read_base(struct witness *witness, guint32 file, guint64 *base_r)
{
    g_autofree char *path = witness_path(witness->folder, file);
    g_autoptr(GMappedFile) map = g_mapped_file_new(path, FALSE, NULL);
    const char *data = map != NULL ? g_mapped_file_get_contents(map) : NULL;
    const char *stop = data != NULL ? memchr(data, '\n', g_mapped_file_get_length(map)) : NULL;
    struct witness_summary summary;
    if (stop == NULL || !witness_read((struct bytes){data, (size_t)(stop + 1 - data)}, path, witness->secret, 0, NULL,
                                      NULL, &summary, NULL))
        return FALSE;
    *base_r = summary.head.base;
    return TRUE;
}

void witness_prune(struct witness *witness, guint64 sequence)
{
    g_autoptr(GArray) files = witness_list(witness->folder, NULL);
    for (guint i = 0; files != NULL && i + 1 < files->len; i++) {
        guint64 base;
        if (!read_base(witness, g_array_index(files, guint32, i + 1), &base) || base > sequence)
            break;
        g_autofree char *path = witness_path(witness->folder, g_array_index(files, guint32, i));
        unlink(path);
    }
}
