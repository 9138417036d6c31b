/* SPDX-License-Identifier: MIT
 *
 * Partial-sum routers: all planes of one tile.
 *
 * Each plane has four ports of one word, an input register for each port, an operand register `op1`, a
 * sum register and four output registers. There are no valid bits, no flow control and no routing: one
 * control register, shared by all planes, is obeyed in every cycle.
 *
 *      cycle                a        a+1          a+2
 *      SUM  (add, in)       operand  in, op1      sum = op1 + in
 *      SEND, BYPASS (out)   source   out register (= the wire to the neighbour)
 *
 *      op1' = consec ? sum : local
 *      in[in]' = link[in]                                  unless bypass
 *      sum' = consec ? sum : add ? op1 + (bypass ? 0 : in[in]) : 0
 *      out[out]' = bypass ? link[in] : send_sum ? sum : consec ? sum : local     when one of the three is set
 *
 * A register is recomputed only when its control or one of its sources has changed: `fresh` has a bit
 * for each register that the next edge would leave as it is.
 *
 * Not modelled: output code 4 (a register that nothing reads); codes 5 to 7 do nothing either.
 * Source: the published SystemVerilog (github.com/Angela-WangBo/Shenjing-RTL), router_add.sv.
 */
#ifndef NOC_SHENJING_PS_ROUTER_H
#define NOC_SHENJING_PS_ROUTER_H

#include "noc/shenjing/planes.h"
#include "noc/topology/mesh_port.h"
#include "sim/base/lanes.h"
#include "sim/kernel/link.h"
#include "sim/record/rate.h"

struct sim_arena;

#ifdef __cplusplus
extern "C" {
#endif

struct noc_ps_control {
    bool send_local, send_sum, add, consec, bypass;
    uint8_t in;  /* enum noc_port */
    uint8_t out; /* enum noc_port, or 4..7: none */
};

#define NOC_PS_EVENTS(X)                                                                           \
    X(ps_sum_planes, "additions into a sum register")                                              \
    X(ps_hold_planes, "sum register held for a consecutive addition, planes x cycles")             \
    X(ps_bypass_planes, "output registers loaded from a link")                                     \
    X(ps_send_sum_planes, "output registers loaded from the sum register")                         \
    X(ps_send_local_planes, "output registers loaded from the local partial sum")                  \
    X(ps_send_op1sum_planes, "output registers loaded from the sum register as operand 1")         \
    X(psin_reg_writes, "input registers loaded")                                                   \
    X(ps_link_bits_n, "bits changed on the outgoing partial-sum link, north")                      \
    X(ps_link_bits_s, "bits changed on the outgoing partial-sum link, south")                      \
    X(ps_link_bits_e, "bits changed on the outgoing partial-sum link, east")                       \
    X(ps_link_bits_w, "bits changed on the outgoing partial-sum link, west")                       \
    X(psin_reg_bits, "bits changed in input registers (with count_toggles)")                       \
    X(op1_reg_bits, "bits changed in operand registers (with count_toggles)")                      \
    X(sum_reg_bits, "bits changed in sum registers (with count_toggles)")

/* Event numbers within the routers; the owner adds the number of its first one. */
enum noc_ps_event {
#define NOC_PS_EVENT_NAME(name, help) NOC_PS_EVENT_##name,
    NOC_PS_EVENTS(NOC_PS_EVENT_NAME)
#undef NOC_PS_EVENT_NAME
    NOC_PS_EVENT_COUNT
};

/* Sets of registers: those that a control obeys (`need`), those that the next edge leaves as they are
 * (`fresh`). What is needed and not fresh is computed in the next cycle. */
enum noc_ps_register {
    NOC_PS_OP1_LOCAL = 1 << 0, /* op1 shows the local partial sum */
    NOC_PS_OP1_SUM = 1 << 1,   /* op1 shows the sum register */
    NOC_PS_SUM_ZERO = 1 << 2,  /* the sum is 0 */
    NOC_PS_SUM_ADDED = 1 << 3, /* the sum is that of the present operands */
    NOC_PS_OUT = 1 << 4,       /* the chosen output register shows its source */
    NOC_PS_RESET = 1 << 5,     /* all registers are 0 */
    NOC_PS_IN = 1 << 6         /* << port: the input register shows its link */
};

struct noc_ps_routers {
    struct sim_component *owner; /* counts the events */
    uint32_t first_event;
    const struct sim_lanes *lanes;
    const struct noc_planes *clocked;
    uint32_t planes;
    uint32_t bits; /* width of a word, 1..16; lanes hold it sign-extended */
    bool count_toggles;
    bool in_reset;
    struct noc_ps_control control;
    uint32_t fresh, need;                     /* sets of enum noc_ps_register */
    int16_t *op1, *sum, *in[NOC_PORT_COUNT];  /* [planes] */
    const int16_t *zero;                      /* [planes] */
    int16_t *before;                          /* [planes] scratch, with count_toggles */
    const int16_t *link[NOC_PORT_COUNT];      /* visible value of each neighbour's output; zero at the rim */
    struct sim_rate sum_rate, out_rate, in_rate;
    uint32_t sum_event, out_event;            /* what the first two rates count */
    struct sim_wire out[NOC_PORT_COUNT];      /* int16_t[planes] */
};

struct noc_ps_spec {
    uint32_t bits;
    bool count_toggles;
};

/* Registers, links and outputs 0; `clocked` is kept by the owner. */
void noc_ps_routers_init(struct noc_ps_routers *routers, const struct noc_ps_spec *spec,
                         const struct noc_planes *clocked, struct sim_component *owner, uint32_t first_event,
                         struct sim_arena *arena);

/* What holds from cycle `now` on: */
void noc_ps_routers_set_control(struct noc_ps_routers *routers, struct noc_ps_control control, sim_cycle now);
void noc_ps_routers_set_reset(struct noc_ps_routers *routers, bool in_reset, sim_cycle now);
/* `clocked` has changed. */
void noc_ps_routers_set_clocked(struct noc_ps_routers *routers, sim_cycle now);
void noc_ps_routers_set_link(struct noc_ps_routers *routers, enum noc_port port, const int16_t *value);
void noc_ps_routers_moved_local(struct noc_ps_routers *routers); /* the local partial sums have changed */

/* Whether the next cycle changes anything. */
static inline bool noc_ps_routers_busy(const struct noc_ps_routers *routers) {
    return (routers->need & ~routers->fresh) != 0;
}

/* Whether an output register may change although links, control and local partial sums stand. */
static inline bool noc_ps_routers_restless(const struct noc_ps_routers *routers) {
    return noc_ps_routers_busy(routers) && (routers->need & (NOC_PS_OUT | NOC_PS_RESET)) != 0;
}

/* Whether a change of the local partial sums can reach an output. */
bool noc_ps_routers_send_local(const struct noc_ps_routers *routers);

/* Executes cycle `now`; needed only when busy. */
void noc_ps_routers_cycle(struct noc_ps_routers *routers, const int16_t *local, sim_cycle now);

void noc_ps_routers_settle(struct noc_ps_routers *routers, sim_cycle now);

#ifdef __cplusplus
}
#endif

#endif
