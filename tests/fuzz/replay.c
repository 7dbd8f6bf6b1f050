/*
 * replay.c - the main() of a fuzz target in an ordinary build: gives every file of tests/fuzz/corpus/NAME to the target
 * (NAME is the program's name without "fuzz_") and says so in TAP. What once crashed stays in the corpus.
 */
#include <glib.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_folder(const char *folder)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, &error);
    if (dir == NULL) {
        g_print("Bail out! %s\n", error->message);
        return 1;
    }
    int count = 0;
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autofree char *data = NULL;
        size_t size;
        if (!g_file_get_contents(path, &data, &size, &error)) {
            g_print("Bail out! %s\n", error->message);
            return 1;
        }
        /* An exact copy, so that the sanitizer sees a read past the end. */
        g_autofree uint8_t *exact = g_memdup2(data, size);
        LLVMFuzzerTestOneInput(exact, size);
        g_print("ok %d - %s\n", ++count, name);
    }
    g_print("1..%d\n", count);
    return count == 0;
}

int main(int argc, char **argv)
{
    (void)argc;
    const char *source = g_getenv("G_TEST_SRCDIR");
    g_autofree char *program = g_path_get_basename(argv[0]);
    const char *name = g_str_has_prefix(program, "fuzz_") ? program + strlen("fuzz_") : program;
    g_autofree char *folder = g_build_filename(source != NULL ? source : ".", "tests/fuzz/corpus", name, NULL);
    return replay_folder(folder);
}
