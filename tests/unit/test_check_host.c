/* test_check_host.c - clock, disks, modes, daemons, log, backups, units: facts in, findings out. */
#include "importer/check_daemons.h"
#include "importer/check_host.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define NOW 1795000000
#define MIB ((guint64)1 << 20)

/* All that is found, a line each: "error NAME REMEDY". */
static char *found(const GPtrArray *findings)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < findings->len; i++) {
        const struct finding *finding = findings->pdata[i];
        if (finding->level > FINDING_GOOD)
            g_string_append_printf(text, "%s%s %s", text->len > 0 ? "\n" : "", finding_level_name(finding->level),
                                   finding->name);
    }
    return g_string_free(text, FALSE);
}

#define EXPECT(findings, expected)                                                                                     \
    do {                                                                                                               \
        g_autofree char *text_ = found(findings);                                                                      \
        g_assert_cmpstr(text_, ==, expected);                                                                          \
    } while (0)

static void test_clock(void)
{
    static const struct {
        const char *name;
        struct check_clock clock;
        const char *found;
    } cases[] = {
        {"right", {TRUE, TRUE, NOW, NOW - 5}, ""},
        {"nobody sets it", {TRUE, FALSE, NOW, 0}, "warning clock"},
        {"not known", {FALSE, FALSE, NOW, 0}, "note clock"},
        {"it went back", {TRUE, TRUE, NOW, NOW + 301}, "error clock"},
        {"a little", {TRUE, TRUE, NOW, NOW + 300}, ""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) findings = findings_new();
        g_test_message("%s", cases[i].name);
        check_clock(findings, &cases[i].clock);
        EXPECT(findings, cases[i].found);
    }
}

static void test_disk(void)
{
    static const struct {
        const char *name;
        struct check_disk disk;
        const char *found;
    } cases[] = {
        {"room", {"/l", "the ledger", 0, 1000 * MIB, 64 * MIB, 100000, 50000, FALSE}, ""},
        {"little", {"/l", "the ledger", 0, 200 * MIB, 64 * MIB, 100000, 50000, FALSE}, "warning /l"},
        {"too little", {"/l", "the ledger", 0, 63 * MIB, 64 * MIB, 100000, 50000, FALSE}, "error /l"},
        {"enough", {"/l", "the ledger", 0, 256 * MIB, 64 * MIB, 100000, 50000, FALSE}, ""},
        {"few files", {"/l", "the ledger", 0, 1000 * MIB, 64 * MIB, 100000, 9999, FALSE}, "warning /l"},
        {"no files", {"/l", "the ledger", 0, 1000 * MIB, 64 * MIB, 100000, 999, FALSE}, "error /l"},
        {"files are not counted", {"/l", "the ledger", 0, 1000 * MIB, 64 * MIB, 0, 0, FALSE}, ""},
        {"read-only", {"/l", "the ledger", 0, 1000 * MIB, 64 * MIB, 100000, 50000, TRUE}, "error /l"},
        {"not to be seen", {"/l", "the ledger", EACCES, 0, 0, 0, 0, FALSE}, "note /l"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) findings = findings_new();
        g_test_message("%s", cases[i].name);
        check_disk(findings, &cases[i].disk);
        EXPECT(findings, cases[i].found);
    }
}

static const struct path_wish key = {.what = "a key",
                                     .type = S_IFREG,
                                     .most = 0600,
                                     .least = 0400,
                                     .owners = {"signer", "root"},
                                     .level = FINDING_ERROR,
                                     .promise = PROMISE_SIGNED};
static const struct path_wish folder = {.what = "a folder",
                                        .type = S_IFDIR,
                                        .most = 02750,
                                        .least = 0710,
                                        .group = "postfix",
                                        .level = FINDING_ERROR,
                                        .promise = PROMISE_NO_LOSS};

