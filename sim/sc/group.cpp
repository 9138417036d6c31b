// SPDX-License-Identifier: MIT
//
// The module hierarchy of an assembly; see group.h.
#include "sim/sc/group.h"

#include <map>

namespace nocsim {

group::group(sc_core::sc_module_name name, assembly &owner, const std::vector<member> &members,
             std::vector<shell *> &by_id)
    : sc_core::sc_module(name) {
    std::map<std::string, std::vector<member>> inner;
    for (const member &m : members) {
        size_t dot = m.path.find('.');
        if (dot != std::string::npos) {
            inner[m.path.substr(0, dot)].push_back({m.path.substr(dot + 1), m.id});
            continue;
        }
        shells.push_back(std::make_unique<shell>(m.path.c_str(), owner, m.id));
        by_id[m.id] = shells.back().get();
    }
    for (const auto &[part, within] : inner) {
        // A component may have components within: mesh.router and mesh.router.input are two modules.
        std::string unique = part;
        for (const auto &s : shells)
            if (part == s->basename())
                unique = part + "_parts";
        groups.push_back(std::make_unique<group>(unique.c_str(), owner, within, by_id));
    }
}

} // namespace nocsim
