#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Writes a small functional .spk trace with Python's standard library alone (format: workloads/README.md).
import sqlite3, struct, sys

base = sqlite3.connect(sys.argv[1])
base.executescript("""PRAGMA application_id = 0x4E53504B; PRAGMA user_version = 1;
    CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE layer(layer INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, neurons INTEGER NOT NULL,
        neuron TEXT, reset TEXT, threshold INTEGER, weight_bits INTEGER, attributes TEXT);
    CREATE TABLE edge(layer INTEGER NOT NULL, port INTEGER NOT NULL, source INTEGER NOT NULL, PRIMARY KEY(layer, port));
    CREATE TABLE weight(layer INTEGER PRIMARY KEY, rows INTEGER NOT NULL, cols INTEGER NOT NULL, data BLOB NOT NULL);
    CREATE TABLE sample(sample INTEGER PRIMARY KEY, label INTEGER);
    CREATE TABLE spike(sample INTEGER NOT NULL, layer INTEGER NOT NULL, timestep INTEGER NOT NULL, coding INTEGER NOT NULL,
        data BLOB NOT NULL, PRIMARY KEY(sample, layer, timestep)) WITHOUT ROWID;
    INSERT INTO meta VALUES('name', 'left or right'), ('timesteps', '3');
    INSERT INTO layer VALUES(0, 'eye', 'input', 4, NULL, NULL, NULL, NULL, NULL),
        (1, 'side', 'dense', 2, 'if', 'soft', 5, 5, NULL);      INSERT INTO edge VALUES(1, 0, 0);""")
base.execute("INSERT INTO weight VALUES(1, 4, 2, ?)", (struct.pack("8b", 3, -1, 3, -1, -1, 3, -1, 3),))
for sample, trains in enumerate([[(0, 1), (0,), (1,)], [(2, 3), (), (3,)]]):     # who spikes, by timestep
    base.execute("INSERT INTO sample VALUES(?, ?)", (sample, sample))            # sample 0 is left, 1 is right
    base.executemany("INSERT INTO spike VALUES(?, 0, ?, 1, ?)", [(sample, timestep, struct.pack(f"<{len(who)}H", *who))
                                                                 for timestep, who in enumerate(trains) if who])
base.commit()
