/*
 * heads: the newest head of each vault's log that this program was shown, kept
 * outside the vault, and held against the one that the vault shows now.
 *
 * One file a vault, named by its id, in the folder of heads_folder.h: the
 * signed head, as audit verify --with takes it.  Where there is no such folder,
 * or the vault is locked, nothing is kept, and only audit verify says so.  A
 * vault that is unlocked and shows no head where one was kept is as bad as one
 * whose log went back.
 *
 * A look costs one call, which the vault answers with one signature; where the
 * log grew since, a second one for the proof.  So what is typed by hand looks,
 * and what scripts ask for rows with does not.
 */
#ifndef VAULTCTL_HEADS_H
#define VAULTCTL_HEADS_H

#include "vaultctl/vaultctl.h"

struct heads_look {
    bool accept; /* whatever it is, keep the one that is shown now */
    /* Say also that nothing is kept, and take what cannot be held against what
     * was kept for an alarm: for who asks for just that. */
    bool strict;
    /* What was kept before, if it is of the log that is shown: a head to verify
     * against.  Owned; empty: nothing. */
    struct vlt_buf kept;
    char path[4096]; /* of the file; "": nothing is kept */
    /* It does not go on from what was kept, or that cannot be read, or nothing
     * can be kept although it is to be accepted. */
    bool alarm;
};

/*
 * Look, tell on stderr what is wrong and what to do, and keep the newest head
 * unless something is.  The answer in run is another one afterwards.  It never
 * fails: look->alarm says what was found.  The caller ends it by
 * heads_look_end().
 */
void heads_look(struct run *run, struct heads_look *look);
void heads_look_end(struct heads_look *look); /* harmless on { 0 } */

/* The same, for commands that have told their own answer already and end as
 * they would have. */
void heads_note(struct run *run);

#endif
