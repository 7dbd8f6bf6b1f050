/*
 * preview.h - a mail as files to look at: NAME.eml, NAME.html, NAME.txt, and pictures of the HTML.
 */
#ifndef POSTWELLE_IMPORTER_PREVIEW_H
#define POSTWELLE_IMPORTER_PREVIEW_H

#include "importer/browser.h"
#include "importer/render.h"

/*
 * Writes the mail that the renderer has rendered into folder, which must be there. The HTML shows its pictures by
 * itself (data: instead of cid:). With a browser (or NULL), NAME.320.png, NAME.640.png and NAME.640.dark.png are added.
 * FALSE with *error naming the file, or the browser's.
 */
gboolean preview_write(const struct renderer *renderer, const char *folder, const char *name, struct browser *browser,
                       GError **error);

#endif
