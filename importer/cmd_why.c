/* cmd_why.c - postwelle why: every decision about one address, in plain words. */
#include "importer/command.h"

#include "importer/control.h"
#include "importer/why.h"
#include "lib/error.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

struct explaining {
    const char *client; /* --client, or NULL: all */
    gint64 now;
    const struct client *const *clients;
    size_t count;
    struct why_verdict *verdicts; /* one a client */
    gboolean *told;               /* a row is about it */
    json_t *rows;
    GString *text;
};

/* The time zone of a row's client; ours where it is about none. */
static GTimeZone *zone_of(const struct explaining *explaining, const char *client)
{
    for (size_t i = 0; i < explaining->count; i++)
        if (strcmp(explaining->clients[i]->name, client) == 0)
            return g_time_zone_ref(explaining->clients[i]->zone);
    return g_time_zone_new_local();
}

static const char *client_of(const struct attributes *row)
{
    const char *client = attributes_get(row, "client");
    return client != NULL ? client : attributes_text(row, "scope");
}

static json_t *row_json(const struct attributes *row)
{
    static const char *const numbers[] = {
        "since", "until", "changed", "imported", "opened",   "held_since",       "held_until",      "participant",
        "row",   "wave",  "attempt", "answered", "reminder", "reminder_attempt", "reminder_changed"};
    json_t *object = json_object();
    for (size_t i = 1; i < row->count; i++) {
        gboolean is_number = FALSE;
        for (size_t k = 0; k < G_N_ELEMENTS(numbers); k++)
            is_number |= strcmp(row->list[i].name, numbers[k]) == 0;
        json_object_set_new(object, row->list[i].name,
                            is_number ? json_integer((json_int_t)control_number(row, row->list[i].name))
                                      : json_string(row->list[i].value));
    }
    return object;
}

static gboolean take_row(void *cookie, const struct attributes *row, GError **error)
{
    struct explaining *explaining = cookie;
    const char *client = client_of(row);
    (void)error;
    if (explaining->client != NULL && strcmp(client, explaining->client) != 0 && strcmp(client, "*") != 0)
        return TRUE;
    for (size_t i = 0; i < explaining->count; i++) {
        why_judge(row, explaining->clients[i]->name, explaining->now, &explaining->verdicts[i]);
        explaining->told[i] |= strcmp(client, explaining->clients[i]->name) == 0;
    }
    g_autoptr(GTimeZone) zone = zone_of(explaining, client);
    g_autofree char *sentence = why_sentence(row, zone);
    if (sentence != NULL) {
        g_string_append(explaining->text, sentence);
        g_string_append_c(explaining->text, '\n');
    }
    json_array_append_new(explaining->rows, row_json(row));
    return TRUE;
}

/* The clients that rows are about, or the one that was asked about. */
static gboolean is_concerned(const struct explaining *explaining, size_t i)
{
    return explaining->client != NULL ? strcmp(explaining->clients[i]->name, explaining->client) == 0
                                      : explaining->told[i];
}

static void print_text(const struct explaining *explaining, const char *address)
{
    gboolean first = TRUE;
    if (json_array_size(explaining->rows) == 0)
        g_print("Nothing is known of %s%s%s: it was in no list, has no slot, and is not suppressed.\n", address,
                explaining->client != NULL ? " at " : "", explaining->client != NULL ? explaining->client : "");
    else
        g_print("%s\n\n%s", address, explaining->text->str);
    for (size_t i = 0; i < explaining->count; i++) {
        if (!is_concerned(explaining, i))
            continue;
        g_autofree char *sentence =
            why_verdict_sentence(&explaining->verdicts[i], explaining->clients[i]->name, explaining->clients[i]->zone);
        g_print("%s%s\n", first ? "\n" : "", sentence);
        first = FALSE;
    }
}

static void print_json(const struct explaining *explaining, const char *address)
{
    json_t *clients = json_array(), *root = json_pack("{s:s}", "address", address);
    for (size_t i = 0; i < explaining->count; i++)
        if (is_concerned(explaining, i))
            json_array_append_new(clients, json_pack("{s:s, s:b, s:I}", "client", explaining->clients[i]->name,
                                                     "suppressed", explaining->verdicts[i].suppressed, "capped_until",
                                                     (json_int_t)explaining->verdicts[i].capped_until));
    json_object_set(root, "known", explaining->rows);
    json_object_set_new(root, "clients", clients);
    json_dumpf(root, stdout, JSON_INDENT(3));
    putchar('\n');
    json_decref(root);
}

static gboolean explain(struct explaining *explaining, struct policy_client *policy, const char *address,
                        gboolean as_json, GError **error)
{
    struct attributes last;
    if (!control_rows(policy, control_request("explain", "address", address, NULL), take_row, explaining, &last, error))
        return FALSE;
    (as_json ? print_json : print_text)(explaining, address);
    return TRUE;
}

/* *known_r: there is something to tell. */
static gboolean run(struct command_context *context, const char *address, const char *client, gboolean as_json,
                    gboolean *known_r, GError **error)
{
    g_autoptr(client_set_auto) clients = control_clients(context, error);
    if (clients == NULL)
        return FALSE;
    if (client != NULL && client_by_name(clients, client) == NULL)
        return error_set(error, ERROR_DATA, "--client %s: there is no such client; `postwelle client list` shows them",
                         client);
    g_autoptr(policy_client_auto) policy = control_open(context, error);
    if (policy == NULL)
        return FALSE;
    struct explaining explaining = {
        .client = client, .now = g_get_real_time() / G_USEC_PER_SEC, .rows = json_array(), .text = g_string_new(NULL)};
    explaining.clients = client_set_list(clients, &explaining.count);
    explaining.verdicts = g_new0(struct why_verdict, explaining.count);
    explaining.told = g_new0(gboolean, explaining.count);
    gboolean good = explain(&explaining, policy, address, as_json, error);
    *known_r = json_array_size(explaining.rows) > 0;
    json_decref(explaining.rows);
    g_string_free(explaining.text, TRUE);
    g_free(explaining.verdicts);
    g_free(explaining.told);
    return good;
}

int cmd_why(struct command_context *context, int argc, char **argv)
{
    gboolean as_json = FALSE, known = FALSE;
    g_autofree char *client = NULL;
    const GOptionEntry entries[] = {
        {"client", 0, 0, G_OPTION_ARG_STRING, &client, "Only what concerns this client", "NAME"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print JSON", NULL},
        {0},
    };
    GError *error = NULL;
    if (!command_options(
            &argc, &argv, "why ADDRESS",
            "Why did this address get a mail, or get none? Tells what suppresses it, what became of it in each "
            "campaign, which slots it has, and what that means for each client. Exit status 1: nothing is known "
            "of it.",
            entries, 1, 1, &error) ||
        !run(context, argv[1], client, as_json, &known, &error))
        return command_fail(error);
    return known ? 0 : ERROR_WANTING;
}