static void test_path(void)
{
    static const struct {
        const char *name;
        const struct path_wish *wish;
        struct path_fact fact;
        const char *found, *remedy; /* of the last one */
    } cases[] = {
        {"a key", &key, {"/k", 0, S_IFREG | 0400, "signer", "signer"}, "", NULL},
        {"root's key", &key, {"/k", 0, S_IFREG | 0600, "root", "root"}, "", NULL},
        {"readable by others", &key, {"/k", 0, S_IFREG | 0444, "signer", "signer"}, "error /k", "chmod 0400 /k"},
        {"readable by a group", &key, {"/k", 0, S_IFREG | 0640, "signer", "signer"}, "error /k", "chmod 0600 /k"},
        {"readable by nobody", &key, {"/k", 0, S_IFREG, "signer", "signer"}, "error /k", "chmod 0400 /k"},
        {"somebody else's", &key, {"/k", 0, S_IFREG | 0400, "www-data", "root"}, "error /k", "chown signer /k"},
        {"both", &key, {"/k", 0, S_IFREG | 0666, "www-data", "root"}, "error /k\nerror /k", "chown signer /k"},
        {"a link", &key, {"/k", 0, S_IFLNK | 0777, "signer", "signer"}, "error /k", NULL},
        {"no key", &key, {"/k", ENOENT, 0, NULL, NULL}, "error /k", NULL},
        {"not to be seen", &key, {"/k", EACCES, 0, NULL, NULL}, "note /k", "postwelle check    # as root"},
        {"a folder", &folder, {"/f", 0, S_IFDIR | 02750, "postwelle", "postfix"}, "", NULL},
        {"less is enough", &folder, {"/f", 0, S_IFDIR | 0710, "postwelle", "postfix"}, "", NULL},
        {"its group can't go in",
         &folder,
         {"/f", 0, S_IFDIR | 0700, "postwelle", "postfix"},
         "error /f",
         "chmod 0710 /f"},
        {"open to others", &folder, {"/f", 0, S_IFDIR | 02755, "postwelle", "postfix"}, "error /f", "chmod 2750 /f"},
        {"another group's",
         &folder,
         {"/f", 0, S_IFDIR | 02750, "postwelle", "postwelle"},
         "error /f",
         "chown :postfix /f"},
        {"no folder", &folder, {"/f", ENOENT, 0, NULL, NULL}, "error /f", "install -d -m 2750 -g postfix /f"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) findings = findings_new();
        g_test_message("%s", cases[i].name);
        check_path(findings, "Files", &cases[i].fact, cases[i].wish);
        EXPECT(findings, cases[i].found);
        g_assert_cmpstr(((struct finding *)findings->pdata[findings->len - 1])->remedy, ==, cases[i].remedy);
    }
}

static void test_socket(void)
{
    static const struct {
        int errnum;
        const char *answer, *found, *remedy;
    } cases[] = {
        {0, NULL, "", NULL},
        {ECONNREFUSED, NULL, "error /s", "systemctl restart postwelle-milter"},
        {EACCES, NULL, "error /s", "systemd-tmpfiles --create    # modes and owners of the folders"},
        {0, "HTTP/1.1 400", "error /s", "systemctl restart postwelle-milter"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) findings = findings_new();
        check_socket(findings, &(struct check_socket){.topic = "Sockets",
                                                      .address = "/s",
                                                      .what = "the milter",
                                                      .unit = "postwelle-milter",
                                                      .errnum = cases[i].errnum,
                                                      .expected = "a milter's",
                                                      .answer = cases[i].answer,
                                                      .level = FINDING_ERROR,
                                                      .promise = PROMISE_NO_LOSS});
        EXPECT(findings, cases[i].found);
        g_assert_cmpstr(((struct finding *)findings->pdata[0])->remedy, ==, cases[i].remedy);
    }
}

/* --- policyd, backups, log --- */

static struct check_policyd healthy(void)
{
    return (struct check_policyd){.version = "1",
                                  .our_version = "1",
                                  .configuration = "c",
                                  .our_configuration = "c",
                                  .clients = "k",
                                  .our_clients = "k",
                                  .config_file = "/p.conf",
                                  .clients_folder = "/c",
                                  .slots = 5,
                                  .epoch = 1,
                                  .read = NOW - 3,
                                  .backup = NOW - 3600,
                                  .now = NOW};
}

