/*
 * consent: a request, its grant, the uses of it, and its end, as machines that
 * run beside one another (vaultd/service: guard, page_guard, again, after,
 * owed; vaultd/net: outbox; vaultd/exec: turn).
 *
 * Two sessions of a firm read under one grant of USES uses, or one more:
 * then it goes on while its pages leave.  A question has two pages, of which
 * the first takes a use.  A page is scanned by a worker, decided, counted
 * and logged in a turn of the commit thread, handed to the loop after the
 * commit, and leaves in two pieces, of which the second may lie in the
 * library's buffer. Both pages may be decided together, and the second then
 * waits until the first has left.  Beside them the owner says yes, does one
 * thing (erases rows, or of a grant that goes on: narrows it, suspends and
 * resumes it, or has it suspended when a time comes), and takes the grant
 * back; the disk may be full once; the process may die once, at any moment.
 * A commit whose outcome nobody knows ends the process, so it is a death
 * before or after the disk's step, and has none of its own.
 *
 * What holds is said by assertions, and by STRAY that nobody is left without an
 * answer when nothing moves any more:
 *
 *     SILENT    no byte leaves once a revocation is answered
 *     HUSHED    nor while it is suspended, from the answer on
 *     NARROWED  nor of what was made before a narrowing that was answered
 *     LOGGED    no byte leaves whose entry is not durable
 *     COUNTED   no more questions are answered than there are uses, over
 *               deaths of the process as well
 *     SAID_YES  nothing leaves of what neither owner nor rule said yes to
 *     IN_FORCE  a frame begins only under the consent that is published, before
 *               the time from which that may differ, and shows no row whose
 *               erasure was answered
 *
 * That the search would find a breach of each is shown by faults, one at a
 * time: FAULT of this file (spin -DFAULT=n), or MODEL_FAULT=n of the
 * environment, which serves all of them with one compilation.  spin.py runs
 * both.  So each of the defences is needed while all others stand.
 */

#define READERS   2
#define USES      1
#define QUESTIONS 2 /* of both sessions together */
#define TURN      2 /* jobs of a turn */

/* ---- faults ---- */

#define ACK_FIRST     1  /* a turn's jobs are answered before its commit */
#define NO_SILENCE    2  /* a revocation is answered, and cuts nothing */
#define HALF_GOES_ON  3  /* it drops what waits, not what is half written */
#define KEPT_GOES_ON  4  /* nor what is in the library's buffer */
#define NO_RECHECK    5  /* a frame begins without a look at the epoch */
#define OUTSIDE       6  /* the decision is the scan's, not the turn's */
#define LOGGED_LATER  7  /* the entry is of the next turn */
#define COUNTS_OLD    8  /* uses are counted from what was committed */
#define COUNTS_LOOSE  9  /* uses are counted in memory alone */
#define OWED_FORGOT   10 /* a revocation in memory is not looked at */
#define MOVED_UNSEEN  11 /* rows that were erased since the scan pass */
#define PENDING_GIVES 12 /* that there is a grant is enough */
#define EPOCH_LATE    13 /* the epoch is published after the answers */
#define AGAIN_UNSEEN  14 /* a frame that consent overtook is not decided anew */
#define NARROW_KEEPS  15 /* a narrowing is answered, and cuts nothing */
#define HUSH_KEEPS    16 /* so is a suspension */
#define TIME_UNSEEN   17 /* a frame begins without a look at the time */
#define WAITS_UNSEEN  18 /* a page that waits goes by the look at its first */
#define BURST_ONCE    19 /* of pages decided together the first is logged */

byte fault = 0;

/* ---- what there is ---- */

mtype = { none, pending, given, held, spent, over };   /* the grant */
mtype = { idle, scanning, away, queued, begun, half }; /* a session's page */
mtype = { yes, no, again, storage };               /* how a job ended */
mtype = { rest, turning, writing, publishing, handing }; /* the commit thread */

/* Jobs beside the pages of the sessions, which are 0 to READERS - 1. */
#define BACK    2 /* and 3: their frames that consent overtook */
#define REQUEST 4
#define APPROVE 5
#define ERASE   6
#define REVOKE  7
#define OWED    8 /* a revocation in memory, to be made durable */
#define NARROW  9
#define PLAN    10 /* a suspension that a time begins */
#define HUSH    11 /* it is suspended, by the owner or as planned */
#define RESUME  12
#define JOBS    13

