/* server.c - the unsubscribe pages and the status pages over HTTP; see server.h. */
#include "web/server.h"

#include "lib/error.h"
#include "lib/notify.h"
#include "lib/policy.h"
#include "web/inquiry.h"
#include "web/page.h"
#include "web/status_page.h"
#include "web/view.h"
#include "web/wish.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <sys/queue.h>

struct web_server {
    const struct web_options *options;
    struct event_base *base;
    struct evhttp *http, *status; /* the second is NULL where there are no status pages */
    struct inquiry *inquiry;
    char *status_policy; /* Content-Security-Policy */
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

#define PAGE_POLICY                                                                                                    \
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

/* What no page of ours needs is forbidden to it. policy is its Content-Security-Policy. */
static void add_fields(struct evhttp_request *request, const char *policy, const char *language)
{
    static const char *const fields[][2] = {
        {"Content-Type", "text/html; charset=utf-8"},
        {"Cache-Control", "no-store"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Referrer-Policy", "no-referrer"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Robots-Tag", "noindex"},
    };
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        evhttp_add_header(headers, fields[i][0], fields[i][1]);
    evhttp_add_header(headers, "Content-Security-Policy", policy);
    evhttp_add_header(headers, "Content-Language", language);
}

static const char *accepted_language(struct evhttp_request *request)
{
    const char *accept = evhttp_find_header(evhttp_request_get_input_headers(request), "Accept-Language");
    return accept != NULL ? accept : "";
}

/* Sends what is in server->page. */
static void send_page(struct web_server *server, struct evhttp_request *request, int status, const char *phrase)
{
    struct evbuffer *body = evhttp_request_get_output_buffer(request);
    if (evhttp_request_get_command(request) != EVHTTP_REQ_HEAD)
        evbuffer_add(body, server->page->str, server->page->len);
    evhttp_send_reply(request, status, phrase, body);
}

/* --- unsubscribe pages --------------------------------------------------------------------------- */

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
    const char *language = page_language(participant, accepted_language(request));
    page_write(server->page, page, language);
    add_fields(request, PAGE_POLICY, language);
    if (page == PAGE_LATER)
        evhttp_add_header(evhttp_request_get_output_headers(request), "Retry-After", "300");
    send_page(server, request, statuses[page].status, statuses[page].phrase);
}

