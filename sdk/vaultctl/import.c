#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/name.h"
#include "import/mapping.h"
#include "vaultctl/load.h"
#include "vaultctl/vaultctl.h"

/* What all files of one command share. */
struct job {
    struct run *run;
    struct mapping *mapping;
    struct streams streams;
    const volatile int *stop;
    const char *prefix;
    bool dry;
};

static int
read_map(struct run *run, struct mapping **out)
{
    const char *path = args_value(run->args, "map");
    struct vlt_buf yaml = { 0 };
    struct mapping_fault fault = { 0 };

    if (path == NULL) {
        return RUN_DONE;
    }
    int code = run_read_file(run, path, MAPPING_MAX, &yaml);

    if (code == RUN_DONE &&
        mapping_read(vlt_buf_slice(&yaml), args_value(run->args, "zone"),
                     &fault, out) != VLT_OK) {
        code = run_says(run, RUN_USAGE, "%s:%d:%d: %s", path, fault.line,
                        fault.column, fault.says);
    }
    vlt_buf_free(&yaml);
    return code;
}

/* A prefix is a name itself; a slash at its end does not count. */
static int
read_prefix(struct run *run, struct vlt_buf *text, const char **out)
{
    const char *value = args_value(run->args, "to");

    if (value == NULL) {
        return RUN_DONE;
    }
    size_t len = strlen(value);

    len -= len > 0 && value[len - 1] == '/' ? 1 : 0;
    if (!vlt_name_valid(vlt_slice_of(value, len))) {
        return run_says(run, RUN_USAGE,
                        "--to \"%s\" is no beginning of a stream's name; type "
                        "one as home/old",
                        value);
    }
    vlt_buf_put(text, value, len);
    *out = vlt_buf_text(text);
    return *out != NULL ? RUN_DONE : run_says(run, RUN_FAILED, "out of memory");
}

static int
open_file(struct run *run, const char *path, uint64_t *size, int *out)
{
    struct stat at;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        return run_says(run, RUN_FAILED, "%s cannot be read: %s", path,
                        strerror(errno));
    }
    if (fstat(fd, &at) != 0 || !S_ISREG(at.st_mode)) {
        close(fd);
        return run_says(run, RUN_USAGE,
                        "%s is no plain file, and a file is read twice; for a "
                        "pipe use vaultctl data put NAME",
                        path);
    }
    *size = (uint64_t)at.st_size;
    *out = fd;
    return RUN_DONE;
}

/* Begin the second reading. */
static int
again(struct load *load, int fd, enum load_pass pass)
{
    if (lseek(fd, 0, SEEK_SET) != 0) {
        return run_says(load->run, RUN_FAILED, "%s cannot be read again: %s",
                        load->file, strerror(errno));
    }
    load->accepted = 0;
    load->quarantined = 0;
    load->error_count = 0;
    load->rows = 0;
    vlt_buf_clear(&load->errors);
    load->pass = pass;
    return RUN_DONE;
}

/* The first reading tells which streams there are and what columns they need;
 * the second sends, or in a dry run checks. */
static int
twice(struct job *job, struct load *load, int fd, size_t *made)
{
    const char *kind = args_value(job->run->args, "as");
    struct import_options options = { .mapping = job->mapping };

    load->pass = LOAD_SURVEY;
    int code = load_feed(load, fd, &kind, &options);

    if (code == RUN_DONE) {
        code = streams_check(job->run, &job->streams);
    }
    if (code == RUN_DONE && job->dry) {
        streams_suppose(job->run, &job->streams, made);
    } else if (code == RUN_DONE) {
        code = streams_make(job->run, &job->streams, made);
    }
    if (code == RUN_DONE) {
        code = again(load, fd, job->dry ? LOAD_CHECK : LOAD_SEND);
    }
    return code == RUN_DONE ? load_feed(load, fd, &kind, &options) : code;
}

static int
import_one(struct job *job, const char *path)
{
    uint64_t size = 0;
    size_t made = 0;
    int fd = -1;
    int code = open_file(job->run, path, &size, &fd);

    if (code != RUN_DONE) {
        return code;
    }
    struct load load = {
        .run = job->run,
        .streams = &job->streams,
        .file = path,
        .prefix = job->prefix,
        .stop = job->stop,
        .progress = progress_begin(job->run->err, path, size),
    };
    code = twice(job, &load, fd, &made);
    /* A usage fault has no result; anything later has, as far as it came. */
    if (code != RUN_USAGE) {
        load_print(&load, made, job->dry);
    }
    if (code == RUN_DONE && load.quarantined > 0) {
        code = RUN_FAILED;
    }
    close(fd);
    load_end(&load);
    return code;
}

int
cmd_import(struct run *run)
{
    struct job job = {
        .run = run,
        .dry = args_has(run->args, "dry-run"),
        .stop = run_catch(),
    };
    struct vlt_buf prefix = { 0 };
    int code = read_map(run, &job.mapping);

    if (code == RUN_DONE) {
        code = read_prefix(run, &prefix, &job.prefix);
    }
    if (code == RUN_DONE) {
        code = streams_load(run, &job.streams);
    }
    size_t count = code == RUN_DONE ? run->args->count : 0;
    int worst = code;

    /* A file that has faults does not keep the next from being read. */
    for (size_t i = 0; i < count && worst <= RUN_FAILED; i++) {
        code = import_one(&job, args_word(run->args, i));
        worst = code > worst ? code : worst;
    }
    mapping_free(job.mapping);
    streams_free(&job.streams);
    vlt_buf_free(&prefix);
    return worst;
}
