// SPDX-License-Identifier: MIT
//
// A nocsim chip as a SystemC module, for virtual platforms.
//
// The chip is built from the same description (YAML) and network (.spk) as `nocsim --arch A --trace T`, and
// does the same, cycle by cycle.
//
// Clock    One cycle for each rising edge of `clk` while the chip has work; without work its clock is gated,
//          so the cycles of a sample are those that nocsim counts. `busy` shows when cycles are counted: it
//          rises with the first cycle's edge and falls with the edge that ends the last cycle.
// Reset    Active high, taken at rising edges. It cuts the power: the chip is as new, counters included; a
//          running sample is lost and its transaction answered with TLM_GENERIC_ERROR_RESPONSE, like all
//          transactions during reset.
//
// Target   64-bit bus, little endian. Plain reads and writes; no byte enables, no streaming.
//
//   0              input frames: frame t at t * frame_bytes, one bit a neuron of the input layers, which are
//                  padded to 64 bits each; bit n % 8 of byte n / 8 is neuron n's spike       read, write
//   registers +    64 bits each
//     reg_start          number of timesteps n: runs a sample of frames 0 .. n - 1; the write ends with the
//                        sample. With token windows n is reg_timesteps                       write
//     reg_frame_bytes    bytes of a frame                                                    read ...
//     reg_timesteps      most timesteps of a sample
//     reg_outputs        neurons of the output layer
//     reg_class          the output neuron with the most spikes in the last sample
//     reg_sample_cycles  cycles of the last sample
//     reg_cycles         cycles since power-up
//     reg_samples        samples since power-up
//     reg_counts + 8 i   spikes of output neuron i in the last sample
//
//   Accesses take no time but the start: it is taken at the first rising edge after the request, and ends
//   one period after the edge of the sample's last cycle. How frames get onto the chip is not modelled.
//
// Output   One write of 8 bytes for each output spike: the address is 8 * neuron, the data the cycle of the
//          sample in which the spike leaves, little endian. The socket may stay unbound.
//
// Both styles of TLM-2.0:
//   loosely timed         b_transport runs the whole sample at once, at native speed, and adds its time to
//                         the delay; output spikes are sent by b_transport with their own delays. Needs clk
//                         bound to a sc_clock and no bound wires; otherwise it waits and returns no delay.
//   approximately timed   nb_transport, four phases: END_REQ at once, BEGIN_RESP when the access is over.
//                         The sample runs with the clock. Output spikes: BEGIN_REQ at the edge of their
//                         cycle, one at a time.
//
// Wires that leave the chip (the rim of the mesh) can be bound to signals and FIFOs. A signal changes after
// the rising edge that begins the cycle, as a register's output does, so a clocked process sees at edge k + 1
// what the wire carried in cycle k. A FIFO gets each change; when it is full the change is lost, which is an
// error.
#ifndef SIM_SC_CHIP_H
#define SIM_SC_CHIP_H

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace nocsim {

// Version of the library.
const char *version();

class chip : public sc_core::sc_module, private tlm::tlm_bw_transport_if<> {
public:
    sc_core::sc_in<bool> clk{"clk"}, reset{"reset"};
    sc_core::sc_signal<bool> busy{"busy"};
    tlm_utils::simple_target_socket<chip, 64> target{"target"};
    tlm::tlm_initiator_socket<64, tlm::tlm_base_protocol_types, 1, sc_core::SC_ZERO_OR_MORE_BOUND> output{
        "output"};

    static constexpr uint64_t registers = UINT64_C(1) << 31;
    enum : uint64_t {
        reg_start = 0,
        reg_frame_bytes = 8,
        reg_timesteps = 16,
        reg_outputs = 24,
        reg_class = 32,
        reg_sample_cycles = 40,
        reg_cycles = 48,
        reg_samples = 56,
        reg_counts = 4096,
        fixed_registers_size = 56, // from reg_frame_bytes on
    };

    // `set` are settings as of `nocsim --set`, "chip.rows=4". A fault of the description or the network is a
    // SC_REPORT_ERROR of type "nocsim".
    chip(sc_core::sc_module_name name, const std::string &arch, const std::string &trace,
         const std::vector<std::string> &set = {});
    ~chip() override;

    // Names of the wires that leave the chip, and a wire's width in bits.
    std::vector<std::string> rim_wires() const;
    int width(const std::string &wire) const;

    // Before the simulation starts. W must be the wire's width.
    template <int W> void bind(const std::string &wire, sc_core::sc_signal<sc_dt::sc_bv<W>> &signal) {
        attach(wire, W, [&signal](const uint32_t *words) {
            signal.write(vector<W>(words));
            return true;
        });
    }
    template <int W> void bind(const std::string &wire, sc_core::sc_fifo<sc_dt::sc_bv<W>> &fifo) {
        attach(wire, W, [&fifo](const uint32_t *words) { return fifo.nb_write(vector<W>(words)); });
    }

    // A statically scheduled chip knows when an output wire carries the spikes of timestep t: in cycle
    // first + t * period of each sample, bit i for neuron first_neuron + i. Not in a sequence of token
    // windows.
    struct schedule {
        uint64_t first, period;
        uint32_t first_neuron, neurons;
    };
    // The output wires that the chip's host reads.
    std::vector<std::string> output_wires() const;
    schedule output_schedule(const std::string &wire) const;

private:
    using put = std::function<bool(const uint32_t *words)>;

    template <int W> static sc_dt::sc_bv<W> vector(const uint32_t *words) {
        sc_dt::sc_bv<W> value;
        for (int i = 0; i < (W + 31) / 32; i++)
            value.set_word(i, words[i]);
        return value;
    }
    void attach(const std::string &wire, int bits, put put);

    void end_of_elaboration() override;
    void sample_reset();
    void retry();
    void emit();
    void b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay);
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay);
    unsigned transport_dbg(tlm::tlm_generic_payload &payload);
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay) override;
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

    struct parts;
    std::unique_ptr<parts> p;
};

} // namespace nocsim

#endif
