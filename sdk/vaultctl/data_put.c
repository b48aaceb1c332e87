#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "import/mapping.h"
#include "vaultctl/load.h"
#include "vaultctl/vaultctl.h"

/* CSV of the stream's own columns, beside `time`. */
static int
map_for(struct run *run, const struct stream *stream, struct mapping **out)
{
    struct mapping_named named[IMPORT_CELLS];

    for (size_t i = 0; i < stream->count; i++) {
        named[i] = (struct mapping_named){ .name = stream->columns[i].name,
                                           .type = stream->columns[i].type };
    }
    if (mapping_for_stream(stream->name, named, stream->count, out) != VLT_OK) {
        return run_says(run, RUN_FAILED, "out of memory");
    }
    return RUN_DONE;
}

static int
put_rows(struct run *run, struct streams *streams, int fd, const char *file)
{
    const char *name = args_word(run->args, 0);
    const char *kind = args_value(run->args, "as");
    struct mapping *mapping = NULL;
    int code = map_for(run, streams->at[0], &mapping);

    if (code != RUN_DONE) {
        return code;
    }
    struct import_options options = { .mapping = mapping, .stream = name };
    struct load load = {
        .run = run,
        .streams = streams,
        .file = file,
        .only = name,
        .stop = run_catch(),
        .pass = LOAD_SEND,
        .progress = progress_begin(run->err, name, 0),
    };

    code = load_feed(&load, fd, &kind, &options);
    if (code != RUN_USAGE) {
        load_print(&load, 0, false);
    }
    if (code == RUN_DONE && load.quarantined > 0) {
        code = RUN_FAILED;
    }
    load_end(&load);
    mapping_free(mapping);
    return code;
}

int
cmd_data_put(struct run *run)
{
    const char *path = args_word(run->args, 1);
    bool from_stdin = path == NULL || strcmp(path, "-") == 0;
    struct streams streams = { 0 };
    int fd = STDIN_FILENO;

    if (!from_stdin) {
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
            return run_says(run, RUN_FAILED, "%s cannot be read: %s", path,
                            strerror(errno));
        }
    }
    int code = streams_load_one(run, &streams, args_word(run->args, 0));

    if (code == RUN_DONE) {
        code = put_rows(run, &streams, fd, from_stdin ? "-" : path);
    }
    if (!from_stdin) {
        close(fd);
    }
    streams_free(&streams);
    return code;
}
