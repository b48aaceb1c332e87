/*
 * pieces: records of lanes as tests put them, filled with a byte that tells
 * their length.
 */
#ifndef TESTS_STORE_PIECES_H
#define TESTS_STORE_PIECES_H

#include "fixture.h"

#include "store/piece.h"

enum { PIECES_ROOM = 20000 /* bytes of the longest text that is made here */ };

static inline struct store_lane
lane_of(uint8_t stream, int32_t epoch)
{
    return (struct store_lane){ .stream = { stream }, .epoch = epoch };
}

/* Give a lane its key. */
static inline void
make_lane(struct store_txn *txn, const struct store_lane *lane)
{
    struct store_key_about about = { .type = STORE_KEY_LANE,
                                     .epoch = lane->epoch };
    uint8_t kid[STORE_KID_LEN];

    memcpy(about.subject, lane->stream, sizeof about.subject);
    assert_int_equal(store_txn_key(txn, &about, kid), VLT_OK);
}

/* len bytes that are all the same: never zero. */
static inline struct vlt_slice
filled(uint8_t room[PIECES_ROOM], size_t len)
{
    assert_true(len <= PIECES_ROOM);
    memset(room, (int)(len % 255 + 1), len);
    room[0] = (uint8_t)len;
    return vlt_slice_of(room, len);
}

/* Is this filled() with zeros behind it? */
static inline void
assert_filled(struct vlt_slice plain, size_t len)
{
    uint8_t expected[PIECES_ROOM];

    assert_true(plain.len >= len);
    (void)filled(expected, len);
    assert_memory_equal(plain.at, expected, len);
    for (size_t i = len; i < plain.len; i++) {
        assert_int_equal(plain.at[i], 0);
    }
}

static inline uint64_t
put_piece(struct store_txn *txn, enum store_piece piece,
          const struct store_lane *lane, size_t len)
{
    uint8_t room[PIECES_ROOM];
    uint64_t no = 0;

    assert_int_equal(store_piece_put(txn, piece, lane, filled(room, len), &no),
                     VLT_OK);
    return no;
}

static inline void
put_lane(struct store_txn *txn, const struct store_lane *lane, size_t len)
{
    uint8_t room[PIECES_ROOM];

    assert_int_equal(store_lane_put(txn, lane, filled(room, len)), VLT_OK);
}

static inline void
put_dedup(struct store_txn *txn, uint32_t source, size_t len)
{
    uint8_t room[PIECES_ROOM];

    assert_int_equal(store_dedup_put(txn, source, filled(room, len)), VLT_OK);
}

/* Commit so many batches at once. */
static inline void
put_tails(struct vault *v, uint8_t stream, size_t count)
{
    struct store_txn *txn = txn_begin(v);
    struct store_lane lane = lane_of(stream, 7);
    uint8_t plain[100] = { stream };
    uint64_t arrival;

    for (size_t i = 0; i < count; i++) {
        assert_int_equal(store_tail_put(txn, lane.stream, lane.epoch,
                                        vlt_slice_of(plain, sizeof plain),
                                        &arrival),
                         VLT_OK);
    }
    txn_commit(txn);
}

/* Close the open segment in a commit of its own, or try to. */
static inline enum vlt_status
close_segment(struct vault *v)
{
    struct store_txn *txn = txn_begin(v);
    enum vlt_status st = store_segment_close(txn);

    txn_commit(txn);
    return st;
}

static inline enum vlt_status
drop_segment(struct vault *v, uint64_t number)
{
    struct store_txn *txn = txn_begin(v);
    enum vlt_status st = store_segment_drop(txn, number);

    txn_commit(txn);
    return st;
}

#endif
