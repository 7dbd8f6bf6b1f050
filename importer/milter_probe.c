/* milter_probe.c - speaks to a milter as Postfix does; see milter_probe.h. */
#include "importer/milter_probe.h"

#include "lib/error.h"
#include "lib/milter_protocol.h"

#include <arpa/inet.h>
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <string.h>

#define PACKET_MAX 65536

struct milter_probe {
    GSocketConnection *connection;
    GInputStream *in;
    GOutputStream *out;
    guint32 steps;
};

static gboolean broken(const char *what, GError **error)
{
    return error_set(error, ERROR_PROTOCOL, "%s; that is no milter", what);
}

/* --- packets ------------------------------------------------------------------------------------ */

static gboolean send_packet(struct milter_probe *probe, char command, const char *data, size_t size, GError **error)
{
    g_autoptr(GByteArray) packet = g_byte_array_new();
    guint32 length = htonl((guint32)size + 1);
    g_byte_array_append(packet, (const guint8 *)&length, sizeof length);
    g_byte_array_append(packet, (const guint8 *)&command, 1);
    if (size > 0)
        g_byte_array_append(packet, (const guint8 *)data, (guint)size);
    return g_output_stream_write_all(probe->out, packet->data, packet->len, NULL, NULL, NULL) ||
           broken("the connection was closed", error);
}

/* The command octet of the next packet; its data goes to data_r (may be NULL), at most size octets. 0 with *error. */
static char read_packet(struct milter_probe *probe, void *data_r, size_t size, GError **error)
{
    guint32 length;
    gsize got;
    if (!g_input_stream_read_all(probe->in, &length, sizeof length, &got, NULL, NULL) || got < sizeof length) {
        broken("nothing was answered", error);
        return 0;
    }
    length = ntohl(length);
    if (length == 0 || length > PACKET_MAX) {
        broken("the answer is no packet", error);
        return 0;
    }
    g_autofree char *packet = g_malloc(length);
    if (!g_input_stream_read_all(probe->in, packet, length, &got, NULL, NULL) || got < length) {
        broken("the answer was cut short", error);
        return 0;
    }
    if (data_r != NULL && length - 1 < size) {
        broken("the answer was cut short", error);
        return 0;
    }
    if (data_r != NULL)
        memcpy(data_r, packet + 1, size);
    return packet[0];
}

/* --- coming to terms ---------------------------------------------------------------------------- */

static gboolean negotiate(struct milter_probe *probe, GError **error)
{
    const guint32 offer[] = {htonl(MILTER_VERSION), htonl(MILTER_ALL_ACTIONS), htonl(MILTER_ALL_STEPS)};
    guint32 terms[3];
    if (!send_packet(probe, 'O', (const char *)offer, sizeof offer, error))
        return FALSE;
    char answer = read_packet(probe, terms, sizeof terms, error);
    if (answer == 0)
        return FALSE;
    probe->steps = ntohl(terms[2]);
    return answer == 'O' || broken("the first answer is not about terms", error);
}

struct milter_probe *milter_probe_open(const char *address, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_autoptr(milter_probe_auto) probe = g_new0(struct milter_probe, 1);
    g_socket_client_set_timeout(client, MILTER_PROBE_SECONDS);
    if (g_str_has_prefix(address, "unix:")) {
        g_autoptr(GSocketAddress) place = g_unix_socket_address_new(address + strlen("unix:"));
        probe->connection = g_socket_client_connect(client, G_SOCKET_CONNECTABLE(place), NULL, &problem);
    } else {
        probe->connection = g_socket_client_connect_to_host(client, strchr(address, ':') + 1, 0, NULL, &problem);
    }
    if (probe->connection == NULL) {
        gboolean denied = g_error_matches(problem, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
        error_set(error, denied ? ERROR_DENIED : ERROR_UNAVAILABLE, "%s: %s", address, problem->message);
        return NULL;
    }
    probe->in = g_io_stream_get_input_stream(G_IO_STREAM(probe->connection));
    probe->out = g_io_stream_get_output_stream(G_IO_STREAM(probe->connection));
    return negotiate(probe, error) ? g_steal_pointer(&probe) : NULL;
}

void milter_probe_free(struct milter_probe *probe)
{
    if (probe == NULL)
        return;
    if (probe->connection != NULL)
        send_packet(probe, 'Q', NULL, 0, NULL);
    g_clear_object(&probe->connection);
    g_free(probe);
}

/* --- a mail ------------------------------------------------------------------------------------- */

struct step {
    char command;
    guint32 left_out, silent;
    const char *data;
    size_t size;
};

/* Takes one step. *verdict_r: the answer that ends the mail; 0: it goes on. */
static gboolean take_step(struct milter_probe *probe, const struct step *step, char *verdict_r, GError **error)
{
    *verdict_r = 0;
    if ((probe->steps & step->left_out) != 0)
        return TRUE;
    if (!send_packet(probe, step->command, step->data, step->size, error))
        return FALSE;
    if ((probe->steps & step->silent) != 0)
        return TRUE;
    char answer;
    do { /* "Wait" and changes to the mail come before an answer */
        answer = read_packet(probe, NULL, 0, error);
    } while (answer != 0 && strchr("acdrtySs", answer) == NULL);
    if (answer == 0)
        return FALSE;
    *verdict_r = answer == 'c' || answer == 's' ? 0 : answer;
    return TRUE;
}

gboolean milter_probe_ask(struct milter_probe *probe, const char *domain, gboolean *known_r, GError **error)
{
    static const char connect[] = "localhost\0"
                                  "4"
                                  "\0\0"
                                  "127.0.0.1",
                      helo[] = "localhost";
    static const char recipient[] = "<postmaster@invalid>";
    g_autofree char *sender = g_strdup_printf("<postmaster@%s>", domain);
    g_autofree char *field = g_strdup_printf("From%c postmaster@%s", '\0', domain);
    const struct step steps[] = {
        {'C', MILTER_NO_CONNECT, MILTER_SILENT_CONNECT, connect, sizeof connect},
        {'H', MILTER_NO_HELO, MILTER_SILENT_HELO, helo, sizeof helo},
        {'M', MILTER_NO_MAIL, MILTER_SILENT_MAIL, sender, strlen(sender) + 1},
        {'R', MILTER_NO_RCPT, MILTER_SILENT_RCPT, recipient, sizeof recipient},
        {'T', MILTER_NO_DATA, MILTER_SILENT_DATA, NULL, 0},
        {'L', MILTER_NO_FIELD, MILTER_SILENT_FIELD, field,
         strlen("From") + 1 + strlen(" postmaster@") + strlen(domain) + 1},
        {'N', MILTER_NO_END_HEADER, MILTER_SILENT_END_HEADER, NULL, 0},
        {'B', MILTER_NO_BODY, MILTER_SILENT_BODY, "\r\n", 2},
        {'E', 0, 0, NULL, 0},
    };
    char verdict = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(steps) && verdict == 0; i++)
        if (!take_step(probe, &steps[i], &verdict, error))
            return FALSE;
    *known_r = verdict != 0 && verdict != 'a';
    return TRUE;
}
