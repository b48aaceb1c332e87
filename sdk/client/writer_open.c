/*
 * writer_open: a writer is bound to its stream's columns.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "client/series.h"
#include "client/writer_internal.h"
#include "crypto/random.h"
#include "json/json_write.h"

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
