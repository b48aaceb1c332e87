#include "client/writer.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "client/writer_internal.h"

/* ---- what is kept ---- */

void
vlt_writer_take_out(struct vault_writer *writer, struct writer_block *block)
{
    struct writer_block **at = &writer->blocks;

    while (*at != block) {
        at = &(*at)->next;
    }
    *at = block->next;
    writer->kept -= block->bytes.len;
    writer->sent -= block->sent ? 1 : 0;
    vlt_buf_free(&block->bytes);
    free(block);
}

void
vlt_writer_lose(struct vault_writer *writer, enum vault_status why,
                int64_t first, int64_t last, size_t rows)
{
    writer->pending -= rows;
    if (writer->dropped != NULL && rows > 0 && !writer->let_go) {
        writer->client->depth++;
        writer->dropped(writer->dropped_ctx, why, first, last, rows);
        writer->client->depth--;
    }
}

/* Rows that no block can hold: put() takes none, so this is not met.  But what
 * cannot be packed must not be in the way of what can. */
static void
lose_gathered(struct vault_writer *writer)
{
    const int64_t *times = vlt_rows_times(writer->rows);
    size_t rows = vlt_rows_count(writer->rows);
    int64_t first = times[0];
    int64_t last = times[rows - 1];

    vlt_rows_clear(writer->rows);
    (void)vlt_client_fault(writer->client, VAULT_E_USAGE,
                           "%zu rows are larger than a block", rows);
    vlt_writer_lose(writer, VAULT_E_USAGE, first, last, rows);
}

enum vault_status
vlt_writer_pack(struct vault_writer *writer)
{
    size_t rows = vlt_rows_count(writer->rows);
    struct writer_block *block;
    enum vlt_status st;

    if (rows == 0) {
        return VAULT_OK;
    }
    block = calloc(1, sizeof *block);
    st = block != NULL ? vlt_rows_sort(writer->rows) : VLT_E_NOMEM;
    if (st == VLT_OK) {
        st = vlt_block_encode(writer->rows, vlt_rows_all(writer->rows), 0,
                              &block->bytes);
    }
    if (st != VLT_OK) {
        if (block != NULL) {
            vlt_buf_free(&block->bytes);
        }
        free(block);
    }
    if (st == VLT_E_LIMIT) {
        lose_gathered(writer);
        return VAULT_OK;
    }
    if (st != VLT_OK) {
        return vlt_client_fault(writer->client, VAULT_E_NOMEM, "out of memory");
    }
    const int64_t *times = vlt_rows_times(writer->rows);
    struct writer_block **end = &writer->blocks;

    block->writer = writer;
    block->seq = ++writer->seq;
    block->rows = rows;
    block->first = times[0];
    block->last = times[rows - 1];
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = block;
    writer->kept += block->bytes.len;
    vlt_rows_clear(writer->rows);
    return VAULT_OK;
}

static size_t
gathered(const struct vault_writer *writer)
{
    return vlt_rows_size(writer->rows, vlt_rows_all(writer->rows)) +
           vlt_rows_count(writer->rows) * sizeof(int64_t);
}

/* Make room for so many bytes more: the oldest that is not on its way goes
 * first. */
static void
make_room(struct vault_writer *writer, size_t more)
{
    while (writer->kept + gathered(writer) + more > writer->memory) {
        struct writer_block *block = writer->blocks;

        while (block != NULL && block->sent) {
            block = block->next;
        }
        if (block != NULL) {
            int64_t first = block->first;
            int64_t last = block->last;
            size_t rows = block->rows;

            vlt_writer_take_out(writer, block);
            vlt_writer_lose(writer, VAULT_E_BUSY, first, last, rows);
        } else if (vlt_rows_count(writer->rows) == 0 ||
                   vlt_writer_pack(writer) != VAULT_OK) {
            return; /* what is on its way may be more than memory allows */
        }
    }
}

/* ---- rows ---- */

static enum vlt_status
set_cell(struct vault_writer *writer, size_t at, const struct vault_cell *cell)
{
    switch (writer->fields[at].type) {
    case VLT_TYPE_F64:
        vlt_rows_set(writer->one, at, vlt_bits_of(cell->f64));
        return VLT_OK;
    case VLT_TYPE_I64:
        vlt_rows_set(writer->one, at, (uint64_t)cell->i64);
        return VLT_OK;
    case VLT_TYPE_BOOL:
        vlt_rows_set(writer->one, at, cell->flag != 0);
        return VLT_OK;
    case VLT_TYPE_TEXT:
    case VLT_TYPE_JSON:
        return vlt_rows_set_text(writer->one, at,
                                 vlt_slice_of(cell->text.at, cell->text.len));
    }
    return VLT_E_FORMAT;
}

