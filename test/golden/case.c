/* SPDX-License-Identifier: MIT
 *
 * Reader of golden cases; see case.h. zlib reads plain files as they are, so one path serves both.
 */
#include "test/golden/case.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>
#include <zlib.h>

#define FIELDS_MAX 6
#define CYCLES_MAX 100000000u
#define MESH_MAX 64u

const char *const golden_signal_name[GOLDEN_SIGNAL_COUNT] = {
    "ps_out_n",    "ps_out_s",    "ps_out_e",    "ps_out_w",    "sum_reg",  "local_ps", "potential",
    "spike_out_n", "spike_out_s", "spike_out_e", "spike_out_w", "axon_reg", "spike"};

const char *const golden_control_name[GOLDEN_CONTROL_COUNT] = {"im_addr", "ps_ctl", "spike_ctl",
                                                               "core_ctl"};

static const struct {
    const char *name;
    uint32_t bits;
} inputs[GOLDEN_INPUT_COUNT] = {{"spike_in_buffer", 256},
                                {"noc_sel", 256},
                                {"weight0", 640},
                                {"weight1", 640},
                                {"weight2", 640},
                                {"weight3", 640},
                                {"threshold", 16},
                                {"subcore_sel", 4},
                                {"start_instr_b", 1},
                                {"read_or_write", 1},
                                {"addr_count", 6},
                                {"instr_in", 20},
                                {"rstb", 1}};

/* One file, line by line. */
struct reader {
    char *path;
    gzFile file;
    char *line;
    size_t capacity;
    struct sim_where where;
    char *field[FIELDS_MAX];
    struct sim_err *err;
};

static void *must(void *memory) {
    if (memory == NULL) {
        fputs("golden: out of memory\n", stderr);
        abort();
    }
    return memory;
}

static char *join(const char *folder, const char *name, const char *suffix) {
    size_t size = strlen(folder) + strlen(name) + strlen(suffix) + 2;
    char *path = must(malloc(size));
    snprintf(path, size, "%s/%s%s", folder, name, suffix);
    return path;
}

static bool open_file(struct reader *r, const char *folder, const char *name, struct sim_err *err) {
    memset(r, 0, sizeof *r);
    r->err = err;
    r->path = join(folder, name, "");
    if (access(r->path, F_OK) != 0) {
        free(r->path);
        r->path = join(folder, name, ".gz");
    }
    r->where.file = r->path;
    errno = 0;
    r->file = gzopen(r->path, "rb");
    if (r->file == NULL)
        return sim_err_add(err, SIM_EXIT_IO, &r->where, "cannot open: %s",
                           errno != 0 ? strerror(errno) : "out of memory");
    return true;
}

static void close_file(struct reader *r) {
    if (r->file != NULL)
        gzclose(r->file);
    free(r->line);
    free(r->path);
}

static bool damaged(struct reader *r) {
    int code;
    const char *what = gzerror(r->file, &code);
    if (code == Z_OK || code == Z_STREAM_END)
        return false;
    sim_err_add(r->err, SIM_EXIT_IO, &r->where, "cannot read: %s",
                code == Z_ERRNO ? strerror(errno) : what);
    return true;
}

/* The next line without its end, or false at the end of the file or on a read error. */
static bool next_line(struct reader *r) {
    size_t length = 0;
    for (;;) {
        if (r->capacity - length < 2) {
            r->capacity = r->capacity == 0 ? 4096 : r->capacity * 2;
            r->line = must(realloc(r->line, r->capacity));
        }
        if (gzgets(r->file, r->line + length, (int)(r->capacity - length)) == NULL) {
            if (damaged(r) || length == 0)
                return false;
            break;
        }
        length += strlen(r->line + length);
        if (length > 0 && r->line[length - 1] == '\n')
            break;
    }
    while (length > 0 && (r->line[length - 1] == '\n' || r->line[length - 1] == '\r'))
        r->line[--length] = '\0';
    r->where.line++;
    return true;
}

