/*
 * What the owner changes of a source: it is as he said from then on, and after
 * the vault was opened again.
 */
#include "bench.h"

static const char *const patterns[] = { "home/*/power" };

static void
add(struct bench *b, const char *name, char token[IDENTITY_TOKEN_TEXT])
{
    struct source_wish wish = { .name = name,
                                .patterns = 1,
                                .pattern = patterns,
                                .category = "home.climate" };

    turn_begin(b);
    assert_int_equal(identity_source_add(b->identity, b->txn, &wish, token),
                     VLT_OK);
    turn_commit(b);
}

static enum vlt_status
change(struct bench *b, const struct source_change *wish)
{
    const struct source *source = NULL;
    enum vlt_status st;

    turn_begin(b);
    st = identity_source_change(b->identity, b->txn, wish, &source);
    assert_int_equal(source != NULL, st == VLT_OK);
    source_release(source);
    turn_commit(b);
    return st;
}

static void
what_is_not_said_stays(void **state)
{
    struct source_change nothing = { .name = "meter",
                                     .automatic = -1,
                                     .way = -1 };
    char token[IDENTITY_TOKEN_TEXT];
    const struct source *source;
    struct bench b;

    bench_begin(&b);
    add(&b, "meter", token);
    assert_int_equal(change(&b, &nothing), VLT_OK);
    bench_reopen(&b);
    source = identity_source_by_token(b.identity, vlt_slice_text(token));
    assert_non_null(source);
    assert_int_equal(source->patterns, 1);
    assert_string_equal(source->pattern[0], patterns[0]);
    assert_string_equal(source->category, "home.climate");
    assert_int_equal(source->window, 48 * VLT_HOUR);
    assert_int_equal(source->way, 0);
    assert_false(source->automatic);
    source_release(source);
    bench_end(&b);
}

static void
what_is_said_is_another(void **state)
{
    static const char *const other[] = { "garden/**", "yard/*" };
    struct source_quota quota = { .rows = 1000, .streams = 7 };
    struct source_change wish = { .name = "meter",
                                  .patterns = 2,
                                  .pattern = other,
                                  .quota = &quota,
                                  .automatic = 1,
                                  .category = "",
                                  .window = INT64_MAX,
                                  .way = 4 };
    char token[IDENTITY_TOKEN_TEXT];
    const struct source *source;
    struct bench b;

    bench_begin(&b);
    add(&b, "meter", token);
    assert_int_equal(change(&b, &wish), VLT_OK);
    bench_reopen(&b);
    source = identity_source_by_token(b.identity, vlt_slice_text(token));
    assert_non_null(source);
    assert_int_equal(source->patterns, 2);
    assert_true(source_covers(source, vlt_slice_text("yard/gate")));
    assert_false(source_covers(source, vlt_slice_text("home/bath/power")));
    assert_string_equal(source->category, "");
    assert_int_equal(source->window, INT64_MAX);
    assert_int_equal(source->way, 4);
    assert_int_equal(source->quota.rows, 1000);
    assert_int_equal(source->quota.bytes, 0);
    assert_int_equal(source->quota.streams, 7);
    assert_true(source->automatic);
    source_release(source);
    bench_end(&b);
}

static void
what_cannot_be_is_refused(void **state)
{
    static const char *const wrong[] = { "home//x" };
    struct source_change wish = { .name = "meter",
                                  .patterns = 1,
                                  .pattern = wrong,
                                  .automatic = -1,
                                  .way = -1 };
    char token[IDENTITY_TOKEN_TEXT];
    struct bench b;

    bench_begin(&b);
    add(&b, "meter", token);
    assert_int_equal(change(&b, &wish), VLT_E_FORMAT);
    wish.patterns = IDENTITY_PATTERNS_MAX + 1;
    assert_int_equal(change(&b, &wish), VLT_E_LIMIT);
    wish.name = "nobody";
    assert_int_equal(change(&b, &wish), VLT_E_NOT_FOUND);
    bench_end(&b);
}

