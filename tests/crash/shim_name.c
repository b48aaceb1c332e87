/* Calls that open, make, rename and remove. */
#define _GNU_SOURCE /* renameat2(), syscall() */

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shim_internal.h"

/* ---- opening and closing ---- */

static int
open_one(int dir, const char *name, int flags, mode_t mode)
{
    struct shim_path path;
    long fd;

    shim_resolve(dir, name, &path);
    if (path.inner != NULL &&
        (shim_judge(SHIM_OPEN) == SHIM_FAIL ||
         ((flags & O_CREAT) != 0 && shim_judge(SHIM_CREATE) == SHIM_FAIL))) {
        return -1;
    }
    shim_lock();
    fd = syscall(SYS_openat, dir, name,
                 shim_hastes() ? flags & ~O_DSYNC : flags, mode);
    if (fd >= 0) {
        shim_opened((int)fd, &path, flags);
    }
    shim_unlock();
    return (int)fd;
}

static bool
has_mode(int flags)
{
    return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

/* NOLINTNEXTLINE(cert-dcl50-cpp): it is variadic in the C library */
SHIM_EXPORT int
open(const char *name, int flags, ...)
{
    mode_t mode = 0;

    if (has_mode(flags)) {
        va_list more;

        va_start(more, flags);
        mode = va_arg(more, mode_t);
        va_end(more);
    }
    return open_one(AT_FDCWD, name, flags, mode);
}

SHIM_EXPORT int open64(const char *name, int flags, ...)
    __attribute__((alias("open")));

/* NOLINTNEXTLINE(cert-dcl50-cpp): likewise */
SHIM_EXPORT int
openat(int dir, const char *name, int flags, ...)
{
    mode_t mode = 0;

    if (has_mode(flags)) {
        va_list more;

        va_start(more, flags);
        mode = va_arg(more, mode_t);
        va_end(more);
    }
    return open_one(dir, name, flags, mode);
}

SHIM_EXPORT int openat64(int dir, const char *name, int flags, ...)
    __attribute__((alias("openat")));

/* What programs import that are built with _FORTIFY_SOURCE. */
int __open_2(const char *name, int flags);
int __open64_2(const char *name, int flags);
int __openat_2(int dir, const char *name, int flags);
int __openat64_2(int dir, const char *name, int flags);

SHIM_EXPORT int
__open_2(const char *name, int flags)
{
    return open_one(AT_FDCWD, name, flags, 0);
}

SHIM_EXPORT int __open64_2(const char *name, int flags)
    __attribute__((alias("__open_2")));

SHIM_EXPORT int
__openat_2(int dir, const char *name, int flags)
{
    return open_one(dir, name, flags, 0);
}

SHIM_EXPORT int __openat64_2(int dir, const char *name, int flags)
    __attribute__((alias("__openat_2")));

SHIM_EXPORT int
creat(const char *name, mode_t mode)
{
    return open_one(AT_FDCWD, name, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

SHIM_EXPORT int
close(int fd)
{
    int code;

    shim_lock();
    shim_closed(fd);
    code = (int)syscall(SYS_close, fd);
    shim_unlock();
    return code;
}

/* It closes its descriptor by itself. */
SHIM_EXPORT int
closedir(DIR *list)
{
    union {
        void *at;
        int (*call)(DIR *);
    } next = { .at = dlsym(RTLD_NEXT, "closedir") };

    shim_lock();
    shim_closed(dirfd(list));
    shim_unlock();
    return next.call(list);
}

/* ---- names ---- */

SHIM_EXPORT int
renameat2(int from_dir, const char *from, int to_dir, const char *to,
          unsigned flags)
{
    struct shim_path a;
    struct shim_path b;
    int code;

    shim_resolve(from_dir, from, &a);
    shim_resolve(to_dir, to, &b);
    if ((flags & RENAME_EXCHANGE) != 0 && a.inner != NULL &&
        shim_no_exchange()) {
        errno = EINVAL;
        return -1;
    }
    if ((a.inner != NULL || b.inner != NULL) &&
        shim_judge(SHIM_RENAME) == SHIM_FAIL) {
        return -1;
    }
    shim_lock();
    code = (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
    if (code == 0) {
        shim_path_event((flags & RENAME_EXCHANGE) != 0 ? TRACE_EXCHANGE
                                                       : TRACE_RENAME,
                        &a, &b);
    }
    shim_unlock();
    return code;
}

SHIM_EXPORT int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    return renameat2(from_dir, from, to_dir, to, 0);
}

SHIM_EXPORT int
rename(const char *from, const char *to)
{
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

/* A call on one name, with one number behind it. */
struct named {
    long call; /* SYS_… */
    enum shim_class family;
    enum trace_what event;
};

static int
call_named(const struct named *named, int dir, const char *name, unsigned value)
{
    struct shim_path path;
    int code;

    shim_resolve(dir, name, &path);
    if (path.inner != NULL && shim_judge(named->family) == SHIM_FAIL) {
        return -1;
    }
    shim_lock();
    code = (int)syscall(named->call, dir, name, value);
    if (code == 0) {
        shim_path_event(named->event, &path, NULL);
    }
    shim_unlock();
    return code;
}

SHIM_EXPORT int
unlinkat(int dir, const char *name, int flags)
{
    static const struct named remove = { SYS_unlinkat, SHIM_REMOVE,
                                         TRACE_REMOVE };

    return call_named(&remove, dir, name, (unsigned)flags);
}

SHIM_EXPORT int
unlink(const char *name)
{
    return unlinkat(AT_FDCWD, name, 0);
}

SHIM_EXPORT int
rmdir(const char *name)
{
    return unlinkat(AT_FDCWD, name, AT_REMOVEDIR);
}

SHIM_EXPORT int
mkdirat(int dir, const char *name, mode_t mode)
{
    static const struct named make = { SYS_mkdirat, SHIM_MKDIR, TRACE_MKDIR };

    return call_named(&make, dir, name, mode);
}

SHIM_EXPORT int
mkdir(const char *name, mode_t mode)
{
    return mkdirat(AT_FDCWD, name, mode);
}

SHIM_EXPORT int
linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
    struct shim_path a;
    struct shim_path b;
    int code;

    shim_resolve(from_dir, from, &a);
    shim_resolve(to_dir, to, &b);
    if ((a.inner != NULL || b.inner != NULL) &&
        shim_judge(SHIM_RENAME) == SHIM_FAIL) {
        return -1;
    }
    shim_lock();
    code = (int)syscall(SYS_linkat, from_dir, from, to_dir, to, flags);
    if (code == 0) {
        shim_path_event(TRACE_LINK, &a, &b);
    }
    shim_unlock();
    return code;
}
