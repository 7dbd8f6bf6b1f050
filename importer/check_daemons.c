/* check_daemons.c - policyd, the log, backups, systemd's units; see check_daemons.h. */
#include "importer/check_daemons.h"

#include "importer/postfix.h"
#include "importer/table.h"

#include <errno.h>
#include <string.h>

/* --- sockets ------------------------------------------------------------------------------------ */

void check_socket(GPtrArray *findings, const struct check_socket *socket)
{
    const struct check_about about = {socket->level, socket->promise, socket->topic, socket->address};
    g_autofree char *remedy = g_strdup_printf("systemctl restart %s", socket->unit != NULL ? socket->unit : "postfix");
    if (socket->errnum != 0)
        check_add(findings, &about, NULL,
                  socket->errnum == EACCES ? "systemd-tmpfiles --create    # modes and owners of the folders" : remedy,
                  "%s: nobody can be reached: %s", socket->what, g_strerror(socket->errnum));
    else if (socket->answer != NULL)
        check_add(findings, &about, socket->answer, remedy, "%s: the answer is not %s", socket->what, socket->expected);
    else
        check_good(findings, socket->topic, socket->address, "%s: answers", socket->what);
}

/* --- policyd ------------------------------------------------------------------------------------ */

void check_policyd(GPtrArray *findings, const struct check_policyd *policyd)
{
    const char *topic = "policyd";
    guint before = findings->len;
    if (policyd->refusal != NULL) {
        check_add(findings, &(struct check_about){FINDING_ERROR, PROMISE_NO_LOSS, topic, "service"}, policyd->refusal,
                  "what it says; then systemctl restart postwelle-policyd",
                  "the ledger is not in service; all mail is put off (451)");
        return;
    }
    if (strcmp(policyd->version, policyd->our_version) != 0)
        check_add(findings, &(struct check_about){FINDING_WARNING, PROMISE_NONE, topic, "version"}, policyd->version,
                  "systemctl restart postwelle-policyd postwelle-milter", "it is not the version of this command, %s",
                  policyd->our_version);
    if (strcmp(policyd->configuration, policyd->our_configuration) != 0)
        check_add(findings, &(struct check_about){FINDING_ERROR, PROMISE_NONE, topic, "configuration"}, NULL,
                  "systemctl restart postwelle-policyd postwelle-milter postwelle-track",
                  "it was started with another postwelle.conf than %s is now", policyd->config_file);
    if (policyd->our_clients != NULL && strcmp(policyd->clients, policyd->our_clients) != 0)
        check_add(findings, &(struct check_about){FINDING_ERROR, PROMISE_SIGNED, topic, "clients"}, NULL,
                  "systemctl reload postwelle-policyd postwelle-milter",
                  "it knows other clients' files than are in %s now", policyd->clients_folder);
    if (findings->len == before)
        check_good(findings, topic, "service",
                   "in service: version %s, epoch %" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT
                   " slots, with the configuration of the files",
                   policyd->version, policyd->epoch, policyd->slots);
}

void check_backup(GPtrArray *findings, const struct check_policyd *policyd)
{
    const char *remedy = "systemctl start postwelle-backup.service && systemctl enable --now postwelle-backup.timer";
    const struct check_about about = {FINDING_WARNING, PROMISE_NONE, "Backup", "ledger"};
    g_autofree char *when = table_time((guint64)policyd->backup, TABLE_MINUTE);
    if (policyd->refusal != NULL)
        return;
    if (policyd->backup == 0 && policyd->slots == 0)
        check_add(findings, &(struct check_about){FINDING_NOTE, PROMISE_NONE, "Backup", "ledger"}, NULL, remedy,
                  "there is none yet, and no invitation either");
    else if (policyd->backup == 0)
        check_add(findings, &about, NULL, remedy,
                  "there is none: with the disk the knowledge goes who was invited, and the witness grows");
    else if (policyd->now - policyd->backup > CHECK_BACKUP_LATE)
        check_add(findings, &about, when, remedy, "the last good one is more than a day old");
    else
        check_good(findings, "Backup", "ledger", "the last good one is of %s", when);
}

/* --- the log ------------------------------------------------------------------------------------ */

