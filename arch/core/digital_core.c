/* SPDX-License-Identifier: MIT
 *
 * The digital neuromorphic core; see digital_core.h.
 */
#include "arch/core/digital_core.h"

#include "sim/base/err.h"

#include <string.h>

static const char *const synapse_kinds[] = {"dense", "sparse", "convolutional", NULL};

static const struct sim_param params[] = {
    SIM_PARAM_UINT(struct arch_digital_core_spec, axons, 16, 32768, "256", "axons"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, neurons, 16, 2048, "256", "neurons"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, weight_bits, 1, 8, "8",
                   "bits of a weight in the synapse memory"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, potential_bits, 8, 31, "24",
                   "bits of a membrane potential, which saturates"),
    SIM_PARAM_CHOICE(struct arch_digital_core_spec, synapses, synapse_kinds, "dense",
                     "format of the synapse memory"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, index_bits, 1, 16, "10",
                   "sparse format: bits of a neuron's number"),
    SIM_PARAM_QUANTITY(struct arch_digital_core_spec, synapse_memory_b, "synapse_memory", SIM_UNIT_BYTE, 0,
                       1e9, "0 B", "size of the synapse memory; 0 B: enough for axons x neurons"),
    SIM_PARAM_BOOL(struct arch_digital_core_spec, skip_zero, "false",
                   "dense format: weights of 0 are no synapses and cost nothing"),
    SIM_PARAM_BOOL(struct arch_digital_core_spec, partial_sums, "false",
                   "neurons with more inputs than axons are spread over cores that exchange partial sums"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, start_cycles, 1, 1e6, "1",
                   "from the tick to the first axon"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, reset_cycles, 0, 1e6, "1",
                   "clearing of all state before a sample"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, axon_cycles, 0, 1e6, "1",
                   "access to the synapses of an axon"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, synapse_cycles, 0, 1e6, "1",
                   "each `synapse_lanes` synaptic events"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, synapse_lanes, 1, 2048, "1",
                   "synapses processed at a time"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, write_cycles, 0, 1e6, "1",
                   "reading, changing and writing a weight (products)"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, update_cycles, 0, 1e6, "1",
                   "update of a neuron with input"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, idle_cycles, 0, 1e6, "1",
                   "update of a neuron without input"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, send_cycles, 1, 1e6, "1", "from one packet to the next"),
};

static bool check(const void *spec_, const struct sim_where *where, struct sim_err *err) {
    const struct arch_digital_core_spec *spec = spec_;
    if (spec->axons % 16 != 0 || spec->neurons % 16 != 0)
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "arch.digital_core: axons (%u) and neurons (%u) must be multiples of 16",
                           spec->axons, spec->neurons);
    if (spec->synapses == ARCH_SYNAPSE_SPARSE && spec->neurons > 1u << spec->index_bits)
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "arch.digital_core: %u neurons cannot be numbered with index_bits %u",
                           spec->neurons, spec->index_bits);
    return true;
}

static const struct sim_type *const types[] = {&arch_digital_core_type, NULL};

const struct sim_schema arch_digital_core_schema = {
    .name = "arch.digital_core",
    .role = "core",
    .help = "A digital core behind a packet network: axon table, scheduler, synapse memory, "
            "integrate-and-fire neurons. "
            "Works off a timestep at a time.",
    .size = sizeof(struct arch_digital_core_spec),
    SIM_SCHEMA_PARAMS(params),
    .check = check,
    .types = types,
};

/* ---- the timestep ------------------------------------------------------------------------------- */

static void reset(struct arch_core_shell *shell) {
    struct arch_digital_core *core = (struct arch_digital_core *)shell;
    arch_soma_reset(&core->soma);
    if (core->load != NULL && shell->window == 0)
        arch_synapse_load_clear(&core->synapses);
}

/* Takes the spikes of load axons out of the timestep's axons, and writes what they load; returns the cycles
 * it takes. */
static uint64_t load_weights(struct arch_digital_core *core, sim_cycle now) {
    uint64_t *axons = arch_core_shell_axons(&core->shell);
    uint64_t writes = 0, spikes = 0;
    bool listens = arch_synapse_load_listens(core->load, core->shell.window, core->shell.timestep);
    for (uint32_t word = 0; word < core->shell.words; word++)
        for (uint64_t bits = axons[word]; bits != 0; bits &= bits - 1) {
            uint32_t bit = (uint32_t)__builtin_ctzll(bits), axon = word * 64 + bit;
            if (!arch_synapse_load_takes(core->load, axon))
                continue;
            axons[word] &= ~(UINT64_C(1) << bit);
            if (!listens)
                continue;
            writes += arch_synapse_load_spike(core->load, &core->synapses, axon, core->shell.window);
            spikes++;
        }
    sim_count(&core->shell.base, ARCH_DIGITAL_CORE_WEIGHT_WRITE, writes, now, core->spec->write_cycles);
    return spikes * core->spec->axon_cycles + writes * core->spec->write_cycles;
}

