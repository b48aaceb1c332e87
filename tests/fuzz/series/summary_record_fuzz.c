/* A head or roll-up that decodes is what it encodes to, and zeros; and a head
 * whose summaries are read is one whose summaries can be stepped over.  The
 * first byte says which it is: 0 a head. */
#include <stdlib.h>
#include <string.h>

#include "series/summary_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must_be(struct vlt_buf *again, enum vlt_status st, struct vlt_slice bytes)
{
    if (st != VLT_OK || again->len > bytes.len ||
        memcmp(again->at, bytes.at, again->len) != 0) {
        abort();
    }
    for (size_t i = again->len; i < bytes.len; i++) {
        if (bytes.at[i] != 0) {
            abort();
        }
    }
    vlt_buf_free(again);
}

static void
try_head(struct vlt_slice bytes, const struct vlt_schema *schema)
{
    struct head_record head;
    struct head_record bare;
    struct vlt_buf again;
    bool steps = head_record_decode(bytes, NULL, &bare) == VLT_OK;

    if (steps) {
        head_record_free(&bare);
    }
    if (head_record_decode(bytes, schema, &head) != VLT_OK) {
        return;
    }
    if (!steps) {
        abort();
    }
    vlt_buf_init(&again, 0);
    must_be(&again, head_record_encode(&head, &again), bytes);
    head_record_free(&head);
}

static void
try_roll(struct vlt_slice bytes, const struct vlt_schema *schema)
{
    struct roll_record roll;
    struct vlt_buf again;

    if (roll_record_decode(bytes, schema, &roll) != VLT_OK) {
        return;
    }
    vlt_buf_init(&again, 0);
    must_be(&again, roll_record_encode(&roll, &again), bytes);
    roll_record_free(&roll);
}

/* Column ids count from 0, their types go round. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_field fields[SUMMARY_COLUMNS];
    struct vlt_schema schema = { .fields = fields, .count = SUMMARY_COLUMNS };

    if (len == 0) {
        return 0;
    }
    for (size_t i = 0; i < SUMMARY_COLUMNS; i++) {
        fields[i].id = (uint8_t)i;
        fields[i].type = (enum vlt_type)(i % (VLT_TYPE_JSON + 1));
    }
    if (bytes[0] == 0) {
        try_head(vlt_slice_of(bytes + 1, len - 1), &schema);
    } else {
        try_roll(vlt_slice_of(bytes + 1, len - 1), &schema);
    }
    return 0;
}
