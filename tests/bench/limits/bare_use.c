#include "bare_use.h"

#include <string.h>

#include "../bench.h"
#include "base/writer.h"
#include "crypto/aead.h"
#include "crypto/random.h"
#include "meter.h"
#include "wire/block.h"
#include "wire/page.h"
#include "wire/use.h"

enum {
    /* ENV_FLAGS of vaultd/store/env.h: data and meta page are synced. */
    FLAGS = MDB_NOTLS | MDB_NORDAHEAD,
    TABLES = 2,
    KEY = 8,
    AAD = 64, /* bytes, as many as bind a record of the vault */
    MORE = VLT_NONCE_LEN + VLT_TAG_LEN,
    DETAIL = 1024,
    STEP = 32, /* the vault pads a text of 256 to 511 bytes by so many */
    TEXT =
        (VLT_ENTRY_MASTER + VLT_ENTRY_SALT + DETAIL + STEP - 1) / STEP * STEP,
    USED = 5, /* the type of an entry */
};

static const size_t map = (size_t)8 << 30; /* addresses, not disk */
static const char stream[] = "scan/00";

static void
must(int code)
{
    if (code != 0) {
        bench_die(mdb_strerror(code), 0);
    }
}

static void
need(enum vlt_status st, const char *what)
{
    if (st != VLT_OK) {
        bench_die(what, 0);
    }
}

/* ---- records ---- */

static void
put(struct bare_use *use, MDB_dbi table, uint64_t number, struct vlt_slice text)
{
    uint8_t key[KEY];
    uint8_t aad[AAD] = { 0 };
    MDB_val k = { .mv_size = sizeof key, .mv_data = key };
    MDB_val v = { .mv_size = text.len + MORE };

    vlt_store_be64(key, number);
    memcpy(aad, key, sizeof key);
    must(mdb_put(use->txn, table, &k, &v, MDB_APPEND | MDB_RESERVE));
    vlt_aead_seal(vlt_key_of(use->secret), vlt_slice_of(aad, sizeof aad), text,
                  v.mv_data, (uint8_t *)v.mv_data + VLT_NONCE_LEN);
}

/* The caller frees *out. */
static void
open_row(struct bare_use *use, struct vlt_rows **out)
{
    uint8_t key[KEY] = { 0 };
    uint8_t aad[AAD] = { 0 };
    uint8_t plain[TEXT];
    MDB_val k = { .mv_size = sizeof key, .mv_data = key };
    MDB_val v;

    must(mdb_txn_renew(use->view));
    must(mdb_get(use->view, use->rows, &k, &v));
    if (v.mv_size < MORE || v.mv_size > sizeof plain) {
        bench_die("no record of a row", 0);
    }
    const uint8_t *at = v.mv_data;

    need(vlt_aead_open(
             vlt_key_of(use->secret), vlt_slice_of(aad, sizeof aad), at,
             vlt_slice_of(at + VLT_NONCE_LEN, v.mv_size - VLT_NONCE_LEN),
             plain),
         "a record does not open");
    mdb_txn_reset(use->view);
    need(vlt_block_decode(vlt_slice_of(plain, v.mv_size - MORE), VLT_BLOCK_DISK,
                          NULL, NULL, out),
         "a record is no block");
}

static void
put_row(struct bare_use *use)
{
    struct vlt_rows *rows = meter_rows();
    struct vlt_buf block = { 0 };

    meter_fill(rows, 0, 1);
    need(vlt_block_encode(rows, vlt_rows_all(rows), 0, &block), "no block");
    put(use, use->rows, 0, vlt_buf_slice(&block));
    vlt_buf_free(&block);
    vlt_rows_free(rows);
}

/* ---- life ---- */

static void
make_keys(struct bare_use *use)
{
    need(vlt_secret_new(VLT_KEY_LEN, &use->secret), "no memory");
    memset(vlt_secret_bytes(use->secret), 'k', VLT_KEY_LEN);
    need(vlt_signer_new(vlt_key_of(use->secret), &use->signer), "no signer");
}

