/*
 * text_internal: what reading a policy file keeps, for the sources of this
 * room.
 *
 * A reading collects faults and goes on; so every function here returns
 * nothing, or whether a value is of use.
 */
#ifndef POLICIES_TEXT_INTERNAL_H
#define POLICIES_TEXT_INTERNAL_H

#include "text/policy_text.h"
#include "yaml/walk.h"

enum {
    TEXT_DEPTH = 4,          /* file, rules, rule, list of values */
    TEXT_DEPTH_TESTS = 5,    /* file, tests, test, asks, list of values */
    TEXT_FAULTS_KEPT = 4096, /* before sorting; more are only counted */
    TEXT_SHOWN = 48,         /* characters of a value that a fault repeats */
};

/* Where a fault is: a value's place, or its key's. */
struct text_place {
    int line;
    int column;
};

/* A rule's name, and where it stands. */
struct text_name {
    char name[POLICY_NAME];
    const char *file;
    int line;
};

/* Where something stands; file NULL: nowhere. */
struct text_mark {
    const char *file;
    struct text_place at;
};

struct text_fault_list {
    struct policy_fault *at; /* owned */
    size_t count;
    size_t yaml; /* the first of them, which the YAML itself has */
    size_t room;
    size_t lost; /* that were not kept */
    bool failed; /* no memory */
};

/* One parse of several files. */
struct text_reading {
    const struct policy_text_input *input;
    const struct policy_text_file *file; /* being read */
    struct text_fault_list faults;       /* of this file */
    bool any_fault;                      /* of any file */
    bool tests;                          /* it is a file of tests */
    enum vlt_status st;                  /* VLT_OK, or why there is no set */

    /* The settings, and where each was first written. */
    struct policy_settings settings;
    struct text_mark default_mark;
    struct text_mark gpc_mark;
    struct text_mark overdue_mark;

    size_t name_count;
    size_t name_room;
    struct text_name *names; /* owned */
    size_t rule_count;
    struct policy_builder *builder; /* owned; NULL before the first rule */
};

/* One rule being read. */
struct text_rule {
    const struct vlt_yaml_node *map;
    struct policy_rule rule;
    char name[POLICY_NAME]; /* "" when absent or no name */
    bool has_effect;
    bool is_effect; /* and it is one of the three */
    uint8_t firms[POLICY_FIRMS][POLICY_FIRM_LEN];
    struct vlt_slice recipients[TERMS_NAMES]; /* of `onward` */
    struct vlt_slice patterns[POLICY_PATTERNS];
    const struct vlt_yaml_node *purpose; /* NULL: not written */
    /* The values of the caps that are written and of use; else NULL. */
    const struct vlt_yaml_node *cap[TERMS_AXES];
};

/* ---- faults ---- */

struct text_place text_value_at(const struct vlt_yaml_node *node);
struct text_place text_key_at(const struct vlt_yaml_node *node);

/* Note a fault of the file being read; the words as in the specification.
 * Where the YAML itself has a fault, no other is told of the same place. */
