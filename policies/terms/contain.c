/*
 * What is less than what (LANGUAGE.md, 4).  Each axis has one of the directions
 * of caps.tsv; the table there says which, so a new cap of a known direction
 * needs no code here.
 */
#include "terms/terms.h"

/* An action contains those below it; `contact` stands apart. */
static int64_t
closed(int64_t actions)
{
    if ((actions & VOCAB_LIVE) != 0) {
        actions |= VOCAB_READ;
    }
    if ((actions & VOCAB_READ) != 0) {
        actions |= VOCAB_ONCE;
    }
    return actions;
}

static bool
multiple(int64_t asked, int64_t of)
{
    return of > 0 && asked > 0 && asked % of == 0;
}

/* A bucket of 0 is raw; TERMS_UNLIMITED is no data at all. */
static bool
detail_holds(const struct terms_limits *asked, const struct terms_limits *cap)
{
    int64_t bucket = asked->at[TERMS_DETAIL];

    if (cap->at[TERMS_DETAIL] == 0 || bucket == TERMS_UNLIMITED) {
        return true;
    }
    return bucket != 0 && (asked->stats & ~cap->stats) == 0 &&
           multiple(bucket, cap->at[TERMS_DETAIL]);
}

static bool
round_holds(const struct terms_limits *asked, const struct terms_limits *cap)
{
    return cap->at[TERMS_ROUND] == 0 ||
           asked->at[TERMS_DETAIL] == TERMS_UNLIMITED ||
           (asked->length == cap->length &&
            multiple(asked->at[TERMS_ROUND], cap->at[TERMS_ROUND]));
}

static bool
rate_holds(const struct terms_limits *asked, const struct terms_limits *cap)
{
    int64_t n = asked->at[TERMS_RATE];

    return cap->at[TERMS_RATE] == 0 ||
           (n != 0 && n <= cap->at[TERMS_RATE] && asked->per_s >= cap->per_s);
}

static bool
listed(struct vlt_slice name, const struct terms_limits *cap)
{
    for (size_t i = 0; i < cap->name_count; i++) {
        if (vlt_slice_equal(name, cap->names[i])) {
            return true;
        }
    }
    return false;
}

static bool
recipient_holds(const struct terms_recipient *recipient,
                const struct terms_limits *cap)
{
    switch ((enum terms_onward_cap)cap->at[TERMS_ONWARDS]) {
    case TERMS_ONWARD_NO:
        return false;
    case TERMS_ONWARD_PROCESSORS:
        return !recipient->controller;
    case TERMS_ONWARD_NAMES:
        return listed(recipient->name, cap);
    }
    return false;
}

static bool
onward_holds(const struct terms_limits *asked, const struct terms_limits *cap)
{
    for (size_t i = 0; i < asked->onward_count; i++) {
        if (!recipient_holds(&asked->onward[i], cap)) {
            return false;
        }
    }
    return true;
}

static bool
within_holds(enum terms_axis axis, const struct terms_limits *asked,
             const struct terms_limits *cap)
{
    if (axis == TERMS_WHERES) {
        return terms_places_within(asked->where, cap->where);
    }
    int64_t allowed =
        axis == TERMS_ACTION ? closed(cap->at[axis]) : cap->at[axis];

    return (asked->at[axis] & ~allowed) == 0;
}

/* `at` the end of the interval, and before it for as long as it lasts. */
static bool
until_holds(const struct terms_limits *asked, const struct terms_limits *cap)
{
    return asked->at[TERMS_UNTIL] <= cap->at[TERMS_UNTIL] &&
           asked->at[TERMS_FROM] < cap->at[TERMS_UNTIL];
}

