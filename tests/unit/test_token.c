/* test_token.c - secret, tokens, Message-IDs. */
#include "policyd/token.h"

#include "lib/error.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static const guint8 octets[SECRET_SIZE] = {1, 2, 3};
static const guint8 other_octets[SECRET_SIZE] = {1, 2, 4};

static void test_round_trip(void)
{
    g_autoptr(secret_auto) secret = secret_new(octets);
    const struct token tokens[] = {
        {TOKEN_INVITATION, 1, 1048577, 1},
        {TOKEN_PROOF, CAMPAIGN_MAX, PARTICIPANT_MAX, ATTEMPT_MAX},
        {TOKEN_PROOF_SURVEY, 0, 0, 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(tokens); i++) {
        char text[TOKEN_LENGTH + 1];
        struct token back;
        token_encode(secret, &tokens[i], text);
        g_assert_cmpuint(strlen(text), ==, TOKEN_LENGTH);
        g_assert_true(token_decode(secret, text, TOKEN_LENGTH, &back));
        g_assert_cmpint(back.kind, ==, tokens[i].kind);
        g_assert_cmpuint(back.campaign, ==, tokens[i].campaign);
        g_assert_cmpuint(back.id, ==, tokens[i].id);
        g_assert_cmpuint(back.attempt, ==, tokens[i].attempt);
        for (char *c = text; *c != '\0'; c++)
            *c = g_ascii_toupper(*c);
        g_assert_true(token_decode(secret, text, TOKEN_LENGTH, &back));
    }
}

/* Any changed character, another length, another key: no token. */
static void test_forged(void)
{
    g_autoptr(secret_auto) secret = secret_new(octets);
    g_autoptr(secret_auto) other = secret_new(other_octets);
    char text[TOKEN_LENGTH + 2];
    struct token back;
    token_encode(secret, &(struct token){TOKEN_INVITATION, 5, 77, 2}, text);
    g_assert_false(token_decode(other, text, TOKEN_LENGTH, &back));
    g_assert_false(token_decode(secret, text, TOKEN_LENGTH - 1, &back));
    for (size_t i = 0; i < TOKEN_LENGTH; i++) {
        char kept = text[i];
        text[i] = kept == 'a' ? 'b' : 'a';
        g_assert_false(token_decode(secret, text, TOKEN_LENGTH, &back));
        text[i] = '1';
        g_assert_false(token_decode(secret, text, TOKEN_LENGTH, &back));
        text[i] = kept;
    }
}

/* Each reminder's token is another kind, and names its participant and number. */
static void test_reminders(void)
{
    for (guint number = 1; number <= REMINDERS_MAX; number++) {
        const struct token token = {token_kind_of(MAIL_REMINDER, number), 5, 77, 2};
        g_assert_cmpint(token_mail_kind(token.kind), ==, MAIL_REMINDER);
        g_assert_cmpuint(token_mail_id(&token), ==, reminder_id(77, number));
        g_assert_cmpuint(mail_reminder(token_mail_id(&token)), ==, number);
        g_assert_cmpuint(mail_participant(token_mail_id(&token)), ==, 77);
    }
    const struct token invitation = {token_kind_of(MAIL_INVITATION, 0), 5, 77, 2};
    g_assert_cmpuint(token_mail_id(&invitation), ==, 77);
}

static void test_local_part(void)
{
    g_autoptr(secret_auto) secret = secret_new(octets);
    char token[TOKEN_LENGTH + 1];
    struct token back;
    token_encode(secret, &(struct token){TOKEN_REMINDER, 5, 77, 2}, token);
    g_autofree char *local = g_strconcat("pw-", token, NULL);
    g_autofree char *upper = g_ascii_strup(local, -1);
    g_assert_true(token_decode_local_part(secret, local, strlen(local), &back));
    g_assert_true(token_decode_local_part(secret, upper, strlen(upper), &back));
    g_assert_false(token_decode_local_part(secret, token, strlen(token), &back));
    g_assert_false(token_decode_local_part(secret, "pw-", 3, &back));
    g_assert_false(token_decode_local_part(secret, "", 0, &back));
    token_encode(secret, &(struct token){TOKEN_UNSUBSCRIBE, 5, 77, 0}, token);
    g_autofree char *unsubscribe = g_strconcat("pw-", token, NULL);
    g_assert_false(token_decode_local_part(secret, unsubscribe, strlen(unsubscribe), &back));
}

static void test_message_id(void)
{
    g_autoptr(secret_auto) secret = secret_new(octets);
    g_autoptr(GString) a = g_string_new(NULL), b = g_string_new("x");
    token_message_id(secret, 1, 2, MAIL_INVITATION, 1, "acme.example", a);
    token_message_id(secret, 1, 2, MAIL_INVITATION, 1, "acme.example", b);
    g_assert_cmpstr(a->str, ==, b->str);
    g_assert_true(a->str[0] == '<' && g_str_has_suffix(a->str, "@acme.example>"));
    token_message_id(secret, 1, 2, MAIL_REMINDER, 1, "acme.example", b);
    g_assert_cmpstr(a->str, !=, b->str);
    token_message_id(secret, 1, 3, MAIL_INVITATION, 1, "acme.example", b);
    g_assert_cmpstr(a->str, !=, b->str);
}

static void test_file(void)
{
    g_autofree char *folder = g_dir_make_tmp("postwelle-test-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "secret", NULL);
    g_autoptr(GError) error = NULL;
    g_assert_null(secret_load(path, &error));
    g_assert_error(error, POSTWELLE_ERROR, ERROR_NO_INPUT);
    g_clear_error(&error);
    g_assert_true(secret_create(path, &error));
    g_assert_no_error(error);
    g_assert_false(secret_create(path, &error));
    g_assert_error(error, POSTWELLE_ERROR, ERROR_CANT_CREATE);
    g_clear_error(&error);
    g_autoptr(secret_auto) secret = secret_load(path, &error);
    g_assert_no_error(error);
    g_assert_nonnull(secret);
    g_assert_cmpint(g_chmod(path, 0440), ==, 0);
    g_assert_null(secret_load(path, &error));
    g_assert_error(error, POSTWELLE_ERROR, ERROR_DENIED);
    g_clear_error(&error);
    g_unlink(path);
    g_assert_true(g_file_set_contents(path, "short", -1, NULL));
    g_assert_cmpint(g_chmod(path, 0400), ==, 0);
    g_assert_null(secret_load(path, &error));
    g_assert_error(error, POSTWELLE_ERROR, ERROR_DATA);
    g_unlink(path);
    g_rmdir(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/token/round-trip", test_round_trip);
    g_test_add_func("/token/forged", test_forged);
    g_test_add_func("/token/reminders", test_reminders);
    g_test_add_func("/token/local-part", test_local_part);
    g_test_add_func("/token/message-id", test_message_id);
    g_test_add_func("/token/file", test_file);
    return g_test_run();
}
