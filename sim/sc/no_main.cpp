// SPDX-License-Identifier: MIT
//
// SystemC's library wants an sc_main. Programs of nocsim have a main of their own and never call it.
#include <systemc>

int sc_main(int, char **) { return 1; }
