/*
 * rule_words: caps that are lists of words: actions, channels, bases, places,
 * and to whom data may be passed on.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "text/text_internal.h"

/* ---- words of the vocabulary ---- */

static const struct {
    const char *type;
    const char *one;
    enum vocab_kind kind;
} kinds[] = {
    { "actions", "action", VOCAB_ACTION },
    { "channels", "channel", VOCAB_CHANNEL },
    { "bases", "basis", VOCAB_BASIS },
};

/* "no channel 'fax', would be right: face, phone, … or other" */
static void
unknown_word(struct text_reading *reading, size_t which,
             const struct vlt_yaml_node *value)
{
    const struct vocab_value *word;
    struct vlt_buf right = { 0 };
    char shown[TEXT_SHOWN_LEN];

    for (size_t i = 0; (word = vocab_value_at(kinds[which].kind, i)) != NULL;
         i++) {
        bool last = vocab_value_at(kinds[which].kind, i + 1) == NULL;

        vlt_buf_put_text(&right, i == 0 ? "" : (last ? " or " : ", "));
        vlt_buf_put_text(&right, word->id);
    }
    const char *text = vlt_buf_text(&right);

    text_fault(reading, "P13", text_value_at(value),
               "%s '%s' is not known, would be right: %s", kinds[which].one,
               text_shown(value->text, shown), text == NULL ? "?" : text);
    vlt_buf_free(&right);
}

void
text_read_bits(struct text_reading *reading, struct text_rule *rule,
               const struct vocab_key *key, const struct vlt_yaml_node *node)
{
    const struct vlt_yaml_node *value;
    struct text_values values;
    size_t which = 0;
    int64_t bits = 0;

    while (strcmp(kinds[which].type, key->type) != 0) {
        which++;
    }
    if (!text_values_begin(reading, node, &values)) {
        return;
    }
    while ((value = text_values_next(reading, node, &values)) != NULL) {
        const struct vocab_value *word = vocab_value_find(
            kinds[which].kind, (const char *)value->text.at, value->text.len);

        if (word == NULL) {
            unknown_word(reading, which, value);
        } else if ((bits & word->value) != 0) {
            text_twice(reading, node, value);
        } else {
            bits |= word->value;
        }
    }
    text_write_cap(rule, key, node, bits);
}

/* ---- places ---- */

/* The code that a mistyped one means: in small letters, or by a habit. */
static const char *
place_near(struct vlt_slice text)
{
    char upper[2];

    if (vlt_slice_is(text, "UK") || vlt_slice_is(text, "uk")) {
        return "GB";
    }
    if (text.len == 3 && (text.at[0] | 0x20) == 'e' &&
        (text.at[1] | 0x20) == 'e' && (text.at[2] | 0x20) == 'a') {
        return "EEA";
    }
    if (text.len != 2) {
        return NULL;
    }
    for (size_t i = 0; i < 2; i++) {
        bool small = text.at[i] >= 'a' && text.at[i] <= 'z';

        upper[i] = (char)(text.at[i] - (small ? 'a' - 'A' : 0));
    }
    return vocab_country(vocab_country_find(upper, 2));
}

static void
unknown_place(struct text_reading *reading, const struct vlt_yaml_node *value)
{
    const char *near = place_near(value->text);
    char shown[TEXT_SHOWN_LEN];

    text_shown(value->text, shown);
    if (near != NULL) {
        text_fault(reading, "P13", text_value_at(value),
                   "no place '%s', would be right: '%s'", shown, near);
    } else {
        text_fault(reading, "P13", text_value_at(value),
                   "no place '%s', would be right: a country of ISO 3166-1 "
                   "such as GB, EEA, home or any",
                   shown);
    }
}

static bool
add_place(struct terms_places *places, struct vlt_slice text, int home)
{
    int country = vocab_country_find((const char *)text.at, text.len);

    if (country != VOCAB_NONE) {
        terms_places_add(places, country);
    } else if (vlt_slice_is(text, "EEA")) {
        terms_places_add_eea(places);
    } else if (vlt_slice_is(text, "home")) {
        terms_places_add_home(places, home);
    } else if (vlt_slice_is(text, "any")) {
        terms_places_add_all(places);
    } else {
        return false;
    }
    return true;
}

void
text_read_places(struct text_reading *reading, struct text_rule *rule,
                 const struct vocab_key *key, const struct vlt_yaml_node *node)
{
    const struct vlt_yaml_node *value;
    struct text_values values;

    if (!text_values_begin(reading, node, &values)) {
        return;
    }
    while ((value = text_values_next(reading, node, &values)) != NULL) {
        if (text_values_seen(&values, value)) {
            text_twice(reading, node, value);
        } else if (!add_place(&rule->rule.caps.where, value->text,
                              reading->input->home)) {
            unknown_place(reading, value);
        }
        rule->rule.home |= vlt_slice_is(value->text, "home");
    }
    text_write_cap(rule, key, node, 0);
}

/* ---- recipients ---- */

/* One legal name more. */
static void
add_recipient(struct text_reading *reading, struct text_rule *rule,
              const struct vlt_yaml_node *value)
{
    struct terms_limits *caps = &rule->rule.caps;
    unsigned odd = text_strange(value->text);
    size_t count = vlt_utf8_count(value->text);

    if (odd != 0) {
        text_fault(reading, "P24", text_value_at(value),
                   "the text contains U+%04X, would be right: printable text "
                   "on one line",
                   odd);
    } else if (count == 0 || count > TERMS_NAME_LEN / 4) {
        text_fault(reading, "P11", text_value_at(value),
                   "a name of %zu characters is out of range, would be right: "
                   "1 to %d",
                   count, TERMS_NAME_LEN / 4);
    } else {
        rule->recipients[caps->name_count++] = value->text;
    }
}

/* `no` or `processors`, which stand alone. */
static bool
onward_word(struct vlt_slice text, int64_t *out)
{
    if (vlt_slice_is(text, "no")) {
        *out = TERMS_ONWARD_NO;
    } else if (vlt_slice_is(text, "processors")) {
        *out = TERMS_ONWARD_PROCESSORS;
    } else {
        return false;
    }
    return true;
}

void
text_read_onward(struct text_reading *reading, struct text_rule *rule,
                 const struct vocab_key *key, const struct vlt_yaml_node *node)
{
    const struct vlt_yaml_node *value;
    struct text_values values;
    int64_t cap = TERMS_ONWARD_NAMES;
    char shown[TEXT_SHOWN_LEN];
    bool many;

    if (!text_values_begin(reading, node, &values)) {
        return;
    }
    many = !values.alone && values.first->next != NULL;
    while ((value = text_values_next(reading, node, &values)) != NULL) {
        if (onward_word(value->text, &cap)) {
            if (many) {
                text_fault(reading, "P13", text_value_at(value),
                           "'%s' stands beside names, would be right: it "
                           "alone, or names alone",
                           text_shown(value->text, shown));
            }
        } else if (text_values_seen(&values, value)) {
            text_twice(reading, node, value);
        } else {
            add_recipient(reading, rule, value);
        }
    }
    text_write_cap(rule, key, node, cap);
    rule->rule.caps.names = rule->recipients;
}
