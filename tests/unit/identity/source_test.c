#include "bench.h"

static const char *const patterns[] = { "home/*/power", "garden/**" };

static struct source_wish
wish_of(const char *name)
{
    return (
        struct source_wish){ .name = name, .patterns = 2, .pattern = patterns };
}

static enum vlt_status
add(struct bench *b, const struct source_wish *wish,
    char token[IDENTITY_TOKEN_TEXT])
{
    enum vlt_status st;

    turn_begin(b);
    st = identity_source_add(b->identity, b->txn, wish, token);
    turn_commit(b);
    return st;
}

static void
a_source_is_found_by_its_token(void **state)
{
    char token[IDENTITY_TOKEN_TEXT];
    struct source_wish wish = wish_of("meter");
    const struct source *source;
    struct bench b;

    bench_begin(&b);
    assert_int_equal(add(&b, &wish, token), VLT_OK);
    assert_int_equal(strlen(token), IDENTITY_TOKEN_TEXT - 1);
    for (int round = 0; round < 2; round++) {
        source = identity_source_by_token(b.identity, vlt_slice_text(token));
        assert_non_null(source);
        assert_string_equal(source->name, "meter");
        assert_int_equal(source->number, 1);
        assert_int_equal(source->state, IDENTITY_CONFIRMED);
        assert_int_equal(source->window, 48 * VLT_HOUR);
        assert_string_equal(source->category, "");
        assert_false(source->automatic);
        assert_int_equal(source->patterns, 2);
        assert_string_equal(source->pattern[1], "garden/**");
        source_release(source);
        bench_reopen(&b);
    }
    bench_end(&b);
}

static void
a_quota_is_its_own(void **state)
{
    char token[IDENTITY_TOKEN_TEXT];
    struct source_wish wish = wish_of("meter");
    const struct source *source;
    struct bench b;

    wish.quota = (struct source_quota){ .rows = IDENTITY_QUOTA_ROWS,
                                        .bytes = IDENTITY_QUOTA_BYTES,
                                        .streams = 7 };
    bench_begin(&b);
    assert_int_equal(add(&b, &wish, token), VLT_OK);
    for (int round = 0; round < 2; round++) {
        source = identity_source_by_token(b.identity, vlt_slice_text(token));
        assert_non_null(source);
        assert_int_equal(source->quota.rows, IDENTITY_QUOTA_ROWS);
        assert_int_equal(source->quota.bytes, IDENTITY_QUOTA_BYTES);
        assert_int_equal(source->quota.streams, 7);
        source_release(source);
        bench_reopen(&b);
    }
    bench_end(&b);
}

static void
no_other_token_is_taken(void **state)
{
    char token[IDENTITY_TOKEN_TEXT];
    char other[IDENTITY_TOKEN_TEXT];
    struct source_wish wish = wish_of("meter");
    struct bench b;

    bench_begin(&b);
    assert_int_equal(add(&b, &wish, token), VLT_OK);
    wish = wish_of("second");
    assert_int_equal(add(&b, &wish, other), VLT_OK);
    for (size_t i = 0; i < strlen(token); i++) {
        char kept = token[i];

        token[i] = kept == 'a' ? 'b' : 'a';
        assert_null(
            identity_source_by_token(b.identity, vlt_slice_text(token)));
        token[i] = kept;
    }
    for (size_t len = 0; len < strlen(token); len++) {
        assert_null(
            identity_source_by_token(b.identity, vlt_slice_of(token, len)));
    }
    memcpy(token, other, 4 + 13); /* the secret of another id */
    assert_null(identity_source_by_token(b.identity, vlt_slice_text(token)));
    bench_end(&b);
}

