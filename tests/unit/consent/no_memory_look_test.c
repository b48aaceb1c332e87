/* As no_memory_test.c: what is read and loaded, and what is only looked at. */
#include "trial.h"

#include "consent/deletion.h"
#include "consent/force_internal.h"
#include "consent/sieve.h"

#include "offers.h"

#define DAY (86400 * VLT_SECOND)

/* ---- files of rules ---- */

/* A want of memory is no fault of a file.  What is for the words of faults
 * alone may be missing where there is none. */
static void
note_fault(void *ctx, const char *file, int line, int column, const char *code,
           const char *says, bool warning)
{
    fail_msg("%s:%d:%d: %s %s", file, line, column, code, says);
}

static void
files_without_memory_have_no_fault(void **state)
{
    struct consent_file file[] = {
        { .name = vlt_slice_text("a.yaml"),
          .text = vlt_slice_text(permit_bill) },
        { .name = vlt_slice_text("b.yaml"),
          .text = vlt_slice_text("version: 1\n") },
    };
    struct policy_text_firms firms = { .find = find_bright };
    struct consent_files files = { .count = 2,
                                   .file = file,
                                   .firms = &firms,
                                   .home = vocab_country_find("GB", 2) };
    struct consent_policy *whole = NULL;
    struct bench b;

    bench_begin(&b);
    firms.ctx = &b;
    assert_int_equal(consent_policy_read(&files, note_fault, NULL, &whole),
                     VLT_OK);
    for (int once = 0; once < 2; once++) {
        struct consent_policy *policy = NULL;
        bool failed = true;

        for (size_t n = 0; failed; n++) {
            memory_take(n, once == 1);
            enum vlt_status st =
                consent_policy_read(&files, note_fault, NULL, &policy);

            failed = memory_give();
            assert_true(st == VLT_OK || (failed && st == VLT_E_NOMEM));
            assert_int_equal(policy != NULL, st == VLT_OK);
            if (policy != NULL) {
                assert_memory_equal(policy->box->set.hash, whole->box->set.hash,
                                    sizeof whole->box->set.hash);
            }
            consent_policy_free(policy);
            policy = NULL;
        }
    }
    consent_policy_free(whole);
    bench_end(&b);
}

/* ---- loading ---- */

/* A vault that has some of everything. */
static const struct grant *
fill(struct bench *b)
{
    const struct grant_exception kept = {
        .from = 1, .to = 1, .until = NOW + 900 * DAY, .law = "Tax Act"
    };
    const struct grant *grant = grant_by_rule(b, &bill);
    struct consent_statement statement = { .from = 1,
                                           .to = 1,
                                           .deleted_at = b->now,
                                           .exceptions = 1,
                                           .exception = &kept };
    struct consent_at at = { .now = b->now };
    struct vlt_buf why = { 0 };
    uint8_t id[VLT_ID_LEN];

    memcpy(at.grant, grant->id, VLT_ID_LEN);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(commit_use(b, grant), CONSENT_YES);
    }
    statement.at = at;
    turn_begin(b);
    assert_int_equal(consent_deleted(b->consent, b->txn, &statement, &why),
                     VLT_OK);
    assert_int_equal(consent_suspend(b->consent, b->txn, &at, &b->changes),
                     VLT_OK);
    at.now = b->now += VLT_HOUR;
    assert_int_equal(
        consent_resume(b->consent, b->txn, &at, false, &b->changes), VLT_OK);
    turn_commit(b);
    set_rules(b, "version: 1\n"); /* it is the owner's to answer */
    set_rules(b, offers);
    ask(b, id);
    turn_begin(b);
    assert_int_equal(consent_deny(b->consent, b->txn, id, vlt_slice_text("no"),
                                  b->now, &b->changes),
                     VLT_OK);
    turn_commit(b);
    return grant;
}

static void
assert_whole(const struct grant *found, const struct grant *grant)
{
    assert_int_equal(found->terms.item_count, grant->terms.item_count);
    assert_int_equal(found->bound_count, grant->bound_count);
    assert_int_equal(found->held_count, grant->held_count);
    assert_int_equal(found->rule_count, grant->rule_count);
    assert_int_equal(found->gap_count, grant->gap_count);
}

static void
what_is_loaded_without_memory_is_nothing(void **state)
{
    const struct grant *grant;
    const struct grant *whole;
    struct bench b;

    bench_begin(&b);
    grant = fill(&b);
    whole = consent_grant_find(b.consent, grant->id);
    assert_int_equal(whole->bound_count, 2);
    assert_int_equal(whole->gap_count, 1);
    for (int once = 0; once < 2; once++) {
        bool failed = true;

        for (size_t n = 0; failed; n++) {
            struct store_read *read = read_begin(&b.vault);
            const struct grant *found;

            consent_clear(b.consent);
            memory_take(n, once == 1);
            enum vlt_status st = consent_load(b.consent, store_read_view(read));

            failed = memory_give();
            store_read_end(read);
            assert_true(st == VLT_OK || (failed && st == VLT_E_NOMEM));
            found = consent_grant_find(b.consent, grant->id);
            assert_int_equal(found != NULL, st == VLT_OK);
            if (found != NULL) {
                assert_whole(found, whole);
            }
            grant_release(found);
        }
    }
    grant_release(whole);
    grant_release(grant);
    bench_end(&b);
}

