#include "client/evidence.h"

#include "client/acknowledge.h"
#include "client/checkpoints.h"
#include "client/client_internal.h"
#include "client/reading.h"
#include "crypto/hash.h"
#include "wire/use.h"

enum { DEPTH = 4 };

enum vault_status
vlt_evidence_keep(struct vault_client *client, struct vlt_evidence *evidence,
                  const struct vlt_json *object)
{
    vlt_buf_clear(&evidence->text);
    if (object == NULL) {
        return VAULT_OK;
    }
    vlt_json_print(object, false, &evidence->text);
    return vlt_buf_failed(&evidence->text)
               ? vlt_client_fault(client, VAULT_E_NOMEM, "out of memory")
               : VAULT_OK;
}

void
vlt_evidence_free(struct vlt_evidence *evidence)
{
    vlt_buf_free(&evidence->text);
}

static const char *
verify(struct vault_client *client, const struct vlt_reading *reading,
       const struct vlt_evidence_page *page, const struct vlt_use *use,
       struct vlt_checkpoint *head)
{
    struct vlt_checkpoint kept;
    uint8_t digest[VLT_HASH_LEN];
    struct vlt_use_expected expected = { .pk = client->record.key };
    struct vlt_entry entry;
    const char *why = "it does not hold";

    if (use->ref != reading->ref || use->seq != page->seq) {
        return "it is of another page";
    }
    if (reading->has_grant) {
        expected.grant = reading->grant;
    }
    if (vlt_checkpoints_kept(client, &kept)) {
        expected.origin = &kept.origin;
    }
    if (reading->kind == VLT_FRAME_PAGE) {
        vlt_sha256_of(page->message, digest);
        expected.sha256 = digest;
        if (vlt_entry_decode(use->entry, &entry) != VLT_OK ||
            entry.type != vlt_entry_type(vlt_slice_text("use"))) {
            return "the entry is of no use";
        }
    }
    return vlt_use_verify(use, &expected, head, &why) == VLT_OK ? NULL : why;
}

static enum vault_status
check(struct vault_client *client, struct vlt_reading *reading,
      const struct vlt_evidence_page *page)
{
    struct vlt_json *document = NULL;
    struct vlt_buf held = { 0 };
    struct vlt_use use;
    struct vlt_checkpoint head;
    const char *why = "it is malformed";
    enum vault_status status;

    if (vlt_json_parse(vlt_buf_slice(&reading->evidence.text), VLT_LIMIT_TEXT,
                       DEPTH, NULL, &document) == VLT_OK &&
        vlt_use_read(document, &held, &use) == VLT_OK) {
        why = verify(client, reading, page, &use, &head);
    }
    if (why == NULL) {
        status = vlt_checkpoints_keep(client, &head);
        vlt_prove_count(client);
        vlt_acks_entry(client, reading, use.detail);
    } else {
        status = vlt_client_fault(client, VAULT_E_PROTOCOL,
                                  "the log's evidence for page %llu: %s",
                                  (unsigned long long)page->seq, why);
    }
    vlt_json_free(document);
    vlt_buf_free(&held);
    return status;
}

enum vault_status
vlt_evidence_check(struct vault_client *client, struct vlt_reading *reading,
                   const struct vlt_evidence_page *page)
{
    enum vault_status status = VAULT_OK;

    if (!client->record.has_key) {
        return VAULT_OK;
    }
    if (reading->evidence.text.len > 0) {
        status = check(client, reading, page);
        vlt_buf_clear(&reading->evidence.text);
    } else if (reading->kind == VLT_FRAME_PAGE && page->rows > 0) {
        status = vlt_client_fault(client, VAULT_E_PROTOCOL,
                                  "page %llu came without the log's evidence",
                                  (unsigned long long)page->seq);
    }
    if (status == VAULT_OK) {
        vlt_acks_page(reading, page->seq, page->message);
    }
    return status;
}
