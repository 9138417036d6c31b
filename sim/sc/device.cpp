// SPDX-License-Identifier: MIT
//
// A chip as software sees it; see device.h.
#include "sim/sc/device.h"

#include "sim/sc/chip.h"

#include "arch/shenjing/chip.h"

#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace nocsim {

device::device(std::string arch_, std::string trace_, std::vector<std::string> set_)
    : arch(std::move(arch_)), trace(std::move(trace_)), set(std::move(set_)) {
    build();
}

device::~device() { run_release(&run); }

void device::build() {
    run_options options{};
    options.arch = arch.c_str();
    options.trace = trace.c_str();
    for (const std::string &s : set)
        if (options.sets < CLI_SETS_MAX)
            options.set[options.sets++] = s.c_str();
    sim_err err;
    sim_err_init(&err);
    if (!run_build(&run, &options, &err)) {
        std::string text = err.message[0];
        for (int i = 1; i < err.count; i++)
            text = text + "\n" + err.message[i];
        sim_err_release(&err);
        run_release(&run);
        throw std::runtime_error(text);
    }
    sim_err_release(&err);
    if (run.trace.graph.replayed)
        throw std::runtime_error(trace + ": no weights: a platform drives the input layers alone");
    sim_kernel_start(&run.kernel);
    const sim_graph &graph = run.trace.graph;
    frame_bytes = 0;
    train.assign(graph.layers, {});
    spikes.assign(graph.layers, nullptr);
    for (uint32_t id = 0; id < graph.layers; id++) {
        if (graph.layer[id].kind != SIM_LAYER_INPUT)
            continue;
        train[id].resize(sim_trace_words(&run.trace, id));
        spikes[id] = train[id].data();
        frame_bytes += 8 * sim_layer_words(&graph.layer[id]);
    }
    frame.assign(frame_bytes * run.trace.timesteps, 0);
    seen.assign(run.chip->outputs, 0);
    first = last_cycles = 0;
    samples = 0;
}

void device::power_up() {
    run_release(&run);
    build();
}

const sim_connection *device::find(const std::string &name) const {
    for (uint32_t i = 0; i < run.kernel.connections; i++) {
        const sim_connection &c = run.kernel.connection[i];
        if (c.from != SIM_NOBODY && name == std::string(run.kernel.component[c.from]->path) + "." + c.name)
            return &c;
    }
    return nullptr;
}

// ---- the memory map -------------------------------------------------------------------------------------

uint64_t device::best() const {
    uint32_t best = 0;
    for (uint32_t i = 1; i < run.chip->outputs; i++)
        if (run.chip->output_count[i] > run.chip->output_count[best])
            best = i;
    return best;
}

uint64_t device::read_register(uint64_t offset) const {
    switch (offset) {
    case chip::reg_frame_bytes:
        return frame_bytes;
    case chip::reg_timesteps:
        return run.trace.timesteps;
    case chip::reg_outputs:
        return run.chip->outputs;
    case chip::reg_class:
        return best();
    case chip::reg_sample_cycles:
        return last_cycles;
    case chip::reg_cycles:
        return run.kernel.now;
    case chip::reg_samples:
        return samples;
    default:
        return run.chip->output_count[(offset - chip::reg_counts) / 8];
    }
}

static bool inside(uint64_t address, size_t length, uint64_t base, uint64_t size) {
    return address >= base && length <= size && address - base <= size - length;
}

bool device::write(uint64_t address, const uint8_t *data, size_t length) {
    if (!inside(address, length, 0, frame.size()))
        return false;
    std::memcpy(frame.data() + address, data, length);
    return true;
}

bool device::read(uint64_t address, uint8_t *data, size_t length) const {
    if (inside(address, length, 0, frame.size())) {
        std::memcpy(data, frame.data() + address, length);
        return true;
    }
    bool fixed = inside(address, length, chip::registers + chip::reg_frame_bytes, chip::fixed_registers_size);
    bool counts =
        inside(address, length, chip::registers + chip::reg_counts, 8 * uint64_t(run.chip->outputs));
    if ((!fixed && !counts) || address % 8 != 0 || length % 8 != 0)
        return false;
    for (size_t i = 0; i < length; i += 8) {
        uint64_t value = read_register(address - chip::registers + i);
        for (size_t byte = 0; byte < 8; byte++)
            data[i + byte] = uint8_t(value >> (8 * byte));
    }
    return true;
}

bool device::is_start(uint64_t address) const { return address == chip::registers + chip::reg_start; }

uint32_t device::start_value(const uint8_t *data, size_t length) const {
    uint64_t value = 0;
    for (size_t byte = 0; length == 8 && byte < 8; byte++)
        value |= uint64_t(data[byte]) << (8 * byte);
    bool whole = run.trace.graph.window == 0 || value == run.trace.timesteps; // a sequence is not cut off
    return whole && value <= run.trace.timesteps ? uint32_t(value) : 0;
}

// ---- samples --------------------------------------------------------------------------------------------

static uint64_t little_endian(const uint8_t *bytes) {
    uint64_t word = 0;
    for (size_t byte = 0; byte < 8; byte++)
        word |= uint64_t(bytes[byte]) << (8 * byte);
    return word;
}

void device::begin(uint32_t timesteps) {
    const sim_graph &graph = run.trace.graph;
    for (uint32_t t = 0; t < timesteps; t++) {
        const uint8_t *from = frame.data() + t * frame_bytes;
        for (uint32_t id = 0; id < graph.layers; id++) {
            if (spikes[id] == nullptr)
                continue;
            uint32_t words = sim_layer_words(&graph.layer[id]), rest = graph.layer[id].neurons % 64;
            uint64_t *to = train[id].data() + size_t(t) * words;
            for (uint32_t word = 0; word < words; word++, from += 8)
                to[word] = little_endian(from);
            if (rest != 0)
                to[words - 1] &= (UINT64_C(1) << rest) - 1;
        }
    }
    std::fill(seen.begin(), seen.end(), 0);
    first = run.kernel.now;
    run.chip->type->begin(run.chip, &run.kernel, timesteps, spikes.data());
}

bool device::resume() {
    return run.chip->type->resume != nullptr && run.chip->type->resume(run.chip, &run.kernel);
}

void device::end() {
    last_cycles = run.kernel.now - first;
    samples++;
}

bool device::find_schedule(const sim_connection &connection, schedule *found) const {
    if (run.chip->type != &arch_shenjing_chip_type || connection.wire == nullptr ||
        run.trace.graph.window != 0) /* windows begin when the one before is done */
        return false;
    const auto &host = reinterpret_cast<const arch_shenjing_chip *>(run.chip)->host;
    for (uint32_t i = 0; i < host.items; i++) {
        const arch_host_item &item = host.item[i];
        if (item.tap != connection.wire || item.number != nullptr) /* numbers must follow each other */
            continue;
        *found = {ARCH_HOST_START + host.flush + uint64_t(item.delay) * host.period + item.offset,
                  host.period, item.first, item.count};
        return true;
    }
    return false;
}

std::string device::explain() const {
    char *text = nullptr;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    sim_kernel_explain(&run.kernel, out);
    std::fclose(out);
    std::string result(text, size);
    std::free(text);
    return result;
}

} // namespace nocsim
