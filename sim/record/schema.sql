-- SPDX-License-Identifier: MIT
-- The run database. Documented in docs/database.md; written by sim/record/record.c.
--
-- Cycles are periods of the chip's base clock; energies are joules, times seconds. A column that names
-- another table (component, kind, layer, sample, histogram) holds its id. NULL means "not known" or
-- "does not apply". The three parts of this file are marked: the writer makes the tables before the run,
-- the indexes and views after it. Readers bring views of their own from this file.

-- ==== tables

PRAGMA application_id = 0x4E52554E;   -- "NRUN"
PRAGMA user_version = 2;              -- of this schema

-- Facts of the run: version, engine, order, seed, arch, trace, started, wall_s, cycles, clock_hz, ...
CREATE TABLE run(
    key   TEXT PRIMARY KEY NOT NULL,
    value
) WITHOUT ROWID;

-- The effective configuration, with the origin of each value: file and line, "default", "--set 1".
CREATE TABLE config(
    path   TEXT PRIMARY KEY NOT NULL,
    value  TEXT,
    origin TEXT
) WITHOUT ROWID;

-- Parameters of types on which unit energies depend (`scale:` in a technology file).
CREATE TABLE parameter(
    type  TEXT NOT NULL,
    name  TEXT NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY(type, name)
) WITHOUT ROWID;

-- Layers of the network.
CREATE TABLE layer(
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL,
    kind    TEXT,
    neurons INTEGER
);

-- Pieces of hardware. layer: the network layer it works for.
CREATE TABLE component(
    id    INTEGER PRIMARY KEY,
    path  TEXT NOT NULL,
    type  TEXT NOT NULL,
    layer INTEGER,
    row   INTEGER,
    col   INTEGER
);

-- What a type of component can do, and what doing it once costs. 'leakage' is a kind of every
-- type: its count is the cycles of powered components, its unit energy is leakage power / clock.
CREATE TABLE kind(
    id            INTEGER PRIMARY KEY,
    type          TEXT NOT NULL,
    event         TEXT NOT NULL,
    help          TEXT,
    unit_energy_j REAL,               -- at the run's voltage and clock; NULL: run without a technology
    source        TEXT,               -- where the unit energy comes from
    trust         TEXT                -- paper, code, note, derived, fit, choice, calibrated, free
);

-- Silicon area of one component of a type, where it is known.
CREATE TABLE area(
    type    TEXT PRIMARY KEY NOT NULL,
    area_m2 REAL NOT NULL,
    source  TEXT NOT NULL,            -- where it comes from
    trust   TEXT NOT NULL             -- as of kind
) WITHOUT ROWID;

-- How often each component did each thing in the whole run; zeros are left out.
CREATE TABLE count(
    component INTEGER NOT NULL,
    kind      INTEGER NOT NULL,
    count     INTEGER NOT NULL,
    PRIMARY KEY(component, kind)
) WITHOUT ROWID;

-- The same for each timestep of each sample (--log steps, events); without leakage, zeros left out.
CREATE TABLE step(
    sample    INTEGER,
    timestep  INTEGER,
    component INTEGER,
    kind      INTEGER,
    count     INTEGER
);

-- Every event (--log events). It begins in `cycle` and takes `latency` cycles. What elapses by the
-- mere passing of time (leakage, clocks) is one row over the whole run, so that the rows of a component
-- and kind add up to table count.
CREATE TABLE event(
    cycle     INTEGER,
    component INTEGER,
    kind      INTEGER,
    count     INTEGER,
    latency   INTEGER
);

-- Samples in the order in which they were run. class: what the chip answered. Cycles are inclusive.
CREATE TABLE sample(
    id          INTEGER PRIMARY KEY,
    label       INTEGER,
    class       INTEGER,
    first_cycle INTEGER,
    last_cycle  INTEGER,
    correct     INTEGER AS (label = class)
);

-- Spikes that the neurons of the output layer emitted in a sample, of time codes their levels; 0 has no row.
CREATE TABLE output(
    sample INTEGER,
    neuron INTEGER,
    count  INTEGER
);

