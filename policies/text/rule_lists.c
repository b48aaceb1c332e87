#include <string.h>

#include "base/text.h"
#include "text/text_internal.h"

enum {
    FIRM_NAME = 63, /* bytes of a firm's short name */
};

bool
text_values_begin(struct text_reading *reading,
                  const struct vlt_yaml_node *node, struct text_values *out)
{
    const struct vocab_key *key =
        vocab_key_find(false, (const char *)node->key.at, node->key.len);
    size_t count = 0;

    if (node->kind == VLT_YAML_MAP) {
        text_fault(reading, "P09", text_value_at(node),
                   "'%s' is a map, would be right: one value or a list",
                   key->name);
        return false;
    }
    if (node->kind == VLT_YAML_SCALAR) {
        *out = (struct text_values){ node, node, true };
        return true;
    }
    for (const struct vlt_yaml_node *one = node->first; one != NULL;
         one = one->next) {
        count++;
    }
    if (count == 0) {
        text_fault(reading, "P23", text_value_at(node),
                   "'%s' is empty and would match nothing, would be right: at "
                   "least one value, or no key",
                   key->name);
        return false;
    }
    if (count > (size_t)key->most) {
        text_fault(reading, "P03", text_value_at(node),
                   "%zu values in '%s', would be right: at most %d", count,
                   key->name, (int)key->most);
        return false;
    }
    *out = (struct text_values){ node->first, node->first, false };
    return true;
}

const struct vlt_yaml_node *
text_values_next(struct text_reading *reading, const struct vlt_yaml_node *list,
                 struct text_values *values)
{
    char key[TEXT_SHOWN_LEN];

    while (values->next != NULL) {
        const struct vlt_yaml_node *node = values->next;

        values->next = values->alone ? NULL : node->next;
        if (node->kind == VLT_YAML_SCALAR) {
            return node;
        }
        text_fault(reading, "P09", text_value_at(node),
                   "a value of '%s' is a %s, would be right: one value",
                   text_shown(list->key, key),
                   node->kind == VLT_YAML_LIST ? "list" : "map");
    }
    return NULL;
}

bool
text_values_seen(const struct text_values *values,
                 const struct vlt_yaml_node *value)
{
    for (const struct vlt_yaml_node *one = values->first; one != value;
         one = one->next) {
        if (one->kind == VLT_YAML_SCALAR &&
            vlt_slice_equal(one->text, value->text)) {
            return true;
        }
    }
    return false;
}

void
text_twice(struct text_reading *reading, const struct vlt_yaml_node *list,
           const struct vlt_yaml_node *value)
{
    char shown[TEXT_SHOWN_LEN];
    char key[TEXT_SHOWN_LEN];

    text_fault(reading, "P23", text_value_at(value),
               "'%s' is given twice in '%s', would be right: each value once",
               text_shown(value->text, shown), text_shown(list->key, key));
}

/* ---- firms ---- */

/* [a-z0-9][a-z0-9.-]{0,62} */
static bool
is_firm_name(struct vlt_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        bool first = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

        if (!first && (i == 0 || (c != '.' && c != '-'))) {
            return false;
        }
    }
    return text.len > 0 && text.len <= FIRM_NAME;
}

/* Without a vault a name stands for itself: an id that begins with it. */
static void
stand_in(struct vlt_slice name, uint8_t id[POLICY_FIRM_LEN])
{
    memset(id, 0, POLICY_FIRM_LEN);
    for (size_t i = 0; i < name.len; i++) {
        size_t at = i % POLICY_FIRM_LEN;

        id[at] = (uint8_t)((id[at] << 1 | id[at] >> 7) ^ name.at[i]);
    }
}

/* The known name that is nearest; NULL: none is near. */
static const char *
nearest(const struct policy_text_firms *firms, const char *name)
{
    const char *best = NULL;
    size_t apart = 3;
    const char *known;

    if (firms->name == NULL) {
        return NULL;
    }
    for (size_t i = 0; (known = firms->name(firms->ctx, i)) != NULL; i++) {
        size_t one = vlt_text_distance(name, known);

        if (one < apart) {
            apart = one;
            best = known;
        }
    }
    return best;
}

static void
unknown_firm(struct text_reading *reading, const struct vlt_yaml_node *node)
{
    char shown[TEXT_SHOWN_LEN];
    const char *near =
        nearest(reading->input->firms, text_shown(node->text, shown));

    if (near != NULL) {
        text_fault(reading, "P16", text_value_at(node),
                   "no firm '%s', would be right: '%s', or an id vf1:…", shown,
                   near);
    } else {
        text_fault(reading, "P16", text_value_at(node),
                   "no firm '%s', would be right: the name of a known firm, "
                   "or an id vf1:…",
                   shown);
    }
}

