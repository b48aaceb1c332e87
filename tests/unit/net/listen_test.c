/* listen: sockets where they were asked to be. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/listen.h"

static char folder[] = "/tmp/vault-listen-XXXXXX";

static int
make_folder(void **state)
{
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int
remove_folder(void **state)
{
    return rmdir(folder);
}

static const char *
path(void)
{
    static char text[100];

    snprintf(text, sizeof text, "%s/sock", folder);
    return text;
}

static enum vlt_status
listen_here(int *fd)
{
    struct vlt_buf why = { 0 };
    enum vlt_status st = listen_unix(path(), getgid(), &why, fd);

    assert_int_equal(st == VLT_OK, why.len == 0);
    vlt_buf_free(&why);
    return st;
}

static void
a_unix_socket_has_its_mode(void **state)
{
    struct stat about;
    int fd = -1;

    assert_int_equal(listen_here(&fd), VLT_OK);
    assert_int_equal(stat(path(), &about), 0);
    assert_true(S_ISSOCK(about.st_mode));
    assert_int_equal(about.st_mode & 0777, 0660);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    close(fd);
    unlink(path());
}

static void
one_that_lives_is_left_and_a_dead_one_replaced(void **state)
{
    int fd = -1;
    int second = -1;

    assert_int_equal(listen_here(&fd), VLT_OK);
    assert_int_equal(listen_here(&second), VLT_E_CONFLICT);
    assert_int_equal(second, -1);
    close(fd);
    assert_int_equal(listen_here(&second), VLT_OK);
    close(second);
    unlink(path());
}

static void
what_is_no_socket_is_left(void **state)
{
    int fd = -1;
    int file = open(path(), O_CREAT | O_WRONLY, 0600);

    assert_true(file >= 0);
    close(file);
    assert_int_equal(listen_here(&fd), VLT_E_CONFLICT);
    assert_int_equal(access(path(), F_OK), 0);
    unlink(path());
}

static void
a_path_that_is_too_long_is_refused(void **state)
{
    struct vlt_buf why = { 0 };
    char text[200];
    int fd = -1;

    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(listen_unix(text, getgid(), &why, &fd), VLT_E_LIMIT);
    assert_int_equal(listen_unix("", getgid(), &why, &fd), VLT_E_LIMIT);
    assert_int_equal(listen_unix("/nowhere/at/all", getgid(), &why, &fd),
                     VLT_E_STORAGE);
    vlt_buf_free(&why);
}

static void
a_port_is_picked_and_told(void **state)
{
    static const char *const addresses[] = { "127.0.0.1:0", "[::1]:0" };

    for (size_t i = 0; i < 2; i++) {
        struct vlt_buf why = { 0 };
        struct listen_at at = { 0 };
        struct listen_at again = { 0 };
        int fd = -1;
        int second = -1;

        assert_int_equal(listen_tcp(addresses[i], true, &why, &at, &fd),
                         VLT_OK);
        assert_memory_equal(at.text, addresses[i], strlen(addresses[i]) - 1);
        assert_int_equal(strncmp(at.text, at.host, strlen(at.host)), 0);
        assert_false(at.any);
        assert_int_equal(listen_tcp(at.text, true, &why, &again, &second),
                         VLT_E_CONFLICT);
        close(fd);
        vlt_buf_free(&why);
    }
}

static void
only_numeric_addresses_are_taken(void **state)
{
    static const char *const bad[] = {
        "",         "127.0.0.1",       "localhost:80", "127.0.0.1:",
        "::1:80",   "127.0.0.1:65536", "[::1]",        "127.0.0.1:-1",
        "[::1:80",  "127.0.0.1:80x",   ":80",          "[127.0.0.1]:80",
        "1.2.3:80", "[]:80",           "[::g]:80",     "127.0.0.1 :80",
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct vlt_buf why = { 0 };
        struct listen_at at;
        int fd = -1;

        print_message("%s\n", bad[i]);
        assert_int_equal(listen_tcp(bad[i], false, &why, &at, &fd),
                         VLT_E_LIMIT);
        assert_true(why.len > 0);
        vlt_buf_free(&why);
    }
}

static void
plain_http_stays_on_loopback(void **state)
{
    struct vlt_buf why = { 0 };
    struct listen_at at;
    int fd = -1;

    assert_int_equal(listen_tcp("0.0.0.0:0", true, &why, &at, &fd),
                     VLT_E_LIMIT);
    assert_int_equal(listen_tcp("[::]:0", true, &why, &at, &fd), VLT_E_LIMIT);
    assert_int_equal(listen_tcp("192.0.2.1:0", true, &why, &at, &fd),
                     VLT_E_LIMIT);
    assert_int_equal(listen_tcp("127.9.9.9:0", true, &why, &at, &fd), VLT_OK);
    close(fd);
    vlt_buf_clear(&why);
    assert_int_equal(listen_tcp("0.0.0.0:0", false, &why, &at, &fd), VLT_OK);
    assert_true(at.any);
    close(fd);
    vlt_buf_free(&why);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_unix_socket_has_its_mode),
        cmocka_unit_test(one_that_lives_is_left_and_a_dead_one_replaced),
        cmocka_unit_test(what_is_no_socket_is_left),
        cmocka_unit_test(a_path_that_is_too_long_is_refused),
        cmocka_unit_test(a_port_is_picked_and_told),
        cmocka_unit_test(only_numeric_addresses_are_taken),
        cmocka_unit_test(plain_http_stays_on_loopback),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
