#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "text/text_internal.h"

static void
read_version(struct text_reading *reading, const struct vlt_yaml_node *node)
{
    char shown[TEXT_SHOWN_LEN];

    if (text_scalar(reading, node, "1") && !vlt_slice_is(node->text, "1")) {
        text_fault(reading, "P25", text_value_at(node),
                   "version %s is not known here, would be right: version: 1",
                   text_shown(node->text, shown));
    }
}

static void
read_vocabulary(struct text_reading *reading, const struct vlt_yaml_node *node)
{
    char shown[TEXT_SHOWN_LEN];

    if (text_scalar(reading, node, vocab_version()) &&
        !vlt_slice_is(node->text, vocab_version())) {
        text_fault(reading, "P25", text_value_at(node),
                   "vocabulary %s is not known here, would be right: %s",
                   text_shown(node->text, shown), vocab_version());
    }
}

/* A setting that is a choice of two: *second says which.  Several files may
 * say it, but not differently. */
static void
read_setting(struct text_reading *reading, const struct vlt_yaml_node *node,
             struct text_mark *mark, bool *second)
{
    const struct vocab_key *key =
        vocab_key_find(true, (const char *)node->key.at, node->key.len);
    char right[TEXT_SHOWN_LEN];

    if (!text_scalar(reading, node, key->unsaid)) {
        return;
    }
    int which = text_choice(key, node->text);

    if (which < 0) {
        text_unknown(reading, key, node, text_choices(key, right));
        return;
    }
    if (mark->file != NULL && (which == 1) != *second) {
        text_fault(reading, "P19", text_value_at(node),
                   "%s %.*s is not what %s:%d says, would be right: the same "
                   "in all files",
                   key->name, (int)node->text.len, (const char *)node->text.at,
                   mark->file, mark->at.line);
        return;
    }
    *second = which == 1;
    if (mark->file == NULL) {
        *mark = (struct text_mark){ reading->file->name, text_key_at(node) };
    }
}

static void
read_default(struct text_reading *reading, const struct vlt_yaml_node *node)
{
    read_setting(reading, node, &reading->default_mark,
                 &reading->settings.default_deny);
}

static void
read_gpc(struct text_reading *reading, const struct vlt_yaml_node *node)
{
    read_setting(reading, node, &reading->gpc_mark, &reading->settings.gpc_off);
}

static void
read_overdue(struct text_reading *reading, const struct vlt_yaml_node *node)
{
    read_setting(reading, node, &reading->overdue_mark,
                 &reading->settings.overdue_deny);
}

static void
read_rules(struct text_reading *reading, const struct vlt_yaml_node *node)
{
    if (node->kind != VLT_YAML_LIST) {
        text_fault(reading, "P09", text_value_at(node),
                   "'rules' is %s, would be right: a list of rules",
                   node->kind == VLT_YAML_MAP ? "a map" : "one value");
        return;
    }
    for (const struct vlt_yaml_node *item = node->first; item != NULL;
         item = item->next) {
        if (++reading->rule_count > POLICY_RULES) {
            text_fault(reading, "P03", text_value_at(item),
                       "rule %zu, would be right: at most %d rules in the set",
                       reading->rule_count, POLICY_RULES);
            return;
        }
        text_read_rule(reading, item);
    }
}

/* The keys at the top of a file. */
static const struct {
    const char *name;
    void (*read)(struct text_reading *reading,
                 const struct vlt_yaml_node *node);
} keys[] = {
    { "version", read_version }, { "vocabulary", read_vocabulary },
    { "default", read_default }, { "gpc", read_gpc },
    { "overdue", read_overdue }, { "rules", read_rules },
};

static void
read_key(struct text_reading *reading, const struct vlt_yaml_node *node)
{
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (vlt_slice_is(node->key, keys[i].name)) {
            keys[i].read(reading, node);
            return;
        }
    }
    text_bad_key(reading, node, true);
}

static void
read_root(struct text_reading *reading, const struct vlt_yaml_node *root)
{
    struct text_place start = { 1, 1 };

    if (root != NULL && root->kind != VLT_YAML_MAP) {
        text_fault(reading, "P09", text_value_at(root),
                   "the file is %s, would be right: keys such as version and "
                   "rules",
                   root->kind == VLT_YAML_LIST ? "a list" : "one value");
        return;
    }
    if (root == NULL || vlt_yaml_get(root, "version") == NULL) {
        text_fault(reading, "P08", root == NULL ? start : text_value_at(root),
                   "the file has no 'version', would be right: version: 1");
    }
    if (root == NULL) {
        return;
    }
    for (const struct vlt_yaml_node *node = root->first; node != NULL;
         node = node->next) {
        if (!text_repeated(reading, node)) {
            read_key(reading, node);
        }
    }
}

static void
read_file(struct text_reading *reading, policy_fault_fn *fn, void *ctx)
{
    struct vlt_yaml *yaml = text_open(reading);

    if (yaml != NULL) {
        read_root(reading, vlt_yaml_root(yaml));
    }
    vlt_yaml_free(yaml);
    text_faults_tell(reading, fn, ctx);
}

static bool
names_fit(const struct policy_text_input *input)
{
    if (input->count > POLICY_TEXT_FILES) {
        return false;
    }
    for (size_t i = 0; i < input->count; i++) {
        if (strlen(input->files[i].name) > POLICY_FILE) {
            return false;
        }
    }
    return true;
}

static void
mark_default(struct text_reading *reading)
{
    const struct text_mark *mark = &reading->default_mark;
    struct policy_place *at = &reading->settings.default_at;

    if (mark->file != NULL) {
        (void)snprintf(at->file, sizeof at->file, "%s", mark->file);
        at->line = mark->at.line;
        at->column = mark->at.column;
    }
}

/* The settings are known only now, when all files are read. */
static enum vlt_status
finish(struct text_reading *reading, struct policy_set **out)
{
    struct policy_builder *builder = reading->builder;

    if (reading->st != VLT_OK) {
        return reading->st;
    }
    if (reading->any_fault) {
        return VLT_E_FORMAT;
    }
    mark_default(reading);
    policy_builder_settle(builder, &reading->settings);
    reading->builder = NULL; /* taken */
    return policy_build(builder, out);
}

enum vlt_status
policy_text_parse(const struct policy_text_input *input, policy_fault_fn *fn,
                  void *ctx, struct policy_set **out)
{
    if (!names_fit(input)) {
        return VLT_E_LIMIT;
    }
    struct text_reading *reading = calloc(1, sizeof *reading);

    if (reading == NULL) {
        return VLT_E_NOMEM;
    }
    reading->input = input;
    reading->settings.home = input->home;
    enum vlt_status st =
        policy_builder_new(&reading->settings, &reading->builder);

    if (st != VLT_OK) {
        goto done;
    }
    for (size_t i = 0; i < input->count && reading->st == VLT_OK; i++) {
        reading->file = &input->files[i];
        read_file(reading, fn, ctx);
    }
    st = finish(reading, out);

done:
    policy_builder_free(reading->builder);
    free(reading->faults.at);
    free(reading->names);
    free(reading);
    return st;
}
