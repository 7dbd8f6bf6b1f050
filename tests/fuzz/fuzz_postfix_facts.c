/* fuzz_postfix_facts.c - what postconf(1) says: an entry of master.cf on the first line, a list on the second. */
#include "importer/postfix_facts.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, size_t size);

/* A line and the line of what was read from it are the same entry. */
static void read_entry(const char *line)
{
    g_autoptr(postfix_service_auto) service = postfix_service_parse(line, NULL);
    if (service == NULL)
        return;
    g_free(postfix_service_option(service, "a"));
    g_autofree char *again = postfix_service_line(service);
    g_autoptr(postfix_service_auto) second = postfix_service_parse(again, NULL);
    g_assert_nonnull(second);
    g_autofree char *third = postfix_service_line(second);
    g_assert_cmpstr(again, ==, third);
}

static void read_list(const char *list)
{
    g_auto(GStrv) items = postfix_list(list);
    for (char **item = items; *item != NULL; item++) {
        g_autofree char *name = postfix_list_reference(*item);
        g_assert_cmpuint(strlen(*item), >, 0);
        g_assert_true(name == NULL || **item == '$');
    }
}

int LLVMFuzzerTestOneInput(const guint8 *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    postfix_facts_free(postfix_facts_new(text, text, "", "", NULL));
    char *second = strchr(text, '\n');
    if (second != NULL)
        *second++ = '\0';
    read_entry(text);
    read_list(second != NULL ? second : "");
    return 0;
}
