#include "vault_pieces.h"

#include <string.h>

#include "base/time.h"
#include "base/writer.h"

enum {
    EPOCH = 655,
    DAY = 19675,
    HOUR = 22,
    FULL = 3, /* chunks of a head */
    ROLLED = 1,
    BLOCK = 40,
    ROOM = 4096,
};

static const uint64_t bits = 0x4035800000000000; /* 21.5 = 43 / 2 */

static int64_t
time_of(uint64_t row)
{
    return (INT64_C(1700000000) + (int64_t)row) * VLT_SECOND;
}

static struct store_lane
lane_of(uint32_t stream)
{
    return (struct store_lane){ .stream = { (uint8_t)stream, 0xbb },
                                .epoch = EPOCH };
}

/* Row r of a stream is row r × streams + stream of all. */
static int64_t
time_in(uint32_t stream, uint32_t r)
{
    return time_of((uint64_t)r * PIECES_STREAMS + stream);
}

static void
write_block(struct vlt_writer *w, int64_t time)
{
    vlt_write_u8(w, 0xb1);
    vlt_write_u8(w, 0);
    vlt_write_u8(w, 1); /* column */
    vlt_write_u8(w, 0);
    vlt_write_u32(w, 1); /* row */
    vlt_write_i64(w, time);
    vlt_write_u32(w, 0);
    vlt_write_u32(w, 0);
    vlt_write_zeros(w, 4); /* id 0, f64, constant */
    vlt_write_u32(w, 8);
    vlt_write_u64(w, bits);
}

static void
write_entry(struct vlt_writer *w, uint64_t no, int64_t time, uint8_t flags)
{
    vlt_write_u64(w, no);
    vlt_write_u32(w, 1); /* row */
    vlt_write_u8(w, 0);
    vlt_write_u8(w, flags);
    vlt_write_u16(w, 0);
    vlt_write_i64(w, time);
    vlt_write_i64(w, time);
    vlt_write_u64(w, 0);
}

/* Of n rows: the sum is 43n / 2, with the odd part of 43n as M. */
static void
write_summary(struct vlt_writer *w, uint32_t n, int64_t first, int64_t last)
{
    uint32_t m = 43 * n;
    int16_t e = -1;

    while (m % 2 == 0) {
        m /= 2;
        e++;
    }
    vlt_write_u32(w, n);
    vlt_write_u32(w, 0);
    vlt_write_i64(w, first);
    vlt_write_i64(w, last);
    for (int i = 0; i < 4; i++) {
        vlt_write_u64(w, bits); /* first, last, least, most */
    }
    vlt_write_u16(w, 0);
    vlt_write_u16(w, (uint16_t)e);
    vlt_write_u16(w, m < 128 ? 1 : 2);
    if (m < 128) {
        vlt_write_u8(w, (uint8_t)m);
    } else {
        vlt_write_u16(w, (uint16_t)m);
    }
}

static void
write_column(struct vlt_writer *w)
{
    vlt_write_zeros(w, 8); /* column 0, and its padding */
}

static enum vlt_status
put(struct store_txn *txn, enum store_piece piece, uint32_t stream,
    struct vlt_slice plain, uint64_t *no)
{
    struct store_lane lane = lane_of(stream);

    return store_piece_put(txn, piece, &lane, plain, no);
}

static enum vlt_status
put_chunk(struct store_txn *txn, uint32_t stream, struct pieces_lane *lane)
{
    uint8_t room[BLOCK];
    struct vlt_writer w = vlt_writer_over(room, sizeof room);
    uint64_t no = 0;

    write_block(&w, time_in(stream, lane->chunks));
    enum vlt_status st =
        put(txn, STORE_CHUNK, stream, vlt_writer_slice(&w), &no);

    if (st == VLT_OK) {
        lane->chunk[lane->chunks++] = no;
    }
    return st;
}

/* A head over the last three chunks. */
static enum vlt_status
put_head(struct store_txn *txn, uint32_t stream, struct pieces_lane *lane)
{
    uint8_t room[ROOM];
    struct vlt_writer w = vlt_writer_over(room, sizeof room);
    uint64_t no = 0;

    vlt_write_u8(&w, 1);
    vlt_write_u8(&w, 1); /* column */
    vlt_write_u16(&w, FULL);
    vlt_write_u32(&w, 0);
    write_column(&w);
    for (uint32_t r = lane->chunks - FULL; r < lane->chunks; r++) {
        int64_t time = time_in(stream, r);

        write_entry(&w, lane->chunk[r], time, ROLLED);
        write_summary(&w, 1, time, time);
    }
    enum vlt_status st =
        put(txn, STORE_HEAD, stream, vlt_writer_slice(&w), &no);

    if (st == VLT_OK) {
        lane->head[lane->heads++] = no;
    }
    return st;
}

