/* server.c - the unsubscribe pages over HTTP; see server.h. */
#include "web/server.h"

#include "lib/error.h"
#include "lib/notify.h"
#include "lib/policy.h"
#include "web/page.h"
#include "web/wish.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <gio/gio.h>
#include <signal.h>
#include <string.h>

struct web_server {
    const struct web_options *options;
    struct event_base *base;
    struct evhttp *http;
    struct event *signals[2], *watchdog;
    struct policy_client *policy; /* NULL: not connected now */
    GString *page;
};

/* --- policyd ------------------------------------------------------------------------------------ */

static gboolean ask_once(struct web_server *server, const GString *request, struct attributes *answer_r, GError **error)
{
    if (server->policy == NULL)
        server->policy = policy_client_new(server->options->feedback_socket, WEB_POLICY_MS, error);
    if (server->policy == NULL)
        return FALSE;
    if (policy_client_ask(server->policy, request, answer_r, error))
        return TRUE;
    g_clear_pointer(&server->policy, policy_client_free);
    return FALSE;
}

/* A connection that was idle may be closed: then once again on a new one. Asking twice changes nothing. */
static gboolean ask(struct web_server *server, const struct wish *wish, struct attributes *answer_r, GError **error)
{
    g_autoptr(GString) request = g_string_new(NULL);
    gboolean idle = server->policy != NULL;
    policy_append(request, "request", "unsubscribe");
    policy_append(request, "token", wish->token);
    policy_append(request, "scope", wish->all ? "all" : "client");
    policy_append(request, "act", wish->kind == WISH_ACT ? "yes" : "no");
    policy_end(request);
    gboolean good = ask_once(server, request, answer_r, idle ? NULL : error);
    if (!good && idle)
        good = ask_once(server, request, answer_r, error);
    return good && policy_answer_ok(answer_r, error);
}

/* --- answers ------------------------------------------------------------------------------------ */

