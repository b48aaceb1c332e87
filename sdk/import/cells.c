#include "import/cells.h"

#include <stdlib.h>

#include "base/text.h"

enum {
    WIDEST = 3 /* bytes that one byte may become in UTF-8 */
};

struct cells {
    enum cells_encoding encoding;
    uint8_t delimiter;
    uint8_t *room; /* for texts that differ from the row's bytes */
    size_t size;
    size_t used;
    size_t count;
    struct cell cells[CELLS_MAX];
};

/* Windows-1252 from 0x80 to 0x9f; 0: not assigned. */
static const uint16_t windows[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017d, 0,
    0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

enum vlt_status
cells_new(enum cells_encoding encoding, uint8_t delimiter, struct cells **out)
{
    struct cells *cells = malloc(sizeof *cells);

    if (cells == NULL) {
        return VLT_E_NOMEM;
    }
    cells->encoding = encoding;
    cells->delimiter = delimiter;
    cells->room = NULL;
    cells->size = 0;
    *out = cells;
    return VLT_OK;
}

void
cells_free(struct cells *cells)
{
    if (cells != NULL) {
        free(cells->room);
        free(cells);
    }
}

/* Room for the texts of a row, which never moves while it is split. */
static enum vlt_status
reserve(struct cells *cells, size_t len)
{
    size_t size = WIDEST * len + 1; /* never nothing */

    cells->used = 0;
    cells->count = 0;
    if (size <= cells->size) {
        return VLT_OK;
    }
    uint8_t *room = realloc(cells->room, size);

    if (room == NULL) {
        return VLT_E_NOMEM;
    }
    cells->room = room;
    cells->size = size;
    return VLT_OK;
}

/* The character of a byte; 0: none. */
static uint32_t
character(enum cells_encoding encoding, uint8_t byte)
{
    if (encoding == CELLS_WINDOWS_1252 && byte >= 0x80 && byte < 0xa0) {
        return windows[byte - 0x80];
    }
    return byte;
}

static void
put(struct cells *cells, uint32_t code)
{
    uint8_t *to = cells->room + cells->used;

    if (code < 0x80) {
        to[0] = (uint8_t)code;
        cells->used += 1;
    } else if (code < 0x800) {
        to[0] = (uint8_t)(0xc0 | code >> 6);
        to[1] = (uint8_t)(0x80 | (code & 0x3f));
        cells->used += 2;
    } else {
        to[0] = (uint8_t)(0xe0 | code >> 12);
        to[1] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
        to[2] = (uint8_t)(0x80 | (code & 0x3f));
        cells->used += 3;
    }
}

/* Copy a cell, with one mark for each doubled one.  False: it has a byte that
 * the encoding has no character for. */
static bool
copy(struct cells *cells, struct vlt_slice raw, bool quoted)
{
    bool bytes = cells->encoding == CELLS_UTF_8;

    for (size_t i = 0; i < raw.len; i++) {
        uint32_t code =
            bytes ? raw.at[i] : character(cells->encoding, raw.at[i]);

        if (code == 0) {
            return false;
        }
        if (bytes) {
            cells->room[cells->used++] = raw.at[i];
        } else {
            put(cells, code);
        }
        i += quoted && raw.at[i] == '"';
    }
    return true;
}

static enum vlt_status
add(struct cells *cells, struct vlt_slice raw, struct cell cell, bool doubled)
{
    uint8_t *begin = cells->room + cells->used;
    bool good = true;

    if (cells->count == CELLS_MAX) {
        return VLT_E_LIMIT;
    }
    cell.text = raw;
    if (doubled || cells->encoding != CELLS_UTF_8) {
        good = copy(cells, raw, cell.quoted);
        cell.text =
            vlt_slice_of(begin, (size_t)(cells->room + cells->used - begin));
    }
    cell.broken = !good || !vlt_utf8_valid(cell.text);
    if (cell.broken) {
        cell.text = vlt_slice_of(NULL, 0);
    }
    cells->cells[cells->count++] = cell;
    return VLT_OK;
}

/* A quoted cell, from its opening mark at *at on; *at ends behind the closing
 * one. */
static enum vlt_status
split_quoted(struct cells *cells, struct vlt_slice row, size_t *at)
{
    struct cell cell = { .at = *at, .quoted = true };
    size_t begin = *at + 1;
    size_t i = begin;
    bool doubled = false;

    for (; i < row.len; i++) {
        if (row.at[i] != '"') {
            continue;
        }
        if (i + 1 >= row.len || row.at[i + 1] != '"') {
            break;
        }
        doubled = true;
        i++;
    }
    if (i >= row.len) {
        return VLT_E_FORMAT;
    }
    *at = i + 1;
    return add(cells, vlt_slice_of(row.at + begin, i - begin), cell, doubled);
}

static enum vlt_status
split_plain(struct cells *cells, struct vlt_slice row, size_t *at)
{
    struct cell cell = { .at = *at };
    size_t begin = *at;

    while (*at < row.len && row.at[*at] != cells->delimiter) {
        (*at)++;
    }
    return add(cells, vlt_slice_of(row.at + begin, *at - begin), cell, false);
}

static enum vlt_status
split_one(struct cells *cells, struct vlt_slice row, size_t *at)
{
    enum vlt_status st;

    if (*at >= row.len || row.at[*at] != '"') {
        return split_plain(cells, row, at);
    }
    st = split_quoted(cells, row, at);
    if (st == VLT_OK && *at < row.len && row.at[*at] != cells->delimiter) {
        return VLT_E_FORMAT;
    }
    return st;
}

enum vlt_status
cells_split(struct cells *cells, struct vlt_slice row, const struct cell **out,
            size_t *count, size_t *bad)
{
    size_t at = 0;
    enum vlt_status st = reserve(cells, row.len);

    if (st == VLT_OK) {
        st = split_one(cells, row, &at);
    }
    /* At a delimiter: a cell follows it, though it may be empty. */
    while (st == VLT_OK && at < row.len) {
        at++;
        st = split_one(cells, row, &at);
    }
    if (st != VLT_OK) {
        *bad = at;
        return st;
    }
    *out = cells->cells;
    *count = cells->count;
    return VLT_OK;
}
