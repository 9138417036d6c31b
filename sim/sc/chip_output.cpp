// SPDX-License-Identifier: MIT
//
// The initiator socket of a chip: output spikes as transactions; see chip.h.
#include "sim/sc/chip_parts.h"

namespace nocsim {

using tlm::tlm_generic_payload;
using tlm::tlm_phase;
using tlm::tlm_sync_enum;

// ---- payloads -------------------------------------------------------------------------------------------

tlm_generic_payload *spike_memory::allocate(uint32_t neuron, uint64_t cycle) {
    auto *payload = new tlm_generic_payload(this);
    auto *data = new unsigned char[8];
    for (int byte = 0; byte < 8; byte++)
        data[byte] = static_cast<unsigned char>(cycle >> (8 * byte));
    payload->set_command(tlm::TLM_WRITE_COMMAND);
    payload->set_address(8 * uint64_t(neuron));
    payload->set_data_ptr(data);
    payload->set_data_length(8);
    payload->set_streaming_width(8);
    payload->acquire();
    return payload;
}

void spike_memory::free(tlm_generic_payload *payload) {
    payload->reset();
    delete[] payload->get_data_ptr();
    delete payload;
}

// ---- sending --------------------------------------------------------------------------------------------

static void check(const tlm_generic_payload &payload) {
    if (!payload.is_response_ok())
        SC_REPORT_WARNING("nocsim",
                          ("an output spike was refused: " + payload.get_response_string()).c_str());
}

void chip::parts::emit_blocking(const spike &s, sc_core::sc_time &delay) {
    tlm_generic_payload *payload = memory.allocate(s.neuron, s.cycle);
    owner.output->b_transport(*payload, delay);
    check(*payload);
    payload->release();
}

void chip::parts::emit_four_phase(const spike &s) {
    tlm_generic_payload *payload = memory.allocate(s.neuron, s.cycle);
    tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    tlm_sync_enum answer = owner.output->nb_transport_fw(*payload, phase, delay);
    if (answer == tlm::TLM_COMPLETED || (answer == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP))
        sc_core::wait(delay);
    else
        sc_core::wait(spike_answered);
    if (answer != tlm::TLM_COMPLETED) {
        phase = tlm::END_RESP;
        delay = sc_core::SC_ZERO_TIME;
        owner.output->nb_transport_fw(*payload, phase, delay);
    }
    check(*payload);
    payload->release();
}

tlm_sync_enum chip::nb_transport_bw(tlm_generic_payload &, tlm_phase &phase, sc_core::sc_time &delay) {
    if (phase == tlm::BEGIN_RESP)
        p->spike_answered.notify(delay);
    else if (phase != tlm::END_REQ)
        SC_REPORT_ERROR("nocsim", "the output socket takes END_REQ and BEGIN_RESP");
    return tlm::TLM_ACCEPTED;
}

void chip::emit() {
    for (;;) {
        while (p->spikes.empty())
            wait(p->more_spikes);
        parts::spike s = p->spikes.front();
        p->spikes.pop_front();
        if (s.four_phase) {
            p->emit_four_phase(s);
        } else {
            sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
            p->emit_blocking(s, delay);
            if (delay > sc_core::SC_ZERO_TIME)
                wait(delay);
        }
    }
}

} // namespace nocsim
