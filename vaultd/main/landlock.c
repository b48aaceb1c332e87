#define _GNU_SOURCE /* O_PATH, syscall() */

#include "main/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As linux/landlock.h has it from version 6 on; the header of Debian 12 knows
 * version 2.  A kernel takes a longer one whose end it does not know, as long
 * as that is zero. */
struct ruleset {
    uint64_t files;
    uint64_t network;
    uint64_t scoped;
};

/* As the header has it from version 4 on. */
struct port_rule {
    uint64_t access;
    uint64_t port;
};

enum { RULE_PORT = 2 };

#define CONNECT UINT64_C(2)        /* by TCP */
#define CUT (UINT64_C(1) << 14)    /* TRUNCATE, version 3 */
#define DEVICE (UINT64_C(1) << 15) /* IOCTL_DEV, version 5 */
#define NETWORK UINT64_C(3)        /* bind and connect by TCP, version 4 */
#define SCOPED UINT64_C(3)         /* abstract sockets, signals: version 6 */
#define REFER LANDLOCK_ACCESS_FS_REFER /* version 2 */
#define FIRST UINT64_C(0x1fff)         /* all that version 1 knows */

#define READ_RIGHTS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE_RIGHTS                                                           \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |             \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | REFER | CUT)
#define FOLDER_RIGHTS                                                          \
    (LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR)
/* What a file that is no folder can be given. */
#define FILE_RIGHTS                                                            \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |              \
     LANDLOCK_ACCESS_FS_READ_FILE | CUT | DEVICE)

int
landlock_version(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
                           LANDLOCK_CREATE_RULESET_VERSION);

    return version > 0 ? (int)version : 0;
}

/* All that this kernel can withhold. */
static struct ruleset
all_of(int version)
{
    struct ruleset all = { .files = FIRST };

    all.files |= version >= 2 ? REFER : 0;
    all.files |= version >= 3 ? CUT : 0;
    all.files |= version >= 5 ? DEVICE : 0;
    all.network = version >= 4 ? NETWORK : 0;
    all.scoped = version >= 6 ? SCOPED : 0;
    return all;
}

static uint64_t
rights_of(unsigned may)
{
    uint64_t rights = 0;

    rights |= (may & LANDLOCK_READ) != 0 ? READ_RIGHTS : 0;
    rights |= (may & LANDLOCK_WRITE) != 0 ? WRITE_RIGHTS : 0;
    rights |= (may & LANDLOCK_FOLDERS) != 0 ? FOLDER_RIGHTS : 0;
    rights |= (may & LANDLOCK_REMOVE) != 0 ? LANDLOCK_ACCESS_FS_REMOVE_FILE : 0;
    rights |= (may & LANDLOCK_RUN) != 0 ? LANDLOCK_ACCESS_FS_EXECUTE : 0;
    return rights;
}

/* False: the kernel refused. */
static bool
allow(int ruleset, const struct landlock_place *place, uint64_t known)
{
    struct landlock_path_beneath_attr rule = {
        .allowed_access = rights_of(place->may) & known
    };
    struct stat about;
    int fd = open(place->path, O_PATH | O_CLOEXEC);

    if (fd < 0) {
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
    }
    if (fstat(fd, &about) == 0 && !S_ISDIR(about.st_mode)) {
        rule.allowed_access &= FILE_RIGHTS;
    }
    rule.parent_fd = fd;
    bool done = rule.allowed_access == 0 ||
                syscall(SYS_landlock_add_rule, ruleset,
                        LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
    int error = errno;

    (void)close(fd);
    errno = error;
    return done;
}

/* False: the kernel refused. */
static bool
allow_port(int ruleset, uint16_t port)
{
    struct port_rule rule = { .access = CONNECT, .port = port };

    return syscall(SYS_landlock_add_rule, ruleset, RULE_PORT, &rule, 0) == 0;
}

enum vlt_status
landlock_confine(const struct landlock_place *places, size_t count)
{
    return landlock_confine_but(places, count, NULL, 0);
}

enum vlt_status
landlock_confine_but(const struct landlock_place *places, size_t count,
                     const uint16_t *ports, size_t port_count)
{
    struct ruleset all = all_of(landlock_version());
    int ruleset =
        (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
    bool done = ruleset >= 0;

    if (!done) {
        return VLT_E_STORAGE;
    }
    for (size_t i = 0; done && i < count; i++) {
        done = allow(ruleset, &places[i], all.files);
    }
    for (size_t i = 0; done && all.network != 0 && i < port_count; i++) {
        done = allow_port(ruleset, ports[i]);
    }
    done = done && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    int error = errno;

    (void)close(ruleset);
    errno = error;
    return done ? VLT_OK : VLT_E_STORAGE;
}
