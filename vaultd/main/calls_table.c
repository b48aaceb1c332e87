/*
 * calls_table: the system calls that stand between start and end, and why.
 *
 * A row that is needed no more goes; one that is missing is found by the tests
 * of the daemon, which end when it is called (calls.h).
 */
#define _GNU_SOURCE /* CLONE_THREAD */

#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "main/calls.h"

#define DAEMON CALLS_DAEMON
#define WARDEN CALLS_WARDEN
#define BOTH (CALLS_DAEMON | CALLS_WARDEN)
#define DIALS CALLS_DIALS

/* All of them but the one that clone() cannot be given (0x80, of time). */
#define NAMESPACES                                                             \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |             \
     CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)
#define INT_MASK 0xffffffff
#define IS(n, v)                                                               \
    {                                                                          \
        .at = (n), .mask = INT_MASK, .value = (v)                              \
    }
#define WITHOUT(n, bits)                                                       \
    {                                                                          \
        .at = (n), .mask = (bits), .value = 0                                  \
    }
#define WITH(n, bits)                                                          \
    {                                                                          \
        .at = (n), .mask = (bits), .value = (bits)                             \
    }
#define NULL_AT(n)                                                             \
    {                                                                          \
        .at = (n), .mask = UINT64_MAX, .value = 0                              \
    }
#define ALLOW(name, who, why)                                                  \
    {                                                                          \
        SCMP_SYS(name), who, CALLS_ALLOW, why,                                 \
        {                                                                      \
            .mask = 0                                                          \
        }                                                                      \
    }
#define ONLY(name, who, why, ...)                                              \
    {                                                                          \
        SCMP_SYS(name), who, CALLS_ALLOW, why, __VA_ARGS__                     \
    }
#define NEVER(name, who, why)                                                  \
    {                                                                          \
        SCMP_SYS(name), who, CALLS_KILL, why,                                  \
        {                                                                      \
            .mask = 0                                                          \
        }                                                                      \
    }

