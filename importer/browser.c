/* browser.c - Chromium through its debugging pipe; see browser.h. */
#include "importer/browser.h"

#include "importer/remove_tree.h"
#include "lib/error.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define REPLY_MS 30000 /* the first start on a slow machine takes seconds */
#define END_MS 5000
#define MESSAGE_MAX ((size_t)64 * 1024 * 1024) /* a picture in base64 */
#define WINDOW_HEIGHT 100                      /* a picture is at least so high */
#define MOBILE_WIDTH 480                       /* below, it behaves as a telephone does */
#define NO_PROXY_THERE "--proxy-server=http://127.0.0.1:9"

struct browser {
    GPid pid;
    int socket; /* messages both ways, each ended by NUL */
    char *profile;
    GString *input; /* what was read beyond the last message */
    json_int_t last_id;
    char *session;
};

/* --- messages ----------------------------------------------------------------------------------- */

static gboolean fails(GError **error, const char *why)
{
    return error_set(error, ERROR_UNAVAILABLE, "Chromium: %s", why);
}

static gboolean write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = send(fd, data, size, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return FALSE;
        data += n;
        size -= (size_t)n;
    }
    return TRUE;
}

/* Takes params. */
static gboolean send_command(struct browser *browser, const char *method, json_t *params, GError **error)
{
    json_t *command = json_pack("{s:I, s:s, s:o, s:s*}", "id", ++browser->last_id, "method", method, "params", params,
                                "sessionId", browser->session);
    char *text = json_dumps(command, JSON_COMPACT);
    gboolean sent = text != NULL && write_all(browser->socket, text, strlen(text) + 1);
    json_decref(command);
    free(text);
    return sent || fails(error, "it has ended");
}

static gboolean read_more(struct browser *browser, gint64 deadline, GError **error)
{
    char buffer[65536];
    struct pollfd poller = {.fd = browser->socket, .events = POLLIN};
    gint64 left = (deadline - g_get_monotonic_time()) / 1000;
    int ready = left > 0 ? poll(&poller, 1, (int)left) : 0;
    if (ready < 0 && errno == EINTR)
        return TRUE;
    if (ready <= 0)
        return fails(error, "no answer in time");
    ssize_t n = read(browser->socket, buffer, sizeof buffer);
    if (n <= 0 || browser->input->len + (size_t)n > MESSAGE_MAX)
        return fails(error, n <= 0 ? "it has ended" : "its answer is too large");
    g_string_append_len(browser->input, buffer, n);
    return TRUE;
}

/* The next message; the caller gives up its reference. */
static json_t *read_message(struct browser *browser, gint64 deadline, GError **error)
{
    size_t seen = 0;
    const char *end;
    while ((end = memchr(browser->input->str + seen, '\0', browser->input->len - seen)) == NULL) {
        seen = browser->input->len;
        if (!read_more(browser, deadline, error))
            return NULL;
    }
    json_t *message = json_loads(browser->input->str, 0, NULL);
    g_string_erase(browser->input, 0, end + 1 - browser->input->str);
    if (message == NULL)
        fails(error, "its answer is not JSON");
    return message;
}

/* Sends a command and returns its result (json_decref()). NULL with *error where there is none. */
static json_t *call(struct browser *browser, const char *method, json_t *params, GError **error)
{
    gint64 deadline = g_get_monotonic_time() + REPLY_MS * 1000;
    if (!send_command(browser, method, params, error))
        return NULL;
    for (;;) {
        json_t *message = read_message(browser, deadline, error);
        if (message == NULL)
            return NULL;
        json_t *result = json_incref(json_object_get(message, "result"));
        gboolean ours = json_integer_value(json_object_get(message, "id")) == browser->last_id;
        json_decref(message);
        if (ours && result == NULL)
            error_set(error, ERROR_UNAVAILABLE, "Chromium: refuses %s", method);
        if (ours)
            return result;
        json_decref(result);
    }
}

/* The same where the result does not matter. */
static gboolean tell(struct browser *browser, const char *method, json_t *params, GError **error)
{
    json_t *result = call(browser, method, params, error);
    json_decref(result);
    return result != NULL;
}

static gboolean await_event(struct browser *browser, const char *method, GError **error)
{
    gint64 deadline = g_get_monotonic_time() + REPLY_MS * 1000;
    for (gboolean found = FALSE; !found;) {
        json_t *message = read_message(browser, deadline, error);
        if (message == NULL)
            return FALSE;
        found = g_strcmp0(json_string_value(json_object_get(message, "method")), method) == 0;
        json_decref(message);
    }
    return TRUE;
}

/* --- the process -------------------------------------------------------------------------------- */

static char *find_program(void)
{
    static const char *const names[] = {"chromium", "chromium-browser", "google-chrome"};
    char *path = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(names) && path == NULL; i++)
        path = g_find_program_in_path(names[i]);
    return path;
}

gboolean browser_installed(void)
{
    g_autofree char *path = find_program();
    return path != NULL;
}

static void lead_group(void *cookie)
{
    (void)cookie;
    setpgid(0, 0); /* so that browser_free() ends its helpers, too */
}

