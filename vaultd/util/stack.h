/*
 * stack: what functions that have returned leave behind.
 *
 * Their frames stay where they were until others lie over them, with the names
 * and values that passed through.  A thread that rests for long, or when the
 * vault is locked, overwrites them.
 */
#ifndef UTIL_STACK_H
#define UTIL_STACK_H

/* Overwrite 192 KiB of this thread's stack below the caller: deeper than any
 * call of the daemon goes (tests/flow/memory_words.py would find what is left).
 * Takes about 5 µs. */
void stack_wipe(void);

#endif
