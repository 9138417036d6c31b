/* SPDX-License-Identifier: MIT
 *
 * Parameter tables: a parameter is declared once, and from that one line come the YAML key, its unit,
 * range and default, the error messages, the effective configuration with origins, and the
 * `nocsim describe` page.
 *
 * A schema describes one C struct (a *spec*): its name ("noc.router"), its parameters, and a check
 * of what no single parameter can judge. Values are stored in SI units as double (QUANTITY), or as
 * uint32_t, uint64_t, int32_t, double, bool, int (CHOICE: index into `choices`), const char * (TEXT), a
 * nested struct (SPEC), a struct sim_any (ANY) or a pointer and count (LIST).
 *
 * ANY is a mapping whose key `type:` names a schema of the registry with the wanted role: what a
 * chip is built from (networks, cores) is chosen in the description, not in the code.
 *
 *     struct noc_line_spec { uint32_t hops; double clock_hz; };
 *     static const struct sim_param params[] = {
 *         SIM_PARAM_UINT(struct noc_line_spec, hops, 1, 4096, "16", "routers on the line"),
 *         SIM_PARAM_QUANTITY(struct noc_line_spec, clock_hz, "clock", SIM_UNIT_HERTZ, 1, 1e11, "1 GHz",
 *                            "clock of the line"),
 *     };
 *
 * The key is the field's name, except for quantities, whose field carries the unit as a suffix.
 */
#ifndef SIM_CONFIG_PARAM_H
#define SIM_CONFIG_PARAM_H

#include "sim/base/err.h"
#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sim_param_kind {
    SIM_PARAM_KIND_UINT,     /* uint32_t */
    SIM_PARAM_KIND_UINT64,   /* uint64_t */
    SIM_PARAM_KIND_INT,      /* int32_t */
    SIM_PARAM_KIND_REAL,     /* double, no unit */
    SIM_PARAM_KIND_BOOL,     /* bool */
    SIM_PARAM_KIND_CHOICE,   /* int, an index into choices */
    SIM_PARAM_KIND_TEXT,     /* const char * */
    SIM_PARAM_KIND_QUANTITY, /* double, in the SI unit of `unit` */
    SIM_PARAM_KIND_SPEC,     /* the struct of `schema`, in place */
    SIM_PARAM_KIND_ANY,      /* struct sim_any: a schema of the registry, chosen by `type:` */
    SIM_PARAM_KIND_LIST,     /* pointer to values of kind `item`; uint32_t count at count_offset */
    SIM_PARAM_KIND_COUNT
};

/* Dimensions a quantity may have. Text forms take SI prefixes: "120 kHz", "3.0 pJ/bit", "1 mm". */
enum sim_unit {
    SIM_UNIT_NONE,
    SIM_UNIT_HERTZ,          /* Hz */
    SIM_UNIT_SECOND,         /* s */
    SIM_UNIT_METRE,          /* m */
    SIM_UNIT_SQUARE_METRE,   /* m2: "1 mm2", "12 um2" */
    SIM_UNIT_VOLT,           /* V */
    SIM_UNIT_AMPERE,         /* A */
    SIM_UNIT_OHM,            /* Ohm */
    SIM_UNIT_SIEMENS,        /* S */
    SIM_UNIT_FARAD,          /* F */
    SIM_UNIT_JOULE,          /* J */
    SIM_UNIT_JOULE_PER_BIT,  /* J/bit */
    SIM_UNIT_JOULE_PER_BIT_METRE, /* J/bit/m: "40.4 fJ/bit/mm" */
    SIM_UNIT_WATT,           /* W */
    SIM_UNIT_KELVIN,         /* K */
    SIM_UNIT_BYTE,           /* B: "4 KiB", "1 kB" */
    SIM_UNIT_COUNT
};

struct sim_schema;
struct sim_type;

/* What an ANY parameter was bound to: the schema that `type:` names, and its filled spec. */
struct sim_any {
    const struct sim_schema *schema;
    const void *spec;
};

