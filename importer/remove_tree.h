/*
 * remove_tree.h - removes a folder of our own, such as a temporary one.
 */
#ifndef POSTWELLE_IMPORTER_REMOVE_TREE_H
#define POSTWELLE_IMPORTER_REMOVE_TREE_H

/* Removes the folder and all in it; symbolic links are removed, not followed. What can't be removed stays, silently. */
void remove_tree(const char *folder);

#endif
