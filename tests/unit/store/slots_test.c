/* What opens a vault can be changed, and what was taken away opens nothing. */
#include "slots.h"

/* ---- adding and removing ---- */

static void
words_that_were_added_open_it(void **state)
{
    struct store_slot slots[STORE_SLOTS];

    assert_false(opens('a'));
    assert_int_equal(add('a'), 1);
    assert_true(opens('a'));
    assert_int_equal(store_slots(v.store, slots), 2);
    assert_int_equal(slots[0].type, STORE_SLOT_KEY_FILE);
    assert_int_equal(slots[1].type, STORE_SLOT_WORDS);
    assert_int_equal(slots[1].number, 1);
    vault_close(&v);
    vault_open(&v);
    assert_true(opens('a'));
}

static void
words_that_were_removed_open_nothing(void **state)
{
    (void)add('a');
    (void)add('b');
    drop(1);
    assert_false(opens('a'));
    assert_true(opens('b'));
    vault_close(&v);
    vault_open(&v);
    assert_false(opens('a'));
    assert_true(opens('b'));
    assert_int_equal(add('c'), 1); /* the place is free again */
}

static void
words_that_were_replaced_open_nothing(void **state)
{
    (void)add('a');
    replace(1, 'b');
    assert_false(opens('a'));
    assert_true(opens('b'));
    vault_close(&v);
    vault_open(&v);
    assert_false(opens('a'));
    assert_true(opens('b'));
}

static void
a_passphrase_is_a_slot_like_another(void **state)
{
    struct kek_cost cost = { .t = KEK_T_MIN, .m_kib = KEK_M_MIN };
    struct vlt_secret *typed;
    struct store_draft *draft;
    struct store_opened opened;
    struct store_slot_change what = { .add = NULL };

    assert_int_equal(vlt_secret_copy(vlt_slice_text("sesame"), &typed), VLT_OK);
    assert_int_equal(store_draft_passphrase(typed, &cost, &draft), VLT_OK);
    what.add = draft;
    (void)change(&what);
    assert_int_equal(store_open_slot(v.store, STORE_TYPED, typed, &opened),
                     VLT_OK);
    assert_int_equal(opened.slot.number, 1);
    assert_int_equal(opened.slot.type, STORE_SLOT_PASSPHRASE);
    assert_int_equal(opened.slot.m_kib, KEK_M_MIN);
    assert_int_equal(opened.version, store_slots_version(v.store));
    vlt_secret_free(opened.root_key);
    store_draft_free(draft);
    vlt_secret_free(typed);
}

static void
words_are_drawn_where_none_are_given(void **state)
{
    struct store_draft *draft;
    struct vlt_secret *root = NULL;
    struct store_slot_change what = { .add = NULL };

    assert_int_equal(store_draft_words(NULL, &draft), VLT_OK);
    what.add = draft;
    (void)change(&what);
    assert_int_equal(store_root_key(v.store, STORE_TYPED,
                                    store_draft_words_made(draft), &root),
                     VLT_OK);
    vlt_secret_free(root);
    store_draft_free(draft);
}

/* What was opened before a change is not what opens after it. */
static void
each_change_is_another_version(void **state)
{
    uint64_t before = store_slots_version(v.store);

    (void)add('a');
    assert_int_equal(store_slots_version(v.store), before + 1);
    replace(1, 'b');
    assert_int_equal(store_slots_version(v.store), before + 2);
}

static void
the_key_of_backups_comes_and_goes_with_its_slot(void **state)
{
    uint64_t before = keys();

    (void)add('a');
    assert_int_equal(keys(), before + 1);
    replace(1, 'b');
    assert_int_equal(keys(), before + 1);
    (void)add('c'); /* one that can be typed stays */
    drop(1);
    assert_int_equal(keys(), before + 1);
    vault_close(&v);
    vault_open(&v);
    assert_int_equal(keys(), before + 1);
}