static void
without_memory_there_is_no_consent(void **state)
{
    bool failed = true;
    struct bench b;

    bench_begin(&b);
    for (size_t n = 0; failed; n++) {
        struct consent *consent = NULL;

        memory_take(n, true);
        enum vlt_status st = consent_new(b.vault.store, &consent);

        failed = memory_give();
        assert_int_equal(st, failed ? VLT_E_NOMEM : VLT_OK);
        assert_int_equal(consent == NULL, failed);
        consent_free(consent);
    }
    bench_end(&b);
}

static void
note_lost_grant(void *ctx, enum log_level level, const char *line)
{
    bool *told = ctx;

    (void)level;
    *told = *told || strstr(line, "no memory for a new grant") != NULL;
}

/* What is new and was committed is there after the next start, whole; until
 * then a part of it may be missing, which is told, and is said to be what it
 * was when it began. */
static void
what_cannot_be_kept_in_memory_is_there_after_a_restart(void **state)
{
    bool failed = true;

    for (size_t n = 0; failed; n++) {
        struct consent_request request;
        const struct grant *grant;
        uint8_t grant_id[VLT_ID_LEN];
        uint8_t waits[VLT_ID_LEN];
        uint8_t id[VLT_ID_LEN];
        bool told = false;
        struct bench b;

        bench_begin(&b);
        set_rules(&b, permit_bill);
        turn_begin(&b);
        submit(&b, &bill, id);
        memcpy(grant_id, b.changes.at[0].grant->id, VLT_ID_LEN);
        submit(&b, &(struct asked){ .purposes = "service" }, waits);
        txn_commit(b.txn);
        b.txn = NULL;
        log_set_sink(note_lost_grant, &told);
        memory_take(n, true);
        consent_turn_end(b.consent, true);
        failed = memory_give();
        log_set_sink(log_nowhere, NULL);
        consent_changes_free(&b.changes);
        grant = consent_grant_find(b.consent, grant_id);
        assert_int_equal(told, grant == NULL);
        grant_release(grant);
        if (consent_request_find(b.consent, id, copy_request, &request) ==
            VLT_OK) {
            assert_int_equal(request.part[0].state, CONSENT_ACTIVE);
        } else {
            assert_true(failed);
        }
        bench_reopen(&b);
        grant = consent_grant_find(b.consent, grant_id);
        assert_non_null(grant);
        assert_int_equal(commit_use(&b, grant), CONSENT_YES);
        assert_int_equal(part_state(&b, id, 0), CONSENT_ACTIVE);
        assert_int_equal(part_state(&b, waits, 0), CONSENT_PENDING_STATE);
        grant_release(grant);
        bench_end(&b);
    }
}

/* By itself: of two that come, either may be kept first. */
static void
what_waits_and_cannot_be_kept_waits_after_a_restart(void **state)
{
    bool failed = true;

    for (size_t n = 0; failed; n++) {
        struct consent_request request;
        uint8_t id[VLT_ID_LEN];
        struct bench b;

        bench_begin(&b);
        turn_begin(&b);
        submit(&b, &bill, id);
        txn_commit(b.txn);
        b.txn = NULL;
        memory_take(n, true);
        consent_turn_end(b.consent, true);
        failed = memory_give();
        consent_changes_free(&b.changes);
        assert_int_equal(
            consent_request_find(b.consent, id, copy_request, &request),
            failed ? VLT_E_NOT_FOUND : VLT_OK);
        bench_reopen(&b);
        assert_int_equal(part_state(&b, id, 0), CONSENT_PENDING_STATE);
        bench_end(&b);
    }
}

/* What is there stays there, and is changed, without any memory. */
static void
what_is_there_is_changed_without_memory(void **state)
{
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    turn_begin(&b);
    assert_int_equal(consent_end(b.consent, b.txn, grant->id, CONSENT_WITHDRAWN,
                                 b.now, &b.changes),
                     VLT_OK);
    txn_commit(b.txn);
    b.txn = NULL;
    memory_take(0, false);
    consent_turn_end(b.consent, true);
    (void)memory_give();
    consent_changes_free(&b.changes);
    assert_int_equal(grant_state(&b, grant), CONSENT_WITHDRAWN);
    grant_release(grant);
    bench_end(&b);
}

/* ---- looking ---- */

static void
note_part(void *ctx, const struct policy_set *set,
          const struct policy_asking *asking,
          const struct policy_decision *decision)
{
    assert_non_null(set);
    assert_true(asking->part->purpose >= 0 && decision->atom_count > 0);
    ++*(size_t *)ctx;
}

static enum vlt_status
explain_once(struct trial *trial)
{
    struct bench *b = trial->b;
    size_t parts = 0;
    struct consent_anew anew = { .request = trial->id,
                                 .firm = &b->firm,
                                 .now = b->now };
    enum vlt_status st = consent_explain(b->consent, &anew, note_part, &parts);

    assert_int_equal(parts, st == VLT_OK);
    return st;
}

