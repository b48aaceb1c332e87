#include "bench.h"

static enum vlt_status
set(struct bench *b, const char *name, enum identity_state state)
{
    return identity_firm_set(b->identity, b->txn, name, state, NULL);
}

static void
a_firm_is_confirmed_and_blocked(void **state)
{
    struct bench b;

    bench_begin(&b);
    enrol(&b, "a", 1);
    turn_begin(&b);
    assert_int_equal(set(&b, "a", IDENTITY_PENDING), VLT_E_CONFLICT);
    assert_int_equal(set(&b, "a", IDENTITY_CONFIRMED), VLT_OK);
    assert_int_equal(set(&b, "a", IDENTITY_CONFIRMED), VLT_E_CONFLICT);
    assert_int_equal(set(&b, "a", IDENTITY_PENDING), VLT_E_CONFLICT);
    assert_int_equal(set(&b, "b", IDENTITY_CONFIRMED), VLT_E_NOT_FOUND);
    assert_int_equal(state_of(&b, "a"), IDENTITY_PENDING); /* as committed */
    turn_commit(&b);
    assert_int_equal(state_of(&b, "a"), IDENTITY_CONFIRMED);
    turn_begin(&b);
    assert_int_equal(set(&b, "a", IDENTITY_BLOCKED), VLT_OK);
    turn_abort(&b);
    assert_int_equal(state_of(&b, "a"), IDENTITY_CONFIRMED);
    turn_begin(&b);
    assert_int_equal(set(&b, "a", IDENTITY_BLOCKED), VLT_OK);
    turn_commit(&b);
    bench_reopen(&b);
    assert_int_equal(state_of(&b, "a"), IDENTITY_BLOCKED);
    bench_end(&b);
}

static void
a_forgotten_firm_frees_its_name_and_key(void **state)
{
    const struct firm *first;
    const struct firm *second;
    struct bench b;

    bench_begin(&b);
    enrol(&b, "a", 1);
    first = identity_firm_by_name(b.identity, "a");
    turn_begin(&b);
    assert_int_equal(set(&b, "a", IDENTITY_FORGOTTEN), VLT_OK);
    turn_commit(&b);
    assert_int_equal(state_of(&b, "a"), IDENTITY_FORGOTTEN);
    turn_begin(&b);
    assert_int_equal(set(&b, "a", IDENTITY_CONFIRMED), VLT_E_CONFLICT);
    assert_int_equal(set(&b, "a", IDENTITY_BLOCKED), VLT_E_CONFLICT);
    turn_abort(&b);
    enrol(&b, "a", 1); /* the same key, as another */
    bench_reopen(&b);
    assert_int_equal(state_of(&b, "a"), IDENTITY_PENDING);
    second = identity_firm_by_key(b.identity, first->key);
    assert_memory_not_equal(second->id, first->id, VLT_ID_LEN);
    assert_memory_not_equal(second->subject, first->subject, VLT_ID_LEN);
    firm_release(second);
    second = identity_firm_by_id(b.identity, first->id);
    assert_int_equal(second->state, IDENTITY_FORGOTTEN);
    firm_release(second);
    turn_begin(&b);
    assert_int_equal(set(&b, "a", IDENTITY_FORGOTTEN), VLT_OK);
    turn_commit(&b);
    assert_int_equal(state_of(&b, "a"), IDENTITY_FORGOTTEN);
    firm_release(first);
    bench_end(&b);
}

/* Ask for the key of these bytes. */
static enum vlt_status
ask_key(struct bench *b, const char *name, uint8_t mark)
{
    const struct firm *firm = identity_firm_by_name(b->identity, name);
    const struct firm *asked = NULL;
    uint8_t key[VLT_SIGN_PK];
    enum vlt_status st;

    memset(key, mark, sizeof key);
    st = identity_firm_ask_key(b->identity, b->txn, firm->id, key, &asked);
    firm_release(firm);
    firm_release(asked);
    return st;
}

static enum vlt_status
answer_key(struct bench *b, const char *name, bool yes)
{
    const struct firm *firm = identity_firm_by_name(b->identity, name);
    enum vlt_status st =
        identity_firm_answer_key(b->identity, b->txn, firm->id, yes, NULL);

    firm_release(firm);
    return st;
}

