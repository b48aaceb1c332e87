#include "wire/checkpoint.h"

#include "unit.h"
#include "wire/proof.h"
#include "with_keys.h"

static int
sign_up(void **state)
{
    if (vlt_secret_init() != VLT_OK) {
        return -1;
    }
    *state = signer_of(SEED_RFC8037);
    return 0;
}

static int
sign_off(void **state)
{
    vlt_signer_free(*state);
    return 0;
}

static const uint8_t *
pk_of(void **state)
{
    return vlt_signer_pk(*state);
}

/* The checkpoint at the end of the vector's proof. */
static struct vlt_buf
vector_checkpoint(void)
{
    struct vlt_buf text = file_of("vectors/receipt/proof.txt");
    const char *at = strstr(vlt_buf_text(&text), "\n\nvaultd");

    assert_non_null(at);
    struct vlt_buf out = { 0 };

    vlt_buf_put_text(&out, at + 2);
    vlt_buf_free(&text);
    return out;
}

static void
the_checkpoint_of_the_vector_holds(void **state)
{
    struct vlt_buf text = vector_checkpoint();
    struct vlt_checkpoint checkpoint;
    struct vlt_buf again = { 0 };
    char origin[VLT_ORIGIN_TEXT];

    assert_int_equal(vlt_checkpoint_parse(vlt_buf_slice(&text), &checkpoint),
                     VLT_OK);
    assert_int_equal(checkpoint.size, 4);
    assert_int_equal(checkpoint.key_id[0], 0x3f);
    assert_string_equal(
        vlt_origin_print(&checkpoint.origin, origin),
        "vaultd.invalid/dc9c5edb8b2d479e697b4b0b8ab874f3/00000001");
    assert_int_equal(vlt_checkpoint_verify(&checkpoint, pk_of(state)), VLT_OK);
    vlt_checkpoint_put(&checkpoint, &again);
    assert_string_equal(vlt_buf_text(&again), vlt_buf_text(&text));
    vlt_buf_free(&text);
    vlt_buf_free(&again);
}

static void
signing_the_same_head_gives_the_vector(void **state)
{
    struct vlt_buf text = vector_checkpoint();
    struct vlt_buf again = { 0 };
    struct vlt_checkpoint checkpoint;

    assert_int_equal(vlt_checkpoint_parse(vlt_buf_slice(&text), &checkpoint),
                     VLT_OK);
    memset(checkpoint.signature, 0, sizeof checkpoint.signature);
    memset(checkpoint.key_id, 0, sizeof checkpoint.key_id);
    assert_int_equal(vlt_checkpoint_sign(*state, &checkpoint), VLT_OK);
    vlt_checkpoint_put(&checkpoint, &again);
    assert_string_equal(vlt_buf_text(&again), vlt_buf_text(&text));
    vlt_buf_free(&text);
    vlt_buf_free(&again);
}

static void
every_byte_of_a_checkpoint_counts(void **state)
{
    struct vlt_buf text = vector_checkpoint();
    struct vlt_checkpoint checkpoint;

    for (size_t i = 0; i < text.len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            text.at[i] ^= (uint8_t)(1 << bit);
            enum vlt_status st =
                vlt_checkpoint_parse(vlt_buf_slice(&text), &checkpoint);

            if (st == VLT_OK) {
                st = vlt_checkpoint_verify(&checkpoint, pk_of(state));
            }
            assert_int_not_equal(st, VLT_OK);
            text.at[i] ^= (uint8_t)(1 << bit);
        }
        assert_int_equal(
            vlt_checkpoint_parse(vlt_slice_of(text.at, i), &checkpoint),
            VLT_E_FORMAT);
    }
    vlt_buf_free(&text);
}

#define ORIGIN "vaultd.invalid/dc9c5edb8b2d479e697b4b0b8ab874f3/00000001"
#define ROOT "wE2dwHyu6hYyid6i3yQRDsRdIluv+Kwn0Tvfcbrl6AQ="
#define KEYED                                                                  \
    "P/63MSfITy0wGLvhsw0btXbtdoGO8C2Rc/S21PP5KnC8OxWWldAgeNM5D5RkL+"           \
    "LHactIXZ97DvQ0nei7XWUO3yKgDw0="
#define DASH "\xE2\x80\x94 "

