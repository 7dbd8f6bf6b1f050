/* ledger_house.c - the ledger's tests' common steps; see ledger_house.h. */
#include "tests/unit/ledger_house.h"

#include "lib/error.h"

#include <glib/gstdio.h>
#include <string.h>

#define BOOT 1

static const guint8 secret_octets[SECRET_SIZE] = {7};

/* --- the house --------------------------------------------------------------------------------- */

void write_client(struct fixture *fixture, const char *name, const char *cap)
{
    g_autofree char *path = g_strdup_printf("%s/%s.conf", fixture->clients, name);
    g_autofree char *content =
        g_strdup_printf("[client]\ntitle=%1$s\ndomains=%1$s.example\nreturn-path=bounce.%1$s.example\n[cap]\n%2$s\n"
                        "[signing]\ndomain=%1$s.example\nrsa-selector=s\nrsa-key=/nonexistent\n"
                        "[unsubscribe]\nuri=https://%1$s.example/u/\nmailto=u@%1$s.example\n",
                        name, cap);
    g_assert_true(g_file_set_contents(path, content, -1, NULL));
}

void open_ledger(struct fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(client_set_auto) clients = client_set_load(fixture->clients, &error);
    g_assert_no_error(error);
    struct store *store = store_bdb_open(fixture->folder, 1 << 20, &error);
    g_assert_no_error(error);
    fixture->ledger = ledger_open(store, secret_new(secret_octets), clients, &error);
    g_assert_no_error(error);
    ledger_set_boot(fixture->ledger, fixture->boot);
    fixture->session = ledger_session_new(fixture->ledger, 1, 0);
}

void close_ledger(struct fixture *fixture)
{
    ledger_session_free(fixture->ledger, fixture->session);
    ledger_close(fixture->ledger);
}

void set_up(struct fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    (void)data;
    fixture->root = g_dir_make_tmp("postwelle-test-XXXXXX", NULL);
    fixture->folder = g_build_filename(fixture->root, "ledger", NULL);
    fixture->clients = g_build_filename(fixture->root, "clients", NULL);
    fixture->out = g_string_new(NULL);
    fixture->now = NOVEMBER;
    fixture->boot = BOOT;
    g_assert_cmpint(g_mkdir(fixture->clients, 0700), ==, 0);
    write_client(fixture, "acme", "");
    write_client(fixture, "other", "");
    write_client(fixture, "strict", "identity=strict\nforeign-mail=reject");
    write_client(fixture, "rolling", "period=rolling 30d");
    g_assert_true(store_bdb_create(fixture->folder, &error));
    struct store *store = store_bdb_open(fixture->folder, 1 << 20, &error);
    g_assert_true(ledger_create(store, NOVEMBER * 1000, &error));
    g_assert_no_error(error);
    store_close(store);
    open_ledger(fixture);
}

static void remove_folder(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_unlink(path);
    }
    g_rmdir(folder);
}

void tear_down(struct fixture *fixture, gconstpointer data)
{
    (void)data;
    close_ledger(fixture);
    remove_folder(fixture->folder);
    remove_folder(fixture->clients);
    g_rmdir(fixture->root);
    g_string_free(fixture->out, TRUE);
    g_free(fixture->folder);
    g_free(fixture->clients);
    g_free(fixture->root);
}

/* --- asking ------------------------------------------------------------------------------------ */

static void read_answers(struct fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    fixture->count = 0;
    for (size_t at = 0, used; at < fixture->out->len; at += used) {
        const struct policy_limits limits = {fixture->out->len, fixture->out->len, POLICY_ATTRIBUTES};
        g_assert_cmpuint(fixture->count, <, ANSWERS_MAX);
        g_assert_true(policy_parse(fixture->out->str + at, fixture->out->len - at, &limits,
                                   &fixture->answers[fixture->count], &used, &error));
        g_assert_true(used > 0 && policy_decode(&fixture->answers[fixture->count], &error));
        fixture->count++;
    }
}

G_GNUC_PRINTF(3, 0)
static void ask_as(struct fixture *fixture, struct session *session, const char *format, va_list args)
{
    g_autofree char *text = g_strdup_vprintf(format, args);
    g_autoptr(GError) error = NULL;
    struct attributes in;
    size_t used;
    g_autofree char *list = g_strconcat(text, "\n", NULL);
    g_assert_true(policy_parse(list, strlen(list), &policy_own_limits, &in, &used, &error) && used > 0);
    const struct request_type *type = request_type_find(&in, LEVEL_POLICY | LEVEL_RESERVE | LEVEL_CONTROL, &error);
    g_assert_no_error(error);
    struct request request = {
        .ledger = fixture->ledger, .session = session, .in = &in, .out = fixture->out, .now = fixture->now * 1000};
    g_string_truncate(fixture->out, 0);
    g_assert_true(!type->writes || ledger_batch_begin(fixture->ledger, &error));
    g_assert_cmpint(request_run(type, &request, &error), ==, REQUEST_ANSWERED);
    g_assert_true(!type->writes || ledger_batch_commit(fixture->ledger, &error));
    g_assert_no_error(error);
    g_free(request.note);
    read_answers(fixture);
}

