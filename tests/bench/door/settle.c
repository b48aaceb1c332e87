/*
 * bench_settle SOCKET ADDRESS FOLDER COUNT GRANTED: COUNT firms that the owner
 * at SOCKET has invited and confirmed, of which the first GRANTED have a grant
 * to read every device.state, and the first few one for every device.usage as
 * it comes.  What they got goes into FOLDER/house.
 */
#include <stdio.h>
#include <string.h>

#include "../bench.h"
#include "base/time.h"
#include "crypto/random.h"
#include "firm.h"
#include "rpc.h"
#include "wire/request.h"

enum {
    ARGS = 6,
    LIVE = 8, /* firms that may hear what comes */
    PARAMS = 256,
};

#define TERMS_FRONT                                                            \
    "{\"controller\":{\"name\":\"Bright Grid Ltd\",\"contact\":"               \
    "\"mailto:p@bg.example\",\"address\":\"1 High Street, Leeds\","            \
    "\"country\":\"GB\"},\"notice\":{\"uri\":\"https://bg.example/privacy\","  \
    "\"sha256\":\"abababababababababababababababababababababababababababab"    \
    "abababab\",\"lang\":\"en\"},\"authority\":\"The commissioner\","          \
    "\"rights\":\"mailto:p@bg.example\",\"purposes\":[{\"id\":"                \
    "\"service.repair\",\"text\":\"We look what is slow.\",\"lang\":\"en\","   \
    "\"basis\":\"consent\",\"if_denied\":\"A technician comes to you.\"}],"    \
    "\"rate\":null,\"uses\":null,\"life_s\":86400,\"keep_s\":86400,"           \
    "\"onward\":[],\"where\":[\"GB\"],\"profiling\":\"none\",\"automated\":"   \
    "false,\"training\":false,\"gatekeeper\":false,"

static const char read_terms[] =
    TERMS_FRONT "\"action\":\"read\",\"items\":[{\"n\":1,\"data\":"
                "\"device.state\",\"stats\":\"raw\",\"window_s\":315360000,"
                "\"delay_s\":0}]}";
static const char live_terms[] =
    TERMS_FRONT "\"action\":\"live\",\"items\":[{\"n\":1,\"data\":"
                "\"device.usage\",\"stats\":\"raw\",\"window_s\":315360000,"
                "\"delay_s\":0,\"every_s\":1}]}";

/* The JWS of a request, for the key that the vault told this firm. */
static void
sign(size_t i, struct vlt_slice aud, const char *terms, struct vlt_buf *out)
{
    struct vlt_request_fill fill = { .iat = bench_utc() / VLT_SECOND };
    struct vlt_signer *signer = firm_signer(i);
    struct terms_fault fault;

    vlt_ulid_new(bench_utc(), fill.jti);
    vlt_identity_of(VLT_IDENTITY_FIRM, vlt_signer_pk(signer), fill.iss);
    if (vlt_identity_parse(VLT_IDENTITY_RECEIPT, aud, fill.aud) != VLT_OK ||
        vlt_request_sign(vlt_slice_text(terms), &fill, signer, out, &fault) !=
            VLT_OK) {
        bench_die("a request cannot be signed", 0);
    }
    vlt_signer_free(signer);
}

struct settling {
    struct house house;
    struct line owner;
};

/* Ask for a grant and give it; its id goes to out. */
static void
give(struct settling *settling, struct line *firm, size_t i, const char *terms,
     char out[VLT_ULID_TEXT])
{
    struct vlt_slice info = rpc_call(firm, "session.info", false, "");
    size_t receipt = line_behind(info, "\"receipt\":{");
    struct vlt_buf text = { 0 };
    char params[PARAMS];

    if (receipt == 0) {
        bench_die("no receipt key was told", 0);
    }
    vlt_buf_put_text(&text, "\"request\":\"");
    sign(i, rpc_text(vlt_slice_of(info.at + receipt, info.len - receipt), "id"),
         terms, &text);
    vlt_buf_put_text(&text, "\"");
    struct vlt_slice id =
        rpc_text(rpc_call(firm, "request.submit", false, vlt_buf_text(&text)),
                 "request");

    vlt_buf_free(&text);
    (void)snprintf(params, sizeof params, "\"request\":\"%.*s\"", (int)id.len,
                   (const char *)id.at);
    struct vlt_slice grant = rpc_text(
        rpc_call(&settling->owner, "request.approve", true, params), "grant");

    if (grant.len != VLT_ULID_TEXT - 1) {
        bench_die("no grant was given", 0);
    }
    memcpy(out, grant.at, grant.len);
    out[grant.len] = '\0';
}

static void
settle(struct settling *settling, size_t i, bool granted)
{
    char params[PARAMS];

    (void)snprintf(params, sizeof params, "\"name\":\"firm%zu\"", i);
    firm_enrol(&settling->house, i,
               rpc_text(rpc_call(&settling->owner, "firm.invite", true, params),
                        "url"));
    (void)snprintf(params, sizeof params, "\"firm\":\"firm%zu\"", i);
    (void)rpc_call(&settling->owner, "firm.confirm", true, params);
    if (!granted) {
        return;
    }
    struct firm_grants *grants = &settling->house.grants[i];
    struct line line;

    firm_connect(&settling->house, i, &line);
    give(settling, &line, i, read_terms, grants->read);
    grants->live[0] = '-'; /* none */
    if (i < LIVE) {
        give(settling, &line, i, live_terms, grants->live);
    }
    line_close(&line);
    settling->house.granted++;
}

int
main(int argc, char **argv)
{
    static struct settling settling;

    if (argc != ARGS || vlt_secret_init() != VLT_OK ||
        vlt_address_parse(vlt_slice_text(argv[2]), &settling.house.vault) !=
            VLT_OK) {
        bench_die("usage: bench_settle SOCKET ADDRESS FOLDER COUNT GRANTED", 0);
    }
    int64_t count = bench_number(argv, 4, 1, FIRM_MAX);
    int64_t granted = bench_number(argv, 5, 0, FIRM_GRANTED_MAX);

    settling.house.place =
        (struct line_place){ .context = line_context(),
                             .port = settling.house.vault.port };
    line_unix(&settling.owner, argv[1]);
    for (int64_t i = 0; i < count; i++) {
        settle(&settling, (size_t)i, i < granted);
    }
    house_write(&settling.house, argv[3]);
    line_close(&settling.owner);
    house_close(&settling.house);
    return 0;
}
