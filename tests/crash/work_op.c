/* What each kind of operation does. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "store/record.h"
#include "work.h"

/* ---- turns ---- */

static enum vlt_status
begin(struct work *work, unsigned op, struct store_txn **txn)
{
    struct store_turn turn = { .now_ns = plan_now(op),
                               .control = plan_batches(op) == 0 };

    return store_txn_begin(work->store, turn, txn);
}

/* Commit if st says so; memory follows what came of it. */
static enum vlt_status
end(struct work *work, struct store_txn *txn, enum vlt_status st)
{
    if (st == VLT_OK) {
        st = store_txn_commit(txn);
    } else {
        store_txn_abort(txn);
    }
    series_turn_end(work->series, st == VLT_OK);
    audit_turn_end(work->audit, st == VLT_OK);
    return st;
}

/* ---- streams ---- */

static uint8_t
wire_type(enum plan_type type)
{
    static const uint8_t types[] = {
        [PLAN_F64] = VLT_TYPE_F64,
        [PLAN_I64] = VLT_TYPE_I64,
        [PLAN_BOOL] = VLT_TYPE_BOOL,
        [PLAN_TEXT] = VLT_TYPE_TEXT,
    };

    return types[type];
}

static enum vlt_status
make_stream(struct work *work, struct store_txn *txn, unsigned number)
{
    struct stream_column column[PLAN_COLUMNS];
    struct stream wish = { .unit = "W",
                           .category = "energy.electricity",
                           .keep = INT64_MAX,
                           .column = column };
    struct plan_stream stream;

    plan_stream(number, &stream);
    (void)snprintf(wish.name, sizeof wish.name, "%s", stream.name);
    wish.columns = stream.columns;
    for (unsigned i = 0; i < stream.columns; i++) {
        column[i] = (struct stream_column){ .id = (uint8_t)i,
                                            .type = wire_type(stream.type[i]) };
        (void)snprintf(column[i].name, sizeof column[i].name, "c%u", i);
    }
    enum vlt_status st = series_create(work->series, txn, &wish, NULL, NULL);

    return st == VLT_E_CONFLICT ? VLT_OK : st; /* done before */
}

static enum vlt_status
do_stream(struct work *work, unsigned op)
{
    struct store_txn *txn;
    enum vlt_status st = begin(work, op, &txn);

    if (st != VLT_OK) {
        return st;
    }
    return end(work, txn, make_stream(work, txn, plan_streams(op)));
}

/* The caller releases it. */
static const struct stream *
find_stream(struct work *work, unsigned number)
{
    struct plan_stream stream;

    plan_stream(number, &stream);
    return series_by_name(work->series, vlt_slice_text(stream.name));
}

static enum vlt_status
set_stream(struct work *work, struct store_txn *txn, unsigned op)
{
    const struct stream *stream = find_stream(work, plan_set(op));
    char unit[16];
    struct series_change change = { .unit = unit };
    enum vlt_status st;

    if (stream == NULL) {
        return VLT_E_NOT_FOUND;
    }
    (void)snprintf(unit, sizeof unit, "u%u", op);
    if (op % 2 == 0) {
        st = series_set(work->series, txn, stream->id, &change, NULL);
    } else {
        st = series_add_column(work->series, txn, stream->id,
                               vlt_slice_text("more"), VLT_TYPE_I64, NULL);
        st = st == VLT_E_CONFLICT ? VLT_OK : st; /* it has one */
    }
    stream_release(stream);
    return st;
}

static enum vlt_status
do_set(struct work *work, unsigned op)
{
    struct store_txn *txn;
    enum vlt_status st = begin(work, op, &txn);

    return st == VLT_OK ? end(work, txn, set_stream(work, txn, op)) : st;
}

/* ---- batches ---- */