typedef book {
    mtype grant = none;
    byte uses = USES;  /* left */
    byte rows = 0;     /* how often less was to be had than before */
    bool plan = false; /* it is suspended when its time comes */
    byte epoch = 0;    /* consent's */
    byte entries = 0;  /* a bit a page: logged */
    bool told = false; /* owner or rule said yes */
};

book disk;
book now_; /* committed, in memory; the epoch's atomic with it */
book turn; /* as the turn under way will leave it */

typedef session {
    mtype page = idle;
    byte number;   /* of its question */
    byte seq;      /* 0, or 1: goes on with the use of the first */
    byte saw;      /* now_.rows when it was scanned */
    bool allowed;  /* what was decided then */
    byte epoch;    /* of its release */
    bool ended;    /* its reading is over: what comes is dropped */
    bool kept;     /* bytes are in the library's buffer */
    bool ready;    /* its second page is decided, and waits */
};

session s[READERS];

chan work = [5] of { byte }; /* prepared, for the commit thread */
chan ran = [5] of { byte };  /* in its turn */
chan done = [8] of { byte }; /* for the loop */
mtype said[JOBS];            /* how the last of each kind ended */

mtype stage = rest;
byte later = 0;      /* entries that LOGGED_LATER left out */
bool owed = false;   /* revoked in memory, not durably yet */
bool paying = false; /* and a job for that is under way */
byte writer = READERS; /* the session that the loop writes for; READERS: none */

/* ---- the world ---- */

byte asked = 0;
bool revoking = false; /* was tried; a death leaves that unknown */
bool requested = false;
bool more = false;  /* the grant has one more use */
bool acted = false; /* the owner did one thing */
bool due = false;   /* the time of a plan has come */
bool waits = false; /* the owner, for an answer */
bool disk_full = false; /* it was */

/* What was seen from outside. */
bool silent = false;  /* a revocation was answered */
bool durable = false; /* as one that no death undoes */
bool hushed = false;  /* a suspension was answered */
byte erasures = 0;    /* that were answered */
byte narrowed = 0;    /* now_.rows when a narrowing was */
byte answered = 0;    /* questions of which a byte left */

#define BIT(i) (1 << (s[i].number * 2 + s[i].seq))

inline copy(from, to) {
    to.grant = from.grant;
    to.uses = from.uses;
    to.rows = from.rows;
    to.plan = from.plan;
    to.epoch = from.epoch;
    to.entries = from.entries;
    to.told = from.told
}

#define PAUSED(b) (b.plan && due && b.grant == given)

/* ---- what must hold ---- */

/* Bytes of a session's page leave the process. */
inline wire(i) {
    assert(!silent);                    /* SILENT */
    assert(!hushed)                     /* HUSHED */
}

/* Bytes of a page that is not in the library's buffer. */
inline fresh(i) {
    wire(i);
    assert(s[i].saw >= narrowed)        /* NARROWED */
}

/* A frame's first byte leaves. */
inline begins(i) {
    fresh(i);
    assert(disk.entries & BIT(i));      /* LOGGED */
    assert(disk.told);                  /* SAID_YES */
    if
    :: s[i].seq == 0 -> answered++
    :: else
    fi;
    assert(answered <= USES + more)     /* COUNTED */
}

/* A frame may begin, says the loop. */
inline in_force(i) {
    assert(now_.grant == given || now_.grant == spent);
    assert(!PAUSED(now_));
    assert(s[i].saw == now_.rows && s[i].saw >= erasures)
}

/* ---- the commit thread: jobs ---- */

/* May a page of this seq leave by what a book says? */
#define MAY(b, q)                                                  \
    ((b.grant == given && !(b.plan && due) &&                      \
      (q > 0 || b.uses > 0)) ||                                    \
     (b.grant == spent && q > 0) ||                                \
     (fault == PENDING_GIVES && b.grant == pending))

#define MAY_NOW(i)                                                 \
    (fault == OUTSIDE -> s[i].allowed :                            \
     (fault == COUNTS_OLD -> MAY(now_, s[i].seq) : MAY(turn, s[i].seq)))

inline take_use(i) {
    if
    :: s[i].seq > 0
    :: else ->
        if
        :: fault == COUNTS_OLD -> turn.uses = now_.uses - 1
        :: else -> turn.uses = turn.uses - 1
        fi;
        if
        :: turn.uses == 0 && turn.grant == given ->
            turn.grant = spent;
            turn.epoch++
        :: else
        fi
    fi
}

/* The second page is decided with the first, or is asked for when that has
 * left. */
