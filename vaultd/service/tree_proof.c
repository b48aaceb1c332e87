/*
 * What shows that an entry is in the log: head, checkpoint, proof.
 */
#include <string.h>

#include "service/noun_internal.h"
#include "wire/proof.h"

static enum vlt_status
read_head(struct noun_tree *tree)
{
    struct service *service = tree->service;
    struct store_read *read = NULL;
    enum vlt_status st = store_read_begin(service->store, &read);

    if (st == VLT_OK) {
        st = audit_committed_head(service->audit, store_read_view(read),
                                  tree->id, &tree->head);
    }
    store_read_end(read);
    return st;
}

enum vlt_status
noun_tree_begin(struct service *service, const struct firm *firm,
                struct noun_tree *out)
{
    enum vlt_status st;

    *out = (struct noun_tree){ .service = service };
    vlt_buf_init(&out->checkpoint, 0);
    if (firm != NULL) {
        memcpy(out->id, firm->id, sizeof out->id);
    }
    st = noun_receipt_signer(service, firm, &out->signer);
    if (st == VLT_OK) {
        st = read_head(out);
    }
    if (st == VLT_OK) {
        st = audit_checkpoint(service->audit, out->id, &out->head, out->signer,
                              &out->checkpoint);
    }
    /* Begun behind the head, so that it shows all that the head covers. */
    if (st == VLT_OK) {
        st = store_read_begin(service->store, &out->read);
    }
    if (st == VLT_OK) {
        out->view = store_read_view(out->read);
    }
    return st;
}

void
noun_tree_end(struct noun_tree *tree)
{
    store_read_end(tree->read);
    vlt_signer_free(tree->signer);
    vlt_buf_free(&tree->checkpoint);
    tree->read = NULL;
    tree->signer = NULL;
}

/* entry ‖ salt ‖ detail, as far as they are not shredded. */
struct opening {
    struct vlt_buf bytes;
    bool found;
};

static bool
open_entry(void *ctx, const struct audit_entry *entry)
{
    struct opening *opening = ctx;

    opening->found = true;
    vlt_buf_put_slice(&opening->bytes, entry->entry);
    vlt_buf_put_slice(&opening->bytes, entry->salt);
    vlt_buf_put_slice(&opening->bytes, entry->detail);
    return false;
}

enum vlt_status
noun_put_proof(const struct noun_tree *tree, uint64_t index,
               struct vlt_buf *out)
{
    struct audit *audit = tree->service->audit;
    struct opening opening = { .found = false };
    enum vlt_status st = VLT_E_NOT_FOUND;

    if (index >= tree->head.size) {
        return st;
    }
    vlt_buf_init(&opening.bytes, 0);
    st =
        audit_each(audit, tree->view, tree->id, index, 1, open_entry, &opening);
    if (st == VLT_OK && !opening.found) {
        st = VLT_E_NOT_FOUND;
    }
    if (st == VLT_OK) {
        vlt_buf_put_text(out, "c2sp.org/tlog-proof@v1\n");
        if (opening.bytes.len > 0) {
            vlt_buf_put_text(out, "extra ");
            vlt_base64_put(out, vlt_buf_slice(&opening.bytes));
            vlt_buf_put_text(out, "\n");
        }
        vlt_buf_printf(out, "index %llu\n", (unsigned long long)index);
        st = audit_inclusion(audit, tree->view, tree->id, index,
                             tree->head.size, out);
    }
    if (st == VLT_OK) {
        vlt_buf_put_text(out, "\n");
        vlt_buf_put_slice(out, vlt_buf_slice(&tree->checkpoint));
        st = vlt_buf_status(out);
    }
    vlt_buf_free(&opening.bytes);
    return st;
}
