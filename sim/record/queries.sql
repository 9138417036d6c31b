-- SPDX-License-Identifier: MIT
-- Example queries on a run database: `nocsim query run.db NAME`, or paste them into the sqlite3 shell.
-- Each begins with its name and one line that says what it answers; the tests run every one.

-- name: energy_per_layer
-- Energy of the hardware of each network layer, per sample, and its share of the total.
SELECT coalesce(e.name, '(none)') AS layer, e.components, e.energy_j,
       e.energy_j / max(1, (SELECT count(*) FROM sample)) AS energy_per_sample_j,
       e.energy_j * 100 / t.energy_j AS percent
FROM energy_by_layer e, energy_total t
ORDER BY e.layer;

-- name: energy_per_kind
-- Which events the energy goes to, largest first.
SELECT k.type, k.event, k.count, k.unit_energy_j, k.energy_j, k.energy_j * 100 / t.energy_j AS percent, k.trust
FROM energy_by_kind k, energy_total t
WHERE k.energy_j > 0
ORDER BY k.energy_j DESC, k.kind;

-- name: hottest_components
-- The ten components that take the most energy, with their average power.
SELECT e.path, e.type, e.row, e.col, e.energy_j, e.dynamic_j, e.energy_j / t.time_s AS power_w
FROM energy_by_component e, run_time t
ORDER BY e.energy_j DESC, e.component
LIMIT 10;

-- name: energy_per_spike
-- Energy of the whole chip for each spike, each sample, and each cycle.
SELECT t.energy_j, s.spikes, t.energy_j / s.spikes AS energy_per_spike_j,
       t.dynamic_j / s.spikes AS dynamic_per_spike_j,
       t.energy_j / n.samples AS energy_per_sample_j, t.energy_j / r.cycles AS energy_per_cycle_j
FROM energy_total t, run_time r, (SELECT sum(spikes) AS spikes FROM spikes_by_layer) s,
     (SELECT nullif(count(*), 0) AS samples FROM sample) n;

-- name: energy_trust
-- How much of the energy rests on numbers of which kind: published, derived, calibrated, chosen.
SELECT trust, count(*) AS kinds, sum(energy_j) AS energy_j, sum(energy_j) * 100 / (SELECT energy_j FROM energy_total) AS percent
FROM energy_by_kind
GROUP BY trust
ORDER BY energy_j DESC;

-- name: area
-- Silicon area of each type of component, and where the number comes from; NULL: not known.
SELECT type, components, component_m2 * 1e12 AS component_um2, area_m2 * 1e6 AS area_mm2, trust, source
FROM area_by_type
ORDER BY area_m2 DESC, type;

-- name: merit
-- Energy, latency, their product, and area of a sample; what is left out of the area.
SELECT energy_per_sample_j, latency_s, edp_js, area_m2 * 1e6 AS area_mm2, area_unknown, edap_jsm2 * 1e6 AS edap_js_mm2,
       samples_per_s_mm2
FROM merit;

-- name: latency
-- Percentiles of every recorded latency, in cycles.
SELECT name, count, mean, min, p50, p90, p99, p999, max
FROM latency_percentiles
ORDER BY histogram;

-- name: link_load
-- The ten busiest links: sends for each cycle, and bits for each send.
SELECT name, from_path, to_path, sends, load, bits, bits * 1.0 / nullif(sends, 0) AS bits_per_send
FROM link_load
ORDER BY load DESC, link
LIMIT 10;

-- name: spike_rate
-- Spikes of each layer, for each neuron and timestep.
SELECT layer, name, neurons, spikes, spikes_per_neuron_step
FROM spikes_by_layer
ORDER BY layer;

-- name: confusion
-- What wrongly classified samples were taken for.
SELECT label, class, count(*) AS samples
FROM sample
WHERE label <> class
GROUP BY label, class
ORDER BY samples DESC, label, class;

-- name: slowest_samples
-- The ten samples that took the most cycles.
SELECT id AS sample, label, class, last_cycle - first_cycle + 1 AS cycles,
       (last_cycle - first_cycle + 1) / t.clock_hz AS time_s
FROM sample, run_time t
ORDER BY cycles DESC, id
LIMIT 10;

-- name: step_energy
-- Average dynamic energy of each timestep over the samples (needs --log steps).
SELECT timestep, count(*) AS samples, avg(dynamic_j) AS mean_j, min(dynamic_j) AS min_j, max(dynamic_j) AS max_j
FROM step_energy
GROUP BY timestep
ORDER BY timestep;

-- name: peak_power
-- The ten windows of 100 cycles with the highest dynamic power, by begin of event (needs --log events).
SELECT cycle / 100 * 100 AS first_cycle, count(*) AS events, sum(energy_j) AS energy_j,
       sum(energy_j) / (100 / t.clock_hz) AS power_w
FROM event_energy, run_time t
WHERE latency < t.cycles
GROUP BY cycle / 100
ORDER BY energy_j DESC, first_cycle
LIMIT 10;

-- name: heat_map
-- Energy of each place on the mesh: one line for each row and column.
SELECT row, col, sum(energy_j) AS energy_j, sum(energy_j) / t.time_s AS power_w, group_concat(path, ' ') AS components
FROM energy_by_component, run_time t
WHERE row IS NOT NULL
GROUP BY row, col
ORDER BY row, col;

-- name: sources
-- Where every unit energy comes from.
SELECT type, event, unit_energy_j, trust, source
FROM kind
ORDER BY id;

-- name: placement
-- How the cores were placed (strategy, seed, budget), and the expected traffic x hops a timestep in the chip's own order and as placed.
SELECT value AS strategy,
       (SELECT value FROM run WHERE key = 'placement_seed') AS seed,
       (SELECT value FROM run WHERE key = 'placement_moves_per_core') AS moves_per_core,
       (SELECT value FROM run WHERE key = 'placement_moves') AS moves,
       (SELECT value FROM run WHERE key = 'traffic_before') AS traffic_before,
       (SELECT value FROM run WHERE key = 'traffic_after') AS traffic_after,
       (SELECT value FROM run WHERE key = 'traffic_unit') AS traffic_unit,
       CASE (SELECT value FROM run WHERE key = 'placement_out_of_time') WHEN 1 THEN 'ended by its limit of time' ELSE 'yes' END AS reproducible
FROM run WHERE key = 'placement';
