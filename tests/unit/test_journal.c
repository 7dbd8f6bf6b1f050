/* test_journal.c - log lines and messages to systemd. */
#include "lib/journal.h"
#include "lib/notify.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void test_clean(void)
{
    static const struct {
        const char *name, *text, *line;
    } cases[] = {
        {"plain", "a b=c", "a b=c"},
        {"umlaut", "Umfrage f\303\274r", "Umfrage f\303\274r"},
        {"line break", "a\nb\r", "a\\x0Ab\\x0D"},
        {"escape", "\033[2J", "\\x1B[2J"},
        {"delete", "\177", "\\x7F"},
        {"not UTF-8", "a\377b", "a\\xFFb"},
        {"cut UTF-8", "a\303", "a\\xC3"},
        {"C1 control", "\302\205", "\\xC2\\x85"},
        {"right-to-left override", "\342\200\256", "\\xE2\\x80\\xAE"},
        {"line separator", "\342\200\250", "\\xE2\\x80\\xA8"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].name);
        g_autofree char *line = journal_clean(cases[i].text);
        g_assert_cmpstr(line, ==, cases[i].line);
    }
    g_autofree char *text = g_strnfill(5000, 'x'), *line = journal_clean(text);
    g_assert_cmpuint(strlen(line), ==, JOURNAL_LINE);
}

static void test_notify(void)
{
    g_autofree char *folder = g_dir_make_tmp("postwelle-XXXXXX", NULL), *path = g_build_filename(folder, "s", NULL);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_unsetenv("NOTIFY_SOCKET");
    g_assert_false(notify_send("READY=1"));
    g_setenv("NOTIFY_SOCKET", path, TRUE);
    g_assert_true(notify_send("READY=1"));
    char got[32] = "";
    g_assert_cmpint(recv(fd, got, sizeof got - 1, 0), ==, 7);
    g_assert_cmpstr(got, ==, "READY=1");
    close(fd);
    g_assert_false(notify_send("READY=1"));
    unlink(path);
    rmdir(folder);
}

static void test_watchdog(void)
{
    g_unsetenv("WATCHDOG_USEC");
    g_assert_cmpuint(notify_watchdog_interval(), ==, 0);
    g_setenv("WATCHDOG_USEC", "30000000", TRUE);
    g_assert_cmpuint(notify_watchdog_interval(), ==, 15000);
    g_setenv("WATCHDOG_PID", "1", TRUE);
    g_assert_cmpuint(notify_watchdog_interval(), ==, 0);
    g_unsetenv("WATCHDOG_PID");
    g_setenv("WATCHDOG_USEC", "soon", TRUE);
    g_assert_cmpuint(notify_watchdog_interval(), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/journal/clean", test_clean);
    g_test_add_func("/notify/send", test_notify);
    g_test_add_func("/notify/watchdog", test_watchdog);
    return g_test_run();
}
