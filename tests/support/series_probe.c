/*
 * series_probe: a vault in which rows were packed, for readers that share no
 * code with it.
 *
 *     series_probe DIR SEED   make it, and print what was put into it
 *
 * A line for each stream, and one for each row in the order in which they were
 * put:
 *
 *     stream NAME ID
 *     row NAME TIME {COLUMN=CELL}
 *
 * A cell is 16 hex digits, or "s" and the hex of its text.  The vault opens by
 * the key file of vault_probe.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "crypto/secret.h"
#include "series/series_internal.h"
#include "wire/block.h"

enum {
    TURNS = 260,
    REOPEN = 90, /* turns */
    MOST = 400,  /* rows of a batch */
    WORDS = 12,
    LONG = 30000, /* bytes of a text */
};

#define START (INT64_C(1700000000) * VLT_SECOND)
#define NOW (START + 80 * VLT_DAY) /* so that epochs are over */

static const char key_file[] = "key-file-key-file-key-file-key-f";

/* What is put: rows of a stream, and how their times go on. */
struct kind {
    const char *name;
    uint32_t most;  /* rows of a batch */
    uint32_t often; /* one turn in so many */
    int64_t step;   /* ns from row to row, about */
    uint32_t late;  /* one batch in so many goes back */
    int64_t back;   /* ns, at most */
    size_t columns;
    struct stream_column column[4];
};

/* clang-format off */
static const struct kind kinds[] = {
    { "power/decimal", MOST, 1, VLT_SECOND, 30, VLT_HOUR, 1,
      { { 0, VLT_TYPE_F64, "value" } } },
    { "power/random", 60, 2, VLT_MINUTE, 6, 20 * VLT_DAY, 1,
      { { 0, VLT_TYPE_F64, "value" } } },
    { "meter/sparse", 3, 1, 5 * VLT_HOUR, 8, 40 * VLT_DAY, 1,
      { { 0, VLT_TYPE_I64, "count" } } },
    { "notes/mixed", 40, 2, 10 * VLT_MINUTE, 5, VLT_DAY, 4,
      { { 0, VLT_TYPE_BOOL, "on" }, { 1, VLT_TYPE_TEXT, "word" },
        { 2, VLT_TYPE_I64, "n" }, { 3, VLT_TYPE_JSON, "more" } } },
    { "notes/equal", 30, 1, 0, 3, 3 * VLT_HOUR, 2,
      { { 0, VLT_TYPE_F64, "value" }, { 1, VLT_TYPE_TEXT, "text" } } },
};
/* clang-format on */

enum { KINDS = sizeof kinds / sizeof *kinds };

struct making {
    struct store *store;
    struct series *series;
    struct store_txn *txn;
    const struct stream *stream[KINDS]; /* owned */
    int64_t newest[KINDS];
    uint64_t seq;
    uint32_t x;
};

static uint32_t
draw(struct making *making, uint32_t below)
{
    making->x = making->x * 1664525 + 1013904223;
    return (making->x >> 8) % below;
}

/* ---- the vault ---- */

static enum vlt_status
open_store(const char *dir, struct store **out)
{
    struct store_limits limits = { .map = UINT64_C(256) << 20 };
    struct vlt_secret *key = NULL;
    struct vlt_secret *root = NULL;
    enum vlt_status st = store_open(dir, &limits, NULL, out);

    if (st == VLT_OK) {
        st = vlt_secret_copy(vlt_slice_text(key_file), &key);
    }
    if (st == VLT_OK) {
        st = store_root_key(*out, STORE_KEY_FILE, key, &root);
    }
    if (st == VLT_OK) {
        st = store_unlock(*out, root, NULL);
    }
    vlt_secret_free(key);
    vlt_secret_free(root);
    return st;
}

static enum vlt_status
create(const char *dir)
{
    struct vlt_secret *key = NULL;
    struct vlt_secret *words = NULL;
    struct store_init init = { .now_ns = NOW };
    enum vlt_status st = vlt_secret_copy(vlt_slice_text(key_file), &key);

    init.key_file = key;
    if (st == VLT_OK) {
        st = store_create(dir, &init, NULL, &words);
    }
    vlt_secret_free(key);
    vlt_secret_free(words);
    return st;
}

static void
close_all(struct making *making)
{
    series_free(making->series);
    store_close(making->store);
    making->series = NULL;
    making->store = NULL;
}

static enum vlt_status
open_all(const char *dir, struct making *making)
{
    struct store_read *read = NULL;
    enum vlt_status st = open_store(dir, &making->store);

    if (st == VLT_OK) {
        st = series_new(making->store, &making->series);
    }
    if (st == VLT_OK) {
        making->series->limits = (struct pack_limits){ .least = 96 << 10,
                                                       .most = 96 << 10,
                                                       .records = 150 };
        st = store_read_begin(making->store, &read);
    }
    if (st == VLT_OK) {
        st = series_load(making->series, store_read_view(read));
        store_read_end(read);
    }
    return st;
}