static gboolean start(struct browser *browser, const char *program, GError **error)
{
    g_autofree char *profile = g_strconcat("--user-data-dir=", browser->profile, NULL);
    const char *argv[] = {
        program, "--headless", "--disable-gpu", "--remote-debugging-pipe", profile, "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
        "--hide-scrollbars", NO_PROXY_THERE, "--proxy-bypass-list=<-loopback>", "--host-resolver-rules=MAP * ~NOTFOUND",
        "about:blank",
        /* Root's Chromium has no sandbox; the page has passed the content rule: it holds no script. */
        geteuid() == 0 ? "--no-sandbox" : NULL, NULL};
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return error_from_errno(error, ERROR_SYSTEM, errno, "socketpair");
    const int source[] = {pair[1], pair[1]}, target[] = {3, 4}; /* where Chromium reads and writes */
    gboolean started = g_spawn_async_with_pipes_and_fds(
        NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
        lead_group, NULL, -1, -1, -1, source, target, 2, &browser->pid, NULL, NULL, NULL, error);
    close(pair[1]);
    browser->socket = pair[0];
    return started;
}

/* One page, which all pictures are taken of. */
static gboolean open_page(struct browser *browser, GError **error)
{
    json_t *target = call(browser, "Target.createTarget", json_pack("{s:s}", "url", "about:blank"), error);
    if (target == NULL)
        return FALSE;
    json_t *session =
        call(browser, "Target.attachToTarget",
             json_pack("{s:O, s:b}", "targetId", json_object_get(target, "targetId"), "flatten", 1), error);
    browser->session = g_strdup(json_string_value(json_object_get(session, "sessionId")));
    json_decref(target);
    json_decref(session);
    return browser->session != NULL && tell(browser, "Page.enable", json_object(), error);
}

struct browser *browser_new(GError **error)
{
    g_autofree char *program = find_program();
    if (program == NULL) {
        error_set(error, ERROR_UNAVAILABLE, "Chromium is not installed (Debian's package is chromium)");
        return NULL;
    }
    char *profile = g_dir_make_tmp("postwelle-browser-XXXXXX", error);
    if (profile == NULL)
        return NULL;
    struct browser *browser = g_new0(struct browser, 1);
    browser->profile = profile;
    browser->input = g_string_new(NULL);
    browser->socket = -1;
    if (start(browser, program, error) && open_page(browser, error))
        return browser;
    browser_free(browser);
    return NULL;
}

static void end_process(GPid pid)
{
    gboolean ended = FALSE;
    for (int waited = 0; waited < END_MS && !ended; waited += 20) {
        ended = waitpid(pid, NULL, WNOHANG) != 0;
        if (!ended)
            g_usleep(20 * 1000);
    }
    kill(-pid, SIGKILL);
    if (!ended)
        waitpid(pid, NULL, 0);
}

void browser_free(struct browser *browser)
{
    if (browser == NULL)
        return;
    g_clear_pointer(&browser->session, g_free);
    if (browser->pid != 0) {
        send_command(browser, "Browser.close", json_object(), NULL);
        end_process(browser->pid);
    }
    if (browser->socket >= 0)
        close(browser->socket);
    remove_tree(browser->profile);
    g_string_free(browser->input, TRUE);
    g_free(browser->profile);
    g_free(browser);
}

/* --- pictures ----------------------------------------------------------------------------------- */

static gboolean set_window(struct browser *browser, const struct browser_shot *shot, GError **error)
{
    json_t *metrics = json_pack("{s:i, s:i, s:i, s:b}", "width", shot->width, "height", WINDOW_HEIGHT,
                                "deviceScaleFactor", 1, "mobile", shot->width < MOBILE_WIDTH);
    json_t *media = json_pack("{s:[{s:s, s:s}]}", "features", "name", "prefers-color-scheme", "value",
                              shot->dark ? "dark" : "light");
    if (tell(browser, "Emulation.setDeviceMetricsOverride", metrics, error))
        return tell(browser, "Emulation.setEmulatedMedia", media, error);
    json_decref(media);
    return FALSE;
}

static gboolean load_page(struct browser *browser, const char *file, GError **error)
{
    g_autofree char *path = g_canonicalize_filename(file, NULL);
    g_autofree char *uri = g_filename_to_uri(path, NULL, error);
    return uri != NULL && send_command(browser, "Page.navigate", json_pack("{s:s}", "url", uri), error) &&
           await_event(browser, "Page.loadEventFired", error);
}

static int page_height(struct browser *browser, GError **error)
{
    json_t *metrics = call(browser, "Page.getLayoutMetrics", json_object(), error);
    double height = json_number_value(json_object_get(json_object_get(metrics, "cssContentSize"), "height"));
    json_decref(metrics);
    if (metrics == NULL)
        return -1;
    return (int)CLAMP(height, 1, BROWSER_HEIGHT_MAX);
}

static gboolean write_picture(const char *file, const json_t *result, GError **error)
{
    gsize size;
    const char *text = json_string_value(json_object_get(result, "data"));
    if (text == NULL)
        return fails(error, "it made no picture");
    g_autofree guchar *data = g_base64_decode(text, &size);
    return g_file_set_contents_full(file, (const char *)data, (gssize)size, G_FILE_SET_CONTENTS_NONE, 0666, error);
}

gboolean browser_shoot(struct browser *browser, const struct browser_shot *shot, GError **error)
{
    int height;
    if (!set_window(browser, shot, error) || !load_page(browser, shot->html, error) ||
        (height = page_height(browser, error)) < 0)
        return FALSE;
    json_t *clip = json_pack("{s:s, s:b, s:{s:i, s:i, s:i, s:i, s:i}}", "format", "png", "captureBeyondViewport", 1,
                             "clip", "x", 0, "y", 0, "width", shot->width, "height", height, "scale", 1);
    json_t *result = call(browser, "Page.captureScreenshot", clip, error);
    gboolean good = result != NULL && write_picture(shot->picture, result, error);
    json_decref(result);
    return good;
}