/* The weights of an axon whose spike has height 2^-k, shifted right by k. */
static void add_shifted(struct arch_digital_core *core, uint32_t axon, uint32_t k) {
    uint32_t neurons = core->shell.ports.neurons;
    memset(core->weight, 0, neurons * sizeof *core->weight);
    core->synapses.format->add(&core->synapses, &axon, 1, core->weight);
    for (uint32_t n = 0; n < neurons; n++)
        core->shell.input[n] += arch_neuron_shift_weight(core->weight[n], k);
}

/* Adds the first `rows` axons of core->row. */
static void add_rows(struct arch_digital_core *core, uint32_t rows) {
    uint32_t whole = 0;
    for (uint32_t i = 0; i < rows && core->shell.ports.marked; i++) {
        uint32_t axon = core->row[i], k = arch_core_shell_mark(&core->shell, axon);
        if (k != 0)
            add_shifted(core, axon, k);
        else
            core->row[whole++] = axon;
    }
    if (!core->shell.ports.marked)
        whole = rows;
    if (whole > 0)
        core->synapses.format->add(&core->synapses, core->row, whole, core->shell.input);
}

/* Adds the rows of this timestep's axons to the inputs; returns the cycles it takes. */
static uint64_t integrate(struct arch_digital_core *core, sim_cycle now) {
    const struct arch_digital_core_spec *spec = core->spec;
    struct arch_synapses *synapses = &core->synapses;
    uint64_t *axons = arch_core_shell_axons(&core->shell);
    uint64_t events = 0, cycles = 0;
    uint32_t rows = 0;
    for (uint32_t word = 0; word < core->shell.words; word++)
        for (uint64_t bits = axons[word]; bits != 0; bits &= bits - 1) {
            uint32_t axon = word * 64 + (uint32_t)__builtin_ctzll(bits), n = synapses->events[axon];
            core->row[rows++] = axon;
            events += n;
            cycles += spec->axon_cycles +
                      (uint64_t)(n + spec->synapse_lanes - 1) / spec->synapse_lanes * spec->synapse_cycles;
        }
    if (rows == 0)
        return 0;
    memset(axons, 0, core->shell.words * sizeof *axons);
    add_rows(core, rows);
    memset(core->row, 0, rows * sizeof *core->row);
    sim_count(&core->shell.base, ARCH_DIGITAL_CORE_ROW_READ, rows, now, spec->axon_cycles);
    sim_count(&core->shell.base, ARCH_DIGITAL_CORE_SYNAPTIC_EVENT, events, now, spec->synapse_cycles);
    return cycles;
}

static void begin(struct arch_core_shell *shell, sim_cycle start, sim_cycle now) {
    struct arch_digital_core *core = (struct arch_digital_core *)shell;
    start += core->load != NULL ? load_weights(core, now) : 0;
    start += integrate(core, now);
    arch_soma_update(&core->soma, shell, start, now);
    shell->done_at = core->soma.end;
}

static sim_cycle ready_at(const struct arch_core_shell *shell, const struct arch_sender_packet *packet) {
    return arch_soma_ready_at(&((const struct arch_digital_core *)shell)->soma, shell, packet);
}

static const struct arch_core_inside inside = {.reset = reset, .begin = begin, .ready_at = ready_at};

void arch_digital_core_init(struct arch_digital_core *core, const struct arch_digital_core_spec *spec,
                            const struct arch_core_ports *ports, const struct arch_synapses *synapses,
                            const struct arch_synapse_load *load, const struct arch_soma_load *neurons,
                            struct sim_arena *arena) {
    struct arch_core_pace pace = {spec->start_cycles, spec->reset_cycles, spec->send_cycles};
    arch_core_shell_init(&core->shell, &inside, ports, &pace, arena);
    core->spec = spec;
    core->synapses = *synapses;
    core->load = load;
    core->row = SIM_NEW_ARRAY(arena, uint32_t, ports->axons);
    if (ports->marked)
        core->weight = SIM_NEW_ARRAY(arena, int32_t, ports->neurons);
    arch_soma_init(&core->soma, neurons, ports, spec->update_cycles, spec->idle_cycles, arena);
}

static const struct sim_event events[] = {
    ARCH_CORE_EVENTS(SIM_EVENT_NAMED_ROW) ARCH_SOMA_EVENTS(SIM_EVENT_NAMED_ROW)
        ARCH_DIGITAL_CORE_EVENTS(SIM_EVENT_NAMED_ROW)};

const struct sim_type arch_digital_core_type = {
    .name = "arch.digital_core",
    .help = "digital neuromorphic core behind a packet network",
    .events = events,
    .event_count = ARCH_DIGITAL_CORE_EVENT_COUNT,
    .step = arch_core_shell_step,
    .explain = arch_core_shell_explain,
};