void
bare_use_open(struct bare_use *use, const char *folder)
{
    *use = (struct bare_use){ .env = NULL };
    make_keys(use);
    for (size_t i = 0; i < BARE_FIRMS; i++) {
        vlt_tree_init(&use->firm[i]);
    }
    vlt_tree_init(&use->owner);
    must(mdb_env_create(&use->env));
    must(mdb_env_set_mapsize(use->env, map));
    must(mdb_env_set_maxdbs(use->env, TABLES));
    must(mdb_env_open(use->env, folder, FLAGS, 0600));
    must(mdb_txn_begin(use->env, NULL, 0, &use->txn));
    must(mdb_dbi_open(use->txn, "log", MDB_CREATE, &use->log));
    must(mdb_dbi_open(use->txn, "rows", MDB_CREATE, &use->rows));
    put_row(use);
    must(mdb_txn_commit(use->txn));
    must(mdb_txn_begin(use->env, NULL, MDB_RDONLY, &use->view));
    mdb_txn_reset(use->view);
}

void
bare_use_close(struct bare_use *use)
{
    mdb_txn_abort(use->view);
    mdb_env_close(use->env);
    vlt_signer_free(use->signer);
    vlt_secret_free(use->secret);
}

/* ---- a call ---- */

static void
print_result(struct bare_call *call, const struct vlt_rows *rows)
{
    struct vlt_json_out json = vlt_json_out(&call->result);

    vlt_put_object(&json, NULL);
    vlt_put_list(&json, "series");
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "stream", stream);
    vlt_put_list(&json, "columns");
    vlt_put_text(&json, NULL, "value");
    vlt_put_end(&json);
    vlt_put_time(&json, "time", call->time);
    vlt_put_list(&json, "values");
    vlt_page_put_cell(&json, rows, 0, 0);
    vlt_put_end(&json);
    vlt_put_end(&json);
    vlt_put_end(&json);
    vlt_put_object(&json, "scope");
    vlt_put_null(&json, "from");
    vlt_put_null(&json, "to");
    vlt_put_text(&json, "stats", "raw");
    vlt_put_end(&json);
    vlt_put_end(&json);
}

void
bare_use_read(struct bare_use *use, struct vlt_slice text,
              struct bare_call *call)
{
    struct vlt_json *document = NULL;
    struct vlt_rows *rows = NULL;
    struct vlt_rpc rpc;

    need(vlt_rpc_decode(text, &document, &rpc), "no JSON-RPC");
    if (rpc.kind != VLT_RPC_REQUEST ||
        vlt_json_count(vlt_json_get(rpc.params, "streams")) != 1) {
        bench_die("no call of data.latest", 0);
    }
    call->id = rpc.id;
    vlt_json_free(document);
    open_row(use, &rows);
    call->time = vlt_rows_times(rows)[0];
    vlt_buf_clear(&call->result);
    print_result(call, rows);
    vlt_rows_free(rows);
}

/* ---- the log ---- */

/* What a call needs that nobody can guess. */
struct dice {
    uint8_t use[VLT_ID_LEN];
    uint8_t salt[2][VLT_ENTRY_SALT]; /* the firm's, the owner's */
};

static void
make_detail(struct bare_call *call, const struct dice *dice)
{
    struct vlt_use_stream given = { .name = vlt_slice_text(stream),
                                    .from = call->time,
                                    .to = call->time + 1,
                                    .rows = 1 };
    struct vlt_use_detail detail = { .streams = &given,
                                     .stream_count = 1,
                                     .rows = 1,
                                     .bytes = call->result.len,
                                     .terms = 1 };

    memcpy(detail.use, dice->use, sizeof detail.use);
    vlt_sha256_of(vlt_buf_slice(&call->result), detail.sha256);
    vlt_buf_clear(&call->detail);
    vlt_use_detail_put(&detail, &call->detail);
    if (vlt_buf_failed(&call->detail) || call->detail.len > DETAIL) {
        bench_die("a detail is too long", 0);
    }
}

