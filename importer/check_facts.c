/* check_facts.c - looks at files, disks, tables and units of this machine; see check_facts.h. */
#include "importer/check_facts.h"

#include "importer/postfix.h"
#include "lib/error.h"
#include "lib/key_store.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define TABLE_MAX (4 << 20) /* octets of a table that are read */
#define MIB ((guint64)1 << 20)
#define ROOM_FOR_LOG (64 * MIB)
#define NAME_SIZE 64

/* --- files -------------------------------------------------------------------------------------- */

struct look {
    struct path_fact fact;
    char owner[NAME_SIZE], group[NAME_SIZE];
};

static void look_at(const char *path, struct look *look)
{
    struct stat found;
    *look = (struct look){.fact = {.path = path}};
    if (lstat(path, &found) != 0) {
        look->fact.errnum = errno;
        return;
    }
    const struct passwd *user = getpwuid(found.st_uid);
    const struct group *group = getgrgid(found.st_gid);
    g_snprintf(look->owner, sizeof look->owner, "%u", found.st_uid);
    g_snprintf(look->group, sizeof look->group, "%u", found.st_gid);
    if (user != NULL)
        g_strlcpy(look->owner, user->pw_name, sizeof look->owner);
    if (group != NULL)
        g_strlcpy(look->group, group->gr_name, sizeof look->group);
    look->fact.mode = found.st_mode;
    look->fact.owner = look->owner;
    look->fact.group = look->group;
}

void check_look(GPtrArray *findings, const char *topic, const char *path, const struct path_wish *wish)
{
    struct look there;
    look_at(path, &there);
    check_path(findings, topic, &there.fact, wish);
}

/* Who may write there can say who sends what, and to whom. */
static void look_at_configuration(GPtrArray *findings, const struct config *config, const struct client_set *clients)
{
    const struct path_wish file = {.what = "a configuration file",
                                   .type = S_IFREG,
                                   .most = 0644,
                                   .least = 0400,
                                   .owners = {"root"},
                                   .level = FINDING_ERROR,
                                   .promise = PROMISE_SIGNED};
    const struct path_wish folder = {.what = "a configuration folder",
                                     .type = S_IFDIR,
                                     .most = 0755,
                                     .least = 0500,
                                     .owners = {"root"},
                                     .level = FINDING_ERROR,
                                     .promise = PROMISE_SIGNED};
    g_autofree char *parent = g_path_get_dirname(config_path(config));
    size_t count = 0;
    const struct client *const *list = clients != NULL ? client_set_list(clients, &count) : NULL;
    check_look(findings, "Configuration", parent, &folder);
    check_look(findings, "Configuration", config_path(config), &file);
    check_look(findings, "Configuration", config_text(config, "paths", "clients"), &folder);
    for (size_t i = 0; i < count; i++)
        check_look(findings, "Configuration", list[i]->file, &file);
}

static void look_at_users(GPtrArray *findings, const struct config *config)
{
    static const struct {
        const char *name;
        gboolean user;
    } names[] = {{"milter-user", TRUE},
                 {"postfix-group", FALSE},
                 {"admin-group", FALSE},
                 {"feedback-group", FALSE},
                 {"status-group", FALSE}};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *value = config_text(config, "policyd", names[i].name);
        if (*value == '\0')
            continue;
        gboolean there = names[i].user ? getpwnam(value) != NULL : getgrnam(value) != NULL;
        const struct check_about about = {FINDING_ERROR, PROMISE_NONE, "Users", value};
        if (there)
            check_good(findings, "Users", value, "is there");
        else
            check_add(findings, &about, NULL, "systemd-sysusers", "there is no %s of that name ([policyd] %s)",
                      names[i].user ? "user" : "group", names[i].name);
    }
}

/* What the ledger's secret protects: tokens, hashes of addresses, the witness's chain. */
static void look_at_state(GPtrArray *findings, const struct config *config)
{
    const char *state = config_text(config, "paths", "state");
    g_autofree char *secret = g_build_filename(state, "secret", NULL),
                    *ledger = g_build_filename(state, "ledger", NULL);
    struct look owner;
    look_at(state, &owner);
    struct path_wish folder = {.what = "the ledger's folder",
                               .type = S_IFDIR,
                               .most = 0700,
                               .least = 0700,
                               .level = FINDING_ERROR,
                               .promise = PROMISE_SUPPRESSED};
    struct path_wish file = {.what = "the ledger's secret",
                             .type = S_IFREG,
                             .most = 0600,
                             .least = 0400,
                             .level = FINDING_ERROR,
                             .promise = PROMISE_SUPPRESSED};
    check_path(findings, "Secrets", &owner.fact, &folder);
    if (owner.fact.errnum == 0)
        file.owners[0] = folder.owners[0] = owner.owner;
    check_look(findings, "Secrets", ledger, &folder);
    check_look(findings, "Secrets", secret, &file);
    folder.what = "the witness's folder";
    check_look(findings, "Secrets", config_text(config, "paths", "witness"), &folder);
}