static bool
read_firm(struct text_reading *reading, const struct vlt_yaml_node *node,
          uint8_t id[POLICY_FIRM_LEN])
{
    const struct policy_text_firms *firms = reading->input->firms;
    char shown[TEXT_SHOWN_LEN];

    if (vlt_slice_is(node->text, "anyone")) {
        text_fault(reading, "P16", text_value_at(node),
                   "'anyone' is no firm, would be right: no 'firm' key, which "
                   "means every firm");
        return false;
    }
    if (node->text.len >= 4 && memcmp(node->text.at, "vf1:", 4) == 0) {
        if (policy_firm_parse(node->text, id) == VLT_OK) {
            return true;
        }
        text_fault(reading, "P16", text_value_at(node),
                   "'%s' is no firm id, would be right: vf1: and 52 "
                   "characters",
                   text_shown(node->text, shown));
        return false;
    }
    if (is_firm_name(node->text) && (firms == NULL || firms->find == NULL)) {
        stand_in(node->text, id);
        return true;
    }
    if (!is_firm_name(node->text) || firms == NULL || firms->find == NULL) {
        text_fault(reading, "P16", text_value_at(node),
                   "no firm '%s', would be right: the name of a known firm, "
                   "or an id vf1:…",
                   text_shown(node->text, shown));
        return false;
    }
    if (firms->find(firms->ctx, node->text, id)) {
        return true;
    }
    unknown_firm(reading, node);
    return false;
}

void
text_read_firms(struct text_reading *reading, struct text_rule *rule,
                const struct vlt_yaml_node *node)
{
    const struct vlt_yaml_node *value;
    struct text_values values;
    size_t *count = &rule->rule.firm_count;

    if (!text_values_begin(reading, node, &values)) {
        return;
    }
    while ((value = text_values_next(reading, node, &values)) != NULL) {
        uint8_t *id = rule->firms[*count];
        bool again = false;

        if (!read_firm(reading, value, id)) {
            continue;
        }
        for (size_t i = 0; i < *count; i++) {
            again = again || memcmp(rule->firms[i], id, POLICY_FIRM_LEN) == 0;
        }
        if (again) {
            text_twice(reading, node, value);
        } else {
            (*count)++;
        }
    }
}

/* ---- purposes and data ---- */

/* A tree of the vocabulary, as this file needs it. */
struct tree {
    const char *key;  /* "data" */
    const char *what; /* "data category" */
    const char *such; /* an id of it */
    int (*find)(const char *id, size_t len);
    const char *(*near)(const char *id, size_t len);
};

static const struct tree purposes = { "purpose", "purpose", "service",
                                      vocab_purpose_find, vocab_purpose_near };
static const struct tree categories = { "data", "data category", "energy",
                                        vocab_category_find,
                                        vocab_category_near };

/* 'health.*': what stands before the wildcard, if that is an id. */
static void
wildcard_fault(struct text_reading *reading, const struct tree *tree,
               const struct vlt_yaml_node *node)
{
    char shown[TEXT_SHOWN_LEN];
    struct vlt_slice text = node->text;

    text_shown(text, shown);
    while (text.len > 0 &&
           (text.at[text.len - 1] == '*' || text.at[text.len - 1] == '.')) {
        text.len--;
    }
    if (tree->find((const char *)text.at, text.len) != VOCAB_NONE) {
        text_fault(reading, "P15", text_value_at(node),
                   "'%s' has a wildcard, would be right: '%.*s', which covers "
                   "everything below it",
                   shown, (int)text.len, (const char *)text.at);
    } else {
        text_fault(reading, "P15", text_value_at(node),
                   "'%s' has a wildcard, would be right: an id, which covers "
                   "everything below it, or no '%s' key",
                   shown, tree->key);
    }
}

static void
unknown_id(struct text_reading *reading, const struct tree *tree,
           const struct vlt_yaml_node *node)
{
    const char *id = (const char *)node->text.at;
    const char *near = tree->near(id, node->text.len);
    char shown[TEXT_SHOWN_LEN];

    text_shown(node->text, shown);
    if (tree == &categories && vocab_never(id, node->text.len)) {
        text_fault(reading, "P14", text_value_at(node),
                   "'%s' is never given to a firm, would be right: the value "
                   "left out",
                   shown);
    } else if (near != NULL) {
        text_fault(reading, "P14", text_value_at(node),
                   "no %s '%s', would be right: '%s'", tree->what, shown, near);
    } else {
        text_fault(reading, "P14", text_value_at(node),
                   "no %s '%s', would be right: an id of %s such as '%s'",
                   tree->what, shown, vocab_version(), tree->such);
    }
}

static void
read_ids(struct text_reading *reading, const struct tree *tree,
         const struct vlt_yaml_node *node, struct vocab_mask *out)
{
    const struct vlt_yaml_node *value;
    struct text_values values;

    if (!text_values_begin(reading, node, &values)) {
        return;
    }
    while ((value = text_values_next(reading, node, &values)) != NULL) {
        struct vlt_slice text = value->text;
        int bit = tree->find((const char *)text.at, text.len);

        if (text.len > 0 && memchr(text.at, '*', text.len) != NULL) {
            wildcard_fault(reading, tree, value);
        } else if (bit == VOCAB_NONE) {
            unknown_id(reading, tree, value);
        } else if (vocab_mask_has(*out, bit)) {
            text_twice(reading, node, value);
        } else {
            vocab_mask_add(out, bit);
        }
    }
}

void
text_read_purposes(struct text_reading *reading, struct text_rule *rule,
                   const struct vlt_yaml_node *node)
{
    rule->rule.has_purposes = true;
    rule->purpose = node;
    read_ids(reading, &purposes, node, &rule->rule.purposes);
}

void
text_read_data(struct text_reading *reading, struct text_rule *rule,
               const struct vlt_yaml_node *node)
{
    rule->rule.has_data = true;
    read_ids(reading, &categories, node, &rule->rule.data);
}
