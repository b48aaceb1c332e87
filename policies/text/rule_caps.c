#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "terms/value.h"
#include "text/text_internal.h"

static void
write_cap(struct text_rule *rule, enum terms_axis axis, int64_t value)
{
    rule->rule.written |= UINT32_C(1) << axis;
    rule->rule.caps.at[axis] = value;
}

/* ---- detail ---- */

/* The buckets around one that is none: "15min or 30min". */
static void
bucket_fault(struct text_reading *reading, const struct vlt_yaml_node *node,
             struct vlt_slice part)
{
    const struct vocab_value *below;
    const struct vocab_value *above;
    int64_t seconds;
    int64_t less = 0;
    int64_t more = 0;
    char shown[TEXT_SHOWN_LEN];

    text_shown(part, shown);
    if (terms_parse_duration(part, &seconds) == VLT_OK) {
        terms_buckets_near(seconds, &less, &more);
    }
    below = vocab_value(VOCAB_BUCKET, less);
    above = vocab_value(VOCAB_BUCKET, more);
    if (below != NULL && above != NULL) {
        text_fault(reading, "P26", text_value_at(node),
                   "no bucket '%s', would be right: %s or %s", shown, below->id,
                   above->id);
    } else if (below != NULL || above != NULL) {
        text_fault(reading, "P26", text_value_at(node),
                   "no bucket '%s', would be right: %s", shown,
                   below != NULL ? below->id : above->id);
    } else {
        text_fault(reading, "P26", text_value_at(node),
                   "no bucket '%s', would be right: 1min, 5min, 10min, 15min, "
                   "30min, 1h, 2h, 3h, 4h, 6h, 8h, 12h, 1d, 1w or 4w",
                   shown);
    }
}

static void
detail_fault(struct text_reading *reading, const struct vlt_yaml_node *node,
             enum terms_detail_fault why, struct vlt_slice part)
{
    char shown[TEXT_SHOWN_LEN];

    text_shown(part, shown);
    switch (why) {
    case TERMS_DETAIL_FORM:
        text_fault(reading, "P13", text_value_at(node),
                   "detail '%s' is not known, would be right: raw, or "
                   "statistics and a bucket such as mean/15min",
                   shown);
        return;
    case TERMS_DETAIL_STAT:
        text_fault(reading, "P13", text_value_at(node),
                   "statistic '%s' is not known, would be right: any, mean, "
                   "sum, min, max, count, first or last",
                   shown);
        return;
    case TERMS_DETAIL_TWICE:
        text_fault(reading, "P23", text_value_at(node),
                   "'%s' is given twice in 'detail', would be right: each "
                   "value once",
                   shown);
        return;
    case TERMS_DETAIL_BUCKET:
        bucket_fault(reading, node, part);
        return;
    }
}

void
text_read_detail(struct text_reading *reading, struct text_rule *rule,
                 const struct vlt_yaml_node *node)
{
    enum terms_detail_fault why = TERMS_DETAIL_FORM;
    struct vlt_slice part = node->text;
    unsigned stats;
    int64_t bucket;

    if (!text_scalar(reading, node, "mean/15min")) {
        return;
    }
    if (terms_parse_detail(node->text, &stats, &bucket, &why, &part) !=
        VLT_OK) {
        detail_fault(reading, node, why, part);
        return;
    }
    write_cap(rule, TERMS_DETAIL, bucket);
    rule->rule.caps.stats = stats;
    rule->detail = node;
}

/* ---- window ---- */

/* Units that people write, and ours. */
static const struct {
    const char *typed;
    const char *unit;
} units[] = {
    { "m", "min" },       { "mins", "min" }, { "minute", "min" },
    { "minutes", "min" }, { "sec", "s" },    { "secs", "s" },
    { "seconds", "s" },   { "hr", "h" },     { "hrs", "h" },
    { "hour", "h" },      { "hours", "h" },  { "day", "d" },
    { "days", "d" },      { "week", "w" },   { "weeks", "w" },
    { "year", "y" },      { "years", "y" },  { "yr", "y" },
};