struct sim_param {
    const char *key;
    enum sim_param_kind kind;
    enum sim_param_kind item;    /* LIST: UINT, REAL, SPEC or ANY */
    size_t offset;
    double min, max;             /* inclusive; numeric kinds, in the unit of the field */
    enum sim_unit unit;          /* QUANTITY */
    const char *fallback;        /* default, as it would be written in YAML; NULL = required */
    const char *const *choices;  /* CHOICE: NULL-terminated */
    const struct sim_schema *schema; /* SPEC, LIST of SPEC */
    const char *role;            /* ANY, LIST of ANY: role of the schemas that fit; NULL = all */
    size_t count_offset;         /* LIST; optional SPEC: 1 when it is there, 0 for 'none' */
    bool optional;               /* SPEC: may be 'none'; then it has its defaults, which nobody should use */
    const char *help;            /* one line: what it is, with its unit and its source where it has one */
};

struct sim_schema {
    const char *name; /* "arch.shenjing_tile" */
    const char *help; /* a short paragraph: what this is in hardware */
    const char *role; /* "chip", "network", "core": which ANY parameters it fits; NULL: nested only */
    size_t size;      /* of the spec struct */
    const struct sim_param *params;
    uint32_t param_count;
    /* Judges combinations; NULL: none. Adds messages located at `where`, returns false on a fault. */
    bool (*check)(const void *spec, const struct sim_where *where, struct sim_err *err);
    /* Component types that are built from it, ends with NULL; NULL: none. For `nocsim describe`. */
    const struct sim_type *const *types;
};

#define SIM_PARAM_FIELD_(struct_, field, type)                                                     \
    (offsetof(struct_, field) + 0 * sizeof(char[sizeof(((struct_ *)0)->field) == sizeof(type) ? 1 : -1]))

#define SIM_PARAM_UINT(struct_, field, min_, max_, fallback_, help_)                               \
    { .key = #field, .kind = SIM_PARAM_KIND_UINT, .offset = SIM_PARAM_FIELD_(struct_, field, uint32_t), \
      .min = (min_), .max = (max_), .fallback = (fallback_), .help = (help_) }
#define SIM_PARAM_UINT64(struct_, field, min_, max_, fallback_, help_)                             \
    { .key = #field, .kind = SIM_PARAM_KIND_UINT64, .offset = SIM_PARAM_FIELD_(struct_, field, uint64_t), \
      .min = (min_), .max = (max_), .fallback = (fallback_), .help = (help_) }
#define SIM_PARAM_INT(struct_, field, min_, max_, fallback_, help_)                                \
    { .key = #field, .kind = SIM_PARAM_KIND_INT, .offset = SIM_PARAM_FIELD_(struct_, field, int32_t), \
      .min = (min_), .max = (max_), .fallback = (fallback_), .help = (help_) }
#define SIM_PARAM_REAL(struct_, field, min_, max_, fallback_, help_)                               \
    { .key = #field, .kind = SIM_PARAM_KIND_REAL, .offset = SIM_PARAM_FIELD_(struct_, field, double), \
      .min = (min_), .max = (max_), .fallback = (fallback_), .help = (help_) }
#define SIM_PARAM_BOOL(struct_, field, fallback_, help_)                                           \
    { .key = #field, .kind = SIM_PARAM_KIND_BOOL, .offset = SIM_PARAM_FIELD_(struct_, field, bool), \
      .fallback = (fallback_), .help = (help_) }
#define SIM_PARAM_CHOICE(struct_, field, choices_, fallback_, help_)                               \
    { .key = #field, .kind = SIM_PARAM_KIND_CHOICE, .offset = SIM_PARAM_FIELD_(struct_, field, int), \
      .choices = (choices_), .fallback = (fallback_), .help = (help_) }
#define SIM_PARAM_TEXT(struct_, field, fallback_, help_)                                           \
    { .key = #field, .kind = SIM_PARAM_KIND_TEXT, .offset = SIM_PARAM_FIELD_(struct_, field, const char *), \
      .fallback = (fallback_), .help = (help_) }
#define SIM_PARAM_QUANTITY(struct_, field, key_, unit_, min_, max_, fallback_, help_)              \
    { .key = (key_), .kind = SIM_PARAM_KIND_QUANTITY, .offset = SIM_PARAM_FIELD_(struct_, field, double), \
      .unit = (unit_), .min = (min_), .max = (max_), .fallback = (fallback_), .help = (help_) }
