/* postfix_setup.c - changes a Postfix configuration, all or nothing; see postfix_setup.h. */
#include "importer/postfix_setup.h"

#include "importer/postfix.h"
#include "lib/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define FOLDER_MODE 02750 /* what is made in it belongs to Postfix's group */
#define LOG_MODE 0640

int postfix_setup_lock(const char *config, GError **error)
{
    int lock = open(config, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock < 0) {
        error_from_errno(error, ERROR_NO_INPUT, errno, "%s", config);
    } else if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        error_set(error, ERROR_TEMPORARY, "%s: another `postwelle setup postfix` is changing it; wait for its end",
                  config);
        close(lock);
        lock = -1;
    }
    return lock;
}

/* --- postconf --- */

/* `postconf -c config FLAG WORDS…`, unless there are no words. */
static gboolean run_postconf(const char *config, const char *flag, const GPtrArray *words, GError **error)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    if (words->len == 0)
        return TRUE;
    g_ptr_array_add(argv, (gpointer) "postconf");
    g_ptr_array_add(argv, (gpointer) "-c");
    g_ptr_array_add(argv, (gpointer)config);
    g_ptr_array_add(argv, (gpointer)flag);
    for (guint i = 0; i < words->len; i++)
        g_ptr_array_add(argv, words->pdata[i]);
    g_ptr_array_add(argv, NULL);
    return postfix_run((const char *const *)argv->pdata, NULL, error);
}

/* All changes of one file. */
static gboolean write_file(const char *config, const GPtrArray *changes, gboolean service, GError **error)
{
    g_autoptr(GPtrArray) set = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) removed = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < changes->len; i++) {
        const struct postfix_change *change = changes->pdata[i];
        if (change->service != service || change->conflict != NULL)
            continue;
        if (change->after == NULL)
            g_ptr_array_add(removed, g_strdup(change->name));
        else
            g_ptr_array_add(set, g_strdup_printf("%s=%s", change->name, change->after));
    }
    return run_postconf(config, service ? "-MX" : "-X", removed, error) &&
           run_postconf(config, service ? "-M" : "-e", set, error);
}

/*
 * An entry never refers to a parameter that is not there: a listener whose $postwelle_milter means nothing would let
 * mail through unsigned.
 */
static gboolean write_changes(const char *config, const GPtrArray *changes, gboolean back, GError **error)
{
    return write_file(config, changes, back, error) && write_file(config, changes, !back, error);
}

/* --- copies --- */

static gboolean copy_file(const char *config, const char *name, const char *suffix, GError **error)
{
    g_autofree char *from = g_build_filename(config, name, NULL), *to = g_strconcat(from, suffix, NULL), *text = NULL;
    gsize size;
    GStatBuf state;
    if (g_stat(from, &state) != 0)
        return error_from_errno(error, ERROR_NO_INPUT, errno, "%s", from);
    return g_file_get_contents(from, &text, &size, error) &&
           g_file_set_contents_full(to, text, (gssize)size,
                                    G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, state.st_mode & 0777,
                                    error);
}

static gboolean keep_copies(const char *config, char **suffix_r, GError **error)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *suffix = g_date_time_format(now, ".postwelle-%Y%m%dT%H%M%S");
    if (!copy_file(config, "main.cf", suffix, error) || !copy_file(config, "master.cf", suffix, error))
        return FALSE;
    *suffix_r = g_steal_pointer(&suffix);
    return TRUE;
}

/* --- folders --- */

static void folder_free(gpointer pointer)
{
    struct postfix_folder *folder = pointer;
    g_free(folder->path);
    g_free(folder);
}

static void want_folder(GPtrArray *folders, const char *socket, const char *user, const char *group)
{
    g_autofree char *path = g_path_get_dirname(socket);
    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return;
    struct postfix_folder *folder = g_new(struct postfix_folder, 1);
    *folder = (struct postfix_folder){g_steal_pointer(&path), user, group};
    g_ptr_array_add(folders, folder);
}

GPtrArray *postfix_setup_folders(const struct postfix_instance *instance, const struct config *config)
{
    GPtrArray *folders = g_ptr_array_new_with_free_func(folder_free);
    g_autofree char *policy = g_build_filename(instance->queue, instance->site.policy, NULL);
    want_folder(folders, policy, POSTFIX_USER, config_text(config, "policyd", "postfix-group"));
    if (g_str_has_prefix(instance->site.milter, "unix:")) {
        g_autofree char *milter = g_build_filename(instance->queue, instance->site.milter + strlen("unix:"), NULL);
        want_folder(folders, milter, config_text(config, "policyd", "milter-user"),
                    config_text(config, "milter", "postfix-group"));
    }
    return folders;
}

static gboolean make_folder(const struct postfix_folder *folder, GError **error)
{
    const struct passwd *user = getpwnam(folder->user);
    if (user == NULL)
        return error_set(error, ERROR_CONFIG, "%s: it is to be %s's, but there is no such user; make it, or the folder",
                         folder->path, folder->user);
    uid_t owner = user->pw_uid;
    const struct group *group = getgrnam(folder->group);
    if (group == NULL)
        return error_set(error, ERROR_CONFIG,
                         "%s: it is to be of the group %s, but there is no such group; make it, "
                         "or the folder",
                         folder->path, folder->group);
    if (mkdir(folder->path, 0700) != 0 && errno != EEXIST)
        return error_from_errno(error, ERROR_CANT_CREATE, errno, "%s", folder->path);
    if (chown(folder->path, owner, group->gr_gid) != 0 || chmod(folder->path, FOLDER_MODE) != 0)
        return error_from_errno(error, ERROR_SYSTEM, errno, "%s", folder->path);
    return TRUE;
}

