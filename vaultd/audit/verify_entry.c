/*
 * One entry: hashed anew, its commitment opened, its number held against the
 * grant's last, its tree's nodes and claims against what came out.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/verify_internal.h"

/* Stored nodes must be those that the leaves give. */
static void
check_node(void *ctx, unsigned level, uint64_t index,
           const uint8_t hash[VLT_HASH_LEN])
{
    struct audit_verifier *v = ctx;
    struct store_node node = { .level = (uint8_t)level, .index = index };
    uint8_t stored[VLT_HASH_LEN];

    if (level < AUDIT_NODE_LEAST) {
        return;
    }
    memcpy(node.tree, v->tree[v->now].id, sizeof node.tree);
    if (store_node_get(v->view, &node, stored) != VLT_OK ||
        memcmp(stored, hash, sizeof stored) != 0) {
        v->nodes_bad = true;
    }
}

static bool
room_for_claim(struct audit_verifier *v)
{
    size_t cap = v->cap == 0 ? 256 : 2 * v->cap;

    if (v->claims < v->cap) {
        return true;
    }
    struct claim *more = realloc(v->claim, cap * sizeof *more);

    if (more == NULL) {
        v->st = VLT_E_NOMEM;
        return false;
    }
    v->claim = more;
    v->cap = cap;
    return true;
}

/* Each tree has its own in a row, so that none is passed over twice. */
static void
remember_claim(struct audit_verifier *v, const struct vlt_entry *entry)
{
    if (memcmp(entry->tree, audit_master, sizeof entry->tree) == 0) {
        return;
    }
    if (map_get(v->known, entry->tree) == NULL) {
        verify_note_tree(v, entry->tree, 0);
    }
    if (v->st != VLT_OK || !room_for_claim(v)) {
        return;
    }
    uintptr_t place = (uintptr_t)map_get(v->known, entry->tree);
    struct extent *tree = &v->tree[place - 1];
    struct claim *claim = &v->claim[v->claims++];

    *claim = (struct claim){ .size = entry->tree_size };
    memcpy(claim->root, entry->tree_root, sizeof claim->root);
    if (tree->last == 0) {
        tree->first = v->claims;
    } else {
        v->claim[tree->last - 1].next = v->claims;
    }
    tree->last = v->claims;
}

/* A grant's entries count from 1 without a gap, in its firm's tree. */
static void
check_seq(struct audit_verifier *v, const struct vlt_entry *entry)
{
    uintptr_t last = (uintptr_t)map_get(v->seqs, entry->subject);

    if (verify_in_master(v) || entry->seq == 0) {
        return;
    }
    if (entry->seq != (uint64_t)last + 1) {
        char grant[VLT_ULID_TEXT];

        verify_problem(v,
                       "grant %s: entry %" PRIu64 " has number %" PRIu64
                       ", %" PRIu64 " was next",
                       vlt_ulid_print(entry->subject, grant), entry->index,
                       entry->seq, (uint64_t)last + 1);
    }
    if (map_put(v->seqs, entry->subject, (void *)(uintptr_t)entry->seq) !=
        VLT_OK) {
        v->st = VLT_E_NOMEM;
    }
}

/* A claim is due when the firm's tree has as many entries as it says. */
void
verify_claims(struct audit_verifier *v)
{
    uint8_t root[VLT_HASH_LEN];

    while (v->at > 0) {
        const struct claim *claim = &v->claim[v->at - 1];

        if (claim->size > v->built.size) {
            return;
        }
        vlt_tree_root(&v->built, root);
        if (claim->size != v->built.size ||
            memcmp(root, claim->root, sizeof root) != 0) {
            char name[VERIFY_NAME];

            verify_problem(
                v, "%s: the master tree has another head for size %" PRIu64,
                verify_tree_name(v, name), claim->size);
        }
        v->claimed = claim->size;
        v->at = claim->next;
    }
}

static void
check_opened(struct audit_verifier *v, const struct store_audit *stored)
{
    struct vlt_slice bytes;
    struct vlt_slice salt;
    struct vlt_slice detail;
    struct vlt_entry entry;
    uint8_t leaf[VLT_HASH_LEN];
    char name[VERIFY_NAME];

    if (audit_split(stored->body, verify_in_master(v), &bytes, &salt,
                    &detail) != VLT_OK ||
        vlt_entry_decode(bytes, &entry) != VLT_OK) {
        verify_problem(v, "%s: entry %" PRIu64 " is not well formed",
                       verify_tree_name(v, name), stored->index);
        return;
    }
    vlt_tree_leaf(bytes, leaf);
    if (memcmp(leaf, stored->leaf, sizeof leaf) != 0 ||
        entry.index != stored->index) {
        verify_problem(v, "%s: entry %" PRIu64 " is not what was hashed",
                       verify_tree_name(v, name), stored->index);
    }
    if (!vlt_entry_opens(&entry, salt, detail)) {
        verify_problem(
            v, "%s: the detail of entry %" PRIu64 " is not what it commits to",
            verify_tree_name(v, name), stored->index);
    }
    v->time = entry.time;
    if (verify_in_master(v)) {
        remember_claim(v, &entry);
        v->erased = v->erased || entry.type == AUDIT_ERASE;
    }
    check_seq(v, &entry);
}

bool
verify_entry(void *ctx, const struct store_audit *stored)
{
    struct audit_verifier *v = ctx;
    char name[VERIFY_NAME];

    if (stored->index != v->built.size) {
        verify_problem(v, "%s: entry %" PRIu64 " is missing",
                       verify_tree_name(v, name), v->built.size);
        v->torn = true;
        return false;
    }
    v->left--;
    if (stored->body.len > 0) {
        check_opened(v, stored);
    } else {
        v->shredded++;
    }
    vlt_tree_append(&v->built, stored->leaf, check_node, v);
    if (!verify_in_master(v)) {
        verify_claims(v);
    }
    return v->st == VLT_OK && v->left > 0 &&
           v->built.size < v->tree[v->now].end;
}