#define SIM_PARAM_SPEC(struct_, field, schema_, help_)                                             \
    { .key = #field, .kind = SIM_PARAM_KIND_SPEC, .offset = offsetof(struct_, field),              \
      .schema = (schema_), .fallback = "{}", .help = (help_) }
#define SIM_PARAM_OPTIONAL(struct_, field, count_field, schema_, help_)                            \
    { .key = #field, .kind = SIM_PARAM_KIND_SPEC, .offset = offsetof(struct_, field),              \
      .count_offset = SIM_PARAM_FIELD_(struct_, count_field, uint32_t), .optional = true,          \
      .schema = (schema_), .fallback = "{}", .help = (help_) }
#define SIM_PARAM_LIST(struct_, field, count_field, schema_, help_)                                \
    { .key = #field, .kind = SIM_PARAM_KIND_LIST, .offset = SIM_PARAM_FIELD_(struct_, field, void *), \
      .count_offset = SIM_PARAM_FIELD_(struct_, count_field, uint32_t), .schema = (schema_),       \
      .item = SIM_PARAM_KIND_SPEC, .fallback = "[]", .help = (help_) }
/* A list of integers, each within min..max: field is a const uint32_t *. */
#define SIM_PARAM_LIST_UINT(struct_, field, count_field, min_, max_, fallback_, help_)             \
    { .key = #field, .kind = SIM_PARAM_KIND_LIST, .offset = SIM_PARAM_FIELD_(struct_, field, void *), \
      .count_offset = SIM_PARAM_FIELD_(struct_, count_field, uint32_t), .min = (min_), .max = (max_), \
      .item = SIM_PARAM_KIND_UINT, .fallback = (fallback_), .help = (help_) }
/* A list of numbers, each within min..max: field is a const double *. */
#define SIM_PARAM_LIST_REAL(struct_, field, count_field, min_, max_, fallback_, help_)             \
    { .key = #field, .kind = SIM_PARAM_KIND_LIST, .offset = SIM_PARAM_FIELD_(struct_, field, void *), \
      .count_offset = SIM_PARAM_FIELD_(struct_, count_field, uint32_t), .min = (min_), .max = (max_), \
      .item = SIM_PARAM_KIND_REAL, .fallback = (fallback_), .help = (help_) }
/* One thing of the role, chosen by `type:`: field is a struct sim_any. fallback: "{type: noc.mesh}". */
#define SIM_PARAM_ANY(struct_, field, role_, fallback_, help_)                                     \
    { .key = #field, .kind = SIM_PARAM_KIND_ANY,                                                   \
      .offset = SIM_PARAM_FIELD_(struct_, field, struct sim_any), .role = (role_),                 \
      .fallback = (fallback_), .help = (help_) }
/* A list of them: field is a const struct sim_any *. */
#define SIM_PARAM_LIST_ANY(struct_, field, count_field, role_, fallback_, help_)                   \
    { .key = #field, .kind = SIM_PARAM_KIND_LIST, .offset = SIM_PARAM_FIELD_(struct_, field, void *), \
      .count_offset = SIM_PARAM_FIELD_(struct_, count_field, uint32_t), .role = (role_),           \
      .item = SIM_PARAM_KIND_ANY, .fallback = (fallback_), .help = (help_) }

#define SIM_SCHEMA_PARAMS(table) .params = (table), .param_count = sizeof(table) / sizeof *(table)

/* Bytes of one value of a kind; of LIST the pointer. */
size_t sim_param_size(const struct sim_param *param);

#define SIM_PARAM_TEXT_SIZE 256

/* What may be written, for messages and pages: "an integer from 1 to 64", "a frequency from 1 Hz to
 * 100 GHz, such as '120 kHz'", "one of sparse, dense". Returns buffer. */
const char *sim_param_expects(const struct sim_param *param, char buffer[SIM_PARAM_TEXT_SIZE]);

/* The schema of that name in a NULL-terminated registry, or NULL. */
const struct sim_schema *sim_schema_find(const struct sim_schema *const *registry, const char *name);

/* Judges the tables themselves (bugs, not user errors): names, help, unique keys, ranges, offsets within
 * the spec. Adds a message for each fault. Nested schemas are judged too. */
bool sim_schema_audit(const struct sim_schema *schema, struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif
