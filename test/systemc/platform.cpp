// SPDX-License-Identifier: MIT
//
// A platform for tests; see platform.h.
#include "test/systemc/platform.h"

#include "sim/sc/device.h"

using sc_core::sc_time;
using tlm::tlm_generic_payload;
using tlm::tlm_phase;

tlm_generic_payload *memory_manager::allocate() {
    alive++;
    return new tlm_generic_payload(this);
}

void memory_manager::free(tlm_generic_payload *payload) {
    alive--;
    payload->reset();
    delete payload;
}

// ---- initiator ------------------------------------------------------------------------------------------

initiator::initiator(sc_core::sc_module_name name) : sc_core::sc_module(name) {
    SC_HAS_PROCESS(initiator);
    SC_THREAD(run);
    socket.bind(*this);
}

static void fill(tlm_generic_payload &payload, tlm::tlm_command command, uint64_t address, uint8_t *data,
                 unsigned length) {
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(data);
    payload.set_data_length(length);
    payload.set_streaming_width(length);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
}

tlm::tlm_response_status initiator::access(tlm::tlm_command command, uint64_t address, uint8_t *data,
                                           unsigned length, sc_time &delay) {
    tlm_generic_payload payload;
    fill(payload, command, address, data, length);
    socket->b_transport(payload, delay);
    return payload.get_response_status();
}

tlm::tlm_response_status initiator::access_four_phase(tlm::tlm_command command, uint64_t address,
                                                      uint8_t *data, unsigned length) {
    tlm_generic_payload *payload = memory.allocate();
    payload->acquire();
    fill(*payload, command, address, data, length);
    phases = {"BEGIN_REQ"};
    accepted = answered = false;
    tlm_phase phase = tlm::BEGIN_REQ;
    sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_fw(*payload, phase, delay);
    while (!accepted || !answered)
        wait(progress);
    phase = tlm::END_RESP;
    phases.push_back("END_RESP");
    socket->nb_transport_fw(*payload, phase, delay);
    tlm::tlm_response_status status = payload->get_response_status();
    payload->release();
    return status;
}

tlm::tlm_sync_enum initiator::nb_transport_bw(tlm_generic_payload &, tlm_phase &phase, sc_time &delay) {
    phases.push_back(phase.get_name());
    (phase == tlm::END_REQ ? accepted : answered) = true;
    progress.notify(delay);
    return tlm::TLM_ACCEPTED;
}

static void put(uint8_t bytes[8], uint64_t value) {
    for (int i = 0; i < 8; i++)
        bytes[i] = uint8_t(value >> (8 * i));
}

uint64_t initiator::read(uint64_t address) {
    uint8_t bytes[8];
    sc_time delay;
    uint64_t value = 0;
    if (access(tlm::TLM_READ_COMMAND, address, bytes, 8, delay) != tlm::TLM_OK_RESPONSE)
        return UINT64_MAX;
    for (int i = 0; i < 8; i++)
        value |= uint64_t(bytes[i]) << (8 * i);
    return value;
}

tlm::tlm_response_status initiator::write_frames(const std::vector<uint8_t> &frames) {
    sc_time delay;
    return access(tlm::TLM_WRITE_COMMAND, 0, const_cast<uint8_t *>(frames.data()), unsigned(frames.size()),
                  delay);
}

tlm::tlm_response_status initiator::start(uint64_t timesteps, sc_time &delay) {
    uint8_t bytes[8];
    put(bytes, timesteps);
    return access(tlm::TLM_WRITE_COMMAND, nocsim::chip::registers + nocsim::chip::reg_start, bytes, 8, delay);
}

tlm::tlm_response_status initiator::start_four_phase(uint64_t timesteps) {
    uint8_t bytes[8];
    put(bytes, timesteps);
    return access_four_phase(tlm::TLM_WRITE_COMMAND, nocsim::chip::registers + nocsim::chip::reg_start, bytes,
                             8);
}

// ---- listener, platform ---------------------------------------------------------------------------------

listener::listener(sc_core::sc_module_name name) : sc_core::sc_module(name) {
    socket.register_b_transport(this, &listener::note);
}

void listener::note(tlm_generic_payload &payload, sc_time &delay) {
    uint64_t cycle = 0;
    for (unsigned i = 0; i < payload.get_data_length(); i++)
        cycle |= uint64_t(payload.get_data_ptr()[i]) << (8 * i);
    spikes.push_back({payload.get_address() / 8, cycle, sc_core::sc_time_stamp() + delay});
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

platform::platform(sc_core::sc_module_name name, const std::string &arch, const std::string &trace,
                   sc_time period)
    : sc_core::sc_module(name), clock("clock", period), chip("chip", arch, trace) {
    chip.clk.bind(clock);
    chip.reset.bind(reset);
    host.socket.bind(chip.target);
    chip.output.bind(ear.socket);
}

std::vector<native_sample> run_natively(const std::string &arch, const std::string &trace_path,
                                        uint64_t samples) {
    nocsim::device dev(arch, trace_path, {});
    nocsim::trace trace(trace_path);
    std::vector<native_sample> results;
    for (uint64_t sample = 0; sample < samples; sample++) {
        std::vector<uint8_t> frames = trace.frames(sample);
        dev.write(0, frames.data(), frames.size());
        dev.begin(trace.timesteps());
        do
            sim_kernel_run(&dev.kernel(), SIM_NEVER);
        while (dev.resume());
        results.push_back({{dev.chip().output_count, dev.chip().output_count + dev.chip().outputs},
                           dev.kernel().now - dev.first_cycle()});
    }
    return results;
}
