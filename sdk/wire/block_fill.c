#include "wire/block.h"

#include <assert.h>

enum {
    FIRST = 1024, /* rows that are tried first */
    GUESSES = 8,  /* by proportion; then the rest is halved */
    SHARE = 32,   /* a fit that leaves less than this part is good enough */
};

/* Between which numbers of rows the answer lies. */
struct search {
    size_t fits;
    size_t over; /* the least known not to fit; above fits */
    size_t tries;
};

static size_t
next_guess(const struct search *s, size_t tried, size_t len, size_t max)
{
    size_t guess = s->fits + (s->over - s->fits) / 2;

    if (s->tries <= GUESSES && len > 0) {
        guess = tried * max / len;
        guess -= guess / (2 * SHARE);
    }
    if (guess <= s->fits) {
        return s->fits + 1;
    }
    return guess < s->over ? guess : s->over - 1;
}

static void
swap(struct vlt_buf *a, struct vlt_buf *b)
{
    struct vlt_buf was = *a;

    *a = *b;
    *b = was;
}

/* The best that fits is left in best, with its rows in s->fits. */
static enum vlt_status
look(const struct vlt_rows *rows, size_t from, size_t max, struct search *s,
     struct vlt_buf *best)
{
    struct vlt_buf trial = { 0 };
    size_t guess = s->over - 1 < FIRST ? s->over - 1 : FIRST;
    enum vlt_status st = VLT_OK;

    while (s->over - s->fits > 1) {
        vlt_buf_clear(&trial);
        st = vlt_block_encode(rows, (struct vlt_range){ from, guess }, 0,
                              &trial);
        if (st != VLT_OK && st != VLT_E_LIMIT) {
            break;
        }
        size_t len = st == VLT_OK ? trial.len : 0;
        size_t tried = guess;

        st = VLT_OK;
        if (len > 0 && len <= max) {
            s->fits = guess;
            swap(best, &trial);
            if (max - len < max / SHARE) {
                break;
            }
        } else {
            s->over = guess;
        }
        s->tries++;
        guess = next_guess(s, tried, len, max);
    }
    vlt_buf_free(&trial);
    return st;
}

enum vlt_status
vlt_block_fill(const struct vlt_rows *rows, struct vlt_range range, size_t max,
               struct vlt_buf *out, size_t *taken)
{
    size_t most = range.count < VLT_BLOCK_ROWS ? range.count : VLT_BLOCK_ROWS;
    struct search s = { .fits = 0, .over = most + 1 };
    struct vlt_buf best = { 0 };
    enum vlt_status st;

    assert(range.from <= vlt_rows_count(rows) && range.count > 0 &&
           range.count <= vlt_rows_count(rows) - range.from);
    st = look(rows, range.from, max, &s, &best);
    if (st == VLT_OK && s.fits == 0) {
        st = VLT_E_LIMIT;
    }
    if (st == VLT_OK) {
        vlt_buf_put_slice(out, vlt_buf_slice(&best));
        st = vlt_buf_status(out);
    }
    if (st == VLT_OK) {
        *taken = s.fits;
    }
    vlt_buf_free(&best);
    return st;
}
