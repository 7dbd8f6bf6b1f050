/* check_readers.c - may those who run in the background read what they need? See check_facts.h. */
#include "importer/check_facts.h"

#include "importer/control.h"
#include "importer/folder_place.h"
#include "importer/postfix.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define GROUPS_MAX 256  /* of a user */
#define FILES_MAX 10000 /* of a campaign's folder that are looked at */
#define DEPTH_MAX 4     /* folders in folders there */
#define TRACK_USER "postwelle-track"
#define NOBODY "nobody" /* postwelle.timer's run has a user only while it runs; what it may read it may by its group */

/* A process that reads files. */
struct reader {
    const char *name; /* "postwelle-milter" */
    uid_t uid;
    gid_t groups[GROUPS_MAX + 1]; /* the first is the group, the others are supplementary */
    size_t count;
};

/* --- who ---------------------------------------------------------------------------------------- */

static void add_group(struct reader *reader, const char *name)
{
    const struct group *group = getgrnam(name);
    if (group != NULL && reader->count < G_N_ELEMENTS(reader->groups))
        reader->groups[reader->count++] = group->gr_gid;
}

/* A user, with its own groups. FALSE where there is none of that name. */
static gboolean reader_init(struct reader *reader, const char *name, const char *user)
{
    const struct passwd *entry = getpwnam(user);
    int count = GROUPS_MAX;
    if (entry == NULL || getgrouplist(user, entry->pw_gid, reader->groups, &count) < 0)
        return FALSE;
    reader->name = name;
    reader->uid = entry->pw_uid;
    reader->count = (size_t)count;
    return TRUE;
}

static gboolean reader_run(struct reader *reader, const struct config *config)
{
    if (!reader_init(reader, "postwelle.timer's run", NOBODY))
        return FALSE;
    reader->count = 0;
    add_group(reader, config_text(config, "policyd", "admin-group"));
    return reader->count > 0;
}

static gboolean reader_policyd(struct reader *reader, const struct config *config)
{
    struct stat state;
    if (stat(config_text(config, "paths", "state"), &state) != 0)
        return FALSE;
    const struct passwd *owner = getpwuid(state.st_uid);
    if (owner == NULL || !reader_init(reader, "postwelle-policyd", owner->pw_name))
        return FALSE;
    add_group(reader, config_text(config, "policyd", "admin-group"));
    return TRUE;
}

static gboolean reader_milter(struct reader *reader, const struct config *config)
{
    return reader_init(reader, "postwelle-milter", config_text(config, "policyd", "milter-user"));
}

static gboolean reader_track(struct reader *reader, const struct config *config)
{
    if (!reader_init(reader, TRACK_USER, TRACK_USER))
        return FALSE;
    add_group(reader, config_text(config, "policyd", "admin-group"));
    add_group(reader, POSTFIX_LOG_GROUP);
    return TRUE;
}

/* --- what they may read ------------------------------------------------------------------------- */

struct denied {
    guint index;
    int errnum;
};

