#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/client_internal.h"
#include "client/listener.h"
#include "client/reading.h"
#include "client/subscription.h"
#include "client/writer.h"
#include "crypto/random.h"

enum {
    PIECE = 65536, /* bytes taken at a time */
    ROUNDS = 16,   /* pieces in one step, so that a step ends */
    OUT_MAX = 16 << 20,
};

void
vlt_client_drop(struct vault_client *client)
{
    if (client->fd >= 0) {
        close(client->fd);
        client->fd = -1;
    }
    vlt_listener_leave(client);
    vlt_dial_end(&client->dial);
    vlt_tls_free(client->tls);
    client->tls = NULL;
    vlt_ws_free(client->ws);
    client->ws = NULL;
    vlt_buf_clear(&client->plain);
    vlt_buf_clear(&client->stage);
    vlt_buf_clear(&client->out);
    client->out_sent = 0;
    client->phase = PHASE_IDLE;
    client->state = VAULT_IDLE;
}

/* Be in a state, and say so. */
static void
enter(struct vault_client *client, enum vault_client_state state,
      enum vault_status why)
{
    client->state = state;
    if (client->changed != NULL) {
        client->depth++;
        client->changed(client->changed_ctx, state, why);
        client->depth--;
    }
}

void
vlt_client_begin(struct vault_client *client)
{
    enum vlt_status st = VLT_OK;

    vlt_client_drop(client);
    client->phase = PHASE_DIAL;
    client->deadline_ms = vlt_client_now_ms() + client->connect_ms;
    client->limits =
        (struct vlt_session_limits){ VLT_LIMIT_TEXT, VLT_LIMIT_BINARY,
                                     VLT_LIMIT_CALLS };
    if (client->target.listener != NULL) {
        client->phase = PHASE_AWAIT;
        client->deadline_ms = INT64_MAX;
        st = vlt_listener_await(client);
    } else if (client->target.path[0] != '\0') {
        st = vlt_dial_socket(&client->dial, client->target.path);
    } else {
        st = vlt_dial_host(&client->dial, client->target.address.host,
                           client->target.address.port, client->failures);
    }
    enter(client, VAULT_CONNECTING, VAULT_OK);
    if (st != VLT_OK) {
        (void)vlt_client_fault(client, VAULT_E_CONNECT, "%s",
                               client->target.listener != NULL
                                   ? "no memory or descriptors to await with"
                                   : client->dial.says);
        vlt_client_break(client, VAULT_E_CONNECT);
    }
}

void
vlt_client_open(struct vault_client *client)
{
    client->phase = PHASE_OPEN;
    client->failures = 0;
    vlt_client_clear(client);
    enter(client, VAULT_READY, VAULT_OK);
    vlt_reading_resume_all(client);
}

/* Can another try help?  Whoever else came to a listener is no reason to await
 * the vault no more. */
static bool
passes(const struct vault_client *client, enum vault_status status)
{
    if (client->target.listener != NULL && client->fd >= 0) {
        return true;
    }
    return status == VAULT_E_CONNECT || status == VAULT_E_TIMEOUT ||
           status == VAULT_E_LOCKED || status == VAULT_E_BUSY;
}

int64_t
vlt_client_backoff(const struct vault_client *client, unsigned failures)
{
    int64_t most = CLIENT_BACKOFF_MIN_MS;

    for (unsigned i = 0; i < failures && most < CLIENT_BACKOFF_MAX_MS; i++) {
        most *= 2;
    }
    if (most > CLIENT_BACKOFF_MAX_MS) {
        most = CLIENT_BACKOFF_MAX_MS;
    }
    int64_t wait = vlt_random_below((uint32_t)most) + 1;
    int64_t asked = client->retry_ms < CLIENT_BACKOFF_MAX_MS
                        ? client->retry_ms
                        : CLIENT_BACKOFF_MAX_MS;

    return wait > asked ? wait : asked;
}

void
vlt_client_break(struct vault_client *client, enum vault_status status)
{
    bool again = client->reconnect && passes(client, status) &&
                 client->target.invite == NULL;
    bool dials = client->target.listener == NULL;
    int64_t wait = vlt_client_backoff(client, dials ? client->failures : 0);

    vlt_client_drop(client);
    client->ended = status;
    if (again) {
        client->deadline_ms = vlt_client_now_ms() + wait;
        client->failures++;
    }
    enter(client, again ? VAULT_WAITING : VAULT_CLOSED, status);
    vlt_call_end_all(client, status);
    vlt_reading_break_all(client, status, again);
}

enum vault_status
vlt_client_send(struct vault_client *client, enum vlt_ws_kind kind,
                struct vlt_slice bytes)
{
    if (client->ws == NULL || client->out.len - client->out_sent > OUT_MAX) {
        return vlt_client_fault(client, VAULT_E_BUSY,
                                "the vault does not take what is sent");
    }
    enum vlt_status st = vlt_ws_send(client->ws, kind, bytes, &client->stage);

    return st == VLT_OK
               ? VAULT_OK
               : vlt_client_fault(client, VAULT_E_NOMEM, "out of memory");
}

/* What was put out goes through TLS, or straight; plaintext is wiped. */
static enum vlt_status
encrypt(struct vault_client *client)
{
    enum vlt_status st = VLT_OK;

    if (client->tls == NULL) {
        vlt_buf_put_slice(&client->out, vlt_buf_slice(&client->stage));
        st = vlt_buf_status(&client->out);
    } else {
        if (client->phase > PHASE_TLS) {
            st = vlt_tls_write(client->tls, vlt_buf_slice(&client->stage));
        }
        if (st == VLT_OK) {
            st = vlt_tls_take(client->tls, &client->out);
        }
    }
    vlt_buf_clear(&client->stage);
    return st;
}

