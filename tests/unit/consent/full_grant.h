/*
 * full_grant: a grant that has some of everything that its record can hold.
 */
#ifndef TESTS_CONSENT_FULL_GRANT_H
#define TESTS_CONSENT_FULL_GRANT_H

#include "bench.h"

#include "base/text.h"
#include "consent/consent_internal.h"
#include "consent/deletion.h"

/* Used on three days, of which the first was asked for and is gone but for what
 * is excepted, and the second was asked for; suspended once, and suspended. */
static inline const struct grant *
full_grant(struct bench *b)
{
    const struct asked asked = { .uses = "9" };
    const struct grant_exception kept = {
        .from = 1, .to = 1, .until = NOW + 900 * VLT_DAY, .law = "Tax Act"
    };
    const struct grant *grant = grant_by_rule(b, &asked);
    struct consent_statement statement = {
        .from = 1, .to = 1, .exceptions = 1, .exception = &kept
    };
    struct vlt_buf why = { 0 };
    struct consent_at at = { .now = NOW };

    memcpy(at.grant, grant->id, VLT_ID_LEN);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(commit_use(b, grant), CONSENT_YES);
        b->now += VLT_DAY;
    }
    turn_begin(b);
    b->now = NOW + 31 * VLT_DAY;
    assert_int_equal(consent_clock(b->consent, b->txn, b->now, &b->changes),
                     VLT_OK);
    statement.at = at;
    statement.at.now = statement.deleted_at = b->now;
    assert_int_equal(consent_deleted(b->consent, b->txn, &statement, &why),
                     VLT_OK);
    at.now = b->now;
    assert_int_equal(consent_suspend(b->consent, b->txn, &at, &b->changes),
                     VLT_OK);
    at.now = b->now += VLT_HOUR;
    assert_int_equal(
        consent_resume(b->consent, b->txn, &at, false, &b->changes), VLT_OK);
    at.now = b->now += VLT_HOUR;
    assert_int_equal(consent_acknowledged(b->consent, b->txn, at.grant, at.now),
                     VLT_OK);
    assert_int_equal(consent_suspend(b->consent, b->txn, &at, &b->changes),
                     VLT_OK);
    turn_commit(b);
    vlt_buf_free(&why);
    grant_release(grant);
    grant = consent_grant_find(b->consent, at.grant);
    assert_int_equal(grant->gap_count, 1);
    assert_int_equal(grant->exception_count, 1);
    assert_int_equal(grant->kept_count, 1);
    assert_int_equal(grant->rule_count, 1);
    assert_true(grant->demanded > grant->stated && grant->suspended != 0);
    return grant;
}

/* A copy of a text with the first of a passage in it changed, as a slice of
 * memory that the caller frees. */
static inline struct vlt_slice
changed_text(struct vlt_slice text, const char *from, const char *to)
{
    struct vlt_buf out = { 0 };
    char *whole = vlt_text_copy(text);
    const char *at = strstr(whole, from);

    if (at == NULL) {
        print_error("%s is not in %s\n", from, whole);
    }
    assert_non_null(at);
    vlt_buf_put(&out, whole, (size_t)(at - whole));
    vlt_buf_put_text(&out, to);
    vlt_buf_put_text(&out, at + strlen(from));
    free(whole);
    whole = vlt_text_copy(vlt_buf_slice(&out));
    vlt_buf_free(&out);
    return vlt_slice_text(whole);
}

#endif
