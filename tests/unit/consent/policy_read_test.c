/* Files become a set: what they say of firms, and what is wrong with them. */
#include "bench.h"

#include "consent/force_internal.h"

/* Who is known today: two firms, and their names for suggestions. */
static const char *
known_name_at(void *ctx, size_t i)
{
    static const char *const names[] = { "brightgrid", "shade" };

    (void)ctx;
    return i < 2 ? names[i] : NULL;
}

static bool
find_both(void *ctx, struct vlt_slice name, uint8_t id[POLICY_FIRM_LEN])
{
    const struct bench *b = ctx;

    if (vlt_slice_is(name, b->other.name)) {
        memcpy(id, b->other.vf1, POLICY_FIRM_LEN);
        return true;
    }
    return find_bright(ctx, name, id);
}

static void
note_fault(void *ctx, const char *file, int line, int column, const char *code,
           const char *says, bool warning)
{
    assert_false(warning);
    vlt_buf_printf(ctx, "%s:%d:%d %s %s\n", file, line, column, code, says);
}

/* Read one file; what is wrong with it comes into said (NULL: unheard). */
static enum vlt_status
read_one(const struct policy_text_firms *firms,
         const struct consent_set *before, const char *text,
         struct vlt_buf *said, struct consent_policy **out)
{
    struct consent_file file = { .name = vlt_slice_text("x.yaml"),
                                 .text = vlt_slice_text(text) };
    struct consent_files files = { .count = 1,
                                   .file = &file,
                                   .firms = firms,
                                   .home = VOCAB_NONE,
                                   .before = before };

    return consent_policy_read(&files, said != NULL ? note_fault : NULL, said,
                               out);
}

static const char misspelt[] = "version: 1\n"
                               "rules:\n"
                               "  - {name: a, effect: deny, "
                               "firm: brightgird}\n";

static void
a_firm_that_nobody_knows_is_a_fault(void **state)
{
    struct policy_text_firms firms = { .find = find_both };
    struct consent_policy *policy = NULL;
    struct vlt_buf said = { 0 };
    struct bench b;

    bench_begin(&b);
    firms.ctx = &b;
    assert_int_equal(read_one(&firms, NULL, misspelt, &said, &policy),
                     VLT_E_FORMAT);
    assert_non_null(strstr(vlt_buf_text(&said), "x.yaml:3:35 P16 "));
    vlt_buf_free(&said);
    assert_int_equal(read_one(&firms, NULL, misspelt, NULL, &policy),
                     VLT_E_FORMAT); /* and nobody hears of it */
    assert_null(policy);
    bench_end(&b);
}

static void
a_name_that_is_near_is_told(void **state)
{
    struct policy_text_firms firms = { .find = find_both,
                                       .name = known_name_at };
    struct consent_policy *policy = NULL;
    struct vlt_buf said = { 0 };
    struct bench b;

    bench_begin(&b);
    firms.ctx = &b;
    assert_int_equal(read_one(&firms, NULL, misspelt, &said, &policy),
                     VLT_E_FORMAT);
    assert_non_null(
        strstr(vlt_buf_text(&said), "would be right: 'brightgrid'"));
    vlt_buf_free(&said);
    bench_end(&b);
}

/* Where nobody can be asked a name stands for itself, and means nobody. */
static void
without_firms_a_name_means_nobody(void **state)
{
    struct consent_policy *policy = NULL;

    assert_int_equal(read_one(NULL, NULL, permit_bill, NULL, &policy), VLT_OK);
    assert_int_equal(policy->box->named_count, 0);
    consent_policy_free(policy);
}

