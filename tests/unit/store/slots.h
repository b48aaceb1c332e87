/*
 * slots: a vault whose slots are changed, each by 24 words that a letter stands
 * for.
 */
#ifndef TESTS_STORE_SLOTS_H
#define TESTS_STORE_SLOTS_H

#include "fixture.h"

#include "keys/header.h"
#include "keys/words.h"
#include "store/slots.h"

static struct vault v;

static inline int
begin(void **state)
{
    vault_begin(&v);
    return 0;
}

static inline int
end(void **state)
{
    vault_end(&v);
    return 0;
}

/* ---- saying it ---- */

static inline struct vlt_secret *
root_key(void)
{
    struct vlt_secret *key = vault_key_file();
    struct vlt_secret *root;

    assert_int_equal(store_root_key(v.store, STORE_KEY_FILE, key, &root),
                     VLT_OK);
    vlt_secret_free(key);
    return root;
}

/* 24 words that a letter stands for. */
static inline struct vlt_secret *
words_of(char letter)
{
    struct vlt_secret *entropy;
    struct vlt_secret *words;

    assert_int_equal(vlt_secret_new(WORDS_ENTROPY, &entropy), VLT_OK);
    memset(vlt_secret_bytes(entropy), letter, WORDS_ENTROPY);
    assert_int_equal(words_print(entropy, &words), VLT_OK);
    vlt_secret_free(entropy);
    return words;
}

static inline struct store_draft *
draft_of(char letter)
{
    struct vlt_secret *words = words_of(letter);
    struct store_draft *draft;

    assert_int_equal(store_draft_words(words, &draft), VLT_OK);
    assert_null(store_draft_words_made(draft));
    vlt_secret_free(words);
    return draft;
}

/* Do a change that can be done; its slot. */
static inline unsigned
change(struct store_slot_change *what)
{
    struct vlt_secret *root = root_key();
    struct store_txn *txn = txn_begin(&v);

    assert_int_equal(store_slot_plan(v.store, what, NULL), VLT_OK);
    assert_int_equal(store_slot_prepare(txn, what), VLT_OK);
    txn_commit(txn);
    assert_int_equal(store_slot_apply(v.store, root, what, NULL), VLT_OK);
    vlt_secret_free(root);
    return what->number;
}

static inline unsigned
add(char letter)
{
    struct store_draft *draft = draft_of(letter);
    struct store_slot_change what = { .add = draft };
    unsigned number = change(&what);

    store_draft_free(draft);
    return number;
}

static inline void
replace(unsigned number, char letter)
{
    struct store_draft *draft = draft_of(letter);
    struct store_slot_change what = { .add = draft,
                                      .removes = true,
                                      .number = number };

    assert_int_equal(change(&what), number);
    store_draft_free(draft);
}

static inline void
drop(unsigned number)
{
    struct store_slot_change what = { .removes = true, .number = number };

    (void)change(&what);
}

static inline bool
opens(char letter)
{
    struct vlt_secret *words = words_of(letter);
    struct vlt_secret *root = NULL;
    enum vlt_status st = store_root_key(v.store, STORE_TYPED, words, &root);

    assert_true(st == VLT_OK || st == VLT_E_AUTH);
    vlt_secret_free(words);
    vlt_secret_free(root);
    return st == VLT_OK;
}

static inline uint64_t
keys(void)
{
    struct store_read *read = read_begin(&v);
    struct store_stat stat;

    assert_int_equal(store_view_stat(store_read_view(read), &stat), VLT_OK);
    store_read_end(read);
    return stat.keys;
}

#endif