/* Splits the line into exactly `count` fields; the last one takes the rest. */
static bool split(struct reader *r, int count) {
    char *at = r->line;
    for (int i = 0; i < count; i++) {
        r->field[i] = at;
        if (i == count - 1)
            break;
        char *comma = strchr(at, ',');
        if (comma == NULL)
            return sim_err_add(r->err, SIM_EXIT_CONFIG, &r->where, "expected %d fields, found %d", count,
                               i + 1);
        *comma = '\0';
        at = comma + 1;
    }
    return true;
}

static bool number(struct reader *r, const char *text, int base, int64_t min, int64_t max, const char *what,
                   int64_t *value) {
    char *end;
    errno = 0;
    long long v = strtoll(text, &end, base);
    if (end == text || *end != '\0' || errno != 0 || v < min || v > max)
        return sim_err_add(r->err, SIM_EXIT_CONFIG, &r->where,
                           "%s: '%s' is not a number in %" PRId64 " .. %" PRId64, what, text, min, max);
    *value = v;
    return true;
}

static bool choice(struct reader *r, const char *text, const char *const *names, size_t count,
                   const char *what, uint32_t *value) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(text, names[i]) == 0) {
            *value = (uint32_t)i;
            return true;
        }
    const char *near = sim_err_nearest(text, names, count);
    return sim_err_add(r->err, SIM_EXIT_CONFIG, &r->where, "unknown %s '%s'%s%s%s", what, text,
                       near != NULL ? " (did you mean '" : "", near != NULL ? near : "",
                       near != NULL ? "'?)" : "");
}

static bool tile_number(struct reader *r, const struct golden_case *c, const char *row, const char *col,
                        uint32_t *tile) {
    int64_t y, x;
    if (!number(r, row, 10, 0, (int64_t)c->rows - 1, "tile_row", &y) ||
        !number(r, col, 10, 0, (int64_t)c->cols - 1, "tile_col", &x))
        return false;
    *tile = (uint32_t)y * c->cols + (uint32_t)x;
    return true;
}

/* Hexadecimal digits, most significant first, into words, least significant first. */
static bool hex_bits(struct reader *r, const char *text, uint32_t bits, uint64_t *value) {
    size_t length = strlen(text), words = (bits + 63) / 64;
    memset(value, 0, words * sizeof *value);
    if (length == 0)
        return sim_err_add(r->err, SIM_EXIT_CONFIG, &r->where, "a hexadecimal value is missing");
    for (size_t i = 0; i < length; i++) {
        char ch = text[length - 1 - i];
        uint64_t digit;
        if (ch >= '0' && ch <= '9')
            digit = (uint64_t)(ch - '0');
        else if (ch >= 'a' && ch <= 'f')
            digit = (uint64_t)(ch - 'a') + 10;
        else if (ch >= 'A' && ch <= 'F')
            digit = (uint64_t)(ch - 'A') + 10;
        else
            return sim_err_add(r->err, SIM_EXIT_CONFIG, &r->where, "'%c' is not a hexadecimal digit", ch);
        if (digit == 0)
            continue;
        uint64_t top = 4 * i + (uint64_t)(63 - __builtin_clzll(digit));
        if (top >= bits)
            return sim_err_add(r->err, SIM_EXIT_CONFIG, &r->where, "the value has more than %u bits", bits);
        value[i / 16] |= digit << (i % 16 * 4);
    }
    return true;
}

static void *append(struct golden_list *list, size_t size) {
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 256 : 2 * list->capacity;
        list->item = must(realloc(list->item, list->capacity * size));
    }
    return (char *)list->item + size * list->count++;
}

typedef bool row_function(struct reader *r, struct golden_case *c, struct golden_list *list);

static bool read_table(struct golden_case *c, const char *name, const char *header, int fields,
                       row_function *row, struct golden_list *list, struct sim_err *err) {
    struct reader r;
    bool sound = open_file(&r, c->path, name, err);
    if (sound) {
        /* The name of the last column varies between sets. */
        if (!next_line(&r) || strncmp(r.line, header, (size_t)(strrchr(header, ',') - header + 1)) != 0) {
            if (err->code == SIM_EXIT_OK)
                sim_err_add(err, SIM_EXIT_CONFIG, &r.where, "the first line must be '%s'", header);
            sound = false;
        }
        while (sound && !sim_err_full(err) && next_line(&r))
            if (r.line[0] != '\0' && split(&r, fields))
                row(&r, c, list);
    }
    close_file(&r);
    return sound && err->code == SIM_EXIT_OK;
}

