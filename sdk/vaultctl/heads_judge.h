/*
 * heads_judge: a head of a vault's log that was kept, held against the one that
 * the vault shows now.
 *
 * Pure.  Whether a head is signed by the vault is not looked at: what is kept
 * was written by this program, and what is shown is the vault's own word; what
 * decides is whether the hashes of one go on in the other (RFC 9162, 2.1.4).
 */
#ifndef VAULTCTL_HEADS_JUDGE_H
#define VAULTCTL_HEADS_JUDGE_H

#include <stdbool.h>

#include "wire/checkpoint.h"
#include "json/json.h"

enum heads_verdict {
    HEADS_SAME,   /* the very head */
    HEADS_GREW,   /* larger: to be proved (heads_extends()) */
    HEADS_BACK,   /* smaller: an earlier copy */
    HEADS_FORKED, /* the same size, another root */
    HEADS_OTHER,  /* of another tree, or another instance of the vault */
};

enum heads_verdict heads_compare(const struct vlt_checkpoint *kept,
                                 const struct vlt_checkpoint *shown);

/*
 * Does the list of base64 hashes prove that the tree of `shown` extends that of
 * `kept`, which is smaller and not empty?  Instances are not looked at: a log
 * goes on in the next one.
 */
bool heads_extends(const struct vlt_checkpoint *kept,
                   const struct vlt_checkpoint *shown,
                   const struct vlt_json *path);

/*
 * Among entries of the log (audit.list), of the type `restore`: the one by
 * which a log of this instance was carried on in another.  *size is how many
 * entries it had then.  False: there is none, so nothing says that it was.
 */
bool heads_carried_on(const struct vlt_json *entries, uint32_t instance,
                      uint64_t *size);

#endif
