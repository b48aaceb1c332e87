/*
 * root: the plaintext of `!root`, 256 bytes, rewritten by every commit.  Pure.
 */
#ifndef STORE_ROOT_H
#define STORE_ROOT_H

#include "base/slice.h"
#include "base/status.h"

enum {
    ROOT_LEN = 256,
    ROOT_TAILS = 4,
    ROOT_HASH = 32,
};

enum root_tail_state {
    ROOT_TAIL_FREE = 0,
    ROOT_TAIL_OPEN = 1,
    ROOT_TAIL_CLOSED = 2,
};

/* A slot of tails: which arrivals it holds. */
struct root_tail {
    uint64_t segment;
    uint64_t first; /* arrival of its first record */
    uint64_t end;   /* one past its last; 0 while it is open */
    enum root_tail_state state;
};

struct root {
    uint64_t commit;  /* number of the commit; also the record's version */
    uint64_t arrival; /* next */
    uint64_t no;      /* next chunk number */
    uint64_t keyring_n;
    uint64_t keyring_g;
    struct root_tail tail[ROOT_TAILS];
    uint8_t set_hash[ROOT_HASH];
    uint64_t audit_size;
    uint8_t audit_head[ROOT_HASH];
    int64_t highest_ns; /* wall time ever written */
    uint64_t drained;   /* inbox entries */
};

void root_encode(const struct root *root, uint8_t out[ROOT_LEN]);

/*
 * VLT_E_LIMIT   a newer version of the record
 * VLT_E_FORMAT  another length, an unknown state, a zero that is not one, or
 *               slots that contradict themselves
 */
VLT_MUST_USE enum vlt_status root_decode(struct vlt_slice bytes,
                                         struct root *out);

#endif
