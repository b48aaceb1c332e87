#define _GNU_SOURCE /* MAP_ANONYMOUS, syscall() */

#include "main/seeds.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/thread.h"

bool
seeds_strict(void)
{
    return true;
}

static void
call_execve(void)
{
    static char name[] = "true";
    char *words[] = { name, NULL };

    (void)execve("/bin/true", words, NULL);
}

static void
call_ptrace(void)
{
    (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

/* One that the table does not have. */
static void
call_unknown(void)
{
    (void)syscall(SYS_getpgid, 0);
}

static void
map_code(void)
{
    (void)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
               -1, 0);
}

static void
on_thread(void *ctx)
{
    (void)ctx;
    call_execve();
}

static void
thread_execve(void)
{
    struct thread *thread = NULL;

    if (thread_start("seed", on_thread, NULL, &thread) == VLT_OK) {
        thread_join(thread);
    }
}

/* What Landlock is for: the calls are in the table, the places are not. */
static void
open_elsewhere(void)
{
    int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);

    (void)fprintf(stderr, "seed: open: %s\n", fd < 0 ? "refused" : "done");
}

static void
dial(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(9) };
    struct sockaddr_storage to = { 0 };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memcpy(&to, &at, sizeof at);
    (void)connect(fd, (const struct sockaddr *)&to, sizeof at);
}

static const struct {
    const char *name;
    void (*call)(void);
} seeds[] = {
    { "call-execve", call_execve },
    { "call-ptrace", call_ptrace },
    { "call-unknown", call_unknown },
    { "map-code", map_code },
    { "thread-execve", thread_execve },
    { "open-elsewhere", open_elsewhere },
    { "dial", dial },
};

void
seeds_forbidden(void)
{
    const char *chosen = getenv("VAULT_SEED");

    for (size_t i = 0; chosen != NULL && i < sizeof seeds / sizeof seeds[0];
         i++) {
        if (strcmp(chosen, seeds[i].name) == 0) {
            seeds[i].call();
        }
    }
}
