/*
 * bench_codec MS: rows a second that codecs pack and unpack, of one column of
 * power: a row a second in steps of 0.1 W, stamps late by 0 to 3 ms.
 *
 *     plain.*   12,000 rows by the plain codec of plain.h
 *     block.*   the same by the vault's; and fill: 60,000 into blocks of which
 *               each takes what a chunk's record holds
 *
 * They take turns, and of each the median turn counts: one in which the machine
 * did something else is none.
 */
#include <stdlib.h>

#include "base/time.h"
#include "bench.h"
#include "plain.h"
#include "wire/block.h"

enum {
    ROWS = 12000,
    MANY = 60000,       /* rows that are filled into chunks */
    CHUNK = 16368 - 49, /* bytes of a block in a chunk's record */
    ARGS = 2,
    TURNS = 4096, /* the newest that are kept */
};

struct work {
    struct plain_rows plain;
    uint64_t *words;
    uint8_t *packed;
    struct vlt_rows *rows; /* the same, and more of them */
    struct vlt_buf block;
    struct vlt_buf chunk;
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
        vlt_buf_clear(&work->chunk);
        must(vlt_block_fill(work->rows, (struct vlt_range){ at, MANY - at },
                            CHUNK, &work->chunk, &taken) == VLT_OK,
             "a chunk is not filled");
    }
    return MANY;
}

struct figure {
    const char *name;
    work_fn *fn;
    size_t rows;       /* of a turn */
    int64_t ns[TURNS]; /* that turns took */
};

static void
turn(struct figure *figure, struct work *work, size_t number)
{
    int64_t from = bench_now();

    figure->rows = figure->fn(work);
    figure->ns[number % TURNS] = bench_now() - from;
}

static int
compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void
print(struct figure *figure, size_t turns)
{
    turns = turns < TURNS ? turns : TURNS;
    qsort(figure->ns, turns, sizeof figure->ns[0], compare);
    bench_rate(figure->name, (double)figure->rows, figure->ns[turns / 2]);
}

int
main(int argc, char **argv)
{
    static struct figure figures[] = {
        { .name = "plain.encode", .fn = plain_in },
        { .name = "block.encode", .fn = block_in },
        { .name = "plain.decode", .fn = plain_out },
        { .name = "block.decode", .fn = block_out },
        { .name = "block.fill", .fn = block_fill },
    };
    size_t count = sizeof figures / sizeof *figures;
    struct work work = { 0 };

    if (argc != ARGS) {
        bench_die("usage: bench_codec MS", 0);
    }
    int64_t ms = bench_number(argv, 1, 1, BENCH_MS_MAX);

    make(&work);
    int64_t until = bench_now() + ms * (VLT_SECOND / 1000);

    size_t turns = 0;

    for (; turns == 0 || bench_now() < until; turns++) {
        for (size_t i = 0; i < count; i++) {
            turn(&figures[i], &work, turns);
        }
    }
    for (size_t i = 0; i < count; i++) {
        print(&figures[i], turns);
    }
    vlt_rows_free(work.rows);
    vlt_buf_free(&work.block);
    vlt_buf_free(&work.chunk);
    free(work.plain.times);
    free(work.plain.values);
    free(work.words);
    free(work.packed);
    return 0;
}
