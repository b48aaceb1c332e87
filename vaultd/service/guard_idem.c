/* A request that is repeated gives the first answer again. */
#include <string.h>

#include "service/guard_internal.h"
#include "store/record.h"
#include "json/json.h"
#include "json/json_write.h"

/* What is kept: {"asked":<digest>,"result":<the first answer>}. */
static enum vlt_status
repeat_answer(struct call *call, struct vlt_slice kept)
{
    struct vlt_json *document = NULL;
    uint8_t asked[sizeof call->asked] = { 0 };
    enum vlt_status st = vlt_json_parse(kept, kept.len, 32, NULL, &document);

    if (st != VLT_OK) {
        return VLT_E_STORAGE;
    }
    const struct vlt_json *result = vlt_json_get(document, "result");
    const struct vlt_json *digest = vlt_json_get(document, "asked");

    if (result == NULL || digest == NULL ||
        vlt_hex_parse(vlt_json_text_of(digest), asked, sizeof asked) !=
            VLT_OK) {
        st = VLT_E_STORAGE;
    } else if (memcmp(asked, call->asked, sizeof asked) != 0) {
        st = call_refuse_at(call, "idem",
                            "This idem was used for another request; draw a "
                            "new one.");
        call->fault.code = VLT_RPC_CONFLICT;
    } else {
        vlt_buf_clear(&call->result);
        vlt_json_print(result, false, &call->result);
        st = vlt_buf_status(&call->result);
        call->repeated = st == VLT_OK;
    }
    vlt_json_free(document);
    return st;
}

enum vlt_status
guard_first_answer(struct turn *turn, struct call *call)
{
    struct store_idem idem = { .principal = { 0 } };
    struct store_txn *txn;
    struct vlt_buf kept;
    int64_t when;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st != VLT_OK) {
        return st;
    }
    memcpy(idem.principal, call->who.id, sizeof idem.principal);
    memcpy(idem.ulid, call->idem, sizeof idem.ulid);
    vlt_buf_init(&kept, 0);
    st = store_idem_get(store_txn_view(txn), &idem, &kept, &when);
    if (st == VLT_OK) {
        st = repeat_answer(call, vlt_buf_slice(&kept));
    }
    vlt_buf_free(&kept);
    return st == VLT_E_NOT_FOUND ? VLT_OK : st;
}

struct guard_once
guard_once_of(const struct call *call)
{
    struct guard_once once = { .has = call->has_idem };

    memcpy(once.principal, call->who.id, sizeof once.principal);
    memcpy(once.idem, call->idem, sizeof once.idem);
    memcpy(once.asked, call->asked, sizeof once.asked);
    return once;
}

enum vlt_status
guard_once_keep(struct turn *turn, const struct guard_once *once,
                struct vlt_slice result)
{
    struct store_idem idem = { .principal = { 0 } };
    struct vlt_json_out json;
    struct store_txn *txn;
    struct vlt_buf kept;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st != VLT_OK || !once->has) {
        return st;
    }
    memcpy(idem.principal, once->principal, sizeof idem.principal);
    memcpy(idem.ulid, once->idem, sizeof idem.ulid);
    vlt_buf_init(&kept, 0);
    json = vlt_json_out(&kept);
    vlt_put_object(&json, NULL);
    vlt_put_hex(&json, "asked", once->asked, sizeof once->asked);
    vlt_put_raw(&json, "result",
                result.len > 0 ? result : vlt_slice_text("{}"));
    vlt_put_end(&json);
    st = vlt_buf_status(&kept);
    if (st == VLT_OK) {
        st = store_idem_put(txn, &idem, vlt_buf_slice(&kept));
    }
    vlt_buf_free(&kept);
    return st;
}

enum vlt_status
guard_keep_answer(struct turn *turn, const struct call *call)
{
    struct guard_once once = guard_once_of(call);

    return guard_once_keep(turn, &once, vlt_buf_slice(&call->result));
}