/* What is asked of policyd is the same for each token, so that an answer's time tells as little as its words. */
static void serve_wish(struct web_server *server, struct evhttp_request *request, const struct wish *wish)
{
    struct attributes policy_answer;
    g_autoptr(GError) error = NULL;
    if (ask(server, wish, &policy_answer, &error)) {
        answer(server, request, wish->kind == WISH_ACT ? PAGE_DONE : PAGE_ASK,
               attributes_text(&policy_answer, "language"));
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

/* --- status pages -------------------------------------------------------------------------------- */

static void add_refresh(struct evhttp_request *request, guint seconds)
{
    char text[16];
    g_snprintf(text, sizeof text, "%u", seconds);
    evhttp_add_header(evhttp_request_get_output_headers(request), "Refresh", text);
}

static void send_fault(struct web_server *server, struct evhttp_request *request, enum status_fault fault,
                       enum language language)
{
    static const struct {
        int status;
        const char *phrase;
    } statuses[STATUS_FAULTS] = {[STATUS_BAD_REQUEST] = {400, "Bad Request"},
                                 [STATUS_NOT_FOUND] = {404, "Not Found"},
                                 [STATUS_METHOD] = {405, "Method Not Allowed"},
                                 [STATUS_MISDIRECTED] = {421, "Misdirected Request"},
                                 [STATUS_AWAY] = {503, "Service Unavailable"}};
    status_page_fault(server->page, fault, language);
    if (fault == STATUS_METHOD)
        evhttp_add_header(evhttp_request_get_output_headers(request), "Allow", "GET, HEAD");
    if (fault == STATUS_AWAY)
        add_refresh(request, STATUS_REFRESH);
    send_page(server, request, statuses[fault].status, statuses[fault].phrase);
}

/* Writes server->page. *counting_r: it will be complete soon. */
static gboolean write_view(struct web_server *server, const struct view *view, enum language language,
                           gboolean *counting_r, GError **error)
{
    struct facts_service service;
    guint more;
    *counting_r = FALSE;
    if (!inquiry_service(server->inquiry, &service, error))
        return FALSE;
    g_autoptr(GPtrArray) campaigns = NULL;
    g_autoptr(facts_campaign_auto) campaign = NULL;
    if (view->kind == VIEW_INDEX)
        campaigns = inquiry_campaigns(server->inquiry, &more, error);
    else
        campaign = inquiry_campaign(server->inquiry, view->client, view->campaign, error);
    if (campaigns != NULL)
        status_page_index(server->page, campaigns, more, &service, language);
    if (campaign != NULL)
        status_page_campaign(server->page, campaign, &service, language);
    *counting_r = campaign != NULL && campaign->tally == NULL;
    facts_service_release(&service);
    return campaigns != NULL || campaign != NULL;
}

static void serve_view(struct web_server *server, struct evhttp_request *request, enum language language)
{
    struct view view;
    gboolean counting;
    g_autoptr(GError) error = NULL;
    const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
    view_read(path != NULL ? path : "", &view);
    if (view.kind == VIEW_NOT_FOUND) {
        send_fault(server, request, STATUS_NOT_FOUND, language);
    } else if (write_view(server, &view, language, &counting, &error)) {
        add_refresh(request, counting ? STATUS_REFRESH_COUNTING : STATUS_REFRESH);
        send_page(server, request, 200, "OK");
    } else if (error->code == ERROR_DATA) {
        send_fault(server, request, STATUS_NOT_FOUND, language);
    } else {
        journal_write(server->options->journal, LOG_ERR, "error: status page: %s", error->message);
        send_fault(server, request, STATUS_AWAY, language);
    }
}

/*
 * Is it from a page of ours, or a person's own hand? TRUE where every name by which it was asked for is good. *one_r:
 * it has one Host field, as it must.
 */
static gboolean is_for_us(struct evhttp_request *request, gboolean *one_r)
{
    const struct evkeyval *field;
    const char *host = NULL, *other = evhttp_uri_get_host(evhttp_request_get_evhttp_uri(request));
    guint count = 0;
    TAILQ_FOREACH (field, evhttp_request_get_input_headers(request), next)
        if (g_ascii_strcasecmp(field->key, "Host") == 0) {
            host = field->value;
            count++;
        }
    *one_r = count == 1;
    return view_host_good(host) && (other == NULL || view_host_good(other));
}

static void on_status_request(struct evhttp_request *request, void *cookie)
{
    struct web_server *server = cookie;
    enum evhttp_cmd_type command = evhttp_request_get_command(request);
    enum language language = status_language(accepted_language(request));
    gboolean one, good = is_for_us(request, &one);
    add_fields(request, server->status_policy, words_code(language));
    if (!one)
        send_fault(server, request, STATUS_BAD_REQUEST, language);
    else if (!good)
        send_fault(server, request, STATUS_MISDIRECTED, language);
    else if (command != EVHTTP_REQ_GET && command != EVHTTP_REQ_HEAD)
        send_fault(server, request, STATUS_METHOD, language);
    else
        serve_view(server, request, language);
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

/* Listens there. NULL and *error where that is not loopback, or the port is taken; `option` is where it was set. */
static struct evhttp *listen_on(struct web_server *server, const char *host, guint16 port, const char *option,
                                GError **error)
{
    if (!is_loopback(host)) {
        error_set(error, ERROR_CONFIG,
                  "[web] %s = %s is no loopback address (127.0.0.1, ::1); put a web server with TLS in front of the "
                  "unsubscribe pages, as "
                  "packaging/nginx shows, and reach the status pages through ssh -L",
                  option, host);
        return NULL;
    }
    struct evhttp *http = evhttp_new(server->base);
    evhttp_set_max_headers_size(http, WEB_HEADER_MAX);
    evhttp_set_timeout(http, WEB_TIMEOUT);
    if (evhttp_bind_socket(http, host, port) == 0)
        return http;
    error_set(error, ERROR_UNAVAILABLE, "%s port %u can't be listened on: %s; another program may have it ([web] %s)",
              host, port, g_strerror(errno), option);
    evhttp_free(http);
    return NULL;
}

static gboolean open_unsubscribe(struct web_server *server, GError **error)
{
    server->http = listen_on(server, server->options->host, server->options->port, "host, port", error);
    if (server->http == NULL)
        return FALSE;
    evhttp_set_allowed_methods(server->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST);
    evhttp_set_max_body_size(server->http, WEB_BODY_MAX);
    evhttp_set_gencb(server->http, on_request, server);
    return TRUE;
}

/* "127.0.0.1:8426", "[::1]:8426" */
static gboolean read_address(const char *text, char **host_r, guint16 *port_r, GError **error)
{
    guint64 port;
    const char *colon = strrchr(text, ':');
    if (colon == NULL || !g_ascii_string_to_unsigned(colon + 1, 10, 1, G_MAXUINT16, &port, NULL))
        return error_set(error, ERROR_CONFIG,
                         "[web] status-listen = %s: must be ADDRESS:PORT, as 127.0.0.1:8426 or [::1]:8426", text);
    gboolean bracket = *text == '[' && colon > text + 1 && colon[-1] == ']';
    *host_r = g_strndup(text + bracket, (size_t)(colon - text) - 2 * (size_t)bracket);
    *port_r = (guint16)port;
    return TRUE;
}

static gboolean open_status(struct web_server *server, GError **error)
{
    g_autofree char *host = NULL;
    guint16 port = 0;
    if (*server->options->status_listen == '\0')
        return TRUE;
    if (!read_address(server->options->status_listen, &host, &port, error))
        return FALSE;
    server->status = listen_on(server, host, port, "status-listen", error);
    if (server->status == NULL)
        return FALSE;
    server->inquiry = inquiry_new(server->options->status_socket);
    server->status_policy = status_page_policy();
    /* All that evhttp knows come to us, so that a page tells what is allowed. */
    evhttp_set_allowed_methods(server->status, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST | EVHTTP_REQ_PUT |
                                                   EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS | EVHTTP_REQ_PATCH);
    evhttp_set_max_body_size(server->status, STATUS_BODY_MAX);
    evhttp_set_gencb(server->status, on_status_request, server);
    return TRUE;
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
    struct web_server *server = g_new0(struct web_server, 1);
    server->options = options;
    server->page = g_string_new(NULL);
    server->base = event_base_new();
    if (!open_unsubscribe(server, error) || !open_status(server, error)) {
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
    if (server->http != NULL)
        evhttp_free(server->http);
    if (server->status != NULL)
        evhttp_free(server->status);
    inquiry_free(server->inquiry);
    g_free(server->status_policy);
    event_base_free(server->base);
    policy_client_free(server->policy);
    g_string_free(server->page, TRUE);
    g_free(server);
}
