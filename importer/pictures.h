/*
 * pictures.h - the pictures of a campaign: what the HTML template names by a file of the campaign directory goes into
 * the mail and is shown from there (cid:, RFC 2392), so that reading a mail loads nothing.
 */
#ifndef POSTWELLE_IMPORTER_PICTURES_H
#define POSTWELLE_IMPORTER_PICTURES_H

#include "importer/compose.h"

#define PICTURE_SIZE_MAX ((size_t)512 * 1024)    /* one file */
#define PICTURES_SIZE_MAX ((size_t)1024 * 1024)  /* all of a campaign's: each participant gets them */

/* Pictures found so far, each once. Not for several threads; what compose makes of them is. */
struct pictures;

/* directory is the campaign's; domain is the right side of the content ids, such as the sender's. Both are copied. */
struct pictures *pictures_new(const char *directory, const char *domain);

/* NULL does nothing. */
void pictures_free(struct pictures *pictures);

/*
 * Appends the HTML template (or partial) html to out, each <img src="file"> made <img src="cid:...">, and loads what it
 * names: PNG, JPEG or GIF, by its name as by its first bytes. data: URLs stay. file is what errors call the template.
 * FALSE and ERROR_DATA naming template, line and picture: http(s), //, cid: or other URLs, which would load something
 * or have nothing behind them; placeholders; files missing, outside the directory, of another kind than their name
 * says, or too large.
 */
gboolean pictures_rewrite(struct pictures *pictures, const char *file, const char *html, GString *out, GError **error);

/* All pictures for compose_pictures_new(), in the order found. They belong to pictures. */
const struct picture *pictures_list(const struct pictures *pictures, size_t *n_r);

#endif
