/* remove_tree.c - see remove_tree.h. */
#include "importer/remove_tree.h"

#include <ftw.h>
#include <stdio.h>

#define OPEN_FOLDERS 16

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    remove(path);
    return 0;
}

void remove_tree(const char *folder)
{
    nftw(folder, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}
