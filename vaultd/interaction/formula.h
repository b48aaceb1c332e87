/*
 * formula: what interactions add up to.
 *
 * Pure: integers only, no clock, no I/O.  `q` is a per mille, 0 to 1000; a gap
 * d = perceived - expected is -1000 to 1000 q; a score or level is an int64 of
 * thousandths of a q; shares are ppm or 10^-9.  Every division is rounded half
 * away from zero, every product is taken in 128 bits.  Arguments are in range:
 * records were checked before, so a value out of range is a bug and asserted.
 */
#ifndef FORMULA_H
#define FORMULA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/status.h"
#include "interaction/constants.h"

enum {
    FORMULA_Q = 1000,      /* the best q */
    FORMULA_WEIGHT = 3,    /* the greatest weight */
    FORMULA_INFERRED = -1, /* as an expectation: none was recorded */
    FORMULA_NONE = -1,     /* as desired or adequate: not said */
    FORMULA_WORD = 16,     /* bytes of a scale's word and the zero */
};

/* ---- 5.1: scales ---- */

enum formula_kind {
    FORMULA_LIKERT, /* 1 to points, the last the best */
    FORMULA_CES1,   /* 1 to 5, 5 is much effort */
    FORMULA_NPS,    /* 0 to 10: one person's rating, never an NPS */
    FORMULA_THUMB,  /* 0 or 1 */
    FORMULA_PLAIN,  /* q itself */
};

struct formula_scale {
    enum formula_kind kind;
    int points; /* of likert, 2 to 11; else 0 */
};

/* Read "likert-7", "ces1", "nps", "thumb" or "q".  VLT_E_FORMAT: none. */
VLT_MUST_USE enum vlt_status formula_scale_parse(struct vlt_slice word,
                                                 struct formula_scale *out);

/* The same, back into words.  Returns out. */
const char *formula_scale_print(struct formula_scale scale,
                                char out[FORMULA_WORD]);

/* The least raw value of a scale. */
int64_t formula_raw_min(struct formula_scale scale);

/* The greatest. */
int64_t formula_raw_max(struct formula_scale scale);

/* q of a raw value that lies between those two. */
int32_t formula_q(struct formula_scale scale, int64_t raw);

/* ---- 5.2: expectation ---- */

/* The expectation after an interaction that was perceived as this. */
int32_t formula_expect(int32_t expected, int32_t perceived,
                       const struct constants *constants);

enum formula_class {
    FORMULA_AS_EXPECTED,
    FORMULA_BETTER,
    FORMULA_WORSE,
    FORMULA_DELIGHT, /* the last three: desired and adequate were said */
    FORMULA_IN_ZONE,
    FORMULA_FAILED,
};

struct formula_wish {
    int32_t desired;  /* q, or FORMULA_NONE; adequate <= desired */
    int32_t adequate; /* q, or FORMULA_NONE: both or neither */
};

/* Class of an interaction. */
enum formula_class formula_class(int32_t perceived, int32_t expected,
                                 struct formula_wish wish,
                                 const struct constants *constants);

/* Its word: "as-expected", "in-zone", … */
const char *formula_class_word(enum formula_class class);

/* ---- 5.3: running score and level, one step at a time ---- */

struct formula_step {
    int32_t perceived; /* q */
    int32_t expected;  /* q */
    int32_t weight;    /* 1 to 3 */
};

/* The share, in ppm, that an interaction of this weight takes of the score,
 * where one of weight 1 takes `newest` ppm. */
int64_t formula_share(int32_t weight, int64_t newest);

/* The score after a step, in thousandths of a q; it begins as 0. */
int64_t formula_score(int64_t score, struct formula_step step, int64_t newest);

/* The level begins with the first interaction: 1000 · perceived. */
int64_t formula_level(int64_t level, struct formula_step step, int64_t newest);

/* The share of the score that is not known yet, in 10^-9; begins as 10^9. */
int64_t formula_unknown(int64_t unknown, struct formula_step step,
                        int64_t newest);

/* What the step itself contributes, in 10^-9 q. */
int64_t formula_contribution(struct formula_step step, int64_t newest);

/* What is left of an earlier contribution once the step has been taken. */
int64_t formula_fade(int64_t contribution, struct formula_step step,
                     int64_t newest);

/* ---- 5.3: a whole history of one firm and role ---- */

struct formula_event {
    int64_t t_event; /* ns */
    uint8_t id[16];
    int32_t perceived; /* q */
    int32_t expected;  /* q, or FORMULA_INFERRED */
    int32_t weight;    /* 1 to 3 */
};

/* What stood after one event. */
struct formula_line {
    int32_t expected; /* q, as it was taken */
    int32_t gap;      /* perceived - expected, q */
    int64_t score;    /* thousandths of a q */
    int64_t level;
    int64_t contribution; /* to the last score, 10^-9 q */
};

struct formula_sum {
    size_t count;    /* assessed interactions */
    int64_t score;   /* 0 without any */
    int64_t level;   /* 0 without any */
    int64_t unknown; /* 10^-9 */
    int64_t last;    /* t_event of the last, ns; 0 without any */
    int32_t expects; /* what would be expected of the next, q */
    bool settled;    /* as many as N_SETTLED */
};

/*
 * Put the events in the order of (t_event, id) and run over them, so the
 * result does not depend on the order in which they were recorded.  lines is
 * NULL or has room for count lines, in that same order.  Contributions cost
 * count² / 2 small steps; without lines they are not computed.
 */
struct formula_sum formula_run(struct formula_event *events, size_t count,
                               const struct constants *constants,
                               struct formula_line *lines);

#endif
