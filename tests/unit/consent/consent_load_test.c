/* Records are sealed, so what does not parse is damaged: then nothing of it is
 * there, and it is said so. */
#include "full_grant.h"

/* Load anew what the store has. */
static enum vlt_status
load(struct bench *b)
{
    struct store_read *read = read_begin(&b->vault);
    enum vlt_status st;

    consent_clear(b->consent);
    st = consent_load(b->consent, store_read_view(read));
    store_read_end(read);
    return st;
}

/* Change a passage of a record, or put another text (from NULL) in its place,
 * load it, and put it back. */
static enum vlt_status
load_changed(struct bench *b, enum store_meta type,
             const uint8_t id[VLT_ID_LEN], const uint8_t *kid, const char *from,
             const char *to)
{
    struct vlt_buf record = { 0 };
    struct store_read *read = read_begin(&b->vault);
    struct vlt_slice text;
    enum vlt_status st;

    assert_int_equal(store_meta_get(store_read_view(read), type, id, &record),
                     VLT_OK);
    store_read_end(read);
    text = from != NULL ? changed_text(vlt_buf_slice(&record), from, to)
                        : vlt_slice_text(to);
    turn_begin(b);
    assert_int_equal(store_meta_put(b->txn, type, id, kid, text), VLT_OK);
    turn_commit(b);
    st = load(b);
    turn_begin(b);
    assert_int_equal(
        store_meta_put(b->txn, type, id, kid, vlt_buf_slice(&record)), VLT_OK);
    turn_commit(b);
    if (from != NULL) {
        free((void *)(uintptr_t)text.at);
    }
    vlt_buf_free(&record);
    return st;
}

static void
a_damaged_record_is_a_fault_of_storage(void **state)
{
    static const uint8_t policy[VLT_ID_LEN] = "main";
    static const uint8_t epoch[VLT_ID_LEN] = "consent epoch";
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = full_grant(&b);
    const struct {
        enum store_meta type;
        const uint8_t *id, *kid;
    } records[] = {
        { STORE_META_SETTING, epoch, NULL },
        { STORE_META_POLICY, policy, NULL },
        { STORE_META_REQUEST, grant->request, grant->firm_kid },
        { STORE_META_GRANT, grant->id, grant->firm_kid },
    };

    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        assert_int_equal(load_changed(&b, records[i].type, records[i].id,
                                      records[i].kid, NULL, "{"),
                         VLT_E_STORAGE);
        assert_null(consent_grant_find(b.consent, grant->id));
        assert_null(consent_set_hold(b.consent));
        assert_int_equal(load_changed(&b, records[i].type, records[i].id,
                                      records[i].kid, NULL,
                                      "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]"),
                         VLT_E_STORAGE); /* deeper than any is */
        assert_int_equal(load(&b), VLT_OK);
        assert_int_equal(grant_state(&b, grant), CONSENT_SUSPENDED);
    }
    grant_release(grant);
    bench_end(&b);
}

static void
what_cannot_be_of_a_set_is_a_fault_of_storage(void **state)
{
    static const uint8_t policy[VLT_ID_LEN] = "main";
    static const struct {
        const char *from, *to;
    } cases[] = {
        { "\"v\":1", "\"v\":2" },
        { "\"v\":1", "\"v\":0" },
        { "\"v\":1", "\"v\":1,\"w\":1" },
        { "\"version\":1}", "\"version\":0}" },
        { "\"applied\":\"2", "\"applied\":\"x" },
        { "\"files\":[{", "\"files\":[{\"more\":1," },
        { "\"name\":\"main.yaml\"", "\"name\":\"\"" },
        { "version: 1", "version: 2" },
        { "\"name\":\"brightgrid\"", "\"name\":\"another\"" },
        { "\"id\":\"07", "\"id\":\"0z" },
        { "\"home\":\"GB\"", "\"home\":\"G\"" },
    };
    const struct consent_set *set;
    struct bench b;

    bench_begin(&b);
    set_rules(&b, permit_bill);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        print_message("%s\n", cases[i].to);
        assert_int_equal(load_changed(&b, STORE_META_POLICY, policy, NULL,
                                      cases[i].from, cases[i].to),
                         VLT_E_STORAGE);
        assert_null(consent_set_hold(b.consent));
    }
    assert_int_equal(load(&b), VLT_OK);
    set = consent_set_hold(b.consent);
    assert_int_equal(set->version, 1);
    consent_set_release(set);
    bench_end(&b);
}

/* A vault that has no country yet, and files of answers. */
static void
a_set_is_kept_with_whatever_it_has(void **state)
{
    struct consent_file file[] = {
        { .name = vlt_slice_text("cli.yaml"),
          .text = vlt_slice_text("version: 1\n"
                                 "rules:\n"
                                 "  - {name: cli-1, effect: deny}\n"),
          .answers = true },
        { .name = vlt_slice_text("empty.yaml"),
          .text = vlt_slice_text("version: 1\n") },
    };
    struct consent_files files = { .count = 2,
                                   .file = file,
                                   .home = VOCAB_NONE };
    struct consent_policy *policy = NULL;
    const struct consent_set *set;
    struct consent_facts known;
    struct bench b;

    bench_begin(&b);
    assert_int_equal(consent_policy_read(&files, NULL, NULL, &policy), VLT_OK);
    assert_int_equal(policy_rule_count(consent_policy_set(policy)),
                     1 + POLICY_BUILTINS);
    known = facts(&b);
    turn_begin(&b);
    assert_int_equal(consent_policy_apply(b.consent, b.txn, policy, &known,
                                          b.now, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    consent_policy_free(policy);
    bench_reopen(&b);
    set = consent_set_hold(b.consent);
    assert_int_equal(set->files, 2);
    assert_true(set->file[0].answers);
    assert_false(set->file[1].answers);
    assert_int_equal(policy_settings(set->set)->home, VOCAB_NONE);
    consent_set_release(set);
    bench_end(&b);
}

static bool
see_request(void *ctx, const struct consent_request *request)
{
    return true;
}

/* A turn that did not come to its end is forgotten with the rest. */
static void
nothing_of_a_turn_outlives_the_lock(void **state)
{
    struct asked asked = { .uses = NULL };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &asked, id);
    assert_int_equal(consent_request_now(b.consent, id, see_request, NULL),
                     VLT_OK);
    consent_clear(b.consent);
    assert_int_equal(consent_request_now(b.consent, id, see_request, NULL),
                     VLT_E_NOT_FOUND);
    turn_abort(&b);
    bench_end(&b);
}

/* What there is none of is nothing. */
static void
nothing_is_freed_as_well(void **state)
{
    consent_free(NULL);
    consent_policy_free(NULL);
    consent_set_release(NULL);
    grant_release(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_damaged_record_is_a_fault_of_storage),
        cmocka_unit_test(what_cannot_be_of_a_set_is_a_fault_of_storage),
        cmocka_unit_test(a_set_is_kept_with_whatever_it_has),
        cmocka_unit_test(nothing_of_a_turn_outlives_the_lock),
        cmocka_unit_test(nothing_is_freed_as_well),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
