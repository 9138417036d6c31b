/* SPDX-License-Identifier: MIT
 *
 * All hardware that descriptions can name: one line each.
 */
#include "sim/config/registry.h"

#include "arch/crossbar/spec.h"
#include "arch/vector/lanes.h"
#include "arch/dual/chip.h"
#include "arch/model/attention_block.h"
#include "arch/model/encoder_energy.h"
#include "arch/model/opto_code.h"
#include "arch/model/power_law.h"
#include "arch/model/snn_vs_qnn_v1.h"
#include "arch/model/snn_vs_qnn_v4.h"
#include "arch/model/spikyspace.h"
#include "arch/ttfs/msu.h"
#include "arch/vector/nova.h"
#include "arch/vector/operation.h"
#include "arch/ttfs/opto_ttfs.h"
#include "arch/packet/multiplex_chip.h"
#include "arch/overlay/chip.h"
#include "arch/packet/chip.h"
#include "arch/shenjing/chip.h"
#include "arch/vector/table_lanes.h"
#include "arch/ttfs/core.h"
#include "arch/evaluate/units.h"
#include "arch/vector/unit.h"
#include "noc/network/chip.h"
#include "sim/cli/compare.h"
#include "sim/cli/compare_network.h"
#include "sim/kernel/kernel.h"

const struct sim_schema *const sim_registry[] = {
    &arch_shenjing_chip_schema,
    &arch_shenjing_tile_schema,
    &noc_chip_schema,
    &arch_packet_chip_schema,
    &arch_digital_core_schema,
    &noc_aer_mesh_schema,
    &arch_vc_network_schema,
    &arch_dual_chip_schema,
    &arch_dual_core_schema,
    &compare_layer_schema,
    &compare_network_schema,
    &arch_units_schema,
    &arch_crossbar_schema,
    &arch_ttfs_core_schema,
    &arch_opto_ttfs_schema,
    &arch_msu_schema,
    &arch_operation_schema,
    &arch_lanes_schema,
    &arch_overlay_schema,
    &arch_multiplex_schema,
    &arch_nova_schema,
    &arch_lane_table_schema,
    &arch_core_table_schema,
    &arch_vector_unit_schema,
    &arch_model_v1_schema,
    &arch_model_v4_schema,
    &arch_model_encoder_schema,
    &arch_model_block_schema,
    &arch_model_spikyspace_schema,
    &arch_model_power_schema,
    &arch_model_opto_schema,
    NULL,
};


static const struct sim_param run_params[] = {
    SIM_PARAM_CHOICE(struct sim_kernel_spec, order, sim_order_names, "sparse",
                     "how components are stepped; the results are the same"),
    SIM_PARAM_UINT64(struct sim_kernel_spec, seed, 0, 9.2e18, "1", "seed of the shuffled order"),
    SIM_PARAM_UINT64(struct sim_kernel_spec, watchdog, 0, 9.2e18, "1000000",
                     "cycles without any traffic, while work is left, after which the run stops; 0: never"),
};

const struct sim_schema sim_run_schema = {
    .name = "run",
    .help = "How a chip is simulated. Nothing here changes the results.",
    .size = sizeof(struct sim_kernel_spec),
    SIM_SCHEMA_PARAMS(run_params),
};
