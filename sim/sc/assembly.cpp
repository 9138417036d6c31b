// SPDX-License-Identifier: MIT
//
// A kernel's system under SystemC; see assembly.h.
#include "sim/sc/assembly.h"

#include "sim/sc/group.h"

namespace nocsim {

using sc_core::sc_time;

// More cycles than a run can have, and few enough for a sc_time.
static const sim_cycle endless = UINT64_C(1) << 50;

assembly::assembly(sc_core::sc_module_name name, sim_kernel &kernel_, sc_time period_)
    : assembly(name, kernel_, form::evented, period_, nullptr) {}

assembly::assembly(sc_core::sc_module_name name, sim_kernel &kernel_, sc_core::sc_in<bool> &clk_, bool dense)
    : assembly(name, kernel_, dense ? form::clocked_dense : form::clocked, sc_core::SC_ZERO_TIME, &clk_) {}

assembly::assembly(sc_core::sc_module_name name, sim_kernel &kernel_, form how, sc_time period_,
                   sc_core::sc_in<bool> *clk_)
    : sc_core::sc_module(name), kernel(kernel_), clk(clk_), how_(how), period(period_) {
    SC_HAS_PROCESS(assembly);
    SC_METHOD(close);
    sensitive << closing;
    dont_initialize();
    if (how == form::evented) {
        SC_METHOD(on_end);
        sensitive << ending;
    } else {
        SC_METHOD(on_edge);
        sensitive << clk->pos();
    }
    dont_initialize();
    std::vector<member> members;
    for (uint32_t id = 0; id < kernel.components; id++)
        members.push_back({kernel.component[id]->path, id});
    shells.resize(kernel.components);
    root = std::make_unique<group>("system", *this, members, shells);
    build_outboxes();
    attach();
}

assembly::~assembly() { sim_arena_release(&arena); }

// ---- wakes ----------------------------------------------------------------------------------------------

// The reader's address in a link is the engine's to write: models only send to it. Member by member: the
// padding between them keeps its bytes.
static void send_to(const sim_connection &c, sim_wheel *wheel, uint32_t id) {
    sim_wake &to =
        c.wire != nullptr ? const_cast<sim_wire *>(c.wire)->to : const_cast<sim_link *>(c.link)->to;
    to.wheel = wheel;
    to.id = id;
}

static bool sent_by_component(const sim_connection &c) { return c.from != SIM_NOBODY && c.to != SIM_NOBODY; }

void assembly::build_outboxes() {
    sim_arena_init(&arena);
    box.resize(kernel.components);
    for (uint32_t i = 0; i < kernel.connections; i++)
        if (sent_by_component(kernel.connection[i]))
            box[kernel.connection[i].from].index_of(kernel.connection[i].to);
    for (outbox &b : box)
        if (!b.receiver.empty())
            sim_wheel_init(&b.wheel, uint32_t(b.receiver.size()), &arena);
}

void assembly::attach() {
    for (uint32_t i = 0; i < kernel.connections; i++) {
        const sim_connection &c = kernel.connection[i];
        if (sent_by_component(c))
            send_to(c, &box[c.from].wheel, box[c.from].index_of(c.to));
    }
    if (kernel.now == 0)
        for (shell *s : shells)
            s->wake(0);
    collect();
}

void assembly::renew() {
    expected = {};
    for (shell *s : shells)
        s->surrender([](sim_cycle) {});
    sim_arena_release(&arena);
    box.clear();
    build_outboxes();
    attach();
}

void assembly::detach() {
    for (uint32_t i = 0; i < kernel.connections; i++) {
        const sim_connection &c = kernel.connection[i];
        if (sent_by_component(c))
            send_to(c, &kernel.wheel, c.to);
    }
    if (kernel.now > 0)
        kernel.wheel.now = kernel.now - 1;
    for (uint32_t id = 0; id < shells.size(); id++)
        shells[id]->surrender([this, id](sim_cycle at) {
            if (at > 0) // natively, everybody is due at 0
                sim_wheel_wake(&kernel.wheel, id, at);
        });
    expected = {};
}

void assembly::collect() {
    drain(kernel.wheel, [this](uint32_t id, sim_cycle at) { shells[id]->wake(at); });
}

sim_cycle assembly::next_due() {
    while (!expected.empty() && shells[expected.top().second]->next() != expected.top().first)
        expected.pop();
    return expected.empty() ? SIM_NEVER : expected.top().first;
}

// ---- a cycle --------------------------------------------------------------------------------------------

sim_cycle assembly::step(uint32_t id, sim_cycle now) {
    sim_component *component = kernel.component[id];
    outbox &sent = box[id];
    sent.wheel.now = kernel.wheel.now = current = now;
    kernel.steps++;
    sim_cycle next = component->type->step(component, now);
    assert(next > now);
    if (drain(sent.wheel, [&](uint32_t index, sim_cycle at) { shells[sent.receiver[index]]->wake(at); }))
        kernel.wheel.moved = now;
    collect();
    stepped = true;
    closing.notify(sc_core::SC_ZERO_TIME);
    return next;
}

bool assembly::running_at_edge() {
    if (wanted && sc_core::sc_time_stamp() > origin) {
        wanted = false;
        running_ = true;
    }
    return running_;
}

void assembly::on_edge() {
    if (running_at_edge())
        current = kernel.now;
    closing.notify(sc_core::SC_ZERO_TIME);
}

bool assembly::stalled(sim_cycle next) const {
    if (next == SIM_NEVER)
        return true;
    sim_cycle moved = kernel.wheel.moved, patience = kernel.spec.watchdog;
    return patience != 0 && next > moved && next - moved > patience;
}

void assembly::close() {
    if (running_)
        end_cycle();
    if (on_edge_end)
        on_edge_end();
}

void assembly::end_cycle() {
    kernel.now = current + 1;
    if (on_close)
        on_close(current, stepped);
    stepped = false;
    if (kernel.wheel.open == 0)
        halt(SIM_STOP_FINISHED);
    else if (kernel.now == until_)
        halt(SIM_STOP_TIME);
    else if (stalled(next_due()))
        halt(SIM_STOP_STALLED);
}

void assembly::on_end() {
    kernel.now = until_;
    halt(SIM_STOP_TIME);
}

// ---- time -----------------------------------------------------------------------------------------------

bool assembly::settled(sim_cycle until, sim_stop *stop) {
    collect();
    *stop = SIM_STOP_TIME;
    if (kernel.wheel.open == 0)
        *stop = SIM_STOP_FINISHED;
    else if (kernel.now < until && kernel.now > 0 && stalled(next_due()))
        *stop = SIM_STOP_STALLED;
    return *stop != SIM_STOP_TIME || kernel.now >= until;
}

void assembly::resume(sc_time first, sim_cycle until) {
    collect();
    origin = how_ == form::evented ? first : sc_core::sc_time_stamp();
    origin_cycle = kernel.now;
    until_ = until;
    running_ = how_ == form::evented;
    wanted = !running_;
    if (wanted)
        return;
    for (shell *s : shells)
        s->arm();
    if (until - kernel.now < endless)
        ending.notify(time_of(until) - sc_time::from_value(period.value() / 2) - sc_core::sc_time_stamp());
}

void assembly::stop() {
    running_ = wanted = stepped = false;
    ending.cancel();
    for (shell *s : shells)
        s->disarm();
}

void assembly::halt(sim_stop why) {
    stop();
    if (on_halt)
        on_halt(why);
}

} // namespace nocsim
