#include "stock.h"

#include <string.h>

#include "bench.h"

enum {
    LEN = sizeof(size_t),    /* before the room: how long the batch is */
    BATCH_MOST = 1024 * 1024 /* of a batch, about */
};

void
stock_free(struct stock *stock)
{
    vlt_buf_free(&stock->bytes);
    *stock = (struct stock){ .taken = 0 };
}

static void
make_one(struct stock *stock, stock_fn *make, void *ctx)
{
    struct vlt_buf *bytes = &stock->bytes;
    size_t at = bytes->len;
    size_t len;

    (void)vlt_buf_extend(bytes, LEN + STOCK_FRONT);
    make(ctx, bytes);
    if (vlt_buf_failed(bytes)) {
        bench_die("out of memory", 0);
    }
    len = bytes->len - at - LEN - STOCK_FRONT;
    memcpy(bytes->at + at, &len, sizeof len);
}

/* Room at once, since a buffer that grows is there twice meanwhile. */
static void
make_room(struct stock *stock, size_t bytes)
{
    if (vlt_buf_extend(&stock->bytes, bytes + BATCH_MOST) == NULL) {
        bench_die("out of memory", 0);
    }
    vlt_buf_clear(&stock->bytes);
}

void
stock_fill(struct stock *stock, struct stock_share share, stock_fn *make,
           void *ctx)
{
    if (share.batches > 0) {
        make_room(stock, share.bytes);
    }
    for (size_t i = 0; i < share.batches && stock->bytes.len < share.bytes;
         i++) {
        make_one(stock, make, ctx);
    }
}

uint8_t *
stock_take(struct stock *stock, stock_fn *make, void *ctx, size_t *len)
{
    uint8_t *batch;

    if (stock->taken == stock->bytes.len) {
        vlt_buf_clear(&stock->bytes);
        stock->taken = 0;
        make_one(stock, make, ctx);
    }
    memcpy(len, stock->bytes.at + stock->taken, sizeof *len);
    batch = stock->bytes.at + stock->taken + LEN + STOCK_FRONT;
    stock->taken += LEN + STOCK_FRONT + *len;
    return batch;
}

struct stock_share
stock_share(int64_t ms, size_t connections, size_t rows)
{
    size_t bytes = (size_t)ms * (STOCK_BYTES / 1000);
    size_t batches = (size_t)ms * (STOCK_ROWS / 1000) / rows;

    if (rows == 1) {
        return (struct stock_share){ .bytes = 0 };
    }
    bytes = bytes < STOCK_BYTES_MAX ? bytes : STOCK_BYTES_MAX;
    return (struct stock_share){ .bytes = bytes / connections,
                                 .batches = batches / connections };
}
