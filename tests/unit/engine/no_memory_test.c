/* Memory may be missing anywhere on the way to a set: then there is none, the
 * builder is as it was, and nothing stays behind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "engine/policy.h"
#include "no_memory.h"

enum { RULES = 40 }; /* more than there is room for at first */

/* A rule with all that a set copies. */
static enum vlt_status
add_rule(struct policy_builder *builder, int number)
{
    static const uint8_t firms[2][POLICY_FIRM_LEN] = { { 3 }, { 9 } };
    const struct vlt_slice patterns[] = { vlt_slice_text("home/*") };
    const struct vlt_slice names[] = { vlt_slice_text("Acme Ltd") };
    char name[POLICY_NAME];
    struct policy_rule rule = {
        .name = name,
        .effect = POLICY_EFFECT_PERMIT,
        .file = "home.yaml",
        .line = number + 1,
        .note = vlt_slice_text("because"),
        .firm_count = 2,
        .firms = firms,
        .pattern_count = 1,
        .patterns = patterns,
        .written = 1U << TERMS_ONWARDS,
    };

    rule.caps.at[TERMS_ONWARDS] = TERMS_ONWARD_NAMES;
    rule.caps.names = names;
    rule.caps.name_count = 1;
    (void)snprintf(name, sizeof name, "rule-%02d", number);
    return policy_builder_add(builder, &rule);
}

/* Add it with one allocation more each time, until it is there: what failed
 * left nothing of it. */
static void
add_at_last(struct policy_builder *builder, int number, bool once)
{
    enum vlt_status st = VLT_E_NOMEM;
    char name[POLICY_NAME];

    (void)snprintf(name, sizeof name, "rule-%02d", number);
    for (size_t n = 0; st != VLT_OK; n++) {
        memory_take(n, once);
        st = add_rule(builder, number);
        assert_int_equal(st == VLT_OK, !memory_give());
        if (st != VLT_OK) {
            assert_int_equal(st, VLT_E_NOMEM);
            assert_null(policy_builder_find(builder, name));
        }
    }
    assert_non_null(policy_builder_find(builder, name));
}

static struct policy_builder *
begin_at_last(bool once)
{
    struct policy_settings settings = { .home = VOCAB_NONE };
    struct policy_builder *builder = NULL;
    enum vlt_status st = VLT_E_NOMEM;

    for (size_t n = 0; st != VLT_OK; n++) {
        memory_take(n, once);
        st = policy_builder_new(&settings, &builder);
        assert_int_equal(st == VLT_OK, !memory_give());
        assert_int_equal(builder != NULL, st == VLT_OK);
    }
    return builder;
}

static struct policy_builder *
filled(bool once)
{
    struct policy_builder *builder = begin_at_last(once);

    for (int i = 0; i < RULES; i++) {
        add_at_last(builder, i, once);
    }
    return builder;
}

static void
a_rule_without_memory_is_not_in_the_builder(void **state)
{
    policy_builder_free(filled(false));
    policy_builder_free(filled(true));
}

/* Building takes the builder, also when it fails: so each try has its own. */
static void
build_at_last(bool once)
{
    struct policy_set *set = NULL;
    enum vlt_status st = VLT_E_NOMEM;

    for (size_t n = 0; st != VLT_OK; n++) {
        struct policy_builder *builder = filled(true);

        memory_take(n, once);
        st = policy_build(builder, &set);
        assert_int_equal(st == VLT_OK, !memory_give());
        assert_int_equal(set != NULL, st == VLT_OK);
        assert_true(st == VLT_OK || st == VLT_E_NOMEM);
    }
    assert_int_equal(policy_rule_count(set), RULES + POLICY_BUILTINS);
    policy_set_free(set);
}

static void
a_set_without_memory_is_none(void **state)
{
    build_at_last(false);
    build_at_last(true);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_without_memory_is_not_in_the_builder),
        cmocka_unit_test(a_set_without_memory_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
