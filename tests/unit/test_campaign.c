/* test_campaign.c - reading a campaign's directory, its content hash, and one participant's mail. */
#include "importer/campaign.h"
#include "importer/campaign_check.h"
#include "importer/render.h"
#include "lib/error.h"

#include <glib/gstdio.h>
#include <string.h>

static const char client_text[] =
    "[client]\ntitle=Kunde GmbH\ndomains=kunde.example\nreturn-path=bounce.kunde.example\n"
    "[signing]\ndomain=kunde.example\nrsa-selector=s\nrsa-key=s.pem\n"
    "[unsubscribe]\nuri=https://kunde.example/u/\nmailto=ab@kunde.example\n";
static const char config_text_good[] = "[campaign]\nclient=kunde\nname=herbst\ntitle=Herbst\nsurvey-url=https://"
                                       "survey.example/s/{{survey_token}}?g={{Gruppe}}\n"
                                       "[mail]\nfrom=Kunde <umfrage@kunde.example>\nsubject=Ihre Meinung, {{Name}}\n"
                                       "[defaults]\nGruppe=Gäste\n[waves]\nsizes=10%, 90%\n";
static const char html_text[] = "<html><body><p>{{greeting}} {{Name}}</p><p><a href=\"{{survey_url}}\">Umfrage</a></p>"
                                "<p><img src=\"logo.gif\" alt=\"Logo\"></p>{{> fuss}}</body></html>\n";
static const char foot_text[] = "<p><a href=\"{{unsubscribe_url}}\">Abmelden</a></p>";
static const char plain_text[] = "{{greeting}} {{Name}}\n{{survey_url}}\n{{unsubscribe_url}}\n";
static const char picture_data[] = "GIF89a-not-really";

struct fixture {
    char *folder, *clients, *campaign;
    struct client_set *set;
};

static void put(const char *folder, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void set_up(struct fixture *fixture, const void *data)
{
    (void)data;
    g_autoptr(GError) error = NULL;
    fixture->folder = g_dir_make_tmp("test_campaign.XXXXXX", &error);
    g_assert_no_error(error);
    fixture->clients = g_build_filename(fixture->folder, "clients", NULL);
    fixture->campaign = g_build_filename(fixture->folder, "herbst", NULL);
    g_assert_cmpint(g_mkdir(fixture->clients, 0700) | g_mkdir(fixture->campaign, 0700), ==, 0);
    put(fixture->clients, "kunde.conf", client_text);
    put(fixture->campaign, "campaign.conf", config_text_good);
    put(fixture->campaign, "invitation.html", html_text);
    put(fixture->campaign, "fuss.html", foot_text);
    put(fixture->campaign, "invitation.txt", plain_text);
    put(fixture->campaign, "logo.gif", picture_data);
    fixture->set = client_set_load(fixture->clients, &error);
    g_assert_no_error(error);
}

static void remove_folder(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_unlink(path);
    }
    g_rmdir(folder);
}

static void tear_down(struct fixture *fixture, const void *data)
{
    (void)data;
    remove_folder(fixture->clients);
    remove_folder(fixture->campaign);
    g_rmdir(fixture->folder);
    client_set_unref(fixture->set);
    g_free(fixture->folder);
    g_free(fixture->clients);
    g_free(fixture->campaign);
}

static struct campaign *load(struct fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    struct campaign *campaign = campaign_open(fixture->campaign, fixture->set, &error);
    g_assert_no_error(error);
    campaign_check_content(campaign);
    return campaign;
}

/* Puts a file in which `old` is `new`, or adds `new` where old is NULL. */
static void change(struct fixture *fixture, const char *name, const char *old, const char *new)
{
    g_autofree char *path = g_build_filename(fixture->campaign, name, NULL), *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_autoptr(GString) changed = g_string_new(text);
    if (old == NULL)
        g_string_append(changed, new);
    else
        g_assert_cmpuint(g_string_replace(changed, old, new, 1), ==, 1);
    put(fixture->campaign, name, changed->str);
}