/* Each of them has a copy of the ledger and its secret. */
static void look_at_backups(GPtrArray *findings)
{
    static const char folder[] = LOCALSTATEDIR "/backups/postwelle";
    const struct path_wish wish = {.what = "the backups' folder",
                                   .type = S_IFDIR,
                                   .most = 0700,
                                   .least = 0,
                                   .level = FINDING_ERROR,
                                   .promise = PROMISE_SUPPRESSED};
    if (g_file_test(folder, G_FILE_TEST_EXISTS))
        check_look(findings, "Secrets", folder, &wish);
}

/* Each folder above a key: who may write there can put another key in its place. */
static void look_above(GPtrArray *findings, const char *path, const char *user)
{
    const struct path_wish wish = {.what = "a folder above a signing key",
                                   .type = S_IFDIR,
                                   .most = 0755,
                                   .least = 0,
                                   .owners = {"root", user},
                                   .level = FINDING_ERROR,
                                   .promise = PROMISE_SIGNED};
    g_autofree char *folder = g_path_get_dirname(path);
    for (;;) {
        struct look there;
        look_at(folder, &there);
        if (!check_has(findings, folder) && !(there.fact.errnum == 0 && (there.fact.mode & S_ISVTX) != 0) &&
            !S_ISLNK(there.fact.mode)) {
            guint before = findings->len;
            check_path(findings, "Keys", &there.fact, &wish);
            if (((struct finding *)findings->pdata[before])->level == FINDING_GOOD)
                g_ptr_array_set_size(findings, (gint)before);
        }
        if (strcmp(folder, "/") == 0 || strcmp(folder, ".") == 0)
            return;
        char *up = g_path_get_dirname(folder);
        g_free(folder);
        folder = up;
    }
}

/* The milter reads it alone; its group may only where that is the milter's or root's. */
static void look_at_key(GPtrArray *findings, const char *path, const char *user)
{
    struct look there;
    look_at(path, &there);
    const struct passwd *entry = getpwnam(user);
    const struct group *group = entry != NULL ? getgrgid(entry->pw_gid) : NULL;
    gboolean trusted = strcmp(there.group, "root") == 0 || (group != NULL && strcmp(there.group, group->gr_name) == 0);
    const struct path_wish wish = {.what = "a signing key",
                                   .type = S_IFREG,
                                   .most = trusted ? 0640 : 0600,
                                   .least = 0400,
                                   .owners = {user, "root"},
                                   .level = FINDING_ERROR,
                                   .promise = PROMISE_SIGNED};
    check_path(findings, "Keys", &there.fact, &wish);
    look_above(findings, path, user);
}

static void look_at_keys(GPtrArray *findings, const struct config *config, const struct client_set *clients)
{
    const char *user = config_text(config, "policyd", "milter-user");
    size_t count;
    const struct client *const *list = client_set_list(clients, &count);
    for (size_t i = 0; i < count; i++) {
        const struct client_key *own[] = {&list[i]->rsa, &list[i]->ed25519};
        g_autoptr(GError) error = NULL;
        g_autoptr(key_store_auto) store = key_store_load(config_text(config, "paths", "keys"), list[i]->name, &error);
        for (size_t k = 0; k < G_N_ELEMENTS(own); k++)
            if (*own[k]->selector != '\0')
                look_at_key(findings, own[k]->file, user);
        for (guint k = 0; store != NULL && k < store->entries->len; k++)
            look_at_key(findings, ((const struct key_entry *)store->entries->pdata[k])->file, user);
        if (store == NULL && error->code == ERROR_DENIED)
            check_add(findings, &(struct check_about){FINDING_NOTE, PROMISE_NONE, "Keys", list[i]->name}, NULL,
                      "postwelle check    # as root", "its keys can't be looked at: %s", error->message);
        else if (store == NULL)
            check_add(findings, &(struct check_about){FINDING_ERROR, PROMISE_SIGNED, "Keys", list[i]->name}, NULL,
                      "restore keys.conf from a backup", "%s", error->message);
    }
}

