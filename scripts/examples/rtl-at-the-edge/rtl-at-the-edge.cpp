// SPDX-License-Identifier: MIT
//
// RTL at the edge of a chip: a rim wire of the mesh drives a SystemVerilog block, translated by Verilator.
//
//     host ==TLM==> nocsim::chip --spike wire--> spike_counter (spike_counter.sv)
//
// Usage: rtl-at-the-edge ARCH TRACE [SAMPLES]
//
// The block counts the spikes of every output neuron; after each sample its counts must be those of the chip.
// The wire has 256 bits, the network 10 outputs; another shape needs other parameters of the block.
#include "Vspike_counter.h"

#include <nocsim/chip.h>
#include <nocsim/trace.h>

#include <tlm_utils/simple_initiator_socket.h>

#include <cstdio>
#include <cstdlib>

using nocsim::chip;
using sc_core::sc_time;

static const unsigned outputs = 10;

struct bench : sc_core::sc_module {
    sc_core::sc_clock clock{"clock", sc_time(10, sc_core::SC_NS)};
    sc_core::sc_signal<bool> reset{"reset"};
    sc_core::sc_signal<sc_dt::sc_bv<256>> wire{"wire"};
    sc_core::sc_signal<uint32_t> first{"first"}, period{"period"}, select{"select"}, count{"count"};
    chip npu;
    Vspike_counter counter{"counter"};
    tlm_utils::simple_initiator_socket<bench, 64> socket{"socket"};
    nocsim::trace spikes;
    uint64_t samples;
    bool sound = false;

    bench(sc_core::sc_module_name name, const char *arch, const char *trace, uint64_t samples_)
        : sc_core::sc_module(name), npu("npu", arch, trace), spikes(trace), samples(samples_) {
        SC_HAS_PROCESS(bench);
        npu.clk(clock);
        npu.reset(reset);
        socket.bind(npu.target);
        const std::string rim = npu.output_wires().at(0);
        chip::schedule when = npu.output_schedule(rim);
        npu.bind(rim, wire);
        first.write(uint32_t(when.first));
        period.write(uint32_t(when.period));
        counter.clk(clock);
        counter.busy(npu.busy);
        counter.first(first);
        counter.period(period);
        counter.spikes(wire);
        counter.select(select);
        counter.count(count);
        std::printf("the counter listens to %s, cycle %u + t * %u\n", rim.c_str(), first.get_new_value(),
                    period.get_new_value());
        SC_THREAD(run);
    }

    void run() {
        uint64_t total = 0, wrong = 0;
        samples = std::min(samples, spikes.samples());
        for (uint64_t s = 0; s < samples; s++) {
            std::vector<uint8_t> frames = spikes.frames(s);
            uint8_t timesteps[8] = {uint8_t(spikes.timesteps()), uint8_t(spikes.timesteps() >> 8)};
            access(tlm::TLM_WRITE_COMMAND, 0, frames.data(), unsigned(frames.size()));
            access(tlm::TLM_WRITE_COMMAND, chip::registers + chip::reg_start, timesteps, 8);
            wait(clock.posedge_event()); // the last cycle's value is sampled
            for (unsigned n = 0; n < outputs; n++) {
                uint8_t bytes[8];
                access(tlm::TLM_READ_COMMAND, chip::registers + chip::reg_counts + 8 * n, bytes, 8);
                uint32_t expected = uint32_t(bytes[0] | bytes[1] << 8);
                select.write(n);
                wait(sc_time(1, sc_core::SC_NS));
                total += count.read();
                wrong += count.read() != expected;
            }
        }
        std::printf(
            "%llu samples, %llu spikes counted by the RTL block, %llu counts differ from the chip's\n",
            (unsigned long long)samples, (unsigned long long)total, (unsigned long long)wrong);
        sound = wrong == 0 && total > 0;
        sc_core::sc_stop();
    }

    void access(tlm::tlm_command command, uint64_t address, uint8_t *data, unsigned length) {
        tlm::tlm_generic_payload payload;
        sc_time delay;
        payload.set_command(command);
        payload.set_address(address);
        payload.set_data_ptr(data);
        payload.set_data_length(length);
        payload.set_streaming_width(length);
        socket->b_transport(payload, delay);
        if (!payload.is_response_ok())
            SC_REPORT_ERROR("bench", payload.get_response_string().c_str());
    }
};

int sc_main(int argc, char **argv) {
    char *end = nullptr;
    uint64_t samples = argc > 3 ? std::strtoull(argv[3], &end, 10) : UINT64_MAX;
    if (argc < 3 || argc > 4 || samples == 0 || (end != nullptr && *end != '\0')) {
        std::fprintf(stderr, "usage: rtl-at-the-edge ARCH TRACE [SAMPLES]\n");
        return 1;
    }
    sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    bench b("bench", argv[1], argv[2], samples);
    sc_core::sc_start();
    b.counter.final();
    return b.sound ? 0 : 1;
}