static void
a_source_covers_what_its_patterns_say(void **state)
{
    char token[IDENTITY_TOKEN_TEXT];
    struct source_wish wish = wish_of("meter");
    const struct source *source;
    struct bench b;

    bench_begin(&b);
    assert_int_equal(add(&b, &wish, token), VLT_OK);
    source = identity_source_by_name(b.identity, "meter");
    assert_true(source_covers(source, vlt_slice_text("home/bath/power")));
    assert_true(source_covers(source, vlt_slice_text("garden/a/b")));
    assert_false(source_covers(source, vlt_slice_text("home/power")));
    assert_false(source_covers(source, vlt_slice_text("home/a/b/power")));
    assert_false(source_covers(source, vlt_slice_text("homes/a/power")));
    source_release(source);
    bench_end(&b);
}

static void
no_pattern_covers_the_quarantine(void **state)
{
    static const char *const all[] = { "**", "quarantine/*" };
    char token[IDENTITY_TOKEN_TEXT];
    struct source_wish wish = wish_of("wide");
    const struct source *source;
    struct bench b;

    wish.pattern = all;
    wish.patterns = 2;
    bench_begin(&b);
    assert_int_equal(add(&b, &wish, token), VLT_OK);
    source = identity_source_by_name(b.identity, "wide");
    assert_false(source_covers(source, vlt_slice_text("quarantine/wide")));
    assert_false(source_covers(source, vlt_slice_text("quarantine")));
    assert_true(source_covers(source, vlt_slice_text("quarantines/wide")));
    assert_true(source_covers(source, vlt_slice_text("a/quarantine")));
    source_release(source);
    bench_end(&b);
}

static void
a_wish_that_is_not_well_formed_is_refused(void **state)
{
    static const char *const wrong[] = { "home//power" };
    static const char *many[IDENTITY_PATTERNS_MAX + 1];
    static char longer[400];
    char token[IDENTITY_TOKEN_TEXT];
    struct source_wish wish;
    struct bench b;

    memset(longer, 'a', sizeof longer - 1);
    for (size_t i = 0; i <= IDENTITY_PATTERNS_MAX; i++) {
        many[i] = "a";
    }
    bench_begin(&b);
    wish = wish_of("No");
    assert_int_equal(add(&b, &wish, token), VLT_E_FORMAT);
    wish = wish_of("a");
    wish.patterns = 0;
    assert_int_equal(add(&b, &wish, token), VLT_E_FORMAT);
    wish = wish_of("a");
    wish.patterns = 1;
    wish.pattern = wrong;
    assert_int_equal(add(&b, &wish, token), VLT_E_FORMAT);
    wish = wish_of("a");
    wish.category = longer;
    assert_int_equal(add(&b, &wish, token), VLT_E_FORMAT);
    wish = wish_of("a");
    wish.window = -1;
    assert_int_equal(add(&b, &wish, token), VLT_E_FORMAT);
    wish = wish_of("a");
    wish.pattern = many;
    wish.patterns = IDENTITY_PATTERNS_MAX + 1;
    assert_int_equal(add(&b, &wish, token), VLT_E_LIMIT);
    wish.patterns = IDENTITY_PATTERNS_MAX;
    wish.window = INT64_MAX;
    wish.category = "energy.electricity";
    wish.automatic = true;
    assert_int_equal(add(&b, &wish, token), VLT_OK);
    assert_int_equal(add(&b, &wish, token), VLT_E_CONFLICT);
    bench_reopen(&b);

    const struct source *source = identity_source_by_name(b.identity, "a");

    assert_int_equal(source->window, INT64_MAX);
    assert_true(source->automatic);
    assert_string_equal(source->category, "energy.electricity");
    source_release(source);
    bench_end(&b);
}

static void
numbers_are_never_used_twice(void **state)
{
    static const char *const names[] = { "c", "a", "b" };
    char token[IDENTITY_TOKEN_TEXT];
    struct bench b;

    bench_begin(&b);
    for (uint32_t i = 0; i < 3; i++) {
        struct source_wish wish = wish_of(names[i]);
        const struct source *source;

        assert_int_equal(add(&b, &wish, token), VLT_OK);
        bench_reopen(&b);
        source = identity_source_by_number(b.identity, i + 1);
        assert_string_equal(source->name, names[i]);
        source_release(source);
    }
    assert_null(identity_source_by_number(b.identity, 4));
    assert_null(identity_source_by_number(b.identity, 0)); /* the owner */
    bench_end(&b);
}