static void test_policyd(void)
{
    struct check_policyd states[8];
    static const char *const expected[] = {
        "", "error service", "warning version", "error configuration", "error clients", "", "", ""};
    for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
        states[i] = healthy();
    states[1].refusal = "the witness is ahead";
    states[2].version = "0";
    states[3].configuration = "old";
    states[4].clients = "old";
    states[5].our_clients = NULL; /* wrong files are told elsewhere */
    for (size_t i = 0; i < G_N_ELEMENTS(states); i++) {
        g_autoptr(GPtrArray) findings = findings_new();
        check_policyd(findings, &states[i]);
        EXPECT(findings, expected[i]);
    }
}

static void test_backup(void)
{
    static const struct {
        gint64 backup;
        guint64 slots;
        const char *refusal, *found;
    } cases[] = {
        {NOW - 3600, 5, NULL, ""},
        {NOW - CHECK_BACKUP_LATE, 5, NULL, ""},
        {NOW - CHECK_BACKUP_LATE - 1, 5, NULL, "warning ledger"},
        {0, 5, NULL, "warning ledger"},
        {0, 0, NULL, "note ledger"},
        {0, 0, "not in service", ""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) findings = findings_new();
        struct check_policyd policyd = healthy();
        policyd.backup = cases[i].backup;
        policyd.slots = cases[i].slots;
        policyd.refusal = cases[i].refusal;
        check_backup(findings, &policyd);
        EXPECT(findings, cases[i].found);
    }
}

static void test_log(void)
{
    static const struct {
        const char *name;
        int errnum;
        gboolean lines;
        gint64 read, gap;
        const char *refusal, *found;
    } cases[] = {
        {"followed", 0, TRUE, NOW - 3, 0, NULL, ""},
        {"the last moment", 0, TRUE, NOW - CHECK_TRACK_LATE, 0, NULL, ""},
        {"not followed", 0, TRUE, NOW - CHECK_TRACK_LATE - 1, 0, NULL, "error track"},
        {"never", 0, TRUE, 0, 0, NULL, "error track"},
        {"no log", ENOENT, FALSE, NOW, 0, NULL, "error /m"},
        {"may not be read", EACCES, FALSE, NOW, 0, NULL, "note /m"},
        {"another program's", 0, FALSE, NOW, 0, NULL, "error /m"},
        {"lines were lost", 0, TRUE, NOW, NOW - 86400, NULL, "note gap"},
        {"long ago", 0, TRUE, NOW, NOW - CHECK_GAP_RECENT - 1, NULL, ""},
        {"policyd does not tell", 0, TRUE, 0, 0, "not in service", ""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) findings = findings_new();
        struct check_policyd policyd = healthy();
        policyd.read = cases[i].read;
        policyd.gap = cases[i].gap;
        policyd.refusal = cases[i].refusal;
        g_test_message("%s", cases[i].name);
        check_log(findings, &(struct check_log){"/m", FALSE, cases[i].errnum, cases[i].lines, "postfix", FALSE},
                  &policyd);
        EXPECT(findings, cases[i].found);
    }
}

/* Postfix made it for root alone: who checks as root can read it, but the tracker can't. */
static void test_hidden_log(void)
{
    g_autoptr(GPtrArray) findings = findings_new();
    const struct check_policyd policyd = healthy();
    check_log(findings, &(struct check_log){"/m", FALSE, 0, TRUE, "postfix", TRUE}, &policyd);
    EXPECT(findings, "error /m");
    g_assert_true(
        g_str_has_prefix(((const struct finding *)findings->pdata[0])->remedy, "chgrp adm /m && chmod 640 /m"));
}

static void test_journal(void)
{
    const struct check_policyd policyd = healthy();
    for (int kept = 0; kept < 2; kept++) {
        g_autoptr(GPtrArray) findings = findings_new();
        check_log(findings, &(struct check_log){NULL, kept, 0, FALSE, "postfix", FALSE}, &policyd);
        EXPECT(findings, kept ? "" : "warning journal");
    }
}