enum vault_status
vlt_client_flush(struct vault_client *client)
{
    if (client->fd < 0) {
        return VAULT_OK;
    }
    if (encrypt(client) != VLT_OK) {
        return vlt_client_fault(client, VAULT_E_NOMEM, "out of memory");
    }
    while (client->out_sent < client->out.len) {
        ssize_t sent = send(client->fd, client->out.at + client->out_sent,
                            client->out.len - client->out_sent, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return VAULT_OK;
        }
        if (sent < 0) {
            return vlt_client_fault(client, VAULT_E_CONNECT,
                                    "the connection broke while sending");
        }
        vlt_wipe(client->out.at + client->out_sent, (size_t)sent);
        client->out_sent += (size_t)sent;
    }
    vlt_buf_clear(&client->out);
    client->out_sent = 0;
    return VAULT_OK;
}

/* Take a piece.  *got: 0 when there is none now; *end: there will be none. */
static enum vault_status
receive(struct vault_client *client, size_t *got, bool *end)
{
    uint8_t piece[PIECE];
    ssize_t len;

    do {
        len = recv(client->fd, piece, sizeof piece, 0);
    } while (len < 0 && errno == EINTR);
    *got = len > 0 ? (size_t)len : 0;
    *end = len == 0 || (len < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
    if (len <= 0) {
        return VAULT_OK;
    }
    client->heard_ms = vlt_client_now_ms();
    struct vlt_slice bytes = vlt_slice_of(piece, (size_t)len);

    if (client->tls != NULL) {
        return vlt_client_status(vlt_tls_feed(client->tls, bytes));
    }
    vlt_buf_put_slice(&client->plain, bytes);
    return vlt_client_status(vlt_buf_status(&client->plain));
}

/* Let the phases work until nothing moves any more. */
static enum vault_status
run_phases(struct vault_client *client)
{
    enum vault_status status = VAULT_OK;
    bool moved = true;

    while (moved && status == VAULT_OK && client->phase != PHASE_IDLE) {
        moved = false;
        status = vlt_client_phase(client, &moved);
    }
    return status;
}

static enum vault_status
check_time(struct vault_client *client)
{
    int64_t now = vlt_client_now_ms();

    if (client->state == VAULT_CONNECTING && now >= client->deadline_ms) {
        return vlt_client_fault(client, VAULT_E_TIMEOUT,
                                "no connection within %d ms",
                                client->connect_ms);
    }
    if (client->phase == PHASE_OPEN && client->tls != NULL &&
        now - client->heard_ms >= VLT_LIMIT_SILENCE_MS) {
        return vlt_client_fault(client, VAULT_E_CONNECT,
                                "the vault was silent for 90 s");
    }
    return VAULT_OK;
}

/* Nobody who is not let in yet is told why: WIRE.md, section 3. */
static enum vault_status
hung_up(struct vault_client *client)
{
    const char *when = "";

    if (client->phase == PHASE_CHALLENGE) {
        when = " before it showed who it is: perhaps another vault is at this "
               "address";
    } else if (client->phase == PHASE_VERDICT) {
        when = " before it let us in: it was locked just now, or many came "
               "from this address; try again in some seconds";
    }
    return vlt_client_fault(client, VAULT_E_CONNECT,
                            "the other end closed the connection%s", when);
}

/* What the other end said before it hung up is read to its end, though nothing
 * can be sent any more. */
static enum vault_status
converse(struct vault_client *client)
{
    enum vault_status status = run_phases(client);
    enum vault_status sent = VAULT_OK;
    bool end = false;

    for (int i = 0; i < ROUNDS && status == VAULT_OK && client->fd >= 0; i++) {
        size_t got = 0;

        status = receive(client, &got, &end);
        if (status == VAULT_OK) {
            status = run_phases(client);
        }
        if (status == VAULT_OK && sent == VAULT_OK) {
            sent = vlt_client_flush(client);
        }
        if (got == 0 || end) {
            break;
        }
    }
    if (status == VAULT_OK && sent != VAULT_OK) {
        return sent;
    }
    if (status == VAULT_OK && end && client->fd >= 0) {
        return hung_up(client);
    }
    return status;
}

enum vault_status
vlt_client_step(struct vault_client *client)
{
    enum vault_status status;

    if (client->state == VAULT_WAITING &&
        vlt_client_now_ms() >= client->deadline_ms) {
        vlt_client_begin(client);
    }
    if (client->state == VAULT_CLOSED) {
        return client->ended;
    }
    if (client->phase == PHASE_IDLE) {
        return VAULT_OK;
    }
    status = VAULT_OK;
    if (client->phase == PHASE_AWAIT) {
        vlt_listener_step(client->target.listener);
        status = client->guest != NULL ? vlt_client_welcome(client) : VAULT_OK;
    }
    if (status == VAULT_OK) {
        status = converse(client);
    }
    if (status == VAULT_OK && client->phase != PHASE_IDLE) {
        status = check_time(client);
    }
    if (status != VAULT_OK) {
        vlt_client_break(client, status);
    }
    vlt_subscription_step_all(client);
    vlt_writer_step_all(client);
    vlt_acks_step(client);
    if (client->depth == 0) {
        vlt_reading_sweep(client);
        vlt_writer_sweep(client);
    }
    return client->state == VAULT_CLOSED ? client->ended : VAULT_OK;
}