/* How many digits it begins with. */
static size_t
leading_digits(struct vlt_slice text)
{
    size_t count = 0;

    while (count < text.len && text.at[count] >= '0' && text.at[count] <= '9') {
        count++;
    }
    return count;
}

static void
duration_fault(struct text_reading *reading, const struct vlt_yaml_node *node)
{
    struct vlt_slice text = node->text;
    size_t count = leading_digits(text);
    /* An alias is an empty text at no place. */
    struct vlt_slice rest =
        text.len == 0 ? text : vlt_slice_of(text.at + count, text.len - count);
    const char *unit = rest.len == 0 ? "d" : NULL;
    char shown[TEXT_SHOWN_LEN];

    text_shown(text, shown);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (vlt_slice_is(rest, units[i].typed)) {
            unit = units[i].unit;
        }
    }
    if (count > 0 && count < 10 && unit != NULL) {
        text_fault(reading, "P12", text_value_at(node),
                   "'%s' has no known unit, would be right: %.*s%s (s, min, h, "
                   "d, w, y)",
                   shown, (int)count, (const char *)text.at, unit);
    } else {
        text_fault(reading, "P12", text_value_at(node),
                   "'%s' is no duration, would be right: a whole number and a "
                   "unit such as 90d (s, min, h, d, w, y)",
                   shown);
    }
}

void
text_read_window(struct text_reading *reading, struct text_rule *rule,
                 const struct vlt_yaml_node *node)
{
    const struct vocab_key *key = terms_axis_key(TERMS_WINDOW);
    int64_t seconds = TERMS_WINDOW_NEW;
    char shown[TEXT_SHOWN_LEN];

    if (!text_scalar(reading, node, "90d")) {
        return;
    }
    enum vlt_status st = vlt_slice_is(node->text, "new")
                             ? VLT_OK
                             : terms_parse_duration(node->text, &seconds);

    if (st == VLT_E_FORMAT) {
        duration_fault(reading, node);
        return;
    }
    if (st != VLT_OK || seconds > key->most) {
        text_fault(reading, "P11", text_value_at(node),
                   "window %s is out of range, would be right: 0s to 20y, or "
                   "new",
                   text_shown(node->text, shown));
        return;
    }
    write_cap(rule, TERMS_WINDOW, seconds);
    rule->window = node;
}

/* ---- until ---- */

/* Day, month and year as people write them, 30.6.2027; false: not so. */
static bool
european_date(struct vlt_slice text, int part[3])
{
    size_t at = 0;

    for (size_t i = 0; i < 3; i++) {
        size_t digits = 0;

        part[i] = 0;
        while (at < text.len && text.at[at] >= '0' && text.at[at] <= '9' &&
               digits < 4) {
            part[i] = part[i] * 10 + (text.at[at] - '0');
            digits++;
            at++;
        }
        if (digits == 0 || (i == 2 && digits != 4) ||
            (i < 2 && (at >= text.len || text.at[at] != '.'))) {
            return false;
        }
        at += i < 2;
    }
    return at == text.len;
}

static void
date_fault(struct text_reading *reading, const struct vlt_yaml_node *node)
{
    struct vlt_civil civil = { 0 };
    char right[32] = "a date such as 2027-06-30";
    char shown[TEXT_SHOWN_LEN];
    int part[3];

    if (european_date(node->text, part)) {
        civil.day = part[0];
        civil.month = part[1];
        civil.year = part[2];
        if (vlt_civil_valid(&civil)) {
            snprintf(right, sizeof right, "%04d-%02d-%02d", part[2], part[1],
                     part[0]);
        }
    }
    text_fault(reading, "P21", text_value_at(node),
               "'%s' is not a date, would be right: %s",
               text_shown(node->text, shown), right);
}

void
text_read_until(struct text_reading *reading, struct text_rule *rule,
                const struct vlt_yaml_node *node)
{
    int64_t until;

    if (!text_scalar(reading, node, "2027-06-30")) {
        return;
    }
    if (terms_parse_date(node->text, &until) != VLT_OK) {
        date_fault(reading, node);
        return;
    }
    write_cap(rule, TERMS_UNTIL, until);
}

/* ---- floors ---- */

