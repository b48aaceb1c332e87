#include "wire/deletion.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* What is read is within its bounds; what is not says why. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_json *document = NULL;
    struct vlt_deletion what;
    char at[VLT_WALK_AT];
    char says[VLT_WALK_SAYS] = "";

    if (vlt_deletion_read(vlt_slice_of(bytes, len), &document, &what, at,
                          says) != VLT_OK) {
        if (says[0] == '\0') {
            abort();
        }
        return 0;
    }
    if (what.from < 1 || what.to < what.from ||
        what.recipient_count > VLT_DELETION_RECIPIENTS ||
        what.exception_count > VLT_DELETION_EXCEPTIONS) {
        abort();
    }
    for (size_t i = 0; i < what.exception_count; i++) {
        if (what.exceptions[i].from < what.from ||
            what.exceptions[i].to > what.to ||
            what.exceptions[i].law.len > VLT_DELETION_LAW_LEN) {
            abort();
        }
    }
    vlt_json_free(document);
    return 0;
}
