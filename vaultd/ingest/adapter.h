/*
 * adapter: one pushed format, and the table of all of them.
 *
 * Adapters are pure: bytes and a few values in, samples and faults out.  They
 * read no clock, keep no state between bodies and are safe on any thread.
 */
#ifndef ADAPTER_H
#define ADAPTER_H

#include "ingest/sample.h"

enum {
    ADAPTER_BODY = 1 << 20,     /* bytes of a body as it comes */
    ADAPTER_INFLATED = 8 << 20, /* bytes of it inflated, and so of any body */
    ADAPTER_PATHS = 3,
};

struct adapter_input {
    struct vlt_slice body;
    int64_t received;  /* ns: the time of what carries none, one a body */
    int64_t precision; /* ns that one unit of a time in the body stands for;
                          adapter_precision() */
};

struct adapter {
    const char *name; /* "influx": as in `import --as` and in quarantine */
    const char *kind; /* the content type it is for */
    const char *paths[ADAPTER_PATHS]; /* of HTTP, NULL after the last */
    int done;                         /* HTTP status when all was taken */
    /*
     * Parse one whole body of at most ADAPTER_INFLATED bytes.
     * VLT_OK       all was given to the sink, good or bad
     * VLT_E_LIMIT  the body is larger; nothing was given
     * VLT_E_NOMEM, or what the sink returned: parsing ended there
     */
    enum vlt_status (*parse)(const struct adapter_input *input,
                             const struct sample_sink *sink);
};

/* All of them; the last has the name NULL. */
extern const struct adapter adapters[];

/* By name: NULL when there is none. */
const struct adapter *adapter_by_name(struct vlt_slice name);

/* By the path of an HTTP request, without its query: NULL when there is none.
 */
const struct adapter *adapter_by_path(struct vlt_slice path);

/* Nanoseconds of a precision word: ns n (also for an empty one), us µ u, ms,
 * s, m, h.  VLT_E_FORMAT: another word. */
VLT_MUST_USE enum vlt_status adapter_precision(struct vlt_slice word,
                                               int64_t *out);

#endif