/* Texts that are no checkpoint, though they look like one. */
static const struct {
    const char *says;
    const char *text;
} malformed[] = {
    { "a size with a zero in front",
      ORIGIN "\n04\n" ROOT "\n\n" DASH ORIGIN " " KEYED "\n" },
    { "a size over 64 bits", ORIGIN "\n18446744073709551616\n" ROOT
                                    "\n\n" DASH ORIGIN " " KEYED "\n" },
    { "no size", ORIGIN "\n\n" ROOT "\n\n" DASH ORIGIN " " KEYED "\n" },
    { "an extension line",
      ORIGIN "\n4\n" ROOT "\nmore\n\n" DASH ORIGIN " " KEYED "\n" },
    { "two signatures", ORIGIN "\n4\n" ROOT "\n\n" DASH ORIGIN " " KEYED
                               "\n" DASH ORIGIN " " KEYED "\n" },
    { "no signature", ORIGIN "\n4\n" ROOT "\n\n" },
    { "another signer's name",
      ORIGIN "\n4\n" ROOT "\n\n" DASH "example.com/log " KEYED "\n" },
    { "a hyphen", ORIGIN "\n4\n" ROOT "\n\n- " ORIGIN " " KEYED "\n" },
    { "carriage returns",
      ORIGIN "\r\n4\r\n" ROOT "\r\n\r\n" DASH ORIGIN " " KEYED "\r\n" },
    { "another origin",
      "example.invalid/dc9c5edb8b2d479e697b4b0b8ab874f3/00000001\n4\n" ROOT
      "\n\n" DASH ORIGIN " " KEYED "\n" },
    { "an origin in capitals",
      "vaultd.invalid/DC9C5EDB8B2D479E697B4B0B8AB874F3/00000001\n4\n" ROOT
      "\n\n" DASH
      "vaultd.invalid/DC9C5EDB8B2D479E697B4B0B8AB874F3/00000001 " KEYED "\n" },
};

static void
texts_that_are_nearly_right_are_refused(void **state)
{
    struct vlt_checkpoint checkpoint;

    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        print_message("%s\n", malformed[i].says);
        assert_int_equal(vlt_checkpoint_parse(vlt_slice_text(malformed[i].text),
                                              &checkpoint),
                         VLT_E_FORMAT);
    }
}

static void
a_short_head_is_size_and_80_bits(void **state)
{
    uint8_t root[VLT_HASH_LEN] = { 0 };
    char text[VLT_CHECKPOINT_SHORT];

    assert_string_equal(vlt_checkpoint_short(UINT64_MAX, root, text),
                        "18446744073709551615 aaaa-aaaa-aaaa-aaaa");
    root[9] = 1;
    assert_string_equal(vlt_checkpoint_short(4, root, text),
                        "4 aaaa-aaaa-aaaa-aaab");
}

/* ---- proofs ---- */

static void
the_proofs_of_the_vector_hold(void **state)
{
    static const char *const names[] = { "vectors/receipt/proof.txt",
                                         "vectors/receipt/proof-extra.txt" };
    struct vlt_buf hex = file_of("vectors/receipt/entry.hex");
    uint8_t entry[VLT_ENTRY_LEN];

    assert_int_equal(
        vlt_hex_parse(vlt_slice_of(hex.at, 160), entry, sizeof entry), VLT_OK);
    for (size_t i = 0; i < 2; i++) {
        struct vlt_buf text = file_of(names[i]);
        struct vlt_buf again = { 0 };
        struct vlt_buf held = { 0 };
        struct vlt_proof proof;

        assert_int_equal(vlt_proof_parse(vlt_buf_slice(&text), &held, &proof),
                         VLT_OK);
        assert_int_equal(proof.index, 3);
        assert_int_equal(proof.path.count, 2);
        assert_int_equal(proof.entry.len, i == 0 ? 0 : VLT_ENTRY_LEN);
        assert_int_equal(vlt_proof_verify(&proof,
                                          vlt_slice_of(entry, sizeof entry),
                                          pk_of(state)),
                         VLT_OK);
        vlt_proof_put(&proof, &again);
        assert_string_equal(vlt_buf_text(&again), vlt_buf_text(&text));
        vlt_buf_free(&text);
        vlt_buf_free(&again);
        vlt_buf_free(&held);
    }
    vlt_buf_free(&hex);
}

