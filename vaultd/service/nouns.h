/*
 * nouns: every table of methods.
 */
#ifndef NOUNS_H
#define NOUNS_H

#include "service/method.h"

/* NULL-ended; each table ends with a row without a name. */
extern const struct method *const nouns[];

extern const struct method op_audit[];
extern const struct method op_backup[];
extern const struct method op_data[];
extern const struct method op_firm[];
extern const struct method op_grant[];
extern const struct method op_interaction[];
extern const struct method op_key[];
extern const struct method op_policy[];
extern const struct method op_request[];
extern const struct method op_session[];
extern const struct method op_source[];
extern const struct method op_stream[];
extern const struct method op_subscribe[];
extern const struct method op_vault[];

#endif
