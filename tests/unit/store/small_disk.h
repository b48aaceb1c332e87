/*
 * small_disk: a file system of a few MiB, which ends with the process that has
 * it: what a full disk does.
 */
#ifndef TESTS_STORE_SMALL_DISK_H
#define TESTS_STORE_SMALL_DISK_H

#ifndef _GNU_SOURCE
#error "unshare() wants _GNU_SOURCE, before the first header"
#endif

#include "fixture.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { SMALL_DISK_SKIPPED = 77 };

/* What is done on it; the folder is its root. */
typedef void small_disk_fn(const char *folder);

static inline bool
small_disk_mount(const char *path, unsigned mib)
{
    char options[64];
    int flags = geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER;

    (void)snprintf(options, sizeof options, "size=%um,mode=0700", mib);
    return unshare(flags) == 0 &&
           mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", path, "tmpfs", 0, options) == 0;
}

/* Run it in a child, on a disk of so many MiB; the test is skipped where none
 * may be mounted. */
static inline void
small_disk_run(unsigned mib, small_disk_fn *fn)
{
    struct vault v;
    int status;

    vault_scratch(&v);
    pid_t child = fork();

    if (child == 0) {
        if (!small_disk_mount(v.scratch, mib)) {
            _exit(SMALL_DISK_SKIPPED);
        }
        fn(v.scratch);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    vault_end(&v);
    if (WIFEXITED(status) && WEXITSTATUS(status) == SMALL_DISK_SKIPPED) {
        print_message("SKIP no file system may be mounted here\n");
        skip();
    }
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* A vault on it, open. */
static inline void
small_disk_vault(const char *folder, struct vault *v)
{
    v->store = NULL;
    (void)snprintf(v->path, sizeof v->path, "%s/vault", folder);
    vault_create(v);
    vault_open(v);
}

/* A file that takes so much, or what is left, so that nobody else can. */
static inline void
small_disk_take(const char *path, size_t bytes)
{
    char piece[4096] = { 1 };
    int fd = open(path, O_CREAT | O_WRONLY | O_APPEND, 0600);

    assert_true(fd >= 0);
    while (bytes >= sizeof piece && write(fd, piece, sizeof piece) > 0) {
        bytes -= sizeof piece;
    }
    assert_int_equal(close(fd), 0);
}

#endif
