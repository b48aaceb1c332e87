/*
 * narrow: limits that the owner sets lower than was asked, alone, since the
 * vault enforces them (WIRE.md, 6.5).
 */
#include <string.h>

#include "base/name.h"
#include "base/time.h"
#include "consent/granting_internal.h"

enum {
    LIFE_MIN_S = 60,
    RATE_MAX = RECENT_MAX,
};

/* Axes that the owner can lower alone: the vault enforces them. */
static const unsigned narrowable = 1U << TERMS_DETAIL | 1U << TERMS_ROUND |
                                   1U << TERMS_WINDOW | 1U << TERMS_DELAY |
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
    return (narrow->axes & ~narrowable) == 0;
}

bool
narrow_lets(const struct consent_narrow *narrow, struct vlt_slice name)
{
    if (narrow == NULL || narrow->streams == 0) {
        return true;
    }
    for (size_t i = 0; i < narrow->streams; i++) {
        if (vlt_pattern_matches(narrow->stream[i], name)) {
            return true;
        }
    }
    return false;
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

/* Of what was asked the statistics that are named, in that bucket; `raw` leaves
 * it.  False: none is left, or the category is given raw or not at all. */
static bool
narrow_detail(const struct consent_narrow *narrow, struct terms_item *item)
{
    const struct vocab_floor *floor = vocab_floor(item->data);
    int64_t bucket = narrow->limits.at[TERMS_DETAIL];

    if (!lowers(narrow, TERMS_DETAIL) || bucket == 0) {
        return true;
    }
    item->stats =
        item->raw ? narrow->limits.stats : item->stats & narrow->limits.stats;
    item->bucket_s = bucket;
    item->raw = false;
    return item->stats != 0 && (floor == NULL || !floor->raw);
}

/* Places are rounded to lengths, and nothing else is. */
static bool
narrow_round(const struct consent_narrow *narrow, struct terms_item *item)
{
    const struct vocab_node *node = vocab_category(item->data);
    const struct vocab_floor *floor = vocab_floor(item->data);
    bool place =
        vocab_mask_has(node->within, vocab_category_find("location", 8));

    if (!lowers(narrow, TERMS_ROUND)) {
        return true;
    }
    item->round = (struct terms_step){ .nano = narrow->limits.at[TERMS_ROUND],
                                       .length = narrow->limits.length };
    return narrow->limits.length == place && (floor == NULL || !floor->raw);
}

/* False: an item cannot be had so. */
static bool
narrow_values(const struct consent_narrow *narrow, struct terms *terms)
{
    for (size_t i = 0; i < terms->item_count; i++) {
        if (!narrow_detail(narrow, &terms->items[i]) ||
            !narrow_round(narrow, &terms->items[i])) {
            return false;
        }
    }
    return true;
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
narrow_common(const struct consent_narrow *narrow, int64_t start,
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
                       vlt_floor_div(start, VLT_SECOND);

        if (life < common->life_s) {
            common->life_s = life;
        }
    }
}

enum vlt_status
narrow_terms(const struct consent_narrow *narrow, int64_t start,
             struct terms *terms, struct vlt_buf *why)
{
    struct terms asked = *terms;
    enum terms_axis wider;

    if (narrow == NULL) {
        return VLT_OK;
    }
    if (!known(narrow)) {
        vlt_buf_printf(why, "What the firm promises takes a counter-offer "
                            "(request counter).");
        return VLT_E_FORMAT;
    }
    if (!narrow_values(narrow, terms)) {
        vlt_buf_printf(why, "An item cannot be had in that detail or step: "
                            "of its statistics none would be left, it is "
                            "given raw alone, or places and values take "
                            "different steps.");
        return VLT_E_FORMAT;
    }
    if (!in_range(narrow)) {
        vlt_buf_printf(why, "A rate, a window or a number of uses is out of "
                            "range.");
        return VLT_E_FORMAT;
    }
    narrow_items(narrow, terms);
    narrow_common(narrow, start, &terms->common);
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
