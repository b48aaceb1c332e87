#include "client/client_internal.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "client/listener.h"
#include "client/reading.h"
#include "client/subscription.h"
#include "client/writer.h"
#include "crypto/random.h"

int64_t
vlt_client_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
vlt_client_utc_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* An option is there when the caller's struct reaches behind it. */
static bool
has(const struct vault_options *options, size_t end)
{
    return options != NULL && options->size >= end;
}

static enum vault_status
take_options(struct vault_client *client, const struct vault_options *options)
{
    if (has(options, offsetof(struct vault_options, notice_ctx) +
                         sizeof options->notice_ctx)) {
        client->notice = options->notice;
        client->notice_ctx = options->notice_ctx;
    }
    if (has(options, offsetof(struct vault_options, connect_ms) +
                         sizeof options->connect_ms)) {
        client->reconnect = options->reconnect != 0;
        client->connect_ms =
            options->connect_ms > 0 ? options->connect_ms : CLIENT_CONNECT_MS;
    }
    client->acks.wanted =
        has(options, sizeof *options) && options->acknowledge != 0;
    if (has(options, offsetof(struct vault_options, changed_ctx) +
                         sizeof options->changed_ctx)) {
        client->changed = options->changed;
        client->changed_ctx = options->changed_ctx;
    }
    if (has(options, offsetof(struct vault_options, witness_dir) +
                         sizeof options->witness_dir) &&
        options->witness_dir != NULL) {
        client->witness_dir =
            vlt_text_copy(vlt_slice_text(options->witness_dir));
        if (client->witness_dir == NULL) {
            return VAULT_E_NOMEM;
        }
    }
    return VAULT_OK;
}

enum vault_status
vault_client_new(const struct vault_options *options, struct vault_client **out)
{
    struct vault_client *client;

    if (vlt_secret_init() != VLT_OK) {
        return VAULT_E_NOMEM;
    }
    client = calloc(1, sizeof *client);
    if (client == NULL) {
        return VAULT_E_NOMEM;
    }
    client->fd = -1;
    client->await = (struct vlt_await){ -1, -1 };
    client->next_id = 1;
    client->connect_ms = CLIENT_CONNECT_MS;
    vlt_buf_init_secret(&client->stage, 0);
    vlt_buf_init_secret(&client->out, 0);
    vlt_random(client->boot, sizeof client->boot);
    vlt_dial_init(&client->dial);
    if (take_options(client, options) != VAULT_OK) {
        free(client);
        return VAULT_E_NOMEM;
    }
    *out = client;
    return VAULT_OK;
}

void
vault_client_free(struct vault_client *client)
{
    if (client == NULL) {
        return;
    }
    vlt_call_drop_all(client);
    if (client->ws != NULL && client->phase == PHASE_OPEN) {
        vlt_buf_clear(&client->stage);
        vlt_ws_close(client->ws, VLT_CLOSE_NORMAL, &client->stage);
        (void)vlt_client_flush(client);
    }
    vlt_reading_free_all(client);
    vlt_writer_free_all(client);
    vlt_client_drop(client);
    vlt_secret_free(client->target.invite);
    vlt_buf_free(&client->plain);
    vlt_buf_free(&client->stage);
    vlt_buf_free(&client->out);
    free(client->witness_dir);
    free(client);
}

/* A client that was connected is begun anew: what was under way ends, as where
 * a connection breaks.  Whoever hears of it may begin another, which ends as
 * well. */
void
vlt_client_aim(struct vault_client *client)
{
    while (client->state != VAULT_IDLE && client->state != VAULT_CLOSED) {
        vlt_client_drop(client);
        (void)vlt_client_fault(client, VAULT_E_CONNECT,
                               "another connection was begun");
        vlt_call_end_all(client, VAULT_E_CONNECT);
        vlt_reading_break_all(client, VAULT_E_CONNECT, true);
    }
    vlt_secret_free(client->target.invite);
    client->target = (struct client_target){ .path = "" };
    client->failures = 0;
    client->waiting = false;
    client->record = (struct vlt_record){ .name = "" };
    vlt_client_clear(client);
}

