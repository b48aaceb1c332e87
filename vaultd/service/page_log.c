/*
 * page_log: what the log says of a page, and the heads signed for it (commit
 * thread).
 */
#include <stdlib.h>
#include <string.h>

#include "service/acks.h"
#include "service/page_internal.h"
#include "wire/use.h"

/* ---- details of the log ---- */

/* As the firm's tree has it (wire/use.h). */
static enum vlt_status
put_use(struct vlt_buf *out, const struct page *page,
        const struct consent_use *use)
{
    const struct reading *reading = page->reading;
    const struct gave gave = page_gave(page);
    struct vlt_use_stream one;
    struct vlt_use_stream *streams =
        page->many ? calloc(reading->count + 1, sizeof *streams) : &one;
    struct vlt_use_detail detail = {
        .streams = streams,
        .rows = page->rows,
        .bytes = page->frame.len,
        .terms = use->grant->terms_version,
    };

    if (streams == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = gave_from(&gave, reading, 0); i < reading->count;
         i = gave_from(&gave, reading, i + 1)) {
        const struct given *given = gave_of(&gave, reading, i);

        streams[detail.stream_count++] = (struct vlt_use_stream){
            .name = vlt_slice_text(reading->streams[i].shown),
            .from = given->first,
            .to = given->last + 1,
            .rows = given->rows,
        };
    }
    memcpy(detail.grant, reading->grant, sizeof detail.grant);
    memcpy(detail.use, use->id, sizeof detail.use);
    memcpy(detail.sha256, page->sha256, sizeof detail.sha256);
    vlt_use_detail_put(&detail, out);
    if (page->many) {
        free(streams);
    }
    return vlt_buf_status(out);
}