static enum vlt_status
put_cells(struct vlt_rows *rows, const struct plan_stream *stream,
          const struct plan_row *row)
{
    enum vlt_status st = vlt_rows_add(rows, row->time);

    for (unsigned i = 0; st == VLT_OK && i < stream->columns; i++) {
        char text[32];

        if ((row->has >> i & 1) == 0) {
            continue;
        }
        if (stream->type[i] != PLAN_TEXT) {
            vlt_rows_set(rows, i, row->bits[i]);
            continue;
        }
        (void)snprintf(text, sizeof text, "n%" PRIu64, row->bits[i]);
        st = vlt_rows_set_text(rows, i, vlt_slice_text(text));
    }
    return st;
}

/* Rows of a part.  The caller frees *out. */
static enum vlt_status
make_rows(const struct plan_part *part, struct vlt_rows **out)
{
    struct vlt_field fields[PLAN_COLUMNS];
    struct vlt_schema schema = { .fields = fields };
    struct plan_stream stream;
    struct vlt_rows *rows = NULL;
    enum vlt_status st;

    plan_stream(part->stream, &stream);
    schema.count = stream.columns;
    for (unsigned i = 0; i < stream.columns; i++) {
        fields[i] = (struct vlt_field){
            .id = (uint8_t)i, .type = (enum vlt_type)wire_type(stream.type[i])
        };
    }
    st = vlt_rows_new(&schema, &rows);
    for (unsigned i = 0; st == VLT_OK && i < part->rows; i++) {
        st = put_cells(rows, &stream, &part->row[i]);
    }
    if (st != VLT_OK) {
        vlt_rows_free(rows);
        return st;
    }
    *out = rows;
    return VLT_OK;
}

static enum vlt_status
append(struct work *work, struct store_txn *txn, const struct plan_batch *plan)
{
    struct series_part part[PLAN_PARTS] = { { .rows = NULL } };
    struct vlt_rows *rows[PLAN_PARTS] = { NULL };
    struct series_batch batch = { .source = plan->source,
                                  .boot = { WORK_BOOT },
                                  .seq = plan->seq,
                                  .parts = plan->parts,
                                  .part = part };
    struct series_stored stored;
    enum vlt_status st = VLT_OK;

    for (unsigned i = 0; st == VLT_OK && i < plan->parts; i++) {
        st = make_rows(&plan->part[i], &rows[i]);
        part[i].rows = rows[i];
        part[i].stream = find_stream(work, plan->part[i].stream);
        if (st == VLT_OK && part[i].stream == NULL) {
            st = VLT_E_NOT_FOUND;
        }
    }
    if (st == VLT_OK) {
        st = series_append(work->series, txn, &batch, &stored);
    }
    for (unsigned i = 0; i < plan->parts; i++) {
        vlt_rows_free(rows[i]);
        stream_release(part[i].stream);
    }
    return st;
}

static enum vlt_status
append_all(struct work *work, struct store_txn *txn, unsigned op)
{
    enum vlt_status st = VLT_OK;
    struct plan_batch batch;

    for (unsigned i = 0; st == VLT_OK && i < plan_batches(op); i++) {
        plan_batch(work->seed, op, i, &batch);
        st = append(work, txn, &batch);
    }
    return st;
}

static enum vlt_status
do_append(struct work *work, unsigned op)
{
    struct store_txn *txn;
    enum vlt_status st = begin(work, op, &txn);

    return st == VLT_OK ? end(work, txn, append_all(work, txn, op)) : st;
}

static enum vlt_status
do_abort(struct work *work, unsigned op)
{
    struct store_txn *txn;
    uint8_t id[VLT_ID_LEN] = { WORK_GRANT, 0xff };
    enum vlt_status st = begin(work, op, &txn);

    if (st != VLT_OK) {
        return st;
    }
    st = append_all(work, txn, op);
    if (st == VLT_OK) {
        st = store_meta_put(txn, STORE_META_SETTING, id, NULL,
                            vlt_slice_text("{\"v\":1}"));
    }
    (void)end(work, txn, VLT_E_CONFLICT);
    return st;
}

/* ---- consent ---- */