/* What no page of ours needs is forbidden to it. */
static void add_fields(struct evhttp_request *request, const char *language)
{
    static const char *const fields[][2] = {
        {"Content-Type", "text/html; charset=utf-8"},
        {"Cache-Control", "no-store"},
        {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
        {"Referrer-Policy", "no-referrer"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Robots-Tag", "noindex"},
    };
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        evhttp_add_header(headers, fields[i][0], fields[i][1]);
    evhttp_add_header(headers, "Content-Language", language);
}

static void answer(struct web_server *server, struct evhttp_request *request, enum page page, const char *participant)
{
    static const struct {
        int status;
        const char *phrase;
    } statuses[PAGES] = {[PAGE_ASK] = {200, "OK"},
                         [PAGE_DONE] = {200, "OK"},
                         [PAGE_INCOMPLETE] = {404, "Not Found"},
                         [PAGE_UNCLEAR] = {400, "Bad Request"},
                         [PAGE_LATER] = {503, "Service Unavailable"}};
    const char *accept = evhttp_find_header(evhttp_request_get_input_headers(request), "Accept-Language");
    const char *language = page_language(participant, accept != NULL ? accept : "");
    page_write(server->page, page, language);
    add_fields(request, language);
    if (page == PAGE_LATER)
        evhttp_add_header(evhttp_request_get_output_headers(request), "Retry-After", "300");
    struct evbuffer *body = evhttp_request_get_output_buffer(request);
    if (evhttp_request_get_command(request) != EVHTTP_REQ_HEAD)
        evbuffer_add(body, server->page->str, server->page->len);
    evhttp_send_reply(request, statuses[page].status, statuses[page].phrase, body);
}

/* What is asked of policyd is the same for each token, so that an answer's time tells as little as its words. */
static void serve_wish(struct web_server *server, struct evhttp_request *request, const struct wish *wish)
{
    struct attributes policy_answer;
    g_autoptr(GError) error = NULL;
    if (ask(server, wish, &policy_answer, &error)) {
        answer(server, request, wish->kind == WISH_ACT ? PAGE_DONE : PAGE_ASK, attributes_text(&policy_answer, "language"));
        return;
    }
    journal_write(server->options->journal, LOG_ERR, "error: %s", error->message);
    answer(server, request, PAGE_LATER, "");
}

static void on_request(struct evhttp_request *request, void *cookie)
{
    struct web_server *server = cookie;
    struct wish wish;
    const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
    gboolean post = evhttp_request_get_command(request) == EVHTTP_REQ_POST;
    struct evbuffer *input = evhttp_request_get_input_buffer(request);
    size_t size = evbuffer_get_length(input);
    wish_read(post, path != NULL ? path : "", (const char *)evbuffer_pullup(input, -1), size, &wish);
    if (wish.kind == WISH_INCOMPLETE)
        answer(server, request, PAGE_INCOMPLETE, "");
    else if (wish.kind == WISH_UNCLEAR)
        answer(server, request, PAGE_UNCLEAR, "");
    else
        serve_wish(server, request, &wish);
}

/* --- life --------------------------------------------------------------------------------------- */

static void on_signal(evutil_socket_t number, short what, void *cookie)
{
    (void)number;
    (void)what;
    notify_send("STOPPING=1");
    event_base_loopexit(((struct web_server *)cookie)->base, NULL);
}

static void on_watchdog(evutil_socket_t fd, short what, void *cookie)
{
    (void)fd;
    (void)what;
    (void)cookie;
    notify_send("WATCHDOG=1");
}

static gboolean is_loopback(const char *host)
{
    g_autoptr(GInetAddress) address = g_inet_address_new_from_string(host);
    return address != NULL && g_inet_address_get_is_loopback(address);
}

static void set_limits(struct evhttp *http)
{
    evhttp_set_allowed_methods(http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST);
    evhttp_set_max_body_size(http, WEB_BODY_MAX);
    evhttp_set_max_headers_size(http, WEB_HEADER_MAX);
    evhttp_set_timeout(http, WEB_TIMEOUT);
}

static void add_events(struct web_server *server)
{
    static const int numbers[] = {SIGTERM, SIGINT};
    guint often = notify_watchdog_interval();
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        server->signals[i] = evsignal_new(server->base, numbers[i], on_signal, server);
        event_add(server->signals[i], NULL);
    }
    if (often == 0)
        return;
    const struct timeval interval = {.tv_sec = often / 1000, .tv_usec = often % 1000 * 1000};
    server->watchdog = event_new(server->base, -1, EV_PERSIST, on_watchdog, server);
    event_add(server->watchdog, &interval);
}

struct web_server *web_server_new(const struct web_options *options, GError **error)
{
    if (!is_loopback(options->host)) {
        error_set(error, ERROR_CONFIG,
                  "[web] host = %s is no loopback address (127.0.0.1, ::1); put a web server with TLS in front, as packaging/nginx shows",
                  options->host);
        return NULL;
    }
    struct web_server *server = g_new0(struct web_server, 1);
    server->options = options;
    server->page = g_string_new(NULL);
    server->base = event_base_new();
    server->http = evhttp_new(server->base);
    set_limits(server->http);
    evhttp_set_gencb(server->http, on_request, server);
    if (evhttp_bind_socket(server->http, options->host, options->port) != 0) {
        error_set(error, ERROR_UNAVAILABLE, "%s port %u can't be listened on: %s; another program may have it ([web] port)", options->host,
                  options->port, g_strerror(errno));
        web_server_free(server);
        return NULL;
    }
    add_events(server);
    return server;
}

void web_server_run(struct web_server *server)
{
    notify_send("READY=1");
    event_base_dispatch(server->base);
}

void web_server_free(struct web_server *server)
{
    if (server == NULL)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(server->signals); i++)
        if (server->signals[i] != NULL)
            event_free(server->signals[i]);
    if (server->watchdog != NULL)
        event_free(server->watchdog);
    evhttp_free(server->http);
    event_base_free(server->base);
    policy_client_free(server->policy);
    g_string_free(server->page, TRUE);
    g_free(server);
}
