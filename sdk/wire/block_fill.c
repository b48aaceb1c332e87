#include "wire/block.h"

#include <assert.h>

#include "wire/block_internal.h"

enum {
    FIRST = 1024,  /* cells of the rows that are tried first */
    FEWEST = 64,   /* rows that are tried first, at least */
    GUESSES = 8,   /* by proportion; then the rest is halved */
    SHARE = 32,    /* a fit that leaves less than this part is good enough */
    MORE = 8,      /* a guess takes this part more, to be cut */
    LESS = 64,     /* or this part less, where it cannot be */
    READY = 32768, /* bytes that room is made for at first, at most */
};

/* Between which numbers of rows the answer lies. */
struct search {
    const struct vlt_rows *rows;
    size_t from;
    size_t most; /* rows that there are, and may be */
    size_t max;
    size_t fits;         /* the most known to fit, or 0 */
    struct vlt_buf best; /* the block of those */
    size_t over;         /* the least known not to fit; above fits */
    size_t tried;        /* rows that were tried last */
    size_t len;          /* what they take, or 0: that is not known */
    size_t hint;         /* how many may fit, by a block that was cut; or 0 */
    size_t tries;
    bool whole; /* blocks of these rows cannot be cut */
    struct block_zstd zstd;
};

static void
swap(struct vlt_buf *a, struct vlt_buf *b)
{
    struct vlt_buf was = *a;

    *a = *b;
    *b = was;
}

static bool
good_enough(const struct search *s, size_t len)
{
    return s->max - len < s->max / SHARE;
}

static size_t
first_guess(const struct search *s)
{
    size_t guess = FIRST / (vlt_rows_columns(s->rows) + 1);

    if (guess < FEWEST) {
        guess = FEWEST;
    }
    return guess < s->over ? guess : s->over - 1;
}

/* How many may fit, by the best that does, else by what was tried last; 0:
 * there is nothing to tell from. */
static size_t
expected(const struct search *s)
{
    if (s->fits > 0) {
        return s->fits * s->max / s->best.len;
    }
    return s->len > 0 ? s->tried * s->max / s->len : 0;
}

static size_t
next_guess(const struct search *s)
{
    size_t guess = expected(s);

    guess = s->whole ? guess - guess / LESS : guess + guess / MORE;
    if (s->hint > 0) {
        guess = s->hint;
    }
    if (guess >= s->over && s->over > s->most) {
        return s->most;
    }
    if (s->tries > GUESSES || guess <= s->fits || guess >= s->over) {
        return s->fits + (s->over - s->fits) / 2;
    }
    return guess;
}

/*
 * Take what fits of a block that does not.  It was packed with what comes
 * behind in mind, and may have got another coding by it, or a finer unit: if it
 * is less by a quarter than a smaller block makes expect, it is only a hint.
 */
static bool
take_cut(struct search *s, struct vlt_slice block)
{
    struct vlt_buf cut = { 0 };
    size_t rows = block_cut(block, s->max, &cut);
    size_t least = s->fits > 0 ? expected(s) / 4 * 3 : 0;
    bool taken = rows > s->fits && rows >= least && good_enough(s, cut.len);

    s->hint = rows > s->fits ? rows : 0;
    if (taken) {
        s->fits = rows;
        swap(&s->best, &cut);
    }
    vlt_buf_free(&cut);
    return taken;
}

/* Try so many rows.  True: there is nothing better to look for. */
static bool
try_rows(struct search *s, size_t rows, struct vlt_buf *trial,
         enum vlt_status *st)
{
    struct vlt_range range = { s->from, rows };

    vlt_buf_clear(trial);
    *st = block_encode(s->rows, range, &s->zstd, trial);
    s->tries++;
    s->tried = rows;
    s->len = *st == VLT_OK ? trial->len : 0;
    s->hint = 0;
    if (*st == VLT_E_LIMIT) {
        *st = VLT_OK;
        s->over = rows;
        return false;
    }
    if (*st != VLT_OK) {
        return true;
    }
    if (s->len > s->max) {
        s->over = rows;
        s->whole = !block_may_cut(vlt_buf_slice(trial));
        return take_cut(s, vlt_buf_slice(trial));
    }
    s->fits = rows;
    swap(&s->best, trial);
    if (s->over - s->fits == 1 || good_enough(s, s->len)) {
        return true;
    }
    s->whole = !block_may_cut(vlt_buf_slice(&s->best));
    return false;
}

/* Room for what is tried, so that it is not moved while it grows. */
static void
make_ready(struct vlt_buf *trial, size_t max)
{
    (void)vlt_buf_extend(trial, max < READY ? max + max / MORE : READY);
    vlt_buf_clear(trial);
}

/* Can no coding of these rows take more than max bytes?  What gains nothing is
 * left as it is; times and lengths are in groups with a byte in front. */
static bool
surely_fit(const struct search *s, struct vlt_range all)
{
    size_t columns = vlt_rows_columns(s->rows);
    size_t texts =
        vlt_rows_size(s->rows, all) - BLOCK_WORD * all.count * columns;
    size_t packed =
        BLOCK_WORD * all.count + all.count / VLT_PACK_GROUP + 2 * BLOCK_WORD;
    size_t column = VLT_BLOCK_ENTRY + all.count / 8 + 1 + packed;

    return VLT_BLOCK_HEAD + packed + columns * column + texts <= s->max;
}

/* Few rows, or such as surely fit: all of them straight into out.  False: they
 * are not, or do not fit, and out is as it was. */
static bool
fill_with_all(const struct search *s, struct vlt_buf *out)
{
    struct vlt_range all = { s->from, s->most };
    struct block_zstd zstd = { 0 };
    size_t start = out->len;
    bool done = false;

    if ((s->most <= FEWEST || surely_fit(s, all)) && out->max == 0) {
        done = block_encode(s->rows, all, &zstd, out) == VLT_OK &&
               out->len - start <= s->max;
        block_zstd_fini(&zstd);
    }
    if (!done) {
        out->len = start;
    }
    return done;
}

enum vlt_status
vlt_block_fill(const struct vlt_rows *rows, struct vlt_range range, size_t max,
               struct vlt_buf *out, size_t *taken)
{
    size_t most = range.count < VLT_BLOCK_ROWS ? range.count : VLT_BLOCK_ROWS;
    struct search s = { .rows = rows,
                        .from = range.from,
                        .most = most,
                        .max = max,
                        .over = most + 1 };
    struct vlt_buf trial = { 0 };
    enum vlt_status st = VLT_OK;

    assert(range.from <= vlt_rows_count(rows) && range.count > 0 &&
           range.count <= vlt_rows_count(rows) - range.from);
    if (fill_with_all(&s, out)) {
        *taken = most;
        return VLT_OK;
    }
    size_t guess = first_guess(&s);

    make_ready(&trial, max);
    while (!try_rows(&s, guess, &trial, &st) && s.over - s.fits > 1) {
        guess = next_guess(&s);
    }
    if (st == VLT_OK && s.fits == 0) {
        st = VLT_E_LIMIT;
    }
    if (st == VLT_OK) {
        vlt_buf_put_slice(out, vlt_buf_slice(&s.best));
        st = vlt_buf_status(out);
    }
    if (st == VLT_OK) {
        *taken = s.fits;
    }
    block_zstd_fini(&s.zstd);
    vlt_buf_free(&trial);
    vlt_buf_free(&s.best);
    return st;
}
