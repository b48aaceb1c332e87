/*
 * shim: a library that stands between a program and the C library
 * (LD_PRELOAD), looks at its calls on files below one directory, and writes
 * them down or lets some of them fail.
 *
 * Names that matter: liblmdb imports pwrite, writev, lseek, fdatasync, fsync,
 * open and write, not their 64-bit names; the vault's own code openat,
 * renameat2 and others.  Both forms of each are here.  LMDB writes its meta
 * page through a second descriptor, opened O_DSYNC, which no sync follows: the
 * flag is in the trace.
 *
 * What it does is said in the environment:
 *
 *     CRASH_ROOT      the directory, absolute, no symbolic link in it
 *     CRASH_TRACE     the trace is appended to this file (trace.h)
 *     CRASH_JOURNAL   what is written to this file is a mark of the trace
 *     CRASH_HASTE     if set, nothing below the directory is synced, nor are
 *                     blocks reserved: for programs whose files nobody needs
 *     CRASH_NO_EXCHANGE  if set, no two names can be exchanged below it
 *     CRASH_RANDOM    a number: what getrandom() gives follows from it, so that
 *                     a trace can be recorded again
 *     CRASH_WHERE     if set, the first call that fails says where it is
 *     CRASH_RECORDER  meta-not-dsync: a faulty recorder, which does not see
 *                     O_DSYNC
 *
 * and in the program itself by the functions here, which are NULL where the
 * library is not loaded.  Calls of stdio are not seen, nor files that are
 * mapped for writing, but for lock.mdb; the trace says so.
 *
 * Threads: recording, any; faults are for programs with one thread.
 */
#ifndef TESTS_CRASH_SHIM_H
#define TESTS_CRASH_SHIM_H

#include <stdbool.h>
#include <stdint.h>

enum shim_class {
    SHIM_OPEN,
    SHIM_CREATE, /* those calls of open that may make a file */
    SHIM_READ,
    SHIM_WRITE,
    SHIM_SYNC,
    SHIM_RENAME,
    SHIM_REMOVE, /* files and directories */
    SHIM_TRUNCATE,
    SHIM_ALLOCATE, /* blocks and holes */
    SHIM_MKDIR,
    SHIM_MEMORY, /* malloc and its like, and mappings */
};

enum {
    SHIM_SHORT = -1 /* half of the bytes are read or written */
};

/* Which call fails. */
struct shim_fault {
    enum shim_class family;
    int error;   /* errno, or SHIM_SHORT */
    uint64_t at; /* the how manieth of its kind from now on, from 1 */
    bool sticky; /* and all after it */
};

/* From now on; NULL: none does. */
__attribute__((weak)) void shim_fault_set(const struct shim_fault *fault);

/* How many calls were made to fail since. */
__attribute__((weak)) uint64_t shim_fault_hits(void);

/* Is this allocation to fail?  For those that a program's own wrappers see. */
__attribute__((weak)) bool shim_memory_fails(void);

#endif
