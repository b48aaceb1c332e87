#include "client/writer.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "client/series.h"
#include "client/writer_internal.h"
#include "crypto/random.h"
#include "json/json_write.h"

/* ---- opening ---- */

static size_t
names_count(const char *const *names)
{
    size_t count = 0;

    while (names[count] != NULL) {
        count++;
    }
    return count;
}

/* Put a field where its id belongs, with the cell that is meant for it. */
static void
insert(struct vault_writer *writer, struct vlt_field field, size_t cell,
       size_t *cells)
{
    size_t at = writer->columns++;

    while (at > 0 && writer->fields[at - 1].id > field.id) {
        writer->fields[at] = writer->fields[at - 1];
        cells[at] = cells[at - 1];
        at--;
    }
    writer->fields[at] = field;
    cells[at] = cell;
}

/* The columns that are named, as fields by their ids.  VLT_E_NOT_FOUND: one is
 * not there, or is named twice. */
static enum vlt_status
bind_columns(struct vault_writer *writer, const struct vlt_json *columns,
             const char *const *names)
{
    size_t count = names_count(names);
    size_t cells[VLT_COLUMNS_MAX];

    if (count == 0 || count > VLT_COLUMN_ID_MAX + 1) {
        return VLT_E_NOT_FOUND;
    }
    for (size_t i = 0; i < vlt_json_count(columns); i++) {
        struct vlt_slice name;
        struct vlt_field field;
        size_t cell = 0;
        enum vlt_status st =
            vlt_series_read_field(vlt_json_item(columns, i), &name, &field);

        if (st != VLT_OK || i > VLT_COLUMN_ID_MAX) {
            return VLT_E_FORMAT;
        }
        while (cell < count && !vlt_slice_is(name, names[cell])) {
            cell++;
        }
        if (cell < count) {
            insert(writer, field, cell, cells);
        }
    }
    if (writer->columns != count) {
        return VLT_E_NOT_FOUND;
    }
    for (size_t i = 0; i < count; i++) {
        writer->place[cells[i]] = i;
    }
    return VLT_OK;
}

static enum vault_status
bind_to(struct vault_writer *writer, const char *answer,
        const char *const *names)
{
    struct vault_client *client = writer->client;
    struct vlt_json *document = NULL;
    struct vlt_json_fault fault;
    enum vlt_status st = vlt_json_parse(vlt_slice_text(answer), VLT_LIMIT_TEXT,
                                        VLT_LIMIT_DEPTH, &fault, &document);

    if (st == VLT_OK) {
        st = bind_columns(
            writer, vlt_json_get(vlt_json_get(document, "stream"), "columns"),
            names);
        vlt_json_free(document);
    }
    struct vlt_schema schema = { writer->fields, writer->columns };

    if (st == VLT_OK) {
        st = vlt_rows_new(&schema, &writer->rows);
    }
    if (st == VLT_OK) {
        st = vlt_rows_new(&schema, &writer->one);
    }
    if (st == VLT_E_NOT_FOUND) {
        return vlt_client_fault(client, VAULT_E_USAGE,
                                "the stream %s has not each of these columns "
                                "once",
                                writer->stream);
    }
    if (st != VLT_OK) {
        return vlt_client_fault(client, vlt_client_status(st),
                                "the columns of %s cannot be read",
                                writer->stream);
    }
    return VAULT_OK;
}

static enum vault_status
ask_columns(struct vault_writer *writer, const struct vault_write *write,
            int timeout_ms)
{
    struct vlt_buf params = { 0 };
    struct vlt_json_out put = vlt_json_out(&params);
    char *answer = NULL;
    enum vault_status status;

    vlt_put_object(&put, NULL);
    vlt_put_text(&put, "name", writer->stream);
    vlt_put_end(&put);
    const char *text = vlt_buf_text(&params);

    status = text != NULL ? vault_call_wait(writer->client, "stream.show", text,
                                            timeout_ms, &answer)
                          : vlt_client_fault(writer->client, VAULT_E_NOMEM,
                                             "out of memory");
    if (status == VAULT_OK) {
        status = bind_to(writer, answer, write->columns);
    }
    vault_free(answer);
    vlt_buf_free(&params);
    return status;
}

