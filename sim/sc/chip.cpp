// SPDX-License-Identifier: MIT
//
// A nocsim chip as a SystemC module: construction, clock, reset, samples; see chip.h.
#include "sim/sc/chip_parts.h"

#include <stdexcept>

namespace nocsim {

using sc_core::sc_time;

const char *version() { return NOCSIM_VERSION; }

chip::chip(sc_core::sc_module_name name, const std::string &arch, const std::string &trace,
           const std::vector<std::string> &set)
    : sc_core::sc_module(name) {
    SC_HAS_PROCESS(chip);
    try {
        p = std::make_unique<parts>(*this, arch, trace, set);
    } catch (const std::runtime_error &fault) {
        SC_REPORT_ERROR("nocsim", fault.what());
        throw;
    }
    SC_METHOD(sample_reset);
    sensitive << clk.pos();
    dont_initialize();
    SC_METHOD(retry);
    sensitive << p->free;
    dont_initialize();
    SC_THREAD(emit);
    target.register_b_transport(this, &chip::b_transport);
    target.register_nb_transport_fw(this, &chip::nb_transport_fw);
    target.register_transport_dbg(this, &chip::transport_dbg);
    output.bind(*this);
}

chip::~chip() = default;

void chip::end_of_elaboration() { p->clock = dynamic_cast<const sc_core::sc_clock *>(clk.get_interface()); }

chip::parts::parts(chip &owner_, const std::string &arch, const std::string &trace,
                   const std::vector<std::string> &set)
    : owner(owner_), dev(arch, trace, set), system("system", dev.kernel(), owner.clk, false),
      phases(this, &parts::on_phase) {
    system.on_close = [this](sim_cycle now, bool stepped) { on_cycle(now, stepped); };
    system.on_halt = [this](sim_stop why) { on_halt(why); };
    system.on_edge_end = [this] { on_edge_end(); };
}

// The value before the edge: a reset that the same edge sets is taken at the next.
void chip::sample_reset() { p->reset_sampled = reset.read(); }

void chip::retry() { p->begin_next(); }

// ---- samples, clocked -----------------------------------------------------------------------------------

void chip::parts::ask(const job &j) {
    waiting.push_back(j);
    begin_next();
}

void chip::parts::begin_next() {
    if (is_running || waiting.empty())
        return;
    if (sc_core::sc_time_stamp() < free_at) {
        free.notify(free_at - sc_core::sc_time_stamp());
        return;
    }
    running = waiting.front();
    waiting.pop_front();
    is_running = true;
    dev.begin(running.timesteps);
    system.resume(sc_core::SC_ZERO_TIME, SIM_NEVER);
}

void chip::parts::on_cycle(sim_cycle now, bool stepped) {
    owner.busy.write(true);
    for (binding &b : bindings)
        show(b, now);
    if (!stepped || owner.output.size() == 0)
        return;
    bool four_phase = running.payload != nullptr;
    dev.new_spikes([&](uint32_t neuron) { spikes.push_back({neuron, now - dev.first_cycle(), four_phase}); });
    if (!spikes.empty())
        more_spikes.notify(sc_core::SC_ZERO_TIME);
}

void chip::parts::on_halt(sim_stop why) {
    if (why == SIM_STOP_FINISHED && dev.resume()) {
        system.resume(sc_core::SC_ZERO_TIME, SIM_NEVER);
        return;
    }
    ended = true;
    stalled = why == SIM_STOP_STALLED;
    ended_at = sc_core::sc_time_stamp();
}

// The last cycle ends with the edge after the one that began it.
void chip::parts::on_edge_end() {
    if (reset_sampled) {
        if (!in_reset)
            enter_reset();
        in_reset = true;
        return;
    }
    in_reset = false;
    if (!ended || sc_core::sc_time_stamp() == ended_at)
        return;
    ended = is_running = false;
    owner.busy.write(false);
    dev.end();
    finish(running, !stalled);
    if (stalled)
        report_stall();
    begin_next();
    if (!is_running)
        idle.notify(sc_core::SC_ZERO_TIME);
}

void chip::parts::enter_reset() {
    system.stop();
    owner.busy.write(false);
    spikes.clear();
    dev.power_up();
    system.renew();
    bind_all();
    if (is_running)
        finish(running, false);
    for (const job &j : waiting)
        finish(j, false);
    waiting.clear();
    is_running = ended = false;
    free_at = sc_core::SC_ZERO_TIME;
    idle.notify(sc_core::SC_ZERO_TIME);
}

void chip::parts::finish(const job &j, bool sound) {
    if (j.payload != nullptr) {
        j.payload->set_response_status(sound ? tlm::TLM_OK_RESPONSE : tlm::TLM_GENERIC_ERROR_RESPONSE);
        respond(*j.payload);
        return;
    }
    *j.sound = sound;
    j.done->notify(sc_core::SC_ZERO_TIME);
}

void chip::parts::report_stall() {
    std::string text = "no progress since cycle " + std::to_string(dev.kernel().wheel.moved) + " (now " +
                       std::to_string(dev.kernel().now) + "); who waits for what:\n" + dev.explain();
    SC_REPORT_ERROR("nocsim", text.c_str());
}

// ---- samples, run ahead of SystemC's time ---------------------------------------------------------------

sc_time chip::parts::edge_after(sc_time time) const {
    sc_time first = clock->start_time();
    if (!clock->posedge_first())
        first += clock->period() * (1 - clock->duty_cycle());
    if (time < first)
        return first;
    sc_dt::uint64 periods = (time - first).value() / clock->period().value();
    return first + sc_time::from_value(clock->period().value() * (periods + 1));
}

struct ahead {
    device *dev;
    std::vector<std::pair<uint32_t, uint64_t>> spikes; // neuron, cycle of the sample
};

static void note_spikes(void *user, sim_cycle now) {
    auto *a = static_cast<ahead *>(user);
    a->dev->new_spikes([=](uint32_t neuron) { a->spikes.push_back({neuron, now - a->dev->first_cycle()}); });
}

bool chip::parts::run_ahead(uint32_t timesteps, sc_time from, sc_time *end) {
    sc_time first_edge = edge_after(from < free_at ? free_at : from);
    ahead a{&dev, {}};
    sim_err err;
    sim_err_init(&err);
    sim_engine engine;
    sim_stop stop = SIM_STOP_STALLED;
    system.detach();
    dev.begin(timesteps);
    if (sim_engine_open(&engine, &sim_engine_native, &dev.kernel(), &err)) {
        engine.watch = owner.output.size() != 0 ? note_spikes : nullptr;
        engine.watcher = &a;
        do
            sim_engine_run(&engine, SIM_NEVER, &stop, &err);
        while (stop == SIM_STOP_FINISHED && dev.resume());
        sim_engine_close(&engine);
    }
    system.attach();
    dev.end();
    sim_err_release(&err);
    auto cycles = [this](uint64_t n) { return sc_time::from_value(clock->period().value() * n); };
    free_at = *end = first_edge + cycles(dev.kernel().now - dev.first_cycle());
    for (auto [neuron, cycle] : a.spikes) {
        sc_time at = first_edge + cycles(cycle), now = sc_core::sc_time_stamp();
        sc_time delay = at > now ? at - now : sc_core::SC_ZERO_TIME;
        emit_blocking({neuron, cycle, false}, delay);
    }
    if (stop == SIM_STOP_STALLED)
        report_stall();
    return stop == SIM_STOP_FINISHED;
}

} // namespace nocsim
