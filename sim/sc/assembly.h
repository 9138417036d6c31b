// SPDX-License-Identifier: MIT
//
// An assembly is a kernel's system under SystemC: the shells of all components, in the hierarchy that their
// paths describe, and what they share: the count of cycles and the end of each cycle.
//
//     delta 0 of a cycle      delta 1
//     shells step             close: work left? stalled? watchers, boundary
//
// All steps of a cycle run in one delta cycle, in whatever order SystemC chooses: links make what is sent
// visible in later cycles only. The assembly's time runs only between `resume` and the halt; while it stands
// still nothing is stepped and no cycle is counted, as if the clock were gated.
//
// In the clocked forms a resume takes effect at the first rising edge strictly after the call, so it does not
// matter in which delta cycle of an edge it is made.
//
// The kernel's own wheel is the outbox of the world outside: what sim_kernel_poke puts there is due when time
// runs again.
#ifndef SIM_SC_ASSEMBLY_H
#define SIM_SC_ASSEMBLY_H

#include "sim/kernel/kernel.h"
#include "sim/sc/outbox.h"
#include "sim/sc/shell.h"

#include <systemc>

#include <functional>
#include <memory>
#include <queue>
#include <vector>

namespace nocsim {

class group;

// Who calls the steps.
enum class form {
    evented,       // each shell has its own event
    clocked,       // each shell looks at every rising edge whether it is due
    clocked_dense, // each shell steps at every rising edge
};

class assembly : public sc_core::sc_module {
public:
    // Takes over a started kernel, whose cycles have this length.
    assembly(sc_core::sc_module_name name, sim_kernel &kernel, sc_core::sc_time period); // evented
    assembly(sc_core::sc_module_name name, sim_kernel &kernel, sc_core::sc_in<bool> &clk, bool dense);
    ~assembly() override;

    // Lets time run, the next cycle beginning at `first` (evented) or with the next rising edge, until
    // cycle `until`, the end of all work, or a stall: then on_halt is called, in the last delta cycle.
    void resume(sc_core::sc_time first, sim_cycle until);
    // What stops a resume before it begins: nothing to do, or nobody due. False: go on.
    bool settled(sim_cycle until, sim_stop *stop);
    void halt(sim_stop why);
    void stop(); // a halt that nobody is told of
    std::function<void(sim_stop)> on_halt;
    std::function<void(sim_cycle now, bool stepped)> on_close; // after the steps of a cycle
    std::function<void()> on_edge_end; // clocked: after every rising edge, running or not

    // While time stands still: gives the kernel to the native engine and takes it back.
    void detach();
    void attach();
    // While time stands still: drops everything and takes over the same kernel again, which has been
    // elaborated anew, with the same components and connections, and started.
    void renew();

    form how() const { return how_; }
    bool running() const { return running_; }
    bool running_at_edge();                        // for shells
    sim_cycle cycle() const { return kernel.now; } // clocked: the cycle being stepped
    sc_core::sc_time time_of(sim_cycle cycle) const {
        return origin + sc_core::sc_time::from_value(period.value() * (cycle - origin_cycle));
    }

    // For shells.
    sim_cycle step(uint32_t id, sim_cycle now);
    void expect(uint32_t id, sim_cycle at) { expected.emplace(at, id); }

    sim_kernel &kernel;
    sc_core::sc_in<bool> *const clk; // clocked forms

private:
    using expectation = std::pair<sim_cycle, uint32_t>;

    assembly(sc_core::sc_module_name name, sim_kernel &kernel, form how, sc_core::sc_time period,
             sc_core::sc_in<bool> *clk);
    void on_edge();
    void on_end();
    void close();
    void end_cycle();
    void build_outboxes();
    void collect(); // wakes that lie in the wheel of the kernel
    sim_cycle next_due();
    bool stalled(sim_cycle next) const;

    const form how_;
    const sc_core::sc_time period;
    sc_core::sc_time origin; // evented: begin of origin_cycle; clocked: time of the resume
    sim_cycle origin_cycle = 0, until_ = 0, current = 0;
    bool running_ = false, wanted = false, stepped = false;
    sim_arena arena; // of the outboxes
    std::vector<outbox> box;
    std::vector<shell *> shells;
    std::unique_ptr<group> root;
    std::priority_queue<expectation, std::vector<expectation>, std::greater<expectation>> expected;
    sc_core::sc_event closing{"closing"}, ending{"ending"};
};

} // namespace nocsim

#endif
