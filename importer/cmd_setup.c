/* cmd_setup.c - postwelle setup: puts what Postwelle needs into the configuration of what it works with. */
#include "importer/command.h"

#include "importer/postfix_setup.h"
#include "importer/table.h"
#include "lib/error.h"

#include <string.h>
#include <unistd.h>

#define FOLDER_WHY "for a socket that Postfix's chrooted services reach"

/* --- what would be changed --- */

/* Each -o of an entry on a line of its own, as in master.cf; new ones with their reasons. */
static void print_entry(char sign, const char *name, const char *entry)
{
    g_auto(GStrv) lines = g_strsplit(entry, " -o ", -1);
    g_print("  %c %s\n", sign, lines[0]);
    for (char **line = lines + 1; *line != NULL; line++) {
        g_autofree char *option = g_strndup(*line, strcspn(*line, "="));
        const struct postfix_setting *setting = postfix_option_find(name, option);
        if (sign == '+' && setting != NULL)
            g_print("        # %s\n", setting->why);
        g_print("  %c     -o %s\n", sign, *line);
    }
}

static void print_value(char sign, const struct postfix_change *change, const struct postfix_detail *detail,
                        const char *value)
{
    if (!change->service)
        g_print("  %c %s = %s%s\n", sign, detail->setting, value,
                sign == '-' && change->before == NULL ? "   (Postfix's default)" : "");
    else if (g_str_has_prefix(detail->setting, "-o "))
        g_print("  %c %s: %s=%s\n", sign, change->name, detail->setting, value);
    else
        print_entry(sign, change->name, value);
}

static void print_change(const struct postfix_change *change)
{
    for (guint i = 0; i < change->details->len; i++) {
        const struct postfix_detail *detail = change->details->pdata[i];
        if (*detail->why != '\0')
            g_print("    # %s\n", detail->why);
        if (detail->now != NULL)
            print_value('-', change, detail, detail->now);
        if (detail->then != NULL && change->conflict == NULL)
            print_value('+', change, detail, detail->then);
    }
    if (change->conflict != NULL)
        g_print("  ! %s: %s\n", change->name, change->conflict);
}

static void print_file(const char *config, const char *file, const GPtrArray *changes, gboolean service)
{
    gboolean first = TRUE;
    for (guint i = 0; i < changes->len; i++) {
        const struct postfix_change *change = changes->pdata[i];
        if (change->service != service)
            continue;
        if (first)
            g_print("%s/%s\n", config, file);
        first = FALSE;
        print_change(change);
    }
}

static char *folder_text(const struct postfix_folder *folder)
{
    return g_strdup_printf("a folder of %s, group %s, mode 2750", folder->user, folder->group);
}

static void print_folders(const GPtrArray *folders)
{
    for (guint i = 0; i < folders->len; i++) {
        const struct postfix_folder *folder = folders->pdata[i];
        g_autofree char *text = folder_text(folder);
        g_print("%s\n    # " FOLDER_WHY "\n  + %s\n", folder->path, text);
    }
}

static void print_json(const GPtrArray *changes, const GPtrArray *folders)
{
    static const struct table_column columns[] = {
        {"FILE", TABLE_TEXT}, {"NAME", TABLE_TEXT}, {"SETTING", TABLE_TEXT},  {"NOW", TABLE_TEXT},
        {"THEN", TABLE_TEXT}, {"WHY", TABLE_TEXT},  {"CONFLICT", TABLE_TEXT}, {NULL, TABLE_TEXT}};
    g_autoptr(table_auto) table = table_new("changes", columns, TRUE);
    for (guint i = 0; i < changes->len; i++) {
        const struct postfix_change *change = changes->pdata[i];
        for (guint j = 0; j < change->details->len; j++) {
            const struct postfix_detail *detail = change->details->pdata[j];
            table_add(table, change->service ? "master.cf" : "main.cf", change->name, detail->setting, detail->now,
                      detail->then, detail->why, change->conflict);
        }
    }
    for (guint i = 0; i < folders->len; i++) {
        const struct postfix_folder *folder = folders->pdata[i];
        g_autofree char *text = folder_text(folder);
        table_add(table, folder->path, NULL, NULL, NULL, text, FOLDER_WHY, NULL);
    }
    table_print(table);
}

/* --- the command --- */

struct setup {
    gboolean apply, undo, dry_run, keep_changed, json;
    char *config, *instance_name, *user, *command;
    struct postfix_instance *instance;
    struct postfix_record *record;
    GPtrArray *changes, *folders;
    int lock;
};