static bool
holds(enum vocab_direction direction, enum terms_axis axis,
      const struct terms_limits *asked, const struct terms_limits *cap)
{
    switch (direction) {
    case VOCAB_AT_MOST:
        return asked->at[axis] <= cap->at[axis];
    case VOCAB_AT_LEAST:
    case VOCAB_FROM:
        return asked->at[axis] >= cap->at[axis];
    case VOCAB_WITHIN:
        return within_holds(axis, asked, cap);
    case VOCAB_MULTIPLE:
        return round_holds(asked, cap);
    case VOCAB_DETAIL:
        return detail_holds(asked, cap);
    case VOCAB_RATE:
        return rate_holds(asked, cap);
    case VOCAB_UNTIL:
        return until_holds(asked, cap);
    case VOCAB_RECIPIENTS:
        return onward_holds(asked, cap);
    case VOCAB_NO_DIRECTION:
    case VOCAB_LEAST:
    case VOCAB_MOST:
        return false;
    }
    return false;
}

bool
terms_axis_holds(enum terms_axis axis, const struct terms_limits *asked,
                 const struct terms_limits *cap)
{
    return holds(terms_axis_key(axis)->direction, axis, asked, cap);
}

uint32_t
terms_failed_axes(const struct terms_limits *asked,
                  const struct terms_limits *cap)
{
    /* The caps lie one behind another; a decision asks for all of them a
     * thousand times. */
    const struct vocab_key *keys = vocab_cap(0);
    uint32_t failed = 0;

    for (int i = 0; i < TERMS_AXES; i++) {
        enum terms_axis axis = (enum terms_axis)i;

        if (!holds(keys[i].direction, axis, asked, cap)) {
            failed |= UINT32_C(1) << i;
        }
    }
    return failed;
}

/* ---- two whole terms ---- */

static const struct terms_item *
item_like(const struct terms *terms, const struct terms_item *item)
{
    for (size_t i = 0; i < terms->item_count; i++) {
        if (terms->items[i].n == item->n &&
            terms->items[i].data == item->data) {
            return &terms->items[i];
        }
    }
    return NULL;
}

/* What is held, as caps: its recipients by name and role, its step as one
 * that must be kept. */
static bool
recipients_within(const struct terms_common *asked,
                  const struct terms_common *held)
{
    for (size_t i = 0; i < asked->onward_count; i++) {
        const struct terms_recipient *one = &asked->onward[i];
        bool found = false;

        for (size_t j = 0; j < held->onward_count; j++) {
            const struct terms_recipient *other = &held->onward[j];

            found = found || (vlt_slice_equal(one->name, other->name) &&
                              one->country == other->country &&
                              one->controller <= other->controller);
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

/* The first axis on which one atom is more than another. */
static enum terms_axis
atom_asks_more(const struct terms_limits *asked,
               const struct terms_limits *held)
{
    for (int i = 0; i < TERMS_AXES; i++) {
        enum terms_axis axis = (enum terms_axis)i;

        if (axis == TERMS_FROM || axis == TERMS_UNTIL ||
            axis == TERMS_ONWARDS) {
            continue;
        }
        if (!terms_axis_holds(axis, asked, held)) {
            return axis;
        }
    }
    return TERMS_AXES;
}

enum terms_axis
terms_asks_more(const struct terms *asked, const struct terms *held)
{
    struct terms_limits more;
    struct terms_limits less;
    size_t count = asked->item_count;

    if (asked->purpose != held->purpose) {
        return TERMS_BASIS;
    }
    if (!recipients_within(&asked->common, &held->common)) {
        return TERMS_ONWARDS;
    }
    /* `contact` has no item, and is compared once all the same. */
    for (size_t i = 0; i < (count > 0 ? count : 1); i++) {
        const struct terms_item *item = count > 0 ? &asked->items[i] : NULL;
        const struct terms_item *like =
            count > 0 ? item_like(held, item) : NULL;

        if ((like == NULL) != (item == NULL)) {
            return TERMS_DETAIL;
        }
        terms_atom(asked, item, 0, &more);
        terms_atom(held, like, 0, &less);
        enum terms_axis axis = atom_asks_more(&more, &less);

        if (axis != TERMS_AXES) {
            return axis;
        }
    }
    return TERMS_AXES;
}
