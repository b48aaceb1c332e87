/*
 * narrow_read: the limits that the owner sets lower, as parameters (WIRE.md,
 * 6.5): values of the policy language.
 */
#include "service/narrow_read.h"

#include <string.h>

#include "base/name.h"
#include "base/time.h"
#include "service/noun_internal.h"
#include "terms/value.h"
#include "json/json_write.h"

/* Text of a member of `narrow`; false: it is absent. */
static bool
narrow_text(struct vlt_walk *walk, const char *name, struct vlt_slice *out)
{
    if (!vlt_walk_has(walk, name)) {
        vlt_walk_null(walk, name);
        return false;
    }
    *out = vlt_walk_text(walk, name, 1, 64);
    return !vlt_walk_failed(walk);
}

static void
narrow_seconds(struct vlt_walk *walk, const char *name, enum terms_axis axis,
               struct consent_narrow *narrow)
{
    struct vlt_slice text;

    if (!narrow_text(walk, name, &text)) {
        return;
    }
    if (axis == TERMS_WINDOW && vlt_slice_is(text, "new")) {
        narrow->limits.at[axis] = TERMS_WINDOW_NEW;
    } else if (terms_parse_duration(text, &narrow->limits.at[axis]) != VLT_OK) {
        vlt_walk_fault(walk, name, "is no duration, must be as 30d");
    }
    narrow->axes |= 1U << axis;
}

static void
narrow_counts(struct vlt_walk *walk, struct consent_narrow *narrow)
{
    struct terms_rate rate;
    struct vlt_slice text;

    if (narrow_text(walk, "rate", &text)) {
        if (terms_parse_rate(text, &rate) != VLT_OK) {
            vlt_walk_fault(walk, "rate", "is no rate, must be as 4/day");
            return;
        }
        narrow->limits.at[TERMS_RATE] = rate.n;
        narrow->limits.per_s = rate.per_s;
        narrow->axes |= 1U << TERMS_RATE;
    }
    if (vlt_json_kind(vlt_walk_any(walk, "uses")) == VLT_JSON_TEXT) {
        if (!vlt_slice_is(vlt_walk_text(walk, "uses", 1, 8), "none")) {
            vlt_walk_fault(walk, "uses", "must be a number, or none");
        }
        narrow->limits.at[TERMS_USES] = TERMS_UNLIMITED;
        narrow->axes |= 1U << TERMS_USES;
    } else if (vlt_walk_has(walk, "uses")) {
        narrow->limits.at[TERMS_USES] = vlt_walk_int(walk, "uses", 1, 1000000);
        narrow->axes |= 1U << TERMS_USES;
    }
}

/* How fine: statistics and bucket, and the step. */
static void
narrow_fine(struct vlt_walk *walk, struct consent_narrow *narrow)
{
    enum terms_detail_fault why;
    struct vlt_slice part;
    struct vlt_slice text;
    struct terms_step step;

    if (narrow_text(walk, "detail", &text)) {
        if (terms_parse_detail(text, &narrow->limits.stats,
                               &narrow->limits.at[TERMS_DETAIL], &why,
                               &part) != VLT_OK) {
            vlt_walk_fault(walk, "detail", "is no detail, must be as mean/1h");
        }
        narrow->axes |= 1U << TERMS_DETAIL;
    }
    if (narrow_text(walk, "round", &text)) {
        if (terms_parse_step(text, &step) != VLT_OK) {
            vlt_walk_fault(walk, "round", "is no step, must be as 0.5 or 1km");
            return;
        }
        narrow->limits.at[TERMS_ROUND] = step.nano;
        narrow->limits.length = step.length;
        narrow->axes |= 1U << TERMS_ROUND;
    }
}

static void
narrow_streams(struct vlt_walk *walk, struct narrow_asked *out)
{
    const struct vlt_json *list;

    if (!vlt_walk_has(walk, "streams")) {
        vlt_walk_null(walk, "streams");
        return;
    }
    list = vlt_walk_list(walk, "streams", 1, POLICY_PATTERNS);
    for (size_t i = 0; i < vlt_json_count(list); i++) {
        struct vlt_slice pattern = vlt_json_text_of(vlt_json_item(list, i));

        if (!vlt_pattern_valid(pattern)) {
            vlt_walk_fault(walk, "streams",
                           "must be patterns, as home/*/power");
            return;
        }
        out->stream[out->narrow.streams++] = pattern;
    }
    out->narrow.stream = out->stream;
}

/* One of two words; NULL: absent. */
static const char *
narrow_word(struct vlt_walk *walk, const char *name, const char *const *words)
{
    if (!vlt_walk_has(walk, name)) {
        vlt_walk_null(walk, name);
        return NULL;
    }
    return words[vlt_walk_word(walk, name, words)];
}