static void test_rotation(void)
{
    static const struct {
        const char *name, *text, *found;
        gboolean named;
    } cases[] = {
        {"Debian's",
         "/var/log/syslog\n/var/log/mail.log\n{\n\trotate "
         "4\n\tcompress\n\tdelaycompress\n\tpostrotate\n\t\tx\n\tendscript\n}\n",
         "", TRUE},
        {"compressed at once", "/var/log/mail.log {\n    compress\n}\n", "warning /l", TRUE},
        {"with copies", "/var/log/mail.log {\n  copytruncate\n  compress\n  delaycompress\n}\n", "warning /l", TRUE},
        {"not compressed", "/var/log/mail.log {\n  weekly\n}\n", "", TRUE},
        {"by a pattern", "# logs\n/var/log/*.log {\n  compress\n}\n", "warning /l", TRUE},
        {"another log", "/var/log/mail.err {\n  compress\n}\n/var/log/mail.log {\n  daily\n}\n", "", TRUE},
        {"the second block", "/var/log/a {\n  daily\n}\n\"/var/log/mail.log\" {\n  compress\n}\n", "warning /l", TRUE},
        {"cut off", "/var/log/mail.log {\n  compress", "warning /l", TRUE},
        {"another log alone", "/var/log/mail.err {\n  compress\n}\n", "", FALSE},
        {"nothing", "", "", FALSE},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) findings = findings_new();
        g_test_message("%s", cases[i].name);
        g_assert_true(check_rotation(findings, "/var/log/mail.log", "/l", cases[i].text) == cases[i].named);
        EXPECT(findings, cases[i].found);
    }
}

/* --- systemd --- */

static const struct {
    const char *name, *show, *found, *remedy; /* of the first one */
} unit_cases[] = {
    {"all is well",
     "Id=postwelle-policyd.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\nNRestarts=0\n\n"
     "Id=postwelle.timer\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\n",
     "", NULL},
    {"stopped",
     "Id=postwelle-track.service\nLoadState=loaded\nActiveState=inactive\nUnitFileState=enabled\nNRestarts=0\n",
     "error postwelle-track.service",
     "systemctl start postwelle-track.service; systemctl status postwelle-track.service"},
    {"disabled", "Id=postwelle.timer\nLoadState=loaded\nActiveState=inactive\nUnitFileState=disabled\n",
     "error postwelle.timer", "systemctl enable --now postwelle.timer"},
    {"not after the next start",
     "Id=postwelle-milter.service\nLoadState=loaded\nActiveState=active\nUnitFileState=disabled\n",
     "warning postwelle-milter.service", "systemctl enable --now postwelle-milter.service"},
    {"not installed", "Id=postwelle-backup.timer\nLoadState=not-found\nActiveState=inactive\nUnitFileState=\n",
     "error postwelle-backup.timer", "systemctl enable --now postwelle-backup.timer"},
    {"it crashes",
     "Id=postwelle-policyd.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\nNRestarts=3\n",
     "warning postwelle-policyd.service", "journalctl -u postwelle-policyd.service -p warning -n 50"},
    {"somebody else's", "Id=cron.service\nLoadState=loaded\nActiveState=inactive\n", "", NULL},
    {"nothing", "", "", NULL},
};

static void test_no_rotation(void)
{
    g_autoptr(GPtrArray) findings = findings_new();
    check_no_rotation(findings, "/var/log/mail.log");
    EXPECT(findings, "warning rotation");
    g_assert_nonnull(strstr(((const struct finding *)findings->pdata[0])->remedy, "s#@maillog@#/var/log/mail.log#"));
}

static void test_units(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(unit_cases); i++) {
        g_autoptr(GPtrArray) findings = findings_new();
        g_test_message("%s", unit_cases[i].name);
        check_systemd(findings, unit_cases[i].show);
        EXPECT(findings, unit_cases[i].found);
        if (unit_cases[i].remedy != NULL)
            g_assert_cmpstr(((struct finding *)findings->pdata[0])->remedy, ==, unit_cases[i].remedy);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/check/clock", test_clock);
    g_test_add_func("/check/disk", test_disk);
    g_test_add_func("/check/path", test_path);
    g_test_add_func("/check/socket", test_socket);
    g_test_add_func("/check/policyd", test_policyd);
    g_test_add_func("/check/backup", test_backup);
    g_test_add_func("/check/log", test_log);
    g_test_add_func("/check/hidden-log", test_hidden_log);
    g_test_add_func("/check/journal", test_journal);
    g_test_add_func("/check/rotation", test_rotation);
    g_test_add_func("/check/no-rotation", test_no_rotation);
    g_test_add_func("/check/units", test_units);
    return g_test_run();
}
