/* What a firm says that it keeps, by a law, of what it was given. */
#include "holding.h"

/* A grant that was used so often, all at once. */
static const struct grant *
used(struct bench *b, int uses)
{
    struct asked often = { .rate = "null" };
    const struct grant *grant = grant_by_hand(b, &often);

    for (int i = 0; i < uses; i++) {
        assert_int_equal(commit_use(b, grant), CONSENT_YES);
    }
    return grant;
}

static struct consent_statement
with_exceptions(const struct bench *b, const struct grant_exception *exception,
                size_t count)
{
    return (struct consent_statement){ .from = 1,
                                       .to = 3,
                                       .deleted_at = b->now,
                                       .exceptions = count,
                                       .exception = exception };
}

static size_t
exceptions_of(struct bench *b, const struct grant *grant)
{
    const struct grant *now = consent_grant_find(b->consent, grant->id);
    size_t count = now->exception_count;

    grant_release(now);
    return count;
}

static void
what_is_excepted_is_listed_until_it_is_gone(void **unused)
{
    struct grant_exception list[CONSENT_EXCEPTIONS + 1];
    struct consent_held held[CONSENT_HELD];
    const struct grant *grant;
    const struct grant *now;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    }
    for (size_t i = 0; i <= CONSENT_EXCEPTIONS; i++) {
        list[i] = (struct grant_exception){ .from = 2,
                                            .to = 2,
                                            .until = NOW + 90 * VLT_DAY,
                                            .law = "Tax Act, section 147" };
    }
    assert_int_equal(
        state_with(&b, grant,
                   with_exceptions(&b, list, CONSENT_EXCEPTIONS + 1)),
        VLT_E_LIMIT);
    list[0].until = b.now;
    assert_int_equal(state_with(&b, grant, with_exceptions(&b, list, 1)),
                     VLT_E_FORMAT);
    list[0].until = NOW + 90 * VLT_DAY;
    assert_int_equal(state_with(&b, grant, with_exceptions(&b, list, 1)),
                     VLT_OK);
    assert_int_equal(held_of(&b, grant, held), 0); /* it counts as given */
    bench_reopen(&b);
    now = consent_grant_find(b.consent, grant->id);
    assert_int_equal(now->exception_count, 1);
    assert_int_equal(now->exception[0].from, 2);
    assert_int_equal(now->exception[0].until, NOW + 90 * VLT_DAY);
    assert_string_equal(now->exception[0].law, "Tax Act, section 147");
    grant_release(now);
    assert_int_equal(state(&b, grant, 1, 1), VLT_E_CONFLICT);
    assert_int_equal(exceptions_of(&b, grant), 1);
    assert_int_equal(state(&b, grant, 1, 2), VLT_OK);
    assert_int_equal(exceptions_of(&b, grant), 0);
    grant_release(grant);
    bench_end(&b);
}

/* Each statement about it leaves less, so that there is a last one. */
static void
what_is_excepted_only_becomes_less(void **unused)
{
    static const struct {
        const char *says;
        uint64_t from, to;
        int days; /* that it may be kept */
        enum vlt_status st;
    } cases[] = {
        { "at first", 1, 3, 90, VLT_OK },
        { "the same", 1, 3, 90, VLT_E_CONFLICT },
        { "for longer", 1, 3, 91, VLT_E_FORMAT },
        { "more of it", 1, 4, 90, VLT_E_FORMAT },
        { "less of it", 2, 3, 90, VLT_OK },
        { "what is gone", 1, 2, 90, VLT_E_FORMAT },
        { "for less", 2, 3, 60, VLT_OK },
        { "the same again", 2, 3, 60, VLT_E_CONFLICT },
    };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    }
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct grant_exception kept = { .from = cases[i].from,
                                        .to = cases[i].to,
                                        .until = NOW + cases[i].days * VLT_DAY,
                                        .law = "Tax Act, section 147" };
        struct consent_statement statement = with_exceptions(&b, &kept, 1);

        print_message("%s\n", cases[i].says);
        statement.to = 4;
        assert_int_equal(state_with(&b, grant, statement), cases[i].st);
    }
    assert_int_equal(state(&b, grant, 1, 4), VLT_OK);
    assert_int_equal(exceptions_of(&b, grant), 0);
    assert_int_equal(state(&b, grant, 1, 4), VLT_E_CONFLICT);
    grant_release(grant);
    bench_end(&b);
}

static enum vlt_status
state_part(struct bench *b, const struct grant *grant, uint64_t to,
           const struct grant_exception *exception, size_t count)
{
    struct consent_statement statement = with_exceptions(b, exception, count);

    statement.to = to;
    return state_with(b, grant, statement);
}

