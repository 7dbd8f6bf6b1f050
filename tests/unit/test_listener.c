/* Sockets that policyd makes, and what an earlier one may have left in their place. */
#include "lib/error.h"
#include "policyd/listener.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define MODE 0660
#define SOMEBODY 65534 /* root may connect to whatever there is; policyd is not root */

/* A socket that is bound but does not listen, with that mode. */
static int leave_socket(const char *path, mode_t mode)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(chmod(path, mode), ==, 0);
    return fd;
}

/* What listener_open() makes of a path, as another user than root: 0 or the error's code. */
static int open_as_somebody(const char *path)
{
    pid_t child = fork();
    if (child == 0) {
        GError *error = NULL;
        struct stat made;
        if (geteuid() == 0 && setuid(SOMEBODY) != 0)
            _exit(99);
        if (listener_open(path, MODE, (gid_t)-1, &error) < 0)
            _exit(error->code);
        _exit(stat(path, &made) == 0 && (made.st_mode & 0777) == MODE ? 0 : 98);
    }
    int status;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    return WEXITSTATUS(status);
}

struct left {
    const char *name;
    mode_t mode;
    gboolean listens;
    int code;
};

static void test_left(gconstpointer data)
{
    const struct left *left = data;
    g_autofree char *folder = g_dir_make_tmp("postwelle-test-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "x.sock", NULL);
    int fd = leave_socket(path, left->mode);
    if (left->listens)
        g_assert_cmpint(listen(fd, 1), ==, 0);
    else
        close(fd);
    if (geteuid() == 0) {
        g_assert_cmpint(chown(folder, SOMEBODY, (gid_t)-1), ==, 0);
        g_assert_cmpint(chown(path, SOMEBODY, (gid_t)-1), ==, 0);
    }
    g_assert_cmpint(open_as_somebody(path), ==, left->code);
    if (left->listens)
        close(fd);
    unlink(path);
    g_rmdir(folder);
}

int main(int argc, char **argv)
{
    static const struct left left[] = {
        {"by one that was killed", MODE, FALSE, 0},
        {"by one that was killed before it opened it", 0, FALSE, 0},
        {"by one that runs", MODE, TRUE, ERROR_CANT_CREATE},
    };
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(left); i++) {
        g_autofree char *path = g_strdup_printf("/listener/left/%s", left[i].name);
        g_test_add_data_func(path, &left[i], test_left);
    }
    return g_test_run();
}
