/*
 * lower: from what is asked to the most that both it and a permit's caps allow
 * (LANGUAGE.md, 4.1).  Each axis has a function; those without one are facts of
 * the firm, or of time, which nobody can ask less of.
 */
#include "base/time.h"
#include "terms/terms.h"

enum {
    LIFE_LEAST = 60, /* seconds */
};

/* The largest rounding step, in nano. */
#define STEP_MOST (INT64_C(9000000000) * 1000000000)

struct lowering {
    struct terms *part;
    struct terms_item *item; /* NULL: contact */
    const struct terms_limits *caps;
    int64_t now;
};

static int64_t
gcd(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/* ---- what leaves ---- */

/* The greatest action that both contain. */
static bool
lower_action(struct lowering *at)
{
    static const int64_t actions[] = { VOCAB_LIVE, VOCAB_READ, VOCAB_ONCE };
    struct terms_common *common = &at->part->common;
    size_t i = 0;

    /* Bits grow with what they contain, and contact stands apart. */
    while (i < 3 && (actions[i] > common->action ||
                     actions[i] > (at->caps->at[TERMS_ACTION] &
                                   ~(int64_t)VOCAB_CONTACT))) {
        i++;
    }
    if (common->action == VOCAB_CONTACT || i == 3) {
        return false;
    }
    common->action = actions[i];
    if (common->action == VOCAB_ONCE) {
        common->uses = 1;
    }
    for (size_t j = 0; common->action != VOCAB_LIVE && j < at->part->item_count;
         j++) {
        at->part->items[j].every_s = 0;
    }
    return true;
}

static bool
lower_channels(struct lowering *at)
{
    at->part->common.channels &= at->caps->at[TERMS_CHANNELS];
    return at->part->common.channels != 0;
}

/* Is it given raw, or not at all? */
static bool
only_raw(const struct terms_item *item)
{
    const struct vocab_floor *floor = vocab_floor(item->data);

    return floor != NULL && floor->raw;
}

/* The least bucket that is a whole multiple of both; 0: there is none. */
static int64_t
bucket_of_both(int64_t asked, int64_t cap)
{
    const struct vocab_value *bucket;

    for (size_t i = 0; (bucket = vocab_value_at(VOCAB_BUCKET, i)) != NULL;
         i++) {
        if (bucket->value % asked == 0 && bucket->value % cap == 0) {
            return bucket->value;
        }
    }
    return 0;
}

static bool
lower_detail(struct lowering *at)
{
    struct terms_item *item = at->item;
    int64_t cap = at->caps->at[TERMS_DETAIL];

    if (item == NULL || only_raw(item)) {
        return false;
    }
    item->stats = item->raw ? at->caps->stats : item->stats & at->caps->stats;
    item->bucket_s = item->raw ? cap : bucket_of_both(item->bucket_s, cap);
    item->raw = false;
    return item->stats != 0 && item->bucket_s != 0;
}

static bool
lower_round(struct lowering *at)
{
    struct terms_item *item = at->item;
    int64_t cap = at->caps->at[TERMS_ROUND];
    int64_t both = cap;
    bool place =
        item != NULL &&
        vocab_mask_has(vocab_category(item->data)->within,
                       vocab_category_find("location", sizeof "location" - 1));

    if (item == NULL || only_raw(item) || at->caps->length != place) {
        return false;
    }
    if (item->round.nano != 0 &&
        (item->round.length != place ||
         __builtin_mul_overflow(item->round.nano / gcd(item->round.nano, cap),
                                cap, &both) ||
         both > STEP_MOST)) {
        return false;
    }
    item->round = (struct terms_step){ .nano = both, .length = place };
    return true;
}

static bool
lower_window(struct lowering *at)
{
    at->item->window_s = at->caps->at[TERMS_WINDOW];
    return true;
}

static bool
lower_delay(struct lowering *at)
{
    at->item->delay_s = at->caps->at[TERMS_DELAY];
    return true;
}

static bool
lower_every(struct lowering *at)
{
    if (at->part->common.action == VOCAB_LIVE) {
        at->item->every_s = at->caps->at[TERMS_EVERY];
    }
    return true;
}

/* ---- how often and how long ---- */

static bool
lower_rate(struct lowering *at)
{
    struct terms_rate *rate = &at->part->common.rate;
    struct terms_rate cap = { .n = at->caps->at[TERMS_RATE],
                              .per_s = at->caps->per_s };

    if (rate->n == 0) {
        *rate = cap;
        return true;
    }
    rate->n = rate->n < cap.n ? rate->n : cap.n;
    rate->per_s = rate->per_s > cap.per_s ? rate->per_s : cap.per_s;
    return true;
}

static bool
lower_uses(struct lowering *at)
{
    if (at->part->common.uses > at->caps->at[TERMS_USES]) {
        at->part->common.uses = at->caps->at[TERMS_USES];
    }
    return true;
}

static bool
live_for(struct lowering *at, int64_t seconds)
{
    if (at->part->common.life_s > seconds) {
        at->part->common.life_s = seconds;
    }
    return seconds >= LIFE_LEAST;
}

static bool
lower_life(struct lowering *at)
{
    return live_for(at, at->caps->at[TERMS_LIFE]);
}

static bool
lower_until(struct lowering *at)
{
    return live_for(at, vlt_floor_div(at->caps->at[TERMS_UNTIL], VLT_SECOND) -
                            vlt_floor_div(at->now, VLT_SECOND));
}

/* ---- what the firm promises ---- */

static bool
lower_keep(struct lowering *at)
{
    if (at->part->common.keep_s > at->caps->at[TERMS_KEEP]) {
        at->part->common.keep_s = at->caps->at[TERMS_KEEP];
    }
    return true;
}

/* Does the cap let this one have it? */
static bool
may_have(const struct terms_recipient *one, const struct terms_limits *caps)
{
    struct terms_limits alone = { .onward = one, .onward_count = 1 };

    return terms_axis_holds(TERMS_ONWARDS, &alone, caps);
}

static bool
lower_onward(struct lowering *at)
{
    struct terms_common *common = &at->part->common;
    unsigned kept = 0;

    for (size_t i = 0; i < common->onward_count; i++) {
        if (may_have(&common->onward[i], at->caps)) {
            common->onward[kept++] = common->onward[i];
        }
    }
    common->onward_count = kept;
    return true;
}

static bool
lower_where(struct lowering *at)
{
    struct terms_common *common = &at->part->common;
    unsigned kept = 0;

    for (size_t i = 0; i < common->where_count; i++) {
        struct terms_places one = { { 0 } };

        terms_places_add(&one, common->where[i]);
        if (terms_places_within(one, at->caps->where)) {
            common->where[kept++] = common->where[i];
        }
    }
    common->where_count = kept;
    return kept > 0;
}

static bool
lower_profiling(struct lowering *at)
{
    if (at->part->common.profiling > at->caps->at[TERMS_PROFILING]) {
        at->part->common.profiling = at->caps->at[TERMS_PROFILING];
    }
    return true;
}

static bool
lower_automated(struct lowering *at)
{
    at->part->common.automated = false;
    return true;
}

static bool
lower_training(struct lowering *at)
{
    at->part->common.training = false;
    return true;
}

/* In the order of the axes; NULL: not to be lowered. */
static bool (*const lower[TERMS_AXES])(struct lowering *at) = {
    [TERMS_ACTION] = lower_action,       [TERMS_CHANNELS] = lower_channels,
    [TERMS_DETAIL] = lower_detail,       [TERMS_ROUND] = lower_round,
    [TERMS_WINDOW] = lower_window,       [TERMS_DELAY] = lower_delay,
    [TERMS_EVERY] = lower_every,         [TERMS_RATE] = lower_rate,
    [TERMS_USES] = lower_uses,           [TERMS_LIFE] = lower_life,
    [TERMS_UNTIL] = lower_until,         [TERMS_KEEP] = lower_keep,
    [TERMS_ONWARDS] = lower_onward,      [TERMS_WHERES] = lower_where,
    [TERMS_PROFILING] = lower_profiling, [TERMS_AUTOMATED] = lower_automated,
    [TERMS_TRAINING] = lower_training,
};

bool
terms_lower(struct terms *part, int n, const struct terms_limits *caps,
            uint32_t axes, int64_t now)
{
    const struct terms_item *item = terms_item_of(part, n);
    struct lowering at = { .part = part,
                           .item = item != NULL
                                       ? &part->items[item - part->items]
                                       : NULL,
                           .caps = caps,
                           .now = now };

    for (int axis = 0; axis < TERMS_AXES; axis++) {
        if ((axes >> axis & 1) != 0 &&
            (lower[axis] == NULL || !lower[axis](&at))) {
            return false;
        }
    }
    return true;
}
