/* options - the options of a kind of configuration file, from the table that reads it, for its manual page. */
#include "lib/config.h"

#include "doc/man/roff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_range(const struct config_option *option)
{
    static const char *const words[] = {
        [CONFIG_TEXT] = "Text",
        [CONFIG_PATH] = "A file name",
        [CONFIG_NUMBER] = "A number",
        [CONFIG_SIZE] = "Octets, with K, M or G",
        [CONFIG_DURATION] = "A time, with s, m, h or d",
        [CONFIG_SWITCH] = "yes or no",
        [CONFIG_CHOICE] = "One of",
        [CONFIG_LIST] = "Words, separated by commas",
    };
    printf("%s", words[option->type]);
    if (option->type == CONFIG_CHOICE)
        printf(" %s", option->choices);
    if (option->type == CONFIG_NUMBER)
        printf(", %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, option->low, option->high);
    if (option->fallback == NULL)
        puts(".\nMust be given.");
    else if (*option->fallback == '\0')
        puts(".");
    else
        printf("; default: %s.\n", option->fallback);
}

int main(int argc, char **argv)
{
    static const struct config_table *const tables[] = {&config_postwelle, &config_client, &config_campaign};
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
        const char *group = "";
        if (argc != 2 || strcmp(tables[i]->kind, argv[1]) != 0)
            continue;
        for (const struct config_option *option = tables[i]->options; option->group != NULL; option++) {
            if (strcmp(option->group, group) != 0)
                printf("%s.Ss [%s]\n.Bl -tag -width Ds\n", *group != '\0' ? ".El\n" : "", option->group);
            group = option->group;
            printf(".It Ic %s\n", option->name);
            print_text(option->doc);
            puts(".br");
            print_range(option);
        }
        puts(".El");
        return 0;
    }
    fputs("usage: options KIND, one of those in lib/config_tables.c\n", stderr);
    return 64;
}
