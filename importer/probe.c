/* probe.c - does an unsubscribe address work? See probe.h. */
#include "importer/probe.h"

#include "lib/error.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define HTTPS_PORT 443
#define NOBODY "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" /* a token of the right form (doc/PROTOCOL.md §2) */
#define ONE_CLICK "List-Unsubscribe=One-Click"

/* Where to ask, and the connection. */
struct probe {
    char *host, *path; /* path with its query, if any */
    guint16 port;
    SSL_CTX *context;
    GSocketConnection *connection;
    SSL *ssl;
};

static void probe_release(struct probe *probe)
{
    SSL_free(probe->ssl);
    SSL_CTX_free(probe->context);
    g_clear_object(&probe->connection);
    g_free(probe->host);
    g_free(probe->path);
}

static gboolean read_uri(const char *uri, struct probe *probe, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autofree char *whole = g_strconcat(uri, NOBODY, NULL);
    g_autoptr(GUri) parts = g_uri_parse(whole, G_URI_FLAGS_ENCODED, &problem);
    if (parts == NULL || g_uri_get_host(parts) == NULL || *g_uri_get_host(parts) == '\0')
        return error_set(error, ERROR_WANTING, "it is no address: %s",
                         problem != NULL ? problem->message : "the host is missing");
    const char *query = g_uri_get_query(parts);
    probe->host = g_strdup(g_uri_get_host(parts));
    probe->port = g_uri_get_port(parts) > 0 ? (guint16)g_uri_get_port(parts) : HTTPS_PORT;
    probe->path = g_strconcat(g_uri_get_path(parts), query != NULL ? "?" : "", query != NULL ? query : "", NULL);
    return TRUE;
}

/* --- the connection ----------------------------------------------------------------------------- */

static gboolean tls_failed(const struct probe *probe, const char *what, GError **error)
{
    long verdict = probe->ssl != NULL ? SSL_get_verify_result(probe->ssl) : X509_V_OK;
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    if (verdict != X509_V_OK)
        reason = X509_verify_cert_error_string(verdict);
    ERR_clear_error();
    return error_set(error, ERROR_WANTING, "%s: %s", what,
                     reason != NULL ? reason : "the connection broke, or nothing came in time");
}

/* The certificate must be for the host that stands in the address, a name or a number. */
static gboolean expect_host(const struct probe *probe)
{
    X509_VERIFY_PARAM *expected = SSL_get0_param(probe->ssl);
    if (g_hostname_is_ip_address(probe->host))
        return X509_VERIFY_PARAM_set1_ip_asc(expected, probe->host) == 1;
    return X509_VERIFY_PARAM_set1_host(expected, probe->host, 0) == 1 &&
           SSL_set_tlsext_host_name(probe->ssl, probe->host) == 1;
}

/* GSocket's descriptors do not block; OpenSSL's calls are to, for so long. */
static gboolean make_blocking(int fd)
{
    const struct timeval patience = {.tv_sec = PROBE_SECONDS};
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) == 0 &&
           setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
           setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0;
}

static gboolean connect_to(struct probe *probe, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_socket_client_set_timeout(client, PROBE_SECONDS);
    probe->connection = g_socket_client_connect_to_host(client, probe->host, probe->port, NULL, &problem);
    if (probe->connection == NULL)
        return error_set(error, ERROR_WANTING, "%s", problem->message);
    int fd = g_socket_get_fd(g_socket_connection_get_socket(probe->connection));
    probe->context = SSL_CTX_new(TLS_client_method());
    if (probe->context == NULL || SSL_CTX_set_default_verify_paths(probe->context) != 1)
        return tls_failed(probe, "TLS can't be set up", error);
    SSL_CTX_set_verify(probe->context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_min_proto_version(probe->context, TLS1_2_VERSION);
    probe->ssl = SSL_new(probe->context);
    if (probe->ssl == NULL || !make_blocking(fd) || SSL_set_fd(probe->ssl, fd) != 1 || !expect_host(probe))
        return tls_failed(probe, "TLS can't be set up", error);
    return SSL_connect(probe->ssl) == 1 || tls_failed(probe, "TLS fails", error);
}

/* --- questions ---------------------------------------------------------------------------------- */

/* The status line is all that counts. */
static gboolean read_status(struct probe *probe, const char *method, GError **error)
{
    g_autofree char *answer = g_malloc(PROBE_ANSWER + 1);
    size_t size = 0;
    int got = 1;
    while (got > 0 && size < PROBE_ANSWER && memchr(answer, '\n', size) == NULL)
        if ((got = SSL_read(probe->ssl, answer + size, (int)(PROBE_ANSWER - size))) > 0)
            size += (size_t)got;
    answer[size] = '\0';
    size_t digits = g_str_has_prefix(answer, "HTTP/1.") && strlen(answer) > 12 ? strspn(answer + 9, "0123456789") : 0;
    if (digits != 3)
        return error_set(error, ERROR_WANTING, "%s is not answered in HTTP", method);
    answer[12] = '\0';
    if (answer[9] == '3')
        return error_set(error, ERROR_WANTING,
                         "%s is answered with a redirect (%s), which mail providers do not follow (RFC 8058 3.2)",
                         method, answer + 9);
    return answer[9] == '2' ||
           error_set(error, ERROR_WANTING, "%s is answered with %s; it must be 200, also for a link that is nobody's",
                     method, answer + 9);
}

/* Each on a connection of its own. */
static gboolean question(const char *uri, const char *method, const char *body, GError **error)
{
    struct probe probe = {0};
    g_autoptr(GString) request = g_string_new(NULL);
    gboolean good = read_uri(uri, &probe, error) && connect_to(&probe, error);
    if (good) {
        g_string_printf(request, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nUser-Agent: postwelle\r\n", method,
                        probe.path, probe.host);
        if (body != NULL)
            g_string_append_printf(
                request, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n", strlen(body));
        g_string_append_printf(request, "\r\n%s", body != NULL ? body : "");
        good = SSL_write(probe.ssl, request->str, (int)request->len) > 0 ? read_status(&probe, method, error)
                                                                        : tls_failed(&probe, "TLS fails", error);
    }
    probe_release(&probe);
    return good;
}

gboolean probe_unsubscribe(const char *uri, GError **error)
{
    GError *problem = NULL;
    if (question(uri, "GET", NULL, &problem) && question(uri, "POST", ONE_CLICK, &problem))
        return TRUE;
    error_set(error, ERROR_WANTING,
              "the unsubscribe address %s does not work: %s. Is postwelle-web running, and the web server in front of "
              "it (packaging/nginx)?",
              uri, problem->message);
    g_error_free(problem);
    return FALSE;
}
