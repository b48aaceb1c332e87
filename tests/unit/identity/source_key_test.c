/* Sources with a key of their own. */
#include "bench.h"

static const char *const patterns[] = { "home/**" };

enum { WAY = 1 /* as service/principal.h numbers it */ };

/* A source with this name and way, and its token. */
static void
add(struct bench *b, const char *name, unsigned way,
    char token[IDENTITY_TOKEN_TEXT])
{
    struct source_wish wish = {
        .name = name, .patterns = 1, .pattern = patterns, .way = way
    };

    turn_begin(b);
    assert_int_equal(identity_source_add(b->identity, b->txn, &wish, token),
                     VLT_OK);
    turn_commit(b);
}

/* A peer that shows a token for the key of this byte. */
struct shown {
    struct vlt_peer peer;
    uint8_t data[VLT_ENROL_TOKEN_LEN];
};

static void
show(struct shown *shown, const char *token, uint8_t key)
{
    struct vlt_secret *secret = NULL;
    struct vlt_enrol_token proof = { .with = VLT_ENROL_WITH_SOURCE };

    *shown = (struct shown){ .peer = { .role = VLT_ROLE_SOURCE,
                                       .enrol = VLT_ENROL_TOKEN,
                                       .pk = { key },
                                       .binding = { 7 } } };
    assert_int_equal(
        vlt_source_token_parse(vlt_slice_text(token), proof.id, &secret),
        VLT_OK);
    proof.token = secret;
    vlt_enrol_token_write(&proof, shown->peer.binding, shown->peer.pk,
                          shown->data);
    vlt_secret_free(secret);
    shown->peer.data = vlt_slice_of(shown->data, sizeof shown->data);
}

static enum vlt_status
bind_peer(struct bench *b, const struct vlt_peer *peer)
{
    const struct source *source = NULL;
    enum vlt_status st;

    turn_begin(b);
    st = identity_source_enrol(b->identity, b->txn, peer, WAY, &source);
    turn_commit(b);
    assert_int_equal(st == VLT_OK, source != NULL);
    source_release(source);
    return st;
}

static enum vlt_status
bind_as(struct bench *b, const char *token, uint8_t key)
{
    struct shown shown;

    show(&shown, token, key);
    return bind_peer(b, &shown.peer);
}

/* Whose key is it?  Empty: nobody's. */
static bool
is_of(struct bench *b, uint8_t key, const char *name)
{
    const struct source *source = identity_source_now_by_key(
        b->identity, (const uint8_t[VLT_SIGN_PK]){ key });
    bool same = source != NULL && strcmp(source->name, name) == 0;

    source_release(source);
    return same;
}

static void
a_token_binds_a_key_once(void **state)
{
    char token[IDENTITY_TOKEN_TEXT];
    const struct source *source;
    struct bench b;

    (void)state;
    bench_begin(&b);
    add(&b, "meter", 0, token);
    assert_false(is_of(&b, 5, "meter"));
    assert_int_equal(bind_as(&b, token, 5), VLT_OK);
    for (int round = 0; round < 2; round++) {
        assert_true(is_of(&b, 5, "meter"));
        assert_int_equal(bind_as(&b, token, 5), VLT_E_AUTH);
        assert_int_equal(bind_as(&b, token, 6), VLT_E_AUTH);
        bench_reopen(&b);
    }
    source = identity_source_by_name(b.identity, "meter");
    assert_int_equal(source->way, WAY + 1);
    assert_int_equal(source->over, SOURCE_OVER_TLS);
    turn_begin(&b);
    assert_int_equal(identity_source_way(b.identity, b.txn, source->id, WAY + 1,
                                         SOURCE_OVER_LOOPBACK),
                     VLT_E_AUTH);
    turn_commit(&b);
    source_release(source);
    bench_end(&b);
}