static unsigned
way_of(struct bench *b)
{
    const struct source *source = identity_source_by_name(b->identity, "a");
    unsigned way = source->way;

    source_release(source);
    return way;
}

static enum vlt_status
come(struct bench *b, const uint8_t id[VLT_ID_LEN], unsigned way)
{
    return identity_source_way(b->identity, b->txn, id, way, SOURCE_OVER_TLS);
}

/* Nobody can fall back to a weaker way. */
static void
the_way_a_source_first_came_is_fixed(void **state)
{
    char token[IDENTITY_TOKEN_TEXT];
    struct source_wish wish = wish_of("a");
    const uint8_t nobody[VLT_ID_LEN] = { 1 };
    const struct source *source;
    struct bench b;

    bench_begin(&b);
    assert_int_equal(add(&b, &wish, token), VLT_OK);
    assert_int_equal(way_of(&b), 0);
    source = identity_source_by_name(b.identity, "a");
    turn_begin(&b);
    assert_int_equal(come(&b, source->id, 3), VLT_OK);
    turn_abort(&b);
    assert_int_equal(way_of(&b), 0);
    turn_begin(&b);
    assert_int_equal(come(&b, source->id, 2), VLT_OK);
    assert_int_equal(come(&b, source->id, 0), VLT_E_AUTH);
    assert_int_equal(come(&b, nobody, 2), VLT_E_NOT_FOUND);
    turn_commit(&b);
    bench_reopen(&b);
    assert_int_equal(way_of(&b), 3);
    turn_begin(&b);
    assert_int_equal(come(&b, source->id, 1), VLT_E_AUTH);
    assert_int_equal(come(&b, source->id, 2), VLT_OK);
    turn_commit(&b);
    source_release(source);
    source = identity_source_by_token(b.identity, vlt_slice_text(token));
    assert_non_null(source); /* its secret is as it was */
    source_release(source);
    bench_end(&b);
}

static unsigned
over_of(struct bench *b)
{
    const struct source *source = identity_source_by_name(b->identity, "a");
    unsigned over = source->over;

    source_release(source);
    return over;
}

static void
what_it_came_over_is_noted(void **state)
{
    static const enum source_over over[] = { SOURCE_OVER_TLS, SOURCE_OVER_TLS,
                                             SOURCE_OVER_PLAIN };
    char token[IDENTITY_TOKEN_TEXT];
    struct source_wish wish = wish_of("a");
    const struct source *source;
    struct bench b;

    bench_begin(&b);
    wish.way = 4;
    assert_int_equal(add(&b, &wish, token), VLT_OK);
    assert_int_equal(way_of(&b), 4);
    assert_int_equal(over_of(&b), 0);
    source = identity_source_by_name(b.identity, "a");
    for (size_t i = 0; i < 3; i++) {
        turn_begin(&b);
        assert_int_equal(
            identity_source_way(b.identity, b.txn, source->id, 2, over[i]),
            VLT_E_AUTH);
        assert_int_equal(
            identity_source_way(b.identity, b.txn, source->id, 3, over[i]),
            VLT_OK);
        turn_commit(&b);
    }
    bench_reopen(&b);
    assert_int_equal(way_of(&b), 4);
    assert_int_equal(over_of(&b), SOURCE_OVER_TLS | SOURCE_OVER_PLAIN);
    source_release(source);
    bench_end(&b);
}

