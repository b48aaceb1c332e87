/*
 * Answering: a firm accepts what its vault offers it, and nothing else.
 */
#include "fake_log.h"
#include "firm_scene.h"
#include "wire/offer.h"

enum { TOKEN = 40000 };

static const char request[] = "01M80XBAVGRFVVVX9QRHKJ8E9C";

/* What the vault says that it offers. */
enum kind { GOOD, FORGED, BROKEN, FOREIGN, OTHER, NONE, KINDS };

static const struct {
    const char *says;
    enum vault_status status;
    const char *detail; /* a part of it */
} kinds[KINDS] = {
    [GOOD] = { "an offer to us", VAULT_OK, "" },
    [FORGED] = { "signed by another key", VAULT_E_AUTH, "does not hold" },
    [BROKEN] = { "changed after it was signed", VAULT_E_AUTH, "does not hold" },
    [FOREIGN] = { "to a foreign firm", VAULT_E_AUTH, "of another firm" },
    [OTHER] = { "of another request", VAULT_E_AUTH, "of another firm" },
    [NONE] = { "nothing", VAULT_E_CONFLICT, "nothing is offered" },
};

static enum kind kind;
static uint8_t receipt_seed[VLT_SIGN_SEED];
static uint8_t other_seed[VLT_SIGN_SEED];
static uint8_t firm_id[VLT_IDENTITY_LEN];
static uint8_t firm_pk[VLT_SIGN_PK];

/* ---- the vault's side ---- */

static void
make(struct vlt_buf *payload, struct vlt_buf *token)
{
    struct vlt_signer *signer =
        door_signer(kind == FORGED ? other_seed : receipt_seed);
    struct vlt_offer offer = { .iat = 1800000000, .exp = 1900000000 };

    memcpy(offer.aud, firm_id, sizeof offer.aud);
    offer.aud[0] ^= kind == FOREIGN;
    if (vlt_ulid_parse(vlt_slice_text(request), offer.request) != VLT_OK) {
        _exit(1);
    }
    offer.request[15] ^= kind == OTHER;
    offer.terms.purpose = vocab_purpose_find("service.billing", 15);
    offer.terms.basis = VOCAB_BY_CONSENT;
    offer.terms.common.action = VOCAB_CONTACT;
    offer.terms.common.channels = 1;
    offer.terms.common.uses = TERMS_UNLIMITED;
    offer.terms.common.life_s = 3600;
    offer.terms.common.where_count = 1;
    offer.terms.common.where[0] = vocab_country_find("GB", 2);
    vlt_offer_put(&offer, &offer.terms, payload);
    if (vlt_jws_sign(signer, VLT_TYP_OFFER, vlt_buf_slice(payload), token) !=
        VLT_OK) {
        _exit(1);
    }
    if (kind == BROKEN) {
        uint8_t *middle = &token->at[token->len / 2];

        *middle = *middle == 'A' ? 'B' : 'A';
    }
    vlt_signer_free(signer);
}

static void
answer_status(struct fake *fake, int64_t id)
{
    struct vlt_buf payload = { 0 };
    struct vlt_buf token = { 0 };
    char text[TOKEN];

    make(&payload, &token);
    snprintf(text, sizeof text,
             "{\"parts\":[{\"purpose\":\"service.support\"},"
             "{\"purpose\":\"service.billing\"%s%s%s}]}",
             kind == NONE ? "" : ",\"offer\":\"",
             kind == NONE ? "" : vlt_buf_text(&token),
             kind == NONE ? "" : "\"");
    fake_result(fake, id, text);
    vlt_buf_free(&payload);
    vlt_buf_free(&token);
}

