// SPDX-License-Identifier: MIT
//
// The module hierarchy of an assembly: paths such as chip.tile[0][1] become modules within modules.
#ifndef SIM_SC_GROUP_H
#define SIM_SC_GROUP_H

#include "sim/sc/shell.h"

#include <systemc>

#include <memory>
#include <string>
#include <vector>

namespace nocsim {

// A component and the rest of its path below a group.
struct member {
    std::string path;
    uint32_t id;
};

class group : public sc_core::sc_module {
public:
    // Enters the shells of all members, and of the groups within, in `by_id`.
    group(sc_core::sc_module_name name, assembly &owner, const std::vector<member> &members,
          std::vector<shell *> &by_id);

private:
    std::vector<std::unique_ptr<shell>> shells;
    std::vector<std::unique_ptr<group>> groups;
};

} // namespace nocsim

#endif
