/* The operations that change what opens the vault. */
#include "rig_internal.h"
#include "store/slots.h"

/* The operation that is under way, as the service has it: noted, done, and
 * known to the root. */
static enum vlt_status
change_slot(struct rig *rig, unsigned op, struct store_slot_change *change)
{
    struct vlt_secret *root = NULL;
    struct store_txn *txn;
    enum vlt_status st = rig_root(rig, &root);

    if (st == VLT_OK) {
        st = rig_begin(rig, op, &txn);
    }
    if (st == VLT_OK) {
        st = rig_end(rig, txn, store_slot_prepare(txn, change));
    }
    if (st == VLT_OK) {
        st = store_slot_apply(rig->store, root, change, NULL);
    }
    vlt_secret_free(root);
    return st;
}

static enum vlt_status
draft_words(unsigned of, struct store_draft **out)
{
    struct vlt_secret *words = NULL;
    enum vlt_status st = rig_words(of, &words);

    if (st == VLT_OK) {
        st = store_draft_words(words, out);
    }
    vlt_secret_free(words);
    return st;
}

/* The number of the slot that words open.  VLT_E_AUTH: none. */
static enum vlt_status
find_words(const struct rig *rig, unsigned of, unsigned *number)
{
    struct vlt_secret *words = NULL;
    struct store_opened opened;
    enum vlt_status st = rig_words(of, &words);

    if (st == VLT_OK) {
        st = store_open_slot(rig->store, STORE_TYPED, words, &opened);
    }
    if (st == VLT_OK) {
        *number = opened.slot.number;
        vlt_secret_free(opened.root_key);
    }
    vlt_secret_free(words);
    return st;
}

static bool
among(unsigned of, const unsigned *list, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (list[i] == of) {
            return true;
        }
    }
    return false;
}

/* What of one list is not in another; false: nothing. */
static bool
missing(const unsigned *list, unsigned count, const unsigned *other,
        unsigned others, unsigned *out)
{
    for (unsigned i = 0; i < count; i++) {
        if (!among(list[i], other, others)) {
            *out = list[i];
            return true;
        }
    }
    return false;
}

/* What an operation changes. */
struct difference {
    bool comes, goes;
    unsigned come, go; /* words of which operation */
};

static struct difference
difference_of(unsigned op)
{
    unsigned before[SCRIPT_WORDS];
    unsigned after[SCRIPT_WORDS];
    unsigned had = script_words(op - 1, before);
    unsigned has = script_words(op, after);
    struct difference d = { .comes = false };

    d.comes = missing(after, has, before, had, &d.come);
    d.goes = missing(before, had, after, has, &d.go);
    return d;
}

enum vlt_status
rig_do_slot(struct rig *rig, unsigned op)
{
    struct difference d = difference_of(op);
    struct store_slot_change change = { .add = NULL };
    struct store_draft *draft = NULL;
    enum vlt_status st = VLT_OK;
    unsigned there;

    if (d.goes) {
        st = find_words(rig, d.go, &change.number);
        change.removes = st == VLT_OK;
    }
    if (st == VLT_E_AUTH ||
        (d.comes && find_words(rig, d.come, &there) == VLT_OK)) {
        return VLT_OK; /* done before */
    }
    if (st == VLT_OK && d.comes) {
        st = draft_words(d.come, &draft);
        change.add = draft;
    }
    if (st == VLT_OK) {
        st = store_slot_plan(rig->store, &change, NULL);
    }
    if (st == VLT_OK) {
        st = change_slot(rig, op, &change);
    }
    store_draft_free(draft);
    return st;
}

enum { DRAFTS = 1 + SCRIPT_WORDS };

/* The key file's slot, and the words'. */
static enum vlt_status
draft_all(unsigned op, struct store_draft *draft[DRAFTS], size_t *count)
{
    unsigned of[SCRIPT_WORDS];
    unsigned words = script_words(op, of);
    struct vlt_secret *key = NULL;
    enum vlt_status st = rig_key(&key);

    *count = 0;
    if (st == VLT_OK) {
        st = store_draft_key_file(key, &draft[(*count)++]);
    }
    for (unsigned i = 0; st == VLT_OK && i < words; i++) {
        st = draft_words(of[i], &draft[(*count)++]);
    }
    vlt_secret_free(key);
    return st;
}

/* Noted, done, and known to the root and the anchor, as the service does it. */
static enum vlt_status
rotate(struct rig *rig, unsigned op, struct store_draft *const *draft,
       size_t count)
{
    struct vlt_secret *root = NULL;
    struct vlt_buf why = { 0 };
    struct store_txn *txn;
    enum vlt_status st = rig_root(rig, &root);

    if (st == VLT_OK) {
        st = store_rotate(rig->store, root, draft, count, &why);
    }
    if (st == VLT_OK) {
        st = rig_begin(rig, op, &txn);
    }
    if (st == VLT_OK) {
        st = rig_end(rig, txn, VLT_OK);
    }
    vlt_buf_free(&why);
    vlt_secret_free(root);
    return rig_anchored(rig, st);
}

enum vlt_status
rig_do_rotate(struct rig *rig, unsigned op)
{
    struct store_draft *draft[DRAFTS] = { NULL };
    size_t count;
    enum vlt_status st = draft_all(op, draft, &count);

    if (st == VLT_OK) {
        st = rotate(rig, op, draft, count);
    }
    for (size_t i = 0; i < DRAFTS; i++) {
        store_draft_free(draft[i]);
    }
    return st;
}
