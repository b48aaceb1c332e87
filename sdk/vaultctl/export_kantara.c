/*
 * export_kantara: a receipt as one of Kantara's Consent Receipt Specification
 * 1.1.
 *
 * That has no words for detail, rate, uses, the policy and the log; the export
 * names what is lost (`vault_lost`) and has the whole in the signed receipt.
 */
#include <inttypes.h>
#include <string.h>

#include "base/time.h"
#include "vaultctl/export.h"
#include "vocab/vocab.h"

/* What the form cannot say. */
static const char *const lost[] = {
    "event",    "items",       "rate",    "uses",   "profiling", "automated",
    "training", "obligations", "refused", "policy", "log",
};

/* Is the contact one of this kind?  Then what stands behind it. */
static struct vlt_slice
contact_behind(struct vlt_slice contact, const char *scheme)
{
    size_t len = strlen(scheme);

    if (contact.len > len && memcmp(contact.at, scheme, len) == 0) {
        return vlt_slice_of(contact.at + len, contact.len - len);
    }
    return vlt_slice_text("");
}

static void
put_controllers(struct vlt_json_out *json, const struct export *export)
{
    struct vlt_slice contact = export_text(export, "controller.contact");
    bool behalf =
        vlt_json_kind(export_claim(export, "on_behalf_of")) == VLT_JSON_OBJECT;

    vlt_put_list(json, "piiControllers");
    vlt_put_object(json, NULL);
    vlt_put_slice(json, "piiController",
                  export_text(export, "controller.name"));
    vlt_put_bool(json, "onBehalf", behalf);
    vlt_put_slice(json, "contact", contact);
    vlt_put_object(json, "address");
    vlt_put_slice(json, "streetAddress",
                  export_text(export, "controller.address"));
    vlt_put_slice(json, "addressCountry",
                  export_text(export, "controller.country"));
    vlt_put_end(json);
    vlt_put_slice(json, "email", contact_behind(contact, "mailto:"));
    vlt_put_text(json, "phone", ""); /* a request names none */
    vlt_put_end(json);
    if (behalf) {
        vlt_put_object(json, NULL);
        vlt_put_slice(json, "piiController",
                      export_text(export, "on_behalf_of.name"));
        vlt_put_bool(json, "onBehalf", false);
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

/* The categories of the items; special ones alone, or all. */
static void
put_categories(struct vlt_json_out *json, const struct export *export,
               const char *name, bool special)
{
    const struct vlt_json *items = export_claim(export, "items");

    vlt_put_list(json, name);
    for (size_t i = 0; i < vlt_json_count(items); i++) {
        const struct vlt_json *item = vlt_json_item(items, i);

        if (!special || vlt_json_bool_of(vlt_json_get(item, "special"))) {
            vlt_put_slice(json, NULL,
                          vlt_json_text_of(vlt_json_get(item, "data")));
        }
    }
    vlt_put_end(json);
}

static bool
any_special(const struct export *export)
{
    const struct vlt_json *items = export_claim(export, "items");

    for (size_t i = 0; i < vlt_json_count(items); i++) {
        if (vlt_json_bool_of(
                vlt_json_get(vlt_json_item(items, i), "special"))) {
            return true;
        }
    }
    return false;
}

/* When it ends, how long what was given is kept and where, and how to end it
 * sooner; as text, since the form has one field for all of it. */
static void
put_termination(struct vlt_json_out *json, const struct export *export)
{
    const struct vlt_json *where = export_claim(export, "where");
    struct vlt_buf text;
    char time[VLT_TIME_TEXT];

    vlt_buf_init(&text, 0);
    vlt_time_print(export_int(export, "exp") * VLT_SECOND, time);
    vlt_buf_printf(
        &text, "Ends at %s. What was given is kept for %" PRId64 " seconds, in",
        time, export_int(export, "keep_s"));
    for (size_t i = 0; i < vlt_json_count(where); i++) {
        vlt_buf_put_text(&text, i > 0 ? ", " : " ");
        vlt_buf_put_slice(&text, vlt_json_text_of(vlt_json_item(where, i)));
    }
    vlt_buf_put_text(&text, ". ");
    vlt_buf_put_slice(&text, export_text(export, "withdraw"));
    vlt_buf_put_text(&text, " Rights: ");
    vlt_buf_put_slice(&text, export_text(export, "rights"));
    vlt_buf_put_text(&text, ". Authority: ");
    vlt_buf_put_slice(&text, export_text(export, "authority"));
    vlt_buf_put_text(&text, ".");
    vlt_put_slice(json, "termination", vlt_buf_slice(&text));
    vlt_buf_free(&text);
}

static void
put_third_parties(struct vlt_json_out *json, const struct export *export)
{
    const struct vlt_json *onward = export_claim(export, "onward");
    struct vlt_buf names;

    vlt_put_bool(json, "thirdPartyDisclosure", vlt_json_count(onward) > 0);
    vlt_buf_init(&names, 0);
    for (size_t i = 0; i < vlt_json_count(onward); i++) {
        vlt_buf_put_text(&names, i > 0 ? "; " : "");
        vlt_buf_put_slice(&names, vlt_json_text_of(vlt_json_get(
                                      vlt_json_item(onward, i), "name")));
    }
    vlt_put_slice(json, "thirdPartyName", vlt_buf_slice(&names));
    vlt_buf_free(&names);
}

static void
put_service(struct vlt_json_out *json, const struct export *export)
{
    struct vlt_slice id = export_text(export, "purpose");
    const struct vocab_node *node =
        vocab_purpose(vocab_purpose_find((const char *)id.at, id.len));

    vlt_put_list(json, "services");
    vlt_put_object(json, NULL);
    vlt_put_text(json, "service", node != NULL ? node->words : "");
    vlt_put_list(json, "purposes");
    vlt_put_object(json, NULL);
    vlt_put_slice(json, "purpose", export_text(export, "purpose_text"));
    vlt_put_list(json, "purposeCategory");
    vlt_put_slice(json, NULL, id);
    vlt_put_end(json);
    vlt_put_text(json, "consentType", "EXPLICIT");
    put_categories(json, export, "piiCategory", false);
    vlt_put_bool(json, "primaryPurpose", true);
    put_termination(json, export);
    put_third_parties(json, export);
    vlt_put_end(json);
    vlt_put_end(json);
    vlt_put_end(json);
    vlt_put_end(json);
}

void
export_kantara(const struct export *export, struct vlt_buf *out)
{
    struct vlt_json_out json = vlt_json_out(out);

    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "version", "KI-CR-v1.1.0");
    vlt_put_slice(&json, "jurisdiction", export_text(export, "jurisdiction"));
    vlt_put_int(&json, "consentTimestamp", export_int(export, "iat"));
    vlt_put_text(&json, "collectionMethod",
                 "vault.v1, data given by the person's vault");
    vlt_put_slice(&json, "consentReceiptID", export_text(export, "jti"));
    vlt_put_slice(&json, "language", export_text(export, "lang"));
    vlt_put_slice(&json, "piiPrincipalId", export_text(export, "sub"));
    put_controllers(&json, export);
    vlt_put_slice(&json, "policyUrl", export_text(export, "notice.uri"));
    put_service(&json, export);
    vlt_put_bool(&json, "sensitive", any_special(export));
    put_categories(&json, export, "spiCat", true);
    vlt_put_list(&json, "vault_lost");
    for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++) {
        vlt_put_text(&json, NULL, lost[i]);
    }
    vlt_put_end(&json);
    export_put_jws(export, &json, "vault_receipt");
    vlt_put_end(&json);
}
