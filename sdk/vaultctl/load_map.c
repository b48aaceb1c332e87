/*
 * What the columns of a CSV file mean where no mapping says it.
 */
#include "base/text.h"
#include "vaultctl/load.h"

/* The columns of a stream of the vault, by its name in the file. */
static size_t
columns_of(void *ctx, struct vlt_slice name,
           struct mapping_named out[IMPORT_CELLS])
{
    struct load *load = ctx;
    const struct stream *stream =
        streams_find(load->streams, load_name(load, name));

    if (stream == NULL || !stream->exists) {
        return 0;
    }
    for (size_t i = 0; i < stream->count; i++) {
        out[i] = (struct mapping_named){ .name = stream->columns[i].name,
                                         .type = stream->columns[i].type };
    }
    return stream->count;
}

int
load_map(struct load *load, struct vlt_slice head, struct mapping **out)
{
    struct mapping_lookup lookup = { .ctx = load, .columns = columns_of };

    switch (mapping_header_of(head)) {
    case MAPPING_MANY:
        return mapping_for_streams(&lookup, out) == VLT_OK
                   ? RUN_DONE
                   : run_says(load->run, RUN_FAILED, "out of memory");
    case MAPPING_ONE:
        return run_says(load->run, RUN_USAGE,
                        "%s does not say of which stream its columns are; if "
                        "they have the names of the stream's own, type: "
                        "vaultctl data put STREAM %s; else give a mapping by "
                        "--map FILE",
                        load->file, load->file);
    case MAPPING_STRANGE:
        break;
    }
    return run_says(load->run, RUN_USAGE,
                    "%s is CSV, and nothing says what its columns mean; give "
                    "a mapping by --map FILE (sdk/import/MAPPING.md tells "
                    "how)",
                    load->file);
}