void ask(struct fixture *fixture, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    ask_as(fixture, fixture->session, format, args);
    va_end(args);
}

void ask_other(struct fixture *fixture, struct session *session, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    ask_as(fixture, session, format, args);
    va_end(args);
}

/* The value in the last answer. */
const char *value(const struct fixture *fixture, const char *name)
{
    return attributes_text(&fixture->answers[fixture->count - 1], name);
}

/* --- steps that many tests share --------------------------------------------------------------- */

void import_begin(struct fixture *fixture, const char *client, const char *campaign)
{
    ask(fixture,
        "request=import-begin\nclient=%s\ncampaign=%s\ntitle=T\ndir=/"
        "d\nfile=f.csv\nfile_sha256=00\nbasis=b\nassured_by=me\n"
        "remark=\nwaves=100%%\n",
        client, campaign);
    assert_status(fixture, "ok");
}

void import_row(struct fixture *fixture, int import, int row, const char *address, const char *verdict)
{
    ask(fixture, "request=import-row\nimport=%d\nrow=%d\naddress=%s\nwave=1\na.Nachname=N%d\n", import, row, address,
        row);
    assert_value(fixture, "verdict", verdict);
}

void import_one(struct fixture *fixture, const char *client, const char *campaign, const char *address,
                       const char *verdict)
{
    import_begin(fixture, client, campaign);
    int import = (int)g_ascii_strtoll(value(fixture, "import"), NULL, 10);
    import_row(fixture, import, 1, address, verdict);
    ask(fixture, "request=import-commit\nimport=%d\nrows=1\n", import);
    assert_status(fixture, "ok");
}

void ask_reserve(struct fixture *fixture, const struct mail *mail, const char *queue_id, const char *domain)
{
    ask(fixture,
        "request=reserve\nqueue_id=%s\nsender=%s\nfrom_domain=%s\nmessage_id=%s\nrecipients=1\nrecipient.1=%s\n"
        "deadline=%" G_GINT64_FORMAT "\n",
        queue_id, mail->reverse_path, domain, mail->message_id, mail->address, fixture->now * 1000 + 5000);
}

void take_mail(const struct fixture *fixture, size_t answer, struct mail *mail_r)
{
    const struct attributes *in = &fixture->answers[answer];
    g_strlcpy(mail_r->participant, attributes_text(in, "participant"), sizeof mail_r->participant);
    g_strlcpy(mail_r->address, attributes_text(in, "address"), sizeof mail_r->address);
    g_strlcpy(mail_r->reverse_path, attributes_text(in, "reverse_path"), sizeof mail_r->reverse_path);
    g_strlcpy(mail_r->message_id, attributes_text(in, "message_id"), sizeof mail_r->message_id);
    g_strlcpy(mail_r->attempt, attributes_text(in, "attempt"), sizeof mail_r->attempt);
}

void take_tokens(const struct fixture *fixture, size_t answer, struct tokens *tokens_r)
{
    const struct attributes *in = &fixture->answers[answer];
    const char *path = attributes_text(in, "reverse_path");
    g_assert_true(g_str_has_prefix(path, "pw-"));
    g_strlcpy(tokens_r->reverse, path + 3, 33);
    g_strlcpy(tokens_r->unsubscribe, attributes_text(in, "unsubscribe_token"), sizeof tokens_r->unsubscribe);
    g_strlcpy(tokens_r->survey, attributes_text(in, "survey_token"), sizeof tokens_r->survey);
}

void approve(struct fixture *fixture, const char *client, const char *campaign, const char *hash)
{
    struct mail proof;
    g_autofree char *domain = g_strconcat(client, ".example", NULL);
    g_autofree char *queue_id = g_strdup_printf("P%u", g_random_int());
    ask(fixture, "request=proof-begin\nclient=%s\ncampaign=%s\nhash=%s\nto=boss@%s\n", client, campaign, hash, domain);
    assert_status(fixture, "ok");
    assert_value(fixture, "a.Nachname", "N1");
    take_mail(fixture, 0, &proof);
    ask(fixture, "request=campaign-approve\nclient=%s\ncampaign=%s\nhash=%s\nby=Boss\n", client, campaign, hash);
    assert_status(fixture, "refused");
    ask(fixture, "request=smtpd_access_policy\nprotocol_state=RCPT\nsender=%s\nrecipient=%s\n", proof.reverse_path,
        proof.address);
    assert_value(fixture, "action", "DUNNO");
    ask_reserve(fixture, &proof, queue_id, domain);
    assert_value(fixture, "kind", "proof");
    ask(fixture, "request=campaign-approve\nclient=%s\ncampaign=%s\nhash=%s\nby=Boss\n", client, campaign, hash);
    assert_status(fixture, "ok");
}

