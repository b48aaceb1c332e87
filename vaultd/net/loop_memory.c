#include "loop_internal.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"

static void
wipe_free(void *at)
{
    if (at != NULL) {
        vlt_wipe(at, malloc_usable_size(at));
        free(at);
    }
}

void *
loop_realloc(void *at, size_t size, const char *reason)
{
    void *larger = NULL;

    (void)reason;
    if (size > 0) {
        larger = malloc(size);
        if (larger == NULL) {
            return NULL; /* at stays as it is */
        }
    }
    if (at != NULL && larger != NULL) {
        size_t had = malloc_usable_size(at);

        memcpy(larger, at, had < size ? had : size);
    }
    wipe_free(at);
    return larger;
}
