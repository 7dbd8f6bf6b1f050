/* track_file.c - follows a log file; see track_file.h. */
#include "importer/track_file.h"

#include "lib/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOST                                                                                                           \
    "lines were rotated away or cut before they were read; rotate with delaycompress, and let track run always"
#define HASHED 256 /* octets of the first line that its hash is made of, at most */

struct track_file {
    char *path;
    FILE *stream;
    ino_t inode;
    off_t offset; /* behind the last line handed out */
    char *line;   /* getline()'s */
    size_t room;
};

/* --- one file ----------------------------------------------------------------------------------- */

static guint32 first_line_hash(FILE *stream)
{
    char head[HASHED + 1];
    ssize_t size = pread(fileno(stream), head, HASHED, 0);
    head[MAX(size, 0)] = '\0';
    head[strcspn(head, "\n")] = '\0';
    return g_str_hash(head);
}

/* Goes to the file `name`, at the offset. FALSE with errno where it can't be opened. */
static gboolean change_to(struct track_file *file, const char *name, off_t offset)
{
    struct stat status;
    FILE *stream = fopen(name, "re");
    if (stream == NULL)
        return FALSE;
    if (file->stream != NULL)
        fclose(file->stream);
    file->stream = stream;
    file->inode = fstat(fileno(stream), &status) == 0 ? status.st_ino : 0;
    file->offset = offset;
    fseeko(stream, offset, SEEK_SET);
    return TRUE;
}

/* TRUE where the file now open is the one that the position was in. */
static gboolean is_the_one(const struct track_file *file, off_t offset, guint32 hash)
{
    struct stat status;
    return fstat(fileno(file->stream), &status) == 0 && status.st_size >= offset &&
           (offset == 0 || first_line_hash(file->stream) == hash);
}

/* --- rotated files ------------------------------------------------------------------------------ */

struct sibling {
    char *path;
    struct stat status;
    gboolean compressed;
};

static void sibling_free(void *cookie)
{
    struct sibling *sibling = cookie;
    g_free(sibling->path);
    g_free(sibling);
}

static gboolean is_compressed(const char *name)
{
    return g_str_has_suffix(name, ".gz") || g_str_has_suffix(name, ".xz") || g_str_has_suffix(name, ".bz2") ||
           g_str_has_suffix(name, ".zst");
}

/* The log and what it was rotated to: struct sibling. */
static GPtrArray *find_siblings(const char *path)
{
    g_autofree char *folder = g_path_get_dirname(path), *base = g_path_get_basename(path);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    GPtrArray *siblings = g_ptr_array_new_with_free_func(sibling_free);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        struct stat status;
        const char *rest = name + strlen(base);
        if (!g_str_has_prefix(name, base) || (*rest != '\0' && *rest != '.' && *rest != '-'))
            continue;
        g_autofree char *full = g_build_filename(folder, name, NULL);
        if (stat(full, &status) != 0 || !S_ISREG(status.st_mode))
            continue;
        const struct sibling sibling = {g_steal_pointer(&full), status, is_compressed(name)};
        g_ptr_array_add(siblings, g_memdup2(&sibling, sizeof sibling));
    }
    return siblings;
}

/* Was a changed before b? */
static gboolean is_before(const struct stat *a, const struct stat *b)
{
    return a->st_mtim.tv_sec < b->st_mtim.tv_sec ||
           (a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec < b->st_mtim.tv_nsec);
}

/*
 * Among the log and its uncompressed siblings: the one with this inode, or (inode 0) the oldest with lines in it that
 * was changed after `one`, and is not it. NULL where there is none. The caller frees.
 */
static char *find_file(const char *path, ino_t inode, const struct stat *one)
{
    g_autoptr(GPtrArray) siblings = find_siblings(path);
    const struct sibling *best = NULL;
    for (guint i = 0; i < siblings->len; i++) {
        const struct sibling *sibling = siblings->pdata[i];
        const struct stat *status = &sibling->status;
        gboolean fits = inode != 0 ? status->st_ino == inode
                                   : status->st_size > 0 && status->st_ino != one->st_ino && is_before(one, status);
        if (!sibling->compressed && fits && (best == NULL || is_before(status, &best->status)))
            best = sibling;
    }
    return best != NULL ? g_strdup(best->path) : NULL;
}

/* When the last one before ours was changed, compressed or not; TRACK_FIRST_LINE: there is none. */
static gint64 end_of_older(const struct track_file *file)
{
    g_autoptr(GPtrArray) siblings = find_siblings(file->path);
    struct stat ours;
    gint64 end = TRACK_FIRST_LINE;
    for (guint i = 0; fstat(fileno(file->stream), &ours) == 0 && i < siblings->len; i++) {
        const struct stat *status = &((const struct sibling *)siblings->pdata[i])->status;
        if (is_before(status, &ours) && (end == TRACK_FIRST_LINE || status->st_mtim.tv_sec > end))
            end = status->st_mtim.tv_sec;
    }
    return end;
}