/* The public half finds it, and the secret is to be had from its record. */
static void
a_device_is_found_by_its_id(void **state)
{
    char token[IDENTITY_TOKEN_TEXT];
    struct source_wish wish = wish_of("a");
    struct vlt_secret *secret = NULL;
    const struct source *source;
    uint8_t id[VLT_SOURCE_TOKEN_ID];
    struct store_read *read;
    struct bench b;

    bench_begin(&b);
    assert_int_equal(add(&b, &wish, token), VLT_OK);
    struct vlt_secret *shown = NULL;

    assert_int_equal(vlt_source_token_parse(vlt_slice_text(token), id, &shown),
                     VLT_OK);
    source = identity_source_by_token_id(b.identity, id);
    assert_non_null(source);
    read = read_begin(&b.vault);
    assert_int_equal(
        identity_source_secret(store_read_view(read), source->id, &secret),
        VLT_OK);
    assert_memory_equal(vlt_secret_peek(secret), vlt_secret_peek(shown),
                        VLT_KEY_LEN);
    id[7] ^= 1;
    assert_null(identity_source_by_token_id(b.identity, id));
    assert_int_equal(identity_source_secret(store_read_view(read),
                                            (const uint8_t[VLT_ID_LEN]){ 1 },
                                            &secret),
                     VLT_E_NOT_FOUND);
    store_read_end(read);
    vlt_secret_free(secret);
    vlt_secret_free(shown);
    source_release(source);
    bench_end(&b);
}

static void
a_source_is_blocked_and_let_in_again(void **state)
{
    char token[IDENTITY_TOKEN_TEXT];
    struct source_wish wish = wish_of("a");
    const struct source *source;
    struct bench b;

    bench_begin(&b);
    assert_int_equal(add(&b, &wish, token), VLT_OK);
    turn_begin(&b);
    assert_int_equal(
        identity_source_set(b.identity, b.txn, "a", IDENTITY_CONFIRMED),
        VLT_E_CONFLICT);
    assert_int_equal(
        identity_source_set(b.identity, b.txn, "a", IDENTITY_PENDING),
        VLT_E_CONFLICT);
    assert_int_equal(
        identity_source_set(b.identity, b.txn, "b", IDENTITY_BLOCKED),
        VLT_E_NOT_FOUND);
    assert_int_equal(
        identity_source_set(b.identity, b.txn, "a", IDENTITY_BLOCKED), VLT_OK);
    turn_commit(&b);
    bench_reopen(&b);
    source = identity_source_by_token(b.identity, vlt_slice_text(token));
    assert_int_equal(source->state, IDENTITY_BLOCKED);
    source_release(source);
    turn_begin(&b);
    assert_int_equal(
        identity_source_set(b.identity, b.txn, "a", IDENTITY_CONFIRMED),
        VLT_OK);
    turn_commit(&b);
    source = identity_source_by_name(b.identity, "a");
    assert_int_equal(source->state, IDENTITY_CONFIRMED);
    source_release(source);
    bench_end(&b);
}

static void
an_undone_turn_adds_no_source(void **state)
{
    char token[IDENTITY_TOKEN_TEXT];
    struct source_wish wish = wish_of("a");
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    assert_int_equal(identity_source_add(b.identity, b.txn, &wish, token),
                     VLT_OK);
    turn_abort(&b);
    assert_null(identity_source_by_name(b.identity, "a"));
    assert_null(identity_source_by_token(b.identity, vlt_slice_text(token)));
    bench_reopen(&b);
    assert_null(identity_source_by_name(b.identity, "a"));
    assert_int_equal(add(&b, &wish, token), VLT_OK);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_source_is_found_by_its_token),
        cmocka_unit_test(a_quota_is_its_own),
        cmocka_unit_test(no_other_token_is_taken),
        cmocka_unit_test(a_source_covers_what_its_patterns_say),
        cmocka_unit_test(no_pattern_covers_the_quarantine),
        cmocka_unit_test(a_wish_that_is_not_well_formed_is_refused),
        cmocka_unit_test(numbers_are_never_used_twice),
        cmocka_unit_test(the_way_a_source_first_came_is_fixed),
        cmocka_unit_test(what_it_came_over_is_noted),
        cmocka_unit_test(a_device_is_found_by_its_id),
        cmocka_unit_test(a_source_is_blocked_and_let_in_again),
        cmocka_unit_test(an_undone_turn_adds_no_source),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
