/*
 * A listener with several clients that await their vaults there.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>

#include <vault/listener.h>

#include "client/client_internal.h"
#include "firm_scene.h"

enum { TURNS = 400, TURN_MS = 50, CROWD = 70 };

struct meeting {
    struct firm_scene *scene;
    struct vault_listener *listener;
    struct vault_client *clients[2];
    char rendezvous[2][VLT_RENDEZVOUS_TEXT];
};

static void
await(struct meeting *meeting, int which, const uint8_t id[VLT_IDENTITY_LEN])
{
    struct vlt_address at = { .host = "127.0.0.1", .port = 1 };
    char address[VLT_ADDRESS_TEXT];

    memcpy(at.vault, id, sizeof at.vault);
    vlt_address_print(&at, address);
    assert_int_equal(vault_rendezvous_new(meeting->rendezvous[which]),
                     VAULT_OK);
    assert_int_equal(vault_client_new(NULL, &meeting->clients[which]),
                     VAULT_OK);
    assert_int_equal(vault_await(meeting->clients[which], meeting->listener,
                                 address, meeting->rendezvous[which],
                                 meeting->scene->identity),
                     VAULT_OK);
}

static void
meet(struct meeting *meeting)
{
    meeting->scene = firm_scene_begin();
    assert_int_equal(vault_listen("127.0.0.1:0", &meeting->listener, NULL, 0),
                     VAULT_OK);
    await(meeting, 0, meeting->scene->vault);
    await(meeting, 1, meeting->scene->other);
}

static void
part(struct meeting *meeting)
{
    vault_client_free(meeting->clients[0]);
    vault_client_free(meeting->clients[1]);
    vault_listener_free(meeting->listener);
    firm_scene_end(meeting->scene);
}

/* ---- whoever dials ---- */

static int
connect_to(const struct vault_listener *listener)
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    at.sin_port =
        htons((uint16_t)atoi(strrchr(vault_listener_place(listener), ':') + 1));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    return fd;
}

/* A vault that dials: TLS, and the request with its rendezvous. */
struct dialled {
    int fd;
    struct vlt_tls *tls;
    bool knocked;
};

static void
exchange(struct dialled *vault)
{
    struct vlt_buf out = { 0 };
    uint8_t piece[16384];
    ssize_t len = recv(vault->fd, piece, sizeof piece, 0);

    if (len > 0) {
        assert_int_equal(
            vlt_tls_feed(vault->tls, vlt_slice_of(piece, (size_t)len)), VLT_OK);
    }
    assert_int_not_equal(vlt_tls_handshake(vault->tls), VLT_E_FORMAT);
    assert_int_equal(vlt_tls_take(vault->tls, &out), VLT_OK);
    if (out.len > 0) {
        assert_int_equal(send(vault->fd, out.at, out.len, MSG_NOSIGNAL),
                         out.len);
    }
    vlt_buf_free(&out);
}

static void
knock(struct dialled *vault, const char *rendezvous)
{
    uint8_t nonce[VLT_UPGRADE_NONCE] = { 1 };
    uint8_t ekm[VLT_EKM_LEN];
    struct vlt_buf request = { 0 };
    char path[64];

    if (vault->knocked || vlt_tls_exporter(vault->tls, ekm) != VLT_OK) {
        return;
    }
    snprintf(path, sizeof path, "/v/%s", rendezvous);
    vlt_upgrade_put(path, "127.0.0.1", nonce, &request);
    assert_int_equal(vlt_tls_write(vault->tls, vlt_buf_slice(&request)),
                     VLT_OK);
    vlt_buf_free(&request);
    vault->knocked = true;
}

