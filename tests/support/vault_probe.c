/*
 * vault_probe: a vault made and read by the house, for readers that share no
 * code with it.
 *
 *     vault_probe make DIR   make it, with known secrets and some records;
 *                            print its 24 words
 *     vault_probe list DIR   open it by the key file and print what it holds
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "keys/kek.h"
#include "store/record.h"
#include "vault_pieces.h"

enum {
    COMMITS = 40,
    STREAMS = 5,
    SEGMENT = 6,      /* commits of one */
    NOW = 1795327200, /* s */
};

static const char passphrase[] = "correct horse";
static const char key_file[] = "key-file-key-file-key-file-key-f";
static const char *const meta_names[] = {
    "",    "stream",    "source",  "firm",       "request", "grant",  "policy",
    "job", "tombstone", "setting", "invitation", "receipt", "backup",
};

static enum vlt_status
make(const char *dir)
{
    struct kek_cost least = { .t = KEK_T_MIN, .m_kib = KEK_M_MIN };
    struct store_init init = { .cost = &least,
                               .words = true,
                               .now_ns = NOW * INT64_C(1000000000) };
    struct vlt_secret *typed = NULL;
    struct vlt_secret *key = NULL;
    struct vlt_secret *words = NULL;
    enum vlt_status st;

    st = vlt_secret_copy(vlt_slice_text(passphrase), &typed);
    if (st == VLT_OK) {
        st = vlt_secret_copy(vlt_slice_text(key_file), &key);
    }
    init.passphrase = typed;
    init.key_file = key;
    if (st == VLT_OK) {
        st = store_create(dir, &init, NULL, &words);
    }
    if (st == VLT_OK) {
        printf("%.*s\n", (int)vlt_secret_len(words),
               (const char *)vlt_secret_peek(words));
    }
    vlt_secret_free(typed);
    vlt_secret_free(key);
    vlt_secret_free(words);
    return st;
}

static enum vlt_status
open_vault(const char *dir, struct store **out)
{
    struct vlt_secret *key = NULL;
    struct vlt_secret *root = NULL;
    struct store *store = NULL;
    enum vlt_status st = store_open(dir, NULL, NULL, &store);

    if (st == VLT_OK) {
        st = vlt_secret_copy(vlt_slice_text(key_file), &key);
    }
    if (st == VLT_OK) {
        st = store_root_key(store, STORE_KEY_FILE, key, &root);
    }
    if (st == VLT_OK) {
        st = store_unlock(store, root, NULL);
    }
    vlt_secret_free(key);
    vlt_secret_free(root);
    if (st != VLT_OK) {
        store_close(store);
        return st;
    }
    *out = store;
    return VLT_OK;
}

/* Records of one commit: those under the vault's key, and a batch. */
static enum vlt_status
put_some(struct store_txn *txn, uint8_t i)
{
    uint8_t id[VLT_ID_LEN] = { i };
    uint8_t stream[VLT_ID_LEN] = { (uint8_t)(i % STREAMS), 0xaa };
    uint8_t batch[3000];
    struct store_idem idem = { .principal = { 1 }, .ulid = { i } };
    uint64_t arrival;
    enum vlt_status st;

    memset(batch, i, sizeof batch);
    st = store_tail_put(txn, stream, i / STREAMS - 3,
                        vlt_slice_of(batch, 24 + (size_t)i * 73), &arrival);
    if (st == VLT_OK) {
        st = store_meta_put(txn, (enum store_meta)(1 + i % 11), id, NULL,
                            vlt_slice_text("{\"name\":\"a/b\",\"v\":1}"));
    }
    if (st == VLT_OK) {
        st = store_idem_put(txn, &idem, vlt_slice_text("{\"ok\":true}"));
    }
    /* One record is rewritten in every commit; every seventh goes again. */
    if (st == VLT_OK && i % 7 == 0) {
        st = store_meta_delete(txn, (enum store_meta)(1 + i % 11), id);
    }
    if (st == VLT_OK) {
        st = store_meta_put(txn, STORE_META_SETTING, stream, NULL,
                            vlt_slice_text("{\"rewritten\":true,\"v\":1}"));
    }
    return st;
}

/* Records under a firm's key. */
static enum vlt_status
put_audit(struct store_txn *txn, uint8_t i)
{
    struct store_key_about firm = { .type = STORE_KEY_FIRM,
                                    .subject = { 9, i % 2 } };
    struct store_audit entry = { .tree = { 7 },
                                 .index = i,
                                 .body = vlt_slice_text("entry, salt, {}") };
    struct store_node node = { .tree = { 7 }, .index = i };
    uint8_t kid[STORE_KID_LEN];
    enum vlt_status st = store_txn_key(txn, &firm, kid);

    memset(entry.leaf, i, sizeof entry.leaf);
    if (st == VLT_OK) {
        st = store_audit_put(txn, &entry, kid);
    }
    if (st == VLT_OK) {
        st = store_node_put(txn, &node, entry.leaf);
    }
    store_txn_set_audit(txn, i + UINT64_C(1), entry.leaf);
    return st;
}

/* Close the open segment now and then, and drop the one before the last. */
static enum vlt_status
turn_segments(struct store_txn *txn, uint8_t i)
{
    uint64_t closed = (uint64_t)i / SEGMENT + 1;

    if (i % SEGMENT != SEGMENT - 1) {
        return VLT_OK;
    }
    enum vlt_status st = store_segment_close(txn);

    return st == VLT_OK && closed > 2 ? store_segment_drop(txn, closed - 2)
                                      : st;
}

