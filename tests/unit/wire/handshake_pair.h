/*
 * handshake_pair: both ends of one handshake, fed from a file of
 * tests/vectors/handshake, which a model in Python has computed.
 */
#ifndef TESTS_HANDSHAKE_PAIR_H
#define TESTS_HANDSHAKE_PAIR_H

#include "unit.h"
#include "wire/enrol.h"
#include "with_keys.h"

enum {
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
static inline const char *
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

static inline size_t
bytes(struct pair *pair, const char *name, uint8_t *out)
{
    char text[2 * BYTES + 1];
    size_t len = strlen(field(pair, name, text)) / 2;

    assert_int_equal(vlt_hex_parse(vlt_slice_text(text), out, len), VLT_OK);
    return len;
}

static inline uint64_t
number(struct pair *pair, const char *name)
{
    char text[2 * BYTES + 1];

    return strtoull(field(pair, name, text), NULL, 10);
}

static inline bool
is(struct pair *pair, const char *name, const char *value)
{
    char text[2 * BYTES + 1];

    return strcmp(field(pair, name, text), value) == 0;
}

static inline void
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

static inline void
finish(struct pair *pair)
{
    vlt_buf_free(&pair->file);
    vlt_signer_free(pair->vault);
    vlt_signer_free(pair->client);
}

static inline struct vlt_slice
slice(const struct message *message)
{
    return vlt_slice_of(message->at, message->len);
}

static inline enum vlt_status
say_m1(struct pair *pair)
{
    uint8_t nonce[VLT_HELLO_NONCE];

    bytes(pair, "nc", nonce);
    return vlt_handshake_client_hello(&pair->c, nonce, pair->m1.at,
                                      &pair->m1.len);
}

static inline enum vlt_status
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
static inline struct vlt_slice
enrolment(struct pair *pair, struct vlt_auth *auth, uint8_t out[VLT_ENROL_MAX])
{
    char name[2 * BYTES + 1];
    char contact[2 * BYTES + 1];
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
    struct vlt_secret *secret = secret_of(field(pair, "token", name));
    struct vlt_enrol_token token = { .with = VLT_ENROL_WITH_SOURCE,
                                     .token = secret };

    if (is(pair, "enrol_with", "invite")) {
        token.with = VLT_ENROL_WITH_INVITE;
        vlt_invite_id(secret, token.id);
    } else {
        bytes(pair, "token_id", token.id);
    }
    vlt_enrol_token_write(&token, pair->c.transcript,
                          vlt_signer_pk(pair->client), out);
    vlt_secret_free(secret);
    return vlt_slice_of(out, VLT_ENROL_TOKEN_LEN);
}

static inline enum vlt_status
say_m3(struct pair *pair)
{
    uint8_t data[VLT_ENROL_MAX];
    struct vlt_auth auth = { .role = (enum vlt_role)number(pair, "role") };

    auth.data = enrolment(pair, &auth, data);
    return vlt_handshake_client_auth(&pair->c, &auth, pair->m3.at,
                                     &pair->m3.len);
}

static inline enum vlt_status
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
static inline void
run_to_m3(struct pair *pair)
{
    assert_int_equal(say_m1(pair), VLT_OK);
    assert_int_equal(say_m2(pair), VLT_OK);
    assert_int_equal(vlt_handshake_client_challenge(&pair->c, slice(&pair->m2)),
                     VLT_OK);
    assert_int_equal(say_m3(pair), VLT_OK);
}

static inline void
assert_message(struct pair *pair, const char *name,
               const struct message *message)
{
    uint8_t want[BYTES];

    assert_int_equal(bytes(pair, name, want), message->len);
    assert_memory_equal(want, message->at, message->len);
}

#endif
