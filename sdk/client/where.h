/*
 * where: "value > 20 and state = \"on\"" as the list that data.query takes.
 *
 *     where = test { ("and" | ",") test }            1 to 16 of them
 *     test  = COLUMN op value
 *     op    = "<" "<=" "=" "==" "!=" ">=" ">"
 *     value = number | "true" | "false" | text in ' or "
 *
 * Blanks may stand anywhere between; a quote inside a text is written twice.
 * Pure.  Threads: any.
 */
#ifndef VLT_WHERE_H
#define VLT_WHERE_H

#include "json/json_write.h"

enum {
    VLT_WHERE_MAX = 4096, /* bytes of the text */
    VLT_WHERE_TESTS = 16,
    VLT_WHERE_SAYS = 128,
};

/*
 * Write the list as a member called name.
 * VLT_E_FORMAT: says (of VLT_WHERE_SAYS bytes) tells what is wrong, and what
 * was written is of no use.
 */
VLT_MUST_USE enum vlt_status vlt_where_put(struct vlt_json_out *out,
                                           const char *name, const char *text,
                                           char *says);

#endif
