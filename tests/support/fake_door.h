/*
 * fake_door: a vault of a few lines behind TLS 1.3 and the handshake, in a
 * child process on a port of loopback.
 *
 * It is as wrong as its plan says; calls are answered by the plan's function,
 * as in fake_vault.h.
 */
#ifndef FAKE_DOOR_H
#define FAKE_DOOR_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "crypto/random.h"
#include "fake_vault.h"
#include "wire/enrol.h"

enum { DOOR_CERT_S = 3600, DOOR_CLOSE_POLICY = 1008, DOOR_INVITE = 16 };

enum door_fault {
    DOOR_GOOD,
    DOOR_OLD_TLS,    /* TLS 1.2 and no more */
    DOOR_HANGS_UP,   /* at HELLO, without a word */
    DOOR_TURNS_AWAY, /* at HELLO, by a close frame */
    DOOR_OTHER_KEY,  /* CHALLENGE of another vault */
    DOOR_FORGES,     /* CHALLENGE whose signature is broken */
    DOOR_CUTS,       /* CHALLENGE less its last byte */
    DOOR_DROPS,      /* at AUTH, without a word */
    DOOR_TALKS,      /* a text in place of READY */
    DOOR_REFUSES,    /* READY that refuses */
    DOOR_WAITS,      /* READY: enrolled, waits for the owner */
    DOOR_MISHEADS,   /* READY whose head's signature is broken */
};

/* Keys are seeds here, since secrets do not survive a fork. */
struct door_plan {
    enum door_fault fault;
    uint8_t vault[VLT_SIGN_SEED]; /* whose door it is */
    uint8_t other[VLT_SIGN_SEED]; /* DOOR_OTHER_KEY */
    bool invited;                 /* the invitation must be spent */
    uint8_t invite[DOOR_INVITE];
    bool source;                  /* who comes is one, and not a firm; */
    uint8_t token[VLT_SIGN_SEED]; /* what it spends, where it is invited */
    fake_fn *fn;
};

struct door {
    pid_t child;
    uint16_t port;
};

static inline ssize_t
door_get(struct fake *fake, void *out, size_t len)
{
    return SSL_read(fake->tls, out, (int)len);
}

static inline ssize_t
door_put(struct fake *fake, const void *bytes, size_t len)
{
    return SSL_write(fake->tls, bytes, (int)len);
}

/* The caller frees it. */
static inline struct vlt_signer *
door_signer(const uint8_t seed[VLT_SIGN_SEED])
{
    struct vlt_secret *secret = NULL;
    struct vlt_signer *signer = NULL;

    if (vlt_secret_init() != VLT_OK ||
        vlt_secret_copy(vlt_slice_of(seed, VLT_SIGN_SEED), &secret) != VLT_OK ||
        vlt_signer_new(vlt_key_of(secret), &signer) != VLT_OK) {
        abort();
    }
    vlt_secret_free(secret);
    return signer;
}

static inline SSL_CTX *
door_context(const struct door_plan *plan)
{
    bool old = plan->fault == DOOR_OLD_TLS;
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    X509 *cert = X509_new();
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    if (key == NULL || cert == NULL || context == NULL ||
        X509_gmtime_adj(X509_getm_notBefore(cert), 0) == NULL ||
        X509_gmtime_adj(X509_getm_notAfter(cert), DOOR_CERT_S) == NULL ||
        X509_set_pubkey(cert, key) != 1 ||
        X509_sign(cert, key, EVP_sha256()) == 0 ||
        SSL_CTX_use_certificate(context, cert) != 1 ||
        SSL_CTX_use_PrivateKey(context, key) != 1 ||
        SSL_CTX_set_max_proto_version(context, old ? TLS1_2_VERSION : 0) != 1) {
        _exit(1);
    }
    X509_free(cert);
    EVP_PKEY_free(key);
    return context;
}

static inline struct vlt_channel
door_channel(struct fake *fake)
{
    static const char label[] = "EXPORTER-Channel-Binding";
    struct vlt_channel channel = { .vault_dialled = false };

    if (SSL_export_keying_material(fake->tls, channel.ekm, sizeof channel.ekm,
                                   label, sizeof label - 1, NULL, 0, 0) != 1) {
        _exit(1);
    }
    return channel;
}

static inline void
door_close(struct fake *fake, uint16_t code)
{
    uint8_t bytes[2] = { (uint8_t)(code >> 8), (uint8_t)code };

    fake_frame(fake, 8, bytes, sizeof bytes);
}

/* M1 and M2.  False: the connection ends here. */
static inline bool
door_challenge(struct fake *fake, const struct door_plan *plan,
               struct vlt_handshake_server *server)
{
    struct vlt_session_limits limits = { VLT_LIMIT_TEXT, VLT_LIMIT_BINARY,
                                         VLT_LIMIT_CALLS };
    uint8_t nonce[VLT_HELLO_NONCE];
    uint8_t m2[VLT_CHALLENGE_LEN];
    size_t len;
    size_t cut = plan->fault == DOOR_CUTS ? 1 : 0;
    uint8_t opcode = fake_next(fake, &len);