-- Spikes of the trace in a timestep: of input layers, and of all that are replayed (what computed layers fire are events,
-- view spikes_by_layer). sample is NULL at --log summary: sums over the samples.
CREATE TABLE spikes(
    sample   INTEGER,
    layer    INTEGER,
    timestep INTEGER,
    count    INTEGER
);

-- Connections between components (NULL: the rim of a mesh) and what they carried.
CREATE TABLE link(
    id             INTEGER PRIMARY KEY,
    name           TEXT NOT NULL,
    from_component INTEGER,
    to_component   INTEGER,
    width          INTEGER,           -- bits of one item
    latency        INTEGER,           -- cycles
    sends          INTEGER NOT NULL,  -- items sent, or how often the bus was driven
    bits           INTEGER            -- bits carried or toggled, as the model counts
);

-- Latencies, in cycles: exact count, sum, minimum and maximum here, the distribution in `latency`.
CREATE TABLE histogram(
    id    INTEGER PRIMARY KEY,
    name  TEXT NOT NULL,              -- "sample", "timestep", "packet"
    help  TEXT,
    count INTEGER NOT NULL,
    sum   INTEGER NOT NULL,
    min   INTEGER,
    max   INTEGER
);

-- Bins low..high (inclusive), exact below 256 cycles, 1/128 wide above; empty ones are left out.
CREATE TABLE latency(
    histogram INTEGER NOT NULL,
    low       INTEGER NOT NULL,
    high      INTEGER NOT NULL,
    count     INTEGER NOT NULL,
    PRIMARY KEY(histogram, low)
) WITHOUT ROWID;

-- ==== indexes

CREATE INDEX component_path ON component(path);
CREATE INDEX kind_event ON kind(type, event);
CREATE INDEX step_sample ON step(sample, timestep);
CREATE INDEX spikes_layer ON spikes(layer, timestep);
CREATE INDEX event_cycle ON event(cycle);

-- ==== views

-- Length of the run.
CREATE VIEW run_time AS
SELECT cycles, clock_hz, cycles / clock_hz AS time_s
FROM (SELECT (SELECT value FROM run WHERE key = 'cycles') AS cycles,
             (SELECT value FROM run WHERE key = 'clock_hz') AS clock_hz);

-- Count x unit energy for each kind, in the order of the ids; integers are summed before the product.
CREATE VIEW energy_by_kind AS
SELECT k.id AS kind, k.type, k.event, sum(c.count) AS count, k.unit_energy_j,
       sum(c.count) * k.unit_energy_j AS energy_j, k.trust
FROM kind k JOIN count c ON c.kind = k.id
GROUP BY k.id;

CREATE VIEW energy_total AS
SELECT e.*, t.time_s, e.energy_j / t.time_s AS power_w
FROM (SELECT sum(energy_j) AS energy_j,
             total(energy_j) FILTER (WHERE event <> 'leakage') AS dynamic_j,
             total(energy_j) FILTER (WHERE event = 'leakage') AS leakage_j
      FROM energy_by_kind) e, run_time t;

CREATE VIEW energy_by_component AS
SELECT p.id AS component, p.path, p.type, p.layer, p.row, p.col,
       sum(c.count * k.unit_energy_j) AS energy_j,
       total(c.count * k.unit_energy_j) FILTER (WHERE k.event <> 'leakage') AS dynamic_j,
       total(c.count * k.unit_energy_j) FILTER (WHERE k.event = 'leakage') AS leakage_j
FROM component p JOIN count c ON c.component = p.id JOIN kind k ON k.id = c.kind
GROUP BY p.id;

-- layer is NULL for hardware that works for no layer or for several.
CREATE VIEW energy_by_layer AS
SELECT e.layer, l.name, l.kind, count(*) AS components, sum(e.energy_j) AS energy_j,
       sum(e.dynamic_j) AS dynamic_j, sum(e.leakage_j) AS leakage_j
FROM energy_by_component e LEFT JOIN layer l ON l.id = e.layer
GROUP BY e.layer;

-- Area of all components of each type; NULL: not known.
CREATE VIEW area_by_type AS
SELECT p.type, count(*) AS components, a.area_m2 AS component_m2, count(*) * a.area_m2 AS area_m2, a.source, a.trust
FROM component p LEFT JOIN area a ON a.type = p.type
GROUP BY p.type;

