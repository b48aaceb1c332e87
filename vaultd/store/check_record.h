/*
 * check_record: is one record what its place says?
 */
#ifndef STORE_CHECK_RECORD_H
#define STORE_CHECK_RECORD_H

#include "store/store_internal.h"

/* A check of everything, under way. */
struct checking {
    const struct store_view *view;
    struct vlt_buf *why; /* may be NULL */
    struct store_check *out;
    enum env_db db;      /* under way */
    uint64_t at;         /* which record of it, from 1 */
    struct vlt_buf room; /* for a plaintext */
    enum vlt_status st;  /* other than VLT_OK: it cannot go on */
};

/* Are records of this database looked at one by one? */
bool check_looks_at(enum env_db db);

/* Look at a record of c->db: what is wrong is counted and told. */
void check_record(struct checking *c, struct vlt_slice key,
                  struct vlt_slice value);

#endif