static bool program_row(struct reader *r, struct golden_case *c, struct golden_list *list) {
    (void)list;
    uint32_t tile;
    int64_t address, op, gap;
    if (!tile_number(r, c, r->field[0], r->field[1], &tile) ||
        !number(r, r->field[2], 10, 0, GOLDEN_IMEM - 1, "addr", &address) ||
        !number(r, r->field[3], 16, 0, 0xfff, "op12_hex", &op) ||
        !number(r, r->field[4], 10, 0, (1 << GOLDEN_GAP_BITS) - 1, "gap", &gap))
        return false;
    c->tile[tile].program[address] = arch_shenjing_word_op((uint32_t)op, (uint32_t)gap);
    return true;
}

static bool weight_row(struct reader *r, struct golden_case *c, struct golden_list *list) {
    (void)list;
    uint32_t tile;
    int64_t subcore, row;
    if (!tile_number(r, c, r->field[0], r->field[1], &tile) ||
        !number(r, r->field[2], 10, 0, 3, "subcore", &subcore) ||
        !number(r, r->field[3], 10, 0, GOLDEN_ROWS - 1, "row", &row))
        return false;
    const char *text = r->field[4];
    if (strlen(text) != GOLDEN_LANES / 2)
        return sim_err_add(r->err, SIM_EXIT_CONFIG, &r->where,
                           "weights128: expected %d characters, found %zu", GOLDEN_LANES / 2, strlen(text));
    int8_t *weights =
        &c->tile[tile].weight[(subcore >> 1) * GOLDEN_ROWS + row][(subcore & 1) * GOLDEN_LANES / 2];
    for (int n = 0; n < GOLDEN_LANES / 2; n++) {
        int v = text[n] >= '0' && text[n] <= '9'   ? text[n] - '0'
                : text[n] >= 'A' && text[n] <= 'V' ? text[n] - 'A' + 10
                                                   : -1;
        if (v < 0)
            return sim_err_add(r->err, SIM_EXIT_CONFIG, &r->where,
                               "weights128: '%c' is not one of 0..9A..V", text[n]);
        weights[n] = (int8_t)(v < 16 ? v : v - 32);
    }
    return true;
}

static bool in_order(struct reader *r, uint64_t last, uint64_t cycle) {
    if (cycle >= last)
        return true;
    return sim_err_add(r->err, SIM_EXIT_CONFIG, &r->where, "cycle %" PRIu64 " after cycle %" PRIu64, cycle,
                       last);
}

static bool stimulus_row(struct reader *r, struct golden_case *c, struct golden_list *list) {
    const char *names[GOLDEN_INPUT_COUNT];
    for (int i = 0; i < GOLDEN_INPUT_COUNT; i++)
        names[i] = inputs[i].name;
    struct golden_stimulus s = {.tile = -1};
    int64_t cycle;
    uint32_t input = 0, tile = 0;
    if (!number(r, r->field[0], 10, 0, CYCLES_MAX, "cycle", &cycle) ||
        !choice(r, r->field[3], names, GOLDEN_INPUT_COUNT, "signal", &input))
        return false;
    s.cycle = (uint64_t)cycle;
    s.input = (enum golden_input)input;
    bool global = strcmp(r->field[1], "-1") == 0 && strcmp(r->field[2], "-1") == 0;
    if (!global) {
        if (!tile_number(r, c, r->field[1], r->field[2], &tile))
            return false;
        s.tile = (int32_t)tile;
    }
    if (!hex_bits(r, r->field[4], inputs[input].bits, s.value))
        return false;
    const struct golden_stimulus *items = list->item;
    if (list->count > 0 && !in_order(r, items[list->count - 1].cycle, s.cycle))
        return false;
    *(struct golden_stimulus *)append(list, sizeof s) = s;
    return true;
}

