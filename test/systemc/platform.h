// SPDX-License-Identifier: MIT
//
// A platform for tests: a chip, its clock and reset, an initiator that runs a script in both styles of
// TLM-2.0, and a target that notes the chip's output spikes.
#ifndef TEST_SYSTEMC_PLATFORM_H
#define TEST_SYSTEMC_PLATFORM_H

#include "sim/sc/chip.h"
#include "sim/sc/trace.h"

#include <functional>
#include <tuple>
#include <vector>

struct memory_manager : tlm::tlm_mm_interface {
    int alive = 0;
    tlm::tlm_generic_payload *allocate();
    void free(tlm::tlm_generic_payload *payload) override;
};

struct initiator : sc_core::sc_module, tlm::tlm_bw_transport_if<> {
    tlm::tlm_initiator_socket<64> socket{"socket"};
    std::function<void(initiator &)> script;
    memory_manager memory;
    std::vector<std::string> phases; // of the last access, in order

    explicit initiator(sc_core::sc_module_name name);

    // Loosely timed. The delay grows.
    tlm::tlm_response_status access(tlm::tlm_command command, uint64_t address, uint8_t *data,
                                    unsigned length, sc_core::sc_time &delay);
    // Four phases; returns when the response has begun.
    tlm::tlm_response_status access_four_phase(tlm::tlm_command command, uint64_t address, uint8_t *data,
                                               unsigned length);
    uint64_t read(uint64_t address);
    tlm::tlm_response_status write_frames(const std::vector<uint8_t> &frames);
    tlm::tlm_response_status start(uint64_t timesteps, sc_core::sc_time &delay);
    tlm::tlm_response_status start_four_phase(uint64_t timesteps);

private:
    void run() { script(*this); }
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &, tlm::tlm_phase &,
                                       sc_core::sc_time &) override;
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}
    bool accepted = false, answered = false;
    sc_core::sc_event progress;
};

struct noted_spike {
    uint64_t neuron, cycle;
    sc_core::sc_time time; // with the delay
    bool operator==(const noted_spike &o) const { return neuron == o.neuron && cycle == o.cycle; }
};

struct listener : sc_core::sc_module {
    tlm_utils::simple_target_socket<listener, 64> socket{"socket"};
    std::vector<noted_spike> spikes;

    explicit listener(sc_core::sc_module_name name);

private:
    void note(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay);
};

struct platform : sc_core::sc_module {
    sc_core::sc_clock clock;
    sc_core::sc_signal<bool> reset{"reset"};
    nocsim::chip chip;
    initiator host{"host"};
    listener ear{"ear"};

    platform(sc_core::sc_module_name name, const std::string &arch, const std::string &trace,
             sc_core::sc_time period);
};

// What a sample gives natively.
struct native_sample {
    std::vector<uint32_t> counts;
    uint64_t cycles;
};
std::vector<native_sample> run_natively(const std::string &arch, const std::string &trace, uint64_t samples);

#endif
