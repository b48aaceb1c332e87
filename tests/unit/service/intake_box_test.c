/* What is in an entry of the inbox comes out as it went in. */
#include "unit.h"

#include <string.h>

#include "crypto/sealbox.h"
#include "service/intake_box.h"

static struct intake_box
example(void)
{
    return (struct intake_box){
        .way = INTAKE_WAY_TOKEN,
        .over = 2,
        .number = 3,
        .received = 1700000000123456789,
        .gzip = true,
        .proof = vlt_slice_text("vt1:token"),
        .path = vlt_slice_text("/api/v2/write"),
        .query = vlt_slice_text("precision=s"),
        .body = vlt_slice_text("air v=1 1700000000\n"),
    };
}

static void
assert_same(struct vlt_slice a, struct vlt_slice b)
{
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.at, b.at, a.len);
}

static void
it_comes_out_as_it_went_in(void **state)
{
    struct intake_box box = example();
    struct intake_box again;
    struct vlt_buf bytes = { 0 };

    assert_int_equal(intake_box_encode(&box, &bytes), VLT_OK);
    assert_int_equal(intake_box_decode(vlt_buf_slice(&bytes), &again), VLT_OK);
    assert_int_equal(again.number, box.number);
    assert_int_equal(again.received, box.received);
    assert_true(again.gzip);
    assert_int_equal(again.way, box.way);
    assert_int_equal(again.over, box.over);
    assert_same(again.proof, box.proof);
    assert_same(again.path, box.path);
    assert_same(again.query, box.query);
    assert_same(again.body, box.body);
    vlt_buf_free(&bytes);
}

/* What a source is charged for it is what it takes: its padding as well. */
static void
it_takes_as_much_as_is_said(void **state)
{
    static const uint8_t zeros[INTAKE_BODY];

    for (size_t len = 0; len <= sizeof zeros; len = 3 * len + 1) {
        struct intake_box box = example();
        struct vlt_buf bytes = { 0 };

        box.body = vlt_slice_of(zeros, len);
        assert_int_equal(intake_box_encode(&box, &bytes), VLT_OK);
        assert_int_equal(intake_box_stored(&box), bytes.len + VLT_BOX_MORE);
        vlt_buf_free(&bytes);
    }
}

static void
cut_at_any_length_it_is_refused(void **state)
{
    struct intake_box box = example();
    struct intake_box again;
    struct vlt_buf bytes = { 0 };

    assert_int_equal(intake_box_encode(&box, &bytes), VLT_OK);
    for (size_t len = 0; len < bytes.len; len++) {
        assert_int_not_equal(
            intake_box_decode(vlt_slice_of(bytes.at, len), &again), VLT_OK);
    }
    vlt_buf_put_u8(&bytes, 0); /* nor with more of padding */
    assert_int_equal(intake_box_decode(vlt_buf_slice(&bytes), &again),
                     VLT_E_FORMAT);
    vlt_buf_free(&bytes);
}

/* What one changed byte leads to. */
static const struct {
    const char *says;
    size_t at;
    uint8_t value;
    enum vlt_status st;
} refused[] = {
    { "a newer version", 0, 2, VLT_E_LIMIT },
    { "no version", 0, 0, VLT_E_FORMAT },
    { "another way", 1, 2, VLT_E_FORMAT },
    { "an unknown flag", 2, 2, VLT_E_FORMAT },
    { "a way of devices, whose gzip is told by the body", 1, 3, VLT_E_FORMAT },
    { "no way", 1, 0, VLT_E_FORMAT },
    { "over something unknown", 3, 4, VLT_E_FORMAT },
    { "a body of 16 MiB", 7, 1, VLT_E_LIMIT },
    { "a body that is not there", 5, 1, VLT_E_FORMAT },
    { "a token too long", 25, 1, VLT_E_LIMIT },
    { "a path too long", 27, 16, VLT_E_LIMIT },
    { "a query too long", 29, 16, VLT_E_LIMIT },
    { "a reserved byte", 31, 1, VLT_E_FORMAT },
};

static void
what_it_cannot_be_is_refused(void **state)
{
    struct intake_box box = example();
    struct intake_box again;
    struct vlt_buf bytes = { 0 };

    assert_int_equal(intake_box_encode(&box, &bytes), VLT_OK);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        uint8_t was = bytes.at[refused[i].at];

        print_message("%s\n", refused[i].says);
        bytes.at[refused[i].at] = refused[i].value;
        assert_int_equal(intake_box_decode(vlt_buf_slice(&bytes), &again),
                         refused[i].st);
        bytes.at[refused[i].at] = was;
    }
    bytes.at[bytes.len - 1] = 1;
    assert_int_equal(intake_box_decode(vlt_buf_slice(&bytes), &again),
                     VLT_E_FORMAT);
    vlt_buf_free(&bytes);
}

/* A header stands where a token does; of what is sealed there is neither. */
static void
what_devices_send_has_a_way_of_its_own(void **state)
{
    struct intake_box box = example();
    struct intake_box again;
    struct vlt_buf bytes = { 0 };

    box.gzip = false;
    for (int way = INTAKE_WAY_TOKEN; way <= INTAKE_WAY_SEALED + 1; way++) {
        bool sealed = way == INTAKE_WAY_SEALED;

        box.way = (enum intake_way)way;
        box.proof = vlt_slice_text("of");
        vlt_buf_clear(&bytes);
        assert_int_equal(intake_box_encode(&box, &bytes), VLT_OK);
        assert_int_equal(intake_box_decode(vlt_buf_slice(&bytes), &again),
                         way < INTAKE_WAY_SEALED ? VLT_OK : VLT_E_FORMAT);
        box.proof.len = 0;
        vlt_buf_clear(&bytes);
        assert_int_equal(intake_box_encode(&box, &bytes), VLT_OK);
        assert_int_equal(intake_box_decode(vlt_buf_slice(&bytes), &again),
                         way <= INTAKE_WAY_SEALED ? VLT_OK : VLT_E_FORMAT);
        assert_true(!sealed || again.way == INTAKE_WAY_SEALED);
    }
    vlt_buf_free(&bytes);
}

static void
a_part_that_is_too_long_is_not_written(void **state)
{
    static uint8_t room[INTAKE_BODY + 1];
    struct intake_box box = example();
    struct vlt_buf bytes = { 0 };

    box.body = vlt_slice_of(room, INTAKE_BODY);
    assert_int_equal(intake_box_encode(&box, &bytes), VLT_OK);
    vlt_buf_clear(&bytes);
    box.body.len++;
    assert_int_equal(intake_box_encode(&box, &bytes), VLT_E_LIMIT);
    box = example();
    box.proof = vlt_slice_of(room, INTAKE_PROOF + 1);
    assert_int_equal(intake_box_encode(&box, &bytes), VLT_E_LIMIT);
    assert_int_equal(bytes.len, 0);
    vlt_buf_free(&bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_comes_out_as_it_went_in),
        cmocka_unit_test(it_takes_as_much_as_is_said),
        cmocka_unit_test(cut_at_any_length_it_is_refused),
        cmocka_unit_test(what_it_cannot_be_is_refused),
        cmocka_unit_test(what_devices_send_has_a_way_of_its_own),
        cmocka_unit_test(a_part_that_is_too_long_is_not_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
