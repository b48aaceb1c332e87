#define _GNU_SOURCE /* dl_iterate_phdr() */

#include "main/confine.h"

#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "main/calls.h"
#include "main/landlock.h"
#include "main/main_internal.h"
#include "net/dial.h"
#include "store/store.h"
#include "util/log.h"

enum {
    PLACES = 16 + CONFIG_LIST,
    PORT_NAMES = 53, /* of name servers, where an answer is long */
    KEPT = LANDLOCK_READ | LANDLOCK_WRITE,
};

struct list {
    struct landlock_place place[PLACES];
    size_t count;
    uint16_t port[CONFIG_LIST + 1];
    size_t ports;
    char names[STORE_PATH_MAX + 1]; /* the folder of resolv.conf */
};

static void
put(struct list *list, const char *path, unsigned may)
{
    if (path != NULL && list->count < PLACES) {
        list->place[list->count++] =
            (struct landlock_place){ .path = path, .may = may };
    }
}

/* The folder that a path lies in; VLT_E_LIMIT: the path is too long. */
static enum vlt_status
parent_of(const char *path, char out[STORE_PATH_MAX + 1])
{
    size_t len = strlen(path);

    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    while (len > 0 && path[len - 1] != '/') {
        len--;
    }
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    if (len > STORE_PATH_MAX) {
        return VLT_E_LIMIT;
    }
    if (len == 0) {
        out[0] = '.';
        len = 1;
    } else {
        memcpy(out, path, len);
    }
    out[len] = '\0';
    return VLT_OK;
}

/* Where backups lie: below these folders, or below the vault's own. */
static void
put_backups(struct list *list, const struct confine_places *places,
            const char *parent, unsigned may)
{
    const char *const *backup = places->backups;

    if (backup == NULL || backup[0] == NULL) {
        put(list, parent, may);
        return;
    }
    for (; *backup != NULL; backup++) {
        if (access(*backup, F_OK) != 0) {
            log_warning("main", "a folder of `backups` is not there: nothing "
                                "can be written to it before a restart");
        }
        put(list, *backup, may);
    }
}

/* Where /etc/resolv.conf leads to.  The folder, since who writes it replaces
 * it; but not one that everything lies in. */
static void
put_resolver(struct list *list)
{
    char *real = realpath("/etc/resolv.conf", NULL);

    if (real != NULL && parent_of(real, list->names) == VLT_OK &&
        strcmp(list->names, "/run") != 0 && strcmp(list->names, "/") != 0) {
        put(list, list->names, LANDLOCK_READ);
    }
    free(real);
}

/* What dialling needs: the firms' ports, and names. */
static bool
put_dialled(struct list *list, const char *const *dial)
{
    if (dial == NULL || dial[0] == NULL) {
        return false;
    }
    list->port[list->ports++] = PORT_NAMES;
    for (; *dial != NULL && list->ports <= CONFIG_LIST; dial++) {
        list->port[list->ports++] = dial_port(*dial);
    }
    put(list, "/etc", LANDLOCK_READ);
    put_resolver(list);
    return true;
}

/* The loader that the kernel runs before a program such as this. */
static int
find_loader(struct dl_phdr_info *info, size_t size, void *ctx)
{
    const char **out = ctx;

    (void)size;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type == PT_INTERP) {
            *out = (const char *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
        }
    }
    return 1; /* the first is the program itself */
}

static enum vlt_status
fence_files(const struct list *list)
{
    enum vlt_status st =
        landlock_confine_but(list->place, list->count, list->port, list->ports);

    if (st != VLT_OK) {
        complain("run: Landlock is there, and refused: %s", strerror(errno));
    }
    return st;
}

/* VLT_E_NOT_FOUND: the kernel has none. */
static enum vlt_status
fence_calls(unsigned who)
{
    calls_tell();
    enum vlt_status st = calls_install(who);

    if (st == VLT_E_STORAGE) {
        complain("run: the filter of system calls was refused: %s",
                 strerror(errno));
    }
    return st;
}

enum vlt_status
confine_daemon(const struct confine_places *places, struct confined *out)
{
    char parent[STORE_PATH_MAX + 1];
    char run[STORE_PATH_MAX + 1];
    struct list list = { .count = 0 };
    struct confined got = { .landlock = landlock_version() };

    if (parent_of(places->vault, parent) != VLT_OK ||
        parent_of(places->socket, run) != VLT_OK) {
        complain("run: a path is over %d bytes", STORE_PATH_MAX);
        return VLT_E_STORAGE;
    }
    put(&list, places->vault, KEPT | LANDLOCK_FOLDERS);
    put(&list, places->anchor, KEPT);
    put(&list, run, LANDLOCK_REMOVE);
    put_backups(&list, places, parent, KEPT);
    bool dials = put_dialled(&list, places->dial);

    if (got.landlock > 0 && fence_files(&list) != VLT_OK) {
        return VLT_E_STORAGE;
    }
    enum vlt_status st = fence_calls(CALLS_DAEMON | (dials ? CALLS_DIALS : 0U));

    if (st != VLT_OK && st != VLT_E_NOT_FOUND) {
        return st;
    }
    got.filter = st == VLT_OK;
    if (got.landlock == 0) {
        got.why = "this kernel has no Landlock: the daemon can reach all files "
                  "of its user";
    }
    if (!got.filter) {
        got.why = "this kernel has no seccomp: the daemon can make any system "
                  "call";
    }
    if (got.why != NULL) {
        log_warning("main", "%s", got.why);
    }
    *out = got;
    return VLT_OK;
}

enum vlt_status
confine_warden(const struct confine_places *places)
{
    char parent[STORE_PATH_MAX + 1];
    struct list list = { .count = 0 };
    const char *loader = NULL;

    if (parent_of(places->vault, parent) != VLT_OK) {
        return VLT_E_STORAGE;
    }
    (void)dl_iterate_phdr(find_loader, &loader);
    put(&list, "/proc/self/exe", LANDLOCK_READ | LANDLOCK_RUN);
    put(&list, loader, LANDLOCK_READ | LANDLOCK_RUN);
    put(&list, "/usr/lib", LANDLOCK_READ);
    put(&list, "/lib", LANDLOCK_READ);
    put(&list, "/lib64", LANDLOCK_READ);
    put(&list, "/usr/local/lib", LANDLOCK_READ);
    put(&list, "/etc/ld.so.cache", LANDLOCK_READ);
    put(&list, "/var/tmp", KEPT | LANDLOCK_FOLDERS);
    put_backups(&list, places, parent, LANDLOCK_READ);
    if (landlock_version() > 0 && fence_files(&list) != VLT_OK) {
        return VLT_E_STORAGE;
    }
    enum vlt_status st = fence_calls(CALLS_WARDEN);

    return st == VLT_E_NOT_FOUND ? VLT_OK : st;
}