static enum vlt_status
put_all(struct store_txn *txn, struct pieces *pieces, uint8_t i)
{
    enum vlt_status st = put_some(txn, i);

    if (st == VLT_OK) {
        st = put_audit(txn, i);
    }
    if (st == VLT_OK) {
        st = pieces_put(pieces, txn, i);
    }
    if (st == VLT_OK) {
        st = pieces_put_source(txn, i % 7);
    }
    return st == VLT_OK ? turn_segments(txn, i) : st;
}

static enum vlt_status
fill(struct store *store)
{
    struct pieces pieces = { 0 };
    enum vlt_status st = VLT_OK;

    for (uint8_t i = 0; st == VLT_OK && i < COMMITS; i++) {
        struct store_turn turn = { .now_ns = (NOW + i) * INT64_C(1000000000) };
        struct store_txn *txn;

        st = store_txn_begin(store, turn, &txn);
        if (st != VLT_OK) {
            return st;
        }
        st = put_all(txn, &pieces, i);
        if (st == VLT_OK) {
            st = store_txn_commit(txn);
        } else {
            store_txn_abort(txn);
        }
    }
    return st;
}

/* ---- listing, in the words of tests/model/vault.py ---- */

static void
list_plain(struct vlt_slice plain)
{
    char text[2 * VLT_HASH_LEN + 1];
    uint8_t hash[VLT_HASH_LEN];

    vlt_sha256_of(plain, hash);
    printf("%zu bytes %s\n", plain.len, vlt_hex_print(hash, sizeof hash, text));
}

static bool
list_tail(void *ctx, const struct store_tail *tail)
{
    char stream[2 * VLT_ID_LEN + 1];

    (void)ctx;
    printf("tail %" PRIu64 " stream %s epoch %d ", tail->arrival,
           vlt_hex_print(tail->stream, VLT_ID_LEN, stream), tail->epoch);
    list_plain(tail->plain);
    return true;
}

static bool
list_piece(void *ctx, uint64_t no, const struct store_lane *lane,
           struct vlt_slice plain)
{
    char stream[2 * VLT_ID_LEN + 1];

    printf("%s %" PRIu64 " stream %s epoch %d ", *(const char *const *)ctx, no,
           vlt_hex_print(lane->stream, VLT_ID_LEN, stream), lane->epoch);
    list_plain(plain);
    return true;
}

static bool
list_lane(void *ctx, const struct store_lane *lane, struct vlt_slice plain)
{
    char stream[2 * VLT_ID_LEN + 1];

    (void)ctx;
    printf("lane stream %s epoch %d ",
           vlt_hex_print(lane->stream, VLT_ID_LEN, stream), lane->epoch);
    list_plain(plain);
    return true;
}

static bool
list_dedup(void *ctx, uint32_t source, struct vlt_slice plain)
{
    (void)ctx;
    printf("dedup %" PRIu32 " ", source);
    list_plain(plain);
    return true;
}

static bool
list_meta(void *ctx, const uint8_t id[VLT_ID_LEN], struct vlt_slice json)
{
    char text[2 * VLT_ID_LEN + 1];

    printf("meta %s %s %.*s\n", *(const char *const *)ctx,
           vlt_hex_print(id, VLT_ID_LEN, text), (int)json.len,
           (const char *)json.at);
    return true;
}

static bool
list_audit(void *ctx, const struct store_audit *entry)
{
    char tree[2 * VLT_ID_LEN + 1];
    char leaf[2 * STORE_HASH_LEN + 1];
    char body[64];

    (void)ctx;
    printf("audit %s %" PRIu64 " leaf %s %s\n",
           vlt_hex_print(entry->tree, VLT_ID_LEN, tree), entry->index,
           vlt_hex_print(entry->leaf, STORE_HASH_LEN, leaf),
           vlt_hex_print(entry->body.at, entry->body.len, body));
    return true;
}

/* What the rows of lanes have become. */
static enum vlt_status
list_pieces(const struct store_view *view)
{
    static const char *const names[] = { "chunk", "head", "roll" };
    enum vlt_status st = VLT_OK;

    for (enum store_piece p = STORE_CHUNK; st == VLT_OK && p <= STORE_ROLL;
         p++) {
        const char *name = names[p];

        st = store_piece_each(view, p, list_piece, &name);
    }
    if (st == VLT_OK) {
        st = store_lane_each(view, list_lane, NULL);
    }
    if (st == VLT_OK) {
        st = store_dedup_each(view, list_dedup, NULL);
    }
    return st;
}

static enum vlt_status
list(struct store *store)
{
    struct store_read *read;
    uint8_t tree[VLT_ID_LEN] = { 7 };
    enum vlt_status st = store_read_begin(store, &read);

    if (st != VLT_OK) {
        return st;
    }
    const struct store_view *view = store_read_view(read);

    st = store_tail_each(view, 1, list_tail, NULL);
    if (st == VLT_OK) {
        st = list_pieces(view);
    }
    for (int type = 1; st == VLT_OK && type < STORE_META_END; type++) {
        const char *name = meta_names[type];

        st = store_meta_each(view, (enum store_meta)type, list_meta, &name);
    }
    if (st == VLT_OK) {
        st = store_audit_each(view, tree, 0, list_audit, NULL);
    }
    store_read_end(read);
    return st;
}

int
main(int argc, char **argv)
{
    struct store *store = NULL;
    enum vlt_status st;

    if (argc != 3 || vlt_secret_init() != VLT_OK) {
        return 2;
    }
    bool making = strcmp(argv[1], "make") == 0;

    st = making ? make(argv[2]) : VLT_OK;
    if (st == VLT_OK) {
        st = open_vault(argv[2], &store);
    }
    if (st == VLT_OK) {
        st = making ? fill(store) : list(store);
    }
    store_close(store);
    if (st != VLT_OK) {
        fprintf(stderr, "%s\n", vlt_status_word(st));
    }
    return st == VLT_OK ? 0 : 1;
}
