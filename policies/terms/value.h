/*
 * value: the values of the policy language, as text and back.
 *
 * One reading for policy files, command lines and defaults (LANGUAGE.md, 2).
 * What a parse function cannot take it refuses with VLT_E_FORMAT (not of this
 * form) or VLT_E_LIMIT (of this form, out of range); *out is then untouched.
 *
 * Pure.  Threads: any.
 */
#ifndef POLICIES_VALUE_H
#define POLICIES_VALUE_H

#include "base/buf.h"
#include "terms/terms.h"

/* "90d": whole seconds, 0 or more. */
VLT_MUST_USE enum vlt_status terms_parse_duration(struct vlt_slice text,
                                                  int64_t *out);

/* Seconds with the largest of d, h, min and s that leaves no rest: "90d". */
void terms_put_duration(struct vlt_buf *out, int64_t seconds);

/* Why a detail is none. */
enum terms_detail_fault {
    TERMS_DETAIL_FORM, /* no slash, and not raw */
    TERMS_DETAIL_STAT,
    TERMS_DETAIL_TWICE, /* a statistic twice, or `any` beside others */
    TERMS_DETAIL_BUCKET,
};

/* "raw", "any/1h", "min+max/1d".  bucket_s is 0 for raw.
 * VLT_E_FORMAT: *why says what is wrong, *part is the words that are. */
VLT_MUST_USE enum vlt_status
terms_parse_detail(struct vlt_slice text, unsigned *stats, int64_t *bucket_s,
                   enum terms_detail_fault *why, struct vlt_slice *part);
void terms_put_detail(struct vlt_buf *out, unsigned stats, int64_t bucket_s);

/* "0.5", "1km": more than 0, at most 9 digits after the point, at most
 * 9,000,000,000 of the unit (or metres). */
VLT_MUST_USE enum vlt_status terms_parse_step(struct vlt_slice text,
                                              struct terms_step *out);
void terms_put_step(struct vlt_buf *out, struct terms_step step);

/* "4/day"; "none" is n 0. */
VLT_MUST_USE enum vlt_status terms_parse_rate(struct vlt_slice text,
                                              struct terms_rate *out);
void terms_put_rate(struct vlt_buf *out, struct terms_rate rate);

/* "2027-06-30" (00:00 UTC), or RFC 3339 with an offset: nanoseconds. */
VLT_MUST_USE enum vlt_status terms_parse_date(struct vlt_slice text,
                                              int64_t *out);
void terms_put_date(struct vlt_buf *out, int64_t ns);

/* The bucket before and behind a duration that is none; 0: there is none. */
void terms_buckets_near(int64_t seconds, int64_t *below, int64_t *above);

/* The value of an atom or a cap on one axis, as a policy file writes it:
 * "mean/15min", "no", "none".  For failed caps: asked and allowed.  Names of
 * recipients are claims, as terms_put_claim() puts them. */
void terms_put_axis(struct vlt_buf *out, enum terms_axis axis,
                    const struct terms_limits *limits);

/* The same with names as they are, for what the firm reads itself. */
void terms_put_axis_bare(struct vlt_buf *out, enum terms_axis axis,
                         const struct terms_limits *limits);

#endif