/* The first byte of a firm's key, and of the one that it asks for; 0: none. */
static void
assert_keys(struct bench *b, const char *name, uint8_t key, uint8_t next)
{
    const struct firm *firm = identity_firm_by_name(b->identity, name);

    assert_int_equal(firm->key[0], key);
    assert_int_equal(firm->has_next ? firm->next[0] : 0, next);
    firm_release(firm);
}

static void
a_key_that_is_asked_for_waits_for_the_owner(void **state)
{
    struct bench b;

    bench_begin(&b);
    enrol(&b, "a", 1);
    enrol(&b, "b", 2);
    turn_begin(&b);
    assert_int_equal(set(&b, "a", IDENTITY_CONFIRMED), VLT_OK);
    turn_commit(&b);
    turn_begin(&b);
    assert_int_equal(answer_key(&b, "a", true), VLT_E_CONFLICT);
    assert_int_equal(ask_key(&b, "a", 1), VLT_E_CONFLICT); /* its own */
    assert_int_equal(ask_key(&b, "a", 2), VLT_E_CONFLICT);
    assert_int_equal(ask_key(&b, "a", 3), VLT_OK);
    assert_int_equal(ask_key(&b, "b", 3), VLT_E_CONFLICT);
    assert_int_equal(ask_key(&b, "a", 4), VLT_OK); /* in its place */
    assert_int_equal(ask_key(&b, "b", 3), VLT_OK);
    turn_commit(&b);
    bench_reopen(&b);
    assert_keys(&b, "a", 1, 4);
    turn_begin(&b);
    assert_int_equal(answer_key(&b, "a", true), VLT_OK);
    assert_int_equal(answer_key(&b, "b", false), VLT_OK);
    assert_int_equal(answer_key(&b, "a", true), VLT_E_CONFLICT);
    turn_commit(&b);
    bench_reopen(&b);
    assert_keys(&b, "a", 4, 0);
    assert_keys(&b, "b", 2, 0);
    turn_begin(&b);
    assert_int_equal(ask_key(&b, "a", 5), VLT_OK);
    turn_commit(&b);
    turn_begin(&b);
    assert_int_equal(set(&b, "a", IDENTITY_BLOCKED), VLT_OK);
    turn_commit(&b);
    assert_keys(&b, "a", 4, 0);
    bench_end(&b);
}

static void
who_holds_a_firm_keeps_what_it_was(void **state)
{
    const struct firm *old;
    struct bench b;

    bench_begin(&b);
    enrol(&b, "a", 1);
    old = identity_firm_by_name(b.identity, "a");
    turn_begin(&b);
    assert_int_equal(set(&b, "a", IDENTITY_CONFIRMED), VLT_OK);
    turn_commit(&b);
    assert_int_equal(old->state, IDENTITY_PENDING);
    firm_release(old);
    bench_end(&b);
}

static bool
note(void *ctx, const struct firm *firm)
{
    vlt_buf_printf(ctx, "%s %d %lld %u ", firm->name, firm->state,
                   (long long)firm->enrolled, firm->receipt_n);
    vlt_buf_put(ctx, firm->id, VLT_ID_LEN);
    vlt_buf_put(ctx, firm->key, sizeof firm->key);
    vlt_buf_put(ctx, firm->subject, VLT_ID_LEN);
    vlt_buf_put(ctx, firm->kid, sizeof firm->kid);
    return true;
}

static void
firms_come_by_name_and_again_after_a_restart(void **state)
{
    static const char *const names[] = { "d", "a", "c", "b" };
    struct vlt_buf seen[2];
    struct bench b;

    bench_begin(&b);
    for (uint8_t i = 0; i < 4; i++) {
        enrol(&b, names[i], (uint8_t)(i + 1));
    }
    turn_begin(&b);
    assert_int_equal(set(&b, "c", IDENTITY_CONFIRMED), VLT_OK);
    turn_commit(&b);
    for (size_t i = 0; i < 2; i++) {
        vlt_buf_init(&seen[i], 0);
        identity_firms(b.identity, note, &seen[i]);
        bench_reopen(&b);
    }
    assert_int_equal(seen[0].at[0], 'a');
    assert_int_equal(seen[0].len, seen[1].len);
    assert_memory_equal(seen[0].at, seen[1].at, seen[0].len);
    vlt_buf_free(&seen[0]);
    vlt_buf_free(&seen[1]);
    bench_end(&b);
}

