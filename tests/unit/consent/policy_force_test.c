#include "bench.h"

static void
a_new_set_ends_what_it_denies(void **state)
{
    struct asked asked = { .uses = NULL };
    struct asked gas = { .items = ITEM(1, "energy.gas", "") };
    const struct grant *hand;
    const struct grant *kept;
    uint8_t waits[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    hand = grant_by_hand(&b, &gas);
    kept = grant_by_hand(&b, &asked);
    turn_begin(&b);
    submit(&b, &gas, waits);
    turn_commit(&b);
    turn_begin(&b);
    apply_rules(&b, deny_gas);
    assert_int_equal(b.changes.count, 2);
    assert_change(&b, 0, 26, CONSENT_REVOKED, CONSENT_EV_REVOKED);
    assert_memory_equal(b.changes.at[0].grant->id, hand->id, VLT_ID_LEN);
    assert_change(&b, 1, 9, CONSENT_DENIED, CONSENT_REFUSED);
    assert_int_equal(b.changes.at[1].by, CONSENT_BY_VAULT);
    turn_commit(&b);
    assert_int_equal(grant_state(&b, hand), CONSENT_REVOKED);
    assert_int_equal(grant_state(&b, kept), CONSENT_ACTIVE);
    assert_int_equal(part_state(&b, waits, 0), CONSENT_DENIED);
    assert_int_equal(commit_use(&b, kept), CONSENT_YES);
    grant_release(hand);
    grant_release(kept);
    bench_end(&b);
}

/* A grant by hand outlives that no rule permits it; one by rule does not. */
static void
a_grant_by_rule_ends_with_its_rule(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *hand;
    const struct grant *rule;
    struct bench b;

    bench_begin(&b);
    hand = grant_by_hand(&b, &asked);
    rule = grant_by_rule(&b, &asked);
    turn_begin(&b);
    apply_rules(&b, "version: 1\ndefault: deny\n");
    assert_int_equal(b.changes.count, 1);
    assert_change(&b, 0, 26, CONSENT_REVOKED, CONSENT_EV_REVOKED);
    assert_memory_equal(b.changes.at[0].grant->id, rule->id, VLT_ID_LEN);
    turn_commit(&b);
    assert_int_equal(commit_use(&b, hand), CONSENT_YES);
    assert_int_equal(commit_use(&b, rule), CONSENT_NO_ENDED);
    grant_release(hand);
    grant_release(rule);
    bench_end(&b);
}

static void
what_is_over_by_time_is_left_to_the_clock(void **state)
{
    struct asked asked = { .life_s = 60 };
    const struct grant *grant;
    uint8_t waits[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    turn_begin(&b);
    submit(&b, &asked, waits);
    turn_commit(&b);
    b.now += 7 * VLT_DAY;
    turn_begin(&b);
    apply_rules(&b, deny_all);
    assert_int_equal(b.changes.count, 0);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

static void
a_set_is_counted_and_its_files_kept(void **state)
{
    const struct consent_set *set;
    uint8_t hash[32];
    struct bench b;

    bench_begin(&b);
    set = consent_set_hold(b.consent);
    assert_int_equal(set->version, 0);
    assert_int_equal(set->files, 1); /* for the owner to begin with */
    assert_true(vlt_slice_is(set->file[0].name, "main.yaml"));
    assert_true(vlt_slice_is(set->file[0].text, "version: 1\n"));
    consent_set_release(set);
    set_rules(&b, deny_gas);
    set_rules(&b, permit_bill);
    set = consent_set_hold(b.consent);
    memcpy(hash, set->hash, sizeof hash);
    consent_set_release(set);
    for (int round = 0; round < 2; round++) {
        set = consent_set_hold(b.consent);
        assert_int_equal(set->version, 2);
        assert_int_equal(set->applied, NOW);
        assert_int_equal(set->files, 1);
        assert_true(vlt_slice_is(set->file[0].name, "main.yaml"));
        assert_true(vlt_slice_is(set->file[0].text, permit_bill));
        assert_memory_equal(set->hash, hash, sizeof hash);
        consent_set_release(set);
        bench_reopen(&b);
    }
    bench_end(&b);
}

static void
a_set_that_is_undone_was_never_in_force(void **state)
{
    struct asked asked = { .items = ITEM(1, "energy.gas", "") };
    const struct consent_set *set;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    apply_rules(&b, deny_gas);
    assert_int_equal(consent_set_now(b.consent)->version, 1);
    submit(&b, &asked, id);
    assert_change(&b, 0, 2, CONSENT_DENIED, CONSENT_REFUSED);
    turn_abort(&b);
    set = consent_set_hold(b.consent);
    assert_int_equal(set->version, 0);
    consent_set_release(set);
    turn_begin(&b);
    submit(&b, &asked, id);
    assert_change(&b, 0, 3, CONSENT_PENDING_STATE, CONSENT_NO_RECEIPT);
    turn_commit(&b);
    bench_end(&b);
}

/* The name may mean another firm later, or none: the rule keeps the key. */
static void
a_rule_keeps_the_key_that_a_name_meant(void **state)
{
    struct asked asked = { .uses = NULL };
    uint8_t id[VLT_ID_LEN];
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_rule(&b, &asked);
    for (int round = 0; round < 2; round++) {
        struct consent_firm kept = b.firm;

        turn_begin(&b);
        submit(&b, &asked, id);
        assert_change(&b, 0, 4, CONSENT_ACTIVE, CONSENT_GIVEN);
        b.firm = b.other; /* the name is another's now */
        b.firm.name = "brightgrid";
        submit(&b, &asked, id);
        assert_change(&b, 1, 3, CONSENT_PENDING_STATE, CONSENT_NO_RECEIPT);
        turn_commit(&b);
        b.firm = kept;
        bench_reopen(&b);
    }
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    grant_release(grant);
    bench_end(&b);
}

/* As an answer reads the set in force again, to add a rule of its own. */
static void
files_that_are_read_again_mean_whom_they_meant(void **state)
{
    static const char *const names[] = { "brightgrid", "gone" };
    struct asked asked = { .uses = NULL };
    struct policy_text_firms firms = { .find = find_bright };
    struct consent_firm kept;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, permit_bill);
    kept = b.firm;
    firms.ctx = &b;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct consent_facts known = facts(&b);
        const struct consent_set *set = consent_set_hold(b.consent);
        struct consent_files files = { .count = set->files,
                                       .file = set->file,
                                       .firms = &firms,
                                       .home = vocab_country_find("GB", 2),
                                       .before = set };
        struct consent_policy *policy = NULL;

        b.firm = b.other; /* the name is another's now, or nobody's */
        b.firm.name = names[i];
        assert_int_equal(consent_policy_read(&files, NULL, NULL, &policy),
                         VLT_OK);
        turn_begin(&b);
        assert_int_equal(consent_policy_apply(b.consent, b.txn, policy, &known,
                                              b.now, &b.changes),
                         VLT_OK);
        submit(&b, &asked, id);
        assert_change(&b, 0, 3, CONSENT_PENDING_STATE, CONSENT_NO_RECEIPT);
        b.firm = kept;
        submit(&b, &asked, id);
        assert_change(&b, 1, 4, CONSENT_ACTIVE, CONSENT_GIVEN);
        turn_commit(&b);
        consent_policy_free(policy);
        consent_set_release(set);
        bench_reopen(&b);
    }
    bench_end(&b);
}

static void
note_fault(void *ctx, const char *file, int line, int column, const char *code,
           const char *says, bool warning)
{
    vlt_buf_printf(ctx, "%s:%d:%d %s\n", file, line, column, code);
}

static void
a_file_with_a_fault_is_rejected_whole(void **state)
{
    static const char text[] = "version: 1\n"
                               "rules:\n"
                               "  - {name: a, effect: deny}\n"
                               "  - {name: b, efect: deny}\n";
    struct policy_text_firms firms = { .find = find_bright };
    struct consent_file file = { .name = vlt_slice_text("x.yaml"),
                                 .text = vlt_slice_text(text) };
    struct consent_files files = {
        .count = 1, .file = &file, .firms = &firms, .home = VOCAB_NONE
    };
    struct consent_policy *policy = NULL;
    struct vlt_buf faults;
    struct bench b;

    bench_begin(&b);
    firms.ctx = &b;
    vlt_buf_init(&faults, 0);
    assert_int_equal(consent_policy_read(&files, note_fault, &faults, &policy),
                     VLT_E_FORMAT);
    assert_null(policy);
    assert_true(vlt_slice_is(vlt_buf_slice(&faults),
                             "x.yaml:4:5 P08\nx.yaml:4:15 P06\n"));
    vlt_buf_free(&faults);
    bench_end(&b);
}

/* Files that are too large together: the old set stays, also for the rest of
 * the turn. */
static void
a_set_too_large_to_keep_is_not_in_force(void **state)
{
    struct bench b;
    enum { LEN = 250000, FILES = 4 };
    static const char *const names[FILES] = { "a.yaml", "b.yaml", "c.yaml",
                                              "main.yaml" };
    struct policy_text_firms firms = { .ctx = &b, .find = find_bright };
    struct consent_file file[FILES];
    struct consent_files files = { .count = FILES,
                                   .file = file,
                                   .firms = &firms,
                                   .home = vocab_country_find("GB", 2) };
    char *text = malloc(2 * LEN);
    struct asked asked = { .items = ITEM(1, "energy.gas", "") };
    struct consent_facts known;
    struct consent_policy *policy = NULL;
    size_t at = strlen("version: 1\n");
    uint8_t id[VLT_ID_LEN];

    bench_begin(&b);
    memcpy(text, "version: 1\n", at + 1);
    for (; at + 4 < LEN; at += 4) {
        memcpy(text + at, "#\"\"\n", 5); /* quotes take two bytes each */
    }
    for (size_t i = 0; i < FILES; i++) {
        file[i] = (struct consent_file){ .name = vlt_slice_text(names[i]),
                                         .text = vlt_slice_text(text) };
    }
    file[FILES - 1].text = vlt_slice_text(deny_gas);
    assert_int_equal(consent_policy_read(&files, NULL, NULL, &policy), VLT_OK);
    known = facts(&b);
    turn_begin(&b);
    assert_int_equal(consent_policy_apply(b.consent, b.txn, policy, &known,
                                          b.now, &b.changes),
                     VLT_E_LIMIT);
    submit(&b, &asked, id);
    assert_change(&b, 0, 3, CONSENT_PENDING_STATE, CONSENT_NO_RECEIPT);
    turn_commit(&b);
    bench_reopen(&b);
    consent_policy_free(policy);
    free(text);
    bench_end(&b);
}

static void
what_waits_is_reviewed_when_a_firm_is_blocked(void **state)
{
    struct asked asked = { .uses = NULL };
    struct consent_facts known;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &asked, id);
    turn_commit(&b);
    known = facts(&b);
    turn_begin(&b);
    assert_int_equal(
        consent_review(b.consent, b.txn, &known, b.now, &b.changes), VLT_OK);
    assert_int_equal(b.changes.count, 0);
    b.firm.blocked = true;
    assert_int_equal(
        consent_review(b.consent, b.txn, &known, b.now, &b.changes), VLT_OK);
    assert_int_equal(b.changes.count, 1);
    assert_change(&b, 0, 9, CONSENT_DENIED, CONSENT_REFUSED);
    turn_commit(&b);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_set_ends_what_it_denies),
        cmocka_unit_test(a_grant_by_rule_ends_with_its_rule),
        cmocka_unit_test(what_is_over_by_time_is_left_to_the_clock),
        cmocka_unit_test(a_set_is_counted_and_its_files_kept),
        cmocka_unit_test(a_set_that_is_undone_was_never_in_force),
        cmocka_unit_test(a_rule_keeps_the_key_that_a_name_meant),
        cmocka_unit_test(files_that_are_read_again_mean_whom_they_meant),
        cmocka_unit_test(a_file_with_a_fault_is_rejected_whole),
        cmocka_unit_test(a_set_too_large_to_keep_is_not_in_force),
        cmocka_unit_test(what_waits_is_reviewed_when_a_firm_is_blocked),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
