/*
 * recorder: a sink for adapters that writes down what it is given, one line a
 * sample, fact or fault, so that a test compares text.
 *
 *     sensor/kitchen Cel home.climate @5 value=21.5 n=3i on=T text="x"
 *     fact sensor/kitchen friendly_name="Kitchen" @5
 *     fault type line 3 byte 118 of 100+40 field temp: "21" is …
 */
#ifndef TESTS_RECORDER_H
#define TESTS_RECORDER_H

#include <inttypes.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/text.h"
#include "ingest/sample.h"

static inline void
recorder_put_cell(struct vlt_buf *out, const struct sample_cell *cell)
{
    char number[VLT_DOUBLE_TEXT];

    vlt_buf_put_u8(out, ' ');
    vlt_buf_put_slice(out, cell->column);
    vlt_buf_put_u8(out, '=');
    switch (cell->type) {
    case VLT_TYPE_F64:
        vlt_buf_put_text(out, vlt_double_print(cell->real, number));
        break;
    case VLT_TYPE_I64:
        vlt_buf_printf(out, "%" PRId64 "i", cell->whole);
        break;
    case VLT_TYPE_BOOL:
        vlt_buf_put_u8(out, cell->whole != 0 ? 'T' : 'F');
        break;
    case VLT_TYPE_TEXT:
    case VLT_TYPE_JSON:
        vlt_buf_put_u8(out, '"');
        vlt_buf_put_slice(out, cell->text);
        vlt_buf_put_u8(out, '"');
        break;
    }
}

static inline enum vlt_status
recorder_sample(void *ctx, const struct sample *sample)
{
    struct vlt_buf *out = ctx;

    vlt_buf_put_slice(out, sample->path);
    vlt_buf_printf(
        out, " %s %s @%" PRId64, sample->unit != NULL ? sample->unit : "-",
        sample->category != NULL ? sample->category : "-", sample->time);
    for (size_t i = 0; i < sample->count; i++) {
        recorder_put_cell(out, &sample->cells[i]);
    }
    vlt_buf_put_u8(out, '\n');
    return vlt_buf_status(out);
}

static inline enum vlt_status
recorder_fact(void *ctx, const struct sample_fact *fact)
{
    struct vlt_buf *out = ctx;

    vlt_buf_put_text(out, "fact ");
    vlt_buf_put_slice(out, fact->path);
    vlt_buf_put_u8(out, ' ');
    vlt_buf_put_slice(out, fact->name);
    vlt_buf_put_text(out, "=\"");
    vlt_buf_put_slice(out, fact->value);
    vlt_buf_printf(out, "\" @%" PRId64 "\n", fact->time);
    return vlt_buf_status(out);
}

static inline enum vlt_status
recorder_fault(void *ctx, const struct sample_fault *fault)
{
    struct vlt_buf *out = ctx;

    vlt_buf_printf(out, "fault %s line %zu byte %zu of %zu+%zu",
                   sample_reason_word(fault->reason), fault->place.line,
                   fault->byte, fault->place.byte, fault->place.len);
    if (fault->field[0] != '\0') {
        vlt_buf_printf(out, " field %s", fault->field);
    }
    vlt_buf_printf(out, ": %s\n", fault->says);
    return vlt_buf_status(out);
}

static inline struct sample_sink
recorder_sink(struct vlt_buf *out)
{
    return (struct sample_sink){ .ctx = out,
                                 .sample = recorder_sample,
                                 .fact = recorder_fact,
                                 .fault = recorder_fault };
}

#endif
