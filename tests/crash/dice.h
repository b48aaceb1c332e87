/*
 * dice: numbers that come out the same again from the same seed (splitmix64).
 */
#ifndef TESTS_CRASH_DICE_H
#define TESTS_CRASH_DICE_H

#include <stdint.h>

struct dice {
    uint64_t state;
};

static inline uint64_t
dice_next(struct dice *dice)
{
    uint64_t x = dice->state += UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* The dice number `which` of a seed. */
static inline struct dice
dice_of(uint64_t seed, uint64_t which)
{
    struct dice dice = { .state = seed };

    dice.state = dice_next(&dice) ^ which;
    dice.state = dice_next(&dice);
    return dice;
}

/* Below bound, which is at least 1; a bias of 2^-32 does no harm here. */
static inline uint32_t
dice_below(struct dice *dice, uint32_t bound)
{
    return (uint32_t)(((dice_next(dice) >> 32) * bound) >> 32);
}

#endif