inline burst(i) {
    if
    :: s[i].seq == 0 -> s[i].ready = true
    :: true
    fi
}

#define BITS(i)                                                    \
    (BIT(i) | (s[i].ready && fault != BURST_ONCE -> 2 * BIT(i) : 0))

inline run_page(i) {
    if
    :: owed && fault != OWED_FORGOT -> said[i] = no
    :: else ->
        if
        :: !MAY_NOW(i) -> said[i] = no
        :: else ->
            if
            :: s[i].saw != turn.rows && fault != MOVED_UNSEEN ->
                said[i] = (s[i].seq == 0 -> again : no)
            :: else ->
                take_use(i);
                burst(i);
                if
                :: fault == LOGGED_LATER -> later = later | BITS(i)
                :: else -> turn.entries = turn.entries | BITS(i)
                fi;
                s[i].epoch = turn.epoch;
                said[i] = yes
            fi
        fi
    fi
}

/* A frame that consent overtook: no second use, no second entry. */
inline run_back(i) {
    s[i].epoch = turn.epoch;
    if
    :: fault == AGAIN_UNSEEN -> said[BACK + i] = yes
    :: else ->
        said[BACK + i] = (!(owed && fault != OWED_FORGOT) &&
                          (turn.grant == given || turn.grant == spent) &&
                          !PAUSED(turn) && s[i].saw == turn.rows -> yes : no)
    fi
}

/* The rules decide, whatever they are. */
inline run_request() {
    turn.epoch++;
    said[REQUEST] = yes;
    if
    :: turn.grant = given; turn.told = true
    :: turn.grant = pending
    :: true /* denied */
    fi
}

inline run_approve() {
    if
    :: turn.grant == pending ->
        turn.grant = given;
        turn.told = true;
        turn.epoch++;
        said[APPROVE] = yes
    :: else -> said[APPROVE] = no
    fi
}

inline run_end(j) {
    if
    :: turn.grant == given || turn.grant == held || turn.grant == spent ->
        turn.grant = over;
        turn.epoch++;
        said[j] = yes
    :: else -> said[j] = (j == OWED -> yes : no) /* it ended otherwise */
    fi
}

/* What the owner does to a grant that goes on. */
inline run_act(j) {
    if
    :: j == RESUME && turn.grant == held ->
        turn.grant = given;
        turn.rows++; /* what is withheld of that time */
        turn.epoch++;
        said[j] = yes
    :: j != RESUME && turn.grant == given ->
        turn.rows = (j == NARROW -> turn.rows + 1 : turn.rows);
        turn.plan = (j == PLAN);
        turn.grant = (j == HUSH -> held : given);
        turn.epoch++;
        said[j] = yes
    :: else -> said[j] = no
    fi
}

inline do_job(j) {
    if
    :: j < READERS -> run_page(j)
    :: j >= BACK && j < REQUEST -> run_back(j - BACK)
    :: j == REQUEST -> run_request()
    :: j == APPROVE -> run_approve()
    :: j == ERASE -> turn.rows++; turn.epoch++; said[j] = yes
    :: j == REVOKE || j == OWED -> run_end(j)
    :: j >= NARROW -> run_act(j)
    fi
}

/* The jobs of the turn go to the loop, ends of grants first; what is to be
 * scanned anew goes back to the workers. */
inline hand_over() {
    if
    :: ran ?? [REVOKE] -> ran ?? REVOKE; done ! REVOKE
    :: else
    fi;
    do
    :: ran ? job ->
        if
        :: said[job] == again -> s[job].page = scanning; said[job] = 0
        :: else -> done ! job
        fi
    :: empty(ran) -> break
    od
}

/* The disk took nothing: what was to be is not. */
inline spread_failure() {
    byte k = 0;

    do
    :: k < JOBS ->
        if
        :: ran ?? [eval(k)] && said[k] == yes -> said[k] = storage
        :: else
        fi;
        k++
    :: else -> break
    od;
    k = 0
}

