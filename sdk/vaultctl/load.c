#include "vaultctl/load.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/name.h"
#include "base/text.h"

enum { PIECE = 65536, TRIES = 20, WAIT_MS = 200, WAIT_MOST_MS = 10000 };

static void
note_error(struct load *load, uint64_t line, uint64_t byte, const char *what)
{
    load->quarantined++;
    if (load->error_count == LOAD_ERRORS) {
        return;
    }
    vlt_buf_put_text(&load->errors, load->error_count++ > 0 ? "," : "");
    struct vlt_json_out put = vlt_json_out(&load->errors);

    vlt_put_object(&put, NULL);
    vlt_put_uint(&put, "line", line);
    vlt_put_uint(&put, "byte", byte);
    vlt_put_text(&put, "what", what);
    vlt_put_end(&put);
}

static enum vlt_status
on_fault(void *ctx, const struct import_fault *fault)
{
    struct load *load = ctx;
    char what[IMPORT_FIELD + IMPORT_SAYS + 16];

    snprintf(what, sizeof what, "%s%s%s%s",
             fault->field[0] != '\0' ? "field " : "", fault->field,
             fault->field[0] != '\0' ? ": " : "", fault->says);
    note_error(load, fault->place.line, fault->byte, what);
    return VLT_OK;
}

/* Worth trying again: nothing is wrong with what was sent. */
static bool
again(enum vault_status status)
{
    return status == VAULT_E_BUSY || status == VAULT_E_RATE ||
           status == VAULT_E_UNKNOWN;
}

/* The same bytes with the same idem, so that a batch whose answer was lost is
 * not stored twice. */
static enum vault_status
send_until(struct load *load)
{
    struct run *run = load->run;
    enum vault_status status = run_try(run, "data.append");

    for (int i = 0; i < TRIES && again(status) && *load->stop == 0; i++) {
        int64_t wait = vault_client_retry_ms(run->client);
        int ms = wait <= 0             ? WAIT_MS
                 : wait > WAIT_MOST_MS ? WAIT_MOST_MS
                                       : (int)wait;
        enum vault_status turned = vault_run(run->client, load->stop, ms);

        if (turned != VAULT_OK && turned != VAULT_E_TIMEOUT) {
            return turned;
        }
        status = run_try(run, "data.append");
    }
    return status;
}

static void
count_answer(struct load *load)
{
    const struct vlt_json *answer = load->run->result;
    uint64_t accepted =
        (uint64_t)vlt_json_int_of(vlt_json_get(answer, "accepted"));
    uint64_t duplicates =
        (uint64_t)vlt_json_int_of(vlt_json_get(answer, "duplicates"));

    load->accepted += accepted;
    load->duplicates += duplicates;
}

static enum vlt_status
send_batch(struct load *load)
{
    struct run *run = load->run;

    if (load->batch.rows == 0) {
        return VLT_OK;
    }
    batch_print(&load->batch, run_params(run, true));
    enum vault_status status = send_until(load);

    if (status != VAULT_OK) {
        load->code = run_says(
            run, run_code(status),
            "%s: %s%s%s; %llu rows are stored, and the same command goes on "
            "from there",
            load->file, vault_client_at(run->client),
            vault_client_at(run->client)[0] != '\0' ? ": " : "",
            vault_client_detail(run->client),
            (unsigned long long)(load->accepted + load->duplicates));
        return VLT_E_UNKNOWN;
    }
    count_answer(load);
    batch_clear(&load->batch);
    progress_at(&load->progress, load->bytes, load->rows);
    return VLT_OK;
}

struct vlt_slice
load_name(struct load *load, struct vlt_slice name)
{
    if (load->prefix == NULL) {
        return name;
    }
    vlt_buf_clear(&load->name);
    vlt_buf_put_text(&load->name, load->prefix);
    vlt_buf_put_text(&load->name, "/");
    vlt_buf_put_slice(&load->name, name);
    return vlt_buf_slice(&load->name);
}

static enum vlt_status
survey_row(struct load *load, const struct import_row *row,
           struct vlt_slice name)
{
    struct stream *stream = streams_find(load->streams, name);

    if (stream == NULL) {
        stream = streams_add(load->streams, name);
    }
    if (stream == NULL) {
        return VLT_E_NOMEM;
    }
    load->accepted++;
    if (stream->exists) {
        return VLT_OK;
    }
    enum vlt_status st = streams_fit(stream, row);

    /* Rows with more columns than a stream has are told when they are sent. */
    return st == VLT_E_LIMIT ? VLT_OK : st;
}

static enum vlt_status
send_row(struct load *load, const struct import_row *row, struct vlt_slice name)
{
    struct stream *stream = streams_find(load->streams, name);
    char says[IMPORT_SAYS] = "there is no such stream";
    enum vlt_status st = VLT_E_FORMAT;

    if (stream != NULL) {
        st = batch_write(stream, row, &load->columns, &load->cells, says);
    } else if (load->only != NULL) {
        snprintf(says, sizeof says, "the row is of another stream");
    }
    if (st == VLT_E_FORMAT) {
        note_error(load, row->place.line, row->place.byte, says);
        return VLT_OK;
    }
    if (st == VLT_OK && load->pass == LOAD_CHECK) {
        load->accepted++;
        return VLT_OK;
    }
    if (st == VLT_OK && batch_full(&load->batch, load->cells.len)) {
        st = send_batch(load);
    }
    return st == VLT_OK
               ? batch_put(&load->batch, stream, &load->columns, &load->cells)
               : st;
}

