/*
 * tests: a file of tests is read, with the faults of a policy file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terms/value.h"
#include "text/tests_internal.h"

/* ---- keys ---- */

static void
read_name(struct text_reading *reading, struct tests_one *test,
          const struct vlt_yaml_node *node)
{
    char shown[TEXT_SHOWN_LEN];

    if (!text_scalar(reading, node, "bill")) {
        return;
    }
    if (node->text.len == 0 || node->text.len >= POLICY_NAME ||
        text_strange(node->text) != 0) {
        text_fault(reading, "P13", text_value_at(node),
                   "'%s' is no name, would be right: a few words, at most 63 "
                   "bytes",
                   text_shown(node->text, shown));
        return;
    }
    memcpy(test->rule.name, node->text.at, node->text.len);
}

static void
read_firm(struct text_reading *reading, struct tests_one *test,
          const struct vlt_yaml_node *node)
{
    test->has_firm = true;
    if (node->kind == VLT_YAML_SCALAR && vlt_slice_is(node->text, "anyone")) {
        test->anyone = true;
    } else {
        text_read_firms(reading, &test->rule, node);
    }
}

static void
read_purpose(struct text_reading *reading, struct tests_one *test,
             const struct vlt_yaml_node *node)
{
    test->has_purpose = true;
    text_read_purposes(reading, &test->rule, node);
}

static void
read_data(struct text_reading *reading, struct tests_one *test,
          const struct vlt_yaml_node *node)
{
    test->has_data = true;
    text_read_data(reading, &test->rule, node);
}

static void
read_at(struct text_reading *reading, struct tests_one *test,
        const struct vlt_yaml_node *node)
{
    char shown[TEXT_SHOWN_LEN];

    if (!text_scalar(reading, node, "2027-06-30")) {
        return;
    }
    test->has_at = terms_parse_date(node->text, &test->at) == VLT_OK;
    if (!test->has_at) {
        text_fault(reading, "P21", text_value_at(node),
                   "'%s' is not a date, would be right: a date such as "
                   "2027-06-30",
                   text_shown(node->text, shown));
    }
}

static void
read_expect(struct text_reading *reading, struct tests_one *test,
            const struct vlt_yaml_node *node)
{
    static const enum policy_outcome outcomes[] = { POLICY_PERMIT, POLICY_OFFER,
                                                    POLICY_ASK, POLICY_DENY };
    char shown[TEXT_SHOWN_LEN];

    test->has_expect = true;
    if (!text_scalar(reading, node, "permit")) {
        return;
    }
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
        if (vlt_slice_is(node->text, policy_outcome_word(outcomes[i]))) {
            test->expect = outcomes[i];
            return;
        }
    }
    text_fault(reading, "P13", text_value_at(node),
               "expect '%s' is not known, would be right: permit, offer, ask "
               "or deny",
               text_shown(node->text, shown));
}

/* Of the rules' names nothing is asked: one that is not there made nothing. */
static void
read_by(struct text_reading *reading, struct tests_one *test,
        const struct vlt_yaml_node *node)
{
    const struct vlt_yaml_node *value = node;

    test->has_by = true;
    if (node->kind == VLT_YAML_LIST) {
        value = node->first;
    }
    for (; value != NULL;
         value = node->kind == VLT_YAML_LIST ? value->next : NULL) {
        if (value->kind != VLT_YAML_SCALAR) {
            text_fault(reading, "P09", text_value_at(value),
                       "'by' has a list or a map in it, would be right: names "
                       "of rules");
        } else if (test->by_count == POLICY_TEST_BY) {
            text_fault(reading, "P11", text_value_at(value),
                       "by has over %d names, would be right: at most %d",
                       POLICY_TEST_BY, POLICY_TEST_BY);
            return;
        } else {
            test->by[test->by_count++] = value->text;
        }
    }
}

/* ---- what is asked ---- */

static void
bad_asks_key(struct text_reading *reading, const struct vlt_yaml_node *node)
{
    char shown[TEXT_SHOWN_LEN];

    text_fault(reading, "P06", text_key_at(node),
               "unknown key '%s', would be right: one that caps what is asked, "
               "such as detail, delay, window, rate, life or keep",
               text_shown(node->key, shown));
}

/* A request asks for one action, on one basis. */
static void
check_one(struct text_reading *reading, const struct tests_one *test,
          enum terms_axis axis, const struct vlt_yaml_node *node)
{
    int64_t bits = test->rule.rule.caps.at[axis];

