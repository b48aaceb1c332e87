/*
 * Enrolment: an invitation is spent, and the vault is remembered.
 */
#include "fake_log.h"
#include "firm_scene.h"

static uint8_t receipt_seed[VLT_SIGN_SEED];

/* A vault that tells its receipt key and, as every vault, a head. */
static bool
answer(struct fake *fake, const struct vlt_rpc *rpc)
{
    struct vlt_signer *signer = door_signer(receipt_seed);
    struct fake_log log = { .signer = signer };
    struct vlt_buf head = { 0 };
    struct vlt_buf text = { 0 };

    if (!vlt_slice_is(rpc->method, "session.info")) {
        _exit(1);
    }
    fake_log_head(&log, 1, &head);
    fake_log_info(vlt_signer_pk(signer), &head, &text);
    fake_result(fake, rpc->id.number, vlt_buf_text(&text));
    vlt_buf_free(&head);
    vlt_buf_free(&text);
    vlt_signer_free(signer);
    return true;
}

/* An invitation that the door knows, as text. */
static void
invite(struct firm_scene *scene, char out[VLT_INVITE_TEXT])
{
    struct vlt_secret *token = NULL;
    struct vlt_address at;

    assert_int_equal(
        vlt_secret_copy(vlt_slice_of(scene->plan.invite, DOOR_INVITE), &token),
        VLT_OK);
    assert_int_equal(vlt_address_parse(vlt_slice_text(scene->address), &at),
                     VLT_OK);
    vlt_invite_print(&at, token, out);
    vlt_secret_free(token);
}

static struct firm_scene *
begin(enum door_fault fault, char url[VLT_INVITE_TEXT])
{
    struct firm_scene *scene = firm_scene_begin();

    vlt_random(receipt_seed, sizeof receipt_seed);
    vlt_random(scene->plan.invite, sizeof scene->plan.invite);
    scene->plan.invited = true;
    firm_scene_open(scene, fault, answer);
    invite(scene, url);
    assert_int_equal(vault_client_new(NULL, &scene->client), VAULT_OK);
    return scene;
}

static void
end(struct firm_scene *scene)
{
    firm_scene_close(scene);
    firm_scene_end(scene);
}

static void
an_enrolled_firm_waits_and_remembers_the_vault(void **state)
{
    char url[VLT_INVITE_TEXT];
    struct firm_scene *scene = begin(DOOR_WAITS, url);
    struct vlt_record record;
    int waiting = 0;

    assert_int_equal(vault_enrol_wait(scene->client, scene->identity, url,
                                      WAIT_MS, &waiting),
                     VAULT_OK);
    assert_int_equal(waiting, 1);
    assert_string_equal(vault_identity_vault(scene->identity, NULL),
                        scene->address);
    assert_int_equal(vlt_record_find(scene->folder, scene->vault, &record),
                     VLT_OK);
    assert_memory_equal(record.firm, scene->identity->id, VLT_IDENTITY_LEN);
    assert_false(record.has_key);
    assert_string_equal(record.checkpoint, "");
    end(scene);
}

static void
a_firm_that_is_let_in_at_once_pins_the_receipt_key(void **state)
{
    char url[VLT_INVITE_TEXT];
    struct firm_scene *scene = begin(DOOR_GOOD, url);
    struct vlt_record record;
    int waiting = 1;

    assert_int_equal(vault_enrol_wait(scene->client, scene->identity, url,
                                      WAIT_MS, &waiting),
                     VAULT_OK);
    assert_int_equal(waiting, 0);
    assert_int_equal(vlt_record_find(scene->folder, scene->vault, &record),
                     VLT_OK);
    struct vlt_signer *signer = door_signer(receipt_seed);

    assert_true(record.has_key);
    assert_memory_equal(record.key, vlt_signer_pk(signer), VLT_SIGN_PK);
    vlt_signer_free(signer);
    end(scene);
}

static const struct {
    const char *says;
    enum door_fault fault;
    enum vault_status status;
} refusals[] = {
    { "a spent invitation", DOOR_REFUSES, VAULT_E_AUTH },
    { "another vault", DOOR_OTHER_KEY, VAULT_E_IDENTITY },
    { "somebody between", DOOR_FORGES, VAULT_E_IDENTITY },
    { "a head that is not signed", DOOR_MISHEADS, VAULT_E_AUTH },
};

static void
a_firm_that_is_refused_remembers_nothing(void **state)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        char url[VLT_INVITE_TEXT];
        struct firm_scene *scene = begin(refusals[i].fault, url);
        int waiting = 7;

        print_message("%s\n", refusals[i].says);
        assert_int_equal(vault_enrol_wait(scene->client, scene->identity, url,
                                          WAIT_MS, &waiting),
                         refusals[i].status);
        assert_int_equal(waiting, 7);
        assert_int_equal(vlt_identity_refresh(scene->identity), VLT_OK);
        assert_null(vault_identity_vault(scene->identity, NULL));
        end(scene);
    }
}

static const char *const no_invitations[] = {
    "",
    "vault://",
    "vd1:abc@127.0.0.1:7",
    "https://127.0.0.1:7/",
};

static void
what_is_no_invitation_is_not_tried(void **state)
{
    char url[VLT_INVITE_TEXT];
    struct firm_scene *scene = begin(DOOR_WAITS, url);
    int waiting = 7;

    for (size_t i = 0; i < sizeof no_invitations / sizeof *no_invitations;
         i++) {
        assert_int_equal(vault_enrol_wait(scene->client, scene->identity,
                                          no_invitations[i], WAIT_MS, &waiting),
                         VAULT_E_USAGE);
    }
    /* Cut at every length, too. */
    for (size_t len = strlen(url) - 1; len > 0; len--) {
        url[len] = '\0';
        assert_int_equal(vault_enrol_wait(scene->client, scene->identity, url,
                                          WAIT_MS, &waiting),
                         VAULT_E_USAGE);
    }
    assert_int_equal(vault_client_state(scene->client), VAULT_IDLE);
    end(scene);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_enrolled_firm_waits_and_remembers_the_vault),
        cmocka_unit_test(a_firm_that_is_let_in_at_once_pins_the_receipt_key),
        cmocka_unit_test(a_firm_that_is_refused_remembers_nothing),
        cmocka_unit_test(what_is_no_invitation_is_not_tried),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