static void
what_a_statement_is_not_about_stays_excepted(void **unused)
{
    const struct grant_exception kept = {
        .from = 2, .to = 4, .until = NOW + 90 * VLT_DAY, .law = "Tax Act"
    };
    const struct grant *grant;
    const struct grant *now;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    }
    assert_int_equal(state_part(&b, grant, 4, &kept, 1), VLT_OK);
    assert_int_equal(state(&b, grant, 3, 3), VLT_OK);
    now = consent_grant_find(b.consent, grant->id);
    assert_int_equal(now->exception_count, 2);
    assert_int_equal(now->exception[0].from, 2);
    assert_int_equal(now->exception[0].to, 2);
    assert_int_equal(now->exception[1].from, 4);
    assert_int_equal(now->exception[1].to, 4);
    assert_int_equal(now->exception[1].until, kept.until);
    assert_string_equal(now->exception[1].law, kept.law);
    grant_release(now);
    assert_int_equal(state(&b, grant, 3, 3), VLT_E_CONFLICT);
    assert_int_equal(state(&b, grant, 1, 3), VLT_OK);
    assert_int_equal(exceptions_of(&b, grant), 1);
    assert_int_equal(state(&b, grant, 1, 4), VLT_OK);
    assert_int_equal(exceptions_of(&b, grant), 0);
    grant_release(grant);
    bench_end(&b);
}

static void
a_new_use_does_not_prolong_what_was_excepted(void **unused)
{
    struct grant_exception kept[] = {
        { .from = 1, .to = 1, .until = NOW + 90 * VLT_DAY, .law = "Tax Act" },
        { .from = 2, .to = 2, .until = NOW + 91 * VLT_DAY, .law = "Tax Act" },
    };
    struct grant_exception both = kept[1];
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    assert_int_equal(state_part(&b, grant, 1, kept, 1), VLT_OK);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    both.from = 1;
    assert_int_equal(state_part(&b, grant, 2, &both, 1), VLT_E_FORMAT);
    assert_int_equal(state_part(&b, grant, 2, kept, 2), VLT_OK);
    assert_int_equal(exceptions_of(&b, grant), 2);
    grant_release(grant);
    bench_end(&b);
}

/* ---- what stays ---- */

/* A statement of uses 3 to 5 that are excepted, and what is left of that. */
static void
a_statement_takes_its_own_uses_out_of_what_is_excepted(void **unused)
{
    static const struct {
        uint64_t from, to;
        size_t count;
        struct {
            uint64_t from, to;
        } left[2];
    } cases[] = {
        { 6, 7, 1, { { 3, 5 } } }, { 5, 7, 1, { { 3, 4 } } },
        { 5, 5, 1, { { 3, 4 } } }, { 3, 3, 1, { { 4, 5 } } },
        { 1, 3, 1, { { 4, 5 } } }, { 4, 4, 2, { { 3, 3 }, { 5, 5 } } },
        { 3, 5, 0, { { 0, 0 } } }, { 2, 6, 0, { { 0, 0 } } },
        { 1, 7, 0, { { 0, 0 } } }, { 7, 7, 1, { { 3, 5 } } },
    };
    const struct grant_exception kept = {
        .from = 3, .to = 5, .until = NOW + 90 * VLT_DAY, .law = "Tax Act"
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct grant *grant;
        const struct grant *now;
        struct bench b;

        bench_begin(&b);
        grant = used(&b, 7);
        assert_int_equal(state_part(&b, grant, 6, &kept, 1), VLT_OK);
        assert_int_equal(state(&b, grant, cases[i].from, cases[i].to), VLT_OK);
        now = consent_grant_find(b.consent, grant->id);
        assert_int_equal(now->stated, cases[i].to > 6 ? cases[i].to : 6);
        assert_int_equal(now->exception_count, cases[i].count);
        for (size_t j = 0; j < cases[i].count; j++) {
            assert_int_equal(now->exception[j].from, cases[i].left[j].from);
            assert_int_equal(now->exception[j].to, cases[i].left[j].to);
            assert_int_equal(now->exception[j].until, kept.until);
        }
        grant_release(now);
        grant_release(grant);
        bench_end(&b);
    }
}

