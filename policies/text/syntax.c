#include <string.h>

#include "text/text_internal.h"

/* What to do about libyaml's complaints; the first that begins so. */
static const struct {
    const char *says;
    const char *right;
} hints[] = {
    { "did not find expected '-' indicator",
      "each rule as a list item at the same indentation" },
    { "did not find expected key", "each key at the same indentation" },
    { "did not find expected ',' or ']'", "a comma between values and a ] at "
                                          "the end" },
    { "did not find expected ',' or '}'", "a comma between keys and a } at "
                                          "the end" },
    { "mapping values are not allowed",
      "one key on a line, and text with ': ' in quotes" },
    { "could not find expected ':'", "a colon and a blank behind each key" },
    { "found unexpected end of stream", "each quote and bracket closed" },
    { "found character that cannot start any token",
      "text that begins with this character in quotes" },
    { "block sequence entries are not allowed",
      "the list on lines of its own, below its key" },
};

/* What would be right in place of a feature, by how it is called. */
static const struct {
    const char *says;
    const char *right;
} features[] = {
    { "anchor", "the value without an anchor" },
    { "tag", "the value without a tag" },
    { "merge", "the keys written out" },
    { "tab", "spaces" },
    { "second document", "one document in a file" },
    { "a second document", "one document in a file" },
    { "depth", "at most 4 levels" },
    { "key that is", "one word as the key" },
};

static bool
begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static void
syntax_fault(struct text_reading *reading, struct text_place at,
             const char *says)
{
    const char *right = "YAML, as in the examples of the manual";

    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++) {
        if (begins(says, hints[i].says)) {
            right = hints[i].right;
            break;
        }
    }
    text_fault(reading, "P04", at, "%s, would be right: %s", says, right);
}

static void
feature_fault(struct text_reading *reading, struct text_place at,
              const char *says)
{
    const char *right = "the value written out";

    for (size_t i = 0; i < sizeof features / sizeof features[0]; i++) {
        if (begins(says, features[i].says)) {
            right = features[i].right;
            break;
        }
    }
    if (reading->tests && begins(says, "depth")) {
        right = "at most 5 levels";
    }
    text_fault(reading, "P05", at, "%s is not allowed, would be right: %s",
               says, right);
}

/* Does the key take several values? */
static bool
takes_list(const struct vocab_key *key)
{
    static const char *const types[] = { "firm",    "purpose", "data",
                                         "pattern", "actions", "channels",
                                         "onward",  "places",  "bases" };

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(key->type, types[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* A key of the top level is in this file, others are in a rule. */
static void
duplicate_fault(struct text_reading *reading, struct text_place at,
                const struct vlt_yaml_fault *fault)
{
    const struct vocab_key *key =
        vocab_key_find(false, fault->says, strlen(fault->says));
    bool top = at.column == 1 ||
               (key == NULL &&
                vocab_key_find(true, fault->says, strlen(fault->says)) != NULL);
    bool list = key != NULL && takes_list(key);

    text_fault(reading, "P07", at,
               "'%s' is given twice in this %s (first at line %d), would be "
               "right: one %s",
               fault->says, top ? "file" : "rule", fault->other_line,
               list ? "list" : "value");
}

static void
on_fault(void *ctx, const struct vlt_yaml_fault *fault)
{
    struct text_reading *reading = ctx;
    struct text_place at = { fault->line, fault->column };

    switch (fault->why) {
    case VLT_YAML_ENCODING:
        text_fault(reading, "P02", at,
                   "%s is not UTF-8, would be right: the file saved as UTF-8",
                   fault->says);
        return;
    case VLT_YAML_TOO_BIG:
        text_fault(reading, "P03", at,
                   "a file of %zu bytes, would be right: at most %d bytes",
                   reading->file->text.len, POLICY_TEXT_MAX);
        return;
    case VLT_YAML_SYNTAX:
        syntax_fault(reading, at, fault->says);
        return;
    case VLT_YAML_FEATURE:
        feature_fault(reading, at, fault->says);
        return;
    case VLT_YAML_DUPLICATE:
        duplicate_fault(reading, at, fault);
        return;
    case VLT_YAML_CONTROL:
        text_fault(reading, "P24", at,
                   "the text contains %s, would be right: printable text on "
                   "one line",
                   fault->says);
        return;
    }
}

struct vlt_yaml *
text_open(struct text_reading *reading)
{
    struct vlt_yaml *yaml = NULL;
    enum vlt_status st =
        vlt_yaml_parse_all(reading->file->text, POLICY_TEXT_MAX,
                           reading->tests ? TEXT_DEPTH_TESTS : TEXT_DEPTH,
                           on_fault, reading, &yaml);

    reading->faults.yaml = reading->faults.count;
    if (st != VLT_OK && st != VLT_E_FORMAT) {
        reading->st = st;
    }
    return yaml;
}

bool
text_scalar(struct text_reading *reading, const struct vlt_yaml_node *node,
            const char *example)
{
    char key[TEXT_SHOWN_LEN];

    if (node->kind == VLT_YAML_SCALAR) {
        return true;
    }
    text_fault(reading, "P09", text_value_at(node),
               "'%s' is a %s, would be right: one value such as %s",
               text_shown(node->key, key),
               node->kind == VLT_YAML_LIST ? "list" : "map", example);
    return false;
}

/* The usable keys, for a key that looks like none. */
static void
put_keys(bool top, char *out, size_t room)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < vocab_keys(); i++) {
        const struct vocab_key *key = vocab_key(i);
        size_t len = strlen(key->name);

        if ((key->place == VOCAB_TOP) != top || key->since != VOCAB_NOW ||
            used + len + 3 > room) {
            continue;
        }
        memcpy(out + used, used > 0 ? ", " : "", used > 0 ? 2 : 0);
        used += used > 0 ? 2 : 0;
        memcpy(out + used, key->name, len + 1);
        used += len;
    }
}

void
text_bad_key(struct text_reading *reading, const struct vlt_yaml_node *node,
             bool top)
{
    const char *name = (const char *)node->key.at;
    const struct vocab_key *key = vocab_key_find(top, name, node->key.len);
    const char *near = vocab_key_near(top, name, node->key.len);
    char shown[TEXT_SHOWN_LEN];
    char keys[TEXT_SHOWN_LEN];

    text_shown(node->key, shown);
    if (key != NULL && key->since == VOCAB_SECOND_WAVE) {
        text_fault(reading, "P22", text_key_at(node),
                   "'%s' is not available in version 1, would be right: the "
                   "key left out",
                   shown);
    } else if (key != NULL) {
        text_fault(reading, "P22", text_key_at(node),
                   "'%s' is not yet available in this release, would be "
                   "right: the key left out",
                   shown);
    } else if (near != NULL) {
        text_fault(reading, "P06", text_key_at(node),
                   "unknown key '%s', would be right: '%s'", shown, near);
    } else {
        put_keys(top, keys, sizeof keys);
        text_fault(reading, "P06", text_key_at(node),
                   "unknown key '%s', would be right: one of %s", shown, keys);
    }
}
