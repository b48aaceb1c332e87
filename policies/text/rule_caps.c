/*
 * rule_caps: what stands in permits only, read by the type of its key in
 * caps.tsv.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "terms/value.h"
#include "text/text_internal.h"

/* ---- keeping ---- */

/* An obligation by its key; a choice comes as the number of its word. */
static void
write_duty(struct policy_duties *duties, const char *name, int64_t value)
{
    if (strcmp(name, "min_readings") == 0) {
        duties->min_readings = (int)value;
    } else if (strcmp(name, "names") == 0) {
        duties->show_names = value == 1;
    } else if (strcmp(name, "notify") == 0) {
        duties->notify = (enum policy_notify)value;
    } else if (strcmp(name, "ask_each") == 0) {
        duties->ask_each = value == 1;
    } else if (strcmp(name, "new_streams") == 0) {
        duties->join_new_streams = value == 1;
    }
}

void
text_write_cap(struct text_rule *rule, const struct vocab_key *key,
               const struct vlt_yaml_node *node, int64_t value)
{
    enum terms_axis axis = terms_axis_of(key);

    if (strcmp(key->name, "offer") == 0) {
        rule->rule.offer = value == 1;
        return;
    }
    if (axis == TERMS_AXES) {
        write_duty(&rule->rule.duties, key->name, value);
        return;
    }
    rule->rule.written |= UINT32_C(1) << axis;
    rule->rule.caps.at[axis] = value;
    rule->cap[axis] = node;
}

void
text_unknown(struct text_reading *reading, const struct vocab_key *key,
             const struct vlt_yaml_node *node, const char *right)
{
    char shown[TEXT_SHOWN_LEN];

    text_fault(reading, "P13", text_value_at(node),
               "%s '%s' is not known, would be right: %s", key->name,
               text_shown(node->text, shown), right);
}

static void
out_of_range(struct text_reading *reading, const struct vocab_key *key,
             const struct vlt_yaml_node *node, const char *right)
{
    char shown[TEXT_SHOWN_LEN];

    text_fault(reading, "P11", text_value_at(node),
               "%s %s is out of range, would be right: %s", key->name,
               text_shown(node->text, shown), right);
}

/* ---- durations ---- */

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

/* "20y" where whole years, else as it is printed elsewhere. */
static void
put_bound(struct vlt_buf *out, int64_t seconds)
{
    const int64_t year = 365 * 86400;

    if (seconds > 0 && seconds % year == 0) {
        vlt_buf_printf(out, "%" PRId64 "y", seconds / year);
    } else {
        terms_put_duration(out, seconds);
    }
}

static void
read_duration(struct text_reading *reading, struct text_rule *rule,
              const struct vocab_key *key, const struct vlt_yaml_node *node)
{
    bool may_be_new = strcmp(key->type, "duration-or-new") == 0;
    int64_t seconds = TERMS_WINDOW_NEW;

    if (!text_scalar(reading, node, key->unsaid)) {
        return;
    }
    bool is_new = may_be_new && vlt_slice_is(node->text, "new");
    enum vlt_status st =
        is_new ? VLT_OK : terms_parse_duration(node->text, &seconds);

    if (st == VLT_E_FORMAT) {
        duration_fault(reading, node);
        return;
    }
    if (!is_new &&
        (st != VLT_OK || seconds < key->least || seconds > key->most)) {
        struct vlt_buf right = { 0 };

        put_bound(&right, key->least);
        vlt_buf_put_text(&right, " to ");
        put_bound(&right, key->most);
        vlt_buf_put_text(&right, may_be_new ? ", or new" : "");
        out_of_range(reading, key, node, vlt_buf_text(&right));
        vlt_buf_free(&right);
        return;
    }
    text_write_cap(rule, key, node, seconds);
}

/* ---- numbers ---- */

static void
read_count(struct text_reading *reading, struct text_rule *rule,
           const struct vocab_key *key, const struct vlt_yaml_node *node)
{
    bool may_be_none = strcmp(key->type, "count-or-none") == 0;
    int64_t value = TERMS_UNLIMITED;
    char shown[TEXT_SHOWN_LEN];
    char right[64];

    if (!text_scalar(reading, node, "50")) {
        return;
    }
    bool none = may_be_none && vlt_slice_is(node->text, "none");
    enum vlt_status st = none ? VLT_OK : vlt_int_parse(node->text, &value);

    if (st == VLT_E_FORMAT) {
        text_fault(reading, "P10", text_value_at(node),
                   "'%s' is not a whole number, would be right: %s: 50",
                   text_shown(node->text, shown), key->name);
    } else if (!none &&
               (st != VLT_OK || value < key->least || value > key->most)) {
        snprintf(right, sizeof right, "%" PRId64 " to %" PRId64, key->least,
                 key->most);
        out_of_range(reading, key, node, right);
    } else {
        text_write_cap(rule, key, node, value);
    }
}

