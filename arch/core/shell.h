/* SPDX-License-Identifier: MIT
 *
 * What every core behind a packet network has, whatever computes inside it.
 *
 *              +------------+   +-----------+              +--------+
 *   packets -->| axon table |-->| scheduler |--> inside -->| sender |--> packets
 *              +------------+   | 16 slots  |              +--------+
 *                               +-----------+
 *
 * A packet names an axon (or a source neuron, from which the axon table finds the axon) and the timestep in
 * which it takes effect; it is noted as a bit in the scheduler, with its mark where spikes have marks. At a
 * tick the inside gets the axons of the timestep, and says which neurons fire and from when on each spike
 * may leave; one packet leaves every send_cycles. The core is done with the timestep when the last packet has
 * left and the inside is done; the barrier (arch/core/barrier.h) does the rest. A spike fired in timestep t
 * takes effect in t + 1 + delay, delay 0 .. 15.
 *
 * A neuron with more inputs than a core has axons is spread over several cores: all but one send the sum of
 * their share as partial-sum packets to the one that fires. The scheduler gives the latter's own axons one
 * timestep more, so that shares of one timestep meet. This is not in the published chips.
 *
 * Insides: digital_core.h (synapse memory and neurons), unit_core.h (a core unit, such as a crossbar, and
 * neurons), window_core.h (a unit for time-to-first-spike codes).
 */
#ifndef ARCH_CORE_SHELL_H
#define ARCH_CORE_SHELL_H

#include "arch/core/packet_latency.h"
#include "arch/core/address_event.h"
#include "arch/core/barrier.h"
#include "arch/core/spike_sender.h"
#include "noc/network/interface.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The first events of every core type. */
#define ARCH_CORE_EVENTS(X)                                                                                  \
    X(TICK, tick, "a timestep began")                                                                        \
    X(RESET, reset, "all state was cleared")                                                                 \
    X(PACKET_IN, packet_in, "a packet arrived")                                                              \
    X(AXON_EVENT, axon_event, "a spike was noted in the scheduler")                                          \
    X(SUM_IN, sum_in, "a partial sum was added to a neuron's input")                                         \
    X(FIRE, fire, "a neuron fired")                                                                          \
    X(PACKET_OUT, packet_out, "a packet was sent")

#define ARCH_CORE_EVENT_ENUM(NAME, name, help) ARCH_CORE_##NAME,
enum arch_core_event { ARCH_CORE_EVENTS(ARCH_CORE_EVENT_ENUM) ARCH_CORE_EVENT_COUNT };

/* An entry of the axon table: keys key .. key + count - 1 are axons axon .. */
struct arch_axon_range {
    uint32_t key, count, axon;
};

/* How a core is joined to its chip. Everything is the caller's and stays. (Without holes: states are compared
 * byte by byte, law L7.) */
struct arch_core_ports {
    const struct arch_axon_range *range; /* ascending */
    const struct arch_destination *destination;
    uint32_t ranges, destinations;
    uint32_t axons, neurons;  /* used ones */
    uint32_t networks, flits; /* of a packet */
    uint32_t spikes_per_packet;
    uint32_t marks;   /* of the spikes it sends; 0: none */
    uint32_t marked;  /* true: arriving spikes have marks */
    uint32_t partial; /* true: sends its inputs as partial sums; has no neurons of its own */
};

struct arch_core_pace {
    uint32_t start_cycles, reset_cycles, send_cycles;
};

struct arch_core_shell;

struct arch_core_inside {
    /* Forgets the sample before. */
    void (*reset)(struct arch_core_shell *core);
    /* Computes the timestep, which starts at `start` >= now; `input` holds the partial sums that came. Sets
     * done_at and calls arch_core_shell_fire. */
    void (*begin)(struct arch_core_shell *core, sim_cycle start, sim_cycle now);
    /* The cycle from which a packet may leave. */
    sim_cycle (*ready_at)(const struct arch_core_shell *core, const struct arch_sender_packet *packet);
};

/* First member of each core's own struct. Invariant: between timesteps `next_input` holds the partial sums
 * that have come for the next one. */
struct arch_core_shell {
    struct sim_component base;
    const struct arch_core_inside *inside;
    struct arch_core_ports ports;
    struct arch_core_pace pace;
    struct noc_interface *interface; /* [networks] */
    struct arch_barrier_port barrier;
    uint32_t words;      /* 64-bit words of a scheduler slot */
    uint64_t *scheduler; /* [slot * words + word] */
    uint8_t *mark;       /* [slot * axons + axon]; NULL: spikes have none */
    int32_t *input;      /* [neurons] of the timestep at hand */
    int32_t *next_input; /* [neurons] partial sums for the next timestep */
    /* The timestep at hand. */
    enum { ARCH_CORE_IDLE, ARCH_CORE_BUSY } phase;
    uint32_t timestep, window; /* of the sample: the token window */
    struct arch_sender sender;
    sim_cycle send_at, done_at;
    uint64_t sent, received; /* copies, since the run began */
    struct arch_packet_latency *latency; /* NULL: nobody measures */
    uint32_t number;                     /* its terminal */
};

/* Prepares the state; the networks initialise the interfaces afterwards. */
void arch_core_shell_init(struct arch_core_shell *core, const struct arch_core_inside *inside,
                          const struct arch_core_ports *ports, const struct arch_core_pace *pace,
                          struct sim_arena *arena);

/* The spiking axons of the timestep at hand, a bitmap of `words` words; the inside clears it when it has
 * read them. */
static inline uint64_t *arch_core_shell_axons(struct arch_core_shell *core) {
    return core->scheduler + (size_t)(core->timestep % ARCH_SLOTS) * core->words;
}

/* The mark of the spike on an axon in the timestep at hand; 0 where spikes have none. */
static inline uint32_t arch_core_shell_mark(const struct arch_core_shell *core, uint32_t axon) {
    return core->mark == NULL ? 0
                              : core->mark[(size_t)(core->timestep % ARCH_SLOTS) * core->ports.axons + axon];
}

/* What is to be sent in this timestep: spikes fired[marks][words of the neurons], or with `partial` the
 * neurons whose values are. */
void arch_core_shell_fire(struct arch_core_shell *core, const uint64_t *fired, const int32_t *value);

/* Of the component types of cores. */
sim_cycle arch_core_shell_step(void *self, sim_cycle now);
void arch_core_shell_explain(const void *self, sim_cycle now, FILE *out);

#ifdef __cplusplus
}
#endif

#endif
