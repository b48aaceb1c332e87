/* What each kind of operation does. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "keys/files.h"
#include "rig_internal.h"
#include "store/record.h"

/* ---- turns ---- */

enum vlt_status
rig_begin(struct rig *rig, unsigned op, struct store_txn **txn)
{
    struct store_turn turn = { .now_ns = script_now(op),
                               .control = script_batches(op) == 0 };

    return store_txn_begin(rig->store, turn, txn);
}

enum vlt_status
rig_end(struct rig *rig, struct store_txn *txn, enum vlt_status st)
{
    if (st == VLT_OK) {
        st = series_pack(rig->series, txn); /* last, as the guard does */
    }
    if (st == VLT_OK) {
        st = store_txn_commit(txn);
    } else {
        store_txn_abort(txn);
    }
    series_turn_end(rig->series, st == VLT_OK);
    audit_turn_end(rig->audit, st == VLT_OK);
    return st;
}

enum vlt_status
rig_anchored(struct rig *rig, enum vlt_status st)
{
    return st == VLT_OK && store_anchor_write(rig->store) != VLT_OK
               ? VLT_E_UNKNOWN
               : st;
}

/* ---- streams ---- */

static uint8_t
wire_type(enum script_type type)
{
    static const uint8_t types[] = {
        [SCRIPT_F64] = VLT_TYPE_F64,
        [SCRIPT_I64] = VLT_TYPE_I64,
        [SCRIPT_BOOL] = VLT_TYPE_BOOL,
        [SCRIPT_TEXT] = VLT_TYPE_TEXT,
    };

    return types[type];
}

static enum vlt_status
make_stream(struct rig *rig, struct store_txn *txn, unsigned number)
{
    struct stream_column column[SCRIPT_COLUMNS];
    struct stream wish = { .unit = "W",
                           .category = "energy.electricity",
                           .keep = INT64_MAX,
                           .column = column };
    struct script_stream stream;

    script_stream(number, &stream);
    (void)snprintf(wish.name, sizeof wish.name, "%s", stream.name);
    wish.columns = stream.columns;
    for (unsigned i = 0; i < stream.columns; i++) {
        column[i] = (struct stream_column){ .id = (uint8_t)i,
                                            .type = wire_type(stream.type[i]) };
        (void)snprintf(column[i].name, sizeof column[i].name, "c%u", i);
    }
    enum vlt_status st = series_create(rig->series, txn, &wish, NULL, NULL);

    return st == VLT_E_CONFLICT ? VLT_OK : st; /* done before */
}

static enum vlt_status
do_stream(struct rig *rig, unsigned op)
{
    struct store_txn *txn;
    enum vlt_status st = rig_begin(rig, op, &txn);

    if (st != VLT_OK) {
        return st;
    }
    return rig_end(rig, txn, make_stream(rig, txn, script_streams(op)));
}

const struct stream *
rig_stream(struct rig *rig, unsigned number)
{
    struct script_stream stream;

    script_stream(number, &stream);
    return series_by_name(rig->series, vlt_slice_text(stream.name));
}

static enum vlt_status
set_stream(struct rig *rig, struct store_txn *txn, unsigned op)
{
    const struct stream *stream = rig_stream(rig, script_set(op));
    char unit[16];
    struct series_change change = { .unit = unit };
    enum vlt_status st;

    if (stream == NULL) {
        return VLT_E_NOT_FOUND;
    }
    (void)snprintf(unit, sizeof unit, "u%u", op);
    if (op % 2 == 0) {
        st = series_set(rig->series, txn, stream->id, &change, NULL);
    } else {
        st = series_add_column(rig->series, txn, stream->id,
                               vlt_slice_text("more"), VLT_TYPE_I64, NULL);
        st = st == VLT_E_CONFLICT ? VLT_OK : st; /* it has one */
    }
    stream_release(stream);
    return st;
}

static enum vlt_status
do_set(struct rig *rig, unsigned op)
{
    struct store_txn *txn;
    enum vlt_status st = rig_begin(rig, op, &txn);

    return st == VLT_OK ? rig_end(rig, txn, set_stream(rig, txn, op)) : st;
}

/* ---- batches ---- */

