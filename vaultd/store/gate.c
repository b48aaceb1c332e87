#include "store/gate.h"

#include <stdlib.h>
#include <string.h>

#include "base/reader.h"
#include "base/writer.h"
#include "crypto/secret.h"

enum { VERSION = 1 };

static int
compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct store_gate_entry));
}

void
gate_encode(struct store_gate *gate, struct vlt_buf *out)
{
    uint8_t head[GATE_HEAD];
    struct vlt_writer w = vlt_writer_over(head, sizeof head);

    store_gate_sort(gate);
    vlt_write_u8(&w, VERSION);
    vlt_write_zeros(&w, 3);
    vlt_write_u32(&w, (uint32_t)gate->count);
    vlt_write_u64(&w, gate->drained);
    vlt_buf_put(out, head, sizeof head);
    for (size_t i = 0; i < gate->count; i++) {
        vlt_buf_put(out, gate->at[i].token, STORE_GATE_TOKEN);
        vlt_buf_put(out, gate->at[i].hash, STORE_GATE_HASH);
    }
}

void
store_gate_sort(struct store_gate *gate)
{
    if (gate->count > 1) {
        qsort(gate->at, gate->count, sizeof *gate->at, compare);
    }
}

/* Each is above the one before. */
static bool
ascend(const struct store_gate *gate)
{
    for (size_t i = 1; i < gate->count; i++) {
        if (compare(&gate->at[i - 1], &gate->at[i]) >= 0) {
            return false;
        }
    }
    return true;
}

enum vlt_status
gate_decode(struct vlt_slice bytes, struct store_gate *out)
{
    struct vlt_reader r = vlt_reader_over(bytes);
    uint8_t version = vlt_read_u8(&r);
    struct store_gate gate = { .count = 0 };

    vlt_read_zeros(&r, 3);
    gate.count = vlt_read_u32(&r);
    gate.drained = vlt_read_u64(&r);
    if (bytes.len > GATE_LEN_MAX || version > VERSION ||
        gate.count > STORE_GATE_MAX) {
        return VLT_E_LIMIT;
    }
    if (version != VERSION ||
        bytes.len != GATE_HEAD + GATE_ENTRY * gate.count) {
        return VLT_E_FORMAT;
    }
    if (gate.count > 0) {
        gate.at = calloc(gate.count, sizeof *gate.at);
        if (gate.at == NULL) {
            return VLT_E_NOMEM;
        }
    }
    for (size_t i = 0; i < gate.count; i++) {
        vlt_read_bytes(&r, gate.at[i].token, STORE_GATE_TOKEN);
        vlt_read_bytes(&r, gate.at[i].hash, STORE_GATE_HASH);
    }
    if (!vlt_reader_done(&r) || !ascend(&gate)) {
        store_gate_free(&gate);
        return VLT_E_FORMAT;
    }
    *out = gate;
    return VLT_OK;
}

void
store_gate_free(struct store_gate *gate)
{
    free(gate->at);
    *gate = (struct store_gate){ .count = 0 };
}

size_t
store_gate_find(const struct store_gate *gate,
                const uint8_t token[STORE_GATE_TOKEN],
                const uint8_t hash[STORE_GATE_HASH])
{
    size_t found = STORE_GATE_MAX;

    for (size_t i = 0; i < gate->count; i++) {
        if (memcmp(gate->at[i].token, token, STORE_GATE_TOKEN) == 0 &&
            vlt_equal(gate->at[i].hash, hash, STORE_GATE_HASH)) {
            found = i;
        }
    }
    return found;
}

size_t
store_gate_find_id(const struct store_gate *gate,
                   const uint8_t token[STORE_GATE_TOKEN])
{
    for (size_t i = 0; i < gate->count; i++) {
        if (memcmp(gate->at[i].token, token, STORE_GATE_TOKEN) == 0) {
            return i;
        }
    }
    return STORE_GATE_MAX;
}

bool
store_gate_same(const struct store_gate *a, const struct store_gate *b)
{
    return a->drained == b->drained && a->count == b->count &&
           (a->count == 0 ||
            memcmp(a->at, b->at, a->count * sizeof *a->at) == 0);
}
