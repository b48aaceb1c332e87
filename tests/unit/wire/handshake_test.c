#include "wire/handshake.h"

#include "unit.h"
#include "wire/enrol.h"
#include "with_keys.h"

/*
 * Each file of tests/vectors/handshake is one whole handshake, computed by a
 * model in Python.  Here both machines must write the same bytes, and refuse
 * every other.
 */

static const char *const names[] = { "firm",   "dialled", "invite", "open",
                                     "source", "owner",   "refused" };

enum {
    NAMES = sizeof names / sizeof names[0],
    BYTES = 1024,
};

struct message {
    uint8_t at[BYTES];
    size_t len;
};

/* One handshake under way: the file, and both ends. */
struct pair {
    struct vlt_buf file;
    struct vlt_signer *vault;
    struct vlt_signer *client;
    struct vlt_channel channel;
    struct vlt_handshake_client c;
    struct vlt_handshake_server v;
    struct vlt_peer peer;
    struct message m1, m2, m3, m4;
};

/* The value of a field; an empty text when there is none. */
static const char *
field(struct pair *pair, const char *name, char out[2 * BYTES + 1])
{
    const char *line = vlt_buf_text(&pair->file);
    size_t len = strlen(name);

    out[0] = '\0';
    while (line != NULL && *line != '\0') {
        if (strncmp(line, name, len) == 0 && line[len] == ' ') {
            snprintf(out, 2 * BYTES + 1, "%.*s",
                     (int)strcspn(line + len + 1, "\n"), line + len + 1);
            return out;
        }
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
    }
    return out;
}

static size_t
bytes(struct pair *pair, const char *name, uint8_t *out)
{
    char text[2 * BYTES + 1];
    size_t len = strlen(field(pair, name, text)) / 2;

    assert_int_equal(vlt_hex_parse(vlt_slice_text(text), out, len), VLT_OK);
    return len;
}

static uint64_t
number(struct pair *pair, const char *name)
{
    char text[2 * BYTES + 1];

    return strtoull(field(pair, name, text), NULL, 10);
}

static bool
is(struct pair *pair, const char *name, const char *value)
{
    char text[2 * BYTES + 1];

    return strcmp(field(pair, name, text), value) == 0;
}

static void
start(struct pair *pair, const char *name)
{
    char path[128];
    char text[2 * BYTES + 1];
    uint8_t wanted[VLT_IDENTITY_LEN];

    memset(pair, 0, sizeof *pair);
    snprintf(path, sizeof path, "vectors/handshake/%s.hex", name);
    pair->file = file_of(path);
    pair->vault = signer_of(field(pair, "vault_seed", text));
    pair->client = signer_of(field(pair, "client_seed", text));
    bytes(pair, "ekm", pair->channel.ekm);
    pair->channel.vault_dialled = number(pair, "dialled") == 1;
    bytes(pair, "vault_id", wanted);
    vlt_handshake_client_init(&pair->c, &pair->channel, wanted, pair->client);
    vlt_handshake_server_init(&pair->v, &pair->channel, pair->vault);
}

static void
finish(struct pair *pair)
{
    vlt_buf_free(&pair->file);
    vlt_signer_free(pair->vault);
    vlt_signer_free(pair->client);
}

static struct vlt_slice
slice(const struct message *message)
{
    return vlt_slice_of(message->at, message->len);
}

static enum vlt_status
say_m1(struct pair *pair)
{
    uint8_t nonce[VLT_HELLO_NONCE];

    bytes(pair, "nc", nonce);
    return vlt_handshake_client_hello(&pair->c, nonce, pair->m1.at,
                                      &pair->m1.len);
}

static enum vlt_status
say_m2(struct pair *pair)
{
    uint8_t nonce[VLT_HELLO_NONCE];
    struct vlt_session_limits limits = {
        .text = (uint32_t)number(pair, "text"),
        .binary = (uint32_t)number(pair, "binary"),
        .calls = (uint32_t)number(pair, "calls"),
    };

    bytes(pair, "nv", nonce);
    pair->m2.len = VLT_CHALLENGE_LEN;
    return vlt_handshake_server_hello(&pair->v, slice(&pair->m1), nonce,
                                      &limits, pair->m2.at);
}

/* Enrolment data as the file wants them. */
static struct vlt_slice
enrolment(struct pair *pair, struct vlt_auth *auth, uint8_t out[VLT_ENROL_MAX])
{
    char name[2 * BYTES + 1];
    char contact[2 * BYTES + 1];
    uint8_t id[VLT_ENROL_ID];
    size_t len = 0;

    auth->enrol = VLT_ENROL_TOKEN;
    if (is(pair, "enrol_with", "none")) {
        auth->enrol = VLT_ENROL_NONE;
        return vlt_slice_of(out, 0);
    }
    if (is(pair, "enrol_with", "open")) {
        struct vlt_enrol_open open = {
            .name = vlt_slice_text(field(pair, "open_name", name)),
            .contact = vlt_slice_text(field(pair, "open_contact", contact)),
        };

        auth->enrol = VLT_ENROL_OPEN;
        assert_int_equal(vlt_enrol_open_write(&open, out, &len), VLT_OK);
        return vlt_slice_of(out, len);
    }
    struct vlt_secret *token = secret_of(field(pair, "token", name));
    bool invite = is(pair, "enrol_with", "invite");

    if (invite) {
        vlt_invite_id(token, id);
    } else {
        bytes(pair, "token_id", id);
    }
    vlt_enrol_token(invite ? VLT_ENROL_WITH_INVITE : VLT_ENROL_WITH_SOURCE, id,
                    token, pair->c.transcript, vlt_signer_pk(pair->client),
                    out);
    vlt_secret_free(token);
    return vlt_slice_of(out, VLT_ENROL_TOKEN_LEN);
}

