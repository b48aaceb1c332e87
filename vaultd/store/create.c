#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "crypto/random.h"
#include "keys/erase.h"
#include "keys/files.h"
#include "keys/generation.h"
#include "store/ballast.h"
#include "store/make_dir.h"
#include "store/record.h"
#include "store/slot_draft.h"
#include "store/space.h"
#include "store/store_internal.h"
#include "store/volume.h"

enum {
    FIRST_N = 1, /* of the key files */
    MAP_WHILE_MAKING = 16 << 20,
    READERS_WHILE_MAKING = 2,
};

/* A vault under construction. */
struct making {
    const struct store_init *init;
    struct vlt_buf *why;
    struct store store; /* its dir, env and shelf are used */
    struct vlt_secret *root_key;
    struct vlt_secret *erase;
    struct vlt_secret *words;
    struct shelf_load load;
    unsigned slots; /* that are there */
};

static enum vlt_status
add_key(struct making *m, struct keyring_about about,
        const struct vlt_secret *key)
{
    uint8_t kid[KEYRING_KID];

    return keyring_add(m->load.ring, &about, key, kid);
}

/* Take a slot, whose making said st, and the key that backups are wrapped under
 * with it. */
static enum vlt_status
add_slot(struct making *m, enum vlt_status st, struct store_draft *draft)
{
    struct keyring_about about;
    struct vlt_secret *wrap = NULL;

    if (st == VLT_OK) {
        st = slot_draft_place(draft, m->slots, m->root_key,
                              &m->store.dir.header);
    }
    if (st != VLT_OK) {
        goto done;
    }
    m->slots++;
    if (draft->words != NULL) {
        m->words = draft->words;
        draft->words = NULL; /* the vault's maker shows them */
    }
    st = slot_draft_backup(draft, &about, &wrap);
    if (st == VLT_OK) {
        st = add_key(m, about, wrap);
    } else if (st == VLT_E_NOT_FOUND) {
        st = VLT_OK;
    }

done:
    vlt_secret_free(wrap);
    store_draft_free(draft);
    return st;
}

static enum vlt_status
add_slots(struct making *m)
{
    const struct store_init *init = m->init;
    struct store_draft *draft = NULL;
    enum vlt_status st = VLT_OK;

    if (init->passphrase != NULL) {
        st = store_draft_passphrase(init->passphrase, init->cost, &draft);
        st = add_slot(m, st, draft);
    }
    if (st == VLT_OK && init->words) {
        draft = NULL;
        st = store_draft_words(NULL, &draft);
        st = add_slot(m, st, draft);
    }
    if (st == VLT_OK && init->key_file != NULL) {
        draft = NULL;
        st = store_draft_key_file(init->key_file, &draft);
        st = add_slot(m, st, draft);
    }
    if (st == VLT_E_LIMIT) {
        return store_say(st, m->why,
                         "the passphrase's length, its cost or the key file's "
                         "length is out of range");
    }
    return st;
}

/* The keys that every vault has. */
static enum vlt_status
add_first_keys(struct making *m)
{
    struct vlt_secret *inbox = NULL;
    enum vlt_status st;

    st = vlt_box_pair(&inbox, m->store.dir.header.inbox_pk);
    if (st != VLT_OK) {
        return st;
    }
    st = add_key(m, (struct keyring_about){ .type = KEYRING_VAULT }, NULL);
    if (st == VLT_OK) {
        st = add_key(m, (struct keyring_about){ .type = KEYRING_IDENTITY },
                     NULL);
    }
    if (st == VLT_OK) {
        st = add_key(m, (struct keyring_about){ .type = KEYRING_INBOX }, inbox);
    }
    vlt_secret_free(inbox);
    return st;
}

static enum vlt_status
make_keys(struct making *m)
{
    struct header *header = &m->store.dir.header;
    enum vlt_status st = keyring_new(&m->load.ring);

    vlt_random(header->vault_id, sizeof header->vault_id);
    vlt_random(header->instance_id, sizeof header->instance_id);
    if (st == VLT_OK) {
        st = vlt_secret_random(SLOT_KEY_LEN, &m->root_key);
    }
    if (st == VLT_OK) {
        st = vlt_secret_random(ERASE_STRIPE, &m->erase);
    }
    if (st == VLT_OK) {
        st = keyring_wrap_base(m->root_key, &m->load.base);
    }
    if (st == VLT_OK) {
        st = keyring_wrap_key(m->load.base, m->erase, FIRST_N, &m->load.wrap);
    }
    if (st == VLT_OK) {
        st = add_first_keys(m);
    }
    return st == VLT_OK ? add_slots(m) : st;
}

static enum vlt_status
write_files(struct making *m)
{
    struct vlt_buf keyring = { 0 };
    uint8_t header[HEADER_LEN] = { 0 };
    struct generation first = { .n = FIRST_N,
                                .header = vlt_slice_of(header, sizeof header),
                                .erase = m->erase };
    enum vlt_status st =
        header_encode(&m->store.dir.header, m->root_key, header);

    m->load.head = (struct keyring_head){ .n = FIRST_N, .g = 1 };
    keyring_seal(m->load.ring, m->load.wrap, &m->load.head, &keyring);
    if (st == VLT_OK) {
        st = vlt_buf_status(&keyring);
    }
    if (st == VLT_OK) {
        first.keyring = vlt_buf_slice(&keyring);
        st = generation_write(m->store.dir.fd, &first, m->why);
    }
    if (st == VLT_OK) {
        st = generation_switch(m->store.dir.fd, FIRST_N, m->why);
    }
    vlt_buf_free(&keyring);
    return st;
}

