// SPDX-License-Identifier: MIT
//
// The SystemC engine; see sim/kernel/engine.h.
#include "sim/sc/engine.h"

#include "sim/sc/assembly.h"
#include "sim/sc/report.h"

#include <memory>

namespace {

using sc_core::sc_time;

// Length of a cycle in SystemC's time, which nobody sees.
const sc_time period(1, sc_core::SC_NS);

// A test bench around the assembly.
struct bench : sc_core::sc_module {
    sc_core::sc_in<bool> clk{"clk"};
    sc_core::sc_signal<bool> low{"low"};
    std::unique_ptr<sc_core::sc_clock> clock; // clocked form
    std::unique_ptr<nocsim::assembly> assembly;
    sim_stop stop = SIM_STOP_TIME;

    bench(sc_core::sc_module_name name, sim_kernel &kernel) : sc_core::sc_module(name) {
        if (kernel.spec.order == SIM_ORDER_SPARSE) {
            clk.bind(low);
            assembly = std::make_unique<nocsim::assembly>("evented", kernel, period);
        } else {
            clock = std::make_unique<sc_core::sc_clock>("clock", period);
            clk.bind(*clock);
            assembly = std::make_unique<nocsim::assembly>("clocked", kernel, clk, true);
        }
    }
};

bool fault(sim_err *err, const std::string &message) {
    return sim_err_add(err, SIM_EXIT_STOPPED, nullptr, "%s", message.c_str());
}

bool open(sim_engine *engine, sim_err *err) {
    if (engine->kernel->spec.order == SIM_ORDER_SHUFFLED)
        return sim_err_add(
            err, SIM_EXIT_USAGE, nullptr,
            "the SystemC engine takes the orders sparse (evented) and dense (clocked); SystemC itself "
            "chooses the order within a cycle");
    if (sc_core::sc_start_of_simulation_invoked())
        return fault(err, "SystemC has one simulation in a process, and it has begun");
    nocsim::take_reports();
    try {
        auto *s = new bench("nocsim", *engine->kernel);
        engine->state = s;
        s->assembly->on_halt = [s](sim_stop why) {
            s->stop = why;
            sc_core::sc_pause();
        };
        s->assembly->on_close = [engine](sim_cycle now, bool stepped) {
            if (stepped && engine->watch != nullptr)
                engine->watch(engine->watcher, now);
        };
    } catch (const sc_core::sc_report &report) {
        return fault(err, nocsim::describe(report));
    }
    return true;
}

bool run(sim_engine *engine, sim_cycle until, sim_stop *stop, sim_err *err) {
    auto *s = static_cast<bench *>(engine->state);
    if (s->assembly->settled(until, stop))
        return true;
    try {
        s->assembly->resume(sc_core::sc_time_stamp() + period, until);
        sc_core::sc_start();
    } catch (const sc_core::sc_report &report) {
        return fault(err, nocsim::describe(report));
    } catch (const std::exception &exception) {
        return fault(err, exception.what());
    }
    if (s->assembly->running())
        return fault(err, "SystemC ended before the run did: no event is left, or a module called sc_stop");
    *stop = s->stop;
    return true;
}

void close(sim_engine *engine) {
    auto *s = static_cast<bench *>(engine->state);
    if (s == nullptr)
        return;
    s->assembly->detach();
    delete s;
    engine->state = nullptr;
}

} // namespace

const sim_engine_type sim_engine_systemc = {"systemc", open, run, close};
