/*
 * bench_codec SIDE MS: rows a second that a codec packs and unpacks, of one
 * column of power: a row a second in steps of 0.1 W, stamps late by 0 to 3 ms.
 *
 *     plain   by the plain codec of plain.h: encode, decode
 *     block   by the vault's: encode, decode, and fill: into as many blocks as
 *             a chunk's record holds each
 *
 * A block has 12,000 rows, filled ones as many as fit.
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "bench.h"
#include "plain.h"
#include "wire/block.h"

enum {
    ROWS = 12000,
    MANY = 60000,       /* rows that are filled into chunks */
    CHUNK = 16368 - 49, /* bytes of a block in a chunk's record */
    ARGS = 3,
};

struct work {
    struct plain_rows plain;
    uint64_t *words;
    uint8_t *packed;
    struct vlt_rows *rows; /* the same, and more of them */
    struct vlt_buf block;
};

/* Returns how many rows were worked on. */
typedef size_t work_fn(struct work *work);

static void *
room(size_t count, size_t size)
{
    void *at = calloc(count, size);

    if (at == NULL) {
        bench_die("no memory", 0);
    }
    return at;
}

static void
must(bool holds, const char *what)
{
    if (!holds) {
        bench_die(what, 0);
    }
}

/* xorshift: the same rows each time. */
static uint64_t
draw(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

/* A household: it wanders by up to 2.5 W, and now and then something is turned
 * on or off. */
static void
make(struct work *work)
{
    static const struct vlt_field field = { 0, VLT_TYPE_F64 };
    static const struct vlt_schema schema = { &field, 1 };
    uint64_t x = UINT64_C(88172645463325252);
    int64_t power = 2150; /* tenths of a watt */

    must(vlt_rows_new(&schema, &work->rows) == VLT_OK, "no memory");
    for (int i = 0; i < MANY; i++) {
        int64_t late = (int64_t)(draw(&x) % 4) * (VLT_SECOND / 1000);

        power += (int64_t)(draw(&x) % 51) - 25;
        if (draw(&x) % 600 == 0) {
            power += (int64_t)(draw(&x) % 20001) - 10000;
        }
        must(vlt_rows_add(work->rows, INT64_C(1700000000) * VLT_SECOND +
                                          i * VLT_SECOND + late) == VLT_OK,
             "no memory");
        vlt_rows_set(work->rows, 0, vlt_bits_of((double)power / 10));
    }
    work->plain.n = ROWS;
    work->plain.times = room(ROWS, sizeof(int64_t));
    work->plain.values = room(ROWS, sizeof(double));
    work->words = room(ROWS, sizeof(uint64_t));
    work->packed = room(ROWS + 2, PLAIN_ROW_MAX);
    for (size_t i = 0; i < ROWS; i++) {
        work->plain.times[i] = vlt_rows_times(work->rows)[i];
        work->plain.values[i] = vlt_f64_of(vlt_rows_bits(work->rows, i, 0));
    }
}

static size_t
plain_in(struct work *work)
{
    plain_encode(&work->plain, work->words, work->packed);
    return ROWS;
}

static size_t
plain_out(struct work *work)
{
    plain_decode(work->packed, work->words, &work->plain);
    return ROWS;
}

static size_t
block_in(struct work *work)
{
    vlt_buf_clear(&work->block);
    must(vlt_block_encode(work->rows, (struct vlt_range){ 0, ROWS }, 0,
                          &work->block) == VLT_OK,
         "a block is not encoded");
    return ROWS;
}

static size_t
block_out(struct work *work)
{
    struct vlt_rows *rows = NULL;

    must(vlt_block_decode(vlt_buf_slice(&work->block), VLT_BLOCK_DISK, NULL,
                          NULL, &rows) == VLT_OK,
         "a block is not decoded");
    vlt_rows_free(rows);
    return ROWS;
}

static size_t
block_fill(struct work *work)
{
    size_t taken;

    for (size_t at = 0; at < MANY; at += taken) {
        vlt_buf_clear(&work->block);
        must(vlt_block_fill(work->rows, (struct vlt_range){ at, MANY - at },
                            CHUNK, &work->block, &taken) == VLT_OK,
             "a chunk is not filled");
    }
    return MANY;
}

static void
measure(const char *figure, struct work *work, work_fn *fn, int64_t ms)
{
    double done = 0;

    fn(work);
    int64_t from = bench_now();
    int64_t until = from + ms * (VLT_SECOND / 1000);
    int64_t now = from;

    while (now < until) {
        done += (double)fn(work);
        now = bench_now();
    }
    bench_rate(figure, done, now - from);
}

int
main(int argc, char **argv)
{
    struct work work = { 0 };
    bool plain = argc == ARGS && strcmp(argv[1], "plain") == 0;

    if (argc != ARGS || (!plain && strcmp(argv[1], "block") != 0)) {
        bench_die("usage: bench_codec plain|block MS", 0);
    }
    int64_t ms = bench_number(argv, 2, 1, BENCH_MS_MAX);

    make(&work);
    measure("encode", &work, plain ? plain_in : block_in, ms);
    measure("decode", &work, plain ? plain_out : block_out, ms);
    if (!plain) {
        measure("fill", &work, block_fill, ms);
    }
    vlt_rows_free(work.rows);
    vlt_buf_free(&work.block);
    free(work.plain.times);
    free(work.plain.values);
    free(work.words);
    free(work.packed);
    return 0;
}
