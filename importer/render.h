/*
 * render.h - one participant's mail: the campaign's templates filled in, composed into a message.
 *
 * What is the same for all was prepared by campaign_open(); render_mail() only reads the campaign, so any number of
 * threads may run it at once, each with buffers of its own.
 */
#ifndef POSTWELLE_IMPORTER_RENDER_H
#define POSTWELLE_IMPORTER_RENDER_H

#include "importer/campaign.h"
#include "lib/policy.h"

/* One row as policyd gives it out for feeding (PROTOCOL §5 `begin`, `proof-begin`). */
struct participant {
    guint64 number;
    guint64 attempt; /* 0 for proofs */
    guint64 reminder; /* which one; 0: this is an invitation or a proof */
    char *address, *reverse_path, *message_id, *unsubscribe_token, *survey_token;
    GPtrArray *attributes; /* name, value, name, value ...; of char * */
};

/* The row of the list that a participant's number stands for (PROTOCOL §2). */
static inline guint participant_row(guint64 number)
{
    return (guint)(number % (1 << 20));
}

/*
 * Takes a row from an answer. NULL with *error (ERROR_PROTOCOL) where something is missing. Free with
 * participant_free().
 */
struct participant *participant_new(const struct attributes *answer, GError **error);
void participant_free(struct participant *participant); /* NULL is fine */

/* The value of an attribute; NULL where there is none. */
const char *participant_attribute(const struct participant *participant, const char *name);

/*
 * The invitation's or the reminder's edition that the participant gets: by the first of its language columns, see
 * edition.h.
 */
const struct edition *render_edition(const struct campaign *campaign, const struct participant *participant,
                                     gboolean reminder);

/* What a thread needs again and again. */
struct renderer {
    const struct campaign *campaign;
    GString *subject, *html, *text, *url;
    GString *message; /* the mail that was rendered last */
};

void renderer_init(struct renderer *renderer, const struct campaign *campaign);
void renderer_release(struct renderer *renderer);

struct render_options {
    gboolean reminder;  /* not the invitation; only where the campaign has one */
    const char *to;     /* To: another address than the participant's (proofs), or NULL */
    const char *prefix; /* put before the subject, with a blank between; NULL or "" for none */
    gint64 date;        /* seconds since 1970 */
    gboolean check;     /* only whether it can be rendered: renderer->message stays as it was */
};

/*
 * Renders into renderer->message. FALSE with *error (ERROR_DATA: file, line, name and what is wrong) where this row
 * can't be rendered. The campaign must be ready (campaign_is_ready()).
 */
gboolean render_mail(struct renderer *renderer, const struct participant *participant,
                     const struct render_options *options, GError **error);

#endif
