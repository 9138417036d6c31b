/* SPDX-License-Identifier: MIT
 *
 * The rounds of a time-multiplexed chip, for people and for scripts.
 */
#include "arch/packet/multiplex_chip.h"

#include "sim/base/table.h"
#include "sim/base/number.h"

#include <jansson.h>
#include <stdlib.h>

static sim_cycle load_cycles(const struct arch_multiplex *chip, uint32_t round) {
    return chip->rounds == 1 ? 0
                             : arch_weight_loader_cycles(chip->spec->load_width,
                                                         chip->round[round].chip->weight_bits);
}

void arch_multiplex_print_text(const struct arch_multiplex *chip, FILE *out) {
    fprintf(out, "%u round%s a sample%s\n\n", chip->rounds, sim_plural(chip->rounds),
            chip->rounds == 1 ? ": the network fits, its weights are loaded once" : "");
    struct sim_table table;
    sim_table_init(&table);
    sim_table_column(&table, "round", SIM_TABLE_RIGHT);
    sim_table_column(&table, "layers", SIM_TABLE_LEFT);
    sim_table_column(&table, "tiles", SIM_TABLE_RIGHT);
    sim_table_column(&table, "weights", SIM_TABLE_RIGHT);
    sim_table_column(&table, "load", SIM_TABLE_RIGHT);
    sim_table_column(&table, "kept before", SIM_TABLE_RIGHT);
    sim_table_column(&table, "kept after", SIM_TABLE_RIGHT);
    for (uint32_t r = 0; r < chip->rounds; r++) {
        const struct arch_multiplex_round *round = &chip->round[r];
        sim_table_cell(&table, "%u", r);
        sim_table_cell(&table, "%u %s .. %u %s", round->part.first,
                       chip->graph->layer[round->part.first].name, round->part.end - 1,
                       chip->graph->layer[round->part.end - 1].name);
        sim_table_cell(&table, "%u", round->chip->tiles_used);
        sim_table_cell(&table, "%llu bits", (unsigned long long)round->chip->weight_bits);
        sim_table_cell(&table, "%llu cycle%s", (unsigned long long)load_cycles(chip, r),
                       sim_plural(load_cycles(chip, r)));
        sim_table_cell(&table, "%llu neuron%s", (unsigned long long)round->read_bits,
                       sim_plural(round->read_bits));
        sim_table_cell(&table, "%llu neuron%s", (unsigned long long)round->write_bits,
                       sim_plural(round->write_bits));
    }
    sim_table_print(&table, 2, out);
    sim_table_release(&table);
    for (uint32_t r = 0; r < chip->rounds; r++) {
        fprintf(out, "\nRound %u\n", r);
        chip->round[r].chip->type->print_map(chip->round[r].chip, 0, out);
    }
}

/* The map of a round as the chip itself prints it. */
static json_t *json_map(const struct arch_chip *chip) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return json_null();
    chip->type->print_map(chip, 1, out);
    fclose(out);
    json_t *map = json_loadb(text, size, 0, NULL);
    free(text);
    return map != NULL ? map : json_null();
}

void arch_multiplex_print_json(const struct arch_multiplex *chip, FILE *out) {
    json_t *rounds = json_array();
    for (uint32_t r = 0; r < chip->rounds; r++) {
        const struct arch_multiplex_round *round = &chip->round[r];
        json_array_append_new(
            rounds,
            json_pack("{s:i, s:i, s:I, s:I, s:I, s:I, s:o}", "first_layer", (int)round->part.first,
                      "last_layer", (int)round->part.end - 1, "weight_bits",
                      (json_int_t)round->chip->weight_bits, "load_cycles", (json_int_t)load_cycles(chip, r),
                      "kept_before", (json_int_t)round->read_bits, "kept_after",
                      (json_int_t)round->write_bits, "map", json_map(round->chip)));
    }
    json_t *root = json_pack("{s:s, s:i, s:i, s:o}", "chip", chip->base.name, "tiles", (int)chip->base.tiles,
                             "tiles_used", (int)chip->base.tiles_used, "rounds", rounds);
    json_dumpf(root, out, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    fputc('\n', out);
    json_decref(root);
}
