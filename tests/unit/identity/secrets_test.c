/*
 * Tokens of sources and invitations leave nothing of themselves in memory that
 * is given back.
 */
#include "bench.h"

#include <jansson.h>

#include "crypto/random.h"
#include "freed.h"
#include "identity/record_internal.h"

static const char *const patterns[] = { "home/**" };

/* A harness that cannot find is of no use. */
static void
what_is_left_is_found(void **state)
{
    uint8_t secret[VLT_KEY_LEN];
    char hex[2 * VLT_KEY_LEN + 1];
    char *left = malloc(sizeof hex);

    assert_non_null(left);
    vlt_random(secret, sizeof secret);
    freed_watch_key(secret, sizeof secret);
    memcpy(left, vlt_hex_print(secret, sizeof secret, hex), sizeof hex);
    free(left);
    assert_int_equal(freed_found(), 1);
}

static void
writing_and_reading_a_source_leaves_nothing(void **state)
{
    struct source source = { .name = "meter",
                             .category = "",
                             .state = IDENTITY_CONFIRMED,
                             .number = 1,
                             .window = 1,
                             .patterns = 1,
                             .pattern = patterns };
    struct vlt_secret *secret = NULL;
    struct vlt_secret *again = NULL;
    const struct source *read = NULL;
    struct vlt_buf json;

    assert_int_equal(vlt_secret_random(VLT_KEY_LEN, &secret), VLT_OK);
    freed_watch_key(vlt_secret_peek(secret), VLT_KEY_LEN);
    vlt_buf_init_secret(&json, 0);
    record_put_source(&json, &source, secret);
    assert_int_equal(record_get_source(source.id, vlt_buf_slice(&json), &read),
                     VLT_OK);
    assert_int_equal(record_get_secret(vlt_buf_slice(&json), &again), VLT_OK);
    assert_memory_equal(vlt_secret_peek(again), vlt_secret_peek(secret),
                        VLT_KEY_LEN);
    vlt_buf_free(&json);
    source_release(read);
    assert_int_equal(freed_found(), 0);
    vlt_secret_free(secret);
    vlt_secret_free(again);
}

static void
writing_and_reading_an_invitation_leaves_nothing(void **state)
{
    struct invitation invitation = { .name = "acme", .expires = 7 };
    struct invitation read;
    struct vlt_secret *token = NULL;
    struct vlt_secret *again = NULL;
    struct vlt_buf json;

    assert_int_equal(vlt_secret_random(VLT_INVITE_TOKEN, &token), VLT_OK);
    freed_watch_key(vlt_secret_peek(token), VLT_INVITE_TOKEN);
    vlt_buf_init_secret(&json, 0);
    record_put_invitation(&json, &invitation, token);
    assert_int_equal(record_get_invitation(invitation.id, vlt_buf_slice(&json),
                                           &read, &again),
                     VLT_OK);
    assert_string_equal(read.name, "acme");
    assert_memory_equal(vlt_secret_peek(again), vlt_secret_peek(token),
                        VLT_INVITE_TOKEN);
    vlt_buf_free(&json);
    assert_int_equal(freed_found(), 0);
    vlt_secret_free(token);
    vlt_secret_free(again);
}

/* Records as they were written before read as they did. */
static void
a_record_that_is_cut_or_changed_is_refused(void **state)
{
    struct invitation invitation = { .name = "acme", .expires = 7 };
    struct invitation read;
    struct vlt_secret *token = NULL;
    struct vlt_buf json;

    assert_int_equal(vlt_secret_random(VLT_INVITE_TOKEN, &token), VLT_OK);
    freed_watch_key(vlt_secret_peek(token), VLT_INVITE_TOKEN);
    vlt_buf_init_secret(&json, 0);
    record_put_invitation(&json, &invitation, token);
    for (size_t len = 0; len < json.len; len++) {
        assert_int_not_equal(record_get_invitation(invitation.id,
                                                   vlt_slice_of(json.at, len),
                                                   &read, NULL),
                             VLT_OK);
    }
    for (size_t i = 0; i < json.len; i++) {
        json.at[i] ^= 0x80;
        assert_int_not_equal(record_get_invitation(invitation.id,
                                                   vlt_buf_slice(&json), &read,
                                                   NULL),
                             VLT_OK);
        json.at[i] ^= 0x80;
    }
    vlt_buf_free(&json);
    assert_int_equal(freed_found(), 0);
    vlt_secret_free(token);
}

static void
a_source_that_changes_and_is_loaded_leaves_nothing(void **state)
{
    char token[IDENTITY_TOKEN_TEXT];
    struct source_wish wish = { .name = "meter",
                                .patterns = 1,
                                .pattern = patterns };
    struct vlt_secret *secret = NULL;
    uint8_t id[VLT_SOURCE_TOKEN_ID];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    assert_int_equal(identity_source_add(b.identity, b.txn, &wish, token),
                     VLT_OK);
    turn_commit(&b);
    assert_int_equal(vlt_source_token_parse(vlt_slice_text(token), id, &secret),
                     VLT_OK);
    freed_watch_key(vlt_secret_peek(secret), VLT_KEY_LEN);
    turn_begin(&b);
    assert_int_equal(
        identity_source_set(b.identity, b.txn, "meter", IDENTITY_BLOCKED),
        VLT_OK);
    identity_turn_end(b.identity, true);
    size_t found = freed_found(); /* what the store keeps is the store's */

    txn_commit(b.txn);
    vlt_secret_free(secret);
    bench_end(&b);
    assert_int_equal(found, 0);
}

static void
an_invitation_that_is_spent_leaves_nothing(void **state)
{
    struct vlt_secret *token;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    token = invite(&b, "acme");
    freed_watch_key(vlt_secret_peek(token), VLT_INVITE_TOKEN);
    assert_int_equal(spend_as(&b, token, 7), VLT_OK);
    size_t found = freed_found();

    turn_commit(&b);
    vlt_secret_free(token);
    bench_end(&b);
    assert_int_equal(found, 0);
}

int
main(void)
{
    if (vlt_secret_init() != VLT_OK) {
        return 1;
    }
    json_set_alloc_funcs(malloc, __wrap_free);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_is_found),
        cmocka_unit_test(writing_and_reading_a_source_leaves_nothing),
        cmocka_unit_test(writing_and_reading_an_invitation_leaves_nothing),
        cmocka_unit_test(a_record_that_is_cut_or_changed_is_refused),
        cmocka_unit_test(a_source_that_changes_and_is_loaded_leaves_nothing),
        cmocka_unit_test(an_invitation_that_is_spent_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
