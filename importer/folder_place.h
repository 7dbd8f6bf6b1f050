/*
 * folder_place.h - does the place of a campaign's folder suit what postwelle.timer starts?
 *
 * `postwelle run` sees what whoever made the campaign sees, but for folders of which systemd gives it one of its own
 * (DynamicUser= of postwelle.service, which implies PrivateTmp=). Where everybody may write, anybody can put another
 * content in the place of the approved one: that stops the campaign.
 *
 * Any thread.
 */
#ifndef POSTWELLE_IMPORTER_FOLDER_PLACE_H
#define POSTWELLE_IMPORTER_FOLDER_PLACE_H

#include <glib.h>

enum folder_place {
    FOLDER_PLACE_GOOD,
    FOLDER_PLACE_PRIVATE,  /* run has another folder there */
    FOLDER_PLACE_WRITABLE, /* everybody may change what is in it, or put another one in its place */
};

/* Which of run's own folders an absolute path without symbolic links lies in: "/tmp"; NULL: in none. Static. */
const char *folder_place_private(const char *path);

/*
 * Looks at the folder and those above it; GOOD where they can't be looked at. *problem_r is half a sentence about it,
 * and *remedy_r a command; both NULL where it is good, else to be freed.
 */
enum folder_place folder_place_look(const char *folder, char **problem_r, char **remedy_r);

#endif
