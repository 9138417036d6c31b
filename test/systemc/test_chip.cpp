// SPDX-License-Identifier: MIT
//
// The chip as a SystemC module: results and times of both styles of TLM-2.0 against the native engine, reset,
// wrong use, bound wires.
#include "test/systemc/platform.h"

#include "sim/sc/device.h"

extern "C" {
#include "test/suite.h"
}

#include <cstdlib>
#include <map>

using nocsim::chip;
using sc_core::sc_time;
using sc_core::sc_time_stamp;

// The leak sanitizer cannot walk the stacks that SystemC's threads switch between. Where there are no
// threads, in nocsim and the other tests, it is on.
#ifdef __SANITIZE_ADDRESS__
extern "C" const char *__asan_default_options();
extern "C" const char *__asan_default_options() { return "detect_leaks=0"; }
#endif

static const char *const arch = "configs/shenjing.yaml";
static const char *const trace_path = "workloads/mnist-mlp.spk";
static const uint64_t samples = 3;
static const sc_time period(10, sc_core::SC_NS);

static sc_time cycles(uint64_t n) { return sc_time::from_value(period.value() * n); }

// Edges are at multiples of the period.
static sc_time edge_after(sc_time t) { return cycles(t.value() / period.value() + 1); }

static void check_counts(initiator &host, const native_sample &native) {
    for (size_t i = 0; i < native.counts.size(); i++)
        ck_assert_uint_eq(host.read(chip::registers + chip::reg_counts + 8 * i), native.counts[i]);
    ck_assert_uint_eq(host.read(chip::registers + chip::reg_sample_cycles), native.cycles);
}

static void run_platform(platform &p, const std::function<void(initiator &)> &script) {
    bool finished = false;
    p.host.script = [&](initiator &host) {
        script(host);
        sc_core::wait(period); // the last END_RESP
        finished = true;
        sc_core::sc_stop();
    };
    sc_core::sc_start();
    ck_assert(finished);
    ck_assert_int_eq(p.host.memory.alive, 0);
}

START_TEST(blocking_transport_annotates_the_time_of_the_sample) {
    std::vector<native_sample> native = run_natively(arch, trace_path, samples);
    nocsim::trace trace(trace_path);
    platform p("platform", arch, trace_path, period);
    run_platform(p, [&](initiator &host) {
        const sc_time offset[samples] = {sc_core::SC_ZERO_TIME, sc_time(3, sc_core::SC_NS),
                                         sc_time(10, sc_core::SC_NS)};
        sc_time delay;
        for (uint64_t s = 0; s < samples; s++) {
            delay += offset[s];
            ck_assert_int_eq(host.write_frames(trace.frames(s)), tlm::TLM_OK_RESPONSE);
            sc_time asked = sc_time_stamp() + delay;
            ck_assert_int_eq(host.start(trace.timesteps(), delay), tlm::TLM_OK_RESPONSE);
            ck_assert(sc_time_stamp() == sc_core::SC_ZERO_TIME);
            ck_assert(sc_time_stamp() + delay == edge_after(asked) + cycles(native[s].cycles));
            check_counts(host, native[s]);
        }
        ck_assert_uint_eq(host.read(chip::registers + chip::reg_samples), samples);
    });
}
END_TEST

START_TEST(four_phases_take_the_time_of_the_sample) {
    std::vector<native_sample> native = run_natively(arch, trace_path, samples);
    nocsim::trace trace(trace_path);
    platform p("platform", arch, trace_path, period);
    run_platform(p, [&](initiator &host) {
        const std::vector<std::string> four = {"BEGIN_REQ", "END_REQ", "BEGIN_RESP", "END_RESP"};
        uint64_t total = 0;
        for (uint64_t s = 0; s < samples; s++) {
            sc_core::wait(sc_time(double(7 * s), sc_core::SC_NS));
            std::vector<uint8_t> frames = trace.frames(s);
            ck_assert_int_eq(host.access_four_phase(tlm::TLM_WRITE_COMMAND, 0, frames.data(),
                                                    unsigned(frames.size())),
                             tlm::TLM_OK_RESPONSE);
            ck_assert(host.phases == four);
            sc_time asked = sc_time_stamp();
            ck_assert_int_eq(host.start_four_phase(trace.timesteps()), tlm::TLM_OK_RESPONSE);
            ck_assert(host.phases == four);
            ck_assert(sc_time_stamp() == edge_after(asked) + cycles(native[s].cycles));
            check_counts(host, native[s]);
            total += native[s].cycles;
        }
        ck_assert_uint_eq(host.read(chip::registers + chip::reg_cycles), total);
    });
}
END_TEST