/* What is not said is as it is usual.  False: out of range. */
static bool
take_options(struct vault_writer *writer, const struct vault_write *write)
{
    writer->batch_rows =
        write->batch_rows != 0 ? write->batch_rows : WRITER_ROWS;
    writer->batch_ms = write->batch_ms != 0 ? write->batch_ms : WRITER_MS;
    writer->memory = write->memory != 0 ? write->memory : WRITER_MEMORY;
    writer->dropped = write->dropped;
    writer->dropped_ctx = write->dropped_ctx;
    return writer->batch_rows <= VLT_BLOCK_ROWS && writer->batch_ms > 0 &&
           writer->memory >= WRITER_MEMORY_MIN;
}

enum vault_status
vault_writer_open_wait(struct vault_client *client,
                       const struct vault_write *write, int timeout_ms,
                       struct vault_writer **out)
{
    struct vault_writer *writer;

    if (write->size != sizeof *write || write->stream == NULL ||
        write->columns == NULL) {
        return vlt_client_fault(client, VAULT_E_USAGE,
                                "size, stream or columns of the writer is "
                                "wrong");
    }
    writer = calloc(1, sizeof *writer);
    if (writer == NULL) {
        return vlt_client_fault(client, VAULT_E_NOMEM, "out of memory");
    }
    writer->client = client;
    writer->stream = vlt_text_copy(vlt_slice_text(write->stream));
    vlt_random(writer->boot, sizeof writer->boot);
    enum vault_status status = VAULT_OK;

    if (writer->stream == NULL) {
        status = vlt_client_fault(client, VAULT_E_NOMEM, "out of memory");
    } else if (!take_options(writer, write)) {
        status = vlt_client_fault(client, VAULT_E_USAGE,
                                  "a writer takes 1 to 65536 rows a block, "
                                  "1 ms and more, and 64 KiB and more");
    }
    if (status == VAULT_OK) {
        status = ask_columns(writer, write, timeout_ms);
    }
    writer->next = client->writers;
    client->writers = writer;
    if (status != VAULT_OK) {
        vault_writer_free(writer);
        return status;
    }
    *out = writer;
    return VAULT_OK;
}

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
    if (writer->dropped != NULL && rows > 0) {
        writer->client->depth++;
        writer->dropped(writer->dropped_ctx, why, first, last, rows);
        writer->client->depth--;
    }
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
add_row(struct vault_writer *writer, int64_t time,
        const struct vault_cell *cells)
{
    vlt_rows_clear(writer->one);
    enum vlt_status st = vlt_rows_add(writer->one, time);

    for (size_t i = 0; i < writer->columns && st == VLT_OK; i++) {
        if (cells[i].present != 0) {
            st = set_cell(writer, writer->place[i], &cells[i]);
        }
    }
    return st == VLT_OK ? vlt_rows_append(writer->rows, writer->one,
                                          vlt_rows_all(writer->one))
                        : st;
}

enum vault_status
vault_writer_put(struct vault_writer *writer, int64_t time,
                 const struct vault_cell *cells)
{
    struct vault_client *client = writer->client;
    size_t size = row_size(writer, cells);
    enum vault_status status = VAULT_OK;

    if (time < VLT_TIME_MIN || time >= VLT_TIME_MAX || size == SIZE_MAX) {
        return vlt_client_fault(client, VAULT_E_USAGE,
                                "a row's time is out of range, or a text is "
                                "longer than 256 KiB");
    }
    if (vlt_rows_count(writer->rows) > 0 &&
        gathered(writer) + size > WRITER_BLOCK) {
        status = vlt_writer_pack(writer);
    }
    make_room(writer, size);
    bool first = vlt_rows_count(writer->rows) == 0;

    if (status != VAULT_OK || add_row(writer, time, cells) != VLT_OK) {
        return vlt_client_fault(client, VAULT_E_NOMEM, "out of memory");
    }
    writer->since_ms = first ? vlt_client_now_ms() : writer->since_ms;
    writer->pending++;
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

void
vault_writer_free(struct vault_writer *writer)
{
    struct vault_writer **at;

    if (writer == NULL) {
        return;
    }
    for (at = &writer->client->writers; *at != writer; at = &(*at)->next) {
        continue;
    }
    *at = writer->next;
    while (writer->blocks != NULL) {
        vlt_call_forget_of(writer->client, writer->blocks);
        vlt_writer_take_out(writer, writer->blocks);
    }
    vlt_rows_free(writer->rows);
    vlt_rows_free(writer->one);
    free(writer->stream);
    free(writer);
}

void
vlt_writer_free_all(struct vault_client *client)
{
    while (client->writers != NULL) {
        vault_writer_free(client->writers);
    }
}