    if ((bits & (bits - 1)) != 0) {
        text_fault(reading, "P09", text_value_at(node),
                   "'%s' has several values, would be right: one, since a "
                   "request asks for one",
                   terms_axis_key(axis)->name);
    }
}

static void
read_asks(struct text_reading *reading, struct tests_one *test,
          const struct vlt_yaml_node *node)
{
    if (node->kind != VLT_YAML_MAP) {
        text_fault(reading, "P09", text_value_at(node),
                   "'asks' is %s, would be right: keys such as detail and "
                   "delay",
                   node->kind == VLT_YAML_LIST ? "a list" : "one value");
        return;
    }
    for (const struct vlt_yaml_node *member = node->first; member != NULL;
         member = member->next) {
        const struct vocab_key *key = vocab_key_find(
            false, (const char *)member->key.at, member->key.len);
        enum terms_axis axis = key == NULL || key->since != VOCAB_NOW
                                   ? TERMS_AXES
                                   : terms_axis_of(key);

        /* When it begins is `at`, how long it lives is `life`. */
        if (axis == TERMS_AXES || axis == TERMS_FROM || axis == TERMS_UNTIL) {
            bad_asks_key(reading, member);
        } else if (!text_repeated(reading, member)) {
            text_read_cap(reading, &test->rule, key, member);
            if (axis == TERMS_ACTION || axis == TERMS_BASIS) {
                check_one(reading, test, axis, member);
            }
        }
    }
}

static const struct {
    const char *name;
    void (*read)(struct text_reading *reading, struct tests_one *test,
                 const struct vlt_yaml_node *node);
} keys[] = {
    { "name", read_name }, { "firm", read_firm }, { "purpose", read_purpose },
    { "data", read_data }, { "at", read_at },     { "expect", read_expect },
    { "by", read_by },     { "asks", read_asks },
};

static void
read_key(struct text_reading *reading, struct tests_one *test,
         const struct vlt_yaml_node *node)
{
    char shown[TEXT_SHOWN_LEN];

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (vlt_slice_is(node->key, keys[i].name)) {
            keys[i].read(reading, test, node);
            return;
        }
    }
    text_fault(reading, "P06", text_key_at(node),
               "unknown key '%s', would be right: one of name, firm, purpose, "
               "data, at, expect, by, asks",
               text_shown(node->key, shown));
}

/* ---- a test ---- */

static bool
is_contact(const struct tests_one *test)
{
    return (test->rule.rule.written >> TERMS_ACTION & 1) != 0 &&
           test->rule.rule.caps.at[TERMS_ACTION] == VOCAB_CONTACT;
}

static void
check_missing(struct text_reading *reading, const struct tests_one *test,
              const struct vlt_yaml_node *map)
{
    const struct {
        bool there;
        const char *key;
        const char *right;
    } needed[] = {
        { test->rule.name[0] != '\0' || vlt_yaml_get(map, "name") != NULL,
          "name", "name: a few words that a miss is told with" },
        { test->has_firm, "firm", "firm: a name, or anyone" },
        { test->has_purpose, "purpose", "purpose: an id such as service" },
        { test->has_data || is_contact(test), "data",
          "data: an id such as energy, or asks: {action: contact}" },
        { test->has_expect, "expect", "expect: permit, offer, ask or deny" },
    };

    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        if (!needed[i].there) {
            text_fault(reading, "P08", text_value_at(map),
                       "this test has no '%s', would be right: %s",
                       needed[i].key, needed[i].right);
        }
    }
    if (is_contact(test) && test->has_data) {
        text_fault(reading, "P19", text_value_at(map),
                   "contact asks for no data, would be right: no 'data', or "
                   "another action");
    }
}

static void
read_test(struct text_reading *reading, const struct vlt_yaml_node *map,
          struct tests_one *test)
{
    memset(test, 0, sizeof *test);
    test->rule.map = map;
    if (map->kind != VLT_YAML_MAP) {
        text_fault(reading, "P09", text_value_at(map),
                   "this test is %s, would be right: keys such as name and "
                   "expect",
                   map->kind == VLT_YAML_LIST ? "a list" : "one value");
        return;
    }
    for (const struct vlt_yaml_node *node = map->first; node != NULL;
         node = node->next) {
        if (!text_repeated(reading, node)) {
            read_key(reading, test, node);
        }
    }
    check_missing(reading, test, map);
}

/* ---- the file ---- */

