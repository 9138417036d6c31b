// SPDX-License-Identifier: MIT
//
// The inside of nocsim::chip: samples in time, transactions, output spikes, bound wires. See chip.h.
#ifndef SIM_SC_CHIP_PARTS_H
#define SIM_SC_CHIP_PARTS_H

#include "sim/sc/assembly.h"
#include "sim/sc/chip.h"
#include "sim/sc/device.h"

#include <tlm_utils/peq_with_cb_and_phase.h>

#include <deque>

namespace nocsim {

// A transaction object for output spikes that goes back to the heap with its last release.
class spike_memory : public tlm::tlm_mm_interface {
public:
    tlm::tlm_generic_payload *allocate(uint32_t neuron, uint64_t cycle);
    void free(tlm::tlm_generic_payload *payload) override;
};

// A sample asked for. Its end: `payload` is answered, `done` is notified.
struct job {
    uint32_t timesteps = 0;
    tlm::tlm_generic_payload *payload = nullptr; // approximately timed
    sc_core::sc_event *done = nullptr;           // loosely timed, waiting
    bool *sound = nullptr;                       // its result, for who waits
};

struct chip::parts {
    parts(chip &owner, const std::string &arch, const std::string &trace,
          const std::vector<std::string> &set);

    // ---- samples: chip.cpp
    void on_cycle(sim_cycle now, bool stepped);
    void on_halt(sim_stop why);
    void on_edge_end();
    void enter_reset();
    void ask(const job &j);
    void begin_next();
    void finish(const job &j, bool sound);
    bool run_ahead(uint32_t timesteps, sc_core::sc_time from, sc_core::sc_time *end);
    bool can_run_ahead() const { return clock != nullptr && bindings.empty(); }
    sc_core::sc_time edge_after(sc_core::sc_time time) const;
    void report_stall();

    // ---- transactions: chip_target.cpp
    bool acceptable(tlm::tlm_generic_payload &payload) const;
    void access(tlm::tlm_generic_payload &payload);
    uint32_t timesteps_of(tlm::tlm_generic_payload &payload) const;
    void on_phase(tlm::tlm_generic_payload &payload, const tlm::tlm_phase &phase);
    void respond(tlm::tlm_generic_payload &payload);
    void send_responses();

    // ---- output spikes: chip_output.cpp
    struct spike {
        uint32_t neuron;
        uint64_t cycle; // of the sample
        bool four_phase;
    };
    void emit_blocking(const spike &s, sc_core::sc_time &delay);
    void emit_four_phase(const spike &s);

    // ---- bound wires: boundary.cpp
    struct binding {
        std::string name;
        put to;
        const sim_wire *wire;
        sim_cycle since; // of the value that was put last
    };
    void bind_all();
    void show(binding &b, sim_cycle now);

    chip &owner;
    device dev;
    assembly system;
    const sc_core::sc_clock *clock = nullptr; // clk, when it is a regular one

    std::deque<job> waiting;
    job running;
    bool is_running = false, ended = false, stalled = false;
    bool reset_sampled = false, in_reset = false;
    sc_core::sc_time ended_at, free_at; // free_at: end of the last sample that was run ahead
    sc_core::sc_event idle{"idle"}, free{"free"};

    tlm_utils::peq_with_cb_and_phase<parts> phases;
    std::deque<tlm::tlm_generic_payload *> responses;
    bool request_open = false, response_open = false;

    spike_memory memory;
    std::deque<spike> spikes;
    sc_core::sc_event more_spikes{"more_spikes"}, spike_answered{"spike_answered"};

    std::vector<binding> bindings;
};

} // namespace nocsim

#endif
