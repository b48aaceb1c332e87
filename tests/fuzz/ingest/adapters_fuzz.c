/*
 * Any bytes as the body of each adapter, chosen by the first byte.  What is
 * given to the sink keeps the promises of sample.h; the parts that are refused
 * lie inside the body; the same body gives the same again.
 */
#include "ingest/adapter.h"

#include <math.h>
#include <stdlib.h>

#include "base/name.h"
#include "base/text.h"
#include "base/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

struct tally {
    size_t body;
    size_t samples, facts, faults;
    double sum;
};

static void
must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void
check_place(const struct tally *tally, struct sample_place place)
{
    must(place.line >= 1);
    must(place.byte <= tally->body && place.len <= tally->body - place.byte);
}

static void
check_cell(const struct sample_cell *cell)
{
    must(vlt_column_valid(cell->column));
    must(cell->type != VLT_TYPE_BOOL || cell->whole == 0 || cell->whole == 1);
    must(cell->type != VLT_TYPE_F64 || isfinite(cell->real));
    must(cell->type != VLT_TYPE_TEXT || vlt_utf8_valid(cell->text));
}

static enum vlt_status
on_sample(void *ctx, const struct sample *sample)
{
    struct tally *tally = ctx;

    check_place(tally, sample->place);
    must(vlt_name_valid(sample->path));
    must(sample->time >= VLT_TIME_MIN && sample->time < VLT_TIME_MAX);
    must(sample->count >= 1 && sample->count <= SAMPLE_CELLS);
    for (size_t i = 0; i < sample->count; i++) {
        check_cell(&sample->cells[i]);
    }
    tally->samples++;
    tally->sum += (double)sample->cells[0].whole;
    return VLT_OK;
}

static enum vlt_status
on_fact(void *ctx, const struct sample_fact *fact)
{
    struct tally *tally = ctx;

    must(vlt_name_valid(fact->path) && vlt_utf8_valid(fact->value));
    tally->facts++;
    return VLT_OK;
}

static enum vlt_status
on_fault(void *ctx, const struct sample_fault *fault)
{
    struct tally *tally = ctx;

    check_place(tally, fault->place);
    must(fault->byte >= fault->place.byte && fault->byte <= tally->body);
    must(fault->says[0] != '\0');
    must(vlt_text_printable(vlt_slice_text(fault->field)));
    tally->faults++;
    return VLT_OK;
}

static struct tally
run(const struct adapter *adapter, struct vlt_slice body)
{
    struct adapter_input input = { .body = body,
                                   .received = VLT_DAY,
                                   .precision = VLT_SECOND };
    struct tally tally = { .body = body.len };
    struct sample_sink sink = { &tally, on_sample, on_fact, on_fault };

    must(adapter->parse(&input, &sink) == VLT_OK);
    return tally;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    size_t count = 0;

    while (adapters[count].name != NULL) {
        count++;
    }
    if (len == 0) {
        return 0;
    }
    /* Letters choose, so that seeds can be read: a the first, b the second. */
    const struct adapter *adapter = &adapters[(bytes[0] % 16 + 15) % count];
    struct vlt_slice body = vlt_slice_of(bytes + 1, len - 1);
    struct tally first = run(adapter, body);
    struct tally second = run(adapter, body);

    must(first.samples == second.samples && first.facts == second.facts &&
         first.faults == second.faults);
    must(first.sum == second.sum);
    return 0;
}