    vlt_random(nonce, sizeof nonce);
    if (plan->fault == DOOR_HANGS_UP) {
        return false;
    }
    if (plan->fault == DOOR_TURNS_AWAY) {
        door_close(fake, DOOR_CLOSE_POLICY);
        return false;
    }
    if (opcode != 2 ||
        vlt_handshake_server_hello(server, vlt_slice_of(fake->in, len), nonce,
                                   &limits, m2) != VLT_OK) {
        _exit(1);
    }
    if (plan->fault == DOOR_OTHER_KEY) {
        struct vlt_signer *other = door_signer(plan->other);

        memcpy(m2 + 2, vlt_signer_pk(other), VLT_SIGN_PK);
        vlt_signer_free(other);
    }
    m2[sizeof m2 - 1] ^= plan->fault == DOOR_FORGES ? 1 : 0;
    fake_frame(fake, 2, m2, sizeof m2 - cut);
    return true;
}

/* Is what M3 brings what was to be spent? */
static inline bool
door_invited(const struct door_plan *plan, const struct vlt_peer *peer)
{
    struct vlt_secret *invite = NULL;

    if (!plan->invited) {
        return peer->enrol == VLT_ENROL_NONE;
    }
    if (vlt_secret_copy(plan->source
                            ? vlt_slice_of(plan->token, sizeof plan->token)
                            : vlt_slice_of(plan->invite, DOOR_INVITE),
                        &invite) != VLT_OK) {
        _exit(1);
    }
    bool holds = peer->enrol == VLT_ENROL_TOKEN &&
                 vlt_enrol_token_holds(plan->source ? VLT_ENROL_WITH_SOURCE
                                                    : VLT_ENROL_WITH_INVITE,
                                       invite, peer);

    vlt_secret_free(invite);
    return holds;
}

/* M3 and M4.  False: the connection ends here. */
static inline bool
door_ready(struct fake *fake, const struct door_plan *plan,
           struct vlt_handshake_server *server)
{
    struct vlt_head head = { .size = 0 };
    struct vlt_peer peer;
    uint8_t m4[VLT_READY_LEN];
    size_t len;
    enum vlt_ready_status status =
        plan->fault == DOOR_WAITS ? VLT_READY_WAITING : VLT_READY_OK;

    if (fake_next(fake, &len) != 2 || plan->fault == DOOR_DROPS) {
        return false;
    }
    if (plan->fault == DOOR_TALKS) {
        fake_text(fake, "{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":{}}");
        return false;
    }
    if (vlt_handshake_server_auth(server, vlt_slice_of(fake->in, len), &peer) !=
            VLT_OK ||
        peer.role != (plan->source ? VLT_ROLE_SOURCE : VLT_ROLE_FIRM) ||
        !door_invited(plan, &peer)) {
        _exit(1);
    }
    if (plan->fault == DOOR_REFUSES) {
        vlt_handshake_server_refuse(server, m4);
    } else if (vlt_handshake_server_ready(server, status, 1, &head, m4) !=
               VLT_OK) {
        _exit(1);
    }
    m4[sizeof m4 - 1] ^= plan->fault == DOOR_MISHEADS ? 1 : 0;
    fake_frame(fake, 2, m4, sizeof m4);
    return plan->fault == DOOR_GOOD;
}

static inline void
door_serve(struct fake *fake, const struct door_plan *plan,
           const struct vlt_signer *vault)
{
    struct vlt_channel channel = door_channel(fake);
    struct vlt_handshake_server server;

    vlt_handshake_server_init(&server, &channel, vault);
    fake_upgrade(fake, NULL);
    if (door_challenge(fake, plan, &server) &&
        door_ready(fake, plan, &server)) {
        fake_talk(fake, plan->fn);
    }
}

static inline void
door_loop(int fd, const struct door_plan *plan)
{
    struct fake *fake = calloc(1, sizeof *fake);
    SSL_CTX *context = door_context(plan);
    int soon = 1;
    struct vlt_signer *vault = door_signer(plan->vault);

    fake->in = malloc(FAKE_MAX);
    fake->get = door_get;
    fake->put = door_put;
    for (;;) {
        fake->fd = accept(fd, NULL, NULL);
        (void)setsockopt(fake->fd, IPPROTO_TCP, TCP_NODELAY, &soon,
                         sizeof soon);
        fake->tls = SSL_new(context);
        SSL_set_fd(fake->tls, fake->fd);
        if (SSL_accept(fake->tls) == 1 && setjmp(fake->gone) == 0) {
            door_serve(fake, plan, vault);
            SSL_shutdown(fake->tls);
        }
        SSL_free(fake->tls);
        close(fake->fd);
        fake->connection++;
    }
}

/* Open the door; end it by fake_stop(door.child). */
static inline struct door
door_open(const struct door_plan *plan)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct sockaddr_storage bound = { 0 };
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (bind(fd, (const void *)&at, sizeof at) != 0 || listen(fd, 4) != 0 ||
        getsockname(fd, (void *)&bound, &len) != 0) {
        abort();
    }
    memcpy(&at, &bound, sizeof at);
    pid_t child = fork();

    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGPIPE, SIG_IGN);
        door_loop(fd, plan);
    }
    close(fd);
    return (struct door){ .child = child, .port = ntohs(at.sin_port) };
}

#endif
