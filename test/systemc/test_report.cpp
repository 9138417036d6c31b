// SPDX-License-Identifier: MIT
//
// Reports of SystemC come out as nocsim's messages, with the path of the component or module that made them.
#include "sim/sc/engine.h"

#include <systemc>

extern "C" {
#include "test/suite.h"
}

#include <cstring>

struct faulty {
    sim_component base;
    sim_cycle at;
};

static sim_cycle faulty_step(void *self, sim_cycle now) {
    auto *f = static_cast<faulty *>(self);
    if (now == f->at)
        SC_REPORT_ERROR("model", "it broke");
    return now + 1;
}

static sim_type make_faulty_type() {
    sim_type type{};
    type.name = "test.faulty";
    type.help = "reports an error";
    type.step = faulty_step;
    return type;
}

static const sim_type faulty_type = make_faulty_type();

struct foreign : sc_core::sc_module {
    explicit foreign(sc_core::sc_module_name name) : sc_core::sc_module(name) {
        SC_HAS_PROCESS(foreign);
        SC_METHOD(tick);
    }
    void tick() {
        next_trigger(7, sc_core::SC_NS);
        if (sc_core::sc_time_stamp() > sc_core::SC_ZERO_TIME)
            SC_REPORT_ERROR("rtl", "not mine");
    }
};

struct bench {
    sim_arena arena;
    sim_kernel kernel;
    faulty component[2];
    sim_engine engine;
    sim_err err;

    bench(sim_order order, sim_cycle at) : component{} {
        sim_kernel_spec spec{};
        spec.order = order;
        sim_arena_init(&arena);
        sim_kernel_init(&kernel, &spec, &arena);
        sim_kernel_add(&kernel, &component[0].base, &faulty_type, "chip.good");
        sim_kernel_add(&kernel, &component[1].base, &faulty_type, "chip.tile[0][1]");
        component[0].at = SIM_NEVER;
        component[1].at = at;
        sim_open(&component[0].base);
        sim_kernel_start(&kernel);
        sim_err_init(&err);
        ck_assert(sim_engine_open(&engine, &sim_engine_systemc, &kernel, &err));
    }
    ~bench() {
        sim_err_release(&err);
        sim_arena_release(&arena);
    }
    void expect(const char *message) {
        sim_stop stop;
        ck_assert(!sim_engine_run(&engine, 1000, &stop, &err));
        ck_assert_int_eq(err.code, SIM_EXIT_STOPPED);
        ck_assert_str_eq(err.message[0], message);
        sim_engine_close(&engine);
    }
};

START_TEST(a_component_is_named_by_its_path) {
    bench b(_i == 0 ? SIM_ORDER_SPARSE : SIM_ORDER_DENSE, 5);
    b.expect("chip.tile[0][1]: it broke (SystemC: model)");
}
END_TEST

START_TEST(a_foreign_module_is_named) {
    bench b(SIM_ORDER_SPARSE, SIM_NEVER);
    foreign f("counter");
    b.expect("counter: not mine (SystemC: rtl)");
}
END_TEST

START_TEST(one_simulation_in_a_process) {
    bench b(SIM_ORDER_SPARSE, SIM_NEVER);
    sim_stop stop;
    ck_assert(sim_engine_run(&b.engine, 10, &stop, &b.err));
    ck_assert_int_eq(stop, SIM_STOP_TIME);
    sim_engine again;
    ck_assert(!sim_engine_open(&again, &sim_engine_systemc, &b.kernel, &b.err));
    ck_assert(std::strstr(b.err.message[0], "one simulation") != nullptr);
    sim_engine_close(&b.engine);
}
END_TEST

int main() {
    Suite *suite = suite_create("report");
    TCase *tcase = suite_case(suite, "report");
    tcase_add_loop_test(tcase, a_component_is_named_by_its_path, 0, 2);
    tcase_add_test(tcase, a_foreign_module_is_named);
    tcase_add_test(tcase, one_simulation_in_a_process);
    return suite_run(suite);
}
