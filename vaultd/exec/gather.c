#include "exec/gather.h"

enum { SHARE = 3 /* of what a turn sleeps, that the next may wait */ };

void
gather_end(struct gather *gather, const struct gather_turn *turn)
{
    gather->wanted = turn->answered + turn->waiting;
    gather->slept = turn->slept < GATHER_SLEPT ? turn->slept : GATHER_SLEPT;
    gather->ended = turn->ended;
}

int64_t
gather_wait(const struct gather *gather, size_t count, int64_t now)
{
    int64_t most = gather->slept / SHARE;
    int64_t worth;
    int64_t until;

    if (gather->left > 0 || count == 0 || count >= gather->wanted) {
        return 0;
    }
    worth = gather->slept / (int64_t)count * (int64_t)(gather->wanted - count);
    until = gather->ended + (worth < most ? worth : most);
    return until > now ? until - now : 0;
}

void
gather_begin(struct gather *gather, size_t count, bool waited)
{
    if (gather->left > 0) {
        gather->left--;
    } else if (waited && count >= gather->wanted) {
        gather->pause = 0;
    } else if (waited) {
        gather->pause = gather->pause == 0 ? 1 : 2 * gather->pause;
        if (gather->pause > GATHER_PAUSE) {
            gather->pause = GATHER_PAUSE;
        }
        gather->left = gather->pause;
    }
}
