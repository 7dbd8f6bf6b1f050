/*
 * store_alone.c - what the store gives by itself: the reads and rows of a reserve, without sockets, witness and
 * decisions, in batches of one transaction and one flush each. No policyd on it can be faster.
 *
 * usage: store_alone FOLDER BATCH SECONDS     makes a ledger in FOLDER, which must be new. Prints reserves a second.
 */
#include "tests/bench/store_work.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

static gboolean run_batch(struct store_work *work, int size, GError **error)
{
    if (!store_work_begin(work, error))
        return FALSE;
    for (int i = 0; i < size; i++)
        if (!store_work_reserve(work, error))
            return FALSE;
    return store_work_end(work, error);
}

static gboolean run(struct store_work *work, int batch, double seconds, GError **error)
{
    gint64 begin = g_get_monotonic_time(), now = begin;
    for (; (double)(now - begin) < seconds * G_TIME_SPAN_SECOND; now = g_get_monotonic_time())
        if (!run_batch(work, batch, error))
            return FALSE;
    printf("%.0f\n", (double)store_work_count(work) * G_TIME_SPAN_SECOND / (double)(now - begin));
    return TRUE;
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    if (argc != 4) {
        g_printerr("usage: store_alone FOLDER BATCH SECONDS\n");
        return EX_USAGE;
    }
    struct store_work *work = store_work_new(argv[1], &error);
    gboolean done = work != NULL && run(work, atoi(argv[2]), g_ascii_strtod(argv[3], NULL), &error);
    store_work_free(work);
    if (!done)
        g_printerr("store_alone: %s\n", error->message);
    return done ? 0 : EX_SOFTWARE;
}
