/* SPDX-License-Identifier: MIT
 *
 * Floor plans as SVG; see floor_plan.h. Lengths are pixels at the natural size.
 */
#include "arch/layout/floor_plan.h"
#include "sim/base/number.h"

#define PITCH 30
#define TILE 22
#define LEFT 36
#define TOP 84
#define LEGEND 330
#define LINE 22
#define NARROWEST 640

static double x_of(double col) { return LEFT + PITCH * col + PITCH / 2.0; }
static double y_of(double row) { return TOP + PITCH * row + PITCH / 2.0; }

/* Neighbouring numbers get colours far apart: hues go by the golden angle. */
static double hue(uint32_t layer) {
    double turns = 0.58 + layer * 0.6180339887498949;
    return 360 * (turns - (double)(uint32_t)turns);
}

static void put_text(FILE *out, const char *text) {
    for (; *text != '\0'; text++)
        switch (*text) {
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '&': fputs("&amp;", out); break;
        case '"': fputs("&quot;", out); break;
        default: fputc(*text, out);
        }
}

static void put_line(const struct arch_floor_plan *plan, const char *class, double x, double y,
                     const char *text) {
    fprintf(plan->out, "<text class=\"%s\" x=\"%g\" y=\"%g\">", class, x, y);
    put_text(plan->out, text);
    fputs("</text>\n", plan->out);
}

static double height_of(const struct arch_floor_plan *plan) {
    uint32_t lines = 6;
    for (uint32_t id = 0; id < plan->graph->layers; id++)
        lines++;
    double legend = TOP + LINE * (lines + 1.0), tiles = y_of(plan->rows) + PITCH / 2.0;
    return legend > tiles ? legend : tiles;
}

static double width_of(const struct arch_floor_plan *plan) {
    double width = LEFT + PITCH * (double)plan->cols + LEGEND;
    return width > NARROWEST ? width : NARROWEST;
}

static void put_chips(const struct arch_floor_plan *plan) {
    for (uint32_t row = 0; row < plan->rows; row += plan->chip_rows)
        for (uint32_t col = 0; col < plan->cols; col += plan->chip_cols) {
            uint32_t rows = plan->rows - row < plan->chip_rows ? plan->rows - row : plan->chip_rows;
            uint32_t cols = plan->cols - col < plan->chip_cols ? plan->cols - col : plan->chip_cols;
            fprintf(
                plan->out, "<rect class=\"chip\" x=\"%d\" y=\"%d\" width=\"%u\" height=\"%u\" rx=\"6\"/>\n",
                LEFT + PITCH * (int)col + 1, TOP + PITCH * (int)row + 1, PITCH * cols - 2, PITCH * rows - 2);
        }
}

void arch_floor_plan_begin(const struct arch_floor_plan *plan) {
    double width = width_of(plan), height = height_of(plan);
    fprintf(plan->out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" width=\"%g\" height=\"%g\" "
            "font-family=\"system-ui, sans-serif\">\n"
            "<style>\n"
            ".page { fill: #ffffff }\n"
            ".chip { fill: #f4f5f7; stroke: #c6cad1; stroke-width: 1 }\n"
            ".none { fill: #e6e8ec; stroke: none }\n"
            ".route { stroke: #2b6cb0; stroke-linecap: round; opacity: 0.75 }\n"
            ".chain { stroke: #1f2430; stroke-width: 2; stroke-linejoin: round; opacity: 0.55; fill: none }\n"
            ".fires { fill: #1f2430 }\n"
            ".fed { fill: none; stroke: #1f2430; stroke-width: 1.2 }\n"
            ".title { font-size: 19px; font-weight: 600; fill: #1f2430 }\n"
            ".subtitle { font-size: 13px; fill: #555b66 }\n"
            ".legend { font-size: 13px; fill: #1f2430 }\n"
            ".head { font-size: 12px; font-weight: 600; fill: #555b66 }\n"
            ".label { font-size: 8px; fill: #1f2430; text-anchor: end }\n",
            width, height, width, height);
    for (uint32_t id = 0; id < plan->graph->layers; id++)
        fprintf(plan->out, ".l%u { fill: hsl(%.0f, 62%%, 80%%); stroke: hsl(%.0f, 45%%, 48%%) }\n", id,
                hue(id), hue(id));
    fputs("</style>\n<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n", plan->out);
    put_line(plan, "title", LEFT, 34, plan->title);
    put_line(plan, "subtitle", LEFT, 56, plan->subtitle);
    put_chips(plan);
}