static void
a_locked_vault_knows_nobody(void **state)
{
    struct vlt_signer *signer = NULL;
    uint8_t key[VLT_SIGN_PK];
    struct bench b;

    memset(key, 1, sizeof key);
    bench_begin(&b);
    enrol(&b, "a", 1);
    assert_non_null(identity_vault_signer(b.identity));
    identity_clear(b.identity);
    assert_null(identity_firm_by_key(b.identity, key));
    assert_null(identity_firm_by_name(b.identity, "a"));
    assert_null(identity_vault_signer(b.identity));
    assert_int_equal(identity_receipt_signer(b.identity, NULL, 0, &signer),
                     VLT_E_LOCKED);
    for (int i = 0; i < 2; i++) { /* and again, over what is there */
        struct store_read *read = read_begin(&b.vault);

        assert_int_equal(identity_load(b.identity, store_read_view(read)),
                         VLT_OK);
        store_read_end(read);
    }
    assert_int_equal(state_of(&b, "a"), IDENTITY_PENDING);
    bench_end(&b);
}

static void
public_key(struct bench *b, const uint8_t *id, uint32_t n,
           uint8_t out[VLT_SIGN_PK])
{
    struct vlt_signer *signer;

    assert_int_equal(identity_receipt_signer(b->identity, id, n, &signer),
                     VLT_OK);
    memcpy(out, vlt_signer_pk(signer), VLT_SIGN_PK);
    vlt_signer_free(signer);
}

static const struct vlt_signer *
kept(struct bench *b, uint8_t firm, uint32_t n)
{
    const uint8_t id[VLT_ID_LEN] = { firm };
    const struct vlt_signer *signer = NULL;

    assert_int_equal(identity_kept_signer(b->identity, id, n, &signer), VLT_OK);
    return signer;
}

/* More keys than are kept, twice over: each time it is the right one. */
static void
a_signer_that_is_kept_is_the_firms_own(void **state)
{
    uint8_t key[VLT_SIGN_PK];
    struct bench b;

    bench_begin(&b);
    for (unsigned i = 0; i < 200; i++) {
        const uint8_t id[VLT_ID_LEN] = { (uint8_t)(i / 2 % 50) };

        public_key(&b, id, i % 2, key);
        assert_memory_equal(vlt_signer_pk(kept(&b, id[0], i % 2)), key,
                            VLT_SIGN_PK);
    }
    assert_ptr_equal(kept(&b, 1, 0), kept(&b, 1, 0));
    bench_end(&b);
}

static void
no_signer_is_kept_behind_a_lock(void **state)
{
    const uint8_t id[VLT_ID_LEN] = { 1 };
    const struct vlt_signer *signer = NULL;
    struct bench b;

    bench_begin(&b);
    (void)kept(&b, 1, 0);
    identity_clear(b.identity);
    assert_int_equal(identity_kept_signer(b.identity, id, 0, &signer),
                     VLT_E_LOCKED);
    bench_end(&b);
}

/* Receipts of two firms share no key; the same firm's stay under one. */
static void
receipt_keys_are_pairwise(void **state)
{
    const uint8_t one[VLT_ID_LEN] = { 1 };
    const uint8_t two[VLT_ID_LEN] = { 2 };
    uint8_t key[5][VLT_SIGN_PK];
    struct bench b;

    bench_begin(&b);
    public_key(&b, one, 0, key[0]);
    public_key(&b, two, 0, key[1]);
    public_key(&b, one, 1, key[2]);
    public_key(&b, NULL, 0, key[3]);
    memcpy(key[4], vlt_signer_pk(identity_vault_signer(b.identity)),
           VLT_SIGN_PK);
    for (size_t i = 0; i < 5; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(key[i], key[j], VLT_SIGN_PK);
        }
    }
    bench_reopen(&b);
    public_key(&b, one, 0, key[1]);
    assert_memory_equal(key[0], key[1], VLT_SIGN_PK);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_firm_is_confirmed_and_blocked),
        cmocka_unit_test(a_forgotten_firm_frees_its_name_and_key),
        cmocka_unit_test(a_key_that_is_asked_for_waits_for_the_owner),
        cmocka_unit_test(who_holds_a_firm_keeps_what_it_was),
        cmocka_unit_test(firms_come_by_name_and_again_after_a_restart),
        cmocka_unit_test(a_locked_vault_knows_nobody),
        cmocka_unit_test(a_signer_that_is_kept_is_the_firms_own),
        cmocka_unit_test(no_signer_is_kept_behind_a_lock),
        cmocka_unit_test(receipt_keys_are_pairwise),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