static void setup_release(struct setup *setup)
{
    g_free(setup->config);
    g_free(setup->instance_name);
    g_free(setup->user);
    g_free(setup->command);
    postfix_instance_free(setup->instance);
    postfix_record_free(setup->record);
    g_clear_pointer(&setup->changes, g_ptr_array_unref);
    g_clear_pointer(&setup->folders, g_ptr_array_unref);
    if (setup->lock >= 0)
        close(setup->lock);
}

static gboolean good_options(const struct setup *setup, GError **error)
{
    if (setup->apply + setup->undo + setup->dry_run > 1 && !(setup->undo && setup->dry_run))
        return error_set(error, ERROR_USAGE,
                         "choose one of --dry-run, --apply and --undo (--undo --dry-run shows what "
                         "--undo would do)");
    if (setup->config != NULL && setup->instance_name != NULL)
        return error_set(error, ERROR_USAGE, "--config-dir and --instance both name a Postfix; give one of them");
    if (setup->keep_changed && !setup->undo)
        return error_set(error, ERROR_USAGE, "--keep-changed belongs to --undo");
    return TRUE;
}

/* Reads all that there is to know, and plans. */
static gboolean plan(struct setup *setup, struct command_context *context, GError **error)
{
    if (setup->instance_name != NULL && (setup->config = postfix_instance_folder(setup->instance_name, error)) == NULL)
        return FALSE;
    setup->instance = postfix_instance_open(context, setup->config, error);
    if (setup->instance == NULL)
        return FALSE;
    setup->instance->site.user = setup->user;
    setup->instance->site.command = setup->command;
    setup->lock = postfix_setup_lock(setup->instance->config, error);
    if (setup->lock < 0 || !postfix_instance_reread(setup->instance, error))
        return FALSE;
    setup->record = postfix_record_load(setup->instance->config, error);
    if (setup->record == NULL)
        return FALSE;
    setup->changes = setup->undo ? postfix_record_undo(setup->record, setup->instance->facts)
                                 : postfix_changes(setup->instance->facts, &setup->instance->site);
    setup->folders = setup->undo ? g_ptr_array_new() : postfix_setup_folders(setup->instance, context->config);
    return TRUE;
}

static void show(const struct setup *setup)
{
    print_file(setup->instance->config, "main.cf", setup->changes, FALSE);
    print_file(setup->instance->config, "master.cf", setup->changes, TRUE);
    print_folders(setup->folders);
}

/* What else an administrator has to do; to stderr, as it is no part of the result. */
static void advise(const struct setup *setup, const struct config *config)
{
    const struct postfix_instance *instance = setup->instance;
    const char *log = postfix_facts_expanded(instance->facts, "maillog_file");
    const char *followed = config_text(config, "postfix", "maillog"), *own = LOCALSTATEDIR "/spool/postfix";
    if (strcmp(instance->config, config_text(config, "postfix", "config-directory")) != 0)
        g_printerr(
            "Our other commands work with another Postfix. For this one, in %s: [postfix] config-directory = %s\n",
            config_path(config), instance->config);
    if (*log != '\0' && strcmp(config_text(config, "postfix", "log"), "journal") == 0)
        g_printerr("This Postfix writes %s, and `postwelle track` follows the journal. In %s: [postfix] log = file, "
                   "maillog = %s\n",
                   log, config_path(config), log);
    else if (*log != '\0' && strcmp(log, followed) != 0)
        g_printerr("This Postfix writes %s, and `postwelle track` follows %s. In %s: [postfix] maillog = %s\n", log,
                   followed, config_path(config), log);
    if (strcmp(instance->queue, own) != 0)
        g_printerr(
            "The daemons' units may write to %s only. With systemctl edit: ReadWritePaths=%s/postwelle-policyd (and "
            "postwelle-milter)\n",
            own, instance->queue);
    g_printerr("Next: postfix -c %s reload\n", instance->config);
}

static int wanting(const struct setup *setup)
{
    if (!setup->json && setup->undo)
        g_printerr("Nothing was changed. %s\n",
                   postfix_changes_have_conflict(setup->changes)
                       ? "What is marked ! was changed since; --undo --keep-changed leaves it"
                       : "--undo does it");
    else if (!setup->json)
        g_printerr("Nothing was changed. %s\n",
                   postfix_changes_have_conflict(setup->changes)
                       ? "What is marked ! is for a person to put right first; all else waits"
                       : "--apply does it");
    return ERROR_WANTING;
}

