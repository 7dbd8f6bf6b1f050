/* list_child.c - the child that reads strangers' files, and the pipe to it; see list_child.h. */
#include "config.h" /* _GNU_SOURCE */

#include "importer/list_child.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/error.h"

#define PIPE_FD 3                   /* the child's one descriptor beside /dev/null */
#define FLUSH_AT (64u * 1024)       /* octets gathered before a write */
#define TEXT_MAX 4096u              /* octets of a note or error */
#define ROW_MAX (8u + LIST_COLUMNS_MAX * (LIST_CELL_MAX + 5u)) /* octets of a row's frame */

enum frame_type { FRAME_ROW = 'R', FRAME_NOTE = 'N', FRAME_ERROR = 'E', FRAME_DONE = 'Z' };

/* --- the child ------------------------------------------------------------------------------- */

/* The parent is gone or the pipe is broken: nobody is left to tell. */
G_NORETURN static void give_up(void)
{
    _exit(EX_IOERR);
}

static void flush(GByteArray *out)
{
    for (guint done = 0; done < out->len;) {
        ssize_t written = write(PIPE_FD, out->data + done, out->len - done);
        if (written < 0 && errno != EINTR)
            give_up();
        done += written > 0 ? (guint)written : 0;
    }
    g_byte_array_set_size(out, 0);
}

static void put_number(GByteArray *out, guint32 number)
{
    g_byte_array_append(out, (const guint8 *)&number, sizeof number);
}

static void put_octets(GByteArray *out, const void *octets, size_t length)
{
    g_byte_array_append(out, octets, (guint)length);
}

/* Begins a frame; returns where its length stands, for end_frame(). */
static guint begin_frame(GByteArray *out, enum frame_type type)
{
    guint8 octet = (guint8)type;
    put_octets(out, &octet, 1);
    put_number(out, 0);
    return out->len - (guint)sizeof(guint32);
}

static void end_frame(GByteArray *out, guint length_at)
{
    guint32 length = out->len - length_at - (guint32)sizeof(guint32);
    memcpy(out->data + length_at, &length, sizeof length);
    if (out->len >= FLUSH_AT)
        flush(out);
}

static gboolean send_cells(void *cookie, const struct list_cells *row, GError **error)
{
    (void)error;
    GByteArray *out = cookie;
    guint frame = begin_frame(out, FRAME_ROW);
    put_number(out, row->row);
    put_number(out, row->count);
    for (guint i = 0; i < row->count; i++) {
        size_t length = strlen(row->cells[i]);
        put_number(out, (guint32)length);
        put_octets(out, row->cells[i], length + 1);
    }
    end_frame(out, frame);
    return TRUE;
}

static void send_note(void *cookie, const char *text)
{
    GByteArray *out = cookie;
    guint frame = begin_frame(out, FRAME_NOTE);
    put_octets(out, text, MIN(strlen(text), TEXT_MAX));
    end_frame(out, frame);
}

static void send_end(GByteArray *out, const GError *error)
{
    guint frame = begin_frame(out, error != NULL ? FRAME_ERROR : FRAME_DONE);
    if (error != NULL) {
        put_number(out, (guint32)error_exit_status(error));
        put_octets(out, error->message, MIN(strlen(error->message), TEXT_MAX - sizeof(guint32)));
    }
    end_frame(out, frame);
    flush(out);
}

static void limit(__rlimit_resource_t resource, rlim_t value)
{
    struct rlimit both = {.rlim_cur = value, .rlim_max = value};
    if (setrlimit(resource, &both) < 0)
        give_up();
}

/* The pipe becomes PIPE_FD, the standard streams /dev/null, and everything else is closed. */
static void keep_only_pipe(int pipe_fd)
{
    int null_fd = open("/dev/null", O_RDWR);
    if (null_fd < 0 || dup2(pipe_fd, PIPE_FD) < 0)
        give_up();
    for (int fd = 0; fd < PIPE_FD; fd++) {
#if !LIST_CHILD_CONFINED
        if (fd == STDERR_FILENO)
            continue; /* the sanitizer's report */
#endif
        if (dup2(null_fd, fd) < 0)
            give_up();
    }
    if (close_range(PIPE_FD + 1, ~0u, 0) < 0)
        give_up();
}

