#define _GNU_SOURCE /* mkdtemp() */

#include "unit.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "main/landlock.h"

/* A scratch folder with a folder `in` and one `out`, each with a file. */
static char root[] = "/tmp/landlock-XXXXXX";

static const char *
path_of(const char *name)
{
    static char path[128];

    (void)snprintf(path, sizeof path, "%s/%s", root, name);
    return path;
}

static void
put_file(const char *name)
{
    int fd = open(path_of(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    (void)close(fd);
}

static int
set_up(void **state)
{
    assert_non_null(mkdtemp(root));
    assert_int_equal(mkdir(path_of("in"), 0700), 0);
    assert_int_equal(mkdir(path_of("out"), 0700), 0);
    put_file("in/file");
    put_file("out/file");
    return 0;
}

static int
tear_down(void **state)
{
    (void)unlink(path_of("in/file"));
    (void)unlink(path_of("in/new"));
    (void)unlink(path_of("out/file"));
    (void)rmdir(path_of("in"));
    (void)rmdir(path_of("out"));
    return rmdir(root);
}

/* Confinement is for good, so each try is a process: may it, with this right
 * in `in`?  Without a right: is it refused nothing? */
static bool
can(unsigned may, bool (*try)(void))
{
    pid_t child = fork();
    int how = -1;

    if (child == 0) {
        struct landlock_place place = { path_of("in"), may };

        (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        if (may != 0 && landlock_confine(&place, 1) != VLT_OK) {
            _exit(2);
        }
        _exit(try() ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) < 2);
    return WEXITSTATUS(how) == 0;
}

static bool
opens(const char *name, int flags)
{
    int fd = open(path_of(name), flags | O_CLOEXEC, 0600);

    if (fd >= 0) {
        (void)close(fd);
    }
    return fd >= 0;
}

static bool
read_in(void)
{
    return opens("in/file", O_RDONLY);
}

static bool
read_out(void)
{
    return opens("out/file", O_RDONLY);
}

static bool
write_in(void)
{
    return opens("in/file", O_WRONLY);
}

static bool
make_in(void)
{
    return opens("in/new", O_WRONLY | O_CREAT);
}

static bool
remove_in(void)
{
    return unlink(path_of("in/new")) == 0;
}

static bool
folder_in(void)
{
    return mkdir(path_of("in/folder"), 0700) == 0 &&
           rmdir(path_of("in/folder")) == 0;
}

static bool
run_out(void)
{
    pid_t child = fork();
    int how = -1;

    if (child == 0) {
        static char name[] = "true";
        char *words[] = { name, NULL };

        (void)execv("/bin/true", words);
        _exit(1);
    }
    return waitpid(child, &how, 0) == child && how == 0;
}

/* What each right is good for, and the rest is refused. */
static const struct {
    const char *says;
    unsigned may;
    bool (*try)(void);
    bool goes;
} cases[] = {
    { "unconfined: read elsewhere", 0, read_out, true },
    { "unconfined: run a program", 0, run_out, true },
    { "read: there", LANDLOCK_READ, read_in, true },
    { "read: elsewhere", LANDLOCK_READ, read_out, false },
    { "read: write", LANDLOCK_READ, write_in, false },
    { "read: make", LANDLOCK_READ, make_in, false },
    { "read: run a program", LANDLOCK_READ, run_out, false },
    { "write: there", LANDLOCK_WRITE, write_in, true },
    { "write: make", LANDLOCK_WRITE, make_in, true },
    { "write: read", LANDLOCK_WRITE, read_in, false },
    { "write: a folder", LANDLOCK_WRITE, folder_in, false },
    { "folders: a folder", LANDLOCK_FOLDERS, folder_in, true },
    { "remove: make", LANDLOCK_REMOVE, make_in, false },
    { "remove: remove", LANDLOCK_REMOVE, remove_in, true },
};

static void
each_right_is_good_for_what_it_says(void **state)
{
    if (landlock_version() == 0) {
        (void)printf("this kernel has no Landlock\n");
        skip();
    }
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        (void)printf("%s\n", cases[i].says);
        assert_int_equal(can(cases[i].may, cases[i].try), cases[i].goes);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_right_is_good_for_what_it_says),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
