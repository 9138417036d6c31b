// SPDX-License-Identifier: MIT
//
// The SystemC shell of a component; see shell.h.
#include "sim/sc/shell.h"

#include "sim/sc/assembly.h"

#include <algorithm>

namespace nocsim {

shell::shell(sc_core::sc_module_name name, assembly &owner_, uint32_t id_)
    : sc_core::sc_module(name), owner(owner_), id(id_) {
    SC_HAS_PROCESS(shell);
    if (owner.how() == form::evented) {
        SC_METHOD(on_due);
        sensitive << due;
    } else {
        SC_METHOD(on_edge);
        sensitive << owner.clk->pos();
    }
    dont_initialize();
}

const char *shell::path() const { return owner.kernel.component[id]->path; }

void shell::insert(sim_cycle at) {
    auto place = std::lower_bound(pending.begin(), pending.end(), at, std::greater<sim_cycle>());
    if (place != pending.end() && *place == at)
        return;
    pending.insert(place, at);
    owner.expect(id, at);
}

void shell::wake(sim_cycle at) {
    insert(at);
    if (owner.running())
        arm();
}

void shell::wake_self(sim_cycle now, sim_cycle at) {
    if (at - now < SIM_WHEEL_SLOTS) {
        insert(at);
    } else if (at != timer) {
        bool entered = timer / SIM_WHEEL_BLOCK < sim_wheel_beyond(now - 1);
        if (entered)
            insert(timer);
        timer = at;
        owner.expect(id, at);
    }
}

void shell::arm() {
    if (owner.how() != form::evented || next() >= armed)
        return;
    armed = next();
    due.notify(owner.time_of(armed) - sc_core::sc_time_stamp());
}

void shell::disarm() {
    due.cancel();
    armed = SIM_NEVER;
}

void shell::step(sim_cycle now) {
    while (!pending.empty() && pending.back() <= now)
        pending.pop_back();
    if (timer <= now)
        timer = SIM_NEVER;
    sim_cycle again = owner.step(id, now);
    if (again != SIM_NEVER)
        wake_self(now, again);
}

void shell::on_due() {
    sim_cycle now = armed;
    armed = SIM_NEVER;
    step(now);
    arm();
}

void shell::on_edge() {
    if (owner.running_at_edge() && (owner.how() == form::clocked_dense || next() <= owner.cycle()))
        step(owner.cycle());
}

} // namespace nocsim