static bool add_change(struct reader *r, struct golden_list *list, struct golden_change change) {
    const struct golden_change *items = list->item;
    if (list->count > 0 && !in_order(r, items[list->count - 1].cycle, change.cycle))
        return false;
    change.line = r->where.line;
    *(struct golden_change *)append(list, sizeof change) = change;
    return true;
}

static bool change_head(struct reader *r, struct golden_case *c, const char *const *names, size_t count,
                        struct golden_change *change) {
    int64_t cycle;
    if (!number(r, r->field[0], 10, 0, (int64_t)c->cycles, "cycle", &cycle) ||
        !tile_number(r, c, r->field[1], r->field[2], &change->tile) ||
        !choice(r, r->field[3], names, count, "signal", &change->signal))
        return false;
    change->cycle = (uint64_t)cycle;
    return true;
}

static bool expected_row(struct reader *r, struct golden_case *c, struct golden_list *list) {
    struct golden_change change = {0};
    int64_t plane, value;
    if (!change_head(r, c, golden_signal_name, GOLDEN_SIGNAL_COUNT, &change) ||
        !number(r, r->field[4], 10, 0, GOLDEN_LANES - 1, "plane", &plane) ||
        !number(r, r->field[5], 10, -32768, 32767, "value", &value))
        return false;
    uint32_t i = 0;
    while (i < c->probes && c->probe[i] != (uint32_t)plane)
        i++;
    if (i == c->probes)
        return sim_err_add(r->err, SIM_EXIT_CONFIG, &r->where,
                           "plane %" PRId64 " is not among probe_planes", plane);
    change.plane = i;
    change.value = (uint64_t)value;
    return add_change(r, list, change);
}

static bool hash_row(struct reader *r, struct golden_case *c, struct golden_list *list) {
    struct golden_change change = {0};
    return change_head(r, c, golden_signal_name, GOLDEN_SIGNAL_COUNT, &change) &&
           hex_bits(r, r->field[4], 64, &change.value) && add_change(r, list, change);
}

static bool control_row(struct reader *r, struct golden_case *c, struct golden_list *list) {
    struct golden_change change = {0};
    return change_head(r, c, golden_control_name, GOLDEN_CONTROL_COUNT, &change) &&
           hex_bits(r, r->field[4], 16, &change.value) && add_change(r, list, change);
}

static bool activity_row(struct reader *r, struct golden_case *c, struct golden_list *list) {
    struct golden_activity a = {0};
    int64_t value;
    if (!tile_number(r, c, r->field[0], r->field[1], &a.tile) ||
        !number(r, r->field[3], 10, 0, INT64_MAX, "value", &value))
        return false;
    if (strlen(r->field[2]) >= sizeof a.counter)
        return sim_err_add(r->err, SIM_EXIT_CONFIG, &r->where, "unknown counter '%s'", r->field[2]);
    strcpy(a.counter, r->field[2]);
    a.value = (uint64_t)value;
    a.line = r->where.line;
    *(struct golden_activity *)append(list, sizeof a) = a;
    return true;
}

/* ---- case.yaml --------------------------------------------------------------------------------- */

