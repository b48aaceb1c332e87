/*
 * A host with several addresses is dialled at each in turn.
 */
#include "client/dial.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"

/* Nobody accepts what comes. */
enum { WAIT_MS = 20000, TEXT = 8, BACKLOG = 64 };

/* A port of loopback; of one that refuses it is closed again. */
static uint16_t
port_of(int *fd)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;

    *fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(*fd, (const void *)&at, sizeof at), 0);
    assert_int_equal(listen(*fd, BACKLOG), 0);
    assert_int_equal(getsockname(*fd, (void *)&at, &len), 0);
    return ntohs(at.sin_port);
}

/* An address before those of rest, as getaddrinfo() makes it. */
static struct addrinfo *
before(uint16_t port, struct addrinfo *rest)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
                              .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
    struct addrinfo *found = NULL;
    char text[TEXT];

    snprintf(text, sizeof text, "%u", port);
    assert_int_equal(getaddrinfo("127.0.0.1", text, &hints, &found), 0);
    assert_null(found->ai_next);
    found->ai_next = rest;
    return found;
}

/* The port that it comes to; 0: to none. */
static uint16_t
dialled(struct addrinfo *list, unsigned turn)
{
    struct sockaddr_in at = { .sin_port = 0 };
    socklen_t len = sizeof at;
    struct vlt_dial dial;
    enum vlt_status st;
    int fd = -1;

    vlt_dial_init(&dial);
    st = vlt_dial_list(&dial, list, turn);
    for (int step = 0; st != VLT_E_NOT_FOUND && fd < 0 && step < 9; step++) {
        struct pollfd wait = { .fd = vlt_dial_fd(&dial),
                               .events = vlt_dial_events(&dial) };

        assert_int_equal(poll(&wait, 1, WAIT_MS), 1);
        st = vlt_dial_step(&dial, &fd);
    }
    if (fd >= 0) {
        assert_int_equal(getpeername(fd, (void *)&at, &len), 0);
        close(fd);
    }
    vlt_dial_end(&dial);
    return ntohs(at.sin_port);
}

static void
one_that_refuses_is_followed_by_the_next(void **state)
{
    int open;
    int closed;
    uint16_t good = port_of(&open);
    uint16_t bad = port_of(&closed);

    close(closed);
    for (unsigned turn = 0; turn < 5; turn++) { /* also round the end */
        assert_int_equal(dialled(before(bad, before(good, NULL)), turn), good);
        assert_int_equal(dialled(before(good, before(bad, NULL)), turn), good);
        assert_int_equal(dialled(before(bad, before(bad, NULL)), turn), 0);
    }
    close(open);
}

static void
each_is_the_first_in_turn(void **state)
{
    int fds[3];
    uint16_t port[3];

    for (int i = 0; i < 3; i++) {
        port[i] = port_of(&fds[i]);
    }
    for (unsigned turn = 0; turn < 7; turn++) {
        assert_int_equal(
            dialled(before(port[0], before(port[1], before(port[2], NULL))),
                    turn),
            port[turn % 3]);
    }
    for (int i = 0; i < 3; i++) {
        close(fds[i]);
    }
}

static void
no_address_is_none(void **state)
{
    assert_int_equal(dialled(NULL, 3), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_refuses_is_followed_by_the_next),
        cmocka_unit_test(each_is_the_first_in_turn),
        cmocka_unit_test(no_address_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
