/* SPDX-License-Identifier: MIT
 *
 * Core with optoelectronic synapses (arch.opto_ttfs): the decay of a device is the kernel of a
 * time-to-first-spike code.
 *
 *     light pulse   window --------------------------------> end
 *        |\__
 *     O  |   \____            a spike in slot k reads O(t_k) = (T - k) / T,
 *        |        \_______    x gain (weight, step, T), into the neuron's potential
 *        t_0 t_1   t_2     t_3 ..                     t_T: O = 0
 *
 * All devices are excited when the window begins. A spike of axon i in slot k has the photocurrents of its
 * devices read at t_k by converters; each reading, times the gain w_ij, is added to the potential of neuron
 * j. Reading needs no other arithmetic on time: the code's non-linearity lies in the instants. Latency is
 * the window, t_T, plus `readout_cycles`; when the readings of a slot take longer than the time to the next
 * one, the readings that exceed it are counted as late (but not falsified).
 *
 * Devices deviate (a fixed relative error of amplitude, tau and beta each, drawn once for a device, and an
 * error of each reading), in proportion to the value, as in hardware-aware training of the source. Where
 * nothing deviates, and the converter has 2^bits - 1 = T steps or is ideal, potentials are exact.
 *
 * Not modelled: wavelength, optical power, recovery of a device between windows, dark current noise, drift.
 * Source: Otters (arXiv 2509.18968); see opto_decay.h and configs/parts/opto-*.yaml.
 */
#ifndef ARCH_TTFS_OPTO_TTFS_H
#define ARCH_TTFS_OPTO_TTFS_H

#include "arch/ttfs/opto_decay.h"
#include "arch/unit/crossbar_random.h"
#include "arch/unit/window_weights.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ARCH_OPTO_TTFS_EVENTS(X)                                                                             \
    X(spikes_in, "spikes received")                                                                          \
    X(light_pulses, "devices excited")                                                                       \
    X(device_reads, "readings of a device's photocurrent")                                                   \
    X(conversions, "analog-to-digital conversions of readings")                                              \
    X(row_reads, "gains of an axon read from memory")                                                        \
    X(gain_adds, "readings times gain, added to a potential")                                                \
    X(threshold_steps, "steps of the falling threshold")                                                     \
    X(comparisons, "potentials compared with the threshold")                                                 \
    X(fires, "spikes fired")                                                                                 \
    X(late_reads, "readings that did not fit into their slot")

enum arch_opto_ttfs_event {
#define ARCH_OPTO_TTFS_EVENT_NAME(name, help) ARCH_OPTO_TTFS_EVENT_##name,
    ARCH_OPTO_TTFS_EVENTS(ARCH_OPTO_TTFS_EVENT_NAME)
#undef ARCH_OPTO_TTFS_EVENT_NAME
        ARCH_OPTO_TTFS_EVENT_COUNT
};

enum arch_opto_devices { ARCH_OPTO_PER_SYNAPSE, ARCH_OPTO_PER_AXON, ARCH_OPTO_PER_CORE };

struct arch_opto_decay_spec {
    double amplitude, tau, beta, offset, unit_s;
};

struct arch_opto_adc_spec {
    uint32_t bits; /* 0: ideal */
    double full_scale;
    uint32_t converters; /* 0: one for each device */
    double time_s;
};

struct arch_opto_variation_spec { /* relative standard deviations */
    double amplitude, tau, beta, read;
};

struct arch_opto_ttfs_spec {
    uint32_t axons, neurons, weight_bits;
    int devices; /* enum arch_opto_devices */
    uint64_t seed;
    struct arch_opto_decay_spec decay;
    struct arch_opto_adc_spec adc;
    struct arch_opto_variation_spec variation;
    uint32_t readout_cycles;
    double device_area_m2, other_area_m2;
};

struct arch_opto_ttfs {
    struct arch_window_weights weights;
    const struct arch_opto_ttfs_spec *spec;
    struct arch_opto_decay decay;
    double instant[ARCH_TTFS_LEVELS_MAX + 1]; /* [levels + 1] t_k, seconds */
    double steps;                             /* of the converter; 0: ideal */
    struct arch_crossbar_ziggurat *ziggurat;
    uint64_t key_device, key_read; /* of random numbers */
    uint64_t draws;                /* of readings so far */
    /* What a device shows at the instants, before the converter: of each axon [axons][levels], or [levels].
     * */
    double *reading;
    /* Shares of potentials: of a level [axons][lanes], or, where devices of synapses deviate, of a spike in
     * a slot [levels][axons][lanes]. */
    double *table;
    bool by_slot;            /* the latter */
    double *variance;        /* [levels][axons][lanes] of such a share, readings not converted; NULL: none */
    float *device;           /* [levels][axons][neurons] noisy readings that are converted; else NULL */
    double *normal, *spread; /* [lanes] scratch */
};

extern const struct sim_schema arch_opto_ttfs_schema; /* role "window_unit" */
extern const struct sim_type arch_opto_ttfs_type;     /* its events; the core around it steps */
extern const struct arch_window_unit_type arch_opto_ttfs_unit;

#ifdef __cplusplus
}
#endif

#endif