static int apply(struct setup *setup, const struct config *config, GError **error)
{
    g_autofree char *backup = NULL;
    if (!postfix_setup_apply(setup->instance, setup->changes, setup->folders, &backup, error))
        return -1;
    g_printerr("Done. As they were: %s/main.cf%s and master.cf%s; --undo goes back setting by setting\n",
               setup->instance->config, backup, backup);
    advise(setup, config);
    return 0;
}

static int undo(struct setup *setup, GError **error)
{
    if (!postfix_setup_undo(setup->instance, setup->record, setup->changes, error))
        return -1;
    g_printerr("Done. Next: postfix -c %s reload\n", setup->instance->config);
    return 0;
}

/* The exit status; -1 with *error. */
static int act(struct setup *setup, const struct config *config, GError **error)
{
    const gboolean recorded = setup->record->items->len > 0 || setup->record->folders->len > 0;
    if (setup->changes->len == 0 && setup->folders->len == 0 && !(setup->undo && recorded)) {
        if (!setup->json)
            g_print("%s: %s\n", setup->instance->config,
                    setup->undo ? "nothing to undo" : "all is as it should be; nothing to change");
        return 0;
    }
    const gboolean conflict = postfix_changes_have_conflict(setup->changes);
    if (setup->dry_run || (setup->undo ? conflict && !setup->keep_changed : conflict || !setup->apply))
        return wanting(setup);
    return setup->undo ? undo(setup, error) : apply(setup, config, error);
}

/* Likewise. People see what is to be changed before it is; programs, after it was. */
static int work(struct setup *setup, struct command_context *context, GError **error)
{
    if (!plan(setup, context, error))
        return -1;
    if (!setup->json)
        show(setup);
    int status = act(setup, context->config, error);
    if (setup->json && status >= 0)
        print_json(setup->changes, setup->folders);
    return status;
}

static int postfix_command(struct command_context *context, int argc, char **argv)
{
    struct setup setup = {.lock = -1};
    const GOptionEntry entries[] = {
        {"dry-run", 'n', 0, G_OPTION_ARG_NONE, &setup.dry_run, "Show what would be changed, and why (default)", NULL},
        {"apply", 0, 0, G_OPTION_ARG_NONE, &setup.apply, "Change it", NULL},
        {"undo", 0, 0, G_OPTION_ARG_NONE, &setup.undo, "Put back what --apply changed", NULL},
        {"keep-changed", 0, 0, G_OPTION_ARG_NONE, &setup.keep_changed,
         "With --undo: leave what somebody has changed since as it is", NULL},
        {"config-dir", 0, 0, G_OPTION_ARG_FILENAME, &setup.config,
         "Postfix's configuration folder (default: [postfix] config-directory)", "DIR"},
        {"instance", 0, 0, G_OPTION_ARG_STRING, &setup.instance_name, "The same, by the name postmulti(1) knows",
         "NAME"},
        {"pipe-user", 0, 0, G_OPTION_ARG_STRING, &setup.user,
         "Who takes bounces and unsubscribe mails: in the feedback socket's group, not root (default: as it is, "
         "first " POSTFIX_USER ")",
         "USER[:GROUP]"},
        {"pipe-command", 0, 0, G_OPTION_ARG_STRING, &setup.command,
         "The command that takes them (default: as it is, first this one)", "COMMAND"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &setup.json,
         "Print JSON: the changes (file, name, setting, now, then, why, conflict), as they are to be made, or were",
         NULL},
        {0},
    };
    GError *error = NULL;
    int status =
        command_options(
            &argc, &argv, "setup postfix",
            "Puts into Postfix's main.cf and master.cf what Postwelle needs. Shows it as a difference with its "
            "reasons; --apply makes it with postconf(1), after copies of both files were kept, and --undo "
            "takes it back. What is the site's own stays: lists keep all their items, and ours comes last "
            "(milters) or first. Run it again when there is a new client, whose return-path domain Postfix "
            "has to know. Ends with 1 while something is to be changed.",
            entries, 0, 0, &error) &&
                good_options(&setup, &error)
            ? work(&setup, context, &error)
            : -1;
    setup_release(&setup);
    return status >= 0 ? status : command_fail(error);
}

int cmd_setup(struct command_context *context, int argc, char **argv)
{
    static const struct command verbs[] = {
        {"postfix", "put what Postwelle needs into Postfix's configuration", postfix_command},
        {0},
    };
    return command_dispatch(context, "setup", verbs, argc, argv);
}
