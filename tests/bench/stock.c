#include "stock.h"

#include <string.h>

#include "bench.h"

enum { LEN = sizeof(size_t) }; /* before the room: how long the batch is */

static const size_t most = (size_t)512 << 20; /* of all connections */

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

void
stock_fill(struct stock *stock, size_t bytes, stock_fn *make, void *ctx)
{
    while (stock->bytes.len < bytes) {
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

size_t
stock_share(int64_t ms, size_t connections)
{
    size_t all = (size_t)ms * (STOCK_SECOND / 1000);

    return (all < most ? all : most) / connections;
}
