#include "bench.h"

static void
an_invitation_makes_a_pending_firm(void **state)
{
    struct vlt_secret *token;
    const struct firm *firm;
    uint8_t key[VLT_SIGN_PK];
    struct bench b;

    memset(key, 5, sizeof key);
    bench_begin(&b);
    turn_begin(&b);
    token = invite(&b, "brightgrid");
    turn_commit(&b);
    assert_int_equal(state_of(&b, "brightgrid"), 0);
    turn_begin(&b);
    assert_int_equal(spend_as(&b, token, 5), VLT_OK);
    assert_int_equal(state_of(&b, "brightgrid"), 0); /* not yet */
    firm = identity_firm_now_by_key(b.identity, key);
    assert_non_null(firm);
    firm_release(firm);
    turn_commit(&b);
    firm = identity_firm_by_key(b.identity, key);
    assert_string_equal(firm->name, "brightgrid");
    assert_int_equal(firm->state, IDENTITY_PENDING);
    assert_int_equal(firm->enrolled, b.now);
    firm_release(firm);
    vlt_secret_free(token);
    bench_end(&b);
}

static void
an_invitation_is_spent_once(void **state)
{
    struct vlt_secret *token;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    token = invite(&b, "a");
    assert_int_equal(spend_as(&b, token, 1), VLT_OK);
    assert_int_equal(spend_as(&b, token, 2), VLT_E_AUTH); /* within the turn */
    turn_commit(&b);
    turn_begin(&b);
    assert_int_equal(spend_as(&b, token, 2), VLT_E_AUTH);
    turn_commit(&b);
    bench_reopen(&b);
    turn_begin(&b);
    assert_int_equal(spend_as(&b, token, 2), VLT_E_AUTH);
    turn_commit(&b);
    vlt_secret_free(token);
    bench_end(&b);
}

static void
an_invitation_that_was_not_spent_is_open_still(void **state)
{
    struct vlt_secret *token;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    token = invite(&b, "a");
    turn_commit(&b);
    turn_begin(&b);
    assert_int_equal(spend_as(&b, token, 1), VLT_OK);
    turn_abort(&b);
    assert_int_equal(state_of(&b, "a"), 0);
    bench_reopen(&b);
    turn_begin(&b);
    assert_int_equal(spend_as(&b, token, 1), VLT_OK);
    turn_commit(&b);
    vlt_secret_free(token);
    bench_end(&b);
}

static void
an_invitation_ends_at_its_moment(void **state)
{
    struct vlt_secret *token;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    token = invite(&b, "a");
    turn_commit(&b);
    b.now += VLT_DAY - 1;
    turn_begin(&b);
    assert_int_equal(spend_as(&b, token, 1), VLT_OK);
    turn_abort(&b);
    b.now++;
    turn_begin(&b);
    assert_int_equal(spend_as(&b, token, 1), VLT_E_AUTH);
    vlt_secret_free(token);
    token = invite(&b, "a"); /* its name is free again */
    turn_commit(&b);
    vlt_secret_free(token);
    bench_end(&b);
}

/* Each byte of what is shown, the connection and the key are under the MAC. */
static void
every_byte_that_is_shown_counts(void **state)
{
    struct comer comer = { .key = 4, .connection = 9 };
    uint8_t data[VLT_ENROL_TOKEN_LEN];
    struct vlt_secret *token;
    struct vlt_peer peer;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    token = invite(&b, "a");
    show_token(token, comer, data, &peer);
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] ^= 0x40;
        assert_int_equal(try_spend(&b, &peer), VLT_E_AUTH);
        data[i] ^= 0x40;
    }
    for (size_t len = 0; len < sizeof data; len++) {
        peer.data.len = len;
        assert_int_equal(try_spend(&b, &peer), VLT_E_AUTH);
    }
    peer.data.len = sizeof data;
    peer.binding[31] ^= 1; /* another connection */
    assert_int_equal(try_spend(&b, &peer), VLT_E_AUTH);
    peer.binding[31] ^= 1;
    peer.pk[0] ^= 1; /* another key */
    assert_int_equal(try_spend(&b, &peer), VLT_E_AUTH);
    peer.pk[0] ^= 1;
    peer.enrol = VLT_ENROL_OPEN;
    assert_int_equal(try_spend(&b, &peer), VLT_E_AUTH);
    peer.enrol = VLT_ENROL_TOKEN;
    assert_int_equal(try_spend(&b, &peer), VLT_OK);
    turn_commit(&b);
    vlt_secret_free(token);
    bench_end(&b);
}