static enum vlt_status
ask_overdue(struct trial *trial)
{
    struct bench *b = trial->b;
    bool overdue = true;
    enum vlt_status st =
        consent_firm_overdue(b->consent, b->firm.id, b->now, &overdue);

    assert_int_equal(overdue, st != VLT_OK); /* else untouched */
    return st;
}

static bool
note_grant(void *ctx, const struct grant *grant)
{
    assert_non_null(grant);
    ++*(size_t *)ctx;
    return true;
}

static bool
note_request(void *ctx, const struct consent_request *request)
{
    assert_int_equal(request->parts, 1);
    ++*(size_t *)ctx;
    return true;
}

static enum vlt_status
look_in_turn(struct trial *trial)
{
    size_t grants = 0;

    return consent_grants_now(trial->b->consent, note_grant, &grants);
}

/* Lists that lack memory are empty, and never half. */
static enum vlt_status
list_all(struct trial *trial)
{
    size_t grants = 0;
    size_t requests = 0;

    consent_grants(trial->b->consent, note_grant, &grants);
    consent_requests(trial->b->consent, note_request, &requests);
    assert_true(grants == 0 || grants == 1);
    assert_true(requests == 0 || requests == 2);
    return grants == 1 && requests == 2 ? VLT_OK : VLT_E_NOMEM;
}

static enum vlt_status
would_once(struct trial *trial)
{
    struct bench *b = trial->b;
    struct consent_facts known = facts(b);
    size_t grants = 0;
    struct consent_would would = { POLICY_USE_NO, note_grant, &grants };
    struct consent_policy *policy = read_rules_in_peace(b, deny_all);
    enum vlt_status st =
        consent_policy_would(b->consent, policy, &known, b->now, &would);

    assert_int_equal(grants, st == VLT_OK);
    consent_policy_free(policy);
    return st;
}

static void
note_denied(void *ctx, const uint8_t request[VLT_ID_LEN])
{
    size_t *denied = ctx;

    (void)request;
    ++*denied;
}

static enum vlt_status
denies_once(struct trial *trial)
{
    struct bench *b = trial->b;
    struct consent_facts known = facts(b);
    size_t denied = 0;
    struct consent_denies denies = { note_denied, &denied };
    struct consent_policy *policy = read_rules_in_peace(b, deny_all);
    enum vlt_status st =
        consent_policy_denies(b->consent, policy, &known, b->now, &denies);

    assert_int_equal(denied, st == VLT_OK);
    consent_policy_free(policy);
    return st;
}

static enum vlt_status
sieve_once(struct trial *trial)
{
    struct bench *b = trial->b;
    const struct grant *grant = consent_grant_find(b->consent, trial->id);
    struct consent_sieve *sieve = NULL;
    struct consent_asking asking = asking_for(b, grant);
    enum vlt_status st =
        consent_sieve_new(b->consent, &asking, grant, false, &sieve);

    assert_int_equal(sieve != NULL, st == VLT_OK);
    consent_sieve_free(sieve);
    grant_release(grant);
    return st;
}

/* Without memory nothing is allowed. */
static enum vlt_status
may_once(struct trial *trial)
{
    struct bench *b = trial->b;
    const struct grant *grant = consent_grant_find(b->consent, trial->id);
    struct consent_asking asking = asking_for(b, grant);
    struct consent_use may;
    struct consent_use now;

    consent_may(b->consent, &asking, &may);
    consent_may_now(b->consent, &asking, &now);
    grant_release(may.grant);
    grant_release(now.grant);
    grant_release(grant);
    return may.no == CONSENT_YES && now.no == CONSENT_YES ? VLT_OK
                                                          : VLT_E_NOMEM;
}

static void
who_looks_without_memory_is_told_so(void **state)
{
    static const char streams[] = "version: 1\n"
                                  "rules:\n"
                                  "  - {name: s, effect: deny, "
                                  "streams: \"*/secret\"}\n";
    const struct grant *grant;
    struct trial trial;
    struct trial asked;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    ask_at_last(&b, &asked, &bill);
    set_rules(&b, streams);
    trial = trial_of(&b, grant);
    try_both(&asked, explain_once);
    try_both(&trial, ask_overdue);
    try_both(&trial, look_in_turn);
    try_both(&trial, list_all);
    try_both(&trial, would_once);
    try_both(&trial, denies_once);
    try_both(&trial, sieve_once);
    try_both(&trial, may_once);
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_without_memory_have_no_fault),
        cmocka_unit_test(what_is_loaded_without_memory_is_nothing),
        cmocka_unit_test(without_memory_there_is_no_consent),
        cmocka_unit_test(
            what_cannot_be_kept_in_memory_is_there_after_a_restart),
        cmocka_unit_test(what_waits_and_cannot_be_kept_waits_after_a_restart),
        cmocka_unit_test(what_is_there_is_changed_without_memory),
        cmocka_unit_test(who_looks_without_memory_is_told_so),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
