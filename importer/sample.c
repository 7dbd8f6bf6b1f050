/* sample.c - made-up participants; see sample.h. */
#include "importer/sample.h"

#include "importer/list_check.h"
#include "lib/error.h"

#include <string.h>

#define ADDRESS "kim.beispiel@participant.example"
#define MESSAGE_ID "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@%s" /* the SDID */
#define TOKEN "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define URL "https://www.example/"

static const struct {
    const char *column, *value;
} usual[] = {
    {"Anrede", "Frau"},       {"Vorname", "Kim"},      {"Nachname", "Beispiel"},  {"Name", "Beispiel"},
    {"Salutation", "Ms"},     {"First_name", "Kim"},   {"Last_name", "Beispiel"}, {"Firstname", "Kim"},
    {"Lastname", "Beispiel"}, {"Surname", "Beispiel"}, {"Titel", "Dr."},          {"Title", "Dr"},
};

/* The greeting is made of these, which templates need not name. */
static const char *const greeting_columns[] = {"Anrede", "Nachname"};

static void add(struct participant *participant, const char *name, const char *value)
{
    g_ptr_array_add(participant->attributes, g_strdup(name));
    g_ptr_array_add(participant->attributes, g_strdup(value));
}

static struct participant *participant_of(const struct campaign *campaign, const char *address)
{
    struct participant *participant = g_new0(struct participant, 1);
    participant->number = 1;
    participant->address = g_strdup(address);
    participant->message_id = g_strdup_printf(MESSAGE_ID, campaign->client->signing_domain);
    participant->unsubscribe_token = g_strdup(TOKEN);
    participant->survey_token = g_strdup(TOKEN);
    participant->attributes = g_ptr_array_new_with_free_func(g_free);
    return participant;
}

static const char *usual_value(const char *column)
{
    for (size_t i = 0; i < G_N_ELEMENTS(usual); i++)
        if (g_ascii_strcasecmp(usual[i].column, column) == 0)
            return usual[i].value;
    return column;
}

struct participant *sample_participant(const struct campaign *campaign, const struct edition *edition, gboolean as_urls)
{
    static const char *const no_columns[] = {NULL};
    struct participant *participant = participant_of(campaign, ADDRESS);
    g_autoptr(GPtrArray) names = campaign_unknown_names(campaign, no_columns);
    add(participant, "lang", edition->language);
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        if (!edition_is_column(name))
            add(participant, name, as_urls ? URL : usual_value(name));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(greeting_columns); i++)
        if (participant_attribute(participant, greeting_columns[i]) == NULL)
            add(participant, greeting_columns[i], usual_value(greeting_columns[i]));
    return participant;
}

/* --- from a list -------------------------------------------------------------------------------- */

struct taking {
    const struct campaign *campaign;
    const struct edition *edition;
    struct participant *participant; /* of the first good row that gets it */
};

static gboolean take_row(void *cookie, const struct list_row *row, GError **error)
{
    struct taking *taking = cookie;
    if (row->verdict != LIST_GOOD)
        return TRUE;
    struct participant *participant = participant_of(taking->campaign, row->address.text);
    for (guint i = 0; row->names[i] != NULL; i++)
        add(participant, row->names[i], row->values[i]);
    if (render_edition(taking->campaign, participant, taking->edition->reminder) != taking->edition) {
        participant_free(participant);
        return TRUE;
    }
    taking->participant = participant;
    return error_set(error, ERROR_TEMPORARY, "read enough");
}

gboolean sample_from_list(const struct campaign *campaign, const struct edition *edition, const char *file,
                          struct participant **participant_r, GError **error)
{
    const char *column = config_text(campaign->config, "list", "column");
    const char *sheet = config_text(campaign->config, "list", "sheet");
    const struct list_check_options options = {
        .file = file, .column = *column != '\0' ? column : NULL, .identity = campaign->client->identity};
    struct taking taking = {.campaign = campaign, .edition = edition};
    struct list_summary summary;
    g_autoptr(GError) ended = NULL;
    gboolean read =
        list_check_file(file, *sheet != '\0' ? sheet : NULL, &options, take_row, NULL, &taking, &summary, &ended);
    *participant_r = taking.participant;
    if (read && summary.good == 0)
        return error_set(error, ERROR_DATA, "%s: no row is good; `postwelle list check` says why", file);
    if (!read && taking.participant == NULL)
        g_propagate_error(error, g_steal_pointer(&ended));
    return read || taking.participant != NULL;
}
