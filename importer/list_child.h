/*
 * list_child.h - reading in a child process without rights; private to importer/list*.c.
 *
 * The child may compute, get memory, and write to one pipe: seccomp kills it at any other system call; rlimits bound
 * its memory (LIST_CHILD_MEMORY) and its processor time (LIST_CHILD_SECONDS). Through the pipe come frames, each a type
 * octet, the payload's length (guint32, this machine's order), and the payload:
 *
 *     R  row: number (guint32), count (guint32), then per cell its length (guint32), its octets and a NUL
 *     N  note: text
 *     E  error, the last frame: code (guint32), text
 *     Z  done, the last frame: empty
 *
 * The parent believes none of it: it checks lengths, counts, order and UTF-8 again.
 */
#ifndef POSTWELLE_IMPORTER_LIST_CHILD_H
#define POSTWELLE_IMPORTER_LIST_CHILD_H

#include "importer/list_reader.h"

#define LIST_CHILD_MEMORY (512u * 1024 * 1024) /* octets of address space */
#define LIST_CHILD_SECONDS 60u                 /* of processor time */

/*
 * 0 in builds with sanitizers, which need system calls and address space of their own. GCC and Clang say so in
 * different ways.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LIST_CHILD_CONFINED 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define LIST_CHILD_CONFINED 0
#endif
#endif
#ifndef LIST_CHILD_CONFINED
#define LIST_CHILD_CONFINED 1
#endif

/*
 * Runs reader(input) in a child and hands its rows and notes to input->sink here. A child that dies is reported as an
 * error in the file.
 */
gboolean list_child_read(const struct list_input *input,
                         gboolean (*reader)(const struct list_input *input, GError **error), GError **error);

#endif