static enum vlt_status
on_row(void *ctx, const struct import_row *row)
{
    struct load *load = ctx;
    struct vlt_slice name = load_name(load, row->stream);

    load->rows++;
    if (*load->stop != 0) {
        return VLT_E_BUSY;
    }
    if (!vlt_name_valid(name)) {
        note_error(load, row->place.line, row->place.byte,
                   "with the prefix it is no name of a stream");
        return VLT_OK;
    }
    return load->pass == LOAD_SURVEY ? survey_row(load, row, name)
                                     : send_row(load, row, name);
}

/* Why the file as a whole ended. */
static int
tell_end(struct load *load, enum vlt_status st)
{
    struct run *run = load->run;

    if (load->code != RUN_DONE || st == VLT_OK) {
        return load->code;
    }
    if (*load->stop != 0) {
        return run_says(
            run, RUN_INTERRUPTED,
            "%s: stopped; %llu rows are stored, and the same "
            "command goes on from there",
            load->file,
            (unsigned long long)(load->accepted + load->duplicates));
    }
    switch (st) {
    case VLT_E_FORMAT:
        /* Its fault was given, and is in the result. */
        return RUN_FAILED;
    case VLT_E_LIMIT:
        return run_says(run, RUN_FAILED, "%s: more than %d rows, or 16 GiB",
                        load->file, IMPORT_ROWS);
    case VLT_E_STORAGE:
        return run_says(run, RUN_FAILED, "%s cannot be read: %s", load->file,
                        strerror(errno));
    default:
        return run_says(run, RUN_FAILED, "%s: out of memory", load->file);
    }
}

static ssize_t
read_piece(int fd, uint8_t *at, size_t len)
{
    ssize_t got;

    do {
        got = read(fd, at, len);
    } while (got < 0 && errno == EINTR);
    return got;
}

static enum vlt_status
feed_all(struct load *load, struct import *import, int fd,
         struct vlt_slice head)
{
    uint8_t piece[PIECE];
    enum vlt_status st = import_feed(import, head);

    load->bytes = head.len;
    while (st == VLT_OK) {
        ssize_t got = read_piece(fd, piece, sizeof piece);

        if (got < 0) {
            return VLT_E_STORAGE;
        }
        if (got == 0) {
            st = import_end(import);
            break;
        }
        load->bytes += (uint64_t)got;
        st = import_feed(import, vlt_slice_of(piece, (size_t)got));
        progress_at(&load->progress, load->bytes, load->rows);
    }
    if (st == VLT_OK && load->pass == LOAD_SEND) {
        st = send_batch(load);
    }
    return st;
}

/* As much of the beginning as a kind is told by. */
static enum vlt_status
read_head(int fd, uint8_t head[IMPORT_HEAD], size_t *len)
{
    *len = 0;
    while (*len < IMPORT_HEAD) {
        ssize_t got = read_piece(fd, head + *len, IMPORT_HEAD - *len);

        if (got < 0) {
            return VLT_E_STORAGE;
        }
        if (got == 0) {
            break;
        }
        *len += (size_t)got;
    }
    return VLT_OK;
}

static int
tell_kind(struct load *load, struct vlt_slice head)
{
    bool zip = head.len >= 4 && memcmp(head.at, "PK\003\004", 4) == 0;

    return run_says(load->run, RUN_USAGE,
                    zip ? "%s is a .zip: unpack it first"
                        : "%s looks like neither csv nor ndjson; say which by "
                          "--as",
                    load->file);
}

static int
tell_begin(struct load *load, enum vlt_status st, const char *kind)
{
    if (st == VLT_E_NOT_FOUND) {
        return run_says(load->run, RUN_USAGE,
                        "--as %s is no kind that this version reads; there "
                        "are csv and ndjson",
                        kind);
    }
    return run_says(load->run, RUN_FAILED, "out of memory");
}

/* Parse the whole file, of which the head is read. */
static int
feed(struct load *load, int fd, const char *kind, struct vlt_slice head,
     const struct import_options *options)
{
    struct import_sink sink = { .ctx = load, .row = on_row, .fault = on_fault };
    struct import *import = NULL;
    enum vlt_status st = import_new(kind, options, &sink, &import);

    if (st != VLT_OK) {
        return tell_begin(load, st, kind);
    }
    st = feed_all(load, import, fd, head);
    progress_end(&load->progress);
    import_free(import);
    return tell_end(load, st);
}

int
load_feed(struct load *load, int fd, const char **kind,
          const struct import_options *options)
{
    struct import_options own = *options;
    struct mapping *mapping = NULL;
    uint8_t head[IMPORT_HEAD];
    size_t len = 0;
    enum vlt_status st = read_head(fd, head, &len);
    int code = RUN_DONE;

    if (st != VLT_OK) {
        return tell_end(load, st);
    }
    struct vlt_slice bytes = vlt_slice_of(head, len);

    if (*kind == NULL) {
        *kind = import_guess(bytes);
    }
    if (*kind == NULL) {
        return tell_kind(load, bytes);
    }
    if (strcmp(*kind, "csv") != 0) {
        own.mapping = NULL;
    } else if (own.mapping == NULL) {
        code = load_map(load, bytes, &mapping);
        own.mapping = mapping;
    }
    if (code == RUN_DONE) {
        code = feed(load, fd, *kind, bytes, &own);
    }
    mapping_free(mapping);
    return code;
}

void
load_end(struct load *load)
{
    batch_free(&load->batch);
    vlt_buf_free(&load->columns);
    vlt_buf_free(&load->cells);
    vlt_buf_free(&load->name);
    vlt_buf_free(&load->errors);
}