static const struct {
    const char *name, *file, *old, *new;
    const char *told; /* what campaign_parts_changes() says of it; "": the hash is the same */
} hash_cases[] = {
    {"nothing", "campaign.conf", NULL, "", ""},
    {"a comment", "campaign.conf", NULL, "# note\n", ""},
    {"title", "campaign.conf", "title=Herbst", "title=Winter", ""},
    {"waves", "campaign.conf", "10%, 90%", "20%, 80%", ""},
    {"proof prefix", "campaign.conf", "subject=", "proof-prefix=Test\nsubject=", ""},
    {"subject", "campaign.conf", "Ihre Meinung", "Deine Meinung", "changed: [mail] subject"},
    {"sender's name", "campaign.conf", "from=Kunde", "from=Kunden", "changed: [mail] from"},
    {"sender's address", "campaign.conf", "umfrage@", "befragung@", "changed: [mail] from"},
    {"reply-to", "campaign.conf", "subject=", "reply-to=pm@kunde.example\nsubject=", "changed: [mail] reply-to"},
    {"survey", "campaign.conf", "survey.example", "other.example", "changed: [campaign] survey-url"},
    {"default", "campaign.conf", "Gäste", "Gast", "changed: [defaults] Gruppe"},
    {"one more default", "campaign.conf", "Gruppe=", "Anrede=x\nGruppe=", "new: [defaults] Anrede"},
    {"list-id", "campaign.conf", "subject=", "list-id=a.b.example\nsubject=", "changed: [mail] list-id"},
    {"name", "campaign.conf", "name=herbst", "name=winter", "changed: [campaign] name"},
    {"HTML", "invitation.html", "Umfrage", "umfrage", "changed: invitation.html"},
    {"partial", "fuss.html", "Abmelden", "abmelden", "changed: fuss.html"},
    {"text", "invitation.txt", NULL, "\n", "changed: invitation.txt"},
    {"text made from the HTML", "campaign.conf", "subject=", "text=\nsubject=", "gone: invitation.txt"},
    {"picture", "logo.gif", NULL, "x", "changed: logo.gif"},
    {"how often and when reminded", "campaign.conf", "sizes=", "reminders=2\nreminder-gap=1d\nremind=yes\nsizes=", ""},
    {"a reminder", "campaign.conf", "subject=",
     "reminder-html=fuss.html\nreminder-text=\nreminder-subject=Na?\nsubject=", "new: [mail] reminder-subject"},
};

