/*
 * conversation.h - a milter whose only client has no key, and conversations with it by octets: for tests of protocol.h.
 *
 * The milter is made at the first call and kept to the end of the program. It passes others' mail, and answers 451 to
 * good mail of client.example.
 */
#ifndef POSTWELLE_TESTS_CONVERSATION_H
#define POSTWELLE_TESTS_CONVERSATION_H

#include <glib.h>

/*
 * Gives a new connection the octets, `piece` of them at a time, as a socket would. Returns what it sent; free with
 * g_bytes_unref. *error is set where it found something wrong, *ended_r TRUE where it wants to be closed.
 */
GBytes *conversation(const void *octets, size_t size, size_t piece, gboolean *ended_r, GError **error);

#endif
