/*
 * prompt: what is asked of a person, on a terminal and nowhere else.
 *
 * The terminal is /dev/tty, so that data may come by stdin.
 */
#ifndef PROMPT_H
#define PROMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum { PROMPT_SECRET = 1024, PROMPT_LINE = 256 };

/* A secret on its way to the vault: locked in memory where that is allowed.
 * Begins as { 0 }, ends with prompt_wipe(). */
struct prompt_secret {
    uint8_t at[PROMPT_SECRET + 3]; /* an end of line, and one to see more */
    size_t len;
};

void prompt_wipe(struct prompt_secret *secret);

/*
 * A secret from a file, from a descriptor, or typed (not shown) behind the
 * words of `ask`; the first that is said.  One line break at the end is no
 * part of it.
 * VLT_E_NOT_FOUND  nothing is said, and there is no terminal
 * VLT_E_FORMAT     it is empty, or the descriptor is no number
 * VLT_E_LIMIT      over PROMPT_SECRET bytes
 * VLT_E_STORAGE    it cannot be read: errno says why
 */
VLT_MUST_USE enum vlt_status prompt_secret(const char *file, const char *fd,
                                           const char *ask,
                                           struct prompt_secret *out);

/* A file as it is, to its last byte: a key.  As prompt_secret(), but
 * VLT_E_NOT_FOUND: there is no such file. */
VLT_MUST_USE enum vlt_status prompt_bytes(const char *file,
                                          struct prompt_secret *out);

/* Ask for a line; ends with a zero.  VLT_E_NOT_FOUND: no terminal, or its
 * end came first. */
VLT_MUST_USE enum vlt_status prompt_line(const char *ask,
                                         char out[PROMPT_LINE]);

/* Ask for a yes; anything but y or yes is no.  VLT_E_NOT_FOUND: no terminal. */
VLT_MUST_USE enum vlt_status prompt_yes(const char *ask, bool *out);

#endif
