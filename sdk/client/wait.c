#include <errno.h>
#include <limits.h>
#include <poll.h>

#include "client/client_internal.h"

static int
sooner(int a, int b)
{
    if (a < 0 || b < 0) {
        return a < 0 ? b : a;
    }
    return a < b ? a : b;
}

enum vault_status
vlt_client_poll(struct vault_client *client, int ms)
{
    enum vault_status status = vlt_client_flush(client);
    struct pollfd at[] = { { .fd = vault_client_fd(client),
                             .events = vault_client_events(client) },
                           { .fd = -1, .events = POLLIN } };

    if (status != VAULT_OK) {
        vlt_client_break(client, status);
        return vlt_client_step(client);
    }
    if (client->state == VAULT_IDLE || client->state == VAULT_CLOSED) {
        return vlt_client_step(client);
    }
    /* Another client may have the listener, and not be looked at meanwhile. */
    if (client->phase == PHASE_AWAIT) {
        at[1].fd = vlt_listener_poll(client->target.listener);
    }
    /* A signal of the program's ends the wait, not the call. */
    if (poll(at, 2, sooner(ms, vault_client_timeout_ms(client))) < 0 &&
        errno != EINTR) {
        return vlt_client_fault(client, VAULT_E_INTERNAL, "poll() failed");
    }
    return vlt_client_step(client);
}

int64_t
vlt_client_until(int timeout_ms)
{
    return timeout_ms < 0 ? INT64_MAX : vlt_client_now_ms() + timeout_ms;
}

int
vlt_client_left(int64_t deadline)
{
    if (deadline == INT64_MAX) {
        return -1;
    }
    int64_t left = deadline - vlt_client_now_ms();

    return left < 0 ? 0 : left < INT_MAX ? (int)left : INT_MAX;
}

enum vault_status
vlt_client_wait(struct vault_client *client, struct vlt_wait *wait,
                int timeout_ms)
{
    int64_t deadline = vlt_client_until(timeout_ms);

    while (!wait->done) {
        int left = vlt_client_left(deadline);
        enum vault_status status = vlt_client_poll(client, left);

        if (wait->done) {
            break;
        }
        if (status != VAULT_OK) {
            return status;
        }
        if (client->state == VAULT_IDLE) {
            return vlt_client_fault(client, VAULT_E_CONNECT, "not connected");
        }
        if (wait->moved) {
            wait->moved = false;
            deadline = vlt_client_until(timeout_ms);
        } else if (left == 0) {
            return vlt_client_fault(client, VAULT_E_TIMEOUT,
                                    "no answer within %d ms", timeout_ms);
        }
    }
    return wait->status;
}

enum vault_status
vault_ready_wait(struct vault_client *client, int timeout_ms)
{
    int64_t deadline = vlt_client_until(timeout_ms);

    while (client->state != VAULT_READY) {
        int left = vlt_client_left(deadline);
        enum vault_status status = vlt_client_poll(client, left);

        if (status != VAULT_OK) {
            return status;
        }
        if (client->state == VAULT_IDLE) {
            return client->waiting
                       ? vlt_client_fault(client, VAULT_E_AUTH,
                                          "enrolled: the owner must confirm "
                                          "this firm first")
                       : vlt_client_fault(client, VAULT_E_USAGE,
                                          "nothing to wait for: connect "
                                          "first");
        }
        if (client->state == VAULT_WAITING && left == 0) {
            return client->ended == VAULT_E_LOCKED ? VAULT_E_LOCKED
                                                   : VAULT_E_TIMEOUT;
        }
        if (client->state != VAULT_READY && left == 0) {
            return vlt_client_fault(client, VAULT_E_TIMEOUT,
                                    "not connected within %d ms", timeout_ms);
        }
    }
    return VAULT_OK;
}

enum vault_status
vault_run(struct vault_client *client, const volatile int *stop, int timeout_ms)
{
    int64_t deadline = vlt_client_until(timeout_ms);

    while (stop == NULL || *stop == 0) {
        int left = vlt_client_left(deadline);

        if (left == 0) {
            return VAULT_OK;
        }
        /* A signal that sets stop between the look and poll() must not be
         * waited over. */
        int ms = stop != NULL ? sooner(left, 500) : left;
        enum vault_status status = vlt_client_poll(client, ms);

        if (status != VAULT_OK) {
            return status;
        }
        if (client->state == VAULT_IDLE) {
            return vlt_client_fault(client, VAULT_E_CONNECT, "not connected");
        }
    }
    return VAULT_OK;
}
