/*
 * campaign_check.h - the content rule (lib/content.h) for a campaign, before any row is there: on a mail made of sample
 * values.
 */
#ifndef POSTWELLE_IMPORTER_CAMPAIGN_CHECK_H
#define POSTWELLE_IMPORTER_CAMPAIGN_CHECK_H

#include "importer/campaign.h"

/*
 * Renders a sample mail and adds what the milter would refuse in it to the findings; nothing where there are findings
 * already. Call it before threads use the campaign.
 */
void campaign_check_content(struct campaign *campaign);

#endif
