/*
 * listener_await: the clients that await their vaults at a listener.
 *
 * Each has an epoll descriptor of its own to be polled for, so that a loop can
 * tell them apart.  In it is an eventfd, readable while a guest is there to be
 * taken; and in that of one client, the first of the list, what the listener
 * waits for.  Whoever blocks on another looks at the listener as well
 * (vlt_client_poll).
 */
#define _GNU_SOURCE

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "client/client_internal.h"
#include "client/listener_internal.h"

static void
close_fd(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
}

/* Two of one kind do not come, so what fails was so already. */
static void
lead(struct vault_listener *listener)
{
    struct epoll_event event = { .events = EPOLLIN };

    if (listener->awaiting != NULL) {
        (void)epoll_ctl(listener->awaiting->await.poll, EPOLL_CTL_ADD,
                        listener->poll, &event);
    }
}

enum vlt_status
vlt_listener_await(struct vault_client *client)
{
    struct epoll_event event = { .events = EPOLLIN };
    struct vault_listener *listener = client->target.listener;
    struct vault_client **at = &listener->awaiting;
    struct vlt_await *await = &client->await;

    await->poll = epoll_create1(EPOLL_CLOEXEC);
    await->call = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (await->poll < 0 || await->call < 0 ||
        epoll_ctl(await->poll, EPOLL_CTL_ADD, await->call, &event) != 0) {
        close_fd(&await->poll);
        close_fd(&await->call);
        return VLT_E_NOMEM;
    }
    while (*at != NULL) {
        at = &(*at)->next_awaiting;
    }
    client->next_awaiting = NULL;
    *at = client;
    lead(listener);
    return VLT_OK;
}

void
vlt_listener_leave(struct vault_client *client)
{
    struct vault_listener *listener = client->target.listener;
    struct vault_client **at;

    vlt_guest_free(client->guest);
    client->guest = NULL;
    close_fd(&client->await.poll);
    close_fd(&client->await.call);
    if (listener == NULL) {
        return;
    }
    for (at = &listener->awaiting; *at != NULL && *at != client;
         at = &(*at)->next_awaiting) {
        continue;
    }
    if (*at != NULL) {
        *at = client->next_awaiting;
        lead(listener);
    }
}

struct vault_client *
vlt_listener_who(const struct vault_listener *listener,
                 const uint8_t rendezvous[VLT_RENDEZVOUS])
{
    for (struct vault_client *at = listener->awaiting; at != NULL;
         at = at->next_awaiting) {
        if (at->guest == NULL &&
            vlt_equal(at->target.rendezvous, rendezvous, VLT_RENDEZVOUS)) {
            return at;
        }
    }
    return NULL;
}

void
vlt_listener_give(struct vault_client *client, struct vlt_guest *guest)
{
    uint64_t one = 1;

    client->guest = guest;
    ssize_t done = write(client->await.call, &one, sizeof one);

    (void)done; /* it is readable already */
}

void
vlt_listener_expire(struct vault_listener *listener, int64_t now)
{
    for (struct vault_client *at = listener->awaiting; at != NULL;
         at = at->next_awaiting) {
        uint64_t old;

        if (at->guest == NULL || now < at->guest->deadline_ms) {
            continue;
        }
        vlt_guest_free(at->guest);
        at->guest = NULL;
        ssize_t done = read(at->await.call, &old, sizeof old);

        (void)done;
    }
}

int
vlt_listener_fd(const struct vault_client *client)
{
    return client->await.poll;
}

int
vlt_listener_poll(const struct vault_listener *listener)
{
    return listener->poll;
}

int64_t
vlt_listener_due(const struct vault_listener *listener)
{
    int64_t due = INT64_MAX;

    for (const struct vlt_guest *at = listener->guests; at != NULL;
         at = at->next) {
        due = at->deadline_ms < due ? at->deadline_ms : due;
    }
    for (const struct vault_client *at = listener->awaiting; at != NULL;
         at = at->next_awaiting) {
        if (at->guest != NULL && at->guest->deadline_ms < due) {
            due = at->guest->deadline_ms;
        }
    }
    return due;
}