static void
check_root(struct text_reading *reading, const struct vlt_yaml_node *root)
{
    struct text_place start = { 1, 1 };
    const struct vlt_yaml_node *version =
        root == NULL ? NULL : vlt_yaml_get(root, "version");
    char shown[TEXT_SHOWN_LEN];

    if (version == NULL) {
        text_fault(reading, "P08", root == NULL ? start : text_value_at(root),
                   "the file has no 'version', would be right: version: 1");
    } else if (text_scalar(reading, version, "1") &&
               !vlt_slice_is(version->text, "1")) {
        text_fault(reading, "P25", text_value_at(version),
                   "version %s is not known here, would be right: version: 1",
                   text_shown(version->text, shown));
    }
    for (const struct vlt_yaml_node *node = root == NULL ? NULL : root->first;
         node != NULL; node = node->next) {
        if (!vlt_slice_is(node->key, "version") &&
            !vlt_slice_is(node->key, "tests")) {
            text_fault(reading, "P06", text_key_at(node),
                       "unknown key '%s', would be right: version or tests",
                       text_shown(node->key, shown));
        }
    }
}

/* Each test: read, and held where the whole file has no fault. */
static void
each_test(struct text_reading *reading, const struct vlt_yaml_node *tests,
          struct tests_one *test, struct tests_holding *holding)
{
    size_t count = 0;

    if (tests != NULL && tests->kind != VLT_YAML_LIST) {
        text_fault(reading, "P09", text_value_at(tests),
                   "'tests' is %s, would be right: a list of tests",
                   tests->kind == VLT_YAML_MAP ? "a map" : "one value");
        return;
    }
    for (const struct vlt_yaml_node *map = tests == NULL ? NULL : tests->first;
         map != NULL; map = map->next) {
        if (++count > POLICY_TESTS) {
            text_fault(reading, "P03", text_value_at(map),
                       "test %zu, would be right: at most %d tests in a file",
                       count, POLICY_TESTS);
            return;
        }
        read_test(reading, map, test);
        if (holding != NULL) {
            tests_hold(holding, test);
        }
    }
}

/* Read all of it first: where there is a fault nothing is held. */
static void
run(struct text_reading *reading, struct tests_one *test,
    struct tests_holding *holding)
{
    struct vlt_yaml *yaml = text_open(reading);
    const struct vlt_yaml_node *root =
        yaml == NULL ? NULL : vlt_yaml_root(yaml);
    const struct vlt_yaml_node *tests =
        root == NULL ? NULL : vlt_yaml_get(root, "tests");

    if (root != NULL && root->kind != VLT_YAML_MAP) {
        text_fault(reading, "P09", text_value_at(root),
                   "the file is %s, would be right: keys such as version and "
                   "tests",
                   root->kind == VLT_YAML_LIST ? "a list" : "one value");
    } else if (yaml != NULL) {
        check_root(reading, root);
        each_test(reading, tests, test, NULL);
    }
    text_faults_tell(reading, holding->told->fault, holding->told->ctx);
    if (!reading->any_fault && reading->st == VLT_OK && yaml != NULL) {
        each_test(reading, tests, test, holding);
    }
    vlt_yaml_free(yaml);
}

enum vlt_status
policy_tests_run(const struct policy_tests_input *input,
                 const struct policy_tests_told *told, size_t *count)
{
    struct policy_text_input files = { .files = input->file,
                                       .count = 1,
                                       .firms = input->firms,
                                       .home = input->home };
    struct text_reading *reading = calloc(1, sizeof *reading);
    struct tests_one *test = calloc(1, sizeof *test);
    struct tests_holding *holding = calloc(1, sizeof *holding);
    struct policy_atom *atom = calloc(1, sizeof *atom);
    struct policy_decision *decision = calloc(1, sizeof *decision);
    enum vlt_status st = VLT_E_NOMEM;

    if (reading == NULL || test == NULL || holding == NULL || atom == NULL ||
        decision == NULL) {
        goto done;
    }
    *holding = (struct tests_holding){
        .input = input, .told = told, .atom = atom, .decision = decision
    };
    reading->input = &files;
    reading->file = input->file;
    reading->tests = true;
    run(reading, test, holding);
    *count = holding->count;
    st = reading->st != VLT_OK ? reading->st
         : reading->any_fault  ? VLT_E_FORMAT
                               : VLT_OK;

done:
    if (reading != NULL) {
        free(reading->faults.at);
    }
    free(reading);
    free(test);
    free(holding);
    free(atom);
    free(decision);
    return st;
}
