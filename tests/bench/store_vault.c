#include "store_vault.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "crypto/secret.h"
#include "limits/meter.h"
#include "store/record.h"

static const char key_file[] = "the key file of a vault to try.."; /* 32 */

static void
need(enum vlt_status st, const char *what)
{
    if (st != VLT_OK) {
        fprintf(stderr, "%s: %d\n", what, (int)st);
        bench_die("the vault refused", 0);
    }
}

/* ---- opening ---- */

static struct vlt_secret *
key(void)
{
    struct vlt_secret *secret;

    need(vlt_secret_copy(vlt_slice_of(key_file, VLT_KEY_LEN), &secret),
         "a key");
    return secret;
}

static void
create(const char *path)
{
    struct vlt_secret *secret = key();
    struct store_init init = { .key_file = secret, .now_ns = METER_BEGIN };
    struct vlt_secret *words = NULL;

    need(store_create(path, &init, NULL, &words), "make a vault");
    vlt_secret_free(secret);
    vlt_secret_free(words);
}

static void
unlock(struct vault *vault)
{
    struct vlt_secret *secret = key();
    struct vlt_secret *root = NULL;

    need(store_root_key(vault->store, STORE_KEY_FILE, secret, &root), "a key");
    need(store_unlock(vault->store, root, NULL), "unlock");
    vlt_secret_free(secret);
    vlt_secret_free(root);
}

void
vault_open(struct vault *vault, const char *folder)
{
    char path[METER_PATH];
    struct store_read *read;
    int64_t now = bench_utc();

    meter_path(path, folder, "vault");
    *vault = (struct vault){ .seq = 0 };
    memcpy(vault->boot, &now, sizeof vault->boot);
    if (access(path, F_OK) != 0) {
        create(path);
    }
    need(store_open(path, NULL, NULL, &vault->store), "open");
    unlock(vault);
    need(series_new(vault->store, &vault->series), "series");
    need(store_read_begin(vault->store, &read), "read");
    need(series_load(vault->series, store_read_view(read)), "load");
    store_read_end(read);
}

void
vault_close(struct vault *vault)
{
    series_free(vault->series);
    store_close(vault->store);
}

/* ---- turns ---- */

static struct store_txn *
begin(struct vault *vault, int64_t now)
{
    struct store_turn turn = { .now_ns = now };
    struct store_txn *txn;

    need(store_txn_begin(vault->store, turn, &txn), "begin");
    return txn;
}

static void
commit(struct vault *vault, struct store_txn *txn)
{
    need(series_pack(vault->series, txn), "pack");
    need(store_txn_commit(txn), "commit");
    series_turn_end(vault->series, true);
}

int64_t
vault_append(struct vault *vault, const struct series_part *part, size_t parts)
{
    struct series_batch batch = {
        .source = 1, .seq = ++vault->seq, .parts = parts, .part = part
    };
    const struct vlt_rows *rows = part[0].rows;
    int64_t now = vlt_rows_times(rows)[vlt_rows_count(rows) - 1];
    struct series_stored stored;
    int64_t from = bench_now();

    memcpy(batch.boot, vault->boot, sizeof batch.boot);
    struct store_txn *txn = begin(vault, now);

    need(series_append(vault->series, txn, &batch, &stored), "append");
    commit(vault, txn);
    int64_t took = bench_now() - from;

    if (stored.rows != parts * vlt_rows_count(rows)) {
        bench_die("not all rows were stored", 0);
    }
    return took;
}

/* ---- streams ---- */

static struct stream
wish_of(size_t number)
{
    static const struct stream_column value = { .id = 0,
                                                .type = VLT_TYPE_F64,
                                                .name = "value" };
    struct stream wish = { .unit = "W",
                           .category = "energy.electricity",
                           .keep = INT64_MAX,
                           .columns = 1,
                           .column = &value };

    (void)snprintf(wish.name, sizeof wish.name, "bench/%04zu", number);
    return wish;
}

const struct stream *
vault_stream(struct vault *vault, size_t number)
{
    struct stream wish = wish_of(number);
    const struct stream *stream = series_by_name(
        vault->series, vlt_slice_of(wish.name, strlen(wish.name)));

    if (stream == NULL) {
        bench_die("there is no such stream", 0);
    }
    return stream;
}

void
vault_streams(struct vault *vault, const struct stream **out, size_t count)
{
    struct store_txn *txn = begin(vault, METER_BEGIN);

    for (size_t i = 0; i < count; i++) {
        struct stream wish = wish_of(i);
        enum vlt_status st =
            series_create(vault->series, txn, &wish, NULL, NULL);

        need(st == VLT_E_CONFLICT ? VLT_OK : st, "make a stream");
    }
    commit(vault, txn);
    for (size_t i = 0; i < count; i++) {
        out[i] = vault_stream(vault, i);
    }
}

uint64_t
vault_rows(struct vault *vault, const struct stream *stream)
{
    uint64_t rows = 0;
    int64_t first;
    int64_t last;

    return series_extent(vault->series, stream->id, &rows, &first, &last) ? rows
                                                                          : 0;
}

/* ---- reading ---- */

struct vault_segments
vault_segments(struct vault *vault)
{
    struct store_segment segment[STORE_SEGMENTS];
    struct store_read *read;
    size_t count = 0;

    need(store_read_begin(vault->store, &read), "read");
    need(store_segments(store_read_view(read), segment, &count), "segments");
    store_read_end(read);
    if (count == 0) {
        bench_die("there is no segment", 0);
    }
    return (struct vault_segments){ segment[0].number,
                                    segment[count - 1].number };
}

uint64_t
vault_used(struct vault *vault)
{
    struct store_read *read;
    struct store_stat stat;

    need(store_read_begin(vault->store, &read), "read");
    need(store_view_stat(store_read_view(read), &stat), "count");
    store_read_end(read);
    return stat.used;
}

bool
vault_scan(struct vault *vault, const struct stream *stream,
           const struct series_want *want, struct series_at *at,
           size_t most_rows, struct vlt_rows *out)
{
    struct store_read *read;
    bool more;

    need(store_read_begin(vault->store, &read), "read");
    need(series_scan(vault->series, store_read_view(read), stream, want, at,
                     most_rows, SIZE_MAX, out, &more),
         "scan");
    store_read_end(read);
    return more;
}

struct vlt_rows *
vault_page(const struct stream *stream, const struct series_want *want)
{
    struct stream_column columns[SERIES_COLUMNS_MAX];
    struct vlt_field fields[SERIES_COLUMNS_MAX];
    struct vlt_schema schema = { .fields = fields };
    struct vlt_rows *rows;

    need(series_columns(stream, want, &schema.count, columns), "columns");
    for (size_t i = 0; i < schema.count; i++) {
        fields[i].id = columns[i].id;
        fields[i].type = (enum vlt_type)columns[i].type;
    }
    need(vlt_rows_new(&schema, &rows), "rows");
    return rows;
}
