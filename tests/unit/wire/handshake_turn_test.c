#include "handshake_pair.h"

/* What a machine makes of other lengths, other connections, other turns. */

static void
messages_have_exact_lengths(void **state)
{
    struct pair pair;
    struct vlt_ready ready;
    uint8_t longer[BYTES] = { 0 };

    start(&pair, "invite");
    run_to_m3(&pair);
    struct vlt_handshake_server fresh = pair.v;

    for (size_t len = 0; len <= pair.m3.len + 1; len++) {
        if (len == pair.m3.len) {
            continue;
        }
        pair.v = fresh;
        memcpy(longer, pair.m3.at, pair.m3.len);
        assert_int_equal(vlt_handshake_server_auth(
                             &pair.v, vlt_slice_of(longer, len), &pair.peer),
                         VLT_E_FORMAT);
    }
    pair.v = fresh;
    assert_int_equal(
        vlt_handshake_server_auth(&pair.v, slice(&pair.m3), &pair.peer),
        VLT_OK);
    assert_int_equal(say_m4(&pair), VLT_OK);
    struct vlt_handshake_client before = pair.c;

    for (size_t len = 0; len <= VLT_READY_LEN + 1; len++) {
        pair.c = before;
        memcpy(longer, pair.m4.at, VLT_READY_LEN);
        assert_int_equal(vlt_handshake_client_ready(
                             &pair.c, vlt_slice_of(longer, len), &ready),
                         len == VLT_READY_LEN ? VLT_OK : VLT_E_FORMAT);
    }
    finish(&pair);
}

static void
m1_and_m2_have_exact_lengths(void **state)
{
    uint8_t longer[BYTES] = { 0 };

    for (size_t len = 0; len <= VLT_CHALLENGE_LEN + 1; len++) {
        struct pair pair;

        start(&pair, "firm");
        assert_int_equal(say_m1(&pair), VLT_OK);
        struct message m1 = pair.m1;

        if (len <= m1.len + 1 && len != m1.len) {
            pair.m1.len = len;
            assert_int_equal(say_m2(&pair), VLT_E_FORMAT);
            vlt_handshake_server_init(&pair.v, &pair.channel, pair.vault);
        }
        pair.m1 = m1;
        assert_int_equal(say_m2(&pair), VLT_OK);
        memcpy(longer, pair.m2.at, VLT_CHALLENGE_LEN);
        assert_int_equal(
            vlt_handshake_client_challenge(&pair.c, vlt_slice_of(longer, len)),
            len == VLT_CHALLENGE_LEN ? VLT_OK : VLT_E_FORMAT);
        finish(&pair);
    }
}

/* Two ends that are not of one connection. */
static void
another_exporter_or_direction_is_found(void **state)
{
    for (int what = 0; what < 2; what++) {
        struct pair pair;

        start(&pair, "firm");
        if (what == 0) {
            pair.channel.ekm[31] ^= 1;
        } else {
            pair.channel.vault_dialled = true;
        }
        vlt_handshake_server_init(&pair.v, &pair.channel, pair.vault);
        assert_int_equal(say_m1(&pair), VLT_OK);
        assert_int_equal(say_m2(&pair), VLT_OK);
        assert_int_equal(
            vlt_handshake_client_challenge(&pair.c, slice(&pair.m2)),
            VLT_E_AUTH);
        finish(&pair);
    }
}

static void
another_vault_is_told_apart_by_either_end(void **state)
{
    struct pair pair;
    struct vlt_signer *other = signer_of(SEED_OTHER);

    start(&pair, "firm");
    assert_int_equal(say_m1(&pair), VLT_OK);
    vlt_handshake_server_init(&pair.v, &pair.channel, other);
    assert_int_equal(say_m2(&pair), VLT_E_NOT_FOUND);
    /* A vault that answers for another's id, with its own key. */
    vlt_handshake_server_init(&pair.v, &pair.channel, other);
    memcpy(pair.v.vault, pair.c.wanted, VLT_IDENTITY_LEN);
    assert_int_equal(say_m2(&pair), VLT_OK);
    assert_int_equal(vlt_handshake_client_challenge(&pair.c, slice(&pair.m2)),
                     VLT_E_AUTH);
    vlt_signer_free(other);
    finish(&pair);
}

static void
a_recorded_m3_is_of_no_use_in_another_session(void **state)
{
    struct pair pair;
    uint8_t nonce[VLT_HELLO_NONCE] = { 1 };
    struct vlt_session_limits limits = { 1, 1, 1 };

    start(&pair, "firm");
    run_to_m3(&pair);
    vlt_handshake_server_init(&pair.v, &pair.channel, pair.vault);
    assert_int_equal(vlt_handshake_server_hello(&pair.v, slice(&pair.m1), nonce,
                                                &limits, pair.m2.at),
                     VLT_OK);
    assert_int_equal(
        vlt_handshake_server_auth(&pair.v, slice(&pair.m3), &pair.peer),
        VLT_E_AUTH);
    finish(&pair);
}

static void
a_step_out_of_turn_ends_the_machine(void **state)
{
    struct pair pair;
    struct vlt_ready ready;
    uint8_t out[VLT_READY_LEN];
    struct vlt_head head = { 0 };

    start(&pair, "firm");
    assert_int_equal(
        vlt_handshake_server_ready(&pair.v, VLT_READY_OK, 0, &head, out),
        VLT_E_FORMAT);
    assert_int_equal(say_m1(&pair), VLT_OK);
    assert_int_equal(say_m2(&pair), VLT_E_FORMAT);
    vlt_handshake_server_init(&pair.v, &pair.channel, pair.vault);
    assert_int_equal(say_m2(&pair), VLT_OK);
    assert_int_equal(say_m2(&pair), VLT_E_FORMAT); /* M1 twice */
    assert_int_equal(
        vlt_handshake_client_ready(&pair.c, slice(&pair.m2), &ready),
        VLT_E_FORMAT);
    assert_int_equal(vlt_handshake_client_challenge(&pair.c, slice(&pair.m2)),
                     VLT_E_FORMAT);
    assert_int_equal(say_m1(&pair), VLT_E_FORMAT);
    finish(&pair);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_have_exact_lengths),
        cmocka_unit_test(m1_and_m2_have_exact_lengths),
        cmocka_unit_test(another_exporter_or_direction_is_found),
        cmocka_unit_test(another_vault_is_told_apart_by_either_end),
        cmocka_unit_test(a_recorded_m3_is_of_no_use_in_another_session),
        cmocka_unit_test(a_step_out_of_turn_ends_the_machine),
    };

    if (vlt_secret_init() != VLT_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
