// SPDX-License-Identifier: MIT
//
// A chip as software sees it: input frames and registers in a memory map, whole samples as its work.
//
// Without time: chip.h puts it on a bus and behind a clock. The map stands in chip.h.
#ifndef SIM_SC_DEVICE_H
#define SIM_SC_DEVICE_H

#include "sim/kernel/engine.h"

extern "C" {
#include "sim/cli/run.h"
}

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace nocsim {

class device {
public:
    // Reads the description and the network, and powers the chip up. Throws std::runtime_error.
    device(std::string arch, std::string trace, std::vector<std::string> set);
    ~device();
    device(const device &) = delete;
    device &operator=(const device &) = delete;

    // Builds everything anew; the same kernel object, the same components.
    void power_up();

    sim_kernel &kernel() { return run.kernel; }
    const arch_chip &chip() const { return *run.chip; }
    const sim_connection *find(const std::string &name) const; // "chip.tile[2][1].spike.south"

    // Accesses; false when the address or the length is wrong.
    bool write(uint64_t address, const uint8_t *data, size_t length);
    bool read(uint64_t address, uint8_t *data, size_t length) const;
    bool is_start(uint64_t address) const;
    // Timesteps that a write to the start register asks for; 0: it is wrong.
    uint32_t start_value(const uint8_t *data, size_t length) const;

    // Begins a sample of the frames written last.
    void begin(uint32_t timesteps);
    // When no work is left: whether the sample goes on (the next token window, an overlay).
    bool resume();
    void end();
    sim_cycle first_cycle() const { return first; }

    // Calls visit(neuron) for each output spike since the last call, in the sample at hand.
    template <class Visit> void new_spikes(Visit visit) {
        for (uint32_t neuron = 0; neuron < seen.size(); neuron++)
            for (; seen[neuron] < run.chip->output_count[neuron]; seen[neuron]++)
                visit(neuron);
    }

    // Where an output wire carries spikes: frame t is on the wire in cycle `first + t * period` of a sample.
    struct schedule {
        uint64_t first, period;
        uint32_t first_neuron, neurons;
    };
    bool find_schedule(const sim_connection &connection, schedule *found) const;

    // Why the run has stalled, one line each.
    std::string explain() const;

private:
    void build();
    uint64_t read_register(uint64_t offset) const;
    uint64_t best() const;

    std::string arch, trace;
    std::vector<std::string> set;
    struct run run {};
    std::vector<uint8_t> frame; // [timesteps][frame_bytes]
    size_t frame_bytes = 0;
    std::vector<std::vector<uint64_t>> train; // [layers] the sample at hand
    std::vector<const uint64_t *> spikes;
    std::vector<uint32_t> seen; // [outputs]
    sim_cycle first = 0, last_cycles = 0;
    uint64_t samples = 0;
};

} // namespace nocsim

#endif
