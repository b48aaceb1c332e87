#include "wire/handshake_internal.h"

#include "handshake_pair.h"

/*
 * Each file of tests/vectors/handshake is one whole handshake.  Both machines
 * must write the same bytes, and refuse every other.
 */

static const char *const names[] = { "firm",   "dialled", "invite", "open",
                                     "source", "owner",   "refused" };

enum {
    NAMES = sizeof names / sizeof names[0],
};

static void
both_machines_write_what_the_model_says(void **state)
{
    for (size_t i = 0; i < NAMES; i++) {
        struct pair pair;
        struct vlt_ready ready;
        uint8_t want[VLT_IDENTITY_LEN];

        print_message("%s\n", names[i]);
        start(&pair, names[i]);
        run_to_m3(&pair);
        assert_message(&pair, "m1", &pair.m1);
        assert_message(&pair, "m2", &pair.m2);
        assert_message(&pair, "m3", &pair.m3);
        assert_int_equal(pair.c.limits.calls, number(&pair, "calls"));
        assert_int_equal(
            vlt_handshake_server_auth(&pair.v, slice(&pair.m3), &pair.peer),
            VLT_OK);
        bytes(&pair, "client_id", want);
        assert_memory_equal(pair.peer.id, want, sizeof want);
        assert_int_equal(say_m4(&pair), VLT_OK);
        assert_message(&pair, "m4", &pair.m4);
        bool refused = number(&pair, "status") == VLT_READY_REFUSED;

        assert_int_equal(
            vlt_handshake_client_ready(&pair.c, slice(&pair.m4), &ready),
            refused ? VLT_E_DENIED : VLT_OK);
        if (!refused) {
            bytes(&pair, "th3", want);
            assert_memory_equal(ready.session, want, VLT_SESSION_LEN);
            assert_int_equal(ready.time, number(&pair, "now"));
            assert_int_equal(ready.head.size, number(&pair, "head_size"));
            assert_int_equal(pair.c.state, VLT_HANDSHAKE_READY);
            assert_int_equal(pair.v.state, VLT_HANDSHAKE_READY);
        }
        finish(&pair);
    }
}

static void
no_changed_byte_of_m1_is_answered_with_what_c_accepts(void **state)
{
    struct pair pair;

    for (size_t i = 0;; i++) {
        start(&pair, "firm");
        assert_int_equal(say_m1(&pair), VLT_OK);
        if (i == pair.m1.len) {
            finish(&pair);
            return;
        }
        pair.m1.at[i] ^= 0x40;
        if (say_m2(&pair) == VLT_OK) {
            assert_int_not_equal(
                vlt_handshake_client_challenge(&pair.c, slice(&pair.m2)),
                VLT_OK);
        }
        finish(&pair);
    }
}

static void
no_changed_byte_of_m2_is_accepted(void **state)
{
    for (size_t i = 0; i < VLT_CHALLENGE_LEN; i++) {
        struct pair pair;

        start(&pair, "firm");
        assert_int_equal(say_m1(&pair), VLT_OK);
        assert_int_equal(say_m2(&pair), VLT_OK);
        pair.m2.at[i] ^= 0x01;
        assert_int_not_equal(
            vlt_handshake_client_challenge(&pair.c, slice(&pair.m2)), VLT_OK);
        /* And C says nothing about itself any more. */
        assert_int_not_equal(say_m3(&pair), VLT_OK);
        finish(&pair);
    }
}

static void
no_changed_byte_of_m3_is_accepted(void **state)
{
    for (size_t n = 0; n < NAMES; n++) {
        struct pair pair;

        start(&pair, names[n]);
        run_to_m3(&pair);
        struct vlt_handshake_server fresh = pair.v;

        for (size_t i = 0; i < pair.m3.len; i++) {
            pair.v = fresh;
            pair.m3.at[i] ^= 0x80;
            assert_int_not_equal(
                vlt_handshake_server_auth(&pair.v, slice(&pair.m3), &pair.peer),
                VLT_OK);
            pair.m3.at[i] ^= 0x80;
        }
        finish(&pair);
    }
}

static void
no_changed_byte_of_m4_is_accepted_but_the_time(void **state)
{
    for (size_t n = 0; n < NAMES; n++) {
        struct pair pair;
        struct vlt_ready ready;

        start(&pair, names[n]);
        run_to_m3(&pair);
        assert_int_equal(
            vlt_handshake_server_auth(&pair.v, slice(&pair.m3), &pair.peer),
            VLT_OK);
        assert_int_equal(say_m4(&pair), VLT_OK);
        struct vlt_handshake_client fresh = pair.c;

        for (size_t i = 0; i < pair.m4.len; i++) {
            bool time = i >= 18 && i < 26; /* not signed: TLS guards it */
            bool status = i == 1 && number(&pair, "status") != 1;

            pair.c = fresh;
            /* Ready and waiting differ in a bit that TLS alone guards. */
            pair.m4.at[i] ^= status ? 3 : 0x20;
            enum vlt_status st =
                vlt_handshake_client_ready(&pair.c, slice(&pair.m4), &ready);

            pair.m4.at[i] ^= status ? 3 : 0x20;
            if (!time || number(&pair, "status") == 1) {
                assert_int_not_equal(st, VLT_OK);
            }
        }
        finish(&pair);
    }
}

