// SPDX-License-Identifier: MIT
//
// The target socket of a chip: accesses in both styles of TLM-2.0; see chip.h.
#include "sim/sc/chip_parts.h"

namespace nocsim {

using tlm::tlm_generic_payload;
using tlm::tlm_phase;
using tlm::tlm_sync_enum;

// ---- accesses -------------------------------------------------------------------------------------------

// False, with the answer set, for what the bus does not do.
bool chip::parts::acceptable(tlm_generic_payload &payload) const {
    tlm::tlm_response_status fault = tlm::TLM_OK_RESPONSE;
    if (payload.get_command() == tlm::TLM_IGNORE_COMMAND)
        fault = tlm::TLM_COMMAND_ERROR_RESPONSE;
    else if (payload.get_byte_enable_ptr() != nullptr)
        fault = tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    else if (payload.get_streaming_width() < payload.get_data_length())
        fault = tlm::TLM_BURST_ERROR_RESPONSE;
    else if (in_reset)
        fault = tlm::TLM_GENERIC_ERROR_RESPONSE;
    payload.set_response_status(fault);
    return fault == tlm::TLM_OK_RESPONSE;
}

void chip::parts::access(tlm_generic_payload &payload) {
    bool done = payload.is_write()
                    ? dev.write(payload.get_address(), payload.get_data_ptr(), payload.get_data_length())
                    : dev.read(payload.get_address(), payload.get_data_ptr(), payload.get_data_length());
    payload.set_response_status(done ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

// Of a write to the start register; 0, with the answer set, when the number is wrong.
uint32_t chip::parts::timesteps_of(tlm_generic_payload &payload) const {
    uint32_t timesteps =
        payload.is_write() ? dev.start_value(payload.get_data_ptr(), payload.get_data_length()) : 0;
    payload.set_response_status(timesteps != 0 ? tlm::TLM_OK_RESPONSE : tlm::TLM_GENERIC_ERROR_RESPONSE);
    return timesteps;
}

unsigned chip::transport_dbg(tlm_generic_payload &payload) {
    if (!p->acceptable(payload) || p->dev.is_start(payload.get_address()))
        return 0;
    p->access(payload);
    return payload.is_response_ok() ? payload.get_data_length() : 0;
}

// ---- loosely timed --------------------------------------------------------------------------------------

void chip::b_transport(tlm_generic_payload &payload, sc_core::sc_time &delay) {
    payload.set_dmi_allowed(false);
    if (!p->acceptable(payload))
        return;
    if (!p->dev.is_start(payload.get_address())) {
        p->access(payload);
        return;
    }
    uint32_t timesteps = p->timesteps_of(payload);
    if (timesteps == 0)
        return;
    bool sound = false;
    if (p->can_run_ahead() && !p->is_running && p->waiting.empty()) {
        sc_core::sc_time end;
        sound = p->run_ahead(timesteps, sc_core::sc_time_stamp() + delay, &end);
        delay = end - sc_core::sc_time_stamp();
    } else {
        sc_core::wait(delay);
        delay = sc_core::SC_ZERO_TIME;
        sc_core::sc_event done;
        job j;
        j.timesteps = timesteps;
        j.done = &done;
        j.sound = &sound;
        p->ask(j);
        sc_core::wait(done);
    }
    payload.set_response_status(sound ? tlm::TLM_OK_RESPONSE : tlm::TLM_GENERIC_ERROR_RESPONSE);
}

// ---- approximately timed --------------------------------------------------------------------------------

tlm_sync_enum chip::nb_transport_fw(tlm_generic_payload &payload, tlm_phase &phase, sc_core::sc_time &delay) {
    if (phase == tlm::BEGIN_REQ) {
        if (!payload.has_mm())
            SC_REPORT_ERROR("nocsim", "a four-phase transaction needs a memory manager");
        if (p->request_open)
            SC_REPORT_ERROR("nocsim", "BEGIN_REQ before the END_REQ of the request before");
        p->request_open = true;
        payload.acquire();
    } else if (phase != tlm::END_RESP) {
        SC_REPORT_ERROR("nocsim", "the target socket takes BEGIN_REQ and END_RESP");
        return tlm::TLM_ACCEPTED;
    }
    p->phases.notify(payload, phase, delay);
    return tlm::TLM_ACCEPTED;
}

void chip::parts::on_phase(tlm_generic_payload &payload, const tlm_phase &phase) {
    if (phase == tlm::END_RESP) {
        response_open = false;
        payload.release();
        send_responses();
        return;
    }
    request_open = false;
    tlm_phase end = tlm::END_REQ;
    sc_core::sc_time now = sc_core::SC_ZERO_TIME;
    owner.target->nb_transport_bw(payload, end, now);
    payload.set_dmi_allowed(false);
    if (acceptable(payload)) {
        if (!dev.is_start(payload.get_address())) {
            access(payload);
        } else if (uint32_t timesteps = timesteps_of(payload)) {
            job j;
            j.timesteps = timesteps;
            j.payload = &payload;
            ask(j);
            return;
        }
    }
    respond(payload);
}

void chip::parts::respond(tlm_generic_payload &payload) {
    responses.push_back(&payload);
    send_responses();
}

// One response at a time is open.
void chip::parts::send_responses() {
    while (!response_open && !responses.empty()) {
        tlm_generic_payload &payload = *responses.front();
        responses.pop_front();
        tlm_phase phase = tlm::BEGIN_RESP;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        response_open = true;
        tlm_sync_enum answer = owner.target->nb_transport_bw(payload, phase, delay);
        if (answer == tlm::TLM_COMPLETED || (answer == tlm::TLM_UPDATED && phase == tlm::END_RESP))
            phases.notify(payload, tlm::END_RESP, delay);
    }
}

} // namespace nocsim
