/*
 * request_binds: which streams a request would bind, and how much of them it
 * would give now.
 */
#include <string.h>

#include "base/time.h"
#include "consent/sieve.h"
#include "service/page_internal.h"
#include "service/request_internal.h"

struct binds {
    const struct request_binding *in;
    struct vlt_json_out *json;
    int64_t from, to; /* of the item */
    const struct terms_item *item;
    size_t at;                                   /* its index */
    struct consent_sieve *sieve[TERMS_PURPOSES]; /* owned */
};

/* Rows that the window would give now: one page is counted, more is said as
 * the page. */
static uint64_t
count_rows(struct binds *binds, const struct stream *stream)
{
    bool raw = binds->item->raw;
    struct read_stream read = {
        .stream = stream,
        .want = { .from = binds->from,
                  .to = binds->to,
                  .every = raw ? 0 : binds->item->bucket_s * VLT_SECOND,
                  .origin = 4 * VLT_DAY, /* a Monday */
                  .stats = raw ? 0 : SERIES_COUNT },
    };
    struct series_at at = { .time = binds->from };
    struct vlt_rows *rows = NULL;
    uint64_t count = 0;
    bool more;

    if (binds->from >= binds->to || page_new_rows(&read, &rows) != VLT_OK) {
        return 0;
    }
    if (series_scan(binds->in->service->series, binds->in->view, stream,
                    &read.want, &at, SERIES_PAGE_ROWS, VLT_LIMIT_BINARY, rows,
                    &more) == VLT_OK) {
        count = vlt_rows_count(rows);
    }
    vlt_rows_free(rows);
    return count;
}

/* Would it be bound for one of its purposes? */
static bool
would_bind(const struct binds *binds, const struct stream *stream)
{
    for (size_t i = 0; i < binds->in->kept->parts; i++) {
        if (terms_item_for(binds->in->kept->terms, binds->at, i) &&
            consent_binds(binds->sieve[i], binds->item->n,
                          vlt_slice_text(stream->name))) {
            return true;
        }
    }
    return false;
}

static bool
put_bound(void *ctx, const struct stream *stream)
{
    struct binds *binds = ctx;
    const struct vocab_node *node = vocab_category(noun_category(stream));

    if (node == NULL || !vocab_mask_has(node->within, binds->item->data) ||
        !would_bind(binds, stream)) {
        return true;
    }
    vlt_put_object(binds->json, NULL);
    vlt_put_int(binds->json, "n", binds->item->n);
    vlt_put_text(binds->json, "stream", stream->name);
    vlt_put_uint(binds->json, "rows", count_rows(binds, stream));
    vlt_put_end(binds->json);
    return binds->json->buf->len < NOUN_ROOM;
}

/* What rules hold back of each part. */
static enum vlt_status
sieve_parts(struct binds *binds)
{
    struct consent_firm facts = guard_firm(binds->in->firm);
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < binds->in->kept->parts; i++) {
        struct terms part;

        terms_part(binds->in->kept->terms, i, &part);
        st = consent_sieve_part(binds->in->service->consent, &facts, &part,
                                binds->in->now, &binds->sieve[i]);
    }
    return st;
}

enum vlt_status
request_put_binds(const struct request_binding *binding,
                  struct vlt_json_out *json)
{
    const struct terms_request *terms = binding->kept->terms;
    struct binds all = { .in = binding, .json = json };
    struct binds *binds = &all;
    enum vlt_status st = sieve_parts(binds);

    vlt_put_list(binds->json, "binds");
    for (size_t i = 0; st == VLT_OK && i < terms->item_count; i++) {
        binds->item = &terms->items[i];
        binds->at = i;
        binds->to = binds->in->now - binds->item->delay_s * VLT_SECOND;
        binds->from = binds->item->window_s == TERMS_WINDOW_NEW
                          ? binds->to
                          : binds->in->now - binds->item->window_s * VLT_SECOND;
        series_each(binds->in->service->series, put_bound, binds);
    }
    vlt_put_end(binds->json);
    for (size_t i = 0; i < TERMS_PURPOSES; i++) {
        consent_sieve_free(binds->sieve[i]);
    }
    return st;
}
