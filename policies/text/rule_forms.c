/*
 * rule_forms: values of a form of their own, detail and date.
 */
#include <stdio.h>

#include "base/time.h"
#include "terms/value.h"
#include "text/text_internal.h"

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
                 const struct vocab_key *key, const struct vlt_yaml_node *node)
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
    text_write_cap(rule, key, node, bucket);
    rule->rule.caps.stats = stats;
}

/* ---- dates ---- */

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
text_read_date(struct text_reading *reading, struct text_rule *rule,
               const struct vocab_key *key, const struct vlt_yaml_node *node)
{
    int64_t date;

    if (!text_scalar(reading, node, "2027-06-30")) {
        return;
    }
    if (terms_parse_date(node->text, &date) != VLT_OK) {
        date_fault(reading, node);
        return;
    }
    text_write_cap(rule, key, node, date);
}