static void test_hash(struct fixture *fixture, const void *data)
{
    (void)data;
    g_autoptr(campaign_auto) before = load(fixture);
    g_autoptr(GError) error = NULL;
    g_assert_true(campaign_is_ready(before, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(strlen(before->hash), ==, 64);
    for (size_t i = 0; i < G_N_ELEMENTS(hash_cases); i++) {
        g_autofree char *path = g_build_filename(fixture->campaign, hash_cases[i].file, NULL), *text = NULL;
        g_test_message("%s", hash_cases[i].name);
        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        change(fixture, hash_cases[i].file, hash_cases[i].old, hash_cases[i].new);
        g_autoptr(campaign_auto) after = load(fixture);
        g_assert_true(campaign_is_ready(after, &error));
        g_assert_cmpint(strcmp(before->hash, after->hash) != 0, ==, *hash_cases[i].told != '\0');
        g_autofree char *were = campaign_parts(before), *are = campaign_parts(after);
        g_autofree char *told = campaign_parts_changes(were, are), *unknown = campaign_parts_changes("", are);
        g_assert_cmpstr(told, ==, hash_cases[i].told);
        g_assert_cmpstr(unknown, ==, "");
        put(fixture->campaign, hash_cases[i].file, text);
    }
}

static const struct {
    const char *name, *file, *old, *new;
    const char *finding;
} finding_cases[] = {
    {"foreign sender", "campaign.conf", "umfrage@kunde.example", "a@fremd.example",
     "[mail] from: a@fremd.example is not at"},
    {"no address", "campaign.conf", "<umfrage@kunde.example>", "", "[mail] from"},
    {"reply-to", "campaign.conf", "subject=", "reply-to=x\nsubject=", "[mail] reply-to"},
    {"sizes", "campaign.conf", "90%", "80%", "[waves] sizes"},
    {"start", "campaign.conf", "sizes=", "start=soon\nsizes=", "[waves] start"},
    {"survey", "campaign.conf", "https://survey", "ftp://survey", "[campaign] survey-url: must begin"},
    {"subject", "campaign.conf", "{{Name}}", "{{Name}", "[mail] subject:1"},
    {"HTML", "invitation.html", "{{greeting}}", "{{#greeting}}", "invitation.html:1"},
    {"no such partial", "invitation.html", "fuss", "kopf", "kopf"},
    {"no such picture", "invitation.html", "logo.gif", "bild.gif", "bild.gif"},
    {"picture from elsewhere", "invitation.html", "logo.gif", "https://x.example/y.gif", "invitation.html:1"},
    {"outside", "campaign.conf", "subject=", "html=../x.html\nsubject=", "x.html"},
    {"reminder without subject", "campaign.conf",
     "subject=", "reminder-html=invitation.html\nsubject=", "[mail] reminder-subject"},
    {"reminder's template", "campaign.conf",
     "subject=", "reminder-html=none.html\nreminder-subject=x\nsubject=", "none.html"},
    {"content rule", "fuss.html", "<p>", "<p onclick=\"x()\">", "content rule"},
};

static void test_findings(struct fixture *fixture, const void *data)
{
    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(finding_cases); i++) {
        g_autofree char *path = g_build_filename(fixture->campaign, finding_cases[i].file, NULL), *text = NULL;
        g_autoptr(GError) error = NULL;
        g_test_message("%s", finding_cases[i].name);
        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        change(fixture, finding_cases[i].file, finding_cases[i].old, finding_cases[i].new);
        g_autoptr(campaign_auto) campaign = load(fixture);
        g_assert_false(campaign_is_ready(campaign, &error));
        g_test_message("%s", error->message);
        g_assert_cmpint(error_exit_status(error), ==, ERROR_WANTING);
        g_assert_nonnull(strstr(error->message, finding_cases[i].finding));
        put(fixture->campaign, finding_cases[i].file, text);
    }
}

static void test_head(struct fixture *fixture, const void *data)
{
    (void)data;
    g_autoptr(GError) error = NULL;
    change(fixture, "campaign.conf", "client=kunde", "client=fremd");
    g_assert_null(campaign_open(fixture->campaign, fixture->set, &error));
    g_assert_nonnull(strstr(error->message, "postwelle client list"));
    g_clear_error(&error);
    g_assert_null(campaign_open(fixture->clients, fixture->set, &error));
    g_assert_cmpint(error_exit_status(error), ==, ERROR_NO_INPUT);
}

static void test_names(struct fixture *fixture, const void *data)
{
    (void)data;
    static const char *const none[] = {NULL}, *const all[] = {"Name", "Anrede", NULL};
    g_autoptr(campaign_auto) campaign = load(fixture);
    g_autoptr(GPtrArray) unknown = campaign_unknown_names(campaign, none);
    g_assert_cmpuint(unknown->len, ==, 1);
    g_assert_cmpstr(unknown->pdata[0], ==, "Name");
    g_autoptr(GPtrArray) left = campaign_unknown_names(campaign, all);
    g_assert_cmpuint(left->len, ==, 0);
}

/* --- render ------------------------------------------------------------------------------------- */

static struct participant *participant(const char *text)
{
    struct attributes answer;
    size_t used;
    g_autoptr(GError) error = NULL;
    g_autofree char *copy = g_strdup(text);
    g_assert_true(policy_parse(copy, strlen(copy), &policy_own_limits, &answer, &used, &error));
    g_assert_true(policy_decode(&answer, &error));
    return participant_new(&answer, NULL);
}

#define ROW                                                                                                            \
    "status=more\nparticipant=7\nattempt=2\naddress=a@b.example\nreverse_path=pw-x@bounce.kunde.example\n"             \
    "message_id=<m@kunde.example>\nunsubscribe_token=untoken\nsurvey_token=sutoken\n"

static void test_render(struct fixture *fixture, const void *data)
{
    (void)data;
    g_autoptr(campaign_auto) campaign = load(fixture);
    g_autoptr(GError) error = NULL;
    struct renderer renderer;
    struct participant *one = participant(ROW "a.Name=Kim & Co\na.Gruppe=A B\n\n");
    renderer_init(&renderer, campaign);
    g_assert_true(render_mail(&renderer, one, &(struct render_options){.date = 1795422291}, &error));
    static const char *const wanted[] = {
        "To: a@b.example\r\n",
        "Subject: Ihre Meinung, Kim & Co\r\n",
        "Message-ID: <m@kunde.example>\r\n",
        "Date: Mon, 23 Nov 2026 09:24:51 +0100\r\n",
        "https://kunde.example/u/untoken",
        "mailto:ab@kunde.example",
        "https://survey.example/s/sutoken?g=",
        "A%20B",
        "Kim &amp; Co",
        "List-Id: <herbst.kunde.example>",
        "multipart/related",
        "image/gif",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
        g_test_message("%s", wanted[i]);
        g_assert_nonnull(strstr(renderer.message->str, wanted[i]));
    }
    g_autofree char *first = g_strdup(renderer.message->str);
    g_assert_true(render_mail(&renderer, one, &(struct render_options){.date = 1795422291}, &error));
    g_assert_cmpstr(first, ==, renderer.message->str);
    const struct render_options proof = {.to = "pm@kunde.example", .prefix = "[Proof]", .date = 1795422291};
    g_assert_true(render_mail(&renderer, one, &proof, &error));
    g_assert_nonnull(strstr(renderer.message->str, "To: pm@kunde.example\r\n"));
    g_assert_nonnull(strstr(renderer.message->str, "Subject: [Proof] Ihre Meinung"));
    participant_free(one);
    renderer_release(&renderer);
}

/* The reminder has a subject, templates and a Feedback-ID of its own. */
static void test_reminder(struct fixture *fixture, const void *data)
{
    (void)data;
    g_autoptr(GError) error = NULL;
    struct renderer renderer;
    struct participant *one = participant(ROW "reminder=1\na.Name=Kim\n\n");
    put(fixture->campaign, "again.html",
        "<html><body><p>Once more, {{Name}}: {{survey_url}} {{unsubscribe_url}}</p></body></html>");
    change(fixture, "campaign.conf",
           "subject=", "reminder-html=again.html\nreminder-subject=Again, {{Name}}\nsubject=");
    g_autoptr(campaign_auto) campaign = load(fixture);
    g_assert_true(campaign_is_ready(campaign, &error));
    g_assert_no_error(error);
    g_assert_true(campaign->reminder);
    g_assert_cmpuint(campaign->reminders, ==, 1);
    g_assert_cmpint(campaign->reminder_gap, ==, 7 * 86400);
    g_assert_cmpuint(one->reminder, ==, 1);
    renderer_init(&renderer, campaign);
    g_assert_true(render_mail(&renderer, one, &(struct render_options){.reminder = TRUE}, &error));
    static const char *const wanted[] = {"Subject: Again, Kim\r\n", "Once more, Kim",
                                         "Feedback-ID: herbst:kunde:reminder:postwelle",
                                         "https://survey.example/s/sutoken", "https://kunde.example/u/untoken"};
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
        g_test_message("%s", wanted[i]);
        g_assert_nonnull(strstr(renderer.message->str, wanted[i]));
    }
    g_assert_true(render_mail(&renderer, one, &(struct render_options){.reminder = FALSE}, &error));
    g_assert_nonnull(strstr(renderer.message->str, ":invitation:"));
    participant_free(one);
    renderer_release(&renderer);
}

