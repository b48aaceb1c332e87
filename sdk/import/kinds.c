#include "import/kinds.h"

#include "import/csv.h"
#include "import/ndjson.h"

const struct kind kinds[] = {
    {
        .name = "ndjson",
        .looks = ndjson_looks,
        .begin = ndjson_begin,
        .feed = ndjson_feed,
        .end = ndjson_end,
        .free = ndjson_free,
    },
    {
        .name = "csv",
        .looks = csv_looks,
        .begin = csv_begin,
        .feed = csv_feed,
        .end = csv_end,
        .free = csv_free,
    },
    { .name = NULL },
};
