/*
 * export_dpv: a receipt as a record of ISO/IEC TS 27560 in the Data Privacy
 * Vocabulary 2, as JSON-LD.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "vaultctl/export.h"
#include "vocab/vocab.h"

static const char *const prefixes[][2] = {
    { "dpv", "https://w3id.org/dpv#" },
    { "dct", "http://purl.org/dc/terms/" },
    { "xsd", "http://www.w3.org/2001/XMLSchema#" },
    { "vault", "https://vaultd.invalid/terms#" },
};

/* What an event of the lifecycle is in DPV. */
static const struct {
    const char *event;
    const char *status;
} statuses[] = {
    { "given", "dpv:ConsentGiven" },
    { "refused", "dpv:ConsentRefused" },
    { "lapsed", "dpv:ConsentExpired" },
    { "renewed", "dpv:RenewedConsentGiven" },
    { "suspended", "dpv:ConsentGiven" }, /* with vault:paused */
    { "resumed", "dpv:ConsentGiven" },
    { "narrowed", "dpv:ConsentGiven" },
    { "admitted", "dpv:ConsentGiven" },
    { "withdrawn", "dpv:ConsentWithdrawn" },
    { "revoked", "dpv:ConsentRevoked" },
    { "ended", "dpv:ConsentRevoked" },
    { "invalidated", "dpv:ConsentInvalidated" },
    { "expired", "dpv:ConsentExpired" },
    { "exhausted", "dpv:ConsentExpired" },
    { "replaced", "dpv:ConsentExpired" },
};

/* ---- small things ---- */

static void
put_id(struct vlt_json_out *json, const char *name, const char *iri)
{
    vlt_put_object(json, name);
    vlt_put_text(json, "@id", iri);
    vlt_put_end(json);
}

