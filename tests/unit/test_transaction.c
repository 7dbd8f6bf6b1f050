/* test_transaction.c - what is gathered of a mail, and where the limits bite. */
#include "milter/transaction.h"

#include <string.h>

static void test_envelope(void)
{
    struct transaction *transaction = transaction_new("<pw-token@bounce.example>");
    g_assert_cmpstr(transaction->sender, ==, "pw-token@bounce.example");
    transaction_recipient(transaction, "<a@leser.example>");
    transaction_recipient(transaction, "b@leser.example"); /* sendmail(1) */
    g_assert_cmpuint(transaction->recipient_count, ==, 2);
    g_assert_cmpstr(transaction->recipients[0], ==, "a@leser.example");
    g_assert_cmpstr(transaction->recipients[1], ==, "b@leser.example");
    g_assert_false(transaction->envelope_cut);
    transaction_free(transaction);

    transaction = transaction_new("<>");
    g_assert_cmpstr(transaction->sender, ==, "");
    transaction_free(transaction);
    transaction_free(NULL);
}

static void test_envelope_limits(void)
{
    struct transaction *transaction = transaction_new("<>");
    for (int i = 0; i < TRANSACTION_RECIPIENTS; i++)
        transaction_recipient(transaction, "<a@leser.example>");
    g_assert_false(transaction->envelope_cut);
    transaction_recipient(transaction, "<a@leser.example>");
    g_assert_true(transaction->envelope_cut);
    g_assert_cmpuint(transaction->recipient_count, ==, TRANSACTION_RECIPIENTS);
    transaction_free(transaction);

    g_autofree char *longest = g_strnfill(TRANSACTION_ADDRESS, 'x'), *longer = g_strnfill(TRANSACTION_ADDRESS + 1, 'x');
    transaction = transaction_new(longest);
    g_assert_false(transaction->envelope_cut);
    transaction_recipient(transaction, longer);
    g_assert_true(transaction->envelope_cut);
    g_assert_cmpuint(transaction->recipient_count, ==, 0);
    transaction_free(transaction);

    transaction = transaction_new(longest);
    for (int i = 0; i < TRANSACTION_RECIPIENTS; i++)
        transaction_recipient(transaction, longest);
    g_assert_true(transaction->envelope_cut);
    g_assert_cmpuint(transaction->envelope_size, <=, TRANSACTION_ENVELOPE);
    transaction_free(transaction);
}

static void test_header(void)
{
    struct transaction *transaction = transaction_new("<>");
    transaction_field(transaction, "FROM", " a@kunde.example");
    transaction_field(transaction, "Subject", " Umfrage");
    transaction_field(transaction, "message-id", " <1@kunde.example> ");
    transaction_field(transaction, "Message-ID", " <2@kunde.example>");
    g_assert_cmpuint(transaction->field_count, ==, 4);
    g_assert_cmpstr(transaction->fields[0].name, ==, "FROM");
    g_assert_cmpstr(transaction->fields[1].value, ==, " Umfrage");
    g_assert_cmpuint(transaction->singles[SINGLE_FROM], ==, 1);
    g_assert_cmpuint(transaction->singles[SINGLE_MESSAGE_ID], ==, 2);
    g_assert_cmpuint(transaction->singles[SINGLE_DATE], ==, 0);
    g_assert_cmpstr(transaction->from[0], ==, " a@kunde.example");
    g_assert_cmpstr(transaction->message_id, ==, "<1@kunde.example>");
    transaction_free(transaction);
}

static void test_header_limits(void)
{
    struct transaction *transaction = transaction_new("<>");
    for (int i = 0; i < 100000; i++)
        transaction_field(transaction, "X-Many", " 1");
    g_assert_true(transaction->header_cut);
    g_assert_cmpuint(transaction->field_count, ==, TRANSACTION_FIELDS);
    for (int i = 0; i < 100; i++) /* a From field is seen wherever it stands */
        transaction_field(transaction, "From", " a@kunde.example");
    g_assert_cmpuint(transaction->singles[SINGLE_FROM], ==, 100);
    g_assert_cmpstr(transaction->from[TRANSACTION_FROM - 1], ==, " a@kunde.example");
    transaction_free(transaction);

    g_autofree char *value = g_strnfill(TRANSACTION_HEADER - 1, 'x');
    transaction = transaction_new("<>");
    transaction_field(transaction, "X", value);
    g_assert_false(transaction->header_cut);
    transaction_field(transaction, "Y", "");
    g_assert_true(transaction->header_cut);
    g_assert_cmpuint(transaction->header_size, ==, TRANSACTION_HEADER);
    transaction_free(transaction);
}

static void test_body(void)
{
    struct transaction *transaction = transaction_new("<>");
    transaction_body(transaction, "lost", 4);
    transaction_keep_body(transaction, 10);
    transaction_body(transaction, "01234", 5);
    transaction_body(transaction, "56789", 5);
    g_assert_false(transaction->body_cut);
    g_assert_cmpstr(transaction->body->str, ==, "0123456789");
    transaction_body(transaction, "", 0);
    g_assert_false(transaction->body_cut);
    transaction_body(transaction, "x", 1);
    g_assert_true(transaction->body_cut);
    transaction_body(transaction, "", 0);
    g_assert_cmpuint(transaction->body->len, ==, 10);
    transaction_free(transaction);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/transaction/envelope", test_envelope);
    g_test_add_func("/transaction/envelope-limits", test_envelope_limits);
    g_test_add_func("/transaction/header", test_header);
    g_test_add_func("/transaction/header-limits", test_header_limits);
    g_test_add_func("/transaction/body", test_body);
    return g_test_run();
}