/* Its leaf goes into the tree, and entry, salt and detail into a record. */
static void
append(struct bare_use *use, struct vlt_tree *tree, struct vlt_slice entry,
       const uint8_t salt[VLT_ENTRY_SALT], struct vlt_slice detail)
{
    size_t len = entry.len + VLT_ENTRY_SALT + detail.len;
    size_t padded = (len + STEP - 1) / STEP * STEP;
    uint8_t leaf[VLT_HASH_LEN];
    uint8_t text[TEXT];

    vlt_tree_leaf(entry, leaf);
    vlt_tree_append(tree, leaf, NULL, NULL);
    memcpy(text, entry.at, entry.len);
    memcpy(text + entry.len, salt, VLT_ENTRY_SALT);
    memcpy(text + entry.len + VLT_ENTRY_SALT, detail.at, detail.len);
    memset(text + len, 0, padded - len);
    put(use, use->log, use->key++, vlt_slice_of(text, padded));
}

static void
log_one(struct bare_use *use, struct bare_call *call, const struct dice *dice,
        int64_t now)
{
    struct vlt_tree *tree = &use->firm[call->firm];
    struct vlt_entry entry = {
        .type = USED, .index = tree->size, .time = now, .seq = tree->size + 1
    };
    struct vlt_slice detail;
    uint8_t bytes[VLT_ENTRY_MASTER];

    make_detail(call, dice);
    detail = vlt_buf_slice(&call->detail);
    call->index = entry.index;
    memcpy(call->salt, dice->salt[0], sizeof call->salt);
    vlt_entry_commit(call->salt, detail, entry.commitment);
    (void)vlt_entry_encode(&entry, call->entry);
    append(use, tree, vlt_slice_of(call->entry, VLT_ENTRY_LEN), call->salt,
           detail);

    entry.master = true;
    entry.index = use->owner.size;
    entry.tree_size = tree->size;
    vlt_tree_root(tree, entry.tree_root);
    vlt_entry_commit(dice->salt[1], detail, entry.commitment);
    append(use, &use->owner,
           vlt_slice_of(bytes, vlt_entry_encode(&entry, bytes)), dice->salt[1],
           detail);

    call->head = (struct vlt_checkpoint){ .size = tree->size };
    memcpy(call->head.root, entry.tree_root, sizeof call->head.root);
    need(vlt_checkpoint_sign(use->signer, &call->head), "no signature");
}

void
bare_use_log(struct bare_use *use, struct bare_call **calls, size_t count)
{
    struct dice dice[BARE_FIRMS];
    int64_t now = bench_utc();

    vlt_random(dice, count * sizeof *dice);
    must(mdb_txn_begin(use->env, NULL, 0, &use->txn));
    for (size_t i = 0; i < count; i++) {
        log_one(use, calls[i], &dice[i], now);
    }
    must(mdb_txn_commit(use->txn));
}

void
bare_use_print(const struct bare_call *call, struct vlt_buf *out)
{
    struct vlt_buf head = { 0 };
    struct vlt_buf audit = { 0 };
    struct vlt_json_out json = vlt_json_out(&audit);
    struct vlt_use use = { .ref = 1, .seq = 1, .index = call->index };

    vlt_checkpoint_put(&call->head, &head);
    use.entry = vlt_slice_of(call->entry, VLT_ENTRY_LEN);
    use.salt = vlt_slice_of(call->salt, sizeof call->salt);
    use.detail = vlt_buf_slice(&call->detail);
    use.checkpoint = vlt_buf_slice(&head);
    vlt_use_put(&json, NULL, &use);
    vlt_rpc_put_response(out, &call->id, vlt_buf_slice(&call->result),
                         vlt_buf_slice(&audit));
    vlt_buf_free(&audit);
    vlt_buf_free(&head);
}