/* A default stands for an empty and for a missing value; without one the row can't be rendered. */
static void test_defaults(struct fixture *fixture, const void *data)
{
    (void)data;
    g_autoptr(campaign_auto) campaign = load(fixture);
    g_autoptr(GError) error = NULL;
    struct renderer renderer;
    static const char *const rows[] = {ROW "a.Name=Kim\na.Gruppe=\n\n", ROW "a.Name=Kim\n\n"};
    renderer_init(&renderer, campaign);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct participant *one = participant(rows[i]);
        g_assert_true(render_mail(&renderer, one, &(struct render_options){.date = 0}, &error));
        g_assert_nonnull(strstr(renderer.url->str, "?g=G%C3%A4ste"));
        participant_free(one);
    }
    struct participant *nameless = participant(ROW "a.Name=\n\n");
    g_assert_false(render_mail(&renderer, nameless, &(struct render_options){.date = 0}, &error));
    g_assert_cmpint(error_exit_status(error), ==, ERROR_DATA);
    g_assert_nonnull(strstr(error->message, "Name"));
    participant_free(nameless);
    g_assert_null(participant("status=more\nparticipant=7\naddress=a@b.example\n\n"));
    renderer_release(&renderer);
}

/* --- mailboxes ---------------------------------------------------------------------------------- */

