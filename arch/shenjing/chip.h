/* SPDX-License-Identifier: MIT
 *
 * A Shenjing chip: a mesh of tiles (arch/shenjing/tile.h), one base clock, and the host around it.
 *
 * Tiles are joined by a partial-sum wire and a spike wire each way between neighbours; the rim inputs are
 * tied to 0. A network is laid out by arch/shenjing/mapping.h, its weights and programs stand in the memories
 * when the run begins (how they are loaded costs nothing here), and every tile's clocks are gated to the
 * sub-cores and planes that its share of the network uses. Tiles that the mapping does not touch are
 * switched off: they are not built, leak nothing and are not in the results.
 *
 * A large network spans several chips of chip_rows x chip_cols tiles: a link between two of them is a delay
 * line of its own latency, on which a vector takes as long as it needs for the link's width.
 *
 * Source: Wang, Zhou, Wong, Peh, "Shenjing", DATE 2020, and the authors' RTL.
 */
#ifndef ARCH_SHENJING_CHIP_H
#define ARCH_SHENJING_CHIP_H

#include "arch/chip.h"
#include "arch/host/sequence.h"
#include "arch/shenjing/host.h"
#include "arch/shenjing/mapping.h"
#include "arch/shenjing/tile.h"

#ifdef __cplusplus
extern "C" {
#endif

struct arch_shenjing_chip_spec {
    uint32_t rows, cols;
    bool grow; /* a larger mesh when the network needs one */
    double clock_hz, voltage_v;
    uint32_t period; /* cycles a timestep; 0: the shortest that works */
    int split;       /* enum arch_split */
    uint32_t chip_rows, chip_cols;            /* tiles of one chip; 0: all of the mesh */
    uint32_t boundary_cycles, boundary_width; /* of a link between chips; bits, 0: as wide as on the chip */
    struct arch_placement_spec placement;
    struct arch_shenjing_tile_spec tile;
};

extern const struct sim_schema arch_shenjing_chip_schema;
extern const struct arch_chip_type arch_shenjing_chip_type;

/* Invariant: tile[] holds only the tiles that the mapping uses; base ids of the components are those of the
 * kernel; the host comes first. */
struct arch_shenjing_chip {
    struct arch_chip base;
    const struct arch_shenjing_chip_spec *spec;
    struct arch_mapping *map;
    struct arch_shenjing_host host;
    struct arch_sequence sequence;
    uint32_t first_step; /* timesteps of the sample before the token window at hand, drains included */
    struct arch_shenjing_tile **tile; /* [tiles] */
    uint32_t tiles;
    uint32_t *position; /* [tiles] row * cols + col */
    struct arch_shenjing_tile **at; /* [rows * cols] NULL where there is none */
};

/* Placement, schedule and utilisation as a readable page, or as JSON; the floor plan as a picture. */
void arch_shenjing_print_text(const struct arch_shenjing_chip *chip, FILE *out);
void arch_shenjing_print_json(const struct arch_shenjing_chip *chip, FILE *out);
void arch_shenjing_print_svg(const struct arch_shenjing_chip *chip, FILE *out);

#ifdef __cplusplus
}
#endif

#endif
