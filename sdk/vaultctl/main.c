#include "vaultctl/vaultctl.h"

int
main(int argc, char **argv)
{
    return run_main(&vaultctl_program, argc, argv);
}
