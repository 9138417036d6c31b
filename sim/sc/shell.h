// SPDX-License-Identifier: MIT
//
// The SystemC shell of a component: one sc_module for any model, around its plain step function.
//
// A shell owns the ordered set of cycles in which its component is due. An sc_event keeps only its earliest
// pending notification, so the event is armed for the first of them and armed again after every step.
//
//   evented   the step is an SC_METHOD sensitive to the shell's own event: SystemC's kernel is the scheduler
//   clocked   the step is an SC_METHOD sensitive to a rising clock edge; it looks whether it is due, or is
//             stepped in every cycle
#ifndef SIM_SC_SHELL_H
#define SIM_SC_SHELL_H

#include "sim/base/types.h"

#include <systemc>

#include <vector>

struct sim_component;

namespace nocsim {

class assembly;

class shell : public sc_core::sc_module {
public:
    shell(sc_core::sc_module_name name, assembly &owner, uint32_t id);

    // Makes the component due at `at`.
    void wake(sim_cycle at);
    // The same for what the component asks for itself: a far wake replaces an earlier far one, as in the
    // native wheel, so that a stall is seen in the same cycle.
    void wake_self(sim_cycle now, sim_cycle at);
    // The first cycle in which it is due, or SIM_NEVER.
    sim_cycle next() const {
        sim_cycle near = pending.empty() ? SIM_NEVER : pending.back();
        return near < timer ? near : timer;
    }

    const char *path() const; // of the component

    void arm();    // the assembly's time runs from now on
    void disarm(); // the assembly's time stands still

    // Calls visit(cycle) for all wakes, and forgets them.
    template <class Visit> void surrender(Visit visit) {
        for (sim_cycle at : pending)
            visit(at);
        if (timer != SIM_NEVER)
            visit(timer);
        pending.clear();
        timer = SIM_NEVER;
    }

private:
    void on_due();
    void on_edge();
    void step(sim_cycle now);
    void insert(sim_cycle at);

    assembly &owner;
    const uint32_t id;
    std::vector<sim_cycle> pending; // descending
    sim_cycle timer = SIM_NEVER;    // the valid far wake
    sim_cycle armed = SIM_NEVER;    // what the event is notified for
    sc_core::sc_event due{"due"};
};

} // namespace nocsim

#endif