/* Of two that are apart, each is looked at by itself. */
static void
what_lies_behind_a_statement_stays_excepted(void **unused)
{
    const struct grant_exception kept[] = {
        { .from = 1, .to = 1, .until = NOW + 90 * VLT_DAY, .law = "Tax Act" },
        { .from = 4, .to = 5, .until = NOW + 80 * VLT_DAY, .law = "Court" },
    };
    const struct grant *grant;
    const struct grant *now;
    struct bench b;

    bench_begin(&b);
    grant = used(&b, 5);
    assert_int_equal(state_part(&b, grant, 5, kept, 2), VLT_OK);
    assert_int_equal(state(&b, grant, 2, 2), VLT_E_CONFLICT); /* it is gone */
    assert_int_equal(state(&b, grant, 1, 2), VLT_OK);
    now = consent_grant_find(b.consent, grant->id);
    assert_int_equal(now->exception_count, 1);
    assert_int_equal(now->exception[0].from, 4);
    assert_int_equal(now->exception[0].to, 5);
    assert_string_equal(now->exception[0].law, "Court");
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

static void
an_exception_whose_time_is_over_is_forgotten(void **unused)
{
    const struct grant_exception kept[] = {
        { .from = 1, .to = 1, .until = NOW + VLT_DAY, .law = "Tax Act" },
        { .from = 2, .to = 2, .until = NOW + VLT_DAY + 1, .law = "Tax Act" },
    };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = used(&b, 2);
    assert_int_equal(state_part(&b, grant, 2, kept, 2), VLT_OK);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    b.now = NOW + VLT_DAY;
    assert_int_equal(exceptions_of(&b, grant), 2);
    assert_int_equal(state(&b, grant, 3, 3), VLT_OK);
    assert_int_equal(exceptions_of(&b, grant), 1);
    grant_release(grant);
    bench_end(&b);
}

/* ---- how many, and which ---- */

static void
as_many_may_be_excepted_as_a_grant_keeps(void **unused)
{
    struct grant_exception list[CONSENT_EXCEPTIONS];
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = used(&b, CONSENT_EXCEPTIONS + 1);
    for (size_t i = 0; i < CONSENT_EXCEPTIONS; i++) {
        list[i] = (struct grant_exception){ .from = i + 1,
                                            .to = i + 1,
                                            .until = NOW + 90 * VLT_DAY,
                                            .law = "Tax Act" };
    }
    assert_int_equal(
        state_part(&b, grant, CONSENT_EXCEPTIONS, list, CONSENT_EXCEPTIONS),
        VLT_OK);
    bench_reopen(&b);
    assert_int_equal(exceptions_of(&b, grant), CONSENT_EXCEPTIONS);
    /* One more beside those that stay is too many; in the place of one that
     * goes it is not. */
    list[0].from = list[0].to = CONSENT_EXCEPTIONS + 1;
    struct consent_statement one = with_exceptions(&b, list, 1);

    one.from = one.to = CONSENT_EXCEPTIONS + 1;
    assert_int_equal(state_with(&b, grant, one), VLT_E_LIMIT);
    one.from = CONSENT_EXCEPTIONS;
    assert_int_equal(state_with(&b, grant, one), VLT_OK);
    assert_int_equal(exceptions_of(&b, grant), CONSENT_EXCEPTIONS);
    grant_release(grant);
    bench_end(&b);
}

/* Which of them an exception is within is looked for among all. */
static void
each_exception_becomes_less_by_itself(void **unused)
{
    const struct grant_exception kept[] = {
        { .from = 1, .to = 2, .until = NOW + 90 * VLT_DAY, .law = "Tax Act" },
        { .from = 4, .to = 5, .until = NOW + 60 * VLT_DAY, .law = "Court" },
    };
    static const struct {
        const char *says;
        uint64_t from, to;
        int days;
        enum vlt_status st;
    } cases[] = {
        { "over the gap between two", 2, 4, 60, VLT_E_FORMAT },
        { "in the gap", 3, 3, 60, VLT_E_FORMAT },
        { "as long as the other", 4, 5, 90, VLT_E_FORMAT },
        { "from one earlier", 3, 5, 60, VLT_E_FORMAT },
        { "the second alone, as it is", 4, 5, 60, VLT_OK },
    };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = used(&b, 6);
    assert_int_equal(state_part(&b, grant, 6, kept, 2), VLT_OK);
    assert_int_equal(state_part(&b, grant, 6, kept, 2), VLT_E_CONFLICT);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct grant_exception said = { .from = cases[i].from,
                                        .to = cases[i].to,
                                        .until = NOW + cases[i].days * VLT_DAY,
                                        .law = "Court" };

        print_message("%s\n", cases[i].says);
        assert_int_equal(state_part(&b, grant, 6, &said, 1), cases[i].st);
    }
    assert_int_equal(exceptions_of(&b, grant), 1);
    grant_release(grant);
    bench_end(&b);
}

/* What it keeps of newer uses is no more of the older ones. */
static void
of_newer_uses_anything_may_be_excepted(void **unused)
{
    const struct grant_exception old = {
        .from = 1, .to = 1, .until = NOW + 60 * VLT_DAY, .law = "Tax Act"
    };
    struct grant_exception said = {
        .from = 1, .to = 2, .until = NOW + 60 * VLT_DAY, .law = "Tax Act"
    };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = used(&b, 2);
    assert_int_equal(state_part(&b, grant, 1, &old, 1), VLT_OK);
    assert_int_equal(state_part(&b, grant, 2, &said, 1), VLT_OK);
    said.from = 2;
    said.until += VLT_DAY; /* it was stated by now */
    assert_int_equal(state_part(&b, grant, 2, &said, 1), VLT_E_FORMAT);
    assert_int_equal(exceptions_of(&b, grant), 1);
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_excepted_is_listed_until_it_is_gone),
        cmocka_unit_test(what_is_excepted_only_becomes_less),
        cmocka_unit_test(what_a_statement_is_not_about_stays_excepted),
        cmocka_unit_test(a_new_use_does_not_prolong_what_was_excepted),
        cmocka_unit_test(
            a_statement_takes_its_own_uses_out_of_what_is_excepted),
        cmocka_unit_test(what_lies_behind_a_statement_stays_excepted),
        cmocka_unit_test(an_exception_whose_time_is_over_is_forgotten),
        cmocka_unit_test(as_many_may_be_excepted_as_a_grant_keeps),
        cmocka_unit_test(each_exception_becomes_less_by_itself),
        cmocka_unit_test(of_newer_uses_anything_may_be_excepted),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
