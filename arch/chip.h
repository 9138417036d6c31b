/* SPDX-License-Identifier: MIT
 *
 * A chip: what the commands see of any kind of hardware that runs a network.
 *
 * A chip type maps a network graph onto its hardware and elaborates it into a kernel: components, links, and
 * one host component that stands for the world outside (input pins, output ports, reset). Samples are run one
 * after another in one continuous time: `begin` hands the host the next sample's spikes, the kernel runs
 * until no work is left, and the output counts are there.
 */
#ifndef ARCH_CHIP_H
#define ARCH_CHIP_H

#include "sim/base/err.h"
#include "sim/config/param.h"
#include "sim/graph/graph.h"
#include "sim/kernel/kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_connection;
struct sim_node;
struct arch_sequence;       /* arch/host/sequence.h */
struct arch_samples;        /* arch/evaluate/evaluate.h */
struct arch_packet_latency; /* arch/core/packet_latency.h */
struct arch_placement_report;
struct arch_placement_spec;

/* Where a component stands: -1 for what does not apply. */
struct arch_chip_place {
    int32_t layer, row, col;
};

/* How the cores were given their places (arch/layout/placement.h). */
struct arch_chip_placement {
    const struct arch_placement_spec *spec; /* NULL: there is nothing to choose */
    const struct arch_placement_report *report;
    const char *unit; /* of the traffic before and after, expected in a timestep */
};

/* First member of each chip's own struct. */
struct arch_chip {
    const struct arch_chip_type *type;
    const char *name; /* of the chip type */
    double clock_hz, voltage_v;
    uint32_t tiles, tiles_used;   /* tiles of the chip; tiles that hold a share of the network */
    sim_cycle period;             /* cycles a timestep, in the steady state; 0: it varies */
    uint64_t timesteps;           /* begun so far, where the period may vary */
    sim_cycle cycles_max;         /* no run may reach this cycle; 0: any */
    uint32_t output_layer;        /* the layer whose spikes classify: the last that nobody reads */
    uint32_t outputs;             /* its neurons */
    const uint32_t *output_count; /* [outputs] spikes in the last sample */
    bool recoded;                 /* what an input layer sends are not the trace's spikes, but layer_spikes of
                                     them in timestep 0 */
    struct arch_sequence *sequence; /* whose hosts work between token windows; NULL: there are none */
    struct arch_chip_placement placement;
    uint64_t weight_bits; /* of weights and programs in the chip's memories; 0: it does not tell */
    const uint64_t *layer_spikes; /* [layers] spikes of the last sample that the host itself saw: of the
                                     input layers and of the layers that leave the chip */
};

/* As what a network is executed. */
enum arch_as {
    ARCH_AS_SNN, /* spikes, timestep by timestep */
    ARCH_AS_QNN, /* counts of spikes as quantised activations, once */
    ARCH_AS_COUNT
};

struct arch_execution {
    enum arch_as as;
    uint32_t timesteps; /* of every sample */
    /* The price of an event, J, for hardware that chooses by cost; NULL: there is no technology. */
    double (*unit_energy)(void *user, const char *type, const char *event);
    void *user;
};

struct arch_chip_type {
    const struct sim_schema *schema;
    bool replays; /* runs a graph whose spikes are all given (sim_graph.replayed) */

    /* Maps `graph` and elaborates the chip into `kernel` (in the kernel's arena; the caller starts it).
     * NULL and messages on a fault. `spec` is the bound struct of `schema`; both must outlive the chip. */
    struct arch_chip *(*build)(const void *spec, const struct sim_graph *graph, struct sim_kernel *kernel,
                               struct sim_err *err);

    /* Shows the first samples to a chip that chooses by them how values are coded; after `build`, before the
     * kernel starts. False and messages on a fault. NULL: nothing is chosen. */
    bool (*calibrate)(struct arch_chip *chip, const struct arch_samples *samples, struct sim_err *err);

    /* Chooses the execution, after `build`, before the kernel starts. False and messages on a fault. NULL: as
     * an SNN, of any number of timesteps. */
    bool (*execute)(struct arch_chip *chip, const struct arch_execution *execution, struct sim_err *err);

    /* Has the spikes of layers that leave the chip written down in every sample, for the timesteps that the
     * inputs have: spikes[layer] is NULL or has room for [timesteps][sim_layer_words], which the caller
     * clears. After `build`, before the kernel starts. False and messages on a fault. NULL: it cannot. */
    bool (*record)(struct arch_chip *chip, uint64_t *const *spikes, struct sim_err *err);

    /* Makes the chip one of several that share the same hardware in turns: between its samples its clocks
     * stand still. After `build`, before the kernel starts. NULL: it does nothing between samples as it is.
     */
    void (*take_turns)(struct arch_chip *chip, struct sim_kernel *kernel);

    /* Starts a sample of `timesteps` timesteps at cycle kernel->now. spikes[layer] are the spikes of each
     * input layer (in a replay: of each layer),
     * [timesteps][sim_layer_words]; they must stay until the kernel
     * comes back. */
    void (*begin)(struct arch_chip *chip, struct sim_kernel *kernel, uint32_t timesteps,
                  const uint64_t *const *spikes);

    /* When no work is left: hands out work that follows from the outputs, if there is any, and says so. NULL:
     * there never is. */
    bool (*resume)(struct arch_chip *chip, struct sim_kernel *kernel);

    /* The cycle before which the events of timestep `timestep` of the sample begun last have happened:
     * the end of its period. Layers overlap: the period of timestep t holds what the hardware does in it,
     * of whatever layer. While the end is not known yet, a later cycle than the present one that it cannot
     * come before: ask again there. */
    sim_cycle (*step_end)(const struct arch_chip *chip, uint32_t timestep);

    struct arch_chip_place (*place)(const struct arch_chip *chip, uint32_t component);

    /* Whether a component leaks; NULL: all do. (Several components may stand for the same hardware.) */
    bool (*powered)(const struct arch_chip *chip, uint32_t component);

    /* Items sent before cycle `now` over a connection that is a link, and the bits of each; false: it carries
     * none (the wires of credits). NULL: no link does. */
    bool (*sends)(const struct arch_chip *chip, const struct sim_connection *connection, sim_cycle now,
                  uint64_t *sends, uint32_t *bits);

    /* Values of named parameters that unit energies scale by: calls `report` for each. */
    void (*parameters)(const struct arch_chip *chip,
                       void (*report)(void *user, const char *type, const char *name, double value),
                       void *user);

    /* Areas that the description itself gives, m2 of one component: calls `report` for each type that has
     * one. NULL: none. */
    void (*areas)(const struct arch_chip *chip, void (*report)(void *user, const char *type, double area_m2),
                  void *user);

    /* Has the latencies of packets measured; before the kernel starts. NULL: there are no packets. */
    void (*measure)(struct arch_chip *chip, struct arch_packet_latency *latency);

    /* Prints placement, schedule and utilisation; `format` 0 = text, 1 = JSON. */
    void (*print_map)(const struct arch_chip *chip, int format, FILE *out);

    /* Draws the floor plan as SVG; NULL: there is no picture of this kind of chip. */
    void (*draw_map)(const struct arch_chip *chip, FILE *out);
};

#ifdef __cplusplus
}
#endif

#endif
