/*
 * terms_internal: the parts of terms as JSON, which requests and receipts
 * share (WIRE.md, 8.2 and 8.3).
 *
 * Readers take from a walker, which keeps the first fault; what they return
 * after a fault is of no use.  Ranges that the lint of terms checks are left
 * to it.
 */
#ifndef VLT_TERMS_INTERNAL_H
#define VLT_TERMS_INTERNAL_H

#include "terms/terms.h"
#include "json/json.h"
#include "json/json_write.h"

enum {
    /* Bytes of one text; the lint counts characters, and fewer. */
    VLT_TERMS_TEXT = 2048,
};

/* A member that must be there but may be null.  NULL: it is null, or a fault
 * was met. */
const struct vlt_json *vlt_read_nullable(struct vlt_walk *walk,
                                         const char *name);

/* End the walk of a part; its fault is kept by the outermost walker, which the
 * caller asks. */
void vlt_read_end(struct vlt_walk *part);

/* Text that must be there. */
struct vlt_slice vlt_read_text(struct vlt_walk *walk, const char *name);

/* An ISO 3166-1 code that must be there; VOCAB_NONE after a fault. */
int vlt_read_country(struct vlt_walk *walk, const char *name);

/* 64 lower-case hex digits. */
void vlt_read_sha256(struct vlt_walk *walk, const char *name,
                     uint8_t out[TERMS_SHA256]);

/* One word of the vocabulary. */
int64_t vlt_read_value(struct vlt_walk *walk, const char *name,
                       enum vocab_kind kind);

/* A list of min to max distinct words, or'ed. */
int64_t vlt_read_bits(struct vlt_walk *walk, const char *name,
                      enum vocab_kind kind, size_t min, size_t max);

/* The same of a list node that was asked for already. */
int64_t vlt_read_bits_of(struct vlt_walk *walk, const char *name,
                         const struct vlt_json *list, enum vocab_kind kind);

/* A purpose, a category: any node; groups are the lint's business. */
int vlt_read_purpose(struct vlt_walk *walk, const char *name);
int vlt_read_category(struct vlt_walk *walk, const char *name);

/* stats and bucket_s, round, window_s, delay_s, every_s of one item.  In a
 * receipt all are there (null where they say nothing); in a request what says
 * nothing is left out, so `full` is false there. */
void vlt_read_detail(struct vlt_walk *walk, bool full, struct terms_item *item);

/* action, rate, uses, keep_s, onward, where, profiling, automated, training,
 * gatekeeper.  Channels and life are the caller's. */
void vlt_read_common(struct vlt_walk *walk, struct terms_common *out);

/* A list of words, one word, a country code. */
void vlt_put_words(struct vlt_json_out *json, const char *name,
                   enum vocab_kind kind, int64_t bits);
void vlt_put_word(struct vlt_json_out *json, const char *name,
                  enum vocab_kind kind, int64_t value);
void vlt_put_country(struct vlt_json_out *json, const char *name, int country);

/* The mirror of vlt_read_detail(). */
void vlt_put_detail(struct vlt_json_out *json, bool full,
                    const struct terms_item *item);

/* rate and uses; onward to gatekeeper: in the order of the examples. */
void vlt_put_rate_uses(struct vlt_json_out *json,
                       const struct terms_common *common);
void vlt_put_promises(struct vlt_json_out *json,
                      const struct terms_common *common);

#endif