/* One of the clients serves the listener, until the other has its guest. */
static struct dialled
dial(struct meeting *meeting, int which, int serves)
{
    struct vault_client *client = meeting->clients[which];
    struct dialled vault = { .fd = connect_to(meeting->listener) };

    assert_int_equal(vlt_tls_new("127.0.0.1", &vault.tls), VLT_OK);
    for (int i = 0; client->phase == PHASE_AWAIT && client->guest == NULL;
         i++) {
        struct pollfd at[] = {
            { .fd = vault.fd, .events = POLLIN },
            { .fd = vlt_listener_poll(meeting->listener), .events = POLLIN },
        };

        assert_true(i < TURNS);
        exchange(&vault);
        knock(&vault, meeting->rendezvous[which]);
        exchange(&vault);
        (void)poll(at, 2, TURN_MS);
        assert_int_equal(vault_client_process(meeting->clients[serves]),
                         VAULT_OK);
    }
    return vault;
}

static void
hang_up(struct dialled *vault)
{
    close(vault->fd);
    vlt_tls_free(vault->tls);
}

/* Within so many ms. */
static bool
calls(const struct vault_client *client, int ms)
{
    struct pollfd at = { .fd = vault_client_fd(client), .events = POLLIN };

    return poll(&at, 1, ms) == 1;
}

/* ---- what is so ---- */

static void
each_client_is_polled_for_by_itself(void **state)
{
    struct epoll_event event = { .events = EPOLLIN };
    struct meeting meeting;
    int loop = epoll_create1(0);

    meet(&meeting);
    int first = vault_client_fd(meeting.clients[0]);
    int second = vault_client_fd(meeting.clients[1]);

    assert_int_equal(epoll_ctl(loop, EPOLL_CTL_ADD, first, &event), 0);
    assert_int_equal(epoll_ctl(loop, EPOLL_CTL_ADD, second, &event), 0);
    struct dialled vault = dial(&meeting, 1, 0);

    /* It is the second's, and no reason for the first to look. */
    assert_true(calls(meeting.clients[1], WAIT_MS));
    assert_false(calls(meeting.clients[0], 0));
    assert_int_equal(vault_client_process(meeting.clients[1]), VAULT_OK);
    assert_int_not_equal(vault_client_fd(meeting.clients[1]), second);
    assert_int_equal(vault_client_fd(meeting.clients[0]), first);
    hang_up(&vault);
    part(&meeting);
    close(loop);
}

static void
who_is_left_hears_who_dials(void **state)
{
    struct meeting meeting;

    for (int gone = 0; gone < 2; gone++) {
        meet(&meeting);
        vault_client_free(meeting.clients[gone]);
        meeting.clients[gone] = NULL;
        assert_false(calls(meeting.clients[1 - gone], 0));
        int fd = connect_to(meeting.listener);

        assert_true(calls(meeting.clients[1 - gone], WAIT_MS));
        close(fd);
        part(&meeting);
    }
}

static void
one_host_keeps_no_other_out(void **state)
{
    struct meeting meeting;
    int idle[CROWD];

    meet(&meeting);
    for (int i = 0; i < CROWD; i++) {
        idle[i] = connect_to(meeting.listener);
        assert_int_equal(vault_client_process(meeting.clients[0]), VAULT_OK);
    }
    struct dialled vault = dial(&meeting, 1, 0);

    assert_non_null(meeting.clients[1]->guest);
    hang_up(&vault);
    for (int i = 0; i < CROWD; i++) {
        close(idle[i]);
    }
    part(&meeting);
}

static void
a_guest_that_nobody_takes_is_turned_away(void **state)
{
    struct meeting meeting;

    meet(&meeting);
    struct dialled vault = dial(&meeting, 1, 0);

    assert_true(vault_client_timeout_ms(meeting.clients[0]) >= 0);
    meeting.clients[1]->guest->deadline_ms = 0;
    assert_int_equal(vault_client_timeout_ms(meeting.clients[0]), 0);
    assert_int_equal(vault_client_process(meeting.clients[0]), VAULT_OK);
    assert_null(meeting.clients[1]->guest);
    assert_false(calls(meeting.clients[1], 0));
    hang_up(&vault);
    part(&meeting);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_client_is_polled_for_by_itself),
        cmocka_unit_test(who_is_left_hears_who_dials),
        cmocka_unit_test(one_host_keeps_no_other_out),
        cmocka_unit_test(a_guest_that_nobody_takes_is_turned_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