static enum vlt_status
put_cells(struct vlt_rows *rows, const struct script_stream *stream,
          const struct script_row *row)
{
    enum vlt_status st = vlt_rows_add(rows, row->time);

    for (unsigned i = 0; st == VLT_OK && i < stream->columns; i++) {
        char text[32];

        if ((row->has >> i & 1) == 0) {
            continue;
        }
        if (stream->type[i] != SCRIPT_TEXT) {
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
make_rows(const struct script_part *part, struct vlt_rows **out)
{
    struct vlt_field fields[SCRIPT_COLUMNS];
    struct vlt_schema schema = { .fields = fields };
    struct script_stream stream;
    struct vlt_rows *rows = NULL;
    enum vlt_status st;

    script_stream(part->stream, &stream);
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
append(struct rig *rig, struct store_txn *txn, const struct script_batch *wish)
{
    struct series_part part[SCRIPT_PARTS] = { { .rows = NULL } };
    struct vlt_rows *rows[SCRIPT_PARTS] = { NULL };
    struct series_batch batch = { .source = wish->source,
                                  .boot = { RIG_BOOT },
                                  .seq = wish->seq,
                                  .parts = wish->parts,
                                  .part = part };
    struct series_stored stored;
    enum vlt_status st = VLT_OK;

    for (unsigned i = 0; st == VLT_OK && i < wish->parts; i++) {
        st = make_rows(&wish->part[i], &rows[i]);
        part[i].rows = rows[i];
        part[i].stream = rig_stream(rig, wish->part[i].stream);
        if (st == VLT_OK && part[i].stream == NULL) {
            st = VLT_E_NOT_FOUND;
        }
    }
    if (st == VLT_OK) {
        st = series_append(rig->series, txn, &batch, &stored);
    }
    for (unsigned i = 0; i < wish->parts; i++) {
        vlt_rows_free(rows[i]);
        stream_release(part[i].stream);
    }
    return st;
}

static enum vlt_status
append_all(struct rig *rig, struct store_txn *txn, unsigned op)
{
    enum vlt_status st = VLT_OK;
    struct script_batch batch;

    for (unsigned i = 0; st == VLT_OK && i < script_batches(op); i++) {
        script_batch(rig->seed, op, i, &batch);
        st = append(rig, txn, &batch);
    }
    return st;
}

enum vlt_status
rig_do_append(struct rig *rig, unsigned op)
{
    struct store_txn *txn;
    enum vlt_status st = rig_begin(rig, op, &txn);

    return st == VLT_OK ? rig_end(rig, txn, append_all(rig, txn, op)) : st;
}

static enum vlt_status
do_abort(struct rig *rig, unsigned op)
{
    struct store_txn *txn;
    uint8_t id[VLT_ID_LEN] = { RIG_GRANT, 0xff };
    enum vlt_status st = rig_begin(rig, op, &txn);

    if (st != VLT_OK) {
        return st;
    }
    st = append_all(rig, txn, op);
    if (st == VLT_OK) {
        st = store_meta_put(txn, STORE_META_SETTING, id, NULL,
                            vlt_slice_text("{\"v\":1}"));
    }
    (void)rig_end(rig, txn, VLT_E_CONFLICT);
    return st;
}

/* ---- consent ---- */

static enum vlt_status
put_grant(struct rig *rig, struct store_txn *txn, unsigned op)
{
    struct store_key_about about = { .type = STORE_KEY_FIRM };
    uint8_t id[VLT_ID_LEN];
    uint8_t kid[STORE_KID_LEN];
    struct script_grant grant;
    enum vlt_status st;

    script_grant(op, &grant);
    rig_id(about.subject, RIG_FIRM, grant.firm);
    rig_id(id, RIG_GRANT, grant.grant);
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
        .time = script_now(op),
        .firm = about.subject,
        .firm_kid = kid,
        .firm_detail = vlt_slice_text(grant.log),
        .owner_detail = vlt_slice_text(grant.log),
    };

    return st == VLT_OK ? audit_append(rig->audit, txn, &event, NULL) : st;
}

static enum vlt_status
grant_once(struct rig *rig, struct store_txn *txn, unsigned op)
{
    struct store_idem idem = { .principal = { RIG_FIRM } };
    struct vlt_buf answer = { 0 };
    int64_t when;
    enum vlt_status st;

    rig_id(idem.ulid, RIG_ANSWER, op);
    st = store_idem_get(store_txn_view(txn), &idem, &answer, &when);
    vlt_buf_free(&answer);
    if (st != VLT_E_NOT_FOUND) {
        return st; /* answered before, or not readable */
    }
    st = store_idem_put(txn, &idem, vlt_slice_text("{\"ok\":true}"));
    return st == VLT_OK ? put_grant(rig, txn, op) : st;
}

static enum vlt_status
do_grant(struct rig *rig, unsigned op)
{
    struct store_txn *txn;
    enum vlt_status st = rig_begin(rig, op, &txn);

    if (st == VLT_OK) {
        st = rig_end(rig, txn, grant_once(rig, txn, op));
    }
    /* A consent is acknowledged when the anchor knows it; it stands in the
     * vault all the same. */
    return rig_anchored(rig, st);
}

/* ---- the vault as a whole ---- */

/* The folder that the anchor is kept in is there before the vault. */
static enum vlt_status
make_anchor(const struct rig *rig)
{
    enum vlt_status st = VLT_E_STORAGE;
    int fd;

    if (mkdir(rig->anchor, 0700) != 0 && errno != EEXIST) {
        return st;
    }
    fd = open(rig->folder, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        st = files_sync_dir(fd, NULL);
        (void)close(fd);
    }
    return st;
}

static enum vlt_status
do_create(struct rig *rig, unsigned op)
{
    struct store_init init = { .now_ns = script_now(op) };
    struct vlt_secret *words = NULL;
    struct vlt_secret *key = NULL;
    enum vlt_status st = make_anchor(rig);

    if (st == VLT_OK) {
        st = rig_key(&key);
    }
    if (st == VLT_OK) {
        init.key_file = key;
        st = store_create(rig->path, &init, NULL, &words);
    }
    vlt_secret_free(key);
    vlt_secret_free(words);
    return st == VLT_E_CONFLICT ? VLT_OK : st; /* done before */
}

static enum vlt_status
do_reopen(struct rig *rig, unsigned op)
{
    (void)op;
    rig_close(rig);
    return rig_open(rig);
}

/* ---- */

typedef enum vlt_status rig_fn(struct rig *rig, unsigned op);
static rig_fn *const kinds[SCRIPT_KINDS] = {
    [SCRIPT_CREATE] = do_create,     [SCRIPT_STREAM] = do_stream,
    [SCRIPT_APPEND] = rig_do_append, [SCRIPT_LATE] = rig_do_append,
    [SCRIPT_MANY] = rig_do_append,   [SCRIPT_BIG] = rig_do_append,
    [SCRIPT_TURN] = rig_do_append,   [SCRIPT_REPEAT] = rig_do_append,
    [SCRIPT_SET] = do_set,           [SCRIPT_GRANT] = do_grant,
    [SCRIPT_REVOKE] = do_grant,      [SCRIPT_SLOT] = rig_do_slot,
    [SCRIPT_ROTATE] = rig_do_rotate, [SCRIPT_LOCK] = rig_do_lock,
    [SCRIPT_REOPEN] = do_reopen,     [SCRIPT_ABORT] = do_abort,
    [SCRIPT_ERASE] = rig_do_erase,   [SCRIPT_FINISH] = rig_do_finish,
    [SCRIPT_BACKUP] = rig_backup,    [SCRIPT_RESTORE] = rig_restore,
    [SCRIPT_ROLL] = rig_do_append,   [SCRIPT_COMPACT] = rig_do_compact,
};

enum vlt_status
rig_do(struct rig *rig, unsigned op)
{
    enum script_kind kind = script_kind(op);
    enum vlt_status st = rig->failed ? VLT_E_STORAGE : VLT_OK;

    if (st == VLT_OK && kind != SCRIPT_CREATE) {
        st = rig_open(rig);
    }
    if (st == VLT_OK) {
        st = kinds[kind](rig, op);
    }
    rig->failed = rig->failed || st == VLT_E_UNKNOWN;
    return st;
}
