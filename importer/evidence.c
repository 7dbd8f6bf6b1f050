/* evidence.c - what Postfix's queue tells; see evidence.h. */
#include "importer/evidence.h"

#include "importer/postfix.h"
#include "lib/error.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const file_words[] = {"unseen", "none", "writing", "left"};
static const char complete[] = "complete"; /* a file that Postfix has finished: the mail counts as listed */

const char *evidence_file_word(enum evidence_file file)
{
    return file_words[file];
}

const char *evidence_seen(const struct evidence_mail *mail)
{
    return mail->listed ? complete : evidence_file_word(mail->file);
}

void evidence_take(struct evidence_mail *mail, const char *seen)
{
    mail->listed |= strcmp(seen, complete) == 0;
    for (size_t i = 0; i < G_N_ELEMENTS(file_words); i++)
        if (strcmp(seen, file_words[i]) == 0)
            mail->file = (enum evidence_file)i;
}

void evidence_init(struct evidence *evidence)
{
    *evidence = (struct evidence){.mails = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};
}

void evidence_release(struct evidence *evidence)
{
    g_clear_pointer(&evidence->mails, g_hash_table_unref);
}

void evidence_add(struct evidence *evidence, const char *queue_id)
{
    if (!g_hash_table_contains(evidence->mails, queue_id))
        g_hash_table_insert(evidence->mails, g_strdup(queue_id), g_new0(struct evidence_mail, 1));
}

/* --- postqueue ---------------------------------------------------------------------------------- */

char *evidence_line_queue_id(const char *line, size_t size)
{
    json_t *mail = json_loadb(line, size, 0, NULL);
    char *queue_id = g_strdup(json_string_value(json_object_get(mail, "queue_id")));
    json_decref(mail);
    return queue_id;
}

struct listing {
    struct evidence *evidence;
    guint number; /* from 1 */
};

static gboolean take_line(void *cookie, const char *line, size_t size, GError **error)
{
    struct listing *listing = cookie;
    if (size == 0)
        return TRUE;
    g_autofree char *queue_id = evidence_line_queue_id(line, size);
    if (queue_id == NULL)
        return error_set(error, ERROR_UNAVAILABLE, "postqueue -j: a line is no mail: %.100s", line);
    struct evidence_mail *mail = g_hash_table_lookup(listing->evidence->mails, queue_id);
    if (mail != NULL) {
        mail->listed = TRUE;
        mail->seen = listing->number;
    }
    return TRUE;
}

static gboolean list_once(struct evidence *evidence, const char *config, guint number, GError **error)
{
    struct listing listing = {evidence, number};
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;
    if (number == 1)
        evidence->began = now;
    evidence->looked = now + 1;
    if (!postfix_list_queue(config, take_line, &listing, error))
        return FALSE;
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, evidence->mails);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        struct evidence_mail *mail = value;
        mail->absent = mail->seen == number ? 0 : mail->absent + 1;
    }
    return TRUE;
}

gboolean evidence_list(struct evidence *evidence, const char *config, GError **error)
{
    return list_once(evidence, config, 1, error);
}

/* --- master(8) ---------------------------------------------------------------------------------- */

/*
 * When it was started, by its pid file. Who may not read that file asked the queue through a daemon of it, or got an
 * error: then the file's age says enough.
 */
static gint64 postfix_since(const char *queue)
{
    struct stat status;
    g_autofree char *file = g_build_filename(queue, "pid", "master.pid", NULL), *text = NULL, *name = NULL;
    if (stat(file, &status) != 0)
        return 0;
    if (!g_file_get_contents(file, &text, NULL, NULL))
        return geteuid() != 0 ? status.st_mtim.tv_sec : 0;
    g_autofree char *path = g_strdup_printf("/proc/%s/comm", g_strstrip(text));
    if (!g_file_get_contents(path, &name, NULL, NULL) || strcmp(g_strstrip(name), "master") != 0)
        return 0;
    return status.st_mtim.tv_sec;
}

/* --- files -------------------------------------------------------------------------------------- */

/* Where cleanup(8) writes: incoming, and hold where a rule holds the mail. What is broken goes to corrupt. */
static const char *const folders[] = {"incoming", "hold", "corrupt"};

/*
 * Does a process have one of these files open? *open_r gets the inodes of all files of the queue's disk that are open.
 */
