// SPDX-License-Identifier: MIT
//
// Spike traces for test benches; see sim/trace/trace.h.
#include "sim/sc/trace.h"

#include "sim/trace/trace.h"

#include <stdexcept>

namespace nocsim {

struct trace::parts {
    sim_trace file{};
    sim_err err{};
    size_t frame_bytes = 0;

    void require(bool sound) {
        if (sound)
            return;
        std::string text = err.count > 0 ? err.message[0] : "the trace cannot be read";
        sim_err_release(&err);
        throw std::runtime_error(text);
    }
};

trace::trace(const std::string &path) : p(std::make_unique<parts>()) {
    sim_err_init(&p->err);
    p->require(sim_trace_open(&p->file, path.c_str(), &p->err));
    for (uint32_t id = 0; id < p->file.graph.layers; id++)
        if (p->file.graph.layer[id].kind == SIM_LAYER_INPUT)
            p->frame_bytes += 8 * sim_layer_words(&p->file.graph.layer[id]);
}

trace::~trace() { sim_trace_close(&p->file); }

uint64_t trace::samples() const { return p->file.samples; }
uint32_t trace::timesteps() const { return p->file.timesteps; }
size_t trace::frame_bytes() const { return p->frame_bytes; }

int32_t trace::label(uint64_t sample) {
    int32_t label = -1;
    p->require(sim_trace_label(&p->file, sample, &label, &p->err));
    return label;
}

std::vector<uint8_t> trace::frames(uint64_t sample) {
    std::vector<uint8_t> frames(p->frame_bytes * p->file.timesteps);
    size_t layer_at = 0;
    for (uint32_t id = 0; id < p->file.graph.layers; id++) {
        const sim_layer &layer = p->file.graph.layer[id];
        if (layer.kind != SIM_LAYER_INPUT)
            continue;
        std::vector<uint64_t> train(sim_trace_words(&p->file, id));
        p->require(sim_trace_sample(&p->file, sample, id, train.data(), &p->err));
        uint32_t words = sim_layer_words(&layer);
        for (size_t i = 0; i < train.size(); i++)
            for (size_t byte = 0; byte < 8; byte++)
                frames[i / words * p->frame_bytes + layer_at + i % words * 8 + byte] =
                    uint8_t(train[i] >> (8 * byte));
        layer_at += 8 * words;
    }
    return frames;
}

} // namespace nocsim
