#include "interaction/formula.h"

#include <stdlib.h>
#include <string.h>

/* qsort's order: by time, then by id as bytes. */
static int
earlier(const void *left, const void *right)
{
    const struct formula_event *a = left;
    const struct formula_event *b = right;

    if (a->t_event != b->t_event) {
        return a->t_event < b->t_event ? -1 : 1;
    }
    return memcmp(a->id, b->id, sizeof a->id);
}

static struct formula_sum
begin(const struct constants *constants)
{
    return (struct formula_sum){ .unknown = 1000000000,
                                 .expects = constants->first };
}

static void
take(struct formula_sum *sum, const struct formula_event *event,
     struct formula_step step, const struct constants *constants)
{
    sum->level = sum->count == 0
                     ? 1000 * (int64_t)step.perceived
                     : formula_level(sum->level, step, constants->newest);
    sum->score = formula_score(sum->score, step, constants->newest);
    sum->unknown = formula_unknown(sum->unknown, step, constants->newest);
    sum->expects = formula_expect(sum->expects, step.perceived, constants);
    sum->last = event->t_event;
    sum->count++;
}

/* Enter the line of the newest step; all earlier ones fade a little. */
static void
enter(struct formula_line *lines, const struct formula_sum *sum,
      struct formula_step step, int64_t newest)
{
    size_t now = sum->count - 1;

    for (size_t i = 0; i < now; i++) {
        lines[i].contribution =
            formula_fade(lines[i].contribution, step, newest);
    }
    lines[now] = (struct formula_line){
        .expected = step.expected,
        .gap = step.perceived - step.expected,
        .score = sum->score,
        .level = sum->level,
        .contribution = formula_contribution(step, newest),
    };
}

struct formula_sum
formula_run(struct formula_event *events, size_t count,
            const struct constants *constants, struct formula_line *lines)
{
    struct formula_sum sum = begin(constants);

    if (count > 1) {
        qsort(events, count, sizeof *events, earlier);
    }
    for (size_t i = 0; i < count; i++) {
        struct formula_step step = { events[i].perceived, events[i].expected,
                                     events[i].weight };

        if (step.expected == FORMULA_INFERRED) {
            step.expected = sum.expects;
        }
        take(&sum, &events[i], step, constants);
        if (lines != NULL) {
            enter(lines, &sum, step, constants->newest);
        }
    }
    sum.settled = sum.count >= (size_t)constants->settled;
    return sum;
}