static void
narrow_rest(struct vlt_walk *walk, struct consent_narrow *narrow)
{
    static const char *const names[] = { "hide", "show", NULL };
    static const char *const streams[] = { "hold", "include", NULL };
    static const char *const notify[] = { "each", "first", "daily", "weekly",
                                          NULL };
    struct vlt_slice text;

    narrow->until = INT64_MAX;
    narrow->ask_each = -1;
    narrow->notify = -1;
    if (narrow_text(walk, "until", &text) &&
        terms_parse_date(text, &narrow->until) != VLT_OK) {
        vlt_walk_fault(walk, "until", "is no date, must be as 2027-06-30");
    }
    narrow->names = narrow_word(walk, "names", names);
    narrow->new_streams = narrow_word(walk, "new_streams", streams);
    if (vlt_walk_has(walk, "ask_each")) {
        narrow->ask_each = vlt_walk_bool(walk, "ask_each");
    } else {
        vlt_walk_null(walk, "ask_each");
    }
    if (vlt_walk_has(walk, "notify")) {
        narrow->notify = vlt_walk_word(walk, "notify", notify);
    } else {
        vlt_walk_null(walk, "notify");
    }
}

/* ---- what the firm promises ---- */

static void
offer_onward(struct vlt_walk *walk, struct narrow_asked *out)
{
    struct terms_limits *limits = &out->narrow.limits;
    const struct vlt_json *list = vlt_walk_any(walk, "onward");

    if (vlt_json_kind(list) == VLT_JSON_NULL) {
        return;
    }
    out->narrow.axes |= 1U << TERMS_ONWARDS;
    limits->at[TERMS_ONWARDS] = TERMS_ONWARD_NAMES;
    limits->names = out->name;
    if (vlt_slice_is(vlt_json_text_of(list), "no")) {
        limits->at[TERMS_ONWARDS] = TERMS_ONWARD_NO;
        return;
    }
    if (vlt_slice_is(vlt_json_text_of(list), "processors")) {
        limits->at[TERMS_ONWARDS] = TERMS_ONWARD_PROCESSORS;
        return;
    }
    if (vlt_json_kind(list) != VLT_JSON_LIST ||
        vlt_json_count(list) > TERMS_ONWARD) {
        vlt_walk_fault(walk, "onward", "must be no, processors, or names");
        return;
    }
    for (size_t i = 0; i < vlt_json_count(list); i++) {
        out->name[limits->name_count++] =
            vlt_json_text_of(vlt_json_item(list, i));
    }
}

static void
offer_where(struct vlt_walk *walk, struct consent_narrow *narrow)
{
    const struct vlt_json *list;

    if (!vlt_walk_has(walk, "where")) {
        vlt_walk_null(walk, "where");
        return;
    }
    narrow->axes |= 1U << TERMS_WHERES;
    list = vlt_walk_list(walk, "where", 1, TERMS_WHERE);
    for (size_t i = 0; i < vlt_json_count(list); i++) {
        struct vlt_slice code = vlt_json_text_of(vlt_json_item(list, i));
        int country = code.len == 2
                          ? vocab_country_find((const char *)code.at, 2)
                          : VOCAB_NONE;

        if (country == VOCAB_NONE) {
            vlt_walk_fault(walk, "where", "must list countries such as GB");
            return;
        }
        terms_places_add(&narrow->limits.where, country);
    }
}

static void
offer_promises(struct vlt_walk *walk, struct narrow_asked *out)
{
    static const char *const profiling[] = { "none", "service", "any", NULL };
    static const struct {
        const char *name;
        enum terms_axis axis;
    } flags[] = { { "automated", TERMS_AUTOMATED },
                  { "training", TERMS_TRAINING } };
    struct consent_narrow *narrow = &out->narrow;
    int word = vlt_walk_word_or(walk, "profiling", profiling, -1);

    if (word >= 0) {
        narrow->limits.at[TERMS_PROFILING] = word;
        narrow->axes |= 1U << TERMS_PROFILING;
    }
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (!vlt_walk_bool_or(walk, flags[i].name, true)) {
            narrow->axes |= 1U << flags[i].axis;
        }
    }
    narrow_seconds(walk, "keep", TERMS_KEEP, narrow);
    offer_onward(walk, out);
    offer_where(walk, narrow);
}

static void
read_all(struct vlt_walk *params, bool promises, struct narrow_asked *out)
{
    struct consent_narrow *narrow = &out->narrow;
    struct vlt_walk walk;

    if (!vlt_walk_has(params, "narrow")) {
        vlt_walk_null(params, "narrow");
        return;
    }
    out->there = true;
    vlt_walk_into(&walk, params, "narrow");
    narrow_fine(&walk, narrow);
    narrow_streams(&walk, out);
    narrow_seconds(&walk, "delay", TERMS_DELAY, narrow);
    narrow_seconds(&walk, "every", TERMS_EVERY, narrow);
    narrow_seconds(&walk, "window", TERMS_WINDOW, narrow);
    narrow_seconds(&walk, "life", TERMS_LIFE, narrow);
    narrow_counts(&walk, narrow);
    narrow_rest(&walk, narrow);
    if (promises) {
        offer_promises(&walk, out);
    }
    /* The outermost walker keeps the fault, and is asked by the caller. */
    if (vlt_walk_end(&walk) != VLT_OK) {
        return;
    }
}

void
narrow_read(struct vlt_walk *params, struct narrow_asked *out)
{
    read_all(params, false, out);
}

void
narrow_read_offer(struct vlt_walk *params, struct narrow_asked *out)
{
    read_all(params, true, out);
}