// Both styles by turns are one continuous life of the chip.
START_TEST(the_styles_mix) {
    std::vector<native_sample> native = run_natively(arch, trace_path, samples);
    nocsim::trace trace(trace_path);
    platform p("platform", arch, trace_path, period);
    run_platform(p, [&](initiator &host) {
        for (uint64_t s = 0; s < samples; s++) {
            host.write_frames(trace.frames(s));
            sc_time delay, asked = sc_time_stamp();
            if (s % 2 == 0)
                host.start(trace.timesteps(), delay);
            else
                host.start_four_phase(trace.timesteps());
            // A sample that was run ahead occupies the chip until its end.
            sc_time end = sc_time_stamp() + delay;
            ck_assert(end >= asked + cycles(native[s].cycles));
            check_counts(host, native[s]);
        }
    });
}
END_TEST

// A sequence of token windows, resumed between them, in both styles; it is not cut off.
START_TEST(token_windows) {
    const char *sequence = "workloads/encoder.spk";
    std::vector<native_sample> native = run_natively(arch, sequence, 2);
    nocsim::trace trace(sequence);
    platform p("platform", arch, sequence, period);
    run_platform(p, [&](initiator &host) {
        for (uint64_t s = 0; s < 2; s++) {
            sc_time delay;
            host.write_frames(trace.frames(s));
            ck_assert_int_eq(host.start(trace.timesteps() - 1, delay), tlm::TLM_GENERIC_ERROR_RESPONSE);
            p.ear.spikes.clear();
            if (s == 0)
                ck_assert_int_eq(host.start(trace.timesteps(), delay), tlm::TLM_OK_RESPONSE);
            else
                ck_assert_int_eq(host.start_four_phase(trace.timesteps()), tlm::TLM_OK_RESPONSE);
            sc_core::wait(delay);
            check_counts(host, native[s]);
            uint64_t spikes = 0;
            for (uint32_t count : native[s].counts)
                spikes += count;
            ck_assert_uint_gt(spikes, 1000);
            ck_assert_uint_eq(p.ear.spikes.size(), spikes);
        }
    });
}
END_TEST

START_TEST(output_spikes_leave_in_their_cycle) {
    nocsim::trace trace(trace_path);
    bool four_phase = _i == 1;
    platform p("platform", arch, trace_path, period);
    run_platform(p, [&](initiator &host) {
        for (uint64_t s = 0; s < samples; s++) {
            host.write_frames(trace.frames(s));
            p.ear.spikes.clear();
            sc_time delay, first = edge_after(sc_time_stamp());
            if (four_phase)
                host.start_four_phase(trace.timesteps());
            else
                host.start(trace.timesteps(), delay);
            sc_core::wait(delay);
            std::map<uint64_t, uint64_t> count;
            for (const noted_spike &spike : p.ear.spikes) {
                count[spike.neuron]++;
                ck_assert(spike.time == first + cycles(spike.cycle));
            }
            ck_assert_uint_gt(p.ear.spikes.size(), 0);
            for (uint64_t i = 0; i < host.read(chip::registers + chip::reg_outputs); i++)
                ck_assert_uint_eq(host.read(chip::registers + chip::reg_counts + 8 * i), count[i]);
        }
    });
}
END_TEST

START_TEST(reset_cuts_the_power) {
    std::vector<native_sample> native = run_natively(arch, trace_path, 1);
    nocsim::trace trace(trace_path);
    platform p("platform", arch, trace_path, period);
    run_platform(p, [&](initiator &host) {
        host.write_frames(trace.frames(0));
        sc_core::sc_spawn([&] {
            sc_core::wait(cycles(100) + sc_time(1, sc_core::SC_NS));
            p.reset.write(true);
            sc_core::wait(cycles(3));
            p.reset.write(false);
        });
        ck_assert_int_eq(host.start_four_phase(trace.timesteps()), tlm::TLM_GENERIC_ERROR_RESPONSE);
        ck_assert(sc_time_stamp() == cycles(101));
        ck_assert(!p.chip.busy.read() || sc_time_stamp() == cycles(101));
        sc_time delay;
        ck_assert_int_eq(host.start(trace.timesteps(), delay), tlm::TLM_GENERIC_ERROR_RESPONSE);
        sc_core::wait(cycles(5));
        ck_assert_uint_eq(host.read(chip::registers + chip::reg_cycles), 0);
        host.write_frames(trace.frames(0));
        sc_time asked = sc_time_stamp();
        ck_assert_int_eq(host.start_four_phase(trace.timesteps()), tlm::TLM_OK_RESPONSE);
        ck_assert(sc_time_stamp() == edge_after(asked) + cycles(native[0].cycles));
        check_counts(host, native[0]);
        ck_assert_uint_eq(host.read(chip::registers + chip::reg_cycles), native[0].cycles);
    });
}
END_TEST