/* clang-format off */
const struct calls_row calls_rows[] = {
    /* Files: which of them is Landlock's business. */
    ALLOW(openat, BOTH, "files of the vault, anchor, backups"),
    ALLOW(open, BOTH, "the same, by LMDB and libraries"),
    ALLOW(close, BOTH, "the same"),
    ALLOW(read, BOTH, "files, pipes, sockets"),
    ALLOW(readv, BOTH, "the same"),
    ALLOW(pread64, BOTH, "pages of LMDB, stripes of keys"),
    ALLOW(write, BOTH, "files, pipes, the log"),
    ALLOW(writev, BOTH, "the same"),
    ALLOW(pwrite64, BOTH, "pages of LMDB, what is overwritten in place"),
    ALLOW(pwritev, BOTH, "neighbouring pages of LMDB"),
    ALLOW(lseek, BOTH, "sizes; pages of LMDB"),
    ALLOW(fsync, BOTH, "folders, new files"),
    ALLOW(fdatasync, BOTH, "a commit"),
    ALLOW(sync_file_range, BOTH, "a copy, in stretches"),
    ALLOW(fallocate, BOTH, "ballast, reserve, what is punched out"),
    ALLOW(ftruncate, BOTH, "the map that grows, a copy"),
    ALLOW(fadvise64, BOTH, "a copy that leaves the cache alone"),
    ALLOW(fstat, BOTH, "what a file is"),
    ALLOW(stat, BOTH, "the same"),
    ALLOW(lstat, BOTH, "the same"),
    ALLOW(newfstatat, BOTH, "the same"),
    ALLOW(statfs, BOTH, "room on the disk"),
    ALLOW(fstatfs, BOTH, "room on the disk"),
    ALLOW(access, BOTH, "is a file there"),
    ALLOW(faccessat, BOTH, "the same"),
    ALLOW(faccessat2, BOTH, "the same"),
    ALLOW(getdents64, BOTH, "what lies in a folder"),
    ALLOW(rename, BOTH, "a new file takes its place"),
    ALLOW(renameat, BOTH, "the same"),
    ALLOW(renameat2, BOTH, "the same: exchanged, or where nothing is yet"),
    ALLOW(unlink, BOTH, "old files; the owner's socket at the end"),
    ALLOW(unlinkat, BOTH, "the same"),
    ALLOW(mkdir, BOTH, "a folder for a copy: compacting, verifying"),
    ALLOW(mkdirat, BOTH, "the same"),
    ALLOW(rmdir, BOTH, "the same"),
    ALLOW(flock, BOTH, "LOCK"),
    ALLOW(fcntl, BOTH, "flags; locks of LMDB"),
    ALLOW(dup, BOTH, "a folder that is read twice"),
    ALLOW(umask, WARDEN, "at the start of what it starts"),
    ALLOW(dup2, WARDEN, "the descriptors of what it starts"),
    ALLOW(dup3, WARDEN, "the same"),
    ALLOW(close_range, WARDEN, "the same"),
    ALLOW(readlink, WARDEN, "the loader, of what it starts"),

    /* Memory: never both written and run. */
    ONLY(mmap, DAEMON, "stacks, heap, the map of LMDB", WITHOUT(2, PROT_EXEC)),
    ONLY(mprotect, DAEMON, "guard pages, heap", WITHOUT(2, PROT_EXEC)),
    ALLOW(mmap, WARDEN, "the same; the loader of what it starts"),
    ALLOW(mprotect, WARDEN, "the same"),
    ALLOW(munmap, BOTH, "the same"),
    ALLOW(mremap, BOTH, "large pieces of the heap"),
    ALLOW(madvise, BOTH,
          "secrets that no core has; pages given back; large ones of grants"),
    ALLOW(mlock, BOTH, "secrets"),
    ALLOW(munlock, BOTH, "secrets"),
    ALLOW(msync, BOTH, "LMDB"),
    ALLOW(brk, BOTH, "the heap"),

    /* Threads: the daemon makes them; processes are the warden's. */
    ONLY(clone, DAEMON, "a thread: commit, backup, copy",
         WITH(0, CLONE_THREAD)),
    ONLY(clone, WARDEN, "a reader", WITHOUT(0, NAMESPACES)),
    { SCMP_SYS(clone3), BOTH, CALLS_ABSENT,
      "its flags lie in memory, where no filter sees them", { .mask = 0 } },
    ALLOW(futex, BOTH, "locks"),
    ALLOW(set_robust_list, BOTH, "a thread begins"),
    ALLOW(get_robust_list, BOTH, "locks of LMDB"),
    ALLOW(rseq, BOTH, "a thread begins"),
    ALLOW(sched_yield, BOTH, "locks"),
    ALLOW(sched_getaffinity, BOTH, "how many processors the heap is for"),
    ALLOW(exit, BOTH, "a thread ends"),
    ALLOW(exit_group, BOTH, "the end"),
    ALLOW(getpid, BOTH, "LMDB; a secret's owner"),
    ALLOW(gettid, BOTH, "the same"),
    ALLOW(tgkill, BOTH, "an assertion that fails"),
    ALLOW(set_tid_address, WARDEN, "the loader, of what it starts"),
    ALLOW(arch_prctl, WARDEN, "the same"),
    ALLOW(fork, WARDEN, "a reader"),
    ALLOW(vfork, WARDEN, "the same"),
    ALLOW(execve, WARDEN, "its own program, which alone Landlock lets it run"),
    ALLOW(wait4, BOTH, "the end of a reader, or of the warden"),
    ALLOW(kill, WARDEN, "a reader that nobody waits for"),

    /* Signals. */
    ALLOW(rt_sigaction, BOTH, "the end, faults of a damaged file"),
    ALLOW(rt_sigprocmask, BOTH, "threads without signals"),
    ALLOW(rt_sigreturn, BOTH, "behind a handler"),
    ALLOW(sigaltstack, BOTH, "the same"),
    ALLOW(restart_syscall, BOTH, "a wait that was stopped and goes on"),
    ALLOW(rt_sigtimedwait, BOTH, "the end of a reader; LMDB, of a copy cut off"),

    /* Sockets: all are there; none is made, bound or dialled any more, but to
     * firms of the configuration. */
    ONLY(socket, DIALS, "a firm that is dialled; name servers", IS(0, AF_INET)),
    ONLY(socket, DIALS, "the same", IS(0, AF_INET6)),
    ONLY(socket, DIALS, "who caches names on this machine", IS(0, AF_UNIX)),
    { SCMP_SYS(socket), DIALS, CALLS_ABSENT,
      "which addresses this machine has: names are looked up without it, too",
      IS(0, AF_NETLINK) },
    ALLOW(connect, DIALS, "the same"),
    ALLOW(sendmmsg, DIALS, "both questions to a name server at once"),
    ALLOW(accept4, DAEMON, "callers"),
    ALLOW(accept, DAEMON, "the same"),
    ALLOW(shutdown, DAEMON, "the end of a connection; a reader that hangs"),
    ALLOW(getsockname, DAEMON, "which port"),
    ALLOW(getpeername, DAEMON, "whose address"),
    ALLOW(getsockopt, DAEMON, "whose user, on the owner's socket"),
    ALLOW(setsockopt, DAEMON, "a connection that is cut"),
    ALLOW(sendto, BOTH, "answers; the service manager"),
    ALLOW(sendmsg, BOTH, "to the warden, with a key's descriptor"),
    ALLOW(recvfrom, BOTH, "what callers send"),
    ALLOW(recvmsg, BOTH, "from the daemon"),
    ONLY(ioctl, DAEMON, "how much there is to read", IS(1, FIONREAD)),

    /* Waiting. */
    ALLOW(epoll_create1, DAEMON, "the loop"),
    ALLOW(epoll_ctl, DAEMON, "the loop"),
    ALLOW(epoll_wait, DAEMON, "the loop"),
    ALLOW(epoll_pwait, DAEMON, "the loop"),
    ALLOW(poll, BOTH, "the loop; a reader"),
    ALLOW(ppoll, BOTH, "the same"),
    ALLOW(pselect6, BOTH, "the same"),
    ALLOW(eventfd2, DAEMON, "waking the loop"),
    ALLOW(pipe2, BOTH, "a key for a reader; LMDB's copy"),
    ALLOW(pipe, DAEMON, "waking the loop"),

    /* The rest. */
    ALLOW(clock_gettime, BOTH, "time, where it is no page of the kernel's"),
    ALLOW(gettimeofday, BOTH, "the same"),
    ALLOW(clock_nanosleep, BOTH, "a wait"),
    ALLOW(nanosleep, BOTH, "the same"),
    ALLOW(adjtimex, BOTH, "is the clock synchronised"),
    ALLOW(clock_adjtime, BOTH, "the same"),
    ALLOW(getrandom, BOTH, "keys, nonces"),
    ONLY(prctl, DAEMON, "names of threads", IS(0, PR_SET_NAME)),
    ALLOW(prctl, WARDEN, "what it starts narrows itself"),
    ONLY(prlimit64, DAEMON, "reading a limit", NULL_AT(2)),
    ALLOW(prlimit64, WARDEN, "what it starts narrows itself"),
    ALLOW(getrlimit, BOTH, "reading a limit"),
    ALLOW(sysinfo, BOTH, "memory, for the cost of a passphrase; swap"),
    ALLOW(uname, BOTH, "libraries"),
    ALLOW(getuid, BOTH, "libraries"),
    ALLOW(geteuid, BOTH, "libraries"),
    ALLOW(getgid, BOTH, "libraries"),
    ALLOW(getegid, BOTH, "libraries"),

    /* What an intruder would want. */
    NEVER(execve, DAEMON, "no other program"),
    NEVER(execveat, BOTH, "no other program"),
    NEVER(ptrace, BOTH, "no other process"),
    NEVER(process_vm_readv, BOTH, "no other process"),
    NEVER(process_vm_writev, BOTH, "no other process"),
    NEVER(bpf, BOTH, "no code in the kernel"),
    NEVER(keyctl, BOTH, "none of its users' keys"),
    NEVER(mount, BOTH, "no other view of files"),
    NEVER(unshare, BOTH, "no other view of the machine"),
    NEVER(setns, BOTH, "the same"),
    NEVER(open_by_handle_at, BOTH, "no file by its number"),
    NEVER(init_module, BOTH, "no code in the kernel"),
    NEVER(finit_module, BOTH, "the same"),
    NEVER(kexec_load, BOTH, "no other kernel"),
    NEVER(userfaultfd, BOTH, "a tool of attacks alone"),
    NEVER(perf_event_open, BOTH, "the same"),
};
/* clang-format on */

const size_t calls_count = sizeof calls_rows / sizeof calls_rows[0];
