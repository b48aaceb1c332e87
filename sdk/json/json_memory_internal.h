/*
 * json_memory_internal: a document whose memory goes as one.
 */
#ifndef VLT_JSON_MEMORY_INTERNAL_H
#define VLT_JSON_MEMORY_INTERNAL_H

#include <jansson.h>
#include <stdbool.h>

#include "base/slice.h"
#include "base/status.h"

/* Has vlt_json_own_memory() been called?  The others are for then. */
bool vlt_json_memory_is_own(void);

/* As json_loadb(): *root is NULL when the text was refused, as *error says.
 * VLT_E_NOMEM: *error says nothing. */
enum vlt_status vlt_json_memory_load(struct vlt_slice text, size_t flags,
                                     json_error_t *error, json_t **root);

/* Give back all of the document, whose root is no shared value. */
void vlt_json_memory_free(const json_t *root);

#endif