void text_fault(struct text_reading *reading, const char *code,
                struct text_place at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Is the member's key one that the map has already?  That is noted; the first
 * one counts. */
bool text_repeated(const struct text_reading *reading,
                   const struct vlt_yaml_node *member);

/* Tell the faults of this file in order, at most POLICY_TEXT_FAULTS, of which
 * the last says how many more there are, and forget them. */
void text_faults_tell(struct text_reading *reading, policy_fault_fn *fn,
                      void *ctx);

/* A value as a fault repeats it: control characters escaped, cut after
 * TEXT_SHOWN characters.  Returns out. */
enum { TEXT_SHOWN_LEN = 256 };
const char *text_shown(struct vlt_slice text, char out[TEXT_SHOWN_LEN]);

/* The first character that does not belong on a line of text; 0: none. */
unsigned text_strange(struct vlt_slice text);

/* ---- YAML ---- */

/* The file as a tree, its faults noted; NULL: it cannot be read to its end.
 * Freed by vlt_yaml_free(). */
struct vlt_yaml *text_open(struct text_reading *reading);

/* Is the node one value?  Else a P09 is noted, with an example of what would
 * be right. */
bool text_scalar(struct text_reading *reading, const struct vlt_yaml_node *node,
                 const char *example);

/* Note what is wrong with a key: unknown, not yet, second wave. */
void text_bad_key(struct text_reading *reading,
                  const struct vlt_yaml_node *node, bool top);

/* ---- rules ---- */

/* Read item `map` of `rules` and add it to the set if nothing is wrong. */
void text_read_rule(struct text_reading *reading,
                    const struct vlt_yaml_node *map);

/* Selectors. */
void text_read_firms(struct text_reading *reading, struct text_rule *rule,
                     const struct vlt_yaml_node *node);
void text_read_purposes(struct text_reading *reading, struct text_rule *rule,
                        const struct vlt_yaml_node *node);
void text_read_data(struct text_reading *reading, struct text_rule *rule,
                    const struct vlt_yaml_node *node);
void text_read_streams(struct text_reading *reading, struct text_rule *rule,
                       const struct vlt_yaml_node *node);

/* The values of a list, or the one value that stands for it. */
struct text_values {
    const struct vlt_yaml_node *first;
    const struct vlt_yaml_node *next;
    bool alone; /* one value: its siblings are other keys */
};

/* Note how many there may be; false: the node has none that are of use. */
bool text_values_begin(struct text_reading *reading,
                       const struct vlt_yaml_node *node,
                       struct text_values *out);

/* The next value that is one; others are noted and stepped over.  NULL: there
 * is none more. */
const struct vlt_yaml_node *text_values_next(struct text_reading *reading,
                                             const struct vlt_yaml_node *list,
                                             struct text_values *values);

/* Has the list this text already, before this value? */
bool text_values_seen(const struct text_values *values,
                      const struct vlt_yaml_node *value);

/* Note a value that stands in its list twice. */
void text_twice(struct text_reading *reading, const struct vlt_yaml_node *list,
                const struct vlt_yaml_node *value);

/* A cap or an obligation, by the type of its key. */
void text_read_cap(struct text_reading *reading, struct text_rule *rule,
                   const struct vocab_key *key,
                   const struct vlt_yaml_node *node);

/* Of the types: those that are lists of words (rule_words.c), and a date. */
typedef void text_cap_fn(struct text_reading *reading, struct text_rule *rule,
                         const struct vocab_key *key,
                         const struct vlt_yaml_node *node);
text_cap_fn text_read_bits;
text_cap_fn text_read_places;
text_cap_fn text_read_onward;
text_cap_fn text_read_detail;
text_cap_fn text_read_date;

/* Keep a cap that was read. */
void text_write_cap(struct text_rule *rule, const struct vocab_key *key,
                    const struct vlt_yaml_node *node, int64_t value);

/* "ask or deny": the words of a choice, as a fault lists them.  Returns out. */
const char *text_choices(const struct vocab_key *key, char out[TEXT_SHOWN_LEN]);

/* Which of the words of a choice it is, from 0; -1: none. */
int text_choice(const struct vocab_key *key, struct vlt_slice text);

/* Note a value that is none of those that its key takes. */
void text_unknown(struct text_reading *reading, const struct vocab_key *key,
                  const struct vlt_yaml_node *node, const char *right);

/* P19, P27 and P28, when the whole rule is read. */
void text_check_caps(struct text_reading *reading,
                     const struct text_rule *rule);

/* ---- print.c ---- */

/* A rule on one line, as a file may have it, for one firm (a name or an id):
 * "- {name: bill, effect: permit, …}". */
void text_put_rule_line(struct vlt_buf *out, const struct policy_rule *rule,
                        const char *firm);

#endif