static enum vlt_status
begin(struct making *making)
{
    struct store_turn turn = { .now_ns = NOW };

    return store_txn_begin(making->store, turn, &making->txn);
}

static enum vlt_status
commit(struct making *making)
{
    enum vlt_status st = series_pack(making->series, making->txn);

    if (st == VLT_OK) {
        st = store_txn_commit(making->txn);
        series_turn_end(making->series, st == VLT_OK);
    }
    return st;
}

/* ---- rows ---- */

static void
print_hex(struct vlt_slice text)
{
    printf("s");
    for (size_t i = 0; i < text.len; i++) {
        printf("%02x", text.at[i]);
    }
}

static void
print_rows(const char *name, const struct vlt_rows *rows)
{
    for (size_t i = 0; i < vlt_rows_count(rows); i++) {
        printf("row %s %" PRId64, name, vlt_rows_times(rows)[i]);
        for (size_t j = 0; j < vlt_rows_columns(rows); j++) {
            struct vlt_column column = vlt_rows_column(rows, j);

            if (!vlt_rows_has(rows, i, j)) {
                continue;
            }
            printf(" %u=", column.field.id);
            if (column.field.type >= VLT_TYPE_TEXT) {
                print_hex(vlt_rows_text(rows, i, j));
            } else {
                printf("%016" PRIx64, vlt_rows_bits(rows, i, j));
            }
        }
        printf("\n");
    }
}

/* A double: a decimal, seldom something odd; or any bits at all. */
static uint64_t
any_double(struct making *making, const struct kind *kind)
{
    static const uint64_t odd[] = { UINT64_C(0x8000000000000000),
                                    UINT64_C(0x7ff8000000000001),
                                    UINT64_C(0x7ff0000000000000),
                                    UINT64_C(0x0000000000000001) };

    if (draw(making, 500) == 0) {
        return odd[draw(making, 4)];
    }
    if (strcmp(kind->name, "power/random") == 0) {
        return (uint64_t)draw(making, 1 << 24) << 40 |
               (uint64_t)draw(making, 1 << 20) << 20 | draw(making, 1 << 20);
    }
    return vlt_bits_of((double)draw(making, 5000) / 10);
}

static enum vlt_status
set_text(struct making *making, struct vlt_rows *rows, size_t column, bool json)
{
    static char text[LONG + 40];
    int len = snprintf(text, sizeof text, json ? "{\"n\":%u}" : "word %u",
                       draw(making, WORDS));

    if (!json && draw(making, 300) == 0) {
        memset(text, 'a' + (int)draw(making, 26), LONG);
        len = LONG;
    }
    return vlt_rows_set_text(rows, column, vlt_slice_of(text, (size_t)len));
}

/* One in ten cells is absent, where there are several columns. */
static enum vlt_status
set_cells(struct making *making, const struct kind *kind, struct vlt_rows *rows)
{
    enum vlt_status st = VLT_OK;

    for (size_t j = 0; st == VLT_OK && j < vlt_rows_columns(rows); j++) {
        enum vlt_type type = vlt_rows_column(rows, j).field.type;

        if (j > 0 && draw(making, 10) == 0) {
            continue;
        }
        if (type >= VLT_TYPE_TEXT) {
            st = set_text(making, rows, j, type == VLT_TYPE_JSON);
        } else if (type == VLT_TYPE_F64) {
            vlt_rows_set(rows, j, any_double(making, kind));
        } else if (type == VLT_TYPE_BOOL) {
            vlt_rows_set(rows, j, draw(making, 2));
        } else {
            vlt_rows_set(rows, j, (uint64_t)draw(making, 1000) - 500);
        }
    }
    return st;
}

static enum vlt_status
make_rows(struct making *making, size_t which, struct vlt_rows **out)
{
    const struct kind *kind = &kinds[which];
    struct vlt_field fields[SERIES_COLUMNS_MAX];
    struct vlt_schema schema;
    int64_t time = making->newest[which];
    size_t count = 1 + draw(making, kind->most);
    enum vlt_status st;

    schema_of(making->stream[which], fields, &schema);
    st = vlt_rows_new(&schema, out);
    if (draw(making, kind->late) == 0) {
        time -= (int64_t)draw(making, 1000) * (kind->back / 1000);
    }
    for (size_t i = 0; st == VLT_OK && i < count; i++) {
        if (draw(making, 12) > 0) {
            time += (int64_t)draw(making, 2000) * (kind->step / 1000);
            time += kind->step == 0 ? VLT_MINUTE * draw(making, 2) : 0;
        }
        st = vlt_rows_add(*out, time);
        if (st == VLT_OK) {
            st = set_cells(making, kind, *out);
        }
    }
    if (time > making->newest[which]) {
        making->newest[which] = time;
    }
    return st;
}