static void note_open_files(const char *process, dev_t device, GHashTable *open_inodes)
{
    g_autofree char *folder = g_build_filename("/proc", process, "fd", NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        struct stat status;
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (stat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_dev == device)
            g_hash_table_add(open_inodes, g_memdup2(&status.st_ino, sizeof status.st_ino));
    }
}

static GHashTable *find_open_files(dev_t device)
{
    G_STATIC_ASSERT(sizeof(ino_t) == sizeof(gint64));
    GHashTable *inodes = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    g_autoptr(GDir) dir = g_dir_open("/proc", 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
        if (g_ascii_isdigit(*name))
            note_open_files(name, device, inodes);
    return inodes;
}

/* A file of that name: complete ones count as listed. FALSE where there is none. */
static gboolean judge_file(const char *path, struct evidence_mail *mail, GHashTable **open_inodes)
{
    struct stat status;
    if (lstat(path, &status) != 0)
        return FALSE;
    if ((status.st_mode & S_IXUSR) != 0) {
        mail->listed = TRUE;
        return TRUE;
    }
    if (*open_inodes == NULL)
        *open_inodes = find_open_files(status.st_dev);
    gboolean open = g_hash_table_contains(*open_inodes, &status.st_ino);
    /* Closed while we looked at the processes: perhaps because it was complete. */
    gboolean same = lstat(path, &status) == 0 && (status.st_mode & S_IXUSR) == 0;
    mail->file = open || !same ? EVIDENCE_WRITING : EVIDENCE_LEFT;
    return TRUE;
}

/*
 * Postfix can spread a folder over subfolders; that of `incoming` is left alone by everybody, and then we do not look.
 */
static gboolean may_look(const char *hashed)
{
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++)
        if (strstr(hashed, folders[i]) != NULL)
            return FALSE;
    return TRUE;
}

static void look_at_files(struct evidence *evidence, const char *queue)
{
    GHashTable *open_inodes = NULL;
    GHashTableIter iter;
    gpointer queue_id, value;
    g_hash_table_iter_init(&iter, evidence->mails);
    while (g_hash_table_iter_next(&iter, &queue_id, &value)) {
        struct evidence_mail *mail = value;
        gboolean found = FALSE;
        for (size_t i = 0; !found && i < G_N_ELEMENTS(folders); i++) {
            g_autofree char *path = g_build_filename(queue, folders[i], queue_id, NULL);
            found = judge_file(path, mail, &open_inodes);
        }
        if (!found)
            mail->file = EVIDENCE_NONE;
    }
    g_clear_pointer(&open_inodes, g_hash_table_unref);
}

gboolean evidence_look(struct evidence *evidence, const char *config, GError **error)
{
    g_autofree char *queue = postfix_parameter(config, "queue_directory", error);
    g_autofree char *hashed = queue != NULL ? postfix_parameter(config, "hash_queue_names", error) : NULL;
    if (hashed == NULL)
        return FALSE;
    if (may_look(hashed))
        look_at_files(evidence, queue);
    return TRUE;
}

/* --- all of it ---------------------------------------------------------------------------------- */

static gboolean list_all(struct evidence *evidence, const char *config, struct stop *stop, GError **error)
{
    for (guint number = 1; number <= EVIDENCE_LISTINGS; number++) {
        if (number > 1 && stop != NULL && stop_sleep(stop, EVIDENCE_PAUSE))
            return TRUE;
        if (number > 1 && stop == NULL)
            g_usleep(EVIDENCE_PAUSE * 1000);
        if (!list_once(evidence, config, number, error))
            return FALSE;
    }
    return TRUE;
}

gboolean evidence_collect(struct evidence *evidence, const char *config, struct stop *stop, GError **error)
{
    g_autofree char *queue = postfix_parameter(config, "queue_directory", error);
    g_autofree char *timeout = queue != NULL ? postfix_parameter(config, "daemon_timeout", error) : NULL;
    if (timeout == NULL)
        return FALSE;
    evidence->daemon_timeout = postfix_seconds(timeout);
    if (evidence->daemon_timeout == 0)
        return error_set(error, ERROR_UNAVAILABLE, "%s: daemon_timeout = %s is no time", config, timeout);
    /* Before the listings: one that was started in between counts as started. */
    evidence->postfix_since = postfix_since(queue);
    if (!list_all(evidence, config, stop, error))
        return FALSE;
    if (postfix_since(queue) != evidence->postfix_since)
        evidence->postfix_since = 0;
    return geteuid() != 0 || evidence_look(evidence, config, error);
}