void arch_floor_plan_tile(const struct arch_floor_plan *plan, const struct arch_floor_tile *tile) {
    double width = (double)TILE / tile->parts, x = x_of(tile->col) - TILE / 2.0 + width * tile->part,
           y = y_of(tile->row) - TILE / 2.0;
    fputs("<g><title>", plan->out);
    put_text(plan->out, tile->tooltip);
    fputs("</title>", plan->out);
    char class[16] = "none";
    if (tile->layer >= 0)
        snprintf(class, sizeof class, "l%d", tile->layer);
    fprintf(plan->out, "<rect class=\"%s\" x=\"%g\" y=\"%g\" width=\"%g\" height=\"%d\" rx=\"3\"/>", class, x,
            y, width, TILE);
    if (tile->fires)
        fprintf(plan->out, "<circle class=\"fires\" cx=\"%g\" cy=\"%g\" r=\"3.6\"/>", x + width / 2,
                y_of(tile->row));
    if (tile->fed)
        fprintf(plan->out, "<circle class=\"fed\" cx=\"%g\" cy=\"%g\" r=\"2.4\"/>", x + 4.5, y + 4.5);
    if (tile->label != NULL)
        put_line(plan, "label", x + width - 2, y + TILE - 3, tile->label);
    fputs("</g>\n", plan->out);
}

void arch_floor_plan_route(const struct arch_floor_plan *plan, uint32_t row, uint32_t col, int32_t to_row,
                           int32_t to_col, uint32_t vectors, uint32_t most) {
    double down = to_row - (double)row, right = to_col - (double)col;
    /* On the right-hand side of the way, so that both directions show. */
    double x = x_of(col) - 6 * down, y = y_of(row) + 6 * right;
    fprintf(plan->out,
            "<line class=\"route\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke-width=\"%.1f\">"
            "<title>%u spike vectors a timestep</title></line>\n",
            x + 9 * right, y + 9 * down, x + 21 * right, y + 21 * down, 0.8 + 3.4 * vectors / most, vectors);
}

void arch_floor_plan_chain(const struct arch_floor_plan *plan, const uint32_t *row, const uint32_t *col,
                           uint32_t tiles) {
    fputs("<polyline class=\"chain\" points=\"", plan->out);
    for (uint32_t i = 0; i < tiles; i++)
        fprintf(plan->out, "%s%.1f,%.1f", i > 0 ? " " : "", x_of(col[i]), y_of(row[i]));
    fputs("\"/>\n", plan->out);
}

static void put_layers(const struct arch_floor_plan *plan, const uint32_t *cores, double x, double *y) {
    for (uint32_t id = 0; id < plan->graph->layers; id++) {
        const struct sim_layer *layer = &plan->graph->layer[id];
        if (cores[id] == 0)
            continue;
        char text[160], shape[48] = "";
        if (layer->shape.rows * layer->shape.cols > 1)
            snprintf(shape, sizeof shape, " %ux%ux%u", layer->shape.channels, layer->shape.rows,
                     layer->shape.cols);
        else
            snprintf(shape, sizeof shape, " %u", layer->neurons);
        snprintf(text, sizeof text, "%u %.40s: %s%s, %u core%s", id, layer->name,
                 sim_layer_kinds[layer->kind].name, shape, cores[id], sim_plural(cores[id]));
        fprintf(plan->out, "<rect class=\"l%u\" x=\"%g\" y=\"%g\" width=\"14\" height=\"14\" rx=\"3\"/>\n",
                id, x, *y - 11);
        put_line(plan, "legend", x + 22, *y, text);
        *y += LINE;
    }
}

void arch_floor_plan_end(const struct arch_floor_plan *plan, const uint32_t *cores) {
    double x = LEFT + PITCH * (double)plan->cols + 24, y = TOP + 14;
    put_line(plan, "head", x, y, "LAYERS");
    y += LINE;
    put_layers(plan, cores, x, &y);
    y += LINE / 2.0;
    put_line(plan, "head", x, y, "MARKS");
    y += LINE;
    fprintf(plan->out, "<circle class=\"fires\" cx=\"%g\" cy=\"%g\" r=\"3.6\"/>\n", x + 7, y - 4);
    put_line(plan, "legend", x + 22, y, "fires");
    fprintf(plan->out, "<circle class=\"fed\" cx=\"%g\" cy=\"%g\" r=\"2.4\"/>\n", x + 127, y - 4);
    put_line(plan, "legend", x + 142, y, "fed from outside");
    y += LINE;
    if (plan->chains) {
        fprintf(plan->out, "<line class=\"chain\" x1=\"%g\" y1=\"%g\" x2=\"%g\" y2=\"%g\"/>\n", x, y - 4,
                x + 14, y - 4);
        put_line(plan, "legend", x + 22, y, "partial sums");
    }
    if (plan->routes) {
        fprintf(plan->out,
                "<line class=\"route\" stroke-width=\"2.6\" x1=\"%g\" y1=\"%g\" x2=\"%g\" y2=\"%g\"/>\n",
                x + 120, y - 4, x + 134, y - 4);
        put_line(plan, "legend", x + 142, y, "spikes (wider: more)");
    }
    fputs("</svg>\n", plan->out);
}
