/* check_host.c - the machine: clock, disks, files; see check_host.h. */
#include "importer/check_host.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define MIB ((guint64)1 << 20)
#define PERMISSIONS 07777

/* --- clock -------------------------------------------------------------------------------------- */

void check_clock(GPtrArray *findings, const struct check_clock *clock)
{
    const char *topic = "Clock", *name = "clock";
    if (clock->latest > clock->now + CHECK_CLOCK_AHEAD)
        check_add(findings, &(struct check_about){FINDING_ERROR, PROMISE_ONE_INVITATION, topic, name}, NULL,
                  "timedatectl set-ntp true",
                  "it went back: the ledger knows of something %" G_GINT64_FORMAT
                  " seconds ahead, and quarters are told by the clock",
                  clock->latest - clock->now);
    else if (!clock->known)
        check_add(findings, &(struct check_about){FINDING_NOTE, PROMISE_NONE, topic, name}, NULL, NULL,
                  "the kernel does not tell whether it is synchronised");
    else if (!clock->synchronised)
        check_add(findings, &(struct check_about){FINDING_WARNING, PROMISE_ONE_INVITATION, topic, name}, NULL,
                  "timedatectl set-ntp true    # or: apt install chrony",
                  "it is not synchronised; quarters begin and waves open by it");
    else
        check_good(findings, topic, name, "synchronised");
}

/* --- disks -------------------------------------------------------------------------------------- */

static void inodes(GPtrArray *findings, const struct check_disk *disk)
{
    if (disk->inodes == 0 || disk->free_inodes >= CHECK_INODES_WARNING)
        return;
    enum finding_level level = disk->free_inodes < CHECK_INODES_ERROR ? FINDING_ERROR : FINDING_WARNING;
    g_autofree char *remedy = g_strdup_printf("df -i %s    # and make room", disk->path);
    check_add(findings, &(struct check_about){level, PROMISE_NO_LOSS, "Disk", disk->path}, NULL, remedy,
              "only %" G_GUINT64_FORMAT " files more can be made where %s is", disk->free_inodes, disk->what);
}

void check_disk(GPtrArray *findings, const struct check_disk *disk)
{
    g_autofree char *remedy = g_strdup_printf("df -h %s    # and make room", disk->path);
    struct check_about about = {FINDING_ERROR, PROMISE_NO_LOSS, "Disk", disk->path};
    if (disk->errnum != 0) {
        about = (struct check_about){FINDING_NOTE, PROMISE_NONE, "Disk", disk->path};
        check_add(findings, &about, NULL, NULL, "its disk can't be looked at: %s", g_strerror(disk->errnum));
        return;
    }
    if (disk->read_only) {
        g_autofree char *mount = g_strdup_printf("mount -o remount,rw $(findmnt -nro TARGET -T %s)", disk->path);
        check_add(findings, &about, NULL, mount, "%s is on a file system that is mounted read-only", disk->what);
        return;
    }
    about.level = disk->free < disk->need ? FINDING_ERROR : FINDING_WARNING;
    if (disk->free < disk->need)
        check_add(findings, &about, NULL, remedy,
                  "%" G_GUINT64_FORMAT " MiB are free where %s is; below %" G_GUINT64_FORMAT
                  " MiB nothing is taken (451)",
                  disk->free / MIB, disk->what, disk->need / MIB);
    else if (disk->free / CHECK_DISK_WARNING < disk->need)
        check_add(findings, &about, NULL, remedy,
                  "only %" G_GUINT64_FORMAT " MiB are free where %s is; below %" G_GUINT64_FORMAT
                  " MiB nothing is taken (451)",
                  disk->free / MIB, disk->what, disk->need / MIB);
    else
        check_good(findings, "Disk", disk->path, "%" G_GUINT64_FORMAT " MiB are free for %s", disk->free / MIB,
                   disk->what);
    inodes(findings, disk);
}

/* --- files -------------------------------------------------------------------------------------- */

static const char *type_word(mode_t type)
{
    return S_ISDIR(type) ? "folder" : S_ISSOCK(type) ? "socket" : S_ISLNK(type) ? "symbolic link" : "file";
}

static gboolean owner_fits(const struct path_fact *fact, const struct path_wish *wish)
{
    for (size_t i = 0; i < G_N_ELEMENTS(wish->owners) && wish->owners[i] != NULL; i++)
        if (strcmp(fact->owner, wish->owners[i]) == 0)
            return TRUE;
    return wish->owners[0] == NULL;
}

static void not_there(GPtrArray *findings, const struct check_about *about, const struct path_fact *fact,
                      const struct path_wish *wish)
{
    g_autofree char *remedy = NULL;
    if (fact->errnum == EACCES || fact->errnum == EPERM) {
        const struct check_about note = {FINDING_NOTE, PROMISE_NONE, about->topic, fact->path};
        check_add(findings, &note, NULL, "postwelle check    # as root", "%s can't be looked at: %s", wish->what,
                  g_strerror(fact->errnum));
        return;
    }
    if (S_ISDIR(wish->type))
        remedy = g_strdup_printf("install -d -m %04o%s%s%s%s %s", wish->most, wish->owners[0] != NULL ? " -o " : "",
                                 wish->owners[0] != NULL ? wish->owners[0] : "", wish->group != NULL ? " -g " : "",
                                 wish->group != NULL ? wish->group : "", fact->path);
    check_add(findings, about, NULL, remedy, "%s: %s", wish->what, g_strerror(fact->errnum));
}

/* The permission bits that the path should have: what is there, less what is too much, more what is missing. */
static mode_t wanted_mode(const struct path_fact *fact, const struct path_wish *wish)
{
    return ((fact->mode & PERMISSIONS) & wish->most) | wish->least;
}

void check_path(GPtrArray *findings, const char *topic, const struct path_fact *fact, const struct path_wish *wish)
{
    const struct check_about about = {wish->level, wish->promise, topic, fact->path};
    if (fact->errnum != 0) {
        not_there(findings, &about, fact, wish);
        return;
    }
    g_autofree char *found = g_strdup_printf("mode %04o, %s:%s", fact->mode & PERMISSIONS, fact->owner, fact->group);
    mode_t mode = wanted_mode(fact, wish);
    guint before = findings->len;
    if ((fact->mode & S_IFMT) != wish->type) {
        check_add(findings, &about, found, NULL, "%s is a %s, not a %s", wish->what, type_word(fact->mode),
                  type_word(wish->type));
        return;
    }
    if (mode != (fact->mode & PERMISSIONS)) {
        g_autofree char *remedy = g_strdup_printf("chmod %04o %s", mode, fact->path);
        gboolean more = (fact->mode & PERMISSIONS & ~wish->most) != 0;
        check_add(findings, &about, found, remedy, "%s has mode %04o: %s", wish->what, fact->mode & PERMISSIONS,
                  more ? "others may do more there than they should" : "those who need it can't reach it");
    }
    gboolean owner = owner_fits(fact, wish), group = wish->group == NULL || strcmp(fact->group, wish->group) == 0;
    if (!owner || !group) {
        g_autofree char *remedy = g_strdup_printf("chown %s%s%s %s", owner ? "" : wish->owners[0], group ? "" : ":",
                                                  group ? "" : wish->group, fact->path);
        check_add(findings, &about, found, remedy, "%s belongs to %s:%s", wish->what, fact->owner, fact->group);
    }
    if (findings->len == before)
        check_good(findings, topic, fact->path, "%s: %s", wish->what, found);
}
