/*
 * narrow: limits that the owner sets lower than was asked, alone, since the
 * vault enforces them (WIRE.md, 6.5).
 */
#include <string.h>

#include "base/time.h"
#include "consent/consent_internal.h"

enum {
    LIFE_MIN_S = 60,
    RATE_MAX = RECENT_MAX,
};

/* Axes that the owner can lower alone in this release. */
static const unsigned narrowable = 1U << TERMS_WINDOW | 1U << TERMS_DELAY |
                                   1U << TERMS_EVERY | 1U << TERMS_RATE |
                                   1U << TERMS_USES | 1U << TERMS_LIFE;

static bool
lowers(const struct consent_narrow *narrow, enum terms_axis axis)
{
    return (narrow->axes & 1U << axis) != 0;
}

/* Nothing that would be taken and not kept to. */
static bool
known(const struct consent_narrow *narrow)
{
    return (narrow->axes & ~narrowable) == 0 && narrow->streams == 0 &&
           narrow->ask_each <= 0 && narrow->notify == NULL &&
           narrow->new_streams == NULL &&
           (narrow->names == NULL || strcmp(narrow->names, "show") == 0 ||
            strcmp(narrow->names, "hide") == 0);
}

/* Values that a grant's record can hold; that they are no wider is another
 * question. */
static bool
in_range(const struct consent_narrow *narrow)
{
    static const int64_t periods[] = { 60, 3600, 86400, 604800 };
    const struct terms_limits *limits = &narrow->limits;
    bool period = false;

    for (size_t i = 0; i < sizeof periods / sizeof periods[0]; i++) {
        period = period || limits->per_s == periods[i];
    }
    if (lowers(narrow, TERMS_RATE) &&
        (limits->at[TERMS_RATE] < 1 || limits->at[TERMS_RATE] > RATE_MAX ||
         !period)) {
        return false;
    }
    if (lowers(narrow, TERMS_WINDOW) && limits->at[TERMS_WINDOW] < 0 &&
        limits->at[TERMS_WINDOW] != TERMS_WINDOW_NEW) {
        return false;
    }
    return !lowers(narrow, TERMS_USES) || limits->at[TERMS_USES] >= 1;
}

static void
narrow_items(const struct consent_narrow *narrow, struct terms *terms)
{
    for (size_t i = 0; i < terms->item_count; i++) {
        struct terms_item *item = &terms->items[i];

        if (lowers(narrow, TERMS_WINDOW)) {
            item->window_s = narrow->limits.at[TERMS_WINDOW];
        }
        if (lowers(narrow, TERMS_DELAY)) {
            item->delay_s = narrow->limits.at[TERMS_DELAY];
        }
        if (lowers(narrow, TERMS_EVERY) && item->every_s != 0) {
            item->every_s = narrow->limits.at[TERMS_EVERY];
        }
    }
}

static void
narrow_common(const struct consent_narrow *narrow, int64_t now,
              struct terms_common *common)
{
    if (lowers(narrow, TERMS_RATE)) {
        common->rate.n = narrow->limits.at[TERMS_RATE];
        common->rate.per_s = narrow->limits.per_s;
    }
    if (lowers(narrow, TERMS_USES)) {
        common->uses = narrow->limits.at[TERMS_USES];
    }
    if (lowers(narrow, TERMS_LIFE)) {
        common->life_s = narrow->limits.at[TERMS_LIFE];
    }
    if (narrow->until != INT64_MAX) {
        int64_t life = vlt_floor_div(narrow->until, VLT_SECOND) -
                       vlt_floor_div(now, VLT_SECOND);

        if (life < common->life_s) {
            common->life_s = life;
        }
    }
}

enum vlt_status
narrow_terms(const struct consent_approval *by, struct terms *terms,
             struct vlt_buf *why)
{
    const struct consent_narrow *narrow = by->narrow;
    struct terms asked = *terms;
    enum terms_axis wider;

    if (narrow == NULL) {
        return VLT_OK;
    }
    if (!known(narrow)) {
        vlt_buf_printf(why, "Detail, rounding, streams, notices and asking "
                            "each time cannot be narrowed yet.");
        return VLT_E_FORMAT;
    }
    if (!in_range(narrow)) {
        vlt_buf_printf(why, "A rate, a window or a number of uses is out of "
                            "range.");
        return VLT_E_FORMAT;
    }
    narrow_items(narrow, terms);
    narrow_common(narrow, by->now, &terms->common);
    if (terms->common.life_s < LIFE_MIN_S) {
        vlt_buf_printf(why, "It would end within a minute.");
        return VLT_E_FORMAT;
    }
    wider = terms_asks_more(terms, &asked);
    if (wider != TERMS_AXES) {
        vlt_buf_printf(why,
                       "%s would be wider than asked; widening takes a new "
                       "request.",
                       terms_axis_key(wider)->name);
        return VLT_E_CONFLICT;
    }
    return VLT_OK;
}