static enum vlt_status
put_grant(struct work *work, struct store_txn *txn, unsigned op)
{
    struct store_key_about about = { .type = STORE_KEY_FIRM };
    uint8_t id[VLT_ID_LEN];
    uint8_t kid[STORE_KID_LEN];
    struct plan_grant grant;
    enum vlt_status st;

    plan_grant(op, &grant);
    work_id(about.subject, WORK_FIRM, grant.firm);
    work_id(id, WORK_GRANT, grant.grant);
    st = store_txn_key(txn, &about, kid);
    if (st != VLT_OK) {
        return st;
    }
    if (grant.gone) {
        st = store_meta_delete(txn, STORE_META_GRANT, id);
    } else {
        st = store_meta_put(txn, STORE_META_GRANT, id, kid,
                            vlt_slice_text(grant.json));
    }
    struct audit_event event = {
        .type = AUDIT_GRANT,
        .time = plan_now(op),
        .firm = about.subject,
        .firm_kid = kid,
        .firm_detail = vlt_slice_text(grant.log),
        .owner_detail = vlt_slice_text(grant.log),
    };

    return st == VLT_OK ? audit_append(work->audit, txn, &event, NULL) : st;
}

static enum vlt_status
grant_once(struct work *work, struct store_txn *txn, unsigned op)
{
    struct store_idem idem = { .principal = { WORK_FIRM } };
    struct vlt_buf answer = { 0 };
    int64_t when;
    enum vlt_status st;

    work_id(idem.ulid, WORK_ANSWER, op);
    st = store_idem_get(store_txn_view(txn), &idem, &answer, &when);
    vlt_buf_free(&answer);
    if (st != VLT_E_NOT_FOUND) {
        return st; /* answered before, or not readable */
    }
    st = store_idem_put(txn, &idem, vlt_slice_text("{\"ok\":true}"));
    return st == VLT_OK ? put_grant(work, txn, op) : st;
}

static enum vlt_status
do_grant(struct work *work, unsigned op)
{
    struct store_txn *txn;
    enum vlt_status st = begin(work, op, &txn);

    return st == VLT_OK ? end(work, txn, grant_once(work, txn, op)) : st;
}

/* ---- the vault as a whole ---- */

static enum vlt_status
do_create(struct work *work, unsigned op)
{
    struct store_init init = { .now_ns = plan_now(op) };
    struct vlt_secret *words = NULL;
    struct vlt_secret *key = NULL;
    enum vlt_status st = work_key(&key);

    if (st == VLT_OK) {
        init.key_file = key;
        st = store_create(work->path, &init, NULL, &words);
    }
    vlt_secret_free(key);
    vlt_secret_free(words);
    return st == VLT_E_CONFLICT ? VLT_OK : st; /* done before */
}

static enum vlt_status
do_lock(struct work *work, unsigned op)
{
    (void)op;
    series_clear(work->series);
    audit_clear(work->audit);
    store_lock(work->store);
    work->loaded = false;
    return work_open(work);
}

static enum vlt_status
do_reopen(struct work *work, unsigned op)
{
    (void)op;
    work_close(work);
    return work_open(work);
}

/* ---- */

typedef enum vlt_status work_fn(struct work *work, unsigned op);
static work_fn *const kinds[PLAN_KINDS] = {
    [PLAN_CREATE] = do_create, [PLAN_STREAM] = do_stream,
    [PLAN_APPEND] = do_append, [PLAN_LATE] = do_append,
    [PLAN_MANY] = do_append,   [PLAN_BIG] = do_append,
    [PLAN_TURN] = do_append,   [PLAN_REPEAT] = do_append,
    [PLAN_SET] = do_set,       [PLAN_GRANT] = do_grant,
    [PLAN_REVOKE] = do_grant,  [PLAN_LOCK] = do_lock,
    [PLAN_REOPEN] = do_reopen, [PLAN_ABORT] = do_abort,
};

enum vlt_status
work_do(struct work *work, unsigned op)
{
    enum plan_kind kind = plan_kind(op);
    enum vlt_status st = work->failed ? VLT_E_STORAGE : VLT_OK;

    if (st == VLT_OK && kind != PLAN_CREATE) {
        st = work_open(work);
    }
    if (st == VLT_OK) {
        st = kinds[kind](work, op);
    }
    work->failed = work->failed || st == VLT_E_UNKNOWN;
    return st;
}
