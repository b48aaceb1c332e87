/*
 * requests: the request of WIRE.md, 8.2, for tests of several rooms.
 */
#ifndef TESTS_REQUESTS_H
#define TESTS_REQUESTS_H

#include "terms/terms.h"

/* BrightGrid wants quarter-hour means for the bill; nothing is wrong. */
static inline struct terms_request
brightgrid_request(void)
{
    struct terms_request r;

    terms_request_init(&r);
    r.v = 1;
    r.iss = vlt_slice_text("vf1:a");
    r.aud = vlt_slice_text("vr1:b");
    r.controller_name = vlt_slice_text("BrightGrid Ltd");
    r.controller_contact = vlt_slice_text("mailto:privacy@brightgrid.example");
    r.controller_address = vlt_slice_text("1 Mill Lane, Leeds LS1 1AA");
    r.controller_country = vocab_country_find("GB", 2);
    r.notice_uri = vlt_slice_text("https://brightgrid.example/privacy");
    r.notice_lang = vlt_slice_text("en");
    r.authority = vlt_slice_text("Information Commissioner's Office");
    r.rights = vlt_slice_text("mailto:privacy@brightgrid.example");
    r.purpose_count = 1;
    r.purposes[0] = (struct terms_purpose){
        .id = vocab_purpose_find("service.billing", 15),
        .basis = VOCAB_BY_CONSENT,
        .text = vlt_slice_text("We work out your electricity bill from your "
                               "quarter-hour use."),
        .lang = vlt_slice_text("en"),
        .if_denied = vlt_slice_text("You get an estimated bill."),
    };
    r.item_count = 1;
    r.items[0] = (struct terms_item){
        .n = 1,
        .data = vocab_category_find("energy.electricity", 18),
        .stats = 1,
        .bucket_s = 900,
        .window_s = 7776000,
        .delay_s = 86400,
    };
    r.common = (struct terms_common){
        .action = VOCAB_READ,
        .rate = { 4, 86400 },
        .uses = TERMS_UNLIMITED,
        .life_s = 15552000,
        .keep_s = 2592000,
        .where_count = 1,
        .where = { vocab_country_find("GB", 2) },
    };
    return r;
}

#endif
