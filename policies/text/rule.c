#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "text/text_internal.h"

/* ---- name, effect, note ---- */

/* [a-z][a-z0-9-]{0,62} */
static bool
is_name(struct vlt_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        bool letter = c >= 'a' && c <= 'z';
        bool other = c == '-' || (c >= '0' && c <= '9');

        if (!letter && (i == 0 || !other)) {
            return false;
        }
    }
    return text.len > 0 && text.len < POLICY_NAME;
}

static bool
is_answer(struct vlt_slice text)
{
    return text.len >= 4 && memcmp(text.at, "cli-", 4) == 0;
}

static const struct text_name *
find_name(const struct text_reading *reading, const char *name)
{
    for (size_t i = 0; i < reading->name_count; i++) {
        if (strcmp(reading->names[i].name, name) == 0) {
            return &reading->names[i];
        }
    }
    return NULL;
}

/* Room for one name more; NULL: no memory. */
static struct text_name *
next_name(struct text_reading *reading)
{
    if (reading->name_count == reading->name_room) {
        size_t room = reading->name_room * 2 + 16;
        struct text_name *names = realloc(reading->names, room * sizeof *names);

        if (names == NULL) {
            return NULL;
        }
        reading->names = names;
        reading->name_room = room;
    }
    return &reading->names[reading->name_count++];
}

/* Keep the name for later rules, or say where it stands already. */
static void
keep_name(struct text_reading *reading, const struct text_rule *rule,
          const struct vlt_yaml_node *node)
{
    const struct text_name *other = find_name(reading, rule->name);

    if (other != NULL) {
        text_fault(reading, "P17", text_value_at(node),
                   "rule '%s' exists already at %s:%d, would be right: "
                   "another name",
                   rule->name, other->file, other->line);
        return;
    }
    struct text_name *name = next_name(reading);

    if (name == NULL) {
        reading->st = VLT_E_NOMEM;
        return;
    }
    memcpy(name->name, rule->name, sizeof name->name);
    name->file = reading->file->name;
    name->line = node->line;
}

static void
read_name(struct text_reading *reading, struct text_rule *rule,
          const struct vlt_yaml_node *node)
{
    char shown[TEXT_SHOWN_LEN];

    if (!text_scalar(reading, node, "no-ads")) {
        return;
    }
    text_shown(node->text, shown);
    if (!is_name(node->text)) {
        text_fault(reading, "P13", text_value_at(node),
                   "'%s' is no name, would be right: a small letter, then "
                   "small letters, digits and hyphens, at most 63 in all",
                   shown);
        return;
    }
    if (is_answer(node->text) != reading->file->answers) {
        text_fault(reading, "P13", text_value_at(node),
                   "the name '%s' %s with cli-, would be right: another name",
                   shown, reading->file->answers ? "does not begin" : "begins");
        return;
    }
    memcpy(rule->name, node->text.at, node->text.len);
    rule->name[node->text.len] = '\0';
    keep_name(reading, rule, node);
}

static void
read_effect(struct text_reading *reading, struct text_rule *rule,
            const struct vlt_yaml_node *node)
{
    static const enum policy_effect effects[] = { POLICY_EFFECT_PERMIT,
                                                  POLICY_EFFECT_ASK,
                                                  POLICY_EFFECT_DENY };
    char shown[TEXT_SHOWN_LEN];

    rule->has_effect = true;
    if (!text_scalar(reading, node, "permit")) {
        return;
    }
    for (size_t i = 0; i < 3; i++) {
        if (vlt_slice_is(node->text, policy_effect_word(effects[i]))) {
            rule->rule.effect = effects[i];
            rule->is_effect = true;
            return;
        }
    }
    text_fault(reading, "P13", text_value_at(node),
               "effect '%s' is not known, would be right: permit, ask or deny",
               text_shown(node->text, shown));
}

unsigned
text_strange(struct vlt_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];

        if (c < 0x20 || c == 0x7F) {
            return c;
        }
        if (c == 0xC2 && i + 1 < text.len && text.at[i + 1] < 0xA0) {
            return text.at[i + 1];
        }
        /* The separators of lines and paragraphs, U+2028 and U+2029. */
        if (c == 0xE2 && i + 2 < text.len && text.at[i + 1] == 0x80 &&
            (text.at[i + 2] == 0xA8 || text.at[i + 2] == 0xA9)) {
            return 0x2000U + (text.at[i + 2] & 0x3FU);
        }
    }
    return 0;
}

