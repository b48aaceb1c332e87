/*
 * record_internal: words that reading and printing share.
 */
#ifndef RECORD_INTERNAL_H
#define RECORD_INTERNAL_H

/* Each list ends with NULL; the index is the enum's value. */
extern const char *const record_roles[];
extern const char *const record_channels[];
extern const char *const record_directions[];
extern const char *const record_writers[];
extern const char *const record_sources[];

#endif
