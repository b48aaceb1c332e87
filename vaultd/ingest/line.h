/*
 * line: the line protocol of Influx, as Telegraf and Home Assistant send it
 * (INGEST.md).
 *
 *     measurement[,tag=value…] field=value[,field=value…] [time]
 *
 * A line becomes one sample: its path is the measurement and then key=value of
 * each tag, in the order of the keys' bytes; its fields are the columns, in
 * the same order.  A line that is bad anywhere becomes one fault and nothing
 * else; reading goes on behind the next line break after the place where it
 * went wrong.
 *
 * A line with the tags `domain` and `entity_id` is Home Assistant's: its path
 * is the values of both, its measurement the unit where that is one.  Its text
 * fields that end in _str, and its other tags, are facts of the stream.
 */
#ifndef LINE_H
#define LINE_H

#include "ingest/adapter.h"

enum {
    LINE_MAX_BYTES = 65536, /* of one line, line breaks in texts included */
    LINE_TAGS = 64,
    LINE_FIELDS = 256,
};

/* As struct adapter's parse. */
VLT_MUST_USE enum vlt_status line_parse(const struct adapter_input *input,
                                        const struct sample_sink *sink);

#endif
