// SPDX-License-Identifier: MIT
//
// Wires that leave a chip, bound to foreign signals and FIFOs; see chip.h.
#include "sim/sc/chip_parts.h"

#include <cstring>

namespace nocsim {

static std::string name_of(const sim_kernel &kernel, const sim_connection &c) {
    return std::string(kernel.component[c.from]->path) + "." + c.name;
}

static bool leaves(const sim_connection &c) {
    return c.wire != nullptr && c.from != SIM_NOBODY && c.to == SIM_NOBODY;
}

std::vector<std::string> chip::rim_wires() const {
    const sim_kernel &kernel = p->dev.kernel();
    std::vector<std::string> names;
    for (uint32_t i = 0; i < kernel.connections; i++)
        if (leaves(kernel.connection[i]))
            names.push_back(name_of(kernel, kernel.connection[i]));
    return names;
}

int chip::width(const std::string &wire) const {
    const sim_connection *c = p->dev.find(wire);
    return c != nullptr && c->wire != nullptr ? 8 * int(c->wire->bytes) : 0;
}

std::vector<std::string> chip::output_wires() const {
    const sim_kernel &kernel = p->dev.kernel();
    std::vector<std::string> names;
    device::schedule s;
    for (uint32_t i = 0; i < kernel.connections; i++)
        if (leaves(kernel.connection[i]) && p->dev.find_schedule(kernel.connection[i], &s))
            names.push_back(name_of(kernel, kernel.connection[i]));
    return names;
}

chip::schedule chip::output_schedule(const std::string &wire) const {
    const sim_connection *c = p->dev.find(wire);
    device::schedule s;
    if (c == nullptr || !p->dev.find_schedule(*c, &s)) {
        SC_REPORT_ERROR("nocsim", ("the host of the chip does not read '" + wire + "'").c_str());
        return {};
    }
    return {s.first, s.period, s.first_neuron, s.neurons};
}

void chip::attach(const std::string &wire, int bits, put to) {
    const sim_connection *c = p->dev.find(wire);
    if (c == nullptr || !leaves(*c)) {
        std::string text = "no wire named '" + wire + "' leaves the chip";
        std::vector<std::string> names = rim_wires();
        if (!names.empty())
            text += "; one that does is '" + names.front() + "'";
        SC_REPORT_ERROR("nocsim", text.c_str());
        return;
    }
    if (bits != width(wire)) {
        SC_REPORT_ERROR("nocsim", ("wire '" + wire + "' has " + std::to_string(width(wire)) + " bits, not " +
                                   std::to_string(bits))
                                      .c_str());
        return;
    }
    p->bindings.push_back({wire, std::move(to), c->wire, SIM_NEVER});
}

void chip::parts::bind_all() {
    for (binding &b : bindings) {
        b.wire = dev.find(b.name)->wire;
        b.since = SIM_NEVER;
    }
}

void chip::parts::show(binding &b, sim_cycle now) {
    sim_cycle since = sim_wire_since(b.wire, now);
    if (since == b.since)
        return;
    b.since = since;
    std::vector<uint32_t> words((b.wire->bytes + 3) / 4);
    std::memcpy(words.data(), sim_wire_read(b.wire, now), b.wire->bytes);
    if (!b.to(words.data()))
        SC_REPORT_ERROR("nocsim", ("the FIFO at '" + b.name + "' is full: a value of cycle " +
                                   std::to_string(now) + " is lost")
                                      .c_str());
}

} // namespace nocsim