START_TEST(wrong_accesses_are_answered) {
    platform p("platform", arch, trace_path, period);
    run_platform(p, [&](initiator &host) {
        uint8_t bytes[16] = {0};
        sc_time delay;
        const uint64_t frames = host.read(chip::registers + chip::reg_frame_bytes) *
                                host.read(chip::registers + chip::reg_timesteps);
        const uint64_t counts = chip::registers + chip::reg_counts;
        ck_assert_uint_eq(frames, 20 * 13 * 8);
        ck_assert_int_eq(host.access(tlm::TLM_READ_COMMAND, frames - 8, bytes, 8, delay),
                         tlm::TLM_OK_RESPONSE);
        const uint64_t outside[] = {frames - 7,          frames,      UINT64_MAX - 3, chip::registers + 64,
                                    chip::registers + 4, counts + 80, counts + 76,    counts - 8};
        for (uint64_t address : outside)
            ck_assert_int_eq(host.access(tlm::TLM_READ_COMMAND, address, bytes, 8, delay),
                             tlm::TLM_ADDRESS_ERROR_RESPONSE);
        ck_assert_int_eq(host.access(tlm::TLM_READ_COMMAND, counts + 72, bytes, 8, delay),
                         tlm::TLM_OK_RESPONSE);
        ck_assert_int_eq(host.access(tlm::TLM_READ_COMMAND, counts + 72, bytes, 16, delay),
                         tlm::TLM_ADDRESS_ERROR_RESPONSE);
        ck_assert_int_eq(host.access(tlm::TLM_WRITE_COMMAND, counts, bytes, 8, delay),
                         tlm::TLM_ADDRESS_ERROR_RESPONSE);
        ck_assert_int_eq(host.start(0, delay), tlm::TLM_GENERIC_ERROR_RESPONSE);
        ck_assert_int_eq(host.start(21, delay), tlm::TLM_GENERIC_ERROR_RESPONSE);
        ck_assert_int_eq(host.start(UINT64_C(1) << 32 | 1, delay), tlm::TLM_GENERIC_ERROR_RESPONSE);
        ck_assert(delay == sc_core::SC_ZERO_TIME);
        tlm::tlm_generic_payload payload;
        payload.set_command(tlm::TLM_READ_COMMAND);
        payload.set_data_ptr(bytes);
        payload.set_data_length(16);
        payload.set_streaming_width(8);
        host.socket->b_transport(payload, delay);
        ck_assert_int_eq(payload.get_response_status(), tlm::TLM_BURST_ERROR_RESPONSE);
        payload.set_streaming_width(16);
        payload.set_byte_enable_ptr(bytes);
        host.socket->b_transport(payload, delay);
        ck_assert_int_eq(payload.get_response_status(), tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
        payload.set_byte_enable_ptr(nullptr);
        ck_assert_uint_eq(host.socket->transport_dbg(payload), 16);
        payload.set_address(chip::registers);
        ck_assert_uint_eq(host.socket->transport_dbg(payload), 0);
    });
}
END_TEST

// ---- bound wires ----------------------------------------------------------------------------------------

static const std::string rim = "chip.tile[2][1].spike.south";

struct change {
    uint64_t cycle;
    sc_dt::sc_bv<256> value;
};

struct watcher {
    const nocsim::device *dev;
    const sim_wire *wire;
    std::vector<change> changes;
    sim_cycle since = SIM_NEVER;
};

static sc_dt::sc_bv<256> to_bits(const void *bytes) {
    sc_dt::sc_bv<256> value;
    for (int i = 0; i < 8; i++)
        value.set_word(i, static_cast<const uint32_t *>(bytes)[i]);
    return value;
}

static void watch(void *user, sim_cycle now) {
    auto *w = static_cast<watcher *>(user);
    if (w->wire->drives == 0 || w->wire->at[w->wire->newest] == w->since)
        return;
    (void)now;
    w->since = w->wire->at[w->wire->newest];
    w->changes.push_back({w->since - w->dev->first_cycle(), to_bits(sim_wire_last(w->wire))});
}

// Changes of the wire in a native run of the first sample, in cycles of the sample.
static std::vector<change> native_changes(std::string *name) {
    nocsim::device dev(arch, trace_path, {});
    nocsim::trace trace(trace_path);
    const sim_kernel &kernel = dev.kernel();
    nocsim::device::schedule s;
    watcher w{&dev, nullptr, {}};
    for (uint32_t i = 0; i < kernel.connections; i++)
        if (kernel.connection[i].to == SIM_NOBODY && dev.find_schedule(kernel.connection[i], &s)) {
            w.wire = kernel.connection[i].wire;
            *name = std::string(kernel.component[kernel.connection[i].from]->path) + "." +
                    kernel.connection[i].name;
        }
    std::vector<uint8_t> frames = trace.frames(0);
    dev.write(0, frames.data(), frames.size());
    dev.begin(trace.timesteps());
    sim_engine engine;
    sim_stop stop;
    sim_engine_open(&engine, &sim_engine_native, &dev.kernel(), nullptr);
    engine.watch = watch;
    engine.watcher = &w;
    sim_engine_run(&engine, SIM_NEVER, &stop, nullptr);
    // What is driven in the last cycle is not seen any more.
    while (!w.changes.empty() && w.changes.back().cycle >= dev.kernel().now - dev.first_cycle())
        w.changes.pop_back();
    return w.changes;
}

// A clocked foreign block: samples the signal at each rising edge.
struct probe : sc_core::sc_module {
    sc_core::sc_in<bool> clk{"clk"};
    sc_core::sc_in<bool> busy{"busy"};
    sc_core::sc_in<sc_dt::sc_bv<256>> in{"in"};
    uint64_t cycle = 0; // of the sample: what is sampled at an edge belongs to the cycle before
    std::vector<change> changes;
    sc_dt::sc_bv<256> last;

    explicit probe(sc_core::sc_module_name name) : sc_core::sc_module(name) {
        SC_HAS_PROCESS(probe);
        SC_METHOD(sample);
        sensitive << clk.pos();
        dont_initialize();
    }

    void sample() {
        if (!busy.read())
            return;
        if (in.read() != last)
            changes.push_back({cycle, in.read()});
        last = in.read();
        cycle++;
    }
};

static void compare(const std::vector<change> &native, const std::vector<change> &seen) {
    sc_dt::sc_bv<256> last;
    size_t i = 0;
    for (const change &c : native) {
        if (c.value == last)
            continue; // driven without a change
        last = c.value;
        ck_assert_uint_lt(i, seen.size());
        ck_assert_uint_eq(seen[i].cycle, c.cycle);
        ck_assert(seen[i].value == c.value);
        i++;
    }
    ck_assert_uint_eq(i, seen.size());
    ck_assert_uint_gt(i, 0);
}

START_TEST(a_bound_signal_follows_the_wire) {
    std::string name;
    std::vector<change> native = native_changes(&name);
    std::vector<native_sample> sample = run_natively(arch, trace_path, 1);
    nocsim::trace trace(trace_path);
    platform p("platform", arch, trace_path, period);
    probe foreign("foreign");
    sc_core::sc_signal<sc_dt::sc_bv<256>> signal("signal");
    foreign.clk.bind(p.clock);
    foreign.busy.bind(p.chip.busy);
    foreign.in.bind(signal);
    p.chip.bind(name, signal);
    run_platform(p, [&](initiator &host) {
        host.write_frames(trace.frames(0));
        sc_time delay, asked = sc_time_stamp();
        // A bound wire is worth seeing: blocking transport waits instead of running ahead.
        if (_i == 0)
            ck_assert_int_eq(host.start(trace.timesteps(), delay), tlm::TLM_OK_RESPONSE);
        else
            ck_assert_int_eq(host.start_four_phase(trace.timesteps()), tlm::TLM_OK_RESPONSE);
        ck_assert(delay == sc_core::SC_ZERO_TIME);
        ck_assert(sc_time_stamp() == edge_after(asked) + cycles(sample[0].cycles));
        sc_core::wait(cycles(3));
        ck_assert_uint_eq(foreign.cycle, sample[0].cycles);
        compare(native, foreign.changes);
    });
}
END_TEST

START_TEST(a_bound_fifo_gets_every_change) {
    std::string name;
    std::vector<change> native = native_changes(&name);
    nocsim::trace trace(trace_path);
    platform p("platform", arch, trace_path, period);
    sc_core::sc_fifo<sc_dt::sc_bv<256>> fifo("fifo", int(native.size()) + 1);
    p.chip.bind(name, fifo);
    run_platform(p, [&](initiator &host) {
        host.write_frames(trace.frames(0));
        ck_assert_int_eq(host.start_four_phase(trace.timesteps()), tlm::TLM_OK_RESPONSE);
        ck_assert_int_eq(fifo.num_available(), int(native.size()) + 1); // the reset value first
        ck_assert(fifo.read() == sc_dt::sc_bv<256>());
        for (const change &c : native)
            ck_assert(fifo.read() == c.value);
    });
}
END_TEST

static std::string message_of(const std::function<void()> &action) {
    try {
        action();
    } catch (const sc_core::sc_report &report) {
        return report.get_msg();
    }
    return "";
}

static void require(const std::string &text, const char *part) {
    ck_assert_msg(text.find(part) != std::string::npos, "'%s' does not say '%s'", text.c_str(), part);
}

START_TEST(faults_are_reports) {
    require(message_of([] { chip c("c", "configs/none.yaml", trace_path); }), "configs/none.yaml");
    require(message_of([] { chip c("c", arch, "workloads/none.spk"); }), "workloads/none.spk");
    require(message_of([] { chip c("c", arch, trace_path, {"chip.rows=0"}); }), "rows");
    chip c("chip", arch, trace_path);
    sc_core::sc_signal<sc_dt::sc_bv<256>> wide;
    sc_core::sc_signal<sc_dt::sc_bv<32>> narrow;
    require(message_of([&] { c.bind("chip.tile[9][9].spike.south", wide); }), "no wire named");
    require(message_of([&] { c.bind("chip.host.pins", wide); }), "no wire named");
    require(message_of([&] { c.bind(c.output_wires().at(0), narrow); }), "256 bits, not 32");
    require(message_of([&] { c.output_schedule("chip.tile[0][0].ps.north"); }), "does not read");
}
END_TEST

static std::string first_error;

// Keeps the message and ends the simulation: nothing is thrown across the stacks of SystemC's threads, which
// the address sanitizer does not know.
static void keep_error(const sc_core::sc_report &report, const sc_core::sc_actions &) {
    if (report.get_severity() < sc_core::SC_ERROR)
        return;
    if (first_error.empty())
        first_error = std::string(report.get_process_name()) + ": " + report.get_msg();
    sc_core::sc_stop();
}

START_TEST(a_full_fifo_is_an_error) {
    std::string name;
    native_changes(&name);
    nocsim::trace trace(trace_path);
    platform p("platform", arch, trace_path, period);
    sc_core::sc_fifo<sc_dt::sc_bv<256>> fifo("fifo", 1);
    p.chip.bind(name, fifo);
    p.host.script = [&](initiator &host) {
        host.write_frames(trace.frames(0));
        host.start_four_phase(trace.timesteps());
    };
    sc_core::sc_report_handler::set_handler(keep_error);
    sc_core::sc_start();
    require(first_error, "platform.chip.");
    require(first_error, ("the FIFO at '" + name + "' is full").c_str());
}
END_TEST

int main() {
    sc_core::sc_report_handler::set_actions(sc_core::SC_ERROR, sc_core::SC_THROW);
    sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    Suite *suite = suite_create("chip");
    TCase *tlm = suite_case(suite, "TLM");
    tcase_set_timeout(tlm, 60);
    tcase_add_test(tlm, blocking_transport_annotates_the_time_of_the_sample);
    tcase_add_test(tlm, four_phases_take_the_time_of_the_sample);
    tcase_add_test(tlm, the_styles_mix);
    tcase_add_test(tlm, token_windows);
    tcase_add_loop_test(tlm, output_spikes_leave_in_their_cycle, 0, 2);
    tcase_add_test(tlm, wrong_accesses_are_answered);
    tcase_add_test(tlm, reset_cuts_the_power);
    TCase *wires = suite_case(suite, "wires");
    tcase_set_timeout(wires, 60);
    tcase_add_loop_test(wires, a_bound_signal_follows_the_wire, 0, 2);
    tcase_add_test(wires, a_bound_fifo_gets_every_change);
    tcase_add_test(wires, a_full_fifo_is_an_error);
    TCase *faults = suite_case(suite, "faults");
    tcase_add_test(faults, faults_are_reports);
    return suite_run(suite);
}