static bool
is_still(struct bench *b, const uint8_t id[VLT_ID_LEN],
         const uint8_t token[VLT_SOURCE_TOKEN_ID], enum identity_state state)
{
    const struct source *now = identity_source_still(b->identity, id, token);
    bool is = now != NULL && now->state == state;

    source_release(now);
    return is;
}

/* In the turn alone, until it commits. */
static void
a_new_token_takes_the_place_of_the_old_one(void **state)
{
    char before[IDENTITY_TOKEN_TEXT];
    char token[IDENTITY_TOKEN_TEXT];
    const struct source *old;
    const struct source *source = NULL;
    struct bench b;

    bench_begin(&b);
    add(&b, "meter", before);
    add(&b, "other", token);
    old = identity_source_by_token(b.identity, vlt_slice_text(before));
    turn_begin(&b);
    assert_int_equal(
        identity_source_renew(b.identity, b.txn, "meter", token, &source),
        VLT_OK);
    assert_null(identity_source_still(b.identity, old->id, old->token_id));
    assert_true(is_still(&b, old->id, source->token_id, IDENTITY_CONFIRMED));
    turn_commit(&b);
    assert_null(identity_source_still(b.identity, old->id, old->token_id));
    bench_reopen(&b);
    assert_null(identity_source_by_token(b.identity, vlt_slice_text(before)));
    source_release(source);
    source = identity_source_by_token(b.identity, vlt_slice_text(token));
    assert_non_null(source);
    assert_string_equal(source->name, "meter");
    assert_memory_equal(source->id, old->id, VLT_ID_LEN);
    assert_int_equal(source->number, old->number);
    assert_string_equal(source->category, "home.climate");
    source_release(source);
    source_release(old);
    bench_end(&b);
}

/* The turn sees it, before anybody else does. */
static void
what_a_turn_blocks_is_blocked_in_it(void **state)
{
    char token[IDENTITY_TOKEN_TEXT];
    const struct source *source;
    struct bench b;

    bench_begin(&b);
    add(&b, "other", token);
    add(&b, "meter", token);
    source = identity_source_by_token(b.identity, vlt_slice_text(token));
    turn_begin(&b);
    assert_int_equal(
        identity_source_set(b.identity, b.txn, "meter", IDENTITY_BLOCKED),
        VLT_OK);
    assert_true(is_still(&b, source->id, source->token_id, IDENTITY_BLOCKED));
    turn_abort(&b);
    assert_true(is_still(&b, source->id, source->token_id, IDENTITY_CONFIRMED));
    source_release(source);
    bench_end(&b);
}

static void
a_token_of_a_turn_that_failed_is_none(void **state)
{
    char before[IDENTITY_TOKEN_TEXT];
    char token[IDENTITY_TOKEN_TEXT];
    const struct source *source = NULL;
    struct bench b;

    bench_begin(&b);
    add(&b, "meter", before);
    turn_begin(&b);
    assert_int_equal(
        identity_source_renew(b.identity, b.txn, "meter", token, &source),
        VLT_OK);
    source_release(source);
    turn_abort(&b);
    assert_null(identity_source_by_token(b.identity, vlt_slice_text(token)));
    source = identity_source_by_token(b.identity, vlt_slice_text(before));
    assert_non_null(source);
    source_release(source);
    turn_begin(&b);
    assert_int_equal(
        identity_source_renew(b.identity, b.txn, "nobody", token, &source),
        VLT_E_NOT_FOUND);
    turn_abort(&b);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_said_stays),
        cmocka_unit_test(what_is_said_is_another),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(a_new_token_takes_the_place_of_the_old_one),
        cmocka_unit_test(what_a_turn_blocks_is_blocked_in_it),
        cmocka_unit_test(a_token_of_a_turn_that_failed_is_none),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