static gboolean make_folders(const GPtrArray *folders, GError **error)
{
    for (guint i = 0; i < folders->len; i++)
        if (!make_folder(folders->pdata[i], error))
            return FALSE;
    return TRUE;
}

/* --- the log --- */

static gboolean let_group_read(int log, GError **error, const char *path)
{
    const struct group *group = getgrnam(POSTFIX_LOG_GROUP);
    return group == NULL || (fchown(log, 0, group->gr_gid) == 0 && fchmod(log, LOG_MODE) == 0) ||
           error_from_errno(error, ERROR_SYSTEM, errno, "%s", path);
}

static gboolean make_log(const GPtrArray *changes, GError **error)
{
    for (guint i = 0; i < changes->len; i++) {
        const struct postfix_change *change = changes->pdata[i];
        if (change->service || change->after == NULL || strcmp(change->name, "maillog_file") != 0)
            continue;
        int log = open(change->after, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (log < 0)
            return errno == EEXIST || error_from_errno(error, ERROR_CANT_CREATE, errno, "%s", change->after);
        gboolean good = let_group_read(log, error, change->after);
        close(log);
        return good;
    }
    return TRUE;
}

/* One that somebody uses stays. */
static void remove_folders(const struct postfix_record *record)
{
    for (guint i = 0; i < record->folders->len; i++)
        (void)g_rmdir(record->folders->pdata[i]);
}

/* --- apply, undo --- */

static gboolean save_record(const char *config, const GPtrArray *changes, const GPtrArray *folders, GError **error)
{
    g_autoptr(postfix_record_auto) record = postfix_record_load(config, error);
    if (record == NULL)
        return FALSE;
    postfix_record_add(record, changes);
    for (guint i = 0; i < folders->len; i++) {
        const struct postfix_folder *folder = folders->pdata[i];
        if (!g_ptr_array_find_with_equal_func(record->folders, folder->path, g_str_equal, NULL))
            g_ptr_array_add(record->folders, g_strdup(folder->path));
    }
    return postfix_record_save(record, config, error);
}

/* What the changes were made from, as changes of their own. */
static GPtrArray *reversed(const GPtrArray *changes)
{
    GPtrArray *back = g_ptr_array_new_with_free_func((GDestroyNotify)postfix_change_free);
    for (guint i = 0; i < changes->len; i++) {
        const struct postfix_change *change = changes->pdata[i];
        g_ptr_array_add(back, postfix_change_new(change->service, change->name, change->after, change->before, ""));
    }
    return back;
}

static gboolean is_done(struct postfix_instance *instance, GError **error)
{
    if (!postfix_instance_reread(instance, error))
        return FALSE;
    g_autoptr(GPtrArray) left = postfix_changes(instance->facts, &instance->site);
    if (left->len == 0)
        return TRUE;
    const struct postfix_change *change = left->pdata[0];
    return error_set(error, ERROR_INTERNAL, "%s: postconf did what it was told, and %s is not as it should be",
                     instance->config, change->name);
}

static gboolean is_content(const struct postfix_instance *instance, GError **error)
{
    const char *const argv[] = {"postfix", "-c", instance->config, "check", NULL};
    return postfix_run_on_terminal(argv, error);
}

/* Puts back what this call changed; an older record comes into force again. */
static void take_back(struct postfix_instance *instance, const GPtrArray *changes, GError **error)
{
    g_autoptr(GPtrArray) back = reversed(changes);
    GError *problem = NULL;
    g_autoptr(postfix_record_auto) record = NULL;
    if (write_changes(instance->config, back, TRUE, &problem) &&
        (record = postfix_record_load(instance->config, &problem)) != NULL) {
        postfix_record_add(record, back);
        remove_folders(record);
        postfix_record_save(record, instance->config, &problem);
    }
    if (problem == NULL)
        g_prefix_error(error, "nothing was changed: ");
    else
        g_prefix_error(
            error, "putting it back failed, too (%s); `postwelle setup postfix --undo` does it: ", problem->message);
    g_clear_error(&problem);
}

gboolean postfix_setup_apply(struct postfix_instance *instance, const GPtrArray *changes, const GPtrArray *folders,
                             char **backup_r, GError **error)
{
    g_autofree char *backup = NULL;
    if (!keep_copies(instance->config, &backup, error) || !save_record(instance->config, changes, folders, error))
        return FALSE;
    gboolean good = make_folders(folders, error) && make_log(changes, error) &&
                    write_changes(instance->config, changes, FALSE, error) && is_done(instance, error) &&
                    is_content(instance, error);
    if (good)
        *backup_r = g_steal_pointer(&backup);
    else
        take_back(instance, changes, error);
    return good;
}

gboolean postfix_setup_undo(struct postfix_instance *instance, const struct postfix_record *record,
                            const GPtrArray *changes, GError **error)
{
    g_autoptr(postfix_record_auto) nothing = postfix_record_new();
    if (!write_changes(instance->config, changes, TRUE, error))
        return FALSE;
    remove_folders(record);
    return postfix_record_save(nothing, instance->config, error);
}