/* Bytes of a row; SIZE_MAX: a text is too long. */
static size_t
row_size(const struct vault_writer *writer, const struct vault_cell *cells)
{
    size_t size = sizeof(int64_t) * (writer->columns + 1);

    for (size_t i = 0; i < writer->columns; i++) {
        if (cells[i].present == 0 ||
            writer->fields[writer->place[i]].type < VLT_TYPE_TEXT) {
            continue;
        }
        if (cells[i].text.len > VLT_VALUE_MAX) {
            return SIZE_MAX;
        }
        size += cells[i].text.len;
    }
    return size;
}

/* Made apart, so that a row is taken whole or not at all. */
static enum vlt_status
make_row(struct vault_writer *writer, int64_t time,
         const struct vault_cell *cells)
{
    vlt_rows_clear(writer->one);
    enum vlt_status st = vlt_rows_add(writer->one, time);

    for (size_t i = 0; i < writer->columns && st == VLT_OK; i++) {
        if (cells[i].present != 0) {
            st = set_cell(writer, writer->place[i], &cells[i]);
        }
    }
    return st;
}

/* Can a block hold it?  Of a row that is large by itself that is tried, since
 * texts are squeezed.  VLT_E_LIMIT: none can. */
static enum vlt_status
try_row(struct vault_writer *writer, size_t size, int64_t time,
        const struct vault_cell *cells)
{
    struct vlt_buf block = { 0 };
    enum vlt_status st;

    if (size <= WRITER_BLOCK) {
        return VLT_OK;
    }
    st = make_row(writer, time, cells);
    if (st == VLT_OK) {
        st =
            vlt_block_encode(writer->one, vlt_rows_all(writer->one), 0, &block);
    }
    vlt_buf_free(&block);
    return st;
}

/* Room is made for it first, and whoever hears of others that are lost by that
 * may put a row himself. */
static enum vlt_status
add_row(struct vault_writer *writer, size_t size, int64_t time,
        const struct vault_cell *cells)
{
    if (vlt_rows_count(writer->rows) > 0 &&
        gathered(writer) + size > WRITER_BLOCK &&
        vlt_writer_pack(writer) != VAULT_OK) {
        return VLT_E_NOMEM;
    }
    make_room(writer, size);
    bool first = vlt_rows_count(writer->rows) == 0;
    enum vlt_status st = make_row(writer, time, cells);

    if (st == VLT_OK) {
        st = vlt_rows_append(writer->rows, writer->one,
                             vlt_rows_all(writer->one));
    }
    if (st == VLT_OK) {
        writer->since_ms = first ? vlt_client_now_ms() : writer->since_ms;
        writer->pending++;
    }
    return st;
}

enum vault_status
vault_writer_put(struct vault_writer *writer, int64_t time,
                 const struct vault_cell *cells)
{
    struct vault_client *client = writer->client;
    size_t size = row_size(writer, cells);
    enum vlt_status st = VLT_E_LIMIT;

    if (time >= VLT_TIME_MIN && time < VLT_TIME_MAX && size != SIZE_MAX) {
        st = try_row(writer, size, time, cells);
    }
    if (st == VLT_E_LIMIT) {
        return vlt_client_fault(client, VAULT_E_USAGE,
                                "a row's time is out of range, a text is "
                                "longer than 256 KiB, or the row than a "
                                "block of 1 MiB");
    }
    if (st == VLT_OK) {
        st = add_row(writer, size, time, cells);
    }
    if (st != VLT_OK) {
        return vlt_client_fault(client, VAULT_E_NOMEM, "out of memory");
    }
    if (vlt_rows_count(writer->rows) >= writer->batch_rows || writer->flush) {
        /* The row is taken, even if packing has to wait for memory. */
        (void)vlt_writer_pack(writer);
        vlt_writer_send(writer);
    }
    return VAULT_OK;
}

size_t
vault_writer_pending(const struct vault_writer *writer)
{
    return writer->pending;
}

uint64_t
vault_writer_stored(const struct vault_writer *writer)
{
    return writer->stored;
}

/* Its blocks that are on their way get no answer any more. */
static void
free_now(struct vault_writer *writer)
{
    while (writer->blocks != NULL) {
        vlt_call_forget_of(writer->client, writer->blocks);
        vlt_writer_take_out(writer, writer->blocks);
    }
    vlt_rows_free(writer->rows);
    vlt_rows_free(writer->one);
    free(writer->stream);
    free(writer);
}

/* From inside a callback it may be in use further up: it is let go, and freed
 * by the next step. */
void
vault_writer_free(struct vault_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    writer->let_go = true;
    if (writer->client->depth == 0) {
        vlt_writer_sweep(writer->client);
    }
}

void
vlt_writer_sweep(struct vault_client *client)
{
    struct vault_writer **at = &client->writers;

    while (*at != NULL) {
        struct vault_writer *writer = *at;

        if (writer->let_go && writer->held == 0) {
            *at = writer->next;
            free_now(writer);
        } else {
            at = &writer->next;
        }
    }
}

void
vlt_writer_free_all(struct vault_client *client)
{
    while (client->writers != NULL) {
        struct vault_writer *writer = client->writers;

        client->writers = writer->next;
        free_now(writer);
    }
}
