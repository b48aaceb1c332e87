#include "vaultfirm/vaultfirm.h"

int
main(int argc, char **argv)
{
    return run_main(&vaultfirm_program, argc, argv);
}
