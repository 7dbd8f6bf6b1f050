/* test_track_file.c - a log file is followed over what logrotate(8) does with it. */
#include "importer/track_file.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>

struct scene {
    char *folder, *log, *older;
    struct track_file *file;
    struct track_gap gap;
};

static void add(const char *path, const char *text)
{
    FILE *stream = fopen(path, "ae");
    g_assert_nonnull(stream);
    fputs(text, stream);
    g_assert_cmpint(fclose(stream), ==, 0);
}

/* All lines that there are now, each with a blank behind it. */
static void assert_lines(struct scene *scene, const char *expected)
{
    g_autoptr(GString) lines = g_string_new(NULL);
    const char *line;
    size_t size;
    while (track_file_next(scene->file, &line, &size, &scene->gap)) {
        g_string_append_len(lines, line, (gssize)size);
        g_string_append_c(lines, ' ');
    }
    g_assert_cmpstr(lines->str, ==, expected);
}

static void set_up(struct scene *scene)
{
    GError *error = NULL;
    *scene = (struct scene){.folder = g_dir_make_tmp("track-file-XXXXXX", &error)};
    g_assert_no_error(error);
    scene->log = g_build_filename(scene->folder, "mail.log", NULL);
    scene->older = g_build_filename(scene->folder, "mail.log.1", NULL);
    add(scene->log, "a\nb\n");
    scene->file = track_file_open(scene->log, "", &scene->gap, &error);
    g_assert_no_error(error);
    assert_lines(scene, "a b ");
}

static void clean(struct scene *scene)
{
    track_file_free(scene->file);
    g_unlink(scene->log);
    g_unlink(scene->older);
    g_assert_cmpint(g_rmdir(scene->folder), ==, 0);
    g_free(scene->folder);
    g_free(scene->log);
    g_free(scene->older);
}

/* logrotate has made the new file; syslogd or postlogd is told later, and writes to the old one until then. */
static void test_late_writer(void)
{
    struct scene scene;
    set_up(&scene);
    g_assert_cmpint(g_rename(scene.log, scene.older), ==, 0);
    add(scene.log, "");
    assert_lines(&scene, "");
    add(scene.older, "c\n");
    assert_lines(&scene, "c ");
    add(scene.older, "d\n");
    add(scene.log, "e\n");
    assert_lines(&scene, "d e ");
    add(scene.log, "f\n");
    assert_lines(&scene, "f ");
    g_assert_cmpint(scene.gap.before, ==, 0);
    clean(&scene);
}

/* The same where track was started anew in between. */
static void test_new_start(void)
{
    struct scene scene;
    char position[TRACK_POSITION_SIZE];
    GError *error = NULL;
    set_up(&scene);
    track_file_position(scene.file, position);
    track_file_free(scene.file);
    g_assert_cmpint(g_rename(scene.log, scene.older), ==, 0);
    add(scene.log, "");
    scene.file = track_file_open(scene.log, position, &scene.gap, &error);
    g_assert_no_error(error);
    assert_lines(&scene, "");
    add(scene.older, "c\n");
    add(scene.log, "d\n");
    assert_lines(&scene, "c d ");
    g_assert_cmpint(scene.gap.before, ==, 0);
    clean(&scene);
}

static void test_cut(void)
{
    struct scene scene;
    set_up(&scene);
    g_assert_cmpint(truncate(scene.log, 0), ==, 0);
    add(scene.log, "c\n");
    assert_lines(&scene, "c ");
    g_assert_cmpint(scene.gap.before, >, 0);
    clean(&scene);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/track-file/late-writer", test_late_writer);
    g_test_add_func("/track-file/new-start", test_new_start);
    g_test_add_func("/track-file/cut", test_cut);
    return g_test_run();
}