static void
put_given(struct vlt_json_out *json, const struct page *page)
{
    const struct reading *reading = page->reading;
    const struct gave gave = page_gave(page);

    vlt_put_list(json, "streams");
    for (size_t i = gave_from(&gave, reading, 0); i < reading->count;
         i = gave_from(&gave, reading, i + 1)) {
        const struct given *given = gave_of(&gave, reading, i);

        vlt_put_object(json, NULL);
        vlt_put_text(json, "name", reading->streams[i].stream->name);
        vlt_put_time(json, "from", given->first);
        vlt_put_time(json, "to", given->last + 1);
        vlt_put_uint(json, "rows", given->rows);
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

/* As the master tree has it: true names, snapshot, epoch, rules. */
static enum vlt_status
put_use_owner(struct vlt_buf *out, const struct page *page,
              const struct consent_use *use)
{
    const struct reading *reading = page->reading;
    struct vlt_json_out json = vlt_json_out(out);

    vlt_put_object(&json, NULL);
    vlt_put_ulid(&json, "grant", reading->grant);
    vlt_put_ulid(&json, "use", use->id);
    put_given(&json, page);
    vlt_put_uint(&json, "rows", page->rows);
    vlt_put_uint(&json, "bytes", page->frame.len);
    vlt_put_hex(&json, "sha256", page->sha256, sizeof page->sha256);
    vlt_put_uint(&json, "terms", use->grant->terms_version);
    vlt_put_uint(&json, "snapshot", page->snapshot);
    vlt_put_uint(&json, "epoch", consent_epoch_now(reading->service->consent));
    vlt_put_list(&json, "rules");
    for (size_t i = 0; i < use->grant->rule_count; i++) {
        vlt_put_text(&json, NULL, use->grant->rule[i].name);
    }
    vlt_put_end(&json);
    vlt_put_end(&json);
    return vlt_buf_status(out);
}

enum vlt_status
page_log_use(struct page *page, struct turn *turn, const struct firm *firm,
             const struct consent_use *use)
{
    struct guard_event event = { .type = AUDIT_USE,
                                 .subject = page->reading->grant,
                                 .firm = firm,
                                 .of_grant = true,
                                 .seq = use->event_seq };
    struct vlt_buf owner;
    enum vlt_status st;

    vlt_buf_init(&owner, AUDIT_DETAIL_MAX);
    vlt_buf_clear(&page->detail);
    st = put_use(&page->detail, page, use);
    if (st == VLT_OK) {
        st = put_use_owner(&owner, page, use);
    }
    event.firm_detail = vlt_buf_slice(&page->detail);
    event.owner_detail = vlt_buf_slice(&owner);
    if (st == VLT_OK) {
        st = guard_log(turn, &event, &page->mark);
    }
    vlt_buf_free(&owner);
    return st;
}

enum vlt_status
page_log_span(struct page *page, struct turn *turn, const struct firm *firm)
{
    struct guard_event event = { .type = AUDIT_SPAN_OPEN,
                                 .subject = page->reading->grant,
                                 .firm = firm,
                                 .of_grant = true };
    const struct span *span = &page->reading->span;
    struct vlt_json_out json;
    struct vlt_buf owner;
    enum vlt_status st;

    vlt_buf_init(&owner, AUDIT_DETAIL_MAX);
    vlt_buf_clear(&page->detail);
    for (int i = 0; i < 2; i++) {
        json = vlt_json_out(i == 0 ? &page->detail : &owner);
        vlt_put_object(&json, NULL);
        vlt_put_ulid(&json, "grant", page->reading->grant);
        vlt_put_ulid(&json, "span", span->id);
        vlt_put_uint(&json, "subscription", page->reading->ref);
        vlt_put_time(&json, "until", span->ends);
        vlt_put_int(&json, "rows", SPAN_ROWS);
        vlt_put_int(&json, "bytes", SPAN_BYTES);
        if (i == 1) {
            vlt_put_uint(&json, "snapshot", page->snapshot);
            vlt_put_uint(&json, "epoch", span->epoch);
        }
        vlt_put_end(&json);
    }
    event.firm_detail = vlt_buf_slice(&page->detail);
    event.owner_detail = vlt_buf_slice(&owner);
    st = guard_log(turn, &event, &page->mark);
    vlt_buf_free(&owner);
    return st;
}

/* What left in the span that is over: its firm may sign for it. */
static void
note_left(const struct reading *reading, const uint8_t digest[32])
{
    struct vlt_ack what = { .span = true,
                            .last_seq = reading->delivered.last_seq };

    memcpy(what.grant, reading->grant, sizeof what.grant);
    memcpy(what.id, reading->span.id, sizeof what.id);
    memcpy(what.sha256, digest, sizeof what.sha256);
    acks_left(reading->service->acks, reading->who.id, &what);
}

/* The entry that says what left in the span that is over. */
enum vlt_status
page_span_close(struct page *page, struct turn *turn, const struct firm *firm)
{
    struct reading *reading = page->reading;
    struct delivered *delivered = &reading->delivered;
    struct vlt_sha256 hash = delivered->hash;
    struct guard_event event = { .type = AUDIT_SPAN_CLOSE,
                                 .subject = reading->grant,
                                 .firm = firm,
                                 .of_grant = true };
    struct vlt_json_out json;
    struct vlt_buf detail;
    uint8_t digest[32];
    enum vlt_status st;

    if (!reading->span.open) {
        return VLT_OK;
    }
    vlt_sha256_end(&hash, digest);
    vlt_buf_init(&detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&detail);
    vlt_put_object(&json, NULL);
    vlt_put_ulid(&json, "grant", reading->grant);
    vlt_put_ulid(&json, "span", reading->span.id);
    vlt_put_uint(&json, "subscription", reading->ref);
    vlt_put_uint(&json, "rows", delivered->span_rows);
    vlt_put_uint(&json, "last_seq", delivered->last_seq);
    vlt_put_hex(&json, "sha256", digest, sizeof digest);
    vlt_put_end(&json);
    event.firm_detail = vlt_buf_slice(&detail);
    event.owner_detail = vlt_buf_slice(&detail);
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&detail);
    if (st == VLT_OK) {
        if (delivered->span_rows > 0) {
            note_left(reading, digest);
        }
        reading->span.open = false;
        vlt_sha256_begin(&delivered->hash);
        delivered->span_rows = 0;
    }
    return st;
}

/* ---- evidence ---- */

static enum vlt_status
sign(struct page *page, struct turn *turn)
{
    struct service *service = turn->service;
    const uint8_t *tree = page->reading->who.id;
    const struct firm *firm = identity_firm_now(service->identity, tree);
    const struct vlt_signer *signer = NULL;
    struct audit_head head;
    enum vlt_status st;

    if (firm == NULL) {
        return VLT_E_NOT_FOUND;
    }
    st = audit_head(service->audit, store_txn_view(turn->txn), tree, &head);
    if (st == VLT_OK) {
        st = identity_kept_signer(service->identity, tree, firm->receipt_n,
                                  &signer);
    }
    if (st == VLT_OK) {
        vlt_buf_clear(&page->checkpoint);
        st = audit_checkpoint(service->audit, tree, &head, signer,
                              &page->checkpoint);
    }
    firm_release(firm);
    return st;
}

/* A page of the same firm that was signed already in this turn; NULL. */
static const struct page *
signed_before(const struct turn *turn, const struct page *page)
{
    for (const struct page *at = turn->pages; at != page; at = at->signing) {
        if (memcmp(at->reading->who.id, page->reading->who.id, VLT_ID_LEN) ==
            0) {
            return at;
        }
    }
    return NULL;
}

enum vlt_status
page_sign_all(struct turn *turn)
{
    for (struct page *page = turn->pages; page != NULL; page = page->signing) {
        const struct page *other = signed_before(turn, page);
        enum vlt_status st = VLT_OK;

        if (other != NULL) {
            vlt_buf_clear(&page->checkpoint);
            vlt_buf_put_slice(&page->checkpoint,
                              vlt_buf_slice(&other->checkpoint));
        } else {
            st = sign(page, turn);
        }
        if (st != VLT_OK) {
            return st;
        }
    }
    return VLT_OK;
}

void
page_evidence(const struct page *page, struct vlt_buf *out)
{
    struct vlt_json_out json = vlt_json_out(out);
    struct vlt_use use = {
        .ref = page->reading->ref,
        .seq = page->seq,
        .index = page->mark.index,
        .entry = vlt_slice_of(page->mark.entry, page->mark.entry_len),
        .salt = vlt_slice_of(page->mark.salt, sizeof page->mark.salt),
        .detail = vlt_buf_slice(&page->detail),
        .checkpoint = vlt_buf_slice(&page->checkpoint),
    };

    vlt_use_put(&json, NULL, &use);
}