static const struct {
    const char *text, *name, *address; /* address NULL: refused */
} mailbox_cases[] = {
    {"a@b.example", NULL, "a@b.example"},
    {"Kunde GmbH <a@b.example>", "Kunde GmbH", "a@b.example"},
    {"\"Müller & Söhne\" <a@MÜLLER.example>", "Müller & Söhne", "a@xn--mller-kva.example"},
    {" <a@b.example> ", NULL, "a@b.example"},
    {"Kunde <a@b.example", NULL, NULL},
    {"Kunde a@b.example", NULL, NULL},
    {"pm@x.example <a@b.example>", NULL, NULL},
    {"A <a@b.example>, B <c@d.example>", NULL, NULL},
    {"A\nBcc: x <a@b.example>", NULL, NULL},
    {"ä@b.example", NULL, NULL},
    {"Kunde <>", NULL, NULL},
    {"", NULL, NULL},
};

static void test_mailbox(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(mailbox_cases); i++) {
        g_autofree char *name = NULL, *address = NULL;
        g_autoptr(GError) error = NULL;
        g_test_message("%s", mailbox_cases[i].text);
        gboolean good = campaign_mailbox(mailbox_cases[i].text, &name, &address, &error);
        g_assert_cmpint(good, ==, mailbox_cases[i].address != NULL);
        g_assert_cmpint(good, ==, error == NULL);
        g_assert_cmpstr(name, ==, mailbox_cases[i].name);
        g_assert_cmpstr(address, ==, mailbox_cases[i].address);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/campaign/hash", struct fixture, NULL, set_up, test_hash, tear_down);
    g_test_add("/campaign/findings", struct fixture, NULL, set_up, test_findings, tear_down);
    g_test_add("/campaign/head", struct fixture, NULL, set_up, test_head, tear_down);
    g_test_add("/campaign/names", struct fixture, NULL, set_up, test_names, tear_down);
    g_test_add("/campaign/render", struct fixture, NULL, set_up, test_render, tear_down);
    g_test_add("/campaign/reminder", struct fixture, NULL, set_up, test_reminder, tear_down);
    g_test_add("/campaign/defaults", struct fixture, NULL, set_up, test_defaults, tear_down);
    g_test_add_func("/campaign/mailbox", test_mailbox);
    return g_test_run();
}
