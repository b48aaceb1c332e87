#define _GNU_SOURCE /* fstatfs() */

#include "store/volume.h"

#include <errno.h>
#include <linux/magic.h>
#include <stddef.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

/* Not in <linux/magic.h>. */
#define BCACHEFS_MAGIC 0xca451a4e
#define ZFS_MAGIC 0x2fc12fc1

/* They put what is overwritten elsewhere, and so need room for it. */
static const uint32_t copying[] = { BTRFS_SUPER_MAGIC,     NILFS_SUPER_MAGIC,
                                    F2FS_SUPER_MAGIC,      BCACHEFS_MAGIC,
                                    OVERLAYFS_SUPER_MAGIC, ZFS_MAGIC };

static bool
writes_in_place(uint32_t type)
{
    for (size_t i = 0; i < sizeof copying / sizeof *copying; i++) {
        if (type == copying[i]) {
            return false;
        }
    }
    return true;
}

enum vlt_status
volume_look(int fd, struct volume *out)
{
    struct statvfs room;
    struct statfs type;

    if (fstatvfs(fd, &room) != 0 || fstatfs(fd, &type) != 0) {
        return VLT_E_STORAGE;
    }
    *out = (struct volume){
        .free = (uint64_t)room.f_bavail * room.f_frsize,
        .size = (uint64_t)room.f_blocks * room.f_frsize,
        .in_place = writes_in_place((uint32_t)type.f_type),
    };
    return VLT_OK;
}