/* ---- what is refused ---- */

static void
assert_refused(struct store_slot_change what, enum vlt_status st,
               const char *says)
{
    struct vlt_buf why = { 0 };

    assert_int_equal(store_slot_plan(v.store, &what, &why), st);
    assert_non_null(strstr(vlt_buf_text(&why), says));
    vlt_buf_free(&why);
}

static void
the_last_slot_stays(void **state)
{
    assert_refused((struct store_slot_change){ .removes = true },
                   VLT_E_CONFLICT, "the last that there is");
}

/* A key file would still open it, but nobody could change anything. */
static void
the_last_that_can_be_typed_stays(void **state)
{
    struct vlt_secret *key = vault_key_file();
    struct store_draft *draft;

    (void)add('a');
    assert_refused((struct store_slot_change){ .removes = true, .number = 1 },
                   VLT_E_CONFLICT, "slot 1 is the last that can be typed");
    assert_int_equal(store_draft_key_file(key, &draft), VLT_OK);
    assert_refused((struct store_slot_change){ .add = draft,
                                               .removes = true,
                                               .number = 1 },
                   VLT_E_CONFLICT, "slot 1 is the last that can be typed");
    store_draft_free(draft);
    vlt_secret_free(key);
    drop(0); /* the key file may go */
}

static void
a_slot_that_is_empty_cannot_be_removed(void **state)
{
    assert_refused((struct store_slot_change){ .removes = true, .number = 3 },
                   VLT_E_NOT_FOUND, "no slot 3");
    assert_refused((struct store_slot_change){ .removes = true, .number = 8 },
                   VLT_E_NOT_FOUND, "no slot 8");
}

static void
a_ninth_slot_is_refused(void **state)
{
    struct store_draft *draft = draft_of('z');

    for (char letter = 'a'; letter < 'h'; letter++) {
        (void)add(letter);
    }
    assert_refused((struct store_slot_change){ .add = draft }, VLT_E_LIMIT,
                   "all 8 slots are taken");
    store_draft_free(draft);
    replace(7, 'z');
    assert_true(opens('z'));
}

static void
another_root_key_changes_nothing(void **state)
{
    struct store_draft *draft = draft_of('a');
    struct store_slot_change what = { .add = draft };
    struct vlt_secret *other;
    struct vlt_buf before = { 0 };
    struct vlt_buf after = { 0 };

    assert_int_equal(vlt_secret_random(SLOT_KEY_LEN, &other), VLT_OK);
    assert_int_equal(store_slot_plan(v.store, &what, NULL), VLT_OK);
    file_get(&v, "header.1", &before);
    assert_int_equal(store_slot_apply(v.store, other, &what, NULL), VLT_E_AUTH);
    file_get(&v, "header.1", &after);
    assert_true(vlt_slice_equal(vlt_buf_slice(&before), vlt_buf_slice(&after)));
    vlt_buf_free(&before);
    vlt_buf_free(&after);
    vlt_secret_free(other);
    store_draft_free(draft);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(words_that_were_added_open_it, begin,
                                        end),
        cmocka_unit_test_setup_teardown(words_that_were_removed_open_nothing,
                                        begin, end),
        cmocka_unit_test_setup_teardown(words_that_were_replaced_open_nothing,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_passphrase_is_a_slot_like_another,
                                        begin, end),
        cmocka_unit_test_setup_teardown(words_are_drawn_where_none_are_given,
                                        begin, end),
        cmocka_unit_test_setup_teardown(each_change_is_another_version, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            the_key_of_backups_comes_and_goes_with_its_slot, begin, end),
        cmocka_unit_test_setup_teardown(the_last_slot_stays, begin, end),
        cmocka_unit_test_setup_teardown(the_last_that_can_be_typed_stays, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_slot_that_is_empty_cannot_be_removed,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_ninth_slot_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(another_root_key_changes_nothing, begin,
                                        end),
    };

    return run_quietly() != 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