void begin(struct fixture *fixture, const char *client, const char *campaign)
{
    ask(fixture, "request=begin\nclient=%s\ncampaign=%s\nwave=1\nafter=0\nlimit=50\n", client, campaign);
    assert_status(fixture, "ok");
}

void open_wave(struct fixture *fixture, const char *client, const char *campaign)
{
    ask(fixture, "request=wave-open\nclient=%s\ncampaign=%s\nwave=1\nhash=" HASH_A "\n", client, campaign);
    assert_status(fixture, "ok");
}

/* A campaign of one participant, approved, its wave open, the mail begun. */
void start_one(struct fixture *fixture, const char *client, const char *campaign, const char *address,
                      struct mail *mail_r)
{
    import_one(fixture, client, campaign, address, "new");
    approve(fixture, client, campaign, HASH_A);
    open_wave(fixture, client, campaign);
    begin(fixture, client, campaign);
    g_assert_cmpuint(fixture->count, ==, 2);
    take_mail(fixture, 0, mail_r);
}

void ask_policy(struct fixture *fixture, const struct mail *mail)
{
    ask(fixture, "request=smtpd_access_policy\nprotocol_state=RCPT\nsender=%s\nrecipient=%s\n", mail->reverse_path,
        mail->address);
}

void event(struct fixture *fixture, const char *queue_id, const char *name)
{
    ask(fixture, "request=event\nqueue_id=%s\nevent=%s\ntime=%" G_GINT64_FORMAT "\ndsn=2.0.0\nreply=said\nrelay=r\n",
        queue_id, name, fixture->now);
    assert_status(fixture, "ok");
}

void abandon(struct fixture *fixture, const struct mail *mail, const char *client, const char *campaign,
                    const char *reply, const char *state)
{
    ask(fixture, "request=abandon\nclient=%s\ncampaign=%s\nparticipant=%s\nattempt=%s\nreply=%s\n", client, campaign,
        mail->participant, mail->attempt, reply);
    assert_value(fixture, "state", state);
}

/* The number of wave 1's participants in that state, and that all are accounted for. */
void assert_count(struct fixture *fixture, const char *client, const char *campaign, const char *state,
                         int count)
{
    g_autofree char *expected = g_strdup_printf("%d", count);
    ask(fixture, "request=campaign-status\nclient=%s\ncampaign=%s\n", client, campaign);
    g_assert_cmpuint(fixture->count, ==, 2);
    g_assert_cmpstr(attributes_text(&fixture->answers[0], state), ==, expected);
    gint64 sum = 0;
    for (size_t i = 3; i < fixture->answers[0].count; i++)
        sum += g_ascii_strtoll(fixture->answers[0].list[i].value, NULL, 10);
    g_assert_cmpint(sum, ==, g_ascii_strtoll(value(fixture, "participants"), NULL, 10));
}

void assert_slots(struct fixture *fixture, const char *count)
{
    ask(fixture, "request=health\n");
    assert_value(fixture, "slots", count);
}

void assert_sending(struct fixture *fixture, const char *queue_id, const char *status)
{
    g_autoptr(GError) error = NULL;
    const struct attributes in = {2, {{"request", "sending"}, {"queue_id", queue_id}}};
    struct request request = {.ledger = fixture->ledger,
                              .session = fixture->session,
                              .in = &in,
                              .out = fixture->out,
                              .now = fixture->now * 1000};
    g_string_truncate(fixture->out, 0);
    g_assert_true(ledger_batch_begin(fixture->ledger, &error) && ledger_sending(&request, &error) &&
                  ledger_batch_commit(fixture->ledger, &error));
    g_assert_no_error(error);
    g_free(request.note);
    g_assert_nonnull(strstr(fixture->out->str, status));
}

void invite(struct fixture *fixture, const char *campaign, const char *address, const char *queue_id, const char *end,
            struct tokens *tokens_r)
{
    struct mail mail;
    start_one(fixture, "acme", campaign, address, &mail);
    take_tokens(fixture, 0, tokens_r);
    ask_reserve(fixture, &mail, queue_id, "acme.example");
    event(fixture, queue_id, "queued");
    event(fixture, queue_id, end);
}
