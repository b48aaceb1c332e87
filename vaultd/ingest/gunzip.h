/*
 * gunzip: a gzip body (RFC 1952), inflated with a capped size.
 */
#ifndef GUNZIP_H
#define GUNZIP_H

#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"

/*
 * Inflate a whole body of one or more members, appended to out, at most max
 * bytes of it (1 to 2^30).
 *
 * VLT_E_FORMAT  not gzip, cut, damaged (each member's checksum is checked), or
 *               bytes behind the last member
 * VLT_E_LIMIT   more than max bytes come out; inflating stops there
 * VLT_E_NOMEM
 * On failure out is as it was.
 */
VLT_MUST_USE enum vlt_status gunzip(struct vlt_slice body, size_t max,
                                    struct vlt_buf *out);

#endif
