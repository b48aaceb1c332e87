/*
 * histories: the C formulas, asked by reference.py, one question a line:
 *
 *     q SCALE RAW                        its q
 *     c PERCEIVED EXPECTED DESIRED ADEQUATE   its class
 *     h NEWEST COUNT {T ID EXPECTED PERCEIVED WEIGHT}   count, score, level,
 *         unknown, last, expects, settled, then five numbers a line
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interaction/formula.h"

enum { EVENTS = 64 };

/* The next number of the input; the questions are well formed or we end. */
static int64_t
number(void)
{
    int64_t value;

    if (scanf("%" SCNd64, &value) != 1) {
        fputs("a number is missing\n", stderr);
        exit(2);
    }
    return value;
}

static void
answer_scale(void)
{
    struct formula_scale scale;
    char word[32];

    if (scanf("%31s", word) != 1 ||
        formula_scale_parse(vlt_slice_text(word), &scale) != VLT_OK) {
        puts("no scale");
        return;
    }
    printf("%" PRId32 "\n", formula_q(scale, number()));
}

static void
answer_class(void)
{
    struct constants constants = constants_default();
    int32_t perceived = (int32_t)number();
    int32_t expected = (int32_t)number();
    struct formula_wish wish;

    wish.desired = (int32_t)number();
    wish.adequate = (int32_t)number();
    puts(formula_class_word(
        formula_class(perceived, expected, wish, &constants)));
}

static void
read_event(struct formula_event *event)
{
    *event = (struct formula_event){ .t_event = number() };
    event->id[0] = (uint8_t)number();
    event->expected = (int32_t)number();
    event->perceived = (int32_t)number();
    event->weight = (int32_t)number();
}

static void
print_sum(const struct formula_sum *sum, const struct formula_line *lines)
{
    printf("%zu %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId32 " %d",
           sum->count, sum->score, sum->level, sum->unknown, sum->last,
           sum->expects, sum->settled);
    for (size_t i = 0; i < sum->count; i++) {
        printf(" %" PRId32 " %" PRId32 " %" PRId64 " %" PRId64 " %" PRId64,
               lines[i].expected, lines[i].gap, lines[i].score, lines[i].level,
               lines[i].contribution);
    }
    putchar('\n');
}

static void
answer_history(void)
{
    struct constants constants = constants_default();
    struct formula_event events[EVENTS];
    struct formula_line lines[EVENTS];

    constants.newest = number();
    int64_t count = number();

    if (count < 0 || count > EVENTS) {
        fputs("too many events\n", stderr);
        exit(2);
    }
    for (int64_t i = 0; i < count; i++) {
        read_event(&events[i]);
    }
    struct formula_sum sum =
        formula_run(events, (size_t)count, &constants, lines);

    print_sum(&sum, lines);
}

int
main(void)
{
    char word[8];

    while (scanf("%7s", word) == 1) {
        if (strcmp(word, "q") == 0) {
            answer_scale();
        } else if (strcmp(word, "c") == 0) {
            answer_class();
        } else {
            answer_history();
        }
    }
    return 0;
}
