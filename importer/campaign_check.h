/*
 * campaign_check.h - the content rule (lib/content.h) for a campaign, before any row is there: on a mail made of sample
 * values.
 */
#ifndef POSTWELLE_IMPORTER_CAMPAIGN_CHECK_H
#define POSTWELLE_IMPORTER_CAMPAIGN_CHECK_H

#include "importer/render.h"

/*
 * Renders the sample mail of an edition (sample.h) with that date, in seconds since 1970, and with URLs in the columns
 * where it must be. FALSE with *error where neither can be rendered, the error of the first.
 */
gboolean campaign_render_sample(struct renderer *renderer, const struct edition *edition, gint64 date, GError **error);

/*
 * Renders a sample mail of each edition and adds what the milter would refuse in it to the findings; nothing where
 * there are findings already. Call it before threads use the campaign.
 */
void campaign_check_content(struct campaign *campaign);

/*
 * What stops nothing, but should not reach a participant: an imprint that still is the example of `campaign new`, a
 * reminder in another language than the invitation. Of char *, as findings; free with g_ptr_array_unref().
 */
GPtrArray *campaign_notices(const struct campaign *campaign);

#endif