static void judge_following(GPtrArray *findings, const struct check_log *log, const struct check_policyd *policyd)
{
    const char *remedy = "systemctl enable --now postwelle-track; journalctl -u postwelle-track -n 20";
    const struct check_about about = {FINDING_ERROR, PROMISE_NO_LOSS, "Mail log", "track"};
    g_autofree char *read = table_time((guint64)policyd->read, TABLE_MINUTE);
    if (policyd->read == 0)
        check_add(findings, &about, NULL, remedy, "postwelle track has never read %s to its end",
                  log->path != NULL ? log->path : "the journal");
    else if (policyd->now - policyd->read > CHECK_TRACK_LATE)
        check_add(findings, &about, read, remedy,
                  "postwelle track has not read the log to its end since then: what became of mails is not known");
    else
        check_good(findings, "Mail log", "track", "followed to its end, %s", read);
    if (policyd->slots > 0 && policyd->gap > policyd->now - CHECK_GAP_RECENT) {
        g_autofree char *gap = table_time((guint64)policyd->gap, TABLE_MINUTE);
        check_add(findings, &(struct check_about){FINDING_NOTE, PROMISE_NONE, "Mail log", "gap"}, gap, NULL,
                  "lines before that time were never read: mails that were under way may be uncertain (postwelle "
                  "ledger show)");
    }
}

static void judge_journal(GPtrArray *findings, const struct check_log *log)
{
    const struct check_about about = {FINDING_WARNING, PROMISE_NO_LOSS, "Mail log", "journal"};
    if (!log->is_kept)
        check_add(findings, &about, NULL, "mkdir -p /var/log/journal && systemctl restart systemd-journald",
                  "the journal does not outlive a restart of the machine, and what became of mails just before it is "
                  "not known then");
}

static void judge_file(GPtrArray *findings, const struct check_log *log)
{
    static const char remedy[] =
        "in postwelle.conf set [postfix] maillog to the log that Postfix writes, or log = journal";
    const struct check_about about = {FINDING_ERROR, PROMISE_NO_LOSS, "Mail log", log->path};
    if (log->errnum == EACCES)
        check_add(findings, &(struct check_about){FINDING_NOTE, PROMISE_NONE, "Mail log", log->path}, NULL,
                  "postwelle check    # as root", "it can't be looked at: %s", g_strerror(log->errnum));
    else if (log->errnum != 0)
        check_add(findings, &about, NULL, remedy, "the log that track is to follow: %s", g_strerror(log->errnum));
    else if (log->is_hidden) {
        g_autofree char *let =
            g_strdup_printf("chgrp " POSTFIX_LOG_GROUP " %s && chmod 640 %s && systemctl restart postwelle-track",
                            log->path, log->path);
        check_add(findings, &about, NULL, let,
                  "postwelle-track may not read it (nor its folder, perhaps): Postfix makes its "
                  "own log for root alone");
    } else if (!log->has_lines)
        check_add(findings, &about, NULL, remedy,
                  "there is no line of Postfix (%s/…) in it: does Postfix write to another one?", log->syslog_name);
}

void check_log(GPtrArray *findings, const struct check_log *log, const struct check_policyd *policyd)
{
    if (log->path == NULL)
        judge_journal(findings, log);
    else
        judge_file(findings, log);
    if (policyd->refusal == NULL)
        judge_following(findings, log, policyd);
}

/* TRUE where one of the blanks-separated words (or patterns) is the log. */
static gboolean names_log(const char *words, const char *log)
{
    g_auto(GStrv) names = g_strsplit_set(words, " \t\n\"", -1);
    for (char **name = names; *name != NULL; name++)
        if (strcmp(*name, log) == 0 || (strpbrk(*name, "*?") != NULL && g_pattern_match_simple(*name, log)))
            return TRUE;
    return FALSE;
}

static gboolean has_directive(const char *block, const char *word)
{
    g_auto(GStrv) lines = g_strsplit(block, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        if (strcmp(g_strstrip(*line), word) == 0)
            return TRUE;
    return FALSE;
}

static void judge_rotation(GPtrArray *findings, const char *path, const char *block)
{
    const struct check_about about = {FINDING_WARNING, PROMISE_NO_LOSS, "Mail log", path};
    if (has_directive(block, "copytruncate")) {
        g_autofree char *remedy = g_strdup_printf("sed -i 's/copytruncate/create/' %s", path);
        check_add(findings, &about, "copytruncate", remedy, "lines that are written while the log is copied are lost");
    } else if (has_directive(block, "compress") && !has_directive(block, "delaycompress")) {
        g_autofree char *remedy = g_strdup_printf("sed -i 's/^\\( *\\)compress$/&\\n\\1delaycompress/' %s", path);
        check_add(findings, &about, "compress", remedy,
                  "without delaycompress the log is compressed at once, and track can't read what was left");
    }
}

gboolean check_rotation(GPtrArray *findings, const char *log, const char *path, const char *text)
{
    gboolean named = FALSE;
    g_autoptr(GString) names = g_string_new(NULL);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        char *open = strchr(*line, '{');
        if (**line == '#')
            continue;
        g_string_append_printf(names, " %.*s", open != NULL ? (int)(open - *line) : (int)strlen(*line), *line);
        if (open == NULL)
            continue;
        g_autoptr(GString) block = g_string_new(NULL);
        while (line[1] != NULL && strchr(*line, '}') == NULL)
            g_string_append_printf(block, "%s\n", *++line);
        if (names_log(names->str, log)) {
            judge_rotation(findings, path, block->str);
            named = TRUE;
        }
        g_string_truncate(names, 0);
    }
    return named;
}

