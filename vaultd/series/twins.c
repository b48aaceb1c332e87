/*
 * twins: rows of one time, told apart by a hash of their cells.
 *
 * A source may send thousands of rows at one time; each is looked up, not
 * compared with all others.
 */
#include "crypto/hash.h"
#include "crypto/random.h"
#include "series/series_internal.h"
#include "util/map.h"

enum {
    FEW = 16, /* rows that are sooner compared */
    PARTS = 2 * VLT_COLUMNS_MAX,
};

/* Rows as they come: all of one time. */
struct twins {
    const struct vlt_rows *stored;
    struct vlt_range among; /* of stored: those at the time */
    struct vlt_rows *kept;
    size_t from;      /* of kept: the first at the time */
    struct map *seen; /* hashes of both; NULL: they are few */
};

/* The cells, present or not, each with its length. */
static void
hash_row(const struct vlt_rows *rows, size_t row, uint8_t out[VLT_HASH_LEN])
{
    struct vlt_slice parts[PARTS];
    uint64_t size[VLT_COLUMNS_MAX];
    uint64_t bits[VLT_COLUMNS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < vlt_rows_columns(rows); i++) {
        enum vlt_type type = vlt_rows_column(rows, i).field.type;
        struct vlt_slice cell = vlt_slice_of(&bits[i], sizeof bits[i]);

        bits[i] = vlt_rows_bits(rows, row, i);
        if (type == VLT_TYPE_TEXT || type == VLT_TYPE_JSON) {
            cell = vlt_rows_text(rows, row, i);
        }
        size[i] = vlt_rows_has(rows, row, i) ? cell.len : UINT64_MAX;
        parts[count++] = vlt_slice_of(&size[i], sizeof size[i]);
        parts[count++] = cell;
    }
    vlt_hash(parts, count, out);
}

/* Is the row new?  It counts as there from now on. */
static enum vlt_status
see(struct twins *twins, const struct vlt_rows *rows, size_t row, bool *new)
{
    uint8_t hash[VLT_HASH_LEN];

    hash_row(rows, row, hash);
    *new = map_get(twins->seen, hash) == NULL;
    return *new ? map_put(twins->seen, hash, twins) : VLT_OK;
}

static bool
is_among(const struct vlt_rows *rows, size_t row, const struct vlt_rows *there,
         struct vlt_range range)
{
    for (size_t i = range.from; i < range.from + range.count; i++) {
        if (vlt_rows_equal(rows, row, there, i)) {
            return true;
        }
    }
    return false;
}

static enum vlt_status
is_new(struct twins *twins, const struct vlt_rows *rows, size_t row, bool *new)
{
    struct vlt_range kept = { .from = twins->from };

    if (twins->seen != NULL) {
        return see(twins, rows, row, new);
    }
    kept.count = vlt_rows_count(twins->kept) - kept.from;
    *new = !is_among(rows, row, twins->stored, twins->among) &&
           !is_among(rows, row, twins->kept, kept);
    return VLT_OK;
}

/* Hash what is stored, where more than a few meet. */
static enum vlt_status
begin(struct twins *twins, size_t more)
{
    uint8_t seed[MAP_SEED_LEN];
    enum vlt_status st;
    bool new;

    if (twins->among.count + more <= FEW) {
        return VLT_OK;
    }
    vlt_random(seed, sizeof seed);
    st = map_new(VLT_HASH_LEN, seed, &twins->seen);
    for (size_t i = 0; st == VLT_OK && i < twins->among.count; i++) {
        st = see(twins, twins->stored, twins->among.from + i, &new);
    }
    return st;
}

/* The rows of `rows` at a time. */
static struct vlt_range
at_time(const struct vlt_rows *rows, int64_t time)
{
    struct vlt_range range = { .from = vlt_rows_seek(rows, time) };

    range.count = vlt_rows_seek(rows, time + 1) - range.from;
    return range;
}

enum vlt_status
twins_keep(const struct vlt_rows *rows, struct vlt_range range,
           const struct vlt_rows *stored, struct vlt_rows *kept,
           uint64_t *equal)
{
    struct twins twins = {
        .stored = stored,
        .among = at_time(stored, vlt_rows_times(rows)[range.from]),
        .kept = kept,
        .from = vlt_rows_count(kept),
    };
    enum vlt_status st = begin(&twins, range.count);

    for (size_t i = 0; st == VLT_OK && i < range.count; i++) {
        struct vlt_range one = { .from = range.from + i, .count = 1 };
        size_t there = twins.among.count + vlt_rows_count(kept) - twins.from;
        bool new = false;

        st = is_new(&twins, rows, one.from, &new);
        if (st == VLT_OK && !new) {
            (*equal)++;
        } else if (st == VLT_OK && there >= SERIES_EQUAL_TIMES) {
            st = VLT_E_CONFLICT;
        } else if (st == VLT_OK) {
            st = vlt_rows_append(kept, rows, one);
        }
    }
    map_free(twins.seen);
    return st;
}