proctype commit() {
    byte job;

end:
    do
    :: d_step { stage == rest && nempty(work) ->
        copy(now_, turn);
        turn.entries = turn.entries | later;
        later = 0;
        stage = turning }
    :: atomic { stage == turning && nempty(work) && len(ran) < TURN ->
        work ? job;
        do_job(job);
        ran ! job;
        job = 0 }
    :: d_step { stage == turning && nempty(ran) ->
        stage = writing }
    :: atomic { stage == writing && fault == ACK_FIRST && nempty(ran) ->
        hand_over();
        job = 0 }
    :: d_step { stage == writing && (fault != ACK_FIRST || empty(ran)) ->
        copy(turn, disk);
        if
        :: fault == COUNTS_LOOSE ->
            disk.uses = USES + more;
            disk.grant = (disk.grant == spent -> given : disk.grant)
        :: else
        fi;
        stage = (fault == EPOCH_LATE -> handing : publishing) }
    :: atomic { stage == writing && !disk_full && nempty(ran) ->
        disk_full = true;
        spread_failure();
        copy(now_, turn);
        hand_over();
        job = 0;
        stage = rest }
    :: d_step { stage == publishing ->
        copy(turn, now_);
        stage = (len(ran) > 0 -> handing : rest) }
    :: atomic { stage == handing ->
        hand_over();
        job = 0;
        stage = (fault == EPOCH_LATE -> publishing : rest) }
    od
}

/* ---- a worker ---- */

/* A session is as it was before it asked. */
inline clear(i) {
    s[i].page = idle;
    s[i].number = 0;
    s[i].seq = 0;
    s[i].saw = 0;
    s[i].allowed = false;
    s[i].epoch = 0;
    s[i].ready = false;
    s[i].ended = false
}

/* Scan by what is published; what that refuses need not be decided. */
inline scan(i) {
    s[i].saw = now_.rows;
    s[i].allowed = MAY(now_, s[i].seq);
    if
    :: s[i].allowed -> s[i].page = away; work ! i
    :: else -> clear(i)
    fi
}

proctype worker() {
end:
    do
    :: d_step { s[0].page == scanning -> scan(0) }
    :: d_step { s[1].page == scanning -> scan(1) }
    od
}

/* ---- the loop ---- */

/* What waits of the grant is dropped; what is half written, or in the library's
 * buffer, takes its connection with it.  A page that is away comes to nobody. */
inline silence(i) {
    if
    :: s[i].page == scanning || s[i].page == away -> s[i].ended = true
    :: s[i].page == queued -> clear(i)
    :: s[i].page == half && fault != HALF_GOES_ON -> clear(i)
    :: else
    fi;
    s[i].kept = s[i].kept && fault == KEPT_GOES_ON
}

inline cut_all() {
    if
    :: fault != NO_SILENCE -> silence(0); silence(1)
    :: else
    fi
}

inline revoked() {
    if
    :: said[REVOKE] == yes -> cut_all(); silent = true; durable = true
    :: said[REVOKE] == storage -> owed = true; cut_all(); silent = true
    :: else
    fi
}

/* A narrowing and a suspension cut as a revocation does. */
inline acted_on(j) {
    if
    :: said[j] == yes && j == NARROW ->
        if
        :: fault != NARROW_KEEPS -> cut_all()
        :: else
        fi;
        narrowed = now_.rows
    :: said[j] == yes && j == HUSH ->
        if
        :: fault != HUSH_KEEPS -> cut_all()
        :: else
        fi;
        hushed = true
    :: else
    fi
}

inline complete(j) {
    if
    :: j < REQUEST ->
        if
        :: said[j] == yes && !s[j % READERS].ended ->
            s[j % READERS].page = queued
        :: else -> clear(j % READERS)
        fi
    :: j == REQUEST
    :: j == APPROVE -> waits = false
    :: j == ERASE ->
        erasures = (said[j] == yes -> erasures + 1 : erasures);
        waits = false
    :: j == REVOKE -> revoked(); waits = false
    :: j == OWED ->
        owed = (said[j] != yes);
        durable = durable || said[j] == yes;
        paying = false
    :: j >= NARROW -> acted_on(j); waits = false
    fi
}

/* The second page of a question comes once the first has left; if it waits, it
 * is looked at as any frame is. */
inline goes_on(i) {
    if
    :: s[i].seq == 0 && !s[i].ended && s[i].ready ->
        s[i].seq = 1;
        s[i].ready = false;
        s[i].page = queued;
        if
        :: fault == WAITS_UNSEEN && !s[i].kept ->
            in_force(i);
            s[i].page = begun;
            writer = i
        :: else
        fi
    :: s[i].seq == 0 && !s[i].ended && !s[i].ready ->
        s[i].seq = 1;
        s[i].page = scanning
    :: else -> clear(i)
    fi
}