/* In a child, as the reader: tells the first path that it may not read, if any. */
static G_NORETURN void try_and_end(const struct reader *reader, const GPtrArray *paths, int answer)
{
    if (setgroups(reader->count, reader->groups) != 0 || setgid(reader->groups[0]) != 0 || setuid(reader->uid) != 0)
        _exit(1);
    for (guint i = 0; i < paths->len; i++) {
        int fd = open(paths->pdata[i], O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        struct denied denied = {i, errno};
        if (fd >= 0)
            close(fd);
        else if (errno == EACCES)
            _exit(write(answer, &denied, sizeof denied) == (ssize_t)sizeof denied ? 0 : 1);
    }
    _exit(0);
}

/* The first of the paths that the reader may not read; NULL: none, or it can't be tried (for root alone). */
static const char *find_denied(const struct reader *reader, const GPtrArray *paths)
{
    struct denied denied;
    int pipes[2], status;
    if (geteuid() != 0 || pipe2(pipes, O_CLOEXEC) != 0)
        return NULL;
    pid_t pid = fork();
    if (pid == 0)
        try_and_end(reader, paths, pipes[1]);
    close(pipes[1]);
    ssize_t size = pid > 0 ? read(pipes[0], &denied, sizeof denied) : -1;
    close(pipes[0]);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return size == (ssize_t)sizeof denied && denied.index < paths->len ? paths->pdata[denied.index] : NULL;
}

/* --- configuration ------------------------------------------------------------------------------ */

/* None of it is secret, and they have no group in common. */
static void look_at_configuration(GPtrArray *findings, const struct config *config, const struct client_set *clients)
{
    static gboolean (*const readers[])(struct reader *, const struct config *) = {reader_policyd, reader_milter,
                                                                                  reader_track, reader_run};
    g_autoptr(GPtrArray) paths = g_ptr_array_new();
    struct reader reader;
    size_t count = 0;
    const struct client *const *list = clients != NULL ? client_set_list(clients, &count) : NULL;
    g_ptr_array_add(paths, (gpointer)config_path(config));
    g_ptr_array_add(paths, (gpointer)config_text(config, "paths", "clients"));
    for (size_t i = 0; i < count; i++)
        g_ptr_array_add(paths, (gpointer)list[i]->file);
    for (size_t i = 0; i < G_N_ELEMENTS(readers); i++) {
        const char *path = readers[i](&reader, config) ? find_denied(&reader, paths) : NULL;
        if (path == NULL || check_has(findings, path))
            continue;
        g_autofree char *remedy = g_strdup_printf("chmod o+rX %s    # and the folders above it", path);
        check_add(findings, &(struct check_about){FINDING_ERROR, PROMISE_FAIL_CLOSED, "Configuration", path}, NULL,
                  remedy, "%s may not read it, and will not start, or keeps what it knew", reader.name);
    }
}

/* --- campaigns ---------------------------------------------------------------------------------- */

static void gather_files(const char *folder, int depth, GPtrArray *paths)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_ptr_array_add(paths, g_strdup(folder));
    for (const char *name; dir != NULL && paths->len < FILES_MAX && (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        struct stat found;
        if (lstat(path, &found) != 0)
            continue;
        if (S_ISDIR(found.st_mode) && depth < DEPTH_MAX)
            gather_files(path, depth + 1, paths);
        else if (S_ISREG(found.st_mode))
            g_ptr_array_add(paths, g_steal_pointer(&path));
    }
}

struct campaigns {
    GPtrArray *findings;
    gboolean timer; /* run is started by it, with the configuration that is checked */
    const struct reader *run;
};

/* FALSE where it does not suit. */
static gboolean look_at_place(GPtrArray *findings, const char *folder)
{
    g_autofree char *problem = NULL, *remedy = NULL;
    enum folder_place place = folder_place_look(folder, &problem, &remedy);
    const struct check_about about = {place == FOLDER_PLACE_PRIVATE ? FINDING_ERROR : FINDING_WARNING, PROMISE_NONE,
                                      "Campaigns", folder};
    if (place != FOLDER_PLACE_GOOD)
        check_add(findings, &about, NULL, remedy, "%s", problem);
    return place == FOLDER_PLACE_GOOD;
}

/* A released campaign, whose waves and reminders run is to send. */
static gboolean look_at_campaign(void *cookie, const struct attributes *row, GError **error)
{
    const struct campaigns *campaigns = cookie;
    const char *folder = attributes_text(row, "dir");
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    (void)error;
    if (strcmp(attributes_text(row, "state"), "approved") != 0 || strcmp(attributes_text(row, "deleted"), "0") != 0)
        return TRUE;
    if (campaigns->timer && !look_at_place(campaigns->findings, folder))
        return TRUE;
    gather_files(folder, 0, paths);
    const char *path = find_denied(campaigns->run, paths);
    if (path == NULL) {
        check_good(campaigns->findings, "Campaigns", folder, "can be read by %s", campaigns->run->name);
        return TRUE;
    }
    g_autofree char *group = g_strdup_printf("%u", (unsigned)campaigns->run->groups[0]);
    const struct group *entry = getgrgid(campaigns->run->groups[0]);
    g_autofree char *remedy =
        g_strdup_printf("chgrp -R %s %s && chmod -R g+rX %s    # and g+x or o+x for the folders above it",
                        entry != NULL ? entry->gr_name : group, folder, folder);
    check_add(campaigns->findings, &(struct check_about){FINDING_ERROR, PROMISE_NONE, "Campaigns", folder}, path,
              remedy, "%s may not read it: no wave is opened and no reminder sent by itself", campaigns->run->name);
    return TRUE;
}

static void look_at_campaigns(GPtrArray *findings, const struct config *config)
{
    struct reader run;
    struct attributes last;
    g_autoptr(policy_client_auto) client =
        policy_client_new(config_text(config, "policyd", "control-socket"), CHECK_TIMEOUT * 1000, NULL);
    struct campaigns campaigns = {findings, strcmp(config_path(config), CONFIG_DEFAULT_FILE) == 0, &run};
    if (client != NULL && geteuid() == 0 && reader_run(&run, config))
        control_rows(client, control_request("campaign-list", NULL), look_at_campaign, &campaigns, &last, NULL);
}

/* --- all of it ---------------------------------------------------------------------------------- */

void check_readers(GPtrArray *findings, const struct config *config, const struct client_set *clients)
{
    look_at_configuration(findings, config, clients);
    look_at_campaigns(findings, config);
}

gboolean check_track_reads(const struct config *config, const char *path)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new();
    struct reader track;
    g_ptr_array_add(paths, (gpointer)path);
    return !reader_track(&track, config) || find_denied(&track, paths) == NULL;
}