static void
all_refusals_are_the_same_bytes(void **state)
{
    uint8_t want[VLT_READY_LEN] = { 4, 1 };
    uint8_t out[VLT_READY_LEN];

    for (size_t i = 0; i < NAMES; i++) {
        struct pair pair;

        start(&pair, names[i]);
        run_to_m3(&pair);
        assert_int_equal(
            vlt_handshake_server_auth(&pair.v, slice(&pair.m3), &pair.peer),
            VLT_OK);
        vlt_handshake_server_refuse(&pair.v, out);
        assert_memory_equal(out, want, sizeof want);
        assert_int_equal(pair.v.state, VLT_HANDSHAKE_ENDED);
        finish(&pair);
    }
}

/* Changes that a signature could cover all the same. */
static void
what_is_signed_must_be_well_formed_too(void **state)
{
    static const struct {
        const char *says;
        size_t at; /* in M3 of a firm without enrolment */
        uint8_t value;
    } bad[] = {
        { "another message", 0, 2 },
        { "no role", 1, 0 },
        { "an unknown role", 1, 4 },
        { "an unknown enrolment", 34, 3 },
        { "a token without data", 34, 1 },
        { "a stranger without name", 34, 2 },
        { "an option", 37, 1 },
        { "an option", 38, 1 },
    };
    struct vlt_auth_message said;
    struct vlt_ready ready;
    struct vlt_challenge challenge;
    struct pair pair;

    start(&pair, "firm");
    run_to_m3(&pair);
    assert_int_equal(vlt_auth_decode(slice(&pair.m3), &said), VLT_OK);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint8_t was = pair.m3.at[bad[i].at];

        print_message("%s\n", bad[i].says);
        pair.m3.at[bad[i].at] = bad[i].value;
        assert_int_equal(vlt_auth_decode(slice(&pair.m3), &said), VLT_E_FORMAT);
        pair.m3.at[bad[i].at] = was;
    }
    memset(pair.m2.at + 66, 0, 4); /* no text message at all */
    assert_int_equal(vlt_challenge_decode(slice(&pair.m2), &challenge),
                     VLT_E_FORMAT);
    vlt_handshake_server_refuse(&pair.v, pair.m4.at);
    pair.m4.len = VLT_READY_LEN;
    assert_int_equal(vlt_ready_decode(slice(&pair.m4), &ready), VLT_OK);
    for (size_t i = 2; i < VLT_READY_LEN; i++) {
        pair.m4.at[i] = 1; /* a refusal that says something */
        assert_int_equal(vlt_ready_decode(slice(&pair.m4), &ready),
                         VLT_E_FORMAT);
        pair.m4.at[i] = 0;
    }
    finish(&pair);
}

static void
versions_must_rise_and_one_must_be_ours(void **state)
{
    static const struct {
        const char *says;
        uint8_t head[10];
        size_t len;
        enum vlt_status st;
    } cases[] = {
        { "one", { 1, 1, 1 }, 3, VLT_OK },
        { "eight", { 1, 8, 1, 2, 3, 4, 5, 6, 7, 255 }, 10, VLT_OK },
        { "none", { 1, 0 }, 2, VLT_E_FORMAT },
        { "zero", { 1, 1, 0 }, 3, VLT_E_FORMAT },
        { "twice the same", { 1, 2, 1, 1 }, 4, VLT_E_FORMAT },
        { "falling", { 1, 2, 2, 1 }, 4, VLT_E_FORMAT },
        { "none of ours", { 1, 2, 2, 3 }, 4, VLT_E_NOT_FOUND },
        { "another message", { 2, 1, 1 }, 3, VLT_E_FORMAT },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pair pair;

        print_message("%s\n", cases[i].says);
        start(&pair, "firm");
        memcpy(pair.m1.at, cases[i].head, cases[i].len);
        memcpy(pair.m1.at + cases[i].len, pair.c.wanted, 32);
        pair.m1.len = cases[i].len + 64;
        assert_int_equal(say_m2(&pair), cases[i].st);
        finish(&pair);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_machines_write_what_the_model_says),
        cmocka_unit_test(no_changed_byte_of_m1_is_answered_with_what_c_accepts),
        cmocka_unit_test(no_changed_byte_of_m2_is_accepted),
        cmocka_unit_test(no_changed_byte_of_m3_is_accepted),
        cmocka_unit_test(no_changed_byte_of_m4_is_accepted_but_the_time),
        cmocka_unit_test(all_refusals_are_the_same_bytes),
        cmocka_unit_test(what_is_signed_must_be_well_formed_too),
        cmocka_unit_test(versions_must_rise_and_one_must_be_ours),
    };

    if (vlt_secret_init() != VLT_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
