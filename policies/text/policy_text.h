/*
 * policy_text: policy files to rules and back (LANGUAGE.md).
 *
 * The language of this release is version 1 but for the keys that caps.tsv
 * marks as coming later: writing one of these is a fault, since what is not
 * enforced is never accepted.  A cap that is not written is enforced at its
 * default.
 *
 * Pure, but for memory.  Threads: any.
 */
#ifndef POLICIES_POLICY_TEXT_H
#define POLICIES_POLICY_TEXT_H

#include "base/buf.h"
#include "engine/policy.h"

enum {
    POLICY_TEXT_MAX = 1 << 18, /* bytes of a file: no message has more */
    POLICY_TEXT_FILES = 256,   /* files of a set */
    POLICY_TEXT_FAULTS = 50,   /* faults told of one file */
    POLICY_TEXT_SAYS = 512,
    POLICY_FIRM_TEXT = 4 + 52 + 1, /* vf1:… and the zero */
};

/* A file: its name for faults and explanations, and its bytes. */
struct policy_text_file {
    const char *name; /* at most POLICY_FILE bytes */
    struct vlt_slice text;
    bool answers; /* part `cli`: its rules, and only these, are cli-… */
};

/* How short names become firms.  Both functions may be NULL: then every name
 * is taken, and stands for an id made from the name (as for checking a file
 * without a vault). */
struct policy_text_firms {
    void *ctx;
    /* The id of a known firm; false: no firm has that name. */
    bool (*find)(void *ctx, struct vlt_slice name, uint8_t id[POLICY_FIRM_LEN]);
    /* Known name i, for suggestions; NULL behind the end.  Borrowed. */
    const char *(*name)(void *ctx, size_t i);
};

/* All that a set is made of. */
struct policy_text_input {
    const struct policy_text_file *files;
    size_t count; /* at most POLICY_TEXT_FILES */
    const struct policy_text_firms *firms;
    int home; /* configured country; VOCAB_NONE: none */
};

/* What is wrong with a file, and what would be right. */
struct policy_fault {
    const char *file;            /* borrowed from the caller's files */
    int line;                    /* from 1 */
    int column;                  /* from 1, in characters */
    char code[4];                /* "P06" */
    char says[POLICY_TEXT_SAYS]; /* "unknown key 'efect', would be right: …" */
};

typedef void policy_fault_fn(void *ctx, const struct policy_fault *fault);

/* "file:line:column: what is wrong, would be right: what", no newline. */
void policy_fault_print(struct vlt_buf *out, const struct policy_fault *fault);

/* P01: a file that could not be read, why in the system's words.  For whoever
 * reads files; nothing here does. */
void policy_fault_unreadable(struct policy_fault *out, const char *file,
                             const char *why);

/*
 * The union of the input's files, as a set.  All faults of all files are told
 * to fn, file by file in the order given, in each by line and column, and at
 * most POLICY_TEXT_FAULTS a file: where there are more, the last says how many.
 *
 * VLT_OK        no fault; the caller owns *out, frees it by policy_set_free()
 * VLT_E_FORMAT  at least one fault was told
 * VLT_E_LIMIT   too many files, or a file's name is too long
 * VLT_E_NOMEM
 * On failure *out is untouched.
 */
VLT_MUST_USE enum vlt_status
policy_text_parse(const struct policy_text_input *input, policy_fault_fn *fn,
                  void *ctx, struct policy_set **out);

/*
 * The canonical print: one file with all written rules by name, keys in the
 * order of caps.tsv, values in the order of the vocabulary, firms as ids.  It
 * parses to an equal set.  Equal sets have equal prints, whatever order, files
 * or spelling they came from.
 *
 * The policy hash is SHA-256 over this print and then vocab_hash().
 */
void policy_text_print(struct vlt_buf *out, const struct policy_set *set);

/* "vf1:" and 52 characters of base32.  Returns out. */
const char *policy_firm_print(const uint8_t id[POLICY_FIRM_LEN],
                              char out[POLICY_FIRM_TEXT]);

/* VLT_E_FORMAT: not that. */
VLT_MUST_USE enum vlt_status policy_firm_parse(struct vlt_slice text,
                                               uint8_t id[POLICY_FIRM_LEN]);

/* Why items give nothing as things stand, by their numbers; empty: they give
 * something, or that is not known. */
struct policy_text_nothing {
    struct vlt_slice why[TERMS_ITEMS + 1];
};

/*
 * A decision of policy_decide() for people, in lines: outcome, and of each atom
 * the rules that made its, by file and line, with the words of them that met
 * it; each permit that failed, with what was asked and what it allows, and why
 * it offers nothing; what would make the next decision another, and what would
 * come then.  A rule that is to be written stands in a line of its own, whole.
 * asking is what was decided; nothing: what it would not give, or NULL.
 */
void policy_text_explain(struct vlt_buf *out, const struct policy_set *set,
                         const struct policy_asking *asking,
                         const struct policy_decision *decision,
                         const struct policy_text_nothing *nothing);

/* The same of a decision of policy_decide_use(), which is about a grant: what
 * becomes of its uses, and by which rules.  Why an item gives nothing is taken
 * to be said before. */
void policy_text_use(struct vlt_buf *out, const struct policy_set *set,
                     const struct policy_asking *asking, bool by_rule,
                     const struct policy_decision *decision,
                     const struct policy_text_nothing *nothing);

/*
 * By what a part was decided, to be kept with it, since the set goes: "your
 * rule no-ads (home.yaml:4:5)", "the vault's rule builtin.quiet and 2 more".
 * At most POLICY_TEXT_DECIDED bytes.
 */
enum { POLICY_TEXT_DECIDED = 8192 };
void policy_text_decided(struct vlt_buf *out, const struct policy_set *set,
                         const struct policy_decision *decision);

/* The same of a grant that policy_decide_use() does not let be used: "by your
 * rule …, which asks", "as no rule permits it any more".  use: what was made of
 * it. */
void policy_text_refused(struct vlt_buf *out, const struct policy_set *set,
                         const struct policy_decision *decision, bool by_rule,
                         enum policy_use use);

/* What a rule is about, in a list of rules behind its effect, where it is one
 * of the vault's own, which have no selectors: "sale and targeted advertising".
 * NULL: it is none of those. */
const char *policy_own_words(const struct policy_rule *rule);

#endif
