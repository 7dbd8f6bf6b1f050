/* file_within.c - reads a file of a campaign directory; see file_within.h. */
#include "importer/file_within.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/error.h"

static gboolean is_inside(const char *part)
{
    return *part != '\0' && strcmp(part, ".") != 0 && strcmp(part, "..") != 0;
}

/* Opens part below the directory fd, which it closes; -1 and errno. */
static int open_part(int fd, const char *part, gboolean last)
{
    int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | (last ? O_NONBLOCK | O_NOCTTY : O_DIRECTORY);
    int opened = openat(fd, part, flags);
    int problem = errno;
    close(fd);
    errno = problem;
    return opened;
}

static int open_within(const char *directory, const char *name, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(name, "/", -1);
    for (size_t i = 0; parts[i] != NULL; i++)
        if (!is_inside(parts[i])) {
            error_set(error, ERROR_DATA, "%s: must name a file within the campaign's directory, without \"..\"", name);
            return -1;
        }
    int fd = open(directory, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (fd < 0)
        error_from_errno(error, ERROR_SYSTEM, errno, "%s", directory);
    for (size_t i = 0; fd >= 0 && parts[i] != NULL; i++) {
        fd = open_part(fd, parts[i], parts[i + 1] == NULL);
        if (fd < 0 && errno == ELOOP)
            error_set(error, ERROR_DATA, "%s: is a symbolic link; put the file itself into the campaign's directory",
                      name);
        else if (fd < 0)
            error_from_errno(error, errno == ENOTDIR ? ERROR_NO_INPUT : ERROR_SYSTEM, errno, "%s", name);
    }
    return fd;
}

static gboolean read_all(int fd, const char *name, char *to, size_t size, GError **error)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = read(fd, to + done, size - done);
        if (n < 0 && errno != EINTR)
            return error_from_errno(error, ERROR_IO, errno, "%s", name);
        if (n == 0)
            return error_set(error, ERROR_IO, "%s: became shorter while it was read", name);
        done += n > 0 ? (size_t)n : 0;
    }
    to[size] = '\0';
    return TRUE;
}

static GBytes *read_regular(int fd, const char *name, size_t limit, GError **error)
{
    struct stat status;
    if (fstat(fd, &status) != 0) {
        error_from_errno(error, ERROR_SYSTEM, errno, "%s", name);
        return NULL;
    }
    if (!S_ISREG(status.st_mode)) {
        error_set(error, ERROR_DATA, "%s: is not a regular file", name);
        return NULL;
    }
    if (status.st_size > (off_t)limit) {
        error_set(error, ERROR_DATA, "%s: has %lld KiB; %zu KiB are allowed", name,
                  ((long long)status.st_size + 1023) / 1024, limit / 1024);
        return NULL;
    }
    size_t size = (size_t)status.st_size;
    char *content = g_malloc(size + 1);
    if (!read_all(fd, name, content, size, error)) {
        g_free(content);
        return NULL;
    }
    return g_bytes_new_take(content, size);
}

GBytes *file_within_read(const char *directory, const char *name, size_t limit, GError **error)
{
    int fd = open_within(directory, name, error);
    if (fd < 0)
        return NULL;
    GBytes *bytes = read_regular(fd, name, limit, error);
    close(fd);
    return bytes;
}
