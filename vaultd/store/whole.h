/*
 * whole: is data.mdb as long as its newest commit needs?
 *
 * LMDB maps the file and looks no further: a page beyond the end of a file that
 * was cut is a SIGBUS for whoever reads it, and is written over as if it were
 * there.  The newest meta page tells the last page.  That page, and others
 * before it, may be missing all the same: a page that was taken and given back
 * within one transaction is never written.  Such pages are in the list of free
 * pages; any other that is missing was lost.
 *
 * The layout is that of LMDB 0.9.24 on a little-endian machine (data version
 * 1), in the machine's size_t.  Pure.  Threads: any.
 */
#ifndef STORE_WHOLE_H
#define STORE_WHOLE_H

#include "base/slice.h"
#include "base/status.h"

enum {
    /* Pages that one transaction may take and give back: what LMDB keeps in
     * memory of it. */
    WHOLE_SPARE = 131072,
};

/*
 * VLT_E_FORMAT   the first pages are no meta pages of LMDB
 * VLT_E_STORAGE  pages are missing that are not free
 * VLT_E_NOMEM    no memory
 */
VLT_MUST_USE enum vlt_status whole_check(struct vlt_slice file);

#endif
