/*
 * lint: what makes a request malformed, before any rule is read.
 *
 * Members are those of WIRE.md, 8.2.  The same lint runs in the SDK's builder
 * and in the daemon; a firm sees the faults of its request before the owner
 * sees the request.  What only bytes can show (unknown members, members twice)
 * is the parser's business, which asks terms_lint_member() for the words.
 *
 * Pure.  Threads: any.
 */
#ifndef POLICIES_LINT_H
#define POLICIES_LINT_H

#include "terms/terms.h"

enum {
    TERMS_FAULT_AT = 64,
    TERMS_FAULT_SAYS = 256,
};

struct terms_fault {
    char code[4];                /* "R10"; "" where no lint rule is named */
    char at[TERMS_FAULT_AT];     /* "items[0].bucket_s" */
    char says[TERMS_FAULT_SAYS]; /* "900 s is finer than …" */
};

/*
 * Check schema ranges, texts, groups, floors and the lint rules of kind
 * *refuse*.  Members are looked at in the order of WIRE.md, 8.2; the first
 * fault is the answer.
 * VLT_E_FORMAT: *out says where and why; else it is untouched.
 */
VLT_MUST_USE enum vlt_status terms_lint(const struct terms_request *request,
                                        struct terms_fault *out);

/*
 * Words for a member that no request has.  True: the name would preselect,
 * presume consent (R1) or renew by itself (R5), and *out says so.  False: it
 * is merely unknown; *out says that, without a code.
 */
bool terms_lint_member(struct vlt_slice name, struct terms_fault *out);

/*
 * R5: may a request that replaces a grant come now?  Earlier than 14 days
 * before the grant's end it must ask no more than the grant, part for part.
 * part is the request's part of the grant's purpose; NULL: it has none.
 * VLT_E_FORMAT: *out says why not.
 */
VLT_MUST_USE enum vlt_status terms_lint_replaces(const struct terms *part,
                                                 const struct terms *held,
                                                 int64_t now, int64_t end,
                                                 struct terms_fault *out);

/* Remarks of kind *show* (R11, R14), each to fn with code, place and words. */
typedef void terms_remark_fn(void *ctx, const struct terms_fault *remark);

void terms_remarks(const struct terms_request *request, terms_remark_fn *fn,
                   void *ctx);

#endif