enum vault_status
vault_connect_socket(struct vault_client *client, const char *path)
{
    size_t len = strlen(path);

    if (len == 0 || len >= sizeof client->target.path) {
        return vlt_client_fault(client, VAULT_E_USAGE,
                                "the socket's path is empty or too long");
    }
    vlt_client_aim(client);
    memcpy(client->target.path, path, len + 1);
    vlt_client_begin(client);
    return VAULT_OK;
}

enum vault_status
vault_connect(struct vault_client *client, const char *address,
              const struct vault_identity *identity)
{
    struct vlt_address at;

    if (identity == NULL || address == NULL ||
        vlt_address_parse(vlt_slice_text(address), &at) != VLT_OK) {
        return vlt_client_fault(
            client, VAULT_E_USAGE,
            "\"%.80s\" is no address: vd1:<52 characters>@host:port",
            address != NULL ? address : "");
    }
    vlt_client_aim(client);
    client->target.address = at;
    client->target.identity = identity;
    enum vlt_status st =
        vlt_record_find(identity->folder, at.vault, &client->record);

    if (st != VLT_OK && st != VLT_E_NOT_FOUND) {
        return vlt_client_fault(client, VAULT_E_FILE,
                                "the record of this vault in %s cannot be read",
                                identity->folder);
    }
    vlt_client_begin(client);
    return VAULT_OK;
}

enum vault_client_state
vault_client_state(const struct vault_client *client)
{
    return client->state;
}

/* ---- the event face ---- */

int
vault_client_fd(const struct vault_client *client)
{
    if (client->fd >= 0) {
        return client->fd;
    }
    if (client->phase == PHASE_AWAIT) {
        return vlt_listener_fd(client);
    }
    return client->phase == PHASE_DIAL ? vlt_dial_fd(&client->dial) : -1;
}

short
vault_client_events(const struct vault_client *client)
{
    if (client->fd < 0 && client->phase == PHASE_AWAIT) {
        return POLLIN;
    }
    if (client->fd < 0) {
        return client->phase == PHASE_DIAL ? vlt_dial_events(&client->dial) : 0;
    }
    bool waits = client->out_sent < client->out.len || client->stage.len > 0;

    return (short)(POLLIN | (waits ? POLLOUT : 0));
}

/* When the connection must be looked at; INT64_MAX: never. */
static int64_t
own_moment(const struct vault_client *client)
{
    if (client->ws != NULL && vlt_ws_waiting(client->ws)) {
        return 0;
    }
    if (client->phase == PHASE_AWAIT) {
        return vlt_listener_due(client->target.listener);
    }
    if (client->state == VAULT_CONNECTING || client->state == VAULT_WAITING) {
        return client->deadline_ms;
    }
    if (client->phase == PHASE_OPEN && client->tls != NULL) {
        return client->heard_ms + VLT_LIMIT_SILENCE_MS;
    }
    return INT64_MAX;
}

static int64_t
next_moment(const struct vault_client *client)
{
    int64_t next = own_moment(client);
    int64_t due[] = { vlt_writer_due(client), vlt_subscription_due(client),
                      vlt_acks_moment(client) };

    /* What is due without a session begins with it, and READY is a step. */
    for (size_t i = 0;
         client->state == VAULT_READY && i < sizeof due / sizeof *due; i++) {
        next = due[i] < next ? due[i] : next;
    }
    return next;
}

int
vault_client_timeout_ms(const struct vault_client *client)
{
    int64_t at = next_moment(client);
    int64_t left = at - (at == INT64_MAX ? 0 : vlt_client_now_ms());

    if (at == INT64_MAX) {
        return -1;
    }
    return left <= 0 ? 0 : left < INT_MAX ? (int)left : INT_MAX;
}

enum vault_status
vault_client_process(struct vault_client *client)
{
    return vlt_client_step(client);
}