#if LIST_CHILD_CONFINED
/* What malloc(), GLib's locks, libzip's dates and glibc's random numbers need; all else kills. */
static void forbid_system_calls(void)
{
    static const int allowed[] = {
        SCMP_SYS(brk), SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex),
        SCMP_SYS(getrandom), SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getpid),
        SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(exit), SCMP_SYS(exit_group),
    };
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (filter == NULL)
        give_up();
    gboolean fine = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
                                     SCMP_A0(SCMP_CMP_EQ, PIPE_FD, 0)) == 0;
    for (size_t i = 0; i < G_N_ELEMENTS(allowed); i++)
        fine = fine && seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) == 0;
    if (!fine || seccomp_load(filter) < 0)
        give_up();
    seccomp_release(filter);
}
#endif

/* After this the process can do no harm. libzip asks for local time, which must not open the zone's file later. */
static void renounce_rights(int pipe_fd)
{
    g_setenv("TZ", "UTC0", TRUE);
    tzset();
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        give_up();
    keep_only_pipe(pipe_fd);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_CPU, LIST_CHILD_SECONDS);
#if LIST_CHILD_CONFINED
    limit(RLIMIT_AS, LIST_CHILD_MEMORY);
    limit(RLIMIT_NOFILE, 0);
    forbid_system_calls();
#endif
}

G_NORETURN static void be_child(const struct list_input *input,
                                gboolean (*reader)(const struct list_input *input, GError **error), int pipe_fd)
{
    renounce_rights(pipe_fd);
    GByteArray *out = g_byte_array_sized_new(2 * FLUSH_AT);
    struct list_sink sink = {.cells = send_cells, .note = send_note, .cookie = out};
    struct list_input here = *input;
    here.sink = &sink;
    GError *error = NULL;
    reader(&here, &error);
    send_end(out, error);
    _exit(0);
}

/* --- the parent ------------------------------------------------------------------------------ */

struct receiver {
    const struct list_input *input;
    FILE *pipe;
    GByteArray *payload;
    guint last_row;
    guint rows;
};

static gboolean refuse_frame(const struct receiver *receiver, GError **error)
{
    return error_set(error, ERROR_DATA,
                     "%s: the file broke its reader, which answered with nonsense; open the file in a "
                     "spreadsheet program and save it anew as .xlsx",
                     receiver->input->name);
}

static guint32 number_at(const guint8 *octets)
{
    guint32 number;
    memcpy(&number, octets, sizeof number);
    return number;
}

/* Takes the cells of a row's payload apart; each must be as long as it says, valid UTF-8, and end with NUL. */
static gboolean take_cells(const guint8 *octets, size_t size, guint count, const char **cells_r)
{
    for (guint i = 0; i < count; i++) {
        if (size < sizeof(guint32) + 1)
            return FALSE;
        size_t length = number_at(octets);
        octets += sizeof(guint32);
        size -= sizeof(guint32);
        if (length > LIST_CELL_MAX || length >= size || octets[length] != '\0' ||
            !list_is_text((const char *)octets, length))
            return FALSE;
        cells_r[i] = (const char *)octets;
        octets += length + 1;
        size -= length + 1;
    }
    return size == 0;
}

static gboolean receive_row(struct receiver *receiver, GError **error)
{
    const guint8 *octets = receiver->payload->data;
    size_t size = receiver->payload->len;
    const char *cells[LIST_COLUMNS_MAX];
    if (size < 2 * sizeof(guint32))
        return refuse_frame(receiver, error);
    struct list_cells row = {.row = number_at(octets), .count = number_at(octets + sizeof(guint32)), .cells = cells};
    if (row.row <= receiver->last_row || row.row > LIST_ROW_NUMBER_MAX || ++receiver->rows > LIST_ROWS_MAX ||
        row.count == 0 || row.count > LIST_COLUMNS_MAX ||
        !take_cells(octets + 2 * sizeof(guint32), size - 2 * sizeof(guint32), row.count, cells))
        return refuse_frame(receiver, error);
    receiver->last_row = row.row;
    return receiver->input->sink->cells(receiver->input->sink->cookie, &row, error);
}

/* The payload as text from `start` on, made fit for a terminal's UTF-8; the caller frees. */
static char *payload_text(const struct receiver *receiver, guint start)
{
    const char *text = (const char *)receiver->payload->data + start;
    return g_utf8_make_valid(text, (gssize)(receiver->payload->len - start));
}

