/*
 * collectd: the JSON that collectd's write_http sends (INGEST.md).
 *
 * A body is an array of value lists.  Each becomes one sample: its path is
 * host/plugin[-instance]/type[-instance], its columns are the names of its
 * data sources, f64.  A value that is null is absent; a list whose values all
 * are gives no sample.  `interval` and `meta` say nothing about the values and
 * are left out.
 *
 * A list that is bad anywhere becomes one fault; so does all that is left when
 * the array breaks off.
 */
#ifndef COLLECTD_H
#define COLLECTD_H

#include "ingest/adapter.h"

enum {
    COLLECTD_LIST = 65536, /* bytes of one value list */
};

/* As struct adapter's parse. */
VLT_MUST_USE enum vlt_status collectd_parse(const struct adapter_input *input,
                                            const struct sample_sink *sink);

#endif