static void
a_known_key_does_not_come_under_another_name(void **state)
{
    struct vlt_secret *token;
    struct bench b;

    bench_begin(&b);
    enrol(&b, "a", 1);
    turn_begin(&b);
    token = invite(&b, "b");
    assert_int_equal(spend_as(&b, token, 1), VLT_E_AUTH);
    assert_int_equal(spend_as(&b, token, 2), VLT_OK); /* it was not spent */
    turn_commit(&b);
    vlt_secret_free(token);
    bench_end(&b);
}

static enum vlt_status
try_invite(struct bench *b, const char *name)
{
    struct vlt_secret *token = NULL;
    enum vlt_status st =
        identity_invite(b->identity, b->txn, name, b->now + VLT_DAY, &token);

    assert_int_equal(token != NULL, st == VLT_OK);
    vlt_secret_free(token);
    return st;
}

static void
names_are_plain_and_taken_once(void **state)
{
    static const char *const bad[] = {
        "",
        "anyone",
        "Big",
        "-a",
        ".a",
        "a b",
        "a/b",
        "\xc3\xa9",
        "a234567890123456789012345678901234567890123456789012345678901234",
    };
    struct bench b;

    bench_begin(&b);
    enrol(&b, "firm", 1);
    turn_begin(&b);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(try_invite(&b, bad[i]), VLT_E_FORMAT);
    }
    assert_int_equal(try_invite(&b, "firm"), VLT_E_CONFLICT);
    assert_int_equal(try_invite(&b, "0.a-b"), VLT_OK);
    assert_int_equal(try_invite(&b, "0.a-b"), VLT_E_CONFLICT);
    assert_int_equal(
        try_invite(
            &b,
            "a23456789012345678901234567890123456789012345678901234567890123"),
        VLT_OK);
    turn_commit(&b);
    bench_reopen(&b);
    bench_end(&b);
}

static bool
count_open(void *ctx, const char *name, int64_t expires)
{
    (*(size_t *)ctx)++;
    return true;
}

static void
sixteen_invitations_may_be_open(void **state)
{
    size_t open = 0;
    char name[8];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    for (int i = 0; i < IDENTITY_INVITATIONS_MAX; i++) {
        (void)snprintf(name, sizeof name, "f%d", i);
        assert_int_equal(try_invite(&b, name), VLT_OK);
    }
    assert_int_equal(try_invite(&b, "more"), VLT_E_LIMIT);
    turn_commit(&b);
    bench_reopen(&b);
    identity_invitations(b.identity, b.now, count_open, &open);
    assert_int_equal(open, IDENTITY_INVITATIONS_MAX);
    open = 0;
    identity_invitations(b.identity, b.now + VLT_DAY, count_open, &open);
    assert_int_equal(open, 0);
    b.now += VLT_DAY;
    turn_begin(&b);
    assert_int_equal(try_invite(&b, "more"), VLT_OK);
    turn_commit(&b);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_invitation_makes_a_pending_firm),
        cmocka_unit_test(an_invitation_is_spent_once),
        cmocka_unit_test(an_invitation_that_was_not_spent_is_open_still),
        cmocka_unit_test(an_invitation_ends_at_its_moment),
        cmocka_unit_test(every_byte_that_is_shown_counts),
        cmocka_unit_test(a_known_key_does_not_come_under_another_name),
        cmocka_unit_test(names_are_plain_and_taken_once),
        cmocka_unit_test(sixteen_invitations_may_be_open),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