void check_files(GPtrArray *findings, const struct config *config, const struct client_set *clients)
{
    look_at_users(findings, config);
    look_at_configuration(findings, config, clients);
    look_at_state(findings, config);
    look_at_backups(findings);
    if (clients != NULL)
        look_at_keys(findings, config, clients);
}

gboolean check_follows_journal(const struct config *config)
{
    return strcmp(config_text(config, "postfix", "log"), "journal") == 0;
}

/* --- disks -------------------------------------------------------------------------------------- */

static void look_at_disk(GPtrArray *findings, const char *path, const char *what, guint64 need)
{
    struct statvfs stat;
    struct check_disk disk = {.path = path, .what = what, .need = need};
    if (statvfs(path, &stat) != 0) {
        disk.errnum = errno;
    } else {
        disk.free = (guint64)stat.f_bavail * stat.f_frsize;
        disk.inodes = stat.f_files;
        disk.free_inodes = stat.f_favail;
        disk.read_only = (stat.f_flag & ST_RDONLY) != 0;
    }
    check_disk(findings, &disk);
}

static gboolean on_one_disk(const char *one, const char *other)
{
    struct stat first, second;
    return stat(one, &first) == 0 && stat(other, &second) == 0 && first.st_dev == second.st_dev;
}

void check_disks(GPtrArray *findings, const struct config *config, const struct postfix_facts *facts,
                 const struct check_place *place)
{
    const char *state = config_text(config, "paths", "state"), *witness = config_text(config, "paths", "witness");
    guint64 keep_free = (guint64)config_number(config, "policyd", "keep-free");
    g_autofree char *logs = g_path_get_dirname(config_text(config, "postfix", "maillog"));
    look_at_disk(findings, state, "the ledger", keep_free);
    look_at_disk(findings, witness, "the witness", keep_free);
    if (!check_follows_journal(config))
        look_at_disk(findings, logs, "the mail log", ROOM_FOR_LOG);
    if (facts != NULL) {
        g_autofree char *free = check_effective(facts, check_listener(facts, place), "queue_minfree");
        look_at_disk(findings, postfix_facts_expanded(facts, "queue_directory"), "Postfix's queue",
                     g_ascii_strtoull(free, NULL, 10));
    }
    if (on_one_disk(state, witness))
        check_add(findings, &(struct check_about){FINDING_NOTE, PROMISE_NONE, "Disk", "witness"}, NULL, NULL,
                  "it is on the same disk as the ledger; on another one ([paths] witness) it would survive that disk");
}

/* --- tables and units --------------------------------------------------------------------------- */

GHashTable *check_read_tables(const GPtrArray *tables)
{
    GHashTable *texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (guint i = 0; i < tables->len; i++) {
        g_autofree char *file = check_table_file(tables->pdata[i]);
        char *text;
        struct stat found;
        if (file != NULL && stat(file, &found) == 0 && found.st_size <= TABLE_MAX &&
            g_file_get_contents(file, &text, NULL, NULL))
            g_hash_table_insert(texts, g_strdup(tables->pdata[i]), text);
    }
    return texts;
}

void check_units_state(GPtrArray *findings)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_autoptr(GError) error = NULL;
    g_autofree char *show = NULL;
    const struct check_about about = {FINDING_NOTE, PROMISE_NONE, "Services", "systemd"};
    static const char *const words[] = {"systemctl", "show",
                                        "--property=Id,LoadState,ActiveState,UnitFileState,NRestarts"};
    if (!g_file_test("/run/systemd/system", G_FILE_TEST_IS_DIR)) {
        check_add(findings, &about, NULL, NULL,
                  "it does not run here: whether the daemons start with the machine was not looked at");
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        g_ptr_array_add(argv, (char *)words[i]);
    for (const struct check_unit *unit = check_units; unit->name != NULL; unit++)
        g_ptr_array_add(argv, (char *)unit->name);
    g_ptr_array_add(argv, NULL);
    if (postfix_run((const char *const *)argv->pdata, &show, &error))
        check_systemd(findings, show);
    else
        check_add(findings, &about, NULL, NULL, "%s", error->message);
}
