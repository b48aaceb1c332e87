/*
 * audit_internal: a tree in memory, for the files of the room.
 */
#ifndef AUDIT_INTERNAL_H
#define AUDIT_INTERNAL_H

#include "audit/audit.h"
#include "crypto/secret.h"
#include "crypto/tree.h"
#include "store/record.h"
#include "util/lock.h"
#include "util/map.h"
#include "wire/entry.h"

/* A tree as it is on disk, and as the turn under way has made it. */
struct log_tree {
    uint8_t id[AUDIT_TREE_LEN];
    struct vlt_tree committed;
    struct vlt_tree working;
    int64_t committed_time; /* of the last entry, ns; 0 while empty */
    int64_t working_time;
    struct log_tree *next_dirty;
    bool dirty;
};

struct audit {
    struct lock *lock;        /* over trees and what is committed in them */
    struct map *trees;        /* by id; owned */
    struct log_tree *dirty;   /* commit thread: touched in this turn */
    struct vlt_secret *salts; /* commit thread: of entries to come; owned */
    size_t salts_left;        /* of them, at the front */
    uint32_t instance;
};

extern const uint8_t audit_master[AUDIT_TREE_LEN];

/* The tree of this id, read from the view when it is first asked for.
 * Borrowed until audit_clear(). */
VLT_MUST_USE enum vlt_status audit_tree(struct audit *audit,
                                        const struct store_view *view,
                                        const uint8_t id[AUDIT_TREE_LEN],
                                        struct log_tree **out);

/* The level of the smallest nodes that are stored; those below are made of
 * their leaves, 8 at most, so that 15 of 16 appends write none.  It may be
 * raised; stores lack what a lower one would read. */
enum { AUDIT_NODE_LEAST = 4 };

/* A final node of a stored tree, from its record or its leaves; false: st says
 * why. */
struct audit_nodes {
    const struct store_view *view;
    const uint8_t *tree;
    enum vlt_status st; /* why one was not to be had */
};
bool audit_node_get(void *ctx, unsigned level, uint64_t index,
                    uint8_t out[VLT_HASH_LEN]);

/* Split a stored body into entry, salt and detail; VLT_E_FORMAT: it is none.
 * master says how long its entry is. */
VLT_MUST_USE enum vlt_status audit_split(struct vlt_slice body, bool master,
                                         struct vlt_slice *entry,
                                         struct vlt_slice *salt,
                                         struct vlt_slice *detail);

#endif
