/* folder_place.c - where a campaign's folder lies; see folder_place.h. */
#include "importer/folder_place.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *folder_place_private(const char *path)
{
    static const char *const folders[] = {"/tmp", "/var/tmp"};
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
        size_t size = strlen(folders[i]);
        if (strncmp(path, folders[i], size) == 0 && (path[size] == '/' || path[size] == '\0'))
            return folders[i];
    }
    return NULL;
}

/* Everybody may write to it; to one above the campaign's a sticky bit keeps strangers from what is not theirs. */
static gboolean is_open(const char *path, gboolean above)
{
    struct stat found;
    return stat(path, &found) == 0 && (found.st_mode & S_IWOTH) != 0 && !(above && (found.st_mode & S_ISVTX) != 0);
}

/* The first one, from the folder on upwards, that everybody may write to; NULL: none. The caller frees. */
static char *find_open(const char *folder)
{
    g_autofree char *path = g_strdup(folder);
    for (gboolean above = FALSE; !is_open(path, above); above = TRUE) {
        if (strcmp(path, "/") == 0 || strcmp(path, ".") == 0)
            return NULL;
        char *parent = g_path_get_dirname(path);
        g_free(path);
        path = parent;
    }
    return g_steal_pointer(&path);
}

enum folder_place folder_place_look(const char *folder, char **problem_r, char **remedy_r)
{
    char *path = realpath(folder, NULL);
    *problem_r = *remedy_r = NULL;
    if (path == NULL)
        return FOLDER_PLACE_GOOD;
    const char *private = folder_place_private(path);
    g_autofree char *open = find_open(path);
    if (private != NULL) {
        *problem_r = g_strdup_printf("postwelle.timer's run does not see it: systemd gives it a %s of its own; no wave "
                                     "is opened and no reminder sent by itself",
                                     private);
        *remedy_r = g_strdup_printf("mv %s /srv/    # and import its list there once more: postwelle run looks for it "
                                    "where that was done last",
                                    path);
    } else if (open != NULL) {
        *problem_r = g_strdup_printf("everybody may write to %s: whoever changes what was approved stops the campaign",
                                     open);
        *remedy_r = g_strdup_printf("chmod o-w %s", open);
    }
    free(path);
    return private != NULL ? FOLDER_PLACE_PRIVATE : open != NULL ? FOLDER_PLACE_WRITABLE : FOLDER_PLACE_GOOD;
}
