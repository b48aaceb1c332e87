#include "ingest/adapter.h"

#include "base/time.h"
#include "ingest/collectd.h"
#include "ingest/line.h"

const struct adapter adapters[] = {
    {
        .name = "influx",
        .kind = "text/plain",
        .paths = { "/api/v2/write", "/write" },
        .done = 204,
        .parse = line_parse,
    },
    {
        .name = "collectd",
        .kind = "application/json",
        .paths = { "/collectd" },
        .done = 200,
        .parse = collectd_parse,
    },
    { .name = NULL },
};

static const struct {
    const char *word;
    int64_t ns;
} precisions[] = {
    { "", 1 },         { "ns", 1 },         { "n", 1 },
    { "us", 1000 },    { "u", 1000 },       { "µ", 1000 },
    { "ms", 1000000 }, { "s", VLT_SECOND }, { "m", VLT_MINUTE },
    { "h", VLT_HOUR },
};

const struct adapter *
adapter_by_name(struct vlt_slice name)
{
    for (const struct adapter *one = adapters; one->name != NULL; one++) {
        if (vlt_slice_is(name, one->name)) {
            return one;
        }
    }
    return NULL;
}

static bool
serves(const struct adapter *one, struct vlt_slice path)
{
    for (size_t i = 0; i < ADAPTER_PATHS && one->paths[i] != NULL; i++) {
        if (vlt_slice_is(path, one->paths[i])) {
            return true;
        }
    }
    return false;
}

const struct adapter *
adapter_by_path(struct vlt_slice path)
{
    for (const struct adapter *one = adapters; one->name != NULL; one++) {
        if (serves(one, path)) {
            return one;
        }
    }
    return NULL;
}

enum vlt_status
adapter_precision(struct vlt_slice word, int64_t *out)
{
    for (size_t i = 0; i < sizeof precisions / sizeof precisions[0]; i++) {
        if (vlt_slice_is(word, precisions[i].word)) {
            *out = precisions[i].ns;
            return VLT_OK;
        }
    }
    return VLT_E_FORMAT;
}
