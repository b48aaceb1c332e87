/*
 * Which (source, boot, sequence) are known: the highest and a window of 64
 * below it, of the last 4 boots; and which boots there were before these.
 */
#include <stdlib.h>
#include <string.h>

#include "series/series_internal.h"

static struct boot *
find_boot(struct source_seq *seq, const uint8_t id[8])
{
    for (size_t i = 0; i < seq->boots; i++) {
        if (memcmp(seq->boot[i].id, id, 8) == 0) {
            return &seq->boot[i];
        }
    }
    return NULL;
}

/* The place of a boot that gave way to newer ones; pasts: it is none. */
static size_t
find_past(const struct source_seq *seq, const uint8_t id[8])
{
    size_t at = 0;

    while (at < seq->pasts && memcmp(seq->past[at], id, 8) != 0) {
        at++;
    }
    return at;
}

/* It gives way: it is the newest of the past, and the oldest is forgotten. */
static void
put_past(struct source_seq *seq, const uint8_t id[8])
{
    size_t keep = seq->pasts < PAST ? seq->pasts : PAST - 1;

    memmove(seq->past[1], seq->past[0], keep * sizeof seq->past[0]);
    memcpy(seq->past[0], id, 8);
    seq->pasts = keep + 1;
}

/* It is one of the last again; or it was none of the past. */
static bool
take_past(struct source_seq *seq, const uint8_t id[8])
{
    size_t at = find_past(seq, id);

    if (at == seq->pasts) {
        return false;
    }
    seq->pasts--;
    memmove(seq->past[at], seq->past[at + 1],
            (seq->pasts - at) * sizeof seq->past[0]);
    return true;
}

bool
sequence_known(const struct series *series, uint32_t source,
               const uint8_t boot[8], uint64_t seq)
{
    struct source_seq *all = map_get(series->seqs, &source);
    const struct boot *at = all != NULL ? find_boot(all, boot) : NULL;

    if (seq == 0 || at == NULL || seq > at->highest) {
        return false;
    }
    uint64_t back = at->highest - seq;

    /* Below the window nothing is new. */
    return back == 0 || back > WINDOW || ((at->window >> (back - 1)) & 1) != 0;
}

bool
sequence_below(const struct series *series, uint32_t source,
               const uint8_t boot[8], uint64_t seq)
{
    struct source_seq *all = map_get(series->seqs, &source);
    const struct boot *at = all != NULL ? find_boot(all, boot) : NULL;

    if (seq == 0 || all == NULL) {
        return false;
    }
    return at != NULL ? seq < at->highest && at->highest - seq > WINDOW
                      : find_past(all, boot) < all->pasts;
}

static void
note(struct boot *boot, uint64_t seq)
{
    if (boot->highest == 0) {
        boot->highest = seq; /* the first of this boot */
    } else if (seq > boot->highest) {
        uint64_t step = seq - boot->highest;

        boot->window = step >= WINDOW ? 0 : boot->window << step;
        if (step <= WINDOW) {
            boot->window |= UINT64_C(1) << (step - 1);
        }
        boot->highest = seq;
    } else if (boot->highest > seq && boot->highest - seq <= WINDOW) {
        boot->window |= UINT64_C(1) << (boot->highest - seq - 1);
    }
}

/* As it was before the turn, once a source and turn. */
static enum vlt_status
remember(struct series *series, const struct source_seq *seq)
{
    for (size_t i = 0; i < series->undo_count; i++) {
        if (series->undo[i].source == seq->source) {
            return VLT_OK;
        }
    }
    if (series->undo_count == series->undo_cap) {
        size_t cap = series->undo_cap == 0 ? 16 : 2 * series->undo_cap;
        struct source_seq *more = realloc(series->undo, cap * sizeof *more);

        if (more == NULL) {
            return VLT_E_NOMEM;
        }
        series->undo = more;
        series->undo_cap = cap;
    }
    series->undo[series->undo_count++] = *seq;
    return VLT_OK;
}

static enum vlt_status
find_or_make(struct series *series, uint32_t source, struct source_seq **out)
{
    struct source_seq *seq = map_get(series->seqs, &source);
    enum vlt_status st = VLT_OK;

    if (seq == NULL) {
        seq = calloc(1, sizeof *seq);
        if (seq == NULL) {
            return VLT_E_NOMEM;
        }
        seq->source = source;
        lock_take(series->lock);
        st = map_put(series->seqs, &source, seq);
        lock_drop(series->lock);
        if (st != VLT_OK) {
            free(seq);
            return st;
        }
    }
    *out = seq;
    return VLT_OK;
}