static void
floor_fault(struct text_reading *reading, const struct vlt_yaml_node *node,
            const struct vocab_floor *floor, const char *right)
{
    char shown[TEXT_SHOWN_LEN];

    text_fault(reading, "P28", text_value_at(node),
               "%.*s %s is more than %s allows, would be right: %s",
               (int)node->key.len, (const char *)node->key.at,
               text_shown(node->text, shown),
               vocab_category(floor->category)->id, right);
}

static void
check_floor_detail(struct text_reading *reading, const struct text_rule *rule,
                   const struct vocab_floor *floor)
{
    const struct terms_limits *caps = &rule->rule.caps;
    int64_t bucket = caps->at[TERMS_DETAIL];
    struct vlt_buf right = { 0 };

    if (rule->detail == NULL || floor->bucket_s == 0 ||
        (bucket != 0 && bucket % floor->bucket_s == 0 &&
         (caps->stats & ~floor->stats) == 0)) {
        return;
    }
    terms_put_detail(&right, floor->stats, floor->bucket_s);
    const char *text = vlt_buf_text(&right);

    floor_fault(reading, rule->detail, floor, text == NULL ? "less" : text);
    vlt_buf_free(&right);
}

static void
check_floor_window(struct text_reading *reading, const struct text_rule *rule,
                   const struct vocab_floor *floor)
{
    struct vlt_buf right = { 0 };

    if (rule->window == NULL || floor->window_s == 0 ||
        rule->rule.caps.at[TERMS_WINDOW] <= floor->window_s) {
        return;
    }
    terms_put_duration(&right, floor->window_s);
    const char *text = vlt_buf_text(&right);

    floor_fault(reading, rule->window, floor, text == NULL ? "less" : text);
    vlt_buf_free(&right);
}

/* Does the rule name a purpose under which the floor allows anything? */
static bool
allows_purpose(const struct text_rule *rule, const struct vocab_floor *floor)
{
    for (int bit = 0; bit < vocab_purposes(); bit++) {
        if (vocab_mask_has(floor->purposes, bit) &&
            vocab_mask_meets(rule->rule.purposes, vocab_purpose(bit)->within)) {
            return true;
        }
    }
    return false;
}

/* "service.support, improve or improve.analytics" */
static void
put_purposes(struct vlt_buf *out, const struct vocab_floor *floor)
{
    const char *last = NULL;
    bool any = false;

    for (int bit = 0; bit < vocab_purposes(); bit++) {
        if (!vocab_mask_has(floor->purposes, bit)) {
            continue;
        }
        if (last != NULL) {
            vlt_buf_printf(out, "%s%s", any ? ", " : "", last);
            any = true;
        }
        last = vocab_purpose(bit)->id;
    }
    vlt_buf_printf(out, "%s%s", any ? " or " : "", last == NULL ? "" : last);
}

static void
check_floor_purposes(struct text_reading *reading, const struct text_rule *rule,
                     const struct vocab_floor *floor)
{
    struct vlt_buf right = { 0 };

    if (vocab_mask_empty(rule->rule.purposes) ||
        vocab_mask_empty(floor->purposes) || allows_purpose(rule, floor)) {
        return;
    }
    put_purposes(&right, floor);
    const char *text = vlt_buf_text(&right);

    text_fault(reading, "P28", text_value_at(rule->purpose),
               "no purpose of this rule is one that %s allows, would be "
               "right: %s",
               vocab_category(floor->category)->id,
               text == NULL ? "another" : text);
    vlt_buf_free(&right);
}

void
text_check_floors(struct text_reading *reading, const struct text_rule *rule)
{
    if (!rule->is_effect || rule->rule.effect != POLICY_EFFECT_PERMIT) {
        return;
    }
    for (int bit = 0; bit < vocab_categories(); bit++) {
        const struct vocab_floor *floor = vocab_floor(bit);

        if (floor != NULL && vocab_mask_has(rule->rule.data, bit)) {
            check_floor_detail(reading, rule, floor);
            check_floor_window(reading, rule, floor);
            check_floor_purposes(reading, rule, floor);
        }
    }
}
