/* gather.c - how many requests one flush should carry; see gather.h. */
#include "policyd/gather.h"

struct gather_plan gather_plan(const struct gather_facts *facts)
{
    gint64 all_time = (gint64)facts->asking * facts->request_time / 1000;
    guint size = facts->flush_time < all_time ? (facts->asking + 1) / 2 : facts->asking;
    return (struct gather_plan){
        .size = size < 2 ? 0 : size,
        .wait = CLAMP(2 * facts->flush_time, 1, GATHER_MAX),
    };
}
