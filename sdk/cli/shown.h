/*
 * shown: the last thing between what is printed and a terminal.
 *
 * What commands print for people is escaped where it is put in.  What they
 * print for programs is exact, since it mostly goes to a file or a pipe; where
 * it goes to a terminal it must not move it, either.
 */
#ifndef SHOWN_H
#define SHOWN_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/slice.h"

/*
 * Append text as a terminal may get it: characters that vlt_text_unseen() says,
 * but line breaks and (not in JSON) tabs and colours, become \uXXXX within
 * JSON, which stays the same JSON, and \xXX or \u{XXXX} elsewhere.
 */
void shown_put(struct vlt_slice text, bool json, struct vlt_buf *out);

#endif
