#include "import/framer.h"

#include <string.h>

/* Where a byte stands within its cell. */
enum {
    BEGINS, /* of a cell: a quotation mark opens here */
    PLAIN,
    QUOTED,
    QUOTE, /* behind one within quotes: it ended them, or is doubled */
    ENDED, /* the row is complete */
};

void
framer_init(struct framer *framer, uint8_t delimiter, size_t max)
{
    *framer = (struct framer){
        .max = max, .delimiter = delimiter, .line = 1, .next_line = 1
    };
    vlt_buf_init(&framer->raw, 0);
}

void
framer_fini(struct framer *framer)
{
    vlt_buf_free(&framer->raw);
}

/* A byte order mark stands before the first cell, not in it. */
static bool
marks_order(const struct framer *framer, uint64_t at, uint8_t byte)
{
    static const uint8_t mark[] = { 0xef, 0xbb, 0xbf };

    return at < sizeof mark && byte == mark[at] && framer->state == BEGINS;
}

static int
after(const struct framer *framer, uint8_t byte)
{
    if (framer->state == QUOTED) {
        return byte == '"' ? QUOTE : QUOTED;
    }
    if (byte == '\n') {
        return ENDED;
    }
    if (byte == '"' && framer->state != PLAIN) {
        return QUOTED;
    }
    return byte == framer->delimiter ? BEGINS : PLAIN;
}

/* How many bytes of the piece belong to the row; the state moves on. */
static size_t
step(struct framer *framer, struct vlt_slice piece)
{
    size_t i = 0;

    if (framer->delimiter == 0 || framer->too_long) {
        const uint8_t *found = memchr(piece.at, '\n', piece.len);

        framer->state = found != NULL ? ENDED : PLAIN;
        return found != NULL ? (size_t)(found - piece.at) + 1 : piece.len;
    }
    while (i < piece.len && framer->state != ENDED) {
        if (!marks_order(framer, framer->next_byte + i, piece.at[i])) {
            framer->state = after(framer, piece.at[i]);
        }
        framer->next_line += piece.at[i] == '\n' && framer->state != ENDED;
        i++;
    }
    return i;
}

/* Keep what fits.  A quote that runs on past the limit was never meant as one:
 * from there on the row ends at the next line break. */
static void
keep(struct framer *framer, struct vlt_slice part)
{
    size_t room = framer->max - framer->raw.len;

    if (part.len > room) {
        part.len = room;
        framer->too_long = true;
    }
    vlt_buf_put_slice(&framer->raw, part);
}

/* Take what may be taken at once: not past the limit, so that a row comes out
 * the same however its bytes came in.  True: the row has ended. */
static bool
take(struct framer *framer, struct vlt_slice *piece)
{
    struct vlt_slice part = *piece;
    size_t room = framer->max - framer->raw.len;

    if (!framer->too_long && part.len > room) {
        part.len = room + 1;
    }
    size_t len = step(framer, part);
    bool ended = framer->state == ENDED;

    /* The line break itself is not kept. */
    keep(framer, vlt_slice_of(piece->at, len - (ended ? 1 : 0)));
    *piece = vlt_slice_of(piece->at + len, piece->len - len);
    framer->next_byte += len;
    return ended;
}

static void
drop_return(struct framed *row)
{
    if (row->raw.len > 0 && row->raw.at[row->raw.len - 1] == '\r' &&
        !row->too_long) {
        row->raw.len--;
        row->len--;
    }
}

/* Hand the row out; the next one begins behind it. */
static void
hand_out(struct framer *framer, uint64_t len, bool open, struct framed *out)
{
    *out = (struct framed){
        .raw = vlt_buf_slice(&framer->raw),
        .byte = framer->byte,
        .line = framer->line,
        .len = len,
        .too_long = framer->too_long,
        .open = open,
    };
    drop_return(out);
    framer->byte = framer->next_byte;
    framer->line = framer->next_line;
    framer->too_long = false;
    framer->state = BEGINS;
}

/* A row that was handed out has gone when the next one begins. */
static void
begin(struct framer *framer)
{
    if (framer->byte == framer->next_byte) {
        vlt_buf_clear(&framer->raw);
    }
}

bool
framer_next(struct framer *framer, struct vlt_slice *piece, struct framed *out)
{
    bool ended = false;

    if (piece->len == 0) {
        return false;
    }
    begin(framer);
    while (piece->len > 0 && !ended) {
        ended = take(framer, piece);
    }
    if (!ended || vlt_buf_failed(&framer->raw)) {
        return false;
    }
    framer->next_line++;
    hand_out(framer, framer->next_byte - framer->byte - 1, false, out);
    return true;
}

bool
framer_last(struct framer *framer, struct framed *out)
{
    if (framer->byte == framer->next_byte || vlt_buf_failed(&framer->raw)) {
        return false;
    }
    hand_out(framer, framer->next_byte - framer->byte, framer->state == QUOTED,
             out);
    return true;
}
