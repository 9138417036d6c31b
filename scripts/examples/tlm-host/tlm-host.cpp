// SPDX-License-Identifier: MIT
//
// A virtual platform: a host that feeds a neuromorphic chip over TLM-2.0, and a listener at its output.
//
//     host ==target socket==> nocsim::chip ==output socket==> listener
//
// Usage: tlm-host ARCH TRACE [SAMPLES] [lt|at]
//
// The host writes the frames of each sample, starts it, and reads the class from a register; the listener
// counts the output spikes on its own and must come to the same class. With `lt` (the default) the host uses
// blocking transport and lets its local time run ahead, with `at` four phases.
#include <nocsim/chip.h>
#include <nocsim/trace.h>

#include <tlm_utils/simple_initiator_socket.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

using nocsim::chip;
using sc_core::sc_time;

// Counts spikes by neuron.
struct listener : sc_core::sc_module {
    tlm_utils::simple_target_socket<listener, 64> socket{"socket"};
    std::map<uint64_t, unsigned> count;

    explicit listener(sc_core::sc_module_name name) : sc_core::sc_module(name) {
        socket.register_b_transport(this, &listener::b_transport);
    }

    uint64_t best() const {
        uint64_t best = 0;
        unsigned most = 0;
        for (auto [neuron, spikes] : count)
            if (spikes > most) {
                most = spikes;
                best = neuron;
            }
        return best;
    }

private:
    void b_transport(tlm::tlm_generic_payload &payload, sc_time &) {
        count[payload.get_address() / 8]++;
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }
};

struct options {
    std::string arch, trace;
    uint64_t samples = UINT64_MAX;
    bool four_phase = false;
};

class host : public sc_core::sc_module, tlm::tlm_mm_interface {
public:
    tlm_utils::simple_initiator_socket<host, 64> socket{"socket"};
    bool sound = false; // everything went as it should

    host(sc_core::sc_module_name name, const options &asked_, listener &ear_)
        : sc_core::sc_module(name), asked(asked_), ear(ear_), spikes(asked_.trace) {
        SC_HAS_PROCESS(host);
        socket.register_nb_transport_bw(this, &host::nb_transport_bw);
        SC_THREAD(run);
    }

private:
    const options asked;
    listener &ear;
    nocsim::trace spikes;
    sc_time local; // ahead of SystemC's time, in the loosely timed style
    bool accepted = false, answered = false;
    sc_core::sc_event progress;

    void run() {
        uint64_t samples = std::min(asked.samples, spikes.samples()), correct = 0, agreed = 0;
        for (uint64_t s = 0; s < samples; s++) {
            std::vector<uint8_t> frames = spikes.frames(s);
            ear.count.clear();
            access(tlm::TLM_WRITE_COMMAND, 0, frames.data(), frames.size());
            write(chip::reg_start, spikes.timesteps());
            uint64_t answer = read(chip::reg_class);
            correct += int64_t(answer) == spikes.label(s);
            agreed += answer == ear.best();
        }
        uint64_t cycles = read(chip::reg_cycles);
        wait(local);
        std::printf("Accuracy   %.2f %% (%llu of %llu)\n", 100.0 * double(correct) / double(samples),
                    (unsigned long long)correct, (unsigned long long)samples);
        std::printf("Cycles     %llu\n", (unsigned long long)cycles);
        std::printf("Time       %s on the platform\n", sc_core::sc_time_stamp().to_string().c_str());
        if (agreed != samples)
            std::printf("the listener disagrees on %llu samples\n", (unsigned long long)(samples - agreed));
        sound = agreed == samples;
        sc_core::sc_stop();
    }

    void write(uint64_t reg, uint64_t value) {
        uint8_t bytes[8];
        for (int i = 0; i < 8; i++)
            bytes[i] = uint8_t(value >> (8 * i));
        access(tlm::TLM_WRITE_COMMAND, chip::registers + reg, bytes, 8);
    }

    uint64_t read(uint64_t reg) {
        uint8_t bytes[8];
        uint64_t value = 0;
        access(tlm::TLM_READ_COMMAND, chip::registers + reg, bytes, 8);
        for (int i = 0; i < 8; i++)
            value |= uint64_t(bytes[i]) << (8 * i);
        return value;
    }

    void access(tlm::tlm_command command, uint64_t address, uint8_t *data, size_t length) {
        auto *payload = new tlm::tlm_generic_payload(this);
        payload->acquire();
        payload->set_command(command);
        payload->set_address(address);
        payload->set_data_ptr(data);
        payload->set_data_length(unsigned(length));
        payload->set_streaming_width(unsigned(length));
        if (asked.four_phase)
            transport_four_phase(*payload);
        else
            socket->b_transport(*payload, local);
        if (!payload->is_response_ok())
            SC_REPORT_ERROR("host", payload->get_response_string().c_str());
        payload->release();
    }

    void transport_four_phase(tlm::tlm_generic_payload &payload) {
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_time delay;
        accepted = answered = false;
        socket->nb_transport_fw(payload, phase, delay);
        while (!accepted || !answered)
            wait(progress);
        phase = tlm::END_RESP;
        socket->nb_transport_fw(payload, phase, delay);
    }

    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &, tlm::tlm_phase &phase, sc_time &delay) {
        (phase == tlm::END_REQ ? accepted : answered) = true;
        progress.notify(delay);
        return tlm::TLM_ACCEPTED;
    }

    void free(tlm::tlm_generic_payload *payload) override { delete payload; }
};

static bool parse(int argc, char **argv, options *asked) {
    if (argc < 3 || argc > 5)
        return false;
    asked->arch = argv[1];
    asked->trace = argv[2];
    if (argc > 3) {
        char *end;
        asked->samples = std::strtoull(argv[3], &end, 10);
        if (*end != '\0' || asked->samples == 0)
            return false;
    }
    asked->four_phase = argc > 4 && std::strcmp(argv[4], "at") == 0;
    return argc < 5 || asked->four_phase || std::strcmp(argv[4], "lt") == 0;
}

int sc_main(int argc, char **argv) {
    options asked;
    if (!parse(argc, argv, &asked)) {
        std::fprintf(stderr, "usage: tlm-host ARCH TRACE [SAMPLES] [lt|at]\n");
        return 1;
    }
    sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    sc_core::sc_clock clock("clock", sc_time(10, sc_core::SC_NS));
    sc_core::sc_signal<bool> reset("reset");
    chip npu("npu", asked.arch, asked.trace);
    listener ear("ear");
    host cpu("cpu", asked, ear);
    npu.clk(clock);
    npu.reset(reset);
    cpu.socket.bind(npu.target);
    npu.output.bind(ear.socket);
    sc_core::sc_start();
    return cpu.sound ? 0 : 1;
}