/* Ask the release of a frame that has not begun. */
inline check(i) {
    if
    :: owed && fault != OWED_FORGOT -> clear(i)
    :: else ->
        if
        :: (s[i].epoch == now_.epoch || fault == NO_RECHECK) &&
           (!PAUSED(now_) || fault == TIME_UNSEEN) ->
            in_force(i);
            s[i].page = begun;
            writer = i
        :: else -> s[i].page = away; work ! (BACK + i)
        fi
    fi
}

inline write_rest(i) {
    if
    :: owed && fault != OWED_FORGOT -> clear(i) /* cut */
    :: else ->
        if
        :: fresh(i)
        :: s[i].kept = true
        fi;
        goes_on(i)
    fi
}

#define FREE (writer == READERS)

proctype loop() {
    byte job;

end:
    do
    :: d_step { FREE && nempty(done) ->
        done ? job;
        complete(job);
        said[job] = 0;
        job = 0 }
    :: d_step { FREE && s[0].page == queued && !s[0].kept -> check(0) }
    :: d_step { FREE && s[1].page == queued && !s[1].kept -> check(1) }
    :: d_step { !FREE ->
        begins(writer);
        s[writer].page = half;
        writer = READERS }
    :: atomic { FREE && s[0].page == half -> write_rest(0) }
    :: atomic { FREE && s[1].page == half -> write_rest(1) }
    :: d_step { FREE && s[0].kept -> wire(0); s[0].kept = false }
    :: d_step { FREE && s[1].kept -> wire(1); s[1].kept = false }
    :: d_step { FREE && owed && !paying -> paying = true; work ! OWED }
    /* What comes in. */
    :: d_step { FREE && !requested -> requested = true; work ! REQUEST }
    :: d_step { FREE && requested && asked < QUESTIONS && s[0].page == idle ->
        s[0].number = asked;
        asked++;
        s[0].page = scanning }
    :: d_step { FREE && asked > 0 && asked < QUESTIONS && s[1].page == idle ->
        s[1].number = asked;
        asked++;
        s[1].page = scanning }
    :: d_step { FREE && !waits && now_.grant == pending ->
        waits = true; work ! APPROVE }
    :: d_step { FREE && !waits && !acted && !more ->
        acted = true; waits = true; work ! ERASE }
    :: d_step { FREE && !waits && !acted && more && now_.grant == given ->
        acted = true; waits = true; work ! NARROW }
    :: d_step { FREE && !waits && !acted && more && now_.grant == given ->
        acted = true; waits = true; work ! HUSH }
    :: d_step { FREE && !waits && !acted && more && now_.grant == given ->
        acted = true; waits = true; work ! PLAN }
    :: d_step { FREE && !due && now_.plan -> due = true }
    :: d_step { FREE && !waits && PAUSED(now_) -> waits = true; work ! HUSH }
    :: d_step { FREE && !waits && now_.grant == held ->
        hushed = false; waits = true; work ! RESUME }
    :: d_step { FREE && !waits && !revoking && !silent &&
            now_.grant != none && now_.grant != pending ->
        revoking = true; waits = true; work ! REVOKE }
    od
}

/* ---- a death, and what is left ---- */

inline restart() {
    byte none_ = 0;

    do
    :: work ? none_
    :: ran ? none_
    :: done ? none_
    :: empty(work) && empty(ran) && empty(done) -> break
    od;
    none_ = 0;
    copy(disk, now_);
    copy(disk, turn);
    clear(0); s[0].kept = false;
    clear(1); s[1].kept = false;
    do
    :: none_ < JOBS -> said[none_] = 0; none_++
    :: else -> break
    od;
    none_ = 0;
    stage = rest;
    later = 0;
    owed = false;
    paying = false;
    waits = false;
    revoking = false;
    writer = READERS;
    silent = silent && durable /* else it was said not to be durable yet */
}

/* At any moment, or never. */
proctype death() {
    if
    :: atomic { true -> restart() }
    :: true
    fi
}

/* STRAY: nothing moves, and somebody waits. */
proctype stray() {
    timeout ->
    assert(!waits && !owed && !paying && s[0].page == idle &&
           s[1].page == idle && !s[0].kept && !s[1].kept)
}

init {
#ifdef FAULT
    fault = FAULT;
#else
    c_code {
        const char *chosen = getenv("MODEL_FAULT");

        now.fault = chosen != NULL ? (uchar)atoi(chosen) : 0;
    };
#endif
    atomic {
        if
        :: true
        :: more = true; disk.uses++; now_.uses++
        fi;
        run commit();
        run worker();
        run loop();
        run death();
        run stray()
    }
}