static void
first_root(const struct making *m, struct root *root)
{
    *root = (struct root){ .commit = 1,
                           .arrival = 1,
                           .no = 1,
                           .keyring_n = FIRST_N,
                           .keyring_g = 1,
                           .highest_ns = m->init->now_ns };
    root->tail[0] =
        (struct root_tail){ .segment = 1, .first = 1, .state = ROOT_TAIL_OPEN };
}

/* The setting that says how much the vault may take. */
static enum vlt_status
put_quota(const struct making *m, struct store_txn *txn)
{
    static const uint8_t id[VLT_ID_LEN] = STORE_QUOTA_SETTING;
    uint64_t bytes = m->init->quota;
    struct volume volume;
    char json[64];

    if (bytes == 0) {
        return VLT_OK;
    }
    if (bytes == STORE_QUOTA_FITTING) {
        if (volume_look(m->store.dir.fd, &volume) != VLT_OK) {
            return VLT_E_STORAGE;
        }
        bytes = space_quota(volume.free);
    }
    (void)snprintf(json, sizeof json, "{\"bytes\":%" PRIu64 ",\"v\":1}", bytes);
    return store_meta_put(txn, STORE_META_SETTING, id, NULL,
                          vlt_slice_text(json));
}

/* The databases are there since env_open(); now `!root`. */
static enum vlt_status
write_root(struct making *m)
{
    struct store_txn txn = { .view = { .store = &m->store } };
    int code = mdb_txn_begin(m->store.env.mdb, NULL, 0, &txn.view.mdb);
    enum vlt_status st = env_status(code, "begin");

    if (st != VLT_OK) {
        return st;
    }
    first_root(m, &txn.root);
    st = put_quota(m, &txn);
    if (st == VLT_OK) {
        st = txn_put_root(&txn);
    }
    vlt_buf_free(&txn.scratch);
    if (st != VLT_OK) {
        mdb_txn_abort(txn.view.mdb);
        return st;
    }
    return env_status(mdb_txn_commit(txn.view.mdb), "commit");
}

static enum vlt_status
write_data(struct making *m, const char *path)
{
    struct env_size size = { .map = MAP_WHILE_MAKING,
                             .readers = READERS_WHILE_MAKING };
    enum vlt_status st = env_open(path, size, true, m->why, &m->store.env);

    if (st != VLT_OK) {
        return st;
    }
    st = shelf_load_set_key(&m->load);
    if (st != VLT_OK) {
        env_close(&m->store.env);
        return st;
    }
    shelf_fill(m->store.shelf, &m->load);
    st = write_root(m);
    if (st == VLT_OK) {
        st = env_sync(&m->store.env);
    }
    env_close(&m->store.env);
    return st;
}

static enum vlt_status
fill(struct making *m, const char *path)
{
    enum vlt_status st = shelf_new(&m->store.shelf);

    if (st == VLT_OK) {
        st = make_keys(m);
    }
    if (st == VLT_OK) {
        st = write_files(m);
    }
    if (st == VLT_OK) {
        st = write_data(m, path);
    }
    if (st == VLT_OK) {
        st = ballast_make(m->store.dir.fd);
        if (st != VLT_OK) {
            return store_say(st, m->why,
                             "there is no room for the %d MiB that are kept "
                             "for when the disk is full",
                             SPACE_BALLAST >> 20);
        }
    }
    if (st == VLT_OK) {
        st = files_sync_dir(m->store.dir.fd, m->why);
    }
    if (st == VLT_E_NOMEM) {
        return store_say(st, m->why,
                         "not enough memory, or none that may be locked");
    }
    return st;
}

static void
drop(struct making *m)
{
    shelf_load_free(&m->load);
    shelf_free(m->store.shelf);
    vlt_secret_free(m->root_key);
    vlt_secret_free(m->erase);
    vlt_secret_free(m->words);
}

enum vlt_status
store_create(const char *dir, const struct store_init *init,
             struct vlt_buf *why, struct vlt_secret **words)
{
    struct making m = { .init = init, .why = why };
    struct make_dir made;
    enum vlt_status st;

    if (init->passphrase == NULL && init->key_file == NULL && !init->words) {
        return store_say(VLT_E_LIMIT, why, "nothing would open this vault");
    }
    if (init->quota != 0 && init->quota != STORE_QUOTA_FITTING &&
        (init->quota < STORE_QUOTA_LEAST || init->quota > STORE_QUOTA_MOST)) {
        return store_say(VLT_E_LIMIT, why,
                         "the quota must be of 16 MiB to 1 TiB");
    }
    st = make_dir_begin(dir, why, &made);
    if (st != VLT_OK) {
        goto done;
    }
    m.store.dir.fd = made.fd;
    st = fill(&m, vlt_buf_text(&made.name));
    if (st != VLT_OK) {
        goto done;
    }
    st = make_dir_commit(&made, why);
    if (st != VLT_OK) {
        goto done;
    }
    *words = m.words;
    m.words = NULL; /* the caller's now */

done:
    make_dir_end(&made);
    drop(&m);
    return st;
}
