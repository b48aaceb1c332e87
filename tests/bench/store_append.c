#include "store_append.h"

#include <stdlib.h>

#include "bench.h"
#include "limits/meter.h"

int64_t
appending_batch(struct appending *appending)
{
    meter_fill(appending->rows, appending->row, appending->batch);
    appending->row += appending->batch;
    return vault_append(appending->vault, appending->part, appending->streams);
}

struct appending *
appending_new(struct vault *vault, size_t streams, size_t batch)
{
    struct appending *new = calloc(1, sizeof *new);
    const struct stream **stream = calloc(streams, sizeof *stream);

    if (new == NULL || stream == NULL) {
        bench_die("out of memory", 0);
    }
    *new = (struct appending){
        .vault = vault, .streams = streams, .batch = batch, .rows = meter_rows()
    };
    vault_streams(vault, stream, streams);
    for (size_t i = 0; i < streams; i++) {
        new->part[i].stream = stream[i];
        new->part[i].rows = new->rows;
    }
    free(stream);
    new->row = vault_rows(vault, new->part[0].stream);
    return new;
}

void
appending_free(struct appending *appending)
{
    for (size_t i = 0; i < appending->streams; i++) {
        stream_release(appending->part[i].stream);
    }
    vlt_rows_free(appending->rows);
    free(appending);
}
