/* test_greeting.c - greetings by language, salutation, title and name. */
#include "importer/greeting.h"

struct greeting_case {
    const char *language;
    struct person person;
    const char *expected;
};

static const struct greeting_case cases[] = {
    { "de", { "Frau", NULL, "Erika", "Müller" }, "Sehr geehrte Frau Müller" },
    { "de", { "Herr", "Dr.", "Deniz", "Yılmaz" }, "Sehr geehrter Herr Dr. Yılmaz" },
    { "de-AT", { "HERRN", "", "", " Meier  Huber " }, "Sehr geehrter Herr Meier Huber" },
    { "de", { "Fr.", NULL, "", "Ude" }, "Sehr geehrte Frau Ude" },
    { "de", { "Herr Prof. Dr.", NULL, "", "Ude" }, "Sehr geehrter Herr Prof. Dr. Ude" },
    { "de", { "Sehr geehrte Frau", NULL, "Eva", "Ude" }, "Sehr geehrte Frau Ude" },
    { "de", { "männlich", NULL, "", "Ude" }, "Sehr geehrter Herr Ude" },
    { "de", { "Frau", NULL, "Kim", "" }, "Guten Tag Kim" },
    { "de", { NULL, NULL, "Kim", "Beispiel" }, "Guten Tag Kim Beispiel" },
    { "de", { "divers", "Dr.", "Kim", "Beispiel" }, "Guten Tag Dr. Kim Beispiel" },
    { "de", { "k. A.", NULL, "Kim", "Beispiel" }, "Guten Tag Kim Beispiel" },
    { "de", { "Familie", NULL, NULL, "Sommer" }, "Sehr geehrte Familie Sommer" },
    { "de", { "Firma", NULL, NULL, "Beispiel GmbH" }, "Sehr geehrte Damen und Herren" },
    { "de", { 0 }, "Guten Tag" },
    { "de", { "Frau", "\n", "\t", " " }, "Guten Tag" },
    { "en", { "Ms", NULL, "Erika", "Müller" }, "Dear Ms Müller" },
    { "en-GB", { "Herr", NULL, "", "Yılmaz" }, "Dear Mr Yılmaz" },
    { "en", { "Mrs.", "Dr.", "", "Jones" }, "Dear Dr Jones" },
    { "en", { "Frau Prof. Dr.", NULL, "", "Jones" }, "Dear Professor Jones" },
    { "en", { "Mx", NULL, "Kim", "Jones" }, "Dear Kim Jones" },
    { "en", { "Familie", NULL, NULL, "Sommer" }, "Dear Sommer family" },
    { "en", { "Firma", NULL, NULL, "Beispiel GmbH" }, "Dear Sir or Madam" },
    { "en", { 0 }, "Hello" },
    { "den", { "Frau", NULL, NULL, "Ude" }, "Dear Ms Ude" },
    { NULL, { "Frau", NULL, NULL, "Ude" }, "Dear Ms Ude" },
};

static void test_make(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *greeting = greeting_make(cases[i].language, &cases[i].person);
        g_assert_cmpstr(greeting, ==, cases[i].expected);
    }
}

/* Columns by heading, and the greeting expected. */
static const char *const columns[][2] = {
    { "{\"Anrede\": \"Frau\", \"Vorname\": \"Eva\", \"Nachname\": \"Ude\", \"n\": 1}", "Sehr geehrte Frau Ude" },
    { "{\"ANREDE \": \"Herr\", \"Name\": \"Ude\", \"Titel\": \"Dr.\"}", "Sehr geehrter Herr Dr. Ude" },
    { "{\"Gender\": \"f\", \"Last Name\": \"Ude\"}", "Sehr geehrte Frau Ude" },
    { "{\"Nachname\": \"Ude\", \"greeting\": \"Moin\"}", "Moin" },
    { "{}", "Guten Tag" },
};

static void test_add(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++) {
        json_t *data = json_loads(columns[i][0], 0, NULL);
        greeting_add(data, "de");
        g_assert_cmpstr(json_string_value(json_object_get(data, "greeting")), ==, columns[i][1]);
        json_decref(data);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/greeting/make", test_make);
    g_test_add_func("/greeting/add", test_add);
    return g_test_run();
}