/* Takes the firm's signature of exactly those bytes, and no other. */
static void
answer_answer(struct fake *fake, const struct vlt_rpc *rpc)
{
    struct vlt_slice token =
        vlt_json_text_of(vlt_json_get(rpc->params, "acceptance"));
    struct vlt_buf payload = { 0 };
    struct vlt_buf accepted = { 0 };
    struct vlt_buf ours = { 0 };

    make(&payload, &ours);
    if (vlt_json_bool_of(vlt_json_get(rpc->params, "accept")) &&
        (kind != GOOD ||
         vlt_jws_verify(token, VLT_OFFER_JWS, VLT_TYP_ACCEPT, firm_pk,
                        &accepted) != VLT_OK ||
         !vlt_slice_equal(vlt_buf_slice(&payload), vlt_buf_slice(&accepted)))) {
        _exit(1);
    }
    fake_result(fake, rpc->id.number, "{}");
    vlt_buf_free(&payload);
    vlt_buf_free(&accepted);
    vlt_buf_free(&ours);
}

static void
answer_info(struct fake *fake, int64_t id)
{
    struct vlt_signer *signer = door_signer(receipt_seed);
    struct fake_log log = { .signer = signer };
    struct vlt_buf head = { 0 };
    struct vlt_buf text = { 0 };

    fake_log_head(&log, 1, &head);
    fake_log_info(vlt_signer_pk(signer), &head, &text);
    fake_result(fake, id, vlt_buf_text(&text));
    vlt_buf_free(&head);
    vlt_buf_free(&text);
    vlt_signer_free(signer);
}

static bool
answer(struct fake *fake, const struct vlt_rpc *rpc)
{
    if (vlt_slice_is(rpc->method, "session.info")) {
        answer_info(fake, rpc->id.number);
    } else if (vlt_slice_is(rpc->method, "request.status")) {
        answer_status(fake, rpc->id.number);
    } else if (vlt_slice_is(rpc->method, "request.answer")) {
        answer_answer(fake, rpc);
    } else {
        fake_result(fake, rpc->id.number, "{}");
    }
    return true;
}

/* ---- the firm's side ---- */

static struct firm_scene *
begin(enum kind which)
{
    struct firm_scene *scene = firm_scene_begin();

    kind = which;
    vlt_random(receipt_seed, sizeof receipt_seed);
    vlt_random(other_seed, sizeof other_seed);
    memcpy(firm_id, scene->identity->id, sizeof firm_id);
    memcpy(firm_pk, vlt_signer_pk(scene->identity->signer), sizeof firm_pk);
    firm_scene_open(scene, DOOR_GOOD, answer);
    assert_int_equal(firm_scene_connect(scene), VAULT_OK);
    return scene;
}

static void
end(struct firm_scene *scene)
{
    firm_scene_close(scene);
    firm_scene_end(scene);
}

static void
only_what_is_offered_to_us_is_accepted(void **state)
{
    for (enum kind which = GOOD; which < KINDS; which++) {
        struct firm_scene *scene = begin(which);

        print_message("%s\n", kinds[which].says);
        assert_int_equal(vault_answer_wait(scene->client, request,
                                           "service.billing", 1, WAIT_MS, NULL),
                         kinds[which].status);
        assert_non_null(
            strstr(vault_client_detail(scene->client), kinds[which].detail));
        /* To leave it nothing is signed. */
        assert_int_equal(vault_answer_wait(scene->client, request,
                                           "service.billing", 0, WAIT_MS, NULL),
                         VAULT_OK);
        end(scene);
    }
}

static void
an_offer_for_another_purpose_is_not_taken_for_this_one(void **state)
{
    struct firm_scene *scene = begin(GOOD);

    assert_int_equal(vault_answer_wait(scene->client, request,
                                       "service.support", 1, WAIT_MS, NULL),
                     VAULT_E_CONFLICT);
    assert_int_equal(vault_answer_wait(scene->client, "x", "service.billing", 1,
                                       WAIT_MS, NULL),
                     VAULT_E_USAGE);
    end(scene);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_offered_to_us_is_accepted),
        cmocka_unit_test(
            an_offer_for_another_purpose_is_not_taken_for_this_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