static void
read_note(struct text_reading *reading, struct text_rule *rule,
          const struct vlt_yaml_node *node)
{
    const struct vocab_key *key = vocab_key_find(false, "note", 4);

    if (!text_scalar(reading, node, "a line for yourself")) {
        return;
    }
    unsigned odd = text_strange(node->text);
    size_t count = vlt_utf8_count(node->text);

    if (odd != 0) {
        text_fault(reading, "P24", text_value_at(node),
                   "the text contains U+%04X, would be right: printable text "
                   "on one line",
                   odd);
    } else if (count > (size_t)key->most) {
        text_fault(reading, "P11", text_value_at(node),
                   "note of %zu characters is out of range, would be right: "
                   "at most %d",
                   count, (int)key->most);
    } else {
        rule->rule.note = node->text;
    }
}

/* ---- keys ---- */

static const struct {
    const char *name;
    void (*read)(struct text_reading *reading, struct text_rule *rule,
                 const struct vlt_yaml_node *node);
} keys[] = {
    { "name", read_name },
    { "effect", read_effect },
    { "note", read_note },
    { "firm", text_read_firms },
    { "purpose", text_read_purposes },
    { "data", text_read_data },
    { "streams", text_read_streams },
};

static void
read_key(struct text_reading *reading, struct text_rule *rule,
         const struct vlt_yaml_node *node)
{
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (vlt_slice_is(node->key, keys[i].name)) {
            keys[i].read(reading, rule, node);
            return;
        }
    }
    const struct vocab_key *key =
        vocab_key_find(false, (const char *)node->key.at, node->key.len);

    if (key != NULL && key->since == VOCAB_NOW) {
        text_read_cap(reading, rule, key, node);
    } else {
        text_bad_key(reading, node, false);
    }
}

/* P18: caps and obligations stand in permits only. */
static void
check_places(struct text_reading *reading, const struct text_rule *rule)
{
    if (!rule->is_effect || rule->rule.effect == POLICY_EFFECT_PERMIT) {
        return;
    }
    const char *effect = policy_effect_word(rule->rule.effect);

    for (const struct vlt_yaml_node *node = rule->map->first; node != NULL;
         node = node->next) {
        const struct vocab_key *key =
            vocab_key_find(false, (const char *)node->key.at, node->key.len);

        if (key != NULL && key->since == VOCAB_NOW &&
            key->place != VOCAB_RULE) {
            text_fault(reading, "P18", text_key_at(node),
                       "'%s' cannot stand in %s %s rule, would be right: %s "
                       "%s without it, or a permit with it",
                       key->name, effect[0] == 'a' ? "an" : "a", effect,
                       effect[0] == 'a' ? "an" : "a", effect);
        }
    }
}

/* P08: what no rule can do without. */
static void
check_missing(struct text_reading *reading, const struct text_rule *rule)
{
    char who[POLICY_NAME + 16];

    if (rule->name[0] == '\0') {
        snprintf(who, sizeof who, "this rule");
    } else {
        snprintf(who, sizeof who, "rule '%s'", rule->name);
    }
    if (vlt_yaml_get(rule->map, "name") == NULL) {
        text_fault(reading, "P08", text_value_at(rule->map),
                   "this rule has no 'name', would be right: name: a word of "
                   "your choice such as no-ads");
    }
    if (!rule->has_effect) {
        text_fault(reading, "P08", text_value_at(rule->map),
                   "%s has no 'effect', would be right: effect: permit, ask "
                   "or deny",
                   who);
    }
}

void
text_read_rule(struct text_reading *reading, const struct vlt_yaml_node *map)
{
    struct text_rule rule = { .map = map,
                              .rule.duties = policy_duties_unsaid() };

    if (map->kind != VLT_YAML_MAP) {
        text_fault(reading, "P09", text_value_at(map),
                   "this rule is %s, would be right: keys such as name and "
                   "effect",
                   map->kind == VLT_YAML_LIST ? "a list" : "one value");
        return;
    }
    for (const struct vlt_yaml_node *node = map->first; node != NULL;
         node = node->next) {
        if (!text_repeated(reading, node)) {
            read_key(reading, &rule, node);
        }
    }
    check_missing(reading, &rule);
    check_places(reading, &rule);
    text_check_caps(reading, &rule);
    if (reading->any_fault || reading->st != VLT_OK) {
        return;
    }
    rule.rule.name = rule.name;
    rule.rule.file = reading->file->name;
    rule.rule.line = map->line;
    rule.rule.column = map->column;
    rule.rule.patterns = rule.patterns;
    rule.rule.firms = (const uint8_t(*)[POLICY_FIRM_LEN])rule.firms;
    reading->st = policy_builder_add(reading->builder, &rule.rule);
}