enum vlt_status
sequence_reserve(struct series *series, uint32_t source, uint64_t seq)
{
    struct source_seq *all;
    enum vlt_status st;

    if (seq == 0) {
        return VLT_OK;
    }
    st = find_or_make(series, source, &all);
    return st == VLT_OK ? remember(series, all) : st;
}

enum vlt_status
sequence_load(struct series *series, uint32_t source, const uint8_t boot[8],
              uint64_t seq)
{
    struct source_seq *all;
    enum vlt_status st = VLT_OK;

    if (seq != 0) {
        st = find_or_make(series, source, &all);
    }
    /* A boot that gave way did so after this came. */
    if (st == VLT_OK && seq != 0 && find_past(all, boot) == all->pasts) {
        (void)sequence_note(series, source, boot, seq);
    }
    return st;
}

bool
sequence_note(struct series *series, uint32_t source, const uint8_t boot[8],
              uint64_t seq)
{
    struct source_seq *all = map_get(series->seqs, &source);
    struct boot *at;
    bool came_back = false;

    if (seq == 0 || all == NULL) {
        return false;
    }
    at = find_boot(all, boot);
    if (at == NULL) {
        size_t keep = all->boots < BOOTS ? all->boots : BOOTS - 1;

        came_back = take_past(all, boot);
        if (all->boots == BOOTS) {
            put_past(all, all->boot[BOOTS - 1].id);
        }
        memmove(&all->boot[1], &all->boot[0], keep * sizeof all->boot[0]);
        all->boots = keep + 1;
        at = &all->boot[0];
        memset(at, 0, sizeof *at);
        memcpy(at->id, boot, sizeof at->id);
    }
    note(at, seq);
    return came_back;
}

void
sequence_turn_end(struct series *series, bool committed)
{
    for (size_t i = 0; !committed && i < series->undo_count; i++) {
        struct source_seq *seq = map_get(series->seqs, &series->undo[i].source);

        if (seq != NULL) {
            *seq = series->undo[i];
        }
    }
    for (size_t i = 0; committed && i < series->undo_count; i++) {
        struct source_seq *seq = map_get(series->seqs, &series->undo[i].source);

        if (seq != NULL) {
            seq->rows = seq->turn_rows;
            seq->last = seq->turn_last;
        }
    }
    series->undo_count = 0;
}

enum vlt_status
sequence_load_record(struct series *series, uint32_t source,
                     struct vlt_slice plain)
{
    struct source_seq *all;
    enum vlt_status st = find_or_make(series, source, &all);

    return st == VLT_OK ? sequence_record_decode(plain, all) : st;
}

enum vlt_status
sequence_persist(struct series *series, struct store_txn *txn, uint32_t source,
                 const struct series_source *rows)
{
    struct source_seq *all;
    struct vlt_buf plain;
    enum vlt_status st = find_or_make(series, source, &all);

    if (st == VLT_OK) {
        st = remember(series, all);
    }
    if (st != VLT_OK) {
        return st;
    }
    if (rows->rows > 0 &&
        (all->turn_rows == 0 || rows->last > all->turn_last)) {
        all->turn_last = rows->last;
    }
    all->turn_rows += rows->rows;
    vlt_buf_init(&plain, STORE_DEDUP_MAX);
    st = sequence_record_encode(all, &plain);
    if (st == VLT_OK) {
        st = store_dedup_put(txn, source, vlt_buf_slice(&plain));
    }
    vlt_buf_free(&plain);
    return st;
}

void
sequence_count(const struct series *series, struct series_source *out,
               size_t count)
{
    size_t at = 0;
    void *found;

    while (map_next(series->seqs, &at, NULL, &found)) {
        const struct source_seq *seq = found;

        if (seq->source < count && seq->rows > 0) {
            out[seq->source].rows = seq->rows;
            out[seq->source].last = seq->last;
        }
    }
}

void
sequence_clear(struct series *series)
{
    size_t at = 0;
    void *seq;

    while (map_next(series->seqs, &at, NULL, &seq)) {
        free(seq);
    }
    map_clear(series->seqs);
    series->undo_count = 0;
}