/* ---- turns ---- */

/* The block that these rows came in, or none: by lot. */
static enum vlt_status
make_block(struct making *making, const struct vlt_rows *rows,
           struct vlt_buf *block)
{
    if (draw(making, 2) != 0 || !vlt_rows_sorted(rows)) {
        return VLT_OK;
    }
    return vlt_block_encode(rows, vlt_rows_all(rows), draw(making, 3), block);
}

/* One batch, of several streams. */
static enum vlt_status
append(struct making *making)
{
    struct vlt_rows *rows[KINDS] = { NULL };
    struct vlt_buf block[KINDS] = { { 0 } };
    struct series_part part[KINDS];
    struct series_batch batch = { .source = 1 + draw(making, 3),
                                  .boot = { 7 },
                                  .seq = ++making->seq,
                                  .part = part };
    struct series_stored stored;
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < KINDS; i++) {
        if (draw(making, kinds[i].often) != 0) {
            continue;
        }
        st = make_rows(making, i, &rows[i]);
        if (st == VLT_OK) {
            st = make_block(making, rows[i], &block[i]);
        }
        part[batch.parts++] =
            (struct series_part){ .stream = making->stream[i],
                                  .rows = rows[i],
                                  .block = vlt_buf_slice(&block[i]) };
    }
    if (st == VLT_OK) {
        st = series_append(making->series, making->txn, &batch, &stored);
    }
    for (size_t i = 0; i < KINDS; i++) {
        if (st == VLT_OK && rows[i] != NULL) {
            print_rows(kinds[i].name, rows[i]);
        }
        vlt_buf_free(&block[i]);
        vlt_rows_free(rows[i]);
    }
    return st;
}

static enum vlt_status
make_streams(struct making *making)
{
    enum vlt_status st = begin(making);

    for (size_t i = 0; st == VLT_OK && i < KINDS; i++) {
        struct stream wish = { .unit = "1",
                               .category = "unsorted",
                               .keep = INT64_MAX,
                               .columns = kinds[i].columns,
                               .column = kinds[i].column };

        (void)snprintf(wish.name, sizeof wish.name, "%s", kinds[i].name);
        making->newest[i] = START;
        st = series_create(making->series, making->txn, &wish, NULL,
                           &making->stream[i]);
    }
    return st == VLT_OK ? commit(making) : st;
}

/* A column that is there from now on. */
static enum vlt_status
add_column(struct making *making, size_t which)
{
    const struct stream *with = NULL;
    enum vlt_status st = series_add_column(
        making->series, making->txn, making->stream[which]->id,
        vlt_slice_text("later"), VLT_TYPE_F64, &with);

    if (st == VLT_OK) {
        stream_release(making->stream[which]);
        making->stream[which] = with;
    }
    return st;
}

static enum vlt_status
run(const char *dir, struct making *making)
{
    enum vlt_status st = create(dir);

    if (st == VLT_OK) {
        st = open_all(dir, making);
    }
    if (st == VLT_OK) {
        st = make_streams(making);
    }
    for (int turn = 1; st == VLT_OK && turn <= TURNS; turn++) {
        st = begin(making);
        if (st == VLT_OK && turn % 100 == 0) {
            st = add_column(making, (size_t)(turn / 100));
            st = st == VLT_E_CONFLICT ? VLT_OK : st;
        }
        for (uint32_t i = draw(making, 3); st == VLT_OK && i < 3; i++) {
            st = append(making);
        }
        if (st == VLT_OK) {
            st = commit(making);
        }
        if (st == VLT_OK && turn % REOPEN == 0) {
            close_all(making);
            st = open_all(dir, making);
        }
    }
    return st;
}

int
main(int argc, char **argv)
{
    struct making making = { .seq = 0 };
    enum vlt_status st;

    if (argc != 3 || vlt_secret_init() != VLT_OK) {
        return 2;
    }
    making.x = (uint32_t)strtoul(argv[2], NULL, 10);
    st = run(argv[1], &making);
    if (st != VLT_OK) {
        fprintf(stderr, "status %d\n", (int)st);
        return 1;
    }
    for (size_t i = 0; i < KINDS; i++) {
        printf("stream %s ", making.stream[i]->name);
        for (size_t j = 0; j < VLT_ID_LEN; j++) {
            printf("%02x", making.stream[i]->id[j]);
        }
        printf("\n");
        stream_release(making.stream[i]);
    }
    close_all(&making);
    return 0;
}
