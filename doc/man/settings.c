/* settings - what Postwelle needs of Postfix, from the table that sets it up and checks it, for its manual page. */
#include "importer/postfix_settings.h"

#include "doc/man/roff.h"

#include <stdio.h>

static void print_settings(const struct postfix_setting *settings)
{
    static const char *const words[] = {
        [POSTFIX_EQUAL] = "=",           [POSTFIX_SUGGESTED] = "= (where the site has set none)",
        [POSTFIX_FIRST] = "begins with", [POSTFIX_LAST] = "ends with",
        [POSTFIX_MEMBER] = "has",        [POSTFIX_MEMBER_IF_SET] = "has (unless it is empty)",
    };
    puts(".Bl -tag -width Ds");
    for (const struct postfix_setting *setting = settings; setting->name != NULL; setting++) {
        printf(".It Xo\n.Ic %s\n%s\n.Xc\n", setting->name, words[setting->rule]);
        if (*setting->value != '\0') {
            puts(".Bd -literal -compact");
            print_text(setting->value);
            puts(".Ed");
        } else {
            puts("(nothing)\n.br");
        }
        print_text(setting->why);
    }
    puts(".El");
}

int main(void)
{
    puts(".Sh MAIN.CF");
    print_settings(postfix_settings);
    puts(".Sh MASTER.CF");
    for (const struct postfix_service_setting *service = postfix_services; service->name != NULL; service++) {
        printf(".Ss %s %s %s %s\n", service->name, service->type, service->fields, service->command);
        print_text(service->why);
        if (service->options != NULL) {
            print_settings(service->options);
        } else {
            puts(".Bd -literal -compact");
            print_text(service->arguments);
            puts(".Ed");
        }
    }
    return 0;
}