static void
read_rate(struct text_reading *reading, struct text_rule *rule,
          const struct vocab_key *key, const struct vlt_yaml_node *node)
{
    struct terms_rate rate;

    if (!text_scalar(reading, node, "4/day")) {
        return;
    }
    enum vlt_status st = terms_parse_rate(node->text, &rate);

    if (st == VLT_E_LIMIT) {
        out_of_range(reading, key, node, "1 to 1000 in a period, or none");
    } else if (st != VLT_OK) {
        text_unknown(reading, key, node,
                     "a number and a period such as 4/day (min, h, day, week), "
                     "or none");
    } else {
        text_write_cap(rule, key, node, rate.n);
        rule->rule.caps.per_s = rate.per_s;
    }
}

static void
read_step(struct text_reading *reading, struct text_rule *rule,
          const struct vocab_key *key, const struct vlt_yaml_node *node)
{
    struct terms_step step;

    if (!text_scalar(reading, node, "0.5")) {
        return;
    }
    enum vlt_status st = terms_parse_step(node->text, &step);

    if (st == VLT_E_LIMIT) {
        out_of_range(reading, key, node, "more than 0, below 9000000000");
    } else if (st != VLT_OK) {
        text_unknown(reading, key, node,
                     "a decimal with at most 9 digits behind the point such as "
                     "0.5, or a length such as 1km");
    } else {
        text_write_cap(rule, key, node, step.nano);
        rule->rule.caps.length = step.length;
    }
}

/* ---- words ---- */

static void
read_yesno(struct text_reading *reading, struct text_rule *rule,
           const struct vocab_key *key, const struct vlt_yaml_node *node)
{
    if (!text_scalar(reading, node, "no")) {
        return;
    }
    bool yes =
        vlt_slice_is(node->text, "yes") || vlt_slice_is(node->text, "true");

    if (!yes && !vlt_slice_is(node->text, "no") &&
        !vlt_slice_is(node->text, "false")) {
        text_unknown(reading, key, node, "yes or no");
        return;
    }
    text_write_cap(rule, key, node, yes);
}

/* Word i of a choice; an empty slice behind the last. */
static struct vlt_slice
choice_word(const struct vocab_key *key, int i)
{
    const char *at = strchr(key->type, ':') + 1;

    for (; i > 0 && *at != '\0'; i--) {
        at += strcspn(at, "+");
        at += *at == '+';
    }
    return vlt_slice_of(at, strcspn(at, "+"));
}

int
text_choice(const struct vocab_key *key, struct vlt_slice text)
{
    for (int i = 0; choice_word(key, i).len > 0; i++) {
        if (vlt_slice_equal(text, choice_word(key, i))) {
            return i;
        }
    }
    return -1;
}

const char *
text_choices(const struct vocab_key *key, char out[TEXT_SHOWN_LEN])
{
    size_t used = 0;

    out[0] = '\0';
    for (int i = 0; choice_word(key, i).len > 0; i++) {
        struct vlt_slice word = choice_word(key, i);
        bool last = choice_word(key, i + 1).len == 0;
        int len = snprintf(out + used, TEXT_SHOWN_LEN - used, "%s%.*s",
                           i == 0 ? "" : (last ? " or " : ", "), (int)word.len,
                           (const char *)word.at);

        used += (size_t)len; /* the words of caps.tsv fit many times */
    }
    return out;
}

static void
read_choice(struct text_reading *reading, struct text_rule *rule,
            const struct vocab_key *key, const struct vlt_yaml_node *node)
{
    char right[TEXT_SHOWN_LEN];

    if (!text_scalar(reading, node, key->unsaid)) {
        return;
    }
    int value = text_choice(key, node->text);

    if (value < 0) {
        text_unknown(reading, key, node, text_choices(key, right));
        return;
    }
    text_write_cap(rule, key, node, value);
}

/* ---- by type ---- */

static const struct {
    const char *type;
    text_cap_fn *read;
} types[] = {
    { "actions", text_read_bits },
    { "channels", text_read_bits },
    { "bases", text_read_bits },
    { "detail", text_read_detail },
    { "step", read_step },
    { "duration", read_duration },
    { "duration-or-new", read_duration },
    { "rate", read_rate },
    { "count", read_count },
    { "count-or-none", read_count },
    { "date", text_read_date },
    { "onward", text_read_onward },
    { "places", text_read_places },
    { "yesno", read_yesno },
};

void
text_read_cap(struct text_reading *reading, struct text_rule *rule,
              const struct vocab_key *key, const struct vlt_yaml_node *node)
{
    text_cap_fn *read = read_choice;

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].type, key->type) == 0) {
            read = types[i].read;
        }
    }
    read(reading, rule, key, node);
}