/* The day's roll-up over all chunks, in the place of the one before. */
static enum vlt_status
put_roll(struct store_txn *txn, uint32_t stream, struct pieces_lane *lane)
{
    uint8_t room[ROOM];
    struct vlt_writer w = vlt_writer_over(room, sizeof room);
    enum vlt_status st = VLT_OK;

    vlt_write_u8(&w, 1);
    vlt_write_u8(&w, 1); /* column */
    vlt_write_u16(&w, 0);
    vlt_write_i32(&w, DAY);
    vlt_write_u32(&w, UINT32_C(1) << HOUR);
    vlt_write_u32(&w, 0);
    write_column(&w);
    write_summary(&w, lane->chunks, time_in(stream, 0),
                  time_in(stream, lane->chunks - 1));
    if (lane->roll != 0) {
        st = store_piece_delete(txn, STORE_ROLL, lane->roll);
    }
    if (st == VLT_OK) {
        st = put(txn, STORE_ROLL, stream, vlt_writer_slice(&w), &lane->roll);
    }
    return st;
}

static enum vlt_status
put_state(struct store_txn *txn, uint32_t stream,
          const struct pieces_lane *lane)
{
    struct store_lane which = lane_of(stream);
    uint8_t room[ROOM];
    struct vlt_writer w = vlt_writer_over(room, sizeof room);
    uint32_t full = lane->heads * FULL;

    vlt_write_u16(&w, 1);
    vlt_write_u16(&w, (uint16_t)(lane->chunks - full));
    vlt_write_u16(&w, (uint16_t)lane->heads);
    vlt_write_u16(&w, lane->roll != 0 ? 1 : 0);
    vlt_write_u64(&w, 1);
    vlt_write_u64(&w, 1);
    vlt_write_i64(&w, time_in(stream, 0));
    vlt_write_u64(&w, lane->chunks);
    vlt_write_i64(&w, time_in(stream, 0));
    vlt_write_i64(&w, time_in(stream, lane->chunks - 1));
    for (uint32_t r = full; r < lane->chunks; r++) {
        write_entry(&w, lane->chunk[r], time_in(stream, r), 0);
    }
    for (uint32_t h = 0; h < lane->heads; h++) {
        vlt_write_u64(&w, lane->head[h]);
        vlt_write_i64(&w, time_in(stream, h * FULL));
        vlt_write_i64(&w, time_in(stream, h * FULL + FULL - 1));
        vlt_write_u32(&w, FULL);
        vlt_write_u32(&w, 0);
    }
    if (lane->roll != 0) {
        vlt_write_u64(&w, lane->roll);
        vlt_write_i32(&w, DAY);
        vlt_write_u32(&w, 0);
    }
    return store_lane_put(txn, &which, vlt_writer_slice(&w));
}

enum vlt_status
pieces_put(struct pieces *pieces, struct store_txn *txn, uint32_t i)
{
    uint32_t stream = i % PIECES_STREAMS;
    struct pieces_lane *lane = &pieces->lane[stream];
    struct store_lane which = lane_of(stream);
    struct store_key_about about = { .type = STORE_KEY_LANE, .epoch = EPOCH };
    uint8_t kid[STORE_KID_LEN];

    if (lane->chunks >= PIECES_ROWS) {
        return VLT_E_LIMIT;
    }
    memcpy(about.subject, which.stream, sizeof about.subject);
    enum vlt_status st = store_txn_key(txn, &about, kid);

    if (st == VLT_OK) {
        st = put_chunk(txn, stream, lane);
    }
    if (st == VLT_OK && lane->chunks % FULL == 0) {
        st = put_head(txn, stream, lane);
        if (st == VLT_OK) {
            st = put_roll(txn, stream, lane);
        }
    }
    return st == VLT_OK ? put_state(txn, stream, lane) : st;
}

enum vlt_status
pieces_put_source(struct store_txn *txn, uint32_t i)
{
    uint8_t room[ROOM];
    struct vlt_writer w = vlt_writer_over(room, sizeof room);
    uint8_t boots = (uint8_t)(i % 5);

    vlt_write_u8(&w, 1);
    vlt_write_u8(&w, boots);
    vlt_write_zeros(&w, 6);
    vlt_write_u64(&w, i);
    vlt_write_i64(&w, i > 0 ? time_of(i) : 0);
    for (uint8_t b = 0; b < boots; b++) {
        vlt_write_u64(&w, b + UINT64_C(1)); /* boot id */
        vlt_write_u64(&w, i);
        vlt_write_u64(&w, UINT64_MAX);
    }
    return store_dedup_put(txn, i, vlt_writer_slice(&w));
}
