/*
 * judge_vault: the judge of a vault that is open already.
 */
#ifndef TESTS_CRASH_JUDGE_VAULT_H
#define TESTS_CRASH_JUDGE_VAULT_H

#include "judge.h"
#include "rig.h"

/* As judge(), of what an open vault shows. */
bool judge_work(struct rig *rig, const struct judge_marks *marks,
                char why[JUDGE_WHY]);

#endif
