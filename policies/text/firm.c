#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "text/policy_text.h"

const char *
policy_firm_print(const uint8_t id[POLICY_FIRM_LEN], char out[POLICY_FIRM_TEXT])
{
    memcpy(out, "vf1:", 4);
    vlt_base32_print(id, POLICY_FIRM_LEN, out + 4);
    return out;
}

enum vlt_status
policy_firm_parse(struct vlt_slice text, uint8_t id[POLICY_FIRM_LEN])
{
    uint8_t found[POLICY_FIRM_LEN];

    if (text.len != POLICY_FIRM_TEXT - 1 || memcmp(text.at, "vf1:", 4) != 0 ||
        vlt_base32_parse(vlt_slice_of(text.at + 4, text.len - 4), found,
                         sizeof found) != VLT_OK) {
        return VLT_E_FORMAT;
    }
    memcpy(id, found, sizeof found);
    return VLT_OK;
}