-- What is known of the area, and what it leaves out.
CREATE VIEW area_total AS
SELECT sum(area_m2) AS area_m2, group_concat(type, ', ') FILTER (WHERE area_m2 IS NULL) AS unknown
FROM area_by_type;

-- Energy and latency of a sample (without samples: of the run), its latency being its share of the run's time.
CREATE VIEW energy_per_sample AS
SELECT energy_j / max(1, (SELECT count(*) FROM sample)) AS energy_per_sample_j,
       time_s / max(1, (SELECT count(*) FROM sample)) AS latency_s
FROM energy_total;

-- What chips are compared by: the energy-delay product of a sample, and that and the rate for the known area.
CREATE VIEW merit AS
SELECT e.energy_per_sample_j, e.latency_s, e.energy_per_sample_j * e.latency_s AS edp_js, a.area_m2, a.unknown AS area_unknown,
       e.energy_per_sample_j * e.latency_s * a.area_m2 AS edap_jsm2,
       1e-6 / e.latency_s / a.area_m2 AS samples_per_s_mm2
FROM energy_per_sample e, area_total a;

CREATE VIEW event_energy AS
SELECT e.cycle, e.component, p.path, e.kind, k.type, k.event, e.count, e.latency,
       e.count * k.unit_energy_j AS energy_j
FROM event e JOIN component p ON p.id = e.component JOIN kind k ON k.id = e.kind;

-- Dynamic energy of each timestep.
CREATE VIEW step_energy AS
SELECT s.sample, s.timestep, sum(s.count * k.unit_energy_j) AS dynamic_j
FROM step s JOIN kind k ON k.id = s.kind
GROUP BY s.sample, s.timestep;

-- Recorded spikes where the trace has them, else the `fire` events of the layer's components.
CREATE VIEW spikes_by_layer AS
SELECT l.id AS layer, l.name, l.neurons, n.spikes,
       n.spikes * 1.0 / l.neurons / (SELECT max(timestep) + 1 FROM spikes)
           / max(1, (SELECT count(*) FROM sample)) AS spikes_per_neuron_step
FROM (SELECT layer, sum(count) AS spikes FROM spikes GROUP BY layer
      UNION ALL
      SELECT p.layer, sum(c.count) FROM count c JOIN kind k ON k.id = c.kind JOIN component p ON p.id = c.component
      WHERE k.event = 'fire' AND p.layer NOT IN (SELECT layer FROM spikes)
      GROUP BY p.layer) n
LEFT JOIN layer l ON l.id = n.layer;

CREATE VIEW accuracy AS
SELECT count(*) AS samples, count(correct) AS labelled, total(correct) AS correct, avg(correct) AS accuracy
FROM sample;

-- load: items sent for each cycle.
CREATE VIEW link_load AS
SELECT l.id AS link, l.name, f.path AS from_path, t.path AS to_path, l.width, l.sends, l.bits,
       l.sends * 1.0 / r.cycles AS load
FROM link l LEFT JOIN component f ON f.id = l.from_component
            LEFT JOIN component t ON t.id = l.to_component, run_time r;

-- Nearest-rank percentiles: the upper end of the bin that holds the rank.
CREATE VIEW latency_percentiles AS
WITH ranked AS (
    SELECT histogram, high, count,
           sum(count) OVER (PARTITION BY histogram ORDER BY low) AS reached
    FROM latency)
SELECT h.id AS histogram, h.name, h.count, h.sum * 1.0 / h.count AS mean, h.min,
       min(h.max, min(r.high) FILTER (WHERE r.reached >= h.count * 0.50)) AS p50,
       min(h.max, min(r.high) FILTER (WHERE r.reached >= h.count * 0.90)) AS p90,
       min(h.max, min(r.high) FILTER (WHERE r.reached >= h.count * 0.99)) AS p99,
       min(h.max, min(r.high) FILTER (WHERE r.reached >= h.count * 0.999)) AS p999,
       h.max
FROM histogram h JOIN ranked r ON r.histogram = h.id
GROUP BY h.id;