static void
put_ids(struct vlt_json_out *json, const char *name,
        const struct vlt_json *iris)
{
    vlt_put_list(json, name);
    for (size_t i = 0; i < vlt_json_count(iris); i++) {
        vlt_put_object(json, NULL);
        vlt_put_slice(json, "@id", vlt_json_text_of(vlt_json_item(iris, i)));
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

static void
put_time(struct vlt_json_out *json, const char *name, int64_t seconds)
{
    vlt_put_object(json, name);
    vlt_put_text(json, "@type", "xsd:dateTime");
    vlt_put_time(json, "@value", seconds * VLT_SECOND);
    vlt_put_end(json);
}

/* A claim as it is, under a name of our own. */
static void
put_claim(struct vlt_json_out *json, const struct export *export,
          const char *name, const char *path)
{
    struct vlt_buf text;

    vlt_buf_init(&text, 0);
    vlt_json_print(export_claim(export, path), false, &text);
    vlt_put_raw(json, name, vlt_buf_slice(&text));
    vlt_buf_free(&text);
}

/* ---- who ---- */

static void
put_people(struct vlt_json_out *json, const struct export *export)
{
    vlt_put_object(json, "dpv:hasDataSubject");
    vlt_put_text(json, "@type", "dpv:DataSubject");
    vlt_put_slice(json, "dct:identifier", export_text(export, "sub"));
    vlt_put_end(json);
    vlt_put_object(json, "dpv:hasDataController");
    vlt_put_text(json, "@type", "dpv:DataController");
    vlt_put_slice(json, "dct:identifier", export_text(export, "aud"));
    vlt_put_slice(json, "dpv:hasName", export_text(export, "controller.name"));
    vlt_put_slice(json, "dpv:hasAddress",
                  export_text(export, "controller.address"));
    vlt_put_slice(json, "dpv:hasContact",
                  export_text(export, "controller.contact"));
    vlt_put_slice(json, "dpv:hasLocation",
                  export_text(export, "controller.country"));
    vlt_put_end(json);
    if (vlt_json_kind(export_claim(export, "on_behalf_of")) ==
        VLT_JSON_OBJECT) {
        put_claim(json, export, "vault:onBehalfOf", "on_behalf_of");
    }
    vlt_put_object(json, "dpv:hasNotice");
    vlt_put_text(json, "@type", "dpv:ConsentNotice");
    vlt_put_slice(json, "@id", export_text(export, "notice.uri"));
    vlt_put_slice(json, "dct:language", export_text(export, "notice.lang"));
    vlt_put_slice(json, "vault:sha256", export_text(export, "notice.sha256"));
    vlt_put_end(json);
}

/* Recipients that decide for themselves are third parties. */
static void
put_recipients(struct vlt_json_out *json, const struct export *export,
               const char *name, const char *role)
{
    const struct vlt_json *onward = export_claim(export, "onward");

    vlt_put_list(json, name);
    for (size_t i = 0; i < vlt_json_count(onward); i++) {
        const struct vlt_json *one = vlt_json_item(onward, i);

        if (!vlt_slice_is(vlt_json_text_of(vlt_json_get(one, "role")), role)) {
            continue;
        }
        vlt_put_object(json, NULL);
        vlt_put_slice(json, "dpv:hasName",
                      vlt_json_text_of(vlt_json_get(one, "name")));
        vlt_put_slice(json, "dpv:hasLocation",
                      vlt_json_text_of(vlt_json_get(one, "country")));
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

/* ---- what ---- */

static void
put_data(struct vlt_json_out *json, const struct vlt_json *item)
{
    bool special = vlt_json_bool_of(vlt_json_get(item, "special"));

    vlt_put_list(json, "dpv:hasPersonalData");
    vlt_put_object(json, NULL);
    vlt_put_list(json, "@type");
    vlt_put_text(json, NULL,
                 special ? "dpv:SpecialCategoryPersonalData"
                         : "dpv:PersonalData");
    vlt_put_end(json);
    put_ids(json, "dct:type", vlt_json_get(item, "data_iri"));
    vlt_put_slice(json, "vault:category",
                  vlt_json_text_of(vlt_json_get(item, "data")));
    vlt_put_end(json);
    vlt_put_end(json);
}

static void
put_process(struct vlt_json_out *json, const struct export *export,
            const struct vlt_json *item)
{
    vlt_put_object(json, NULL);
    vlt_put_text(json, "@type", "dpv:Process");
    vlt_put_object(json, "dpv:hasPurpose");
    put_ids(json, "dct:type", export_claim(export, "purpose_iri"));
    vlt_put_slice(json, "vault:purpose", export_text(export, "purpose"));
    vlt_put_slice(json, "dct:description", export_text(export, "purpose_text"));
    vlt_put_end(json);
    if (item != NULL) {
        put_data(json, item);
    }
    vlt_put_end(json);
}

static void
put_processes(struct vlt_json_out *json, const struct export *export)
{
    const struct vlt_json *items = export_claim(export, "items");

    vlt_put_list(json, "dpv:hasProcess");
    for (size_t i = 0; i < vlt_json_count(items); i++) {
        put_process(json, export, vlt_json_item(items, i));
    }
    if (vlt_json_count(items) == 0) {
        put_process(json, export, NULL); /* contact */
    }
    vlt_put_end(json);
}

/* A value's class; none is left out. */
static void
put_value(struct vlt_json_out *json, enum vocab_kind kind,
          struct vlt_slice word)
{
    const struct vocab_value *value =
        vocab_value_find(kind, (const char *)word.at, word.len);

    if (value != NULL && value->iri != NULL) {
        put_id(json, NULL, value->iri);
    }
}

static void
put_processing(struct vlt_json_out *json, const struct export *export)
{
    bool automated = export_flag(export, "automated");

    vlt_put_list(json, "dpv:hasProcessing");
    put_value(json, VOCAB_ACTION, export_text(export, "action"));
    put_id(json, NULL, "dpv:Store");
    if (vlt_json_count(export_claim(export, "onward")) > 0) {
        put_id(json, NULL, "dpv:Share");
    }
    put_value(json, VOCAB_PROFILING, export_text(export, "profiling"));
    if (automated) {
        put_id(json, NULL, "dpv:AutomatedDecisionMaking");
    }
    if (export_flag(export, "training")) {
        put_id(json, NULL, "https://w3id.org/dpv/ai#ModelTraining");
    }
    vlt_put_end(json);
    put_id(json, "dpv:hasAutomationLevel",
           automated ? "dpv:FullAutomation" : "dpv:NotAutomated");
}

static void
put_basis(struct vlt_json_out *json, const struct export *export)
{
    vlt_put_list(json, "dpv:hasLegalBasis");
    if (!export_says(export, "basis", "consent")) {
        put_value(json, VOCAB_BASIS, export_text(export, "basis"));
    } else if (export_flag(export, "explicit")) {
        put_id(json, NULL, "dpv:ExplicitlyExpressedConsent");
    } else {
        put_id(json, NULL, "dpv:ExpressedConsent");
    }
    vlt_put_end(json);
}

static void
put_storage(struct vlt_json_out *json, const struct export *export)
{
    char span[32];

    (void)snprintf(span, sizeof span, "PT%" PRId64 "S",
                   export_int(export, "keep_s"));
    vlt_put_object(json, "dpv:hasStorageCondition");
    vlt_put_text(json, "@type", "dpv:StorageCondition");
    vlt_put_object(json, "dpv:hasDuration");
    vlt_put_text(json, "@type", "xsd:duration");
    vlt_put_text(json, "@value", span);
    vlt_put_end(json);
    put_claim(json, export, "dpv:hasLocation", "where");
    vlt_put_end(json);
}

/* ---- how it stands ---- */

/* The owner's rule takes consent back; the owner's blocking revokes. */
static const char *
status_of(const struct export *export)
{
    if (export_says(export, "event", "revoked") &&
        export_says(export, "by", "vault")) {
        return "dpv:ConsentWithdrawn";
    }
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        if (export_says(export, "event", statuses[i].event)) {
            return statuses[i].status;
        }
    }
    return "dpv:ConsentUnknown";
}

static void
put_status(struct vlt_json_out *json, const struct export *export)
{
    vlt_put_object(json, "dpv:hasConsentStatus");
    vlt_put_text(json, "@type", status_of(export));
    put_time(json, "dpv:isIndicatedAtTime", export_int(export, "iat"));
    vlt_put_object(json, "dpv:hasDuration");
    vlt_put_text(json, "@type", "dpv:UntilTimeDuration");
    put_time(json, "dct:valid", export_int(export, "exp"));
    vlt_put_end(json);
    vlt_put_slice(json, "dpv:isIndicatedBy", export_text(export, "by"));
    vlt_put_slice(json, "vault:event", export_text(export, "event"));
    if (export_says(export, "event", "suspended")) {
        vlt_put_bool(json, "vault:paused", true);
    }
    vlt_put_end(json);
    vlt_put_object(json, "dpv:hasConsentControl");
    vlt_put_text(json, "@type", "dpv:WithdrawConsent");
    vlt_put_slice(json, "dct:description", export_text(export, "withdraw"));
    vlt_put_end(json);
    vlt_put_slice(json, "dpv:hasRight", export_text(export, "rights"));
    vlt_put_slice(json, "dpv:hasAuthority", export_text(export, "authority"));
}

static void
put_schemas(struct vlt_json_out *json, const struct export *export)
{
    struct vlt_slice where = export_text(export, "jurisdiction");
    int country = vocab_country_find((const char *)where.at, where.len);

    vlt_put_list(json, "dct:conformsTo");
    put_id(json, NULL, "https://w3id.org/dpv/schema/dpv-27560#receipt-record");
    if (country != VOCAB_NONE && vocab_country_eea(country)) {
        put_id(json, NULL,
               "https://w3id.org/dpv/schema/dpv-27560#receipt-eu-gdpr");
    }
    vlt_put_end(json);
}

static void
put_context(struct vlt_json_out *json)
{
    vlt_put_object(json, "@context");
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        vlt_put_text(json, prefixes[i][0], prefixes[i][1]);
    }
    vlt_put_end(json);
}

/* What DPV has no words for. */
static void
put_own(struct vlt_json_out *json, const struct export *export)
{
    static const char *const claims[] = {
        "action",  "channels",    "items",   "rate",        "uses",
        "refused", "obligations", "benefit", "gpc",         "gatekeeper",
        "request", "agreement",   "policy",  "log",         "seq",
        "prev",    "method",      "nbf",     "fresh_until",
    };
    char name[64];

    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        (void)snprintf(name, sizeof name, "vault:%s", claims[i]);
        put_claim(json, export, name, claims[i]);
    }
}

void
export_dpv(const struct export *export, struct vlt_buf *out)
{
    struct vlt_json_out json = vlt_json_out(out);

    vlt_put_object(&json, NULL);
    put_context(&json);
    vlt_put_text(&json, "@type", "dpv:ConsentReceipt");
    put_schemas(&json, export);
    vlt_put_slice(&json, "dpv:hasIdentifier", export_text(export, "jti"));
    vlt_put_object(&json, "dpv:hasRecordOfActivity");
    vlt_put_text(&json, "@type", "dpv:ConsentRecord");
    vlt_put_slice(&json, "dct:identifier", export_text(export, "grant"));
    vlt_put_end(&json);
    put_time(&json, "dct:created", export_int(export, "iat"));
    vlt_put_slice(&json, "dct:language", export_text(export, "lang"));
    vlt_put_slice(&json, "dpv:hasJurisdiction",
                  export_text(export, "jurisdiction"));
    put_people(&json, export);
    put_processes(&json, export);
    put_processing(&json, export);
    put_basis(&json, export);
    put_storage(&json, export);
    put_recipients(&json, export, "dpv:hasRecipient", "processor");
    put_recipients(&json, export, "dpv:hasThirdParty", "controller");
    put_status(&json, export);
    put_own(&json, export);
    export_put_jws(export, &json, "vault:receipt");
    vlt_put_end(&json);
}
