/*
 * rule_floors: what is wrong with a rule only as a whole: caps that contradict
 * or need each other, and floors (LANGUAGE.md, 5).
 */
#include <inttypes.h>

#include "terms/value.h"
#include "text/text_internal.h"

static void
floor_fault(struct text_reading *reading, const struct vlt_yaml_node *node,
            const struct vocab_floor *floor, const char *right)
{
    char shown[TEXT_SHOWN_LEN];
    bool list = node->kind == VLT_YAML_LIST;

    text_fault(reading, "P28", text_value_at(node),
               "%.*s %s is more than %s allows, would be right: %s",
               (int)node->key.len, (const char *)node->key.at,
               list ? "as listed" : text_shown(node->text, shown),
               vocab_category(floor->category)->id, right);
}

/* The floor's own value on one axis, as a file would write it. */
static void
floor_axis_fault(struct text_reading *reading, const struct text_rule *rule,
                 const struct vocab_floor *floor, enum terms_axis axis,
                 const struct terms_limits *least)
{
    struct vlt_buf right = { 0 };

    terms_put_axis(&right, axis, least);
    const char *text = vlt_buf_text(&right);

    floor_fault(reading, rule->cap[axis], floor, text == NULL ? "less" : text);
    vlt_buf_free(&right);
}

static uint32_t
axis_if(enum terms_axis axis, bool has)
{
    return has ? UINT32_C(1) << axis : 0;
}

/* A floor as caps, and the axes on which it has one. */
static uint32_t
floor_caps(const struct vocab_floor *floor, struct terms_limits *out)
{
    *out = (struct terms_limits){ .stats = floor->stats };
    out->at[TERMS_DETAIL] = floor->bucket_s;
    out->at[TERMS_WINDOW] = floor->window_s;
    out->at[TERMS_DELAY] = floor->delay_s;
    out->at[TERMS_RATE] = floor->rate_n;
    out->per_s = floor->rate_s;
    out->at[TERMS_LIFE] = floor->life_s;
    out->at[TERMS_ACTION] = VOCAB_ONCE;
    return axis_if(TERMS_DETAIL, floor->bucket_s != 0) |
           axis_if(TERMS_WINDOW, floor->window_s != 0) |
           axis_if(TERMS_DELAY, floor->delay_s != 0) |
           axis_if(TERMS_RATE, floor->rate_s != 0) |
           axis_if(TERMS_LIFE, floor->life_s != 0) |
           axis_if(TERMS_ACTION, floor->once);
}

static void
check_floor_axes(struct text_reading *reading, const struct text_rule *rule,
                 const struct vocab_floor *floor)
{
    struct terms_limits least;
    uint32_t axes = floor_caps(floor, &least);

    for (int i = 0; i < TERMS_AXES; i++) {
        enum terms_axis axis = (enum terms_axis)i;

        if ((axes >> i & 1) != 0 && rule->cap[i] != NULL &&
            !terms_axis_holds(axis, &rule->rule.caps, &least)) {
            floor_axis_fault(reading, rule, floor, axis, &least);
        }
    }
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

static void
check_floors(struct text_reading *reading, const struct text_rule *rule)
{
    for (int bit = 0; bit < vocab_categories(); bit++) {
        const struct vocab_floor *floor = vocab_floor(bit);

        if (floor != NULL && vocab_mask_has(rule->rule.data, bit)) {
            check_floor_axes(reading, rule, floor);
            check_floor_purposes(reading, rule, floor);
        }
    }
}

/* ---- caps together ---- */

/* P19: a time that never comes. */
static void
check_dates(struct text_reading *reading, const struct text_rule *rule)
{
    const struct vlt_yaml_node *from = rule->cap[TERMS_FROM];
    const struct vlt_yaml_node *until = rule->cap[TERMS_UNTIL];
    char shown[TEXT_SHOWN_LEN];
    char other[TEXT_SHOWN_LEN];

    if (from != NULL && until != NULL &&
        rule->rule.caps.at[TERMS_UNTIL] <= rule->rule.caps.at[TERMS_FROM]) {
        text_fault(reading, "P19", text_value_at(until),
                   "until %s is not after from %s, would be right: a later "
                   "date",
                   text_shown(until->text, shown),
                   text_shown(from->text, other));
    }
}

/* P27: a way to contact the owner, and what it is for. */
static void
check_contact(struct text_reading *reading, const struct text_rule *rule)
{
    const struct vlt_yaml_node *action = rule->cap[TERMS_ACTION];
    const struct vlt_yaml_node *channels = rule->cap[TERMS_CHANNELS];
    bool contact = action != NULL &&
                   (rule->rule.caps.at[TERMS_ACTION] & VOCAB_CONTACT) != 0;

    if (channels != NULL && !contact) {
        text_fault(reading, "P27", text_key_at(channels),
                   "'channels' without contact in 'action', would be right: "
                   "action: contact");
    }
    if (contact && channels == NULL) {
        text_fault(reading, "P27", text_key_at(action),
                   "'action' has contact and there is no 'channels', would be "
                   "right: channels: the ways to reach you such as email");
    }
}

/* P27: an offer is made to somebody. */
static void
check_offer(struct text_reading *reading, const struct text_rule *rule)
{
    const struct vlt_yaml_node *offer = vlt_yaml_get(rule->map, "offer");

    if (rule->rule.offer && offer != NULL &&
        vlt_yaml_get(rule->map, "firm") == NULL) {
        text_fault(reading, "P27", text_key_at(offer),
                   "'offer' without 'firm', would be right: name the firms "
                   "that may get the offer");
    }
}

void
text_check_caps(struct text_reading *reading, const struct text_rule *rule)
{
    if (rule->is_effect && rule->rule.effect == POLICY_EFFECT_PERMIT) {
        check_dates(reading, rule);
        check_contact(reading, rule);
        check_offer(reading, rule);
        check_floors(reading, rule);
    }
}