static gboolean receive_error(struct receiver *receiver, GError **error)
{
    if (receiver->payload->len <= sizeof(guint32))
        return refuse_frame(receiver, error);
    guint32 code = number_at(receiver->payload->data);
    g_autofree char *text = payload_text(receiver, sizeof(guint32));
    return error_set(error, code >= EX__BASE && code <= EX__MAX ? (enum error_code)code : ERROR_DATA, "%s", text);
}

/* Reads one frame. *type_r is 0 at the end of the pipe, or where it broke off. */
static gboolean receive_frame(struct receiver *receiver, int *type_r, GError **error)
{
    guint32 length;
    *type_r = getc_unlocked(receiver->pipe);
    if (*type_r == EOF || fread(&length, sizeof length, 1, receiver->pipe) != 1) {
        *type_r = 0;
        return TRUE;
    }
    if (length > (*type_r == FRAME_ROW ? ROW_MAX : TEXT_MAX))
        return refuse_frame(receiver, error);
    g_byte_array_set_size(receiver->payload, length);
    if (length > 0 && fread(receiver->payload->data, length, 1, receiver->pipe) != 1)
        *type_r = 0;
    return TRUE;
}

/* Handles frames until the last; *done_r says whether the child came to its end. */
static gboolean receive_all(struct receiver *receiver, gboolean *done_r, GError **error)
{
    *done_r = FALSE;
    for (;;) {
        int type;
        if (!receive_frame(receiver, &type, error))
            return FALSE;
        switch (type) {
        case 0:
            return TRUE;
        case FRAME_DONE:
            *done_r = TRUE;
            return TRUE;
        case FRAME_ERROR:
            return receive_error(receiver, error);
        case FRAME_NOTE: {
            g_autofree char *text = payload_text(receiver, 0);
            list_note(receiver->input, "%s", text);
            break;
        }
        case FRAME_ROW:
            if (!receive_row(receiver, error))
                return FALSE;
            break;
        default:
            return refuse_frame(receiver, error);
        }
    }
}

/* Why a child without a last frame ended, in plain words. */
static gboolean explain_death(const char *name, int status, GError **error)
{
    if (WIFEXITED(status))
        return error_set(error, ERROR_SYSTEM, "%s: the reader could not give up its rights (status %d); is seccomp "
                         "missing in this kernel or container?", name, WEXITSTATUS(status));
    if (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL)
        return error_set(error, ERROR_DATA,
                         "%s: reading took more than %u seconds or was killed; the file is too large or "
                         "made to overload; divide it, or save it anew as .xlsx",
                         name, LIST_CHILD_SECONDS);
    return error_set(error, ERROR_DATA,
                     "%s: the file broke its reader (signal %d, %s): it is damaged, hostile, or needs "
                     "more than %u MiB; open it in a spreadsheet program and save it anew as .xlsx",
                     name, WTERMSIG(status), strsignal(WTERMSIG(status)), LIST_CHILD_MEMORY / (1024 * 1024));
}

/* Receives what the child sends, then sees it to its end. */
static gboolean be_parent(const struct list_input *input, int pipe_fd, pid_t child, GError **error)
{
    struct receiver receiver = {.input = input, .pipe = fdopen(pipe_fd, "r"), .payload = g_byte_array_new()};
    gboolean done = FALSE;
    gboolean fine = receive_all(&receiver, &done, error);
    if (!fine)
        kill(child, SIGKILL);
    fclose(receiver.pipe);
    g_byte_array_unref(receiver.payload);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (fine && !done)
        return explain_death(input->name, status, error);
    return fine;
}

gboolean list_child_read(const struct list_input *input,
                         gboolean (*reader)(const struct list_input *input, GError **error), GError **error)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return error_from_errno(error, ERROR_SYSTEM, errno, "%s: no pipe for the reader", input->name);
    pid_t child = fork();
    if (child < 0) {
        int failure = errno;
        close(ends[0]);
        close(ends[1]);
        return error_from_errno(error, ERROR_SYSTEM, failure, "%s: no process for the reader", input->name);
    }
    if (child == 0)
        be_child(input, reader, ends[1]);
    close(ends[1]);
    return be_parent(input, ends[0], child, error);
}