static const char *scalar(const yaml_node_t *node) {
    return node != NULL && node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

static const yaml_node_t *value_of(yaml_document_t *document, const yaml_node_t *map, const char *key) {
    if (map == NULL || map->type != YAML_MAPPING_NODE)
        return NULL;
    for (yaml_node_pair_t *pair = map->data.mapping.pairs.start; pair < map->data.mapping.pairs.top;
         pair++) {
        const char *name = scalar(yaml_document_get_node(document, pair->key));
        if (name != NULL && strcmp(name, key) == 0)
            return yaml_document_get_node(document, pair->value);
    }
    return NULL;
}

static bool yaml_number(struct reader *r, yaml_document_t *document, const yaml_node_t *map,
                        const char *key, int64_t max, int64_t *value) {
    const yaml_node_t *node = value_of(document, map, key);
    const char *text = scalar(node);
    r->where.line = (int)(node != NULL ? node : map)->start_mark.line + 1;
    if (text == NULL)
        return sim_err_add(r->err, SIM_EXIT_CONFIG, &r->where, "key '%s' is missing or not a number", key);
    return number(r, text, 0, 0, max, key, value);
}

static bool read_tile(struct reader *r, struct golden_case *c, yaml_document_t *document,
                      const yaml_node_t *node, bool *seen) {
    if (node == NULL || node->type != YAML_MAPPING_NODE) {
        r->where.line = node != NULL ? (int)node->start_mark.line + 1 : 0;
        return sim_err_add(r->err, SIM_EXIT_CONFIG, &r->where, "tiles: a mapping is expected");
    }
    int64_t row, col, threshold, select;
    if (!yaml_number(r, document, node, "row", (int64_t)c->rows - 1, &row) ||
        !yaml_number(r, document, node, "col", (int64_t)c->cols - 1, &col) ||
        !yaml_number(r, document, node, "threshold", 0xffff, &threshold) ||
        !yaml_number(r, document, node, "subcore_sel", 15, &select))
        return false;
    const char *planes = scalar(value_of(document, node, "noc_sel"));
    if (planes == NULL)
        return sim_err_add(r->err, SIM_EXIT_CONFIG, &r->where, "key 'noc_sel' is missing");
    uint32_t number_of_tile = (uint32_t)row * c->cols + (uint32_t)col;
    struct golden_tile *tile = &c->tile[number_of_tile];
    if (seen[number_of_tile])
        return sim_err_add(r->err, SIM_EXIT_CONFIG, &r->where,
                           "tile %" PRId64 ",%" PRId64 " is given twice", row, col);
    seen[number_of_tile] = true;
    tile->threshold = (uint16_t)threshold;
    tile->subcore_sel = (uint8_t)select;
    return hex_bits(r, planes, GOLDEN_LANES, tile->noc_sel);
}

static bool read_probes(struct reader *r, struct golden_case *c, yaml_document_t *document,
                        const yaml_node_t *root) {
    const yaml_node_t *list = value_of(document, root, "probe_planes");
    if (list == NULL || list->type != YAML_SEQUENCE_NODE)
        return sim_err_add(r->err, SIM_EXIT_CONFIG, &r->where,
                           "key 'probe_planes' is missing or not a list");
    for (yaml_node_item_t *item = list->data.sequence.items.start; item < list->data.sequence.items.top;
         item++) {
        const yaml_node_t *node = yaml_document_get_node(document, *item);
        int64_t plane;
        r->where.line = (int)node->start_mark.line + 1;
        if (c->probes == GOLDEN_PROBES_MAX || scalar(node) == NULL)
            return sim_err_add(r->err, SIM_EXIT_CONFIG, &r->where,
                               "probe_planes: a list of planes is expected");
        if (!number(r, scalar(node), 10, 0, GOLDEN_LANES - 1, "probe_planes", &plane))
            return false;
        c->probe[c->probes++] = (uint32_t)plane;
    }
    return true;
}

static bool read_description(struct reader *r, struct golden_case *c, yaml_document_t *document) {
    const yaml_node_t *root = yaml_document_get_root_node(document);
    if (root == NULL || root->type != YAML_MAPPING_NODE)
        return sim_err_add(r->err, SIM_EXIT_CONFIG, &r->where, "a mapping is expected");
    int64_t rows, cols, cycles;
    if (!yaml_number(r, document, root, "rows", MESH_MAX, &rows) ||
        !yaml_number(r, document, root, "cols", MESH_MAX, &cols) ||
        !yaml_number(r, document, root, "cycles", CYCLES_MAX, &cycles))
        return false;
    r->where.line = 0;
    if (rows == 0 || cols == 0)
        return sim_err_add(r->err, SIM_EXIT_CONFIG, &r->where, "rows and cols must be at least 1");
    c->rows = (uint32_t)rows;
    c->cols = (uint32_t)cols;
    c->cycles = (uint64_t)cycles;
    uint32_t tiles = c->rows * c->cols;
    c->tile = must(calloc(tiles, sizeof *c->tile));
    for (uint32_t t = 0; t < tiles; t++)
        for (uint32_t i = 0; i < GOLDEN_IMEM; i++)
            c->tile[t].program[i] = arch_shenjing_word_nop(0);
    if (!read_probes(r, c, document, root))
        return false;
    const yaml_node_t *list = value_of(document, root, "tiles");
    if (list == NULL || list->type != YAML_SEQUENCE_NODE)
        return sim_err_add(r->err, SIM_EXIT_CONFIG, &r->where, "key 'tiles' is missing or not a list");
    bool *seen = must(calloc(tiles, sizeof *seen)), sound = true;
    for (yaml_node_item_t *item = list->data.sequence.items.start; item < list->data.sequence.items.top;
         item++)
        sound &= read_tile(r, c, document, yaml_document_get_node(document, *item), seen);
    for (uint32_t t = 0; t < tiles && sound; t++)
        if (!seen[t])
            sound = sim_err_add(r->err, SIM_EXIT_CONFIG, &r->where, "tile %u,%u is missing", t / c->cols,
                                t % c->cols);
    free(seen);
    return sound;
}

static int feed_yaml(void *data, unsigned char *buffer, size_t size, size_t *count) {
    struct reader *r = data;
    int got = gzread(r->file, buffer, (unsigned)size);
    *count = got < 0 ? 0 : (size_t)got;
    return got >= 0;
}

static bool read_yaml(struct golden_case *c, struct sim_err *err) {
    struct reader r;
    bool sound = open_file(&r, c->path, "case.yaml", err);
    yaml_parser_t parser;
    yaml_document_t document;
    if (sound && !yaml_parser_initialize(&parser)) {
        close_file(&r);
        return sim_err_add(err, SIM_EXIT_IO, NULL, "out of memory");
    }
    if (sound) {
        yaml_parser_set_input(&parser, feed_yaml, &r);
        if (yaml_parser_load(&parser, &document)) {
            sound = read_description(&r, c, &document);
            yaml_document_delete(&document);
        } else {
            r.where.line = (int)parser.problem_mark.line + 1;
            sound = damaged(&r) ? false
                                : sim_err_add(err, SIM_EXIT_CONFIG, &r.where, "%s",
                                              parser.problem != NULL ? parser.problem : "not YAML");
        }
        yaml_parser_delete(&parser);
    }
    close_file(&r);
    return sound;
}

/* ---- the whole --------------------------------------------------------------------------------- */

bool golden_case_is(const char *path) {
    char *plain = join(path, "case.yaml", ""), *packed = join(path, "case.yaml", ".gz");
    bool found = access(plain, F_OK) == 0 || access(packed, F_OK) == 0;
    free(plain);
    free(packed);
    return found;
}

bool golden_case_read(struct golden_case *c, const char *path, struct sim_err *err) {
    memset(c, 0, sizeof *c);
    c->path = must(strdup(path));
    if (!read_yaml(c, err))
        return false;
    bool sound = read_table(c, "program.csv", "tile_row,tile_col,addr,op12_hex,gap,mnemonic", 6,
                            program_row, NULL, err);
    sound &=
        read_table(c, "weights.csv", "tile_row,tile_col,subcore,row,weights128", 5, weight_row, NULL, err);
    sound &= read_table(c, "stimulus.csv", "cycle,tile_row,tile_col,signal,value_hex", 5, stimulus_row,
                        &c->stimulus, err);
    sound &= read_table(c, "expected.csv", "cycle,tile_row,tile_col,signal,plane,value", 6, expected_row,
                        &c->expected, err);
    sound &=
        read_table(c, "hashes.csv", "cycle,tile_row,tile_col,signal,fnv1a64", 5, hash_row, &c->hashes, err);
    sound &= read_table(c, "control.csv", "cycle,tile_row,tile_col,signal,value_hex", 5, control_row,
                        &c->control, err);
    sound &= read_table(c, "activity.csv", "tile_row,tile_col,counter,value", 4, activity_row, &c->activity,
                        err);
    return sound;
}

void golden_case_release(struct golden_case *c) {
    free(c->path);
    free(c->tile);
    free(c->stimulus.item);
    free(c->expected.item);
    free(c->hashes.item);
    free(c->control.item);
    free(c->activity.item);
    memset(c, 0, sizeof *c);
}

uint64_t golden_hash(const void *bytes, size_t count) {
    const unsigned char *b = bytes;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ b[i]) * UINT64_C(0x100000001b3);
    return hash;
}