static void
every_byte_of_a_proof_counts(void **state)
{
    struct vlt_buf text = file_of("vectors/receipt/proof-extra.txt");
    struct vlt_buf held = { 0 };
    struct vlt_proof proof;

    for (size_t i = 0; i < text.len; i++) {
        text.at[i] ^= 1;
        enum vlt_status st =
            vlt_proof_parse(vlt_buf_slice(&text), &held, &proof);

        if (st == VLT_OK) {
            assert_int_equal(proof.entry.len, VLT_ENTRY_LEN);
            st = vlt_proof_verify(&proof, proof.entry, pk_of(state));
        }
        assert_int_not_equal(st, VLT_OK);
        text.at[i] ^= 1;
        assert_int_equal(
            vlt_proof_parse(vlt_slice_of(text.at, i), &held, &proof),
            VLT_E_FORMAT);
    }
    vlt_buf_free(&text);
    vlt_buf_free(&held);
}

static void
an_entry_must_stand_at_its_own_index_and_instance(void **state)
{
    struct vlt_proof proof = { .index = 0 };
    struct vlt_entry entry = { .type = 5, .instance = 1 };
    uint8_t bytes[VLT_ENTRY_MASTER];

    for (int what = 0; what < 3; what++) {
        struct vlt_tree tree;
        uint8_t leaf[VLT_HASH_LEN];

        entry.index = what == 1 ? 7 : 0;
        entry.instance = what == 2 ? 2 : 1;
        size_t len = vlt_entry_encode(&entry, bytes);

        vlt_tree_init(&tree);
        vlt_tree_leaf(vlt_slice_of(bytes, len), leaf);
        vlt_tree_append(&tree, leaf, NULL, NULL);
        proof.checkpoint.origin.instance = 1;
        proof.checkpoint.size = 1;
        vlt_tree_root(&tree, proof.checkpoint.root);
        assert_int_equal(vlt_checkpoint_sign(*state, &proof.checkpoint),
                         VLT_OK);
        assert_int_equal(
            vlt_proof_verify(&proof, vlt_slice_of(bytes, len), pk_of(state)),
            what == 0 ? VLT_OK : VLT_E_AUTH);
    }
}

/* A small log: leaves 0 … n-1 of which nodes are looked up by counting. */
static bool
small_node(void *ctx, unsigned level, uint64_t index, uint8_t out[VLT_HASH_LEN])
{
    const uint8_t(*leaves)[VLT_HASH_LEN] = ctx;

    if (level == 0) {
        memcpy(out, leaves[index], VLT_HASH_LEN);
        return true;
    }
    uint8_t left[VLT_HASH_LEN];
    uint8_t right[VLT_HASH_LEN];

    if (!small_node(ctx, level - 1, 2 * index, left) ||
        !small_node(ctx, level - 1, 2 * index + 1, right)) {
        return false;
    }
    vlt_tree_node(left, right, out);
    return true;
}

static void
a_proof_shows_the_root_before_its_entry(void **state)
{
    enum { LEAVES = 40 };
    static uint8_t leaves[LEAVES][VLT_HASH_LEN];
    static uint8_t roots[LEAVES + 1][VLT_HASH_LEN];
    struct vlt_tree tree;

    vlt_tree_init(&tree);
    vlt_tree_root(&tree, roots[0]);
    for (size_t i = 0; i < LEAVES; i++) {
        uint8_t byte = (uint8_t)i;

        vlt_tree_leaf(vlt_slice_of(&byte, 1), leaves[i]);
        vlt_tree_append(&tree, leaves[i], NULL, NULL);
        vlt_tree_root(&tree, roots[i + 1]);
    }
    for (uint64_t size = 1; size <= LEAVES; size++) {
        for (uint64_t index = 0; index < size; index++) {
            struct vlt_proof proof = { .index = index };
            uint8_t before[VLT_HASH_LEN];

            proof.checkpoint.size = size;
            assert_int_equal(vlt_tree_inclusion(index, size, small_node, leaves,
                                                &proof.path),
                             VLT_OK);
            vlt_proof_root_before(&proof, before);
            assert_memory_equal(before, roots[index], VLT_HASH_LEN);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_checkpoint_of_the_vector_holds),
        cmocka_unit_test(signing_the_same_head_gives_the_vector),
        cmocka_unit_test(every_byte_of_a_checkpoint_counts),
        cmocka_unit_test(texts_that_are_nearly_right_are_refused),
        cmocka_unit_test(a_short_head_is_size_and_80_bits),
        cmocka_unit_test(the_proofs_of_the_vector_hold),
        cmocka_unit_test(every_byte_of_a_proof_counts),
        cmocka_unit_test(an_entry_must_stand_at_its_own_index_and_instance),
        cmocka_unit_test(a_proof_shows_the_root_before_its_entry),
    };

    return cmocka_run_group_tests(tests, sign_up, sign_off);
}