static gboolean go_to_position(struct track_file *file, const char *position)
{
    char *end;
    guint64 inode = g_ascii_strtoull(position, &end, 10);
    guint64 offset = *end == ':' ? g_ascii_strtoull(end + 1, &end, 10) : 0;
    guint32 hash = *end == ':' ? (guint32)g_ascii_strtoull(end + 1, &end, 16) : 0;
    g_autofree char *name = inode != 0 ? find_file(file->path, (ino_t)inode, NULL) : NULL;
    return name != NULL && *end == '\0' && change_to(file, name, (off_t)offset) &&
           is_the_one(file, (off_t)offset, hash);
}

/* --- the public part ---------------------------------------------------------------------------- */

/* Frees it. */
static struct track_file *fail_to_open(struct track_file *file, GError **error)
{
    const char *path = file->path;
    if (errno == EACCES)
        error_set(error, ERROR_DENIED,
                  "%s ([postfix] maillog of postwelle.conf): this user may not read it; its group should: "
                  "chgrp adm %s && chmod 640 %s, or follow the journal ([postfix] log = journal)",
                  path, path, path);
    else
        error_from_errno(error, ERROR_SYSTEM, errno, "%s ([postfix] maillog of postwelle.conf)", path);
    track_file_free(file);
    return NULL;
}

struct track_file *track_file_open(const char *path, const char *position, struct track_gap *gap, GError **error)
{
    struct track_file *file = g_new0(struct track_file, 1);
    file->path = g_strdup(path);
    if (*position != '\0' && go_to_position(file, position))
        return file;
    if (!change_to(file, path, 0))
        return fail_to_open(file, error);
    if (*position != '\0')
        track_gap_add(gap, 0, g_get_real_time() / G_USEC_PER_SEC, LOST);
    return file;
}

struct track_file *track_file_open_since(const char *path, gint64 since, gint64 *begins_r, GError **error)
{
    const struct stat then = {.st_mtim.tv_sec = (time_t)since};
    struct track_file *file = g_new0(struct track_file, 1);
    g_autofree char *oldest = find_file(path, 0, &then);
    file->path = g_strdup(path);
    if (!change_to(file, oldest != NULL ? oldest : path, 0))
        return fail_to_open(file, error);
    *begins_r = end_of_older(file);
    return file;
}

void track_file_free(struct track_file *file)
{
    if (file == NULL)
        return;
    if (file->stream != NULL)
        fclose(file->stream);
    free(file->line);
    g_free(file->path);
    g_free(file);
}

/* A whole line from where we are; half a line stays for later. */
static gboolean read_line(struct track_file *file, const char **line_r, size_t *size_r)
{
    ssize_t size = getline(&file->line, &file->room, file->stream);
    if (size > 0 && file->line[size - 1] == '\n') {
        file->offset += size;
        *line_r = file->line;
        *size_r = (size_t)size - 1;
        return TRUE;
    }
    clearerr(file->stream);
    fseeko(file->stream, file->offset, SEEK_SET);
    return FALSE;
}

/* At the end: was the file cut? Then it is read from its start. */
static gboolean start_again(struct track_file *file, struct track_gap *gap)
{
    struct stat ours;
    if (fstat(fileno(file->stream), &ours) != 0 || ours.st_size >= file->offset)
        return FALSE;
    track_gap_add(gap, 0, g_get_real_time() / G_USEC_PER_SEC, LOST);
    file->offset = 0;
    return fseeko(file->stream, 0, SEEK_SET) == 0;
}

/*
 * At the end: the file in which the log goes on; NULL: still in ours. logrotate(8) makes the new one, and may compress
 * others, before it tells the writer, who fills ours till then: so only lines in the new one say that ours is complete.
 * The caller frees.
 */
static char *next_file(const struct track_file *file)
{
    struct stat ours, named;
    if (fstat(fileno(file->stream), &ours) != 0 || stat(file->path, &named) != 0 ||
        (named.st_ino == ours.st_ino && named.st_dev == ours.st_dev))
        return NULL;
    char *next = find_file(file->path, 0, &ours);
    return next != NULL || named.st_size == 0 ? next : g_strdup(file->path);
}

gboolean track_file_next(struct track_file *file, const char **line_r, size_t *size_r, struct track_gap *gap)
{
    if (read_line(file, line_r, size_r) || (start_again(file, gap) && read_line(file, line_r, size_r)))
        return TRUE;
    g_autofree char *next = next_file(file);
    if (next == NULL)
        return FALSE;
    /* Something may have been written to ours since we read. */
    return read_line(file, line_r, size_r) || (change_to(file, next, 0) && read_line(file, line_r, size_r));
}

void track_file_position(const struct track_file *file, char position_r[TRACK_POSITION_SIZE])
{
    g_snprintf(position_r, TRACK_POSITION_SIZE, "%" G_GUINT64_FORMAT ":%" G_GINT64_FORMAT ":%08x", (guint64)file->inode,
               (gint64)file->offset, file->offset > 0 ? first_line_hash(file->stream) : 0);
}
