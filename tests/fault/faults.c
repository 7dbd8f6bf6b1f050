/*
 * faults.c - a library to be preloaded: lets calls of one program fail, and shows another time.
 *
 * The folder that $POSTWELLE_FAULTS names says what goes wrong (relative to the program's working folder, so that
 * Postfix's chrooted programs find it in their queue):
 *
 *   PROGRAM.CALL   a symbolic link to an errno: the next fsync, fdatasync or write (to a regular file) of a program of
 *                  that name fails with it. The failure takes the link away, so each link is one failure.
 *   clock          a file of eight octets, the machine's own integer: time is that many seconds later, for all. It is
 *                  mapped at the program's start, as not every process may open files later
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* The number that a link in the folder points to; 0 where there is none. path_r is where it was looked for. */
static long read_link(const char *name, char path_r[PATH_MAX])
{
    char text[32];
    const char *folder = getenv("POSTWELLE_FAULTS");
    if (folder == NULL || snprintf(path_r, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
        return 0;
    ssize_t size = readlink(path_r, text, sizeof text - 1);
    if (size <= 0)
        return 0;
    text[size] = '\0';
    return strtol(text, NULL, 10);
}

/* The command's calls never fail: its readers of lists are killed for any call that they don't need. */
static int is_fallible(void)
{
    static const char command[] = "postwelle";
    return strcmp(program_invocation_short_name, command) != 0;
}

/* Is this call to fail? errno is set then. */
static int fails(const char *call)
{
    if (!is_fallible())
        return 0;
    char name[NAME_MAX], path[PATH_MAX];
    int saved = errno;
    snprintf(name, sizeof name, "%s.%s", program_invocation_short_name, call);
    long code = read_link(name, path);
    if (code > 0 && unlink(path) == 0) {
        errno = (int)code;
        return 1;
    }
    errno = saved;
    return 0;
}

static int write_fails(int fd)
{
    struct stat status;
    return is_fallible() && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && fails("write");
}

/* --- the disk ----------------------------------------------------------------------------------- */

EXPORTED int fsync(int fd)
{
    return fails("fsync") ? -1 : NEXT(fsync)(fd);
}

EXPORTED int fdatasync(int fd)
{
    return fails("fdatasync") ? -1 : NEXT(fdatasync)(fd);
}

EXPORTED ssize_t write(int fd, const void *data, size_t size)
{
    return write_fails(fd) ? -1 : NEXT(write)(fd, data, size);
}

EXPORTED ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
    return write_fails(fd) ? -1 : NEXT(pwrite)(fd, data, size, offset);
}

EXPORTED ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
    return write_fails(fd) ? -1 : NEXT(pwrite64)(fd, data, size, offset);
}

/* --- the clock ---------------------------------------------------------------------------------- */

static const volatile int64_t *clock_step; /* NULL: the clock is right */

__attribute__((constructor)) static void map_clock(void)
{
    char path[PATH_MAX];
    const char *folder = getenv("POSTWELLE_FAULTS");
    if (folder == NULL || snprintf(path, sizeof path, "%s/clock", folder) >= PATH_MAX)
        return;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *map = fd >= 0 ? mmap(NULL, sizeof *clock_step, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (map != MAP_FAILED)
        clock_step = map;
    if (fd >= 0)
        close(fd);
}

static time_t step(void)
{
    return clock_step != NULL ? (time_t)*clock_step : 0;
}

EXPORTED int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = NEXT(clock_gettime)(clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += step();
    return result;
}

EXPORTED int gettimeofday(struct timeval *now, void *zone)
{
    int result = NEXT(gettimeofday)(now, zone);
    if (result == 0)
        now->tv_sec += step();
    return result;
}

EXPORTED time_t time(time_t *now_r)
{
    time_t now = NEXT(time)(NULL) + step();
    if (now_r != NULL)
        *now_r = now;
    return now;
}