/* However often it stands there, and among others. */
static void
each_name_is_written_down_once(void **state)
{
    static const char text[] =
        "version: 1\n"
        "rules:\n"
        "  - {name: a, effect: deny, firm: [brightgrid, shade]}\n"
        "  - {name: b, effect: ask, firm: shade}\n"
        "  - {name: c, effect: ask, firm: brightgrid}\n";
    struct policy_text_firms firms = { .find = find_both };
    struct consent_policy *policy = NULL;
    struct bench b;

    bench_begin(&b);
    firms.ctx = &b;
    assert_int_equal(read_one(&firms, NULL, text, NULL, &policy), VLT_OK);
    assert_int_equal(policy->box->named_count, 2);
    assert_string_equal(policy->box->named[0].name, "brightgrid");
    assert_memory_equal(policy->box->named[0].id, b.firm.vf1, POLICY_FIRM_LEN);
    assert_string_equal(policy->box->named[1].name, "shade");
    assert_memory_equal(policy->box->named[1].id, b.other.vf1, POLICY_FIRM_LEN);
    consent_policy_free(policy);
    bench_end(&b);
}

/* Of names that the set before knows whom they meant is kept; others are looked
 * up today. */
static void
a_name_means_whom_it_meant_in_the_set_before(void **state)
{
    static const char text[] =
        "version: 1\n"
        "rules:\n"
        "  - {name: a, effect: deny, firm: [shade, brightgrid]}\n";
    struct policy_text_firms firms = { .find = find_both };
    struct consent_policy *policy = NULL;
    const struct consent_set *set;
    uint8_t meant[POLICY_FIRM_LEN];
    struct bench b;

    bench_begin(&b);
    firms.ctx = &b;
    set_rules(&b, permit_bill);
    memcpy(meant, b.firm.vf1, sizeof meant);
    memset(b.firm.vf1, 77, sizeof b.firm.vf1); /* it has another key today */
    set = consent_set_hold(b.consent);
    assert_int_equal(read_one(&firms, set, text, NULL, &policy), VLT_OK);
    assert_memory_equal(policy->box->named[0].id, b.other.vf1, POLICY_FIRM_LEN);
    assert_memory_equal(policy->box->named[1].id, meant, POLICY_FIRM_LEN);
    consent_policy_free(policy);
    assert_int_equal(read_one(&firms, NULL, text, NULL, &policy), VLT_OK);
    assert_memory_equal(policy->box->named[1].id, b.firm.vf1, POLICY_FIRM_LEN);
    consent_policy_free(policy);
    consent_set_release(set);
    bench_end(&b);
}

/* The same rules have the same hash, whatever the files are called. */
static void
a_set_has_the_hash_of_what_it_says(void **state)
{
    struct consent_file file = { .name = vlt_slice_text("y.yaml"),
                                 .text = vlt_slice_text(deny_gas) };
    struct consent_files files = { .count = 1,
                                   .file = &file,
                                   .home = VOCAB_NONE };
    struct consent_policy *policy[3] = { NULL };

    assert_int_equal(read_one(NULL, NULL, deny_gas, NULL, &policy[0]), VLT_OK);
    assert_int_equal(consent_policy_read(&files, NULL, NULL, &policy[1]),
                     VLT_OK);
    assert_int_equal(read_one(NULL, NULL, deny_all, NULL, &policy[2]), VLT_OK);
    assert_memory_equal(policy[0]->box->set.hash, policy[1]->box->set.hash, 32);
    assert_memory_not_equal(policy[0]->box->set.hash, policy[2]->box->set.hash,
                            32);
    for (size_t i = 0; i < 3; i++) {
        consent_policy_free(policy[i]);
    }
}

/* Without a file there is no rule. */
static void
no_file_is_a_set_without_rules(void **state)
{
    struct consent_files files = { .count = 0, .home = VOCAB_NONE };
    struct consent_policy *policy = NULL;

    assert_int_equal(consent_policy_read(&files, NULL, NULL, &policy), VLT_OK);
    assert_int_equal(policy_rule_count(consent_policy_set(policy)),
                     POLICY_BUILTINS);
    consent_policy_free(policy);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_firm_that_nobody_knows_is_a_fault),
        cmocka_unit_test(a_name_that_is_near_is_told),
        cmocka_unit_test(without_firms_a_name_means_nobody),
        cmocka_unit_test(each_name_is_written_down_once),
        cmocka_unit_test(a_name_means_whom_it_meant_in_the_set_before),
        cmocka_unit_test(a_set_has_the_hash_of_what_it_says),
        cmocka_unit_test(no_file_is_a_set_without_rules),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
