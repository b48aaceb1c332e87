/*
 * A change of key: the vectors, and that both keys must have signed the same.
 */
#include "unit.h"
#include "wire/jws.h"
#include "wire/rekey.h"
#include "with_keys.h"

#define SEED_NEXT                                                              \
    "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"

struct bench {
    struct vlt_signer *old, *next, *other;
    struct vlt_buf change, accept, payload;
};

static int
set_up(void **state)
{
    static struct bench bench;

    bench = (struct bench){ .old = signer_of(SEED_FIRM),
                            .next = signer_of(SEED_NEXT),
                            .other = signer_of(SEED_OTHER),
                            .change = file_of("vectors/rekey/change.jws"),
                            .accept = file_of("vectors/rekey/accept.jws"),
                            .payload = file_of("vectors/rekey/payload.json") };
    *state = &bench;
    return 0;
}

static int
tear_down(void **state)
{
    struct bench *bench = *state;

    vlt_signer_free(bench->old);
    vlt_signer_free(bench->next);
    vlt_signer_free(bench->other);
    vlt_buf_free(&bench->change);
    vlt_buf_free(&bench->accept);
    vlt_buf_free(&bench->payload);
    return 0;
}

static enum vlt_status
verify(const struct bench *bench, struct vlt_slice change,
       struct vlt_slice accept, const char **which)
{
    struct vlt_rekey rekey;

    return vlt_rekey_verify(change, accept, vlt_signer_pk(bench->old), which,
                            &rekey);
}

static void
the_vectors_are_made_and_read(void **state)
{
    const struct bench *bench = *state;
    struct vlt_rekey rekey;
    struct vlt_buf change = { 0 };
    struct vlt_buf accept = { 0 };
    const char *which;

    assert_int_equal(vlt_rekey_verify(vlt_buf_slice(&bench->change),
                                      vlt_buf_slice(&bench->accept),
                                      vlt_signer_pk(bench->old), &which,
                                      &rekey),
                     VLT_OK);
    assert_memory_equal(rekey.next, vlt_signer_pk(bench->next), VLT_SIGN_PK);
    assert_int_equal(rekey.iat, 1795327200);
    assert_int_equal(
        vlt_rekey_sign(bench->old, bench->next, &rekey, &change, &accept),
        VLT_OK);
    assert_int_equal(change.len, bench->change.len);
    assert_memory_equal(change.at, bench->change.at, change.len);
    assert_int_equal(accept.len, bench->accept.len);
    assert_memory_equal(accept.at, bench->accept.at, accept.len);
    vlt_buf_free(&change);
    vlt_buf_free(&accept);
}

static void
every_character_of_both_counts(void **state)
{
    struct bench *bench = *state;
    struct vlt_buf *tokens[] = { &bench->change, &bench->accept };
    const char *which;

    for (size_t t = 0; t < 2; t++) {
        for (size_t i = 0; i < tokens[t]->len; i++) {
            uint8_t was = tokens[t]->at[i];

            tokens[t]->at[i] = was == 'A' ? 'B' : 'A';
            assert_int_not_equal(verify(bench, vlt_buf_slice(&bench->change),
                                        vlt_buf_slice(&bench->accept), &which),
                                 VLT_OK);
            assert_string_equal(which, t == 0 ? "change" : "accept");
            tokens[t]->at[i] = was;
        }
    }
}

static void
signed_by_another_key_it_is_refused(void **state)
{
    struct bench *bench = *state;
    struct vlt_slice payload = vlt_buf_slice(&bench->payload);
    struct vlt_buf forged = { 0 };
    const char *which;

    assert_int_equal(
        vlt_jws_sign(bench->other, VLT_TYP_REKEY, payload, &forged), VLT_OK);
    assert_int_equal(verify(bench, vlt_buf_slice(&forged),
                            vlt_buf_slice(&bench->accept), &which),
                     VLT_E_AUTH);
    assert_string_equal(which, "change");
    assert_int_equal(verify(bench, vlt_buf_slice(&bench->change),
                            vlt_buf_slice(&forged), &which),
                     VLT_E_AUTH);
    assert_string_equal(which, "accept");
    /* Both halves by the old key, or turned round. */
    assert_int_equal(verify(bench, vlt_buf_slice(&bench->change),
                            vlt_buf_slice(&bench->change), &which),
                     VLT_E_AUTH);
    assert_int_equal(verify(bench, vlt_buf_slice(&bench->accept),
                            vlt_buf_slice(&bench->change), &which),
                     VLT_E_AUTH);
    vlt_buf_free(&forged);
}

static void
both_halves_are_over_the_same(void **state)
{
    struct bench *bench = *state;
    struct vlt_buf text = { 0 };
    struct vlt_buf token = { 0 };
    const char *which;

    vlt_buf_put_text(&text, " ");
    vlt_buf_put_slice(&text, vlt_buf_slice(&bench->payload));
    assert_int_equal(
        vlt_jws_sign(bench->next, VLT_TYP_REKEY, vlt_buf_slice(&text), &token),
        VLT_OK);
    assert_int_equal(verify(bench, vlt_buf_slice(&bench->change),
                            vlt_buf_slice(&token), &which),
                     VLT_E_FORMAT);
    assert_string_equal(which, "accept");
    vlt_buf_clear(&token);
    assert_int_equal(vlt_jws_sign(bench->next, VLT_TYP_COUNTERSIGN,
                                  vlt_buf_slice(&bench->payload), &token),
                     VLT_OK);
    assert_int_equal(verify(bench, vlt_buf_slice(&bench->change),
                            vlt_buf_slice(&token), &which),
                     VLT_E_FORMAT);
    vlt_buf_free(&text);
    vlt_buf_free(&token);
}

static void
a_payload_is_whole_or_none(void **state)
{
    const struct bench *bench = *state;
    struct vlt_rekey rekey;

    for (size_t len = 0; len < bench->payload.len; len++) {
        assert_int_not_equal(
            vlt_rekey_read(vlt_slice_of(bench->payload.at, len), &rekey),
            VLT_OK);
    }
    assert_int_equal(vlt_rekey_read(vlt_buf_slice(&bench->payload), &rekey),
                     VLT_OK);
    assert_int_equal(vlt_rekey_read(vlt_slice_text("{\"v\":1}"), &rekey),
                     VLT_E_FORMAT);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_vectors_are_made_and_read),
        CASE(every_character_of_both_counts),
        CASE(signed_by_another_key_it_is_refused),
        CASE(both_halves_are_over_the_same),
        CASE(a_payload_is_whole_or_none),
    };

    assert_int_equal(vlt_secret_init(), VLT_OK);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
