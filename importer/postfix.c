/* postfix.c - Postfix's commands and parameters; see postfix.h. */
#include "importer/postfix.h"

#include "lib/error.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * showq(8) hands on each mail as it finds it, so silence is no work: without a limit postqueue(1) waits for an hour,
 * Postfix's ipc_timeout, and whoever waits for it with it.
 */
#define QUEUE_SILENCE_MS (120 * 1000)

static gboolean ended_well(const char *const *argv, int status, const char *words, GError **error)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return TRUE;
    g_autofree char *line = g_strjoinv(" ", (char **)argv);
    return error_set(error, ERROR_UNAVAILABLE, "%.200s: %s%.500s", line, *words != '\0' ? "" : "failed", words);
}

gboolean postfix_run(const char *const *argv, char **output_r, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autofree char *words = NULL, *output = NULL;
    int status;
    GSpawnFlags flags = G_SPAWN_SEARCH_PATH | (output_r == NULL ? G_SPAWN_STDOUT_TO_DEV_NULL : 0);
    if (!g_spawn_sync(NULL, (char **)argv, NULL, flags, NULL, NULL, output_r != NULL ? &output : NULL, &words, &status,
                      &problem))
        return error_set(error, ERROR_UNAVAILABLE, "%s: %s", argv[0], problem->message);
    if (!ended_well(argv, status, g_strstrip(words), error))
        return FALSE;
    if (output_r != NULL)
        *output_r = g_steal_pointer(&output);
    return TRUE;
}

/* Hands on the whole lines of the text, which keeps the rest. */
static gboolean take_lines(GString *text, postfix_line_func *func, void *cookie, GError **error)
{
    const char *line = text->str, *end = text->str + text->len, *newline;
    for (; (newline = memchr(line, '\n', (size_t)(end - line))) != NULL; line = newline + 1)
        if (!func(cookie, line, (size_t)(newline - line), error))
            return FALSE;
    g_string_erase(text, 0, line - text->str);
    return TRUE;
}

static gboolean wait_for_output(const char *const *argv, int out, int silence_ms, GError **error)
{
    struct pollfd poller = {.fd = out, .events = POLLIN};
    int ready = poll(&poller, 1, silence_ms);
    if (ready == 0)
        return error_set(error, ERROR_UNAVAILABLE,
                         "%s said nothing for %d seconds: something in Postfix hangs; see its log", argv[0],
                         silence_ms / 1000);
    return ready > 0 || errno == EINTR || error_from_errno(error, ERROR_IO, errno, "poll");
}

static gboolean read_lines(const char *const *argv, int out, int silence_ms, postfix_line_func *func, void *cookie,
                           GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char block[32 * 1024];
    for (;;) {
        if (!wait_for_output(argv, out, silence_ms, error))
            return FALSE;
        ssize_t size = read(out, block, sizeof block);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return error_from_errno(error, ERROR_IO, errno, "read from %s", argv[0]);
        if (size == 0)
            return text->len == 0 || func(cookie, text->str, text->len, error);
        g_string_append_len(text, block, size);
        if (!take_lines(text, func, cookie, error))
            return FALSE;
    }
}

gboolean postfix_read(const char *const *argv, int silence_ms, postfix_line_func *func, void *cookie, GError **error)
{
    g_autoptr(GError) problem = NULL;
    GPid pid;
    int out, status;
    const GSpawnFlags flags = G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD;
    if (!g_spawn_async_with_pipes(NULL, (char **)argv, NULL, flags, NULL, NULL, &pid, NULL, &out, NULL, &problem))
        return error_set(error, ERROR_UNAVAILABLE, "%s: %s", argv[0], problem->message);
    gboolean good = read_lines(argv, out, silence_ms, func, cookie, error);
    close(out);
    if (!good)
        kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return good && ended_well(argv, status, "", error);
}

gboolean postfix_list_queue(const char *config, postfix_line_func *func, void *cookie, GError **error)
{
    const char *const argv[] = {"postqueue", "-c", config, "-j", NULL};
    return postfix_read(argv, QUEUE_SILENCE_MS, func, cookie, error);
}

/* The last line of what a command said: the error, where postsuper(1) tells of each mail before. */
static const char *last_line(char *words)
{
    const char *line = strrchr(g_strstrip(words), '\n');
    return line != NULL ? line + 1 : words;
}

gboolean postfix_write(const char *const *argv, const char *input, size_t size, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(GBytes) bytes = g_bytes_new_static(input, size), said = NULL;
    const GSubprocessFlags flags =
        G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE;
    g_autoptr(GSubprocess) process = g_subprocess_newv(argv, flags, &problem);
    if (process == NULL || !g_subprocess_communicate(process, bytes, NULL, NULL, &said, &problem))
        return error_set(error, ERROR_UNAVAILABLE, "%s: %s", argv[0], problem->message);
    gsize length;
    const char *text = g_bytes_get_data(said, &length);
    g_autofree char *words = g_strndup(text != NULL ? text : "", length);
    return ended_well(argv, g_subprocess_get_status(process), last_line(words), error);
}

/* A new terminal: its two ends. */
static gboolean open_terminal(int *screen_r, int *terminal_r, GError **error)
{
    const char *name;
    *terminal_r = -1;
    *screen_r = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*screen_r >= 0 && grantpt(*screen_r) == 0 && unlockpt(*screen_r) == 0 && (name = ptsname(*screen_r)) != NULL)
        *terminal_r = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*terminal_r >= 0)
        return TRUE;
    error_from_errno(error, ERROR_SYSTEM, errno, "a terminal");
    if (*screen_r >= 0)
        close(*screen_r);
    return FALSE;
}

/* What is written to a terminal, up to its close; its end is EIO. */
static char *read_screen(int screen)
{
    GString *words = g_string_new(NULL);
    char text[512];
    ssize_t size;
    while ((size = read(screen, text, sizeof text)) > 0 || (size < 0 && errno == EINTR))
        g_string_append_len(words, text, MAX(size, 0));
    g_string_replace(words, "\r\n", "\n", 0);
    return g_strstrip(g_string_free(words, FALSE));
}

gboolean postfix_run_on_terminal(const char *const *argv, GError **error)
{
    g_autoptr(GError) problem = NULL;
    GPid pid;
    int screen, terminal, status;
    const GSpawnFlags flags = G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD;
    if (!open_terminal(&screen, &terminal, error))
        return FALSE;
    gboolean good = g_spawn_async_with_fds(NULL, (char **)argv, NULL, flags, NULL, NULL, &pid, -1, terminal, terminal,
                                           &problem);
    close(terminal);
    if (!good) {
        close(screen);
        return error_set(error, ERROR_UNAVAILABLE, "%s: %s", argv[0], problem->message);
    }
    g_autofree char *words = read_screen(screen);
    close(screen);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return ended_well(argv, status, words, error);
}

char *postfix_parameter(const char *config, const char *name, GError **error)
{
    const char *const argv[] = {"postconf", "-c", config, "-hx", name, NULL};
    char *value;
    return postfix_run(argv, &value, error) ? g_strstrip(value) : NULL;
}

gint64 postfix_seconds(const char *value)
{
    static const struct {
        char letter;
        gint64 seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}, {'\0', 1}};
    char *end;
    guint64 number = g_ascii_strtoull(value, &end, 10);
    for (size_t i = 0; end > value && i < G_N_ELEMENTS(units); i++)
        if (*end == units[i].letter && (*end == '\0' || end[1] == '\0') && number < G_MAXINT32)
            return (gint64)number * units[i].seconds;
    return 0;
}