static enum vlt_status
say_m3(struct pair *pair)
{
    uint8_t data[VLT_ENROL_MAX];
    struct vlt_auth auth = { .role = (enum vlt_role)number(pair, "role") };

    auth.data = enrolment(pair, &auth, data);
    return vlt_handshake_client_auth(&pair->c, &auth, pair->m3.at,
                                     &pair->m3.len);
}

static enum vlt_status
say_m4(struct pair *pair)
{
    enum vlt_ready_status status =
        (enum vlt_ready_status)number(pair, "status");
    struct vlt_head head = { .size = number(pair, "head_size"),
                             .time = (int64_t)number(pair, "head_time") };

    pair->m4.len = VLT_READY_LEN;
    if (status == VLT_READY_REFUSED) {
        vlt_handshake_server_refuse(&pair->v, pair->m4.at);
        return VLT_OK;
    }
    bytes(pair, "head_root", head.root);
    return vlt_handshake_server_ready(
        &pair->v, status, (int64_t)number(pair, "now"), &head, pair->m4.at);
}

/* Up to M3 inclusive, accepted on both sides. */
static void
run_to_m3(struct pair *pair)
{
    assert_int_equal(say_m1(pair), VLT_OK);
    assert_int_equal(say_m2(pair), VLT_OK);
    assert_int_equal(vlt_handshake_client_challenge(&pair->c, slice(&pair->m2)),
                     VLT_OK);
    assert_int_equal(say_m3(pair), VLT_OK);
}

static void
assert_message(struct pair *pair, const char *name,
               const struct message *message)
{
    uint8_t want[BYTES];

    assert_int_equal(bytes(pair, name, want), message->len);
    assert_memory_equal(want, message->at, message->len);
}

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

static void
an_enrolment_holds_under_its_token_alone(void **state)
{
    static const struct {
        const char *name;
        enum vlt_enrol_with with;
    } cases[] = { { "invite", VLT_ENROL_WITH_INVITE },
                  { "source", VLT_ENROL_WITH_SOURCE } };

    for (size_t i = 0; i < 2; i++) {
        struct pair pair;
        char text[2 * BYTES + 1];
        uint8_t id[VLT_ENROL_ID];
        uint8_t want[VLT_ENROL_ID];

        start(&pair, cases[i].name);
        run_to_m3(&pair);
        assert_int_equal(
            vlt_handshake_server_auth(&pair.v, slice(&pair.m3), &pair.peer),
            VLT_OK);
        struct vlt_secret *token = secret_of(field(&pair, "token", text));

        vlt_enrol_token_id(&pair.peer, id);
        if (i == 0) {
            vlt_invite_id(token, want);
        } else {
            bytes(&pair, "token_id", want);
        }
        assert_memory_equal(id, want, sizeof id);
        assert_true(vlt_enrol_token_holds(cases[i].with, token, &pair.peer));
        assert_false(vlt_enrol_token_holds(i == 0 ? VLT_ENROL_WITH_SOURCE
                                                  : VLT_ENROL_WITH_INVITE,
                                           token, &pair.peer));
        pair.peer.binding[0] ^= 1; /* another session */
        assert_false(vlt_enrol_token_holds(cases[i].with, token, &pair.peer));
        pair.peer.binding[0] ^= 1;
        pair.peer.pk[0] ^= 1; /* another key */
        assert_false(vlt_enrol_token_holds(cases[i].with, token, &pair.peer));
        pair.peer.pk[0] ^= 1;
        vlt_secret_bytes(token)[0] ^= 1;
        assert_false(vlt_enrol_token_holds(cases[i].with, token, &pair.peer));
        vlt_secret_free(token);
        finish(&pair);
    }
}

/* Open enrolment: what is no name and contact. */
static const struct {
    const char *says;
    const char *data;
    size_t len;
} strange[] = {
    { "nothing", "", 0 },
    { "no name", "\0\1a", 3 },
    { "no contact's length", "\1a", 2 },
    { "a byte too many", "\1a\0x", 4 },
    { "a control character", "\1\n\0", 3 },
    { "no UTF-8", "\1\xFF\0", 3 },
    { "a name of 65",
      "\x41"
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      "aaaaaaaa\0",
      67 },
};

static void
strange_words_of_strangers_are_refused(void **state)
{
    struct vlt_enrol_open open;

    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++) {
        print_message("%s\n", strange[i].says);
        assert_int_equal(
            vlt_enrol_open_read(vlt_slice_of(strange[i].data, strange[i].len),
                                &open),
            VLT_E_FORMAT);
    }
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
        cmocka_unit_test(messages_have_exact_lengths),
        cmocka_unit_test(m1_and_m2_have_exact_lengths),
        cmocka_unit_test(another_exporter_or_direction_is_found),
        cmocka_unit_test(another_vault_is_told_apart_by_either_end),
        cmocka_unit_test(a_recorded_m3_is_of_no_use_in_another_session),
        cmocka_unit_test(a_step_out_of_turn_ends_the_machine),
        cmocka_unit_test(all_refusals_are_the_same_bytes),
        cmocka_unit_test(an_enrolment_holds_under_its_token_alone),
        cmocka_unit_test(strange_words_of_strangers_are_refused),
        cmocka_unit_test(versions_must_rise_and_one_must_be_ours),
    };

    if (vlt_secret_init() != VLT_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