static void
every_byte_of_what_is_shown_counts(void **state)
{
    char token[IDENTITY_TOKEN_TEXT];
    struct shown shown;
    struct bench b;

    (void)state;
    bench_begin(&b);
    add(&b, "meter", 0, token);
    show(&shown, token, 5);
    for (size_t i = 0; i < sizeof shown.data; i++) {
        shown.data[i] ^= 0x10;
        assert_int_equal(bind_peer(&b, &shown.peer), VLT_E_AUTH);
        shown.data[i] ^= 0x10;
    }
    shown.peer.binding[31] ^= 1;
    assert_int_equal(bind_peer(&b, &shown.peer), VLT_E_AUTH);
    shown.peer.binding[31] ^= 1;
    shown.peer.pk[31] ^= 1;
    assert_int_equal(bind_peer(&b, &shown.peer), VLT_E_AUTH);
    shown.peer.pk[31] ^= 1;
    shown.peer.enrol = VLT_ENROL_NONE;
    assert_int_equal(bind_peer(&b, &shown.peer), VLT_E_AUTH);
    shown.peer.enrol = VLT_ENROL_TOKEN;
    assert_int_equal(bind_peer(&b, &shown.peer), VLT_OK);
    bench_end(&b);
}

static void
what_may_not_come_by_key_does_not(void **state)
{
    char token[IDENTITY_TOKEN_TEXT];
    char other[IDENTITY_TOKEN_TEXT];
    char blocked[IDENTITY_TOKEN_TEXT];
    struct bench b;

    (void)state;
    bench_begin(&b);
    add(&b, "meter", WAY + 1, token);
    add(&b, "other", WAY + 2, other);
    add(&b, "blocked", 0, blocked);
    turn_begin(&b);
    assert_int_equal(
        identity_source_set(b.identity, b.txn, "blocked", IDENTITY_BLOCKED),
        VLT_OK);
    turn_commit(&b);
    assert_int_equal(bind_as(&b, other, 1), VLT_E_AUTH);
    assert_int_equal(bind_as(&b, blocked, 1), VLT_E_AUTH);
    assert_int_equal(bind_as(&b, token, 1), VLT_OK);
    add(&b, "late", 0, other);
    assert_int_equal(bind_as(&b, other, 1), VLT_E_AUTH); /* a key in use */
    assert_int_equal(bind_as(&b, other, 2), VLT_OK);
    assert_true(is_of(&b, 1, "meter") && is_of(&b, 2, "late"));
    bench_end(&b);
}

static void
an_enrolment_that_is_undone_binds_nothing(void **state)
{
    char token[IDENTITY_TOKEN_TEXT];
    const struct source *source = NULL;
    struct shown shown;
    struct bench b;

    (void)state;
    bench_begin(&b);
    add(&b, "meter", 0, token);
    show(&shown, token, 5);
    turn_begin(&b);
    assert_int_equal(
        identity_source_enrol(b.identity, b.txn, &shown.peer, WAY, &source),
        VLT_OK);
    assert_true(is_of(&b, 5, "meter"));
    source_release(source);
    turn_abort(&b);
    assert_false(is_of(&b, 5, "meter"));
    assert_int_equal(bind_as(&b, token, 6), VLT_OK);
    bench_end(&b);
}

static void
a_new_token_ends_the_key_and_binds_another(void **state)
{
    char before[IDENTITY_TOKEN_TEXT];
    char token[IDENTITY_TOKEN_TEXT];
    const uint8_t first[VLT_SIGN_PK] = { 1 };
    const uint8_t second[VLT_SIGN_PK] = { 2 };
    const struct source *source = NULL;
    struct shown shown;
    struct bench b;

    bench_begin(&b);
    add(&b, "probe", 0, before);
    show(&shown, before, 1);
    assert_int_equal(bind_peer(&b, &shown.peer), VLT_OK);
    turn_begin(&b);
    assert_int_equal(
        identity_source_renew(b.identity, b.txn, "probe", token, &source),
        VLT_OK);
    source_release(source);
    turn_commit(&b);
    for (int round = 0; round < 2; round++) {
        assert_null(identity_source_now_by_key(b.identity, first));
        bench_reopen(&b);
    }
    show(&shown, before, 1);
    assert_int_equal(bind_peer(&b, &shown.peer), VLT_E_AUTH);
    show(&shown, token, 2);
    assert_int_equal(bind_peer(&b, &shown.peer), VLT_OK);
    source = identity_source_now_by_key(b.identity, second);
    assert_non_null(source);
    assert_string_equal(source->name, "probe");
    source_release(source);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_binds_a_key_once),
        cmocka_unit_test(every_byte_of_what_is_shown_counts),
        cmocka_unit_test(what_may_not_come_by_key_does_not),
        cmocka_unit_test(an_enrolment_that_is_undone_binds_nothing),
        cmocka_unit_test(a_new_token_ends_the_key_and_binds_another),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
