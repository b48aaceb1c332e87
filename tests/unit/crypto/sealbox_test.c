#include "unit.h"

#include <string.h>

#include "crypto/sealbox.h"

enum {
    TEXT = 50,
    SEALED = TEXT + VLT_BOX_MORE,
};

struct box {
    struct vlt_secret *secret;
    uint8_t pk[VLT_BOX_PK];
    uint8_t text[TEXT];
    uint8_t sealed[SEALED];
};

static int
set_up(void **state)
{
    static struct box box;

    if (vlt_secret_init() != VLT_OK ||
        vlt_box_pair(&box.secret, box.pk) != VLT_OK) {
        return -1;
    }
    memset(box.text, 'x', TEXT);
    *state = &box;
    return vlt_box_seal(box.pk, vlt_slice_of(box.text, TEXT), box.sealed) ==
                   VLT_OK
               ? 0
               : -1;
}

static int
tear_down(void **state)
{
    struct box *box = *state;

    vlt_secret_free(box->secret);
    return 0;
}

static enum vlt_status
open_first(const struct box *box, size_t len)
{
    uint8_t text[TEXT];
    enum vlt_status st = vlt_box_open(vlt_key_of(box->secret), box->pk,
                                      vlt_slice_of(box->sealed, len), text);

    if (st == VLT_OK) {
        assert_memory_equal(text, box->text, TEXT);
    }
    return st;
}

static void
its_key_opens_the_box(void **state)
{
    assert_int_equal(open_first(*state, SEALED), VLT_OK);
}

static void
every_byte_of_the_box_counts(void **state)
{
    struct box *box = *state;

    for (size_t i = 0; i < SEALED; i++) {
        box->sealed[i] ^= 1;
        assert_int_equal(open_first(box, SEALED), VLT_E_AUTH);
        box->sealed[i] ^= 1;
    }
}

static void
no_shorter_box_opens(void **state)
{
    for (size_t len = 0; len < SEALED; len++) {
        assert_int_equal(open_first(*state, len), VLT_E_AUTH);
    }
}

static void
another_key_does_not_open_it(void **state)
{
    struct box *box = *state;
    struct vlt_secret *secret = NULL;
    uint8_t pk[VLT_BOX_PK];
    uint8_t text[TEXT];

    assert_int_equal(vlt_box_pair(&secret, pk), VLT_OK);
    assert_int_equal(vlt_box_open(vlt_key_of(secret), pk,
                                  vlt_slice_of(box->sealed, SEALED), text),
                     VLT_E_AUTH);
    assert_int_equal(vlt_box_open(vlt_key_of(secret), box->pk,
                                  vlt_slice_of(box->sealed, SEALED), text),
                     VLT_E_AUTH);
    vlt_secret_free(secret);
}

static void
two_boxes_of_the_same_bytes_differ(void **state)
{
    struct box *box = *state;
    uint8_t again[SEALED];

    assert_int_equal(
        vlt_box_seal(box->pk, vlt_slice_of(box->text, TEXT), again), VLT_OK);
    assert_memory_not_equal(again, box->sealed, VLT_BOX_PK);
    assert_memory_not_equal(again + VLT_BOX_PK, box->sealed + VLT_BOX_PK,
                            SEALED - VLT_BOX_PK);
}

static void
nothing_can_be_sealed_and_opened(void **state)
{
    struct box *box = *state;
    uint8_t sealed[VLT_BOX_MORE];

    assert_int_equal(vlt_box_seal(box->pk, vlt_slice_of(NULL, 0), sealed),
                     VLT_OK);
    assert_int_equal(vlt_box_open(vlt_key_of(box->secret), box->pk,
                                  vlt_slice_of(sealed, sizeof sealed), NULL),
                     VLT_OK);
}

static void
a_key_of_small_order_takes_no_box(void **state)
{
    struct box *box = *state;
    uint8_t pk[VLT_BOX_PK] = { 0 };
    uint8_t sealed[SEALED];

    for (uint8_t i = 0; i < 2; i++) { /* 0 and 1 are such points */
        pk[0] = i;
        assert_int_equal(
            vlt_box_seal(pk, vlt_slice_of(box->text, TEXT), sealed),
            VLT_E_FORMAT);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_key_opens_the_box),
        cmocka_unit_test(every_byte_of_the_box_counts),
        cmocka_unit_test(no_shorter_box_opens),
        cmocka_unit_test(another_key_does_not_open_it),
        cmocka_unit_test(two_boxes_of_the_same_bytes_differ),
        cmocka_unit_test(nothing_can_be_sealed_and_opened),
        cmocka_unit_test(a_key_of_small_order_takes_no_box),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