void check_no_rotation(GPtrArray *findings, const char *log)
{
    const struct check_about about = {FINDING_WARNING, PROMISE_NO_LOSS, "Mail log", "rotation"};
    g_autofree char *remedy =
        g_strdup_printf("sed 's#@maillog@#%s#' " PKGDATADIR "/logrotate > /etc/logrotate.d/postwelle", log);
    check_add(findings, &about, log, remedy,
              "nothing rotates it: it grows until its disk is full, and keeps addresses for ever");
}

/* --- systemd ------------------------------------------------------------------------------------ */

const struct check_unit check_units[] = {
    {"postwelle-policyd.service", "nothing is decided, and all mail is put off", FINDING_ERROR, PROMISE_NO_LOSS},
    {"postwelle-milter.service", "nothing is signed, and all mail is put off", FINDING_ERROR, PROMISE_NO_LOSS},
    {"postwelle-track.service", "nobody learns what became of mails", FINDING_ERROR, PROMISE_NO_LOSS},
    {"postwelle-guard.socket", "mail that must not be sent again is not held", FINDING_WARNING, PROMISE_NONE},
    {"postwelle.timer", "no wave opens by itself", FINDING_ERROR, PROMISE_NONE},
    {"postwelle-backup.timer", "no backup is made", FINDING_ERROR, PROMISE_NONE},
    {"postwelle-web.service", "unsubscribe links are not answered", FINDING_WARNING, PROMISE_SUPPRESSED},
    {0},
};

static const struct check_unit *unit_named(const char *name)
{
    for (const struct check_unit *unit = check_units; unit->name != NULL; unit++)
        if (g_strcmp0(unit->name, name) == 0)
            return unit;
    return NULL;
}

static void judge_unit(GPtrArray *findings, const struct check_unit *unit, GHashTable *state)
{
    const char *active = g_hash_table_lookup(state, "ActiveState"), *load = g_hash_table_lookup(state, "LoadState");
    const char *file = g_hash_table_lookup(state, "UnitFileState"), *restarts = g_hash_table_lookup(state, "NRestarts");
    const struct check_about about = {unit->level, unit->promise, "Services", unit->name};
    g_autofree char *enable = g_strdup_printf("systemctl enable --now %s", unit->name);
    g_autofree char *start = g_strdup_printf("systemctl start %s; systemctl status %s", unit->name, unit->name);
    if (g_strcmp0(load, "loaded") != 0)
        check_add(findings, &about, load, enable, "systemd does not know it: %s", unit->what);
    else if (g_strcmp0(active, "active") != 0)
        check_add(findings, &about, active, g_strcmp0(file, "disabled") == 0 ? enable : start, "it does not run: %s",
                  unit->what);
    else if (g_strcmp0(file, "disabled") == 0)
        check_add(findings, &(struct check_about){FINDING_WARNING, PROMISE_NONE, "Services", unit->name}, file, enable,
                  "it runs, but will not after the next start of the machine");
    else if (restarts != NULL && g_ascii_strtoll(restarts, NULL, 10) >= CHECK_RESTARTS) {
        g_autofree char *look = g_strdup_printf("journalctl -u %s -p warning -n 50", unit->name);
        check_add(findings, &(struct check_about){FINDING_WARNING, PROMISE_NONE, "Services", unit->name}, NULL, look,
                  "systemd had to restart it %s times", restarts);
    } else
        check_good(findings, "Services", unit->name, "active");
}

void check_systemd(GPtrArray *findings, const char *show)
{
    g_auto(GStrv) blocks = g_strsplit(show, "\n\n", -1);
    for (char **block = blocks; *block != NULL; block++) {
        g_autoptr(GHashTable) state = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        g_auto(GStrv) lines = g_strsplit(*block, "\n", -1);
        for (char **line = lines; *line != NULL; line++) {
            char *equals = strchr(*line, '=');
            if (equals != NULL)
                g_hash_table_insert(state, g_strndup(*line, (gsize)(equals - *line)), g_strdup(equals + 1));
        }
        const struct check_unit *unit = unit_named(g_hash_table_lookup(state, "Id"));
        if (unit != NULL)
            judge_unit(findings, unit, state);
    }
}
