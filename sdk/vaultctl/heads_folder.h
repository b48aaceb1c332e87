/*
 * heads_folder: where heads are kept, one file a vault, and who may write
 * there.
 *
 * It is $XDG_STATE_HOME/vaultctl/heads, or ~/.local/state/vaultctl/heads.
 * Where there is no home, as with the users of services, there is no such
 * folder either, and none is made.  Root, who was left another user's home,
 * reads what is kept there and writes nothing: a file of root's would be one
 * that its owner can replace no more.
 */
#ifndef VAULTCTL_HEADS_FOLDER_H
#define VAULTCTL_HEADS_FOLDER_H

#include <stdbool.h>

#include "base/slice.h"

enum {
    HEADS_ID = 52,     /* characters of a vault's id behind "vd1:" */
    HEADS_PATH = 4096, /* of a file in the folder, with the zero */
};

struct heads_folder {
    char path[HEADS_PATH - HEADS_ID - 1]; /* "": nowhere */
    int lock;                             /* -1: none */
    const char *why; /* nothing is kept; NULL: it is.  Borrowed */
    bool fault;      /* that it is not is a fault, not how things are here */
};

/*
 * Find it, make it and lock it: one look at a time, or a head that another one
 * keeps meanwhile would be taken for a later one.  Who has the lock is not
 * waited for: that one keeps a head.  It never fails: folder->why says what
 * there is not.  End it by heads_folder_close().
 */
void heads_folder_open(struct heads_folder *folder);
void heads_folder_close(struct heads_folder *folder);

/* Is this the id of a vault, which a file's name may have? */
bool heads_is_id(struct vlt_slice text);

/* The path of the file for the vault of this id. */
void heads_folder_file(const struct heads_folder *folder, struct vlt_slice id,
                       char out[HEADS_PATH]);

/* Is a head of any vault but that of this file kept there? */
bool heads_folder_holds_other(const struct heads_folder *folder,
                              const char *file);

#endif
