-- SPDX-License-Identifier: MIT
-- The database of a sweep. Written by sim/sweep/db.c; read it with any SQLite.
--
-- Each axis is a column of table point, after those below: numbers in SI units, or text. When a sweep ends,
-- or is interrupted, three more things are made (and made anew by the next run):
--
--     view result    one row for each point that is done: axes, then every key of its summary
--     table score    the objectives of each such point; front = 1: no other point is better in one objective
--                    and as good in all others
--     view pareto    the rows of result on that front, with the objectives

PRAGMA application_id = 0x4E535750;   -- "NSWP"
PRAGMA user_version = 1;              -- of this schema

-- Facts of the sweep: name, file, arch, trace, model, program, candidates, points, started, hash_*.
CREATE TABLE sweep(
    key   TEXT PRIMARY KEY NOT NULL,
    value
) WITHOUT ROWID;

-- Axes in their order. keys: what they change, one a line; unit: of the numbers in the column.
CREATE TABLE axis(
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE,
    keys   TEXT NOT NULL,
    unit   TEXT,
    "values" INTEGER NOT NULL
);

CREATE TABLE objective(
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    sense      TEXT NOT NULL CHECK(sense IN ('minimise', 'maximise')),
    expression TEXT NOT NULL
);

-- One row for each point that was tried. id: its number among the candidates.
CREATE TABLE point(
    id        INTEGER PRIMARY KEY,
    status    TEXT NOT NULL CHECK(status IN ('done', 'failed')),
    exit_code INTEGER,                -- of its process; NULL: a signal or a timeout ended it
    error     TEXT,                   -- why it failed: the last lines it said
    wall_s    REAL,                   -- how long it took
    summary   TEXT                    -- JSON
);

-- Keys of the summaries, as the columns of view result are called, and where in the summary they are.
CREATE TABLE summary_key(
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    path TEXT NOT NULL
);

CREATE VIEW progress AS
SELECT (SELECT value FROM sweep WHERE key = 'points') AS points,
       count(*) FILTER (WHERE status = 'done') AS done,
       count(*) FILTER (WHERE status = 'failed') AS failed,
       (SELECT value FROM sweep WHERE key = 'points') - count(*) AS missing,
       total(wall_s) AS wall_s
FROM point;
