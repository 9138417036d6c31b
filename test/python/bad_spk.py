#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes damaged, lying and hostile .spk files into a folder, and what a reader must say about each.

    bad_spk.py OUTDIR

`expected.txt` has a line `FILE: REGEX` for each bad file: the reader refuses it with a message that matches (whatever
its case).  `accepted.txt` names the files that look odd but break no rule of workloads/README.md.

Every case is the same healthy trace (20-6-3 neurons, 4 timesteps, 3 samples) with one fault.
"""
import lzma
import sqlite3
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import spk  # noqa: E402

CASES, BAD, ACCEPTED = {}, {}, []  # makers, expected messages, and names of right files
SIZES, TIMESTEPS, SAMPLES = (20, 6, 3), 4, 3
SPIKE = ("CREATE TABLE spike(sample INTEGER NOT NULL, layer INTEGER NOT NULL, timestep INTEGER NOT NULL,"
         " coding INTEGER NOT NULL,")
SPIKE_KEY = "PRIMARY KEY(sample, layer, timestep)) WITHOUT ROWID"


def healthy(path, settings=""):
    """The trace that every case spoils, written row by row so that a case can rewrite any of it."""
    base = sqlite3.connect(path, isolation_level=None)
    base.executescript(f"PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; {settings}"
                       f"PRAGMA application_id = {spk.APPLICATION_ID}; PRAGMA user_version = {spk.FORMAT_VERSION};"
                       f"BEGIN; {spk.SCHEMA}")
    base.execute("INSERT INTO meta VALUES('timesteps', ?)", (str(TIMESTEPS),))
    base.execute("INSERT INTO layer VALUES(0, 'in', 'input', ?, NULL, NULL, NULL, NULL, NULL)", SIZES[:1])
    for layer in (1, 2):
        base.execute("INSERT INTO layer VALUES(?, ?, 'dense', ?, 'if', 'soft', 9, 5, NULL)",
                     (layer, f"d{layer}", SIZES[layer]))
        base.execute("INSERT INTO edge VALUES(?, 0, ?)", (layer, layer - 1))
        weights = [(7 * synapse) % 32 - 16 for synapse in range(SIZES[layer - 1] * SIZES[layer])]
        base.execute("INSERT INTO weight VALUES(?, ?, ?, ?)",
                     (layer, SIZES[layer - 1], SIZES[layer], struct.pack(f"{len(weights)}b", *weights)))
    for sample in range(SAMPLES):
        base.execute("INSERT INTO sample VALUES(?, ?)", (sample, sample))
        for timestep in range(TIMESTEPS):
            base.execute("INSERT INTO spike VALUES(?, 0, ?, 0, ?)", (sample, timestep, b"\x55\xaa\x05"))
    base.execute("COMMIT")
    return base


def sql(name, expected, *statements, parameters=()):
    """A case made by SQL statements (the last one with the parameters) on the healthy trace."""
    def make(path):
        base = healthy(path)
        for statement in statements[:-1]:
            base.execute(statement)
        base.execute(statements[-1], parameters)
        base.close()
    add(name, expected, make)


def image(name, expected, change):
    """A case made by changing the bytes of the healthy file."""
    def make(path):
        healthy(path).close()
        path.write_bytes(change(path.read_bytes()))
    add(name, expected, make)


def retyped(name, expected, table, declaration, *statements, parameters=()):
    """A case in which one table is declared differently (content is kept where columns agree by position)."""
    sql(name, expected, f"ALTER TABLE {table} RENAME TO old", declaration, f"INSERT INTO {table} SELECT * FROM old",
        "DROP TABLE old", *(statements or ("SELECT 1",)), parameters=parameters)


def add(name, expected, make):
    if expected is None:
        ACCEPTED.append(f"{name}.spk")
    else:
        BAD[f"{name}.spk"] = expected
    CASES[f"{name}.spk"] = make


# --- the file -------------------------------------------------------------------------------------------------------
image("file-empty", "trace|application", lambda data: b"")
image("file-text", "not a database|trace", lambda data: b"sample,layer,timestep,neuron\n0,0,0,1\n" * 200)
image("file-header-only", "malformed|corrupt|truncated|trace|database|missing", lambda data: data[:100])
image("file-half", "malformed|corrupt|truncated|damaged", lambda data: data[:len(data) // 2])
image("file-odd-length", "malformed|corrupt|truncated|damaged", lambda data: data[:len(data) - 5000])
image("file-schema-page-noise", "malformed|corrupt|damaged|database",
      lambda data: data[:100] + bytes((x * 89 + 7) % 256 for x in range(3996)) + data[4096:])
image("file-pages-zeroed", "malformed|corrupt|damaged|missing", lambda data: data[:4096] + bytes(len(data) - 4096))
image("file-pages-swapped", "malformed|corrupt|damaged", lambda data: data[:4096] + data[:3:-1][:len(data) - 4096])
sql("application-foreign", "application|trace", "PRAGMA application_id = 0x0F055112")
sql("application-none", "application|trace", "PRAGMA application_id = 0")
sql("version-0", "version", "PRAGMA user_version = 0")
sql("version-2", "version", "PRAGMA user_version = 2")
sql("version-negative", "version", "PRAGMA user_version = -1")

# --- the schema -----------------------------------------------------------------------------------------------------
for table in ("meta", "layer", "edge", "weight", "sample", "spike"):
    sql(f"table-{table}-missing", rf"(no|missing) table.*{table}\b|{table}\b.*missing", f"DROP TABLE {table}")
    sql(f"table-{table}-is-a-view", rf"{table}\b.*view", f"ALTER TABLE {table} RENAME TO hidden",
        f"CREATE VIEW {table} AS SELECT * FROM hidden")
sql("table-spike-lacks-coding", "spike.*coding|coding.*spike", "ALTER TABLE spike DROP COLUMN coding")
sql("table-spike-is-an-endless-view", "spike.*view", "DROP TABLE spike",
    "CREATE VIEW spike AS WITH RECURSIVE n(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM n)"
    " SELECT x AS sample, 0 AS layer, 0 AS timestep, 0 AS coding, x'000000' AS data FROM n WHERE x < 0")
sql("table-meta-is-an-endless-view", "meta.*view", "DROP TABLE meta",
    "CREATE VIEW meta AS WITH RECURSIVE n(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM n)"
    " SELECT 'timesteps' AS key, '4' AS value FROM n WHERE x < 0")
sql("table-sample-is-virtual", "sample.*virtual", "DROP TABLE sample", "PRAGMA writable_schema = ON",
    "INSERT INTO sqlite_schema VALUES('table', 'sample', 'sample', 0,"
    " 'CREATE VIRTUAL TABLE sample USING nosuchmodule(sample, label)')")
retyped("table-spike-computes-its-data", "spike.*data.*generated", "spike",
        f"{SPIKE} kept BLOB, data BLOB AS (hex(zeroblob(400000000))), {SPIKE_KEY}")
retyped("table-layer-computes-its-neurons", "layer.*neurons.*generated", "layer",
        "CREATE TABLE layer(layer INTEGER PRIMARY KEY, name TEXT, kind TEXT, kept INTEGER, neuron TEXT, reset TEXT,"
        " threshold INTEGER, weight_bits INTEGER, attributes TEXT, neurons INTEGER AS (length(zeroblob(900000000))))")
sql("schema-damaged", "malformed|corrupt|damaged|schema", "PRAGMA writable_schema = ON",
    "UPDATE sqlite_schema SET sql = 'CREATE TABLE spike(' WHERE name = 'spike'")
sql("schema-roots-shared", r"sample\(1\)|malformed|corrupt|damaged", "PRAGMA writable_schema = ON",
    "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'meta') WHERE name = 'sample'")

# --- meta -----------------------------------------------------------------------------------------------------------
for name, value in (("missing", None), ("zero", "0"), ("negative", "-4"), ("huge", "65537"), ("overflowing", "9" * 30),
                    ("text", "four"), ("empty", ""), ("fraction", "4.0"), ("spaced", " 4"), ("trailing", "4x"),
                    ("hex", "0x4")):
    sql(f"timesteps-{name}", "timesteps", *(["DELETE FROM meta"] if value is None else ["UPDATE meta SET value = ?"]),
        parameters=() if value is None else (value,))
sql("timesteps-blob", "timesteps|meta", "UPDATE meta SET value = x'34'")
retyped("timesteps-twice", "timesteps|meta", "meta", "CREATE TABLE meta(key TEXT, value TEXT)",
        "INSERT INTO meta VALUES('timesteps', '3')")

# --- layers ---------------------------------------------------------------------------------------------------------
sql("layers-none", "(no|0) layers", "DELETE FROM weight", "DELETE FROM edge", "DELETE FROM spike", "DELETE FROM layer")
sql("layers-hole", "layer.*5.*(2|hole)", "DELETE FROM spike", "UPDATE layer SET layer = 5 WHERE layer = 2",
    "UPDATE edge SET layer = 5 WHERE layer = 2", "UPDATE weight SET layer = 5 WHERE layer = 2")
sql("layers-start-at-1", "layer.*1.*0", "DELETE FROM layer WHERE layer = 0")
sql("layer-number-negative", "layer.*-1", "UPDATE layer SET layer = -1 WHERE layer = 0")
for name, value in (("zero", 0), ("negative", -20), ("huge", 1 << 40), ("above-the-limit", (1 << 24) + 1),
                    ("fraction", 20.5), ("text", "twenty"), ("largest-integer", (1 << 63) - 1)):
    sql(f"neurons-{name}", "layer.*neurons", "UPDATE layer SET neurons = ? WHERE layer = 0", parameters=(value,))
sql("layer-kind-unknown", "kind.*convolutional", "UPDATE layer SET kind = 'convolutional' WHERE layer = 1")
sql("layer-neuron-unknown", "neuron.*izhikevich", "UPDATE layer SET neuron = 'izhikevich' WHERE layer = 1")
sql("layer-reset-unknown", "reset.*medium", "UPDATE layer SET reset = 'medium' WHERE layer = 1")
for name, value in (("zero", 0), ("negative", -9), ("huge", 1 << 31), ("missing", None), ("text", "nine"),
                    ("fraction", 9.5)):
    sql(f"threshold-{name}", "threshold", "UPDATE layer SET threshold = ? WHERE layer = 1", parameters=(value,))
for name, value in (("zero", 0), ("nine", 9), ("negative", -5), ("missing", None)):
    sql(f"weight-bits-{name}", "weight_bits", "UPDATE layer SET weight_bits = ? WHERE layer = 1", parameters=(value,))
sql("input-with-a-neuron", "layer.*(input|neuron|threshold)",
    "UPDATE layer SET neuron = 'if', reset = 'soft' WHERE layer = 0")
sql("attributes-not-json", "attributes", "UPDATE layer SET attributes = '{\"shape\": [4,' WHERE layer = 0")
sql("attributes-not-an-object", "attributes", "UPDATE layer SET attributes = '[4, 5]' WHERE layer = 0")
sql("attributes-deep", "attributes", "UPDATE layer SET attributes = ? WHERE layer = 0",
    parameters=('{"a":' * 10000 + "1" + "}" * 10000,))
sql("layer-name-blob", "name", "UPDATE layer SET name = x'ff00fe' WHERE layer = 1")
sql("layer-name-invalid-utf8", "name|utf", "UPDATE layer SET name = CAST(x'64c328' AS TEXT) WHERE layer = 1")
sql("layer-name-long", "name", "UPDATE layer SET name = ? WHERE layer = 1", parameters=("x" * 100000,))

# --- windows --------------------------------------------------------------------------------------------------------
for name, expected, kind, attributes in (
        ("conv-without-kernel", "layer.2.*needs the attribute 'kernel'", "conv", '{"channels": 3}'),
        ("conv-without-channels", "needs the attribute 'channels'", "conv", '{"kernel": 1}'),
        ("conv-kernel-text", "attribute 'kernel'", "conv", '{"channels": 3, "kernel": "1"}'),
        ("conv-kernel-too-large", "does not fit", "conv", '{"channels": 3, "kernel": 2}'),
        ("conv-stride-0", "attribute 'stride'", "conv", '{"channels": 3, "kernel": 1, "stride": 0}'),
        ("conv-padding-too-large", "padding", "conv", '{"channels": 3, "kernel": 1, "padding": 1}'),
        ("conv-groups-do-not-divide", "groups do not divide", "conv", '{"channels": 3, "kernel": 1, "groups": 2}'),
        ("conv-makes-more", "3 neurons.*its windows make 4 x 1 x 1", "conv", '{"channels": 4, "kernel": 1}'),
        ("conv-of-endless-fan-in", "more than", "conv",
         '{"channels": 3, "kernel": 16777216, "padding": 16777215, "stride": 16777216}'),
        ("avgpool-with-weights", "has no weights", "avgpool", '{"kernel": 1, "shape": [3]}'),
        ("shortcut-too-many", "1 operands .* 1 'shortcuts'", "dense", '{"shortcuts": [{"kind": "dense"}]}'),
        ("shape-wrong", "'shape'", "dense", '{"shape": [2, 2]}'),
        ("shape-overflows", "'shape'", "dense", '{"shape": [4294967296, 4294967296, 3]}')):
    sql(name, expected, "UPDATE layer SET neurons = 3 WHERE layer = 1",
        "DELETE FROM weight WHERE layer = 1", "UPDATE layer SET kind = ?, attributes = ? WHERE layer = 2",
        parameters=(kind, attributes))

# --- edges ----------------------------------------------------------------------------------------------------------
sql("edge-self", r"layer.*1.*operand|edge.*layer 1", "UPDATE edge SET source = 1 WHERE layer = 1")
sql("edge-to-a-later-layer", r"layer.*1.*operand.*2|edge.*layer 1", "UPDATE edge SET source = 2 WHERE layer = 1")
sql("edge-cycle", r"layer.*1.*operand.*2|edge.*layer 1", "UPDATE edge SET source = 3 - layer")
sql("edge-from-a-missing-layer", "edge.*source 7", "UPDATE edge SET source = 7 WHERE layer = 2")
sql("edge-from-a-negative-layer", "edge.*source -1", "UPDATE edge SET source = -1 WHERE layer = 1")
sql("edge-into-a-missing-layer", "edge.*layer 7", "INSERT INTO edge VALUES(7, 0, 1)")
sql("edge-into-an-input", "layer.*3.*(edge|operand)",
    "INSERT INTO layer VALUES(3, 'in2', 'input', 4, NULL, NULL, NULL, NULL, NULL)",
    "INSERT INTO edge VALUES(3, 0, 1)")
sql("edge-none", "layer.*2.*(edge|operand)", "DELETE FROM edge WHERE layer = 2")
sql("edge-twice-into-dense", "layer.*2.*(edge|operand)", "INSERT INTO edge VALUES(2, 1, 0)")
sql("edge-port-hole", "port", "UPDATE edge SET port = 1 WHERE layer = 1")
sql("edge-port-negative", "port", "UPDATE edge SET port = -1 WHERE layer = 1")

# --- weights --------------------------------------------------------------------------------------------------------
sql("weights-too-few", "weight.*119", "UPDATE weight SET data = substr(data, 2) WHERE layer = 1")
sql("weights-too-many", "weight.*121", "UPDATE weight SET data = zeroblob(121) WHERE layer = 1")
sql("weights-empty", "weight", "UPDATE weight SET data = x'' WHERE layer = 1")
sql("weights-transposed", "weight|rows", "UPDATE weight SET rows = cols, cols = rows WHERE layer = 1")
sql("weights-overflowing", "weight|rows|cols", "UPDATE weight SET rows = 4294967296, cols = 4294967296 WHERE layer = 1")
sql("weights-negative-shape", "weight|rows|cols", "UPDATE weight SET rows = -rows, cols = -cols WHERE layer = 1")
sql("weights-beyond-their-bits", "weight.*(16|5 bits)", "UPDATE weight SET data = ? WHERE layer = 1",
    parameters=(bytes(119) + b"\x10",))
sql("weights-below-their-bits", "weight.*(-17|5 bits)", "UPDATE weight SET data = ? WHERE layer = 1",
    parameters=(b"\xef" + bytes(119),))
XZ = lzma.compress(bytes(120))
for name, expected, data in (
        ("too-few", "weight.*xz.*early|length", lzma.compress(bytes(119))),
        ("too-many", "weight.*xz.*length", lzma.compress(bytes(121))),
        ("cut-off", "weight.*xz.*cut off", XZ[:-9]),
        ("followed-by-more", "weight.*xz", XZ + b"more"),
        ("damaged", "weight.*xz.*damaged", XZ[:30] + bytes([XZ[30] ^ 255]) + XZ[31:]),
        ("of-another-format", "weight.*xz.*damaged", lzma.compress(bytes(120), format=lzma.FORMAT_ALONE)),
        ("beyond-their-bits", "weight.*(16|5 bits)", lzma.compress(bytes([16]) * 120))):
    sql(f"weights-xz-{name}", expected, "UPDATE weight SET data = ? WHERE layer = 1", parameters=(data,))
sql("weights-xz-hungry", "weight.*xz.*memory", "UPDATE weight SET data = ? WHERE layer = 1", parameters=(lzma.compress(
    bytes(120), filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 29}]),))
sql("weights-xz-bomb", "weight.*weights a byte", "UPDATE weight SET data = ?, rows = 16777216, cols = 8 WHERE layer = 1",
    parameters=(XZ,))
sql("weights-text", "weight.*(text|blob)", "UPDATE weight SET data = ? WHERE layer = 1", parameters=("a" * 120,))
sql("weights-of-an-input", "weight", "INSERT INTO weight VALUES(0, 20, 20, zeroblob(400))")
sql("weights-of-a-missing-layer", "weight", "INSERT INTO weight VALUES(7, 3, 3, zeroblob(9))")

# --- samples --------------------------------------------------------------------------------------------------------
sql("samples-none", "no samples|0 samples", "DELETE FROM spike", "DELETE FROM sample")
sql("samples-hole", "sample.*2.*1", "DELETE FROM spike WHERE sample = 1", "DELETE FROM sample WHERE sample = 1")
sql("samples-start-at-1", "sample.*1.*0", "DELETE FROM spike WHERE sample = 0", "DELETE FROM sample WHERE sample = 0")
sql("sample-negative", "sample.*-1", "UPDATE sample SET sample = -1 WHERE sample = 2")
sql("label-text", "label", "UPDATE sample SET label = 'seven' WHERE sample = 1")
sql("label-negative", "label", "UPDATE sample SET label = -1 WHERE sample = 1")
sql("label-huge", "label", "UPDATE sample SET label = 1099511627776 WHERE sample = 1")
sql("label-fraction", "label", "UPDATE sample SET label = 0.5 WHERE sample = 1")

# --- spikes ---------------------------------------------------------------------------------------------------------
for column, value, expected in (("sample", 3, "sample"), ("sample", -1, "sample"), ("sample", 1 << 40, "sample"),
                                ("layer", 3, "layer"), ("layer", -1, "layer"), ("timestep", 4, "timestep"),
                                ("timestep", -1, "timestep"), ("timestep", 1 << 33, "timestep"),
                                ("coding", 2, "coding"), ("coding", -1, "coding"), ("coding", "bitmap", "coding")):
    sql(f"spike-{column}-{value}", f"spike.*{expected}", f"UPDATE spike SET {column} = ? WHERE sample = 1 AND timestep = 2",
        parameters=(value,))
for name, coding, data, expected in (
        ("bitmap-short", 0, b"\1\2", "spike.*(byte|length|bitmap)"),
        ("bitmap-long", 0, b"\1\2\3\0", "spike.*(byte|length|bitmap)"),
        ("bitmap-megabyte", 0, bytes(1 << 20), "spike.*(byte|length|bitmap)"),
        ("bitmap-empty", 0, b"", "spike.*(byte|length|bitmap)"),
        ("bitmap-unused-bits", 0, b"\1\2\x13", "spike.*(bit|neuron)"),
        ("sparse-out-of-range", 1, struct.pack("<2H", 3, 20), "spike.*20"),
        ("sparse-far-out-of-range", 1, struct.pack("<H", 65535), "spike.*65535"),
        ("sparse-unsorted", 1, struct.pack("<3H", 1, 5, 3), "spike.*(order|ascending|sorted)"),
        ("sparse-repeated", 1, struct.pack("<3H", 1, 3, 3), "spike.*(order|ascending|sorted|twice)"),
        ("sparse-odd-length", 1, b"\1\0\2", "spike.*(byte|length|multiple)"),
        ("sparse-wide", 1, struct.pack("<I", 3), "spike.*(order|ascending|sorted|twice)"),
        ("sparse-endless", 1, bytes(1 << 20), "spike.*(order|ascending|sorted|byte|index|more)")):
    sql(f"spike-{name}", expected, "UPDATE spike SET coding = ?, data = ? WHERE sample = 1 AND timestep = 2",
        parameters=(coding, data))
sql("spike-data-text", "spike.*(data|blob)", "UPDATE spike SET data = 'abc' WHERE sample = 1 AND timestep = 2")
sql("spike-of-text-layer", "spike.*layer", "UPDATE spike SET layer = 'in' WHERE sample = 1 AND timestep = 2")
sql("spike-at-text-timestep", "spike.*timestep", "UPDATE spike SET timestep = 'late' WHERE sample = 1 AND timestep = 2")
retyped("spike-twice", "spike.*(without rowid|primary key|twice|duplicate)", "spike", f"{SPIKE} data BLOB NOT NULL)",
        "INSERT INTO spike SELECT * FROM spike WHERE sample = 1")
retyped("spike-data-null", "spike.*data.*null", "spike", f"{SPIKE} data BLOB, {SPIKE_KEY}",
        "UPDATE spike SET data = NULL WHERE sample = 1 AND timestep = 2")

# --- odd, but right -------------------------------------------------------------------------------------------------
sql("odd-nothing", None, "SELECT 1")
sql("odd-trigger", None, "CREATE TRIGGER t AFTER INSERT ON spike BEGIN DELETE FROM layer; END")
sql("odd-further-tables", None, "CREATE TABLE note(text)", "CREATE VIEW busy AS SELECT count(*) FROM spike",
    "CREATE INDEX by_label ON sample(label)", "ALTER TABLE sample ADD COLUMN remark TEXT")
add("odd-large-pages-utf16", None,
    lambda path: healthy(path, "PRAGMA page_size = 65536; PRAGMA encoding = 'UTF-16be';").close())
add("odd-small-pages", None, lambda path: healthy(path, "PRAGMA page_size = 512;").close())
sql("odd-silent", None, "DELETE FROM spike")
sql("odd-empty-sparse-row", None, "UPDATE spike SET coding = 1, data = x'' WHERE timestep = 1")
sql("odd-zero-bitmap", None, "UPDATE spike SET data = zeroblob(3) WHERE timestep = 1")
sql("odd-unlabelled", None, "UPDATE sample SET label = NULL")
sql("odd-weights-xz", None, "UPDATE weight SET data = ? WHERE layer = 1", parameters=(XZ,))
sql("odd-extreme-weights", None, "UPDATE weight SET data = ? WHERE layer = 1",
    parameters=(b"\xf0\x0f" * 60,))
sql("odd-leading-zeros", None, "UPDATE meta SET value = '0004'")
sql("odd-replay-only", None, "DELETE FROM weight", "UPDATE layer SET neuron = NULL, reset = NULL, threshold = NULL,"
    " weight_bits = NULL", "INSERT INTO spike SELECT sample, 1, timestep, 0, x'21' FROM spike",
    "INSERT INTO spike SELECT sample, 2, timestep, 1, x'0200' FROM spike WHERE layer = 0")


def write_all(folder):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in CASES.items():
        (folder / name).unlink(missing_ok=True)
        make(folder / name)
    (folder / "expected.txt").write_text("".join(f"{name}: {expected}\n" for name, expected in BAD.items()))
    (folder / "accepted.txt").write_text("".join(f"{name}\n" for name in ACCEPTED))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: bad_spk.py OUTDIR")
    write_all(sys.argv[1])
