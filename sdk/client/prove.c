#include "client/prove.h"

#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "client/checkpoints.h"
#include "client/client_internal.h"

static void
finish(struct vault_client *client, enum vault_status status)
{
    vlt_prove_fn *done = client->prove.done;

    client->prove.done = NULL;
    if (done != NULL) {
        done(client, status);
    }
}

static enum vault_status
rewritten(struct vault_client *client)
{
    return vlt_client_fault(client, VAULT_E_PROTOCOL,
                            "the vault's log does not extend the one that was "
                            "kept: it was rewritten");
}

/* The list of base64 hashes as a path. */
static enum vlt_status
read_path(const struct vlt_json *list, struct vlt_tree_path *out)
{
    struct vlt_buf hash = { 0 };
    enum vlt_status st = VLT_OK;

    out->count = 0;
    if (vlt_json_count(list) > VLT_TREE_LEVELS) {
        return VLT_E_LIMIT;
    }
    for (size_t i = 0; i < vlt_json_count(list) && st == VLT_OK; i++) {
        vlt_buf_clear(&hash);
        st = vlt_base64_get(vlt_json_text_of(vlt_json_item(list, i)), &hash);
        if (st == VLT_OK && hash.len != VLT_HASH_LEN) {
            st = VLT_E_FORMAT;
        }
        if (st == VLT_OK) {
            memcpy(out->hash[out->count++], hash.at, VLT_HASH_LEN);
        }
    }
    vlt_buf_free(&hash);
    return st;
}

/* Does the path lead from the older head to the newer? */
static bool
leads(const struct vlt_checkpoint *from, const struct vlt_checkpoint *to,
      const struct vlt_json *result)
{
    struct vlt_tree_path path;

    return vlt_origin_equal(&from->origin, &to->origin) &&
           read_path(vlt_json_get(result, "path"), &path) == VLT_OK &&
           vlt_tree_verify_consistency(from->size, from->root, to->size,
                                       to->root, &path) == VLT_OK;
}

static enum vault_status
ask(struct vault_client *client, uint64_t from, uint64_t size,
    vlt_answer_fn *fn)
{
    char params[80];

    if (size > 0) {
        snprintf(params, sizeof params, "{\"from\":%llu,\"size\":%llu}",
                 (unsigned long long)from, (unsigned long long)size);
    } else {
        snprintf(params, sizeof params, "{\"from\":%llu}",
                 (unsigned long long)from);
    }
    return vlt_call_begin(client, "audit.prove", vlt_slice_text(params), fn,
                          NULL, NULL);
}

/* The second proof: from the newest that was seen to the head. */
static void
on_seen(void *ctx, struct vault_client *client, const struct vlt_answer *answer)
{
    struct vlt_prove *prove = &client->prove;
    enum vault_status status = answer->status;

    (void)ctx;
    if (answer->rpc == NULL) {
        prove->done = NULL;
        return;
    }
    if (status == VAULT_OK &&
        !leads(&prove->seen, &prove->head, answer->rpc->result)) {
        status = rewritten(client);
    }
    if (status == VAULT_OK) {
        status = vlt_checkpoints_prove(client, &prove->head);
    }
    finish(client, status);
}

/* How the head that was proved and the newest that was seen go together; *more:
 * that takes a proof of its own, which is asked for. */
static enum vault_status
join(struct vault_client *client, uint64_t proved, bool *more)
{
    struct vlt_prove *prove = &client->prove;

    *more = false;
    if (!vlt_checkpoints_kept(client, &prove->seen) ||
        prove->seen.size == proved) {
        return VAULT_OK;
    }
    if (prove->seen.size > prove->head.size) {
        return vlt_checkpoints_rolled_back(client, &prove->head);
    }
    if (prove->seen.size == prove->head.size) {
        return memcmp(prove->seen.root, prove->head.root, VLT_HASH_LEN) == 0
                   ? VAULT_OK
                   : rewritten(client);
    }
    *more = true;
    return ask(client, prove->seen.size, prove->head.size, on_seen);
}

/* The first proof: from the proved head to what the vault signs now. */
static void
on_head(void *ctx, struct vault_client *client, const struct vlt_answer *answer)
{
    struct vlt_prove *prove = &client->prove;
    struct vlt_checkpoint proved;
    enum vault_status status = answer->status;
    bool more = false;

    (void)ctx;
    if (answer->rpc == NULL) {
        prove->done = NULL;
        return;
    }
    if (status == VAULT_OK) {
        status = vlt_checkpoints_read(
            client,
            vlt_json_text_of(vlt_json_get(answer->rpc->result, "checkpoint")),
            &prove->head);
    }
    if (status == VAULT_OK &&
        (!vlt_checkpoints_proved(client, &proved) ||
         !leads(&proved, &prove->head, answer->rpc->result))) {
        status = rewritten(client);
    }
    if (status == VAULT_OK) {
        status = join(client, proved.size, &more);
    }
    if (status == VAULT_OK && !more) {
        status = vlt_checkpoints_prove(client, &prove->head);
    }
    if (!more || status != VAULT_OK) {
        finish(client, status);
    }
}

enum vault_status
vlt_prove_begin(struct vault_client *client, vlt_prove_fn *done)
{
    struct vlt_checkpoint proved;
    enum vault_status status;

    client->prove.answers = 0;
    if (!vlt_checkpoints_proved(client, &proved) || proved.size == 0) {
        /* Nothing is kept, or an empty log, which says nothing. */
        done(client, VAULT_OK);
        return VAULT_OK;
    }
    status = ask(client, proved.size, 0, on_head);
    if (status == VAULT_OK) {
        client->prove.done = done;
    }
    return status;
}

static void
on_proved(struct vault_client *client, enum vault_status status)
{
    if (status != VAULT_OK) {
        vlt_client_break(client, status);
    }
}

void
vlt_prove_count(struct vault_client *client)
{
    struct vlt_prove *prove = &client->prove;

    if (++prove->answers < VLT_PROVE_EVERY || prove->done != NULL) {
        return;
    }
    /* Where as many calls are under way as there may be, the next answer asks
     * again. */
    unsigned answers = prove->answers;

    if (vlt_prove_begin(client, on_proved) != VAULT_OK) {
        prove->answers = answers;
    }
}
