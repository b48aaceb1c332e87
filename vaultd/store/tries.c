#include "keys/files.h"
#include "keys/stamp.h"
#include "store/slots.h"
#include "store/store_internal.h"
#include "util/log.h"

static const char name[] = "TRIES";
static const char magic[] = "vdtries1";

enum vlt_status
store_tries_read(const struct store *store, uint64_t *out)
{
    struct vlt_buf bytes = { 0 };
    enum vlt_status st =
        files_read(store->dir.fd, name, STAMP_LEN, &bytes, NULL);

    if (st == VLT_OK) {
        st = stamp_decode(magic, vlt_buf_slice(&bytes), out);
    } else if (st == VLT_E_NOT_FOUND) {
        *out = 0;
        st = VLT_OK;
    }
    vlt_buf_free(&bytes);
    return st == VLT_E_LIMIT ? VLT_E_FORMAT : st;
}

enum vlt_status
store_tries_write(struct store *store, uint64_t tries)
{
    struct vlt_buf why = { 0 };
    uint8_t bytes[STAMP_LEN];

    stamp_encode(magic, tries, bytes);
    struct vlt_slice file = vlt_slice_of(bytes, sizeof bytes);
    enum vlt_status st = files_write(store->dir.fd, name, file, &why);

    /* The ballast is not for this: who mistypes on a full disk would spend it,
     * and the count is kept in memory, too. */
    if (st != VLT_OK) {
        log_warning("store", "%s",
                    why.failed || why.len == 0 ? "cannot write TRIES"
                                               : vlt_buf_text(&why));
    }
    vlt_buf_free(&why);
    return st;
}
