# SPDX-License-Identifier: MIT
"""Token windows and host layers: random small encoders give the counts of the numpy reference on every kind of chip,
in every order and engine; and by hand, what a host sends and when."""
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
sys.path.insert(0, str(ROOT / "test" / "python"))

import encoders  # noqa: E402
import snn_hosts  # noqa: E402
import snn_reference  # noqa: E402
import spk  # noqa: E402

NOCSIM = Path(os.environ.get("NOCSIM", ROOT / "build" / "release" / "nocsim"))
SAMPLES = 3
CHIPS = {"shenjing": ("chip.rows=6", "chip.cols=6"), "digital-mesh": (), "loihi": ()}


def windows_needed(encoder):
    plan = snn_hosts.Windows(encoder.layers, encoder.window, encoder.tokens)
    return max(begin + (1 if single else encoder.tokens) for begin, single in zip(plan.begin, plan.single))


def expected(path):
    with spk.Trace(path) as trace:
        trains = snn_reference.run_trace(trace, range(len(trace.labels)))
        return trains, snn_reference.outputs(trace.layers, trains)


@unittest.skipUnless(NOCSIM.exists(), f"{NOCSIM} is not built")
class Sequences(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.trace = self.folder / "encoder.spk"

    def run_chip(self, chip, *options, settings=()):
        database = self.folder / "run.db"
        command = [NOCSIM, "-q", "-a", ROOT / "configs" / f"{chip}.yaml", "-t", self.trace, "-o", database, "--force",
                   *options]
        for setting in (*CHIPS.get(chip, ()), *settings):
            command += ["--set", setting]
        return subprocess.run(command, capture_output=True, text=True), database

    def counts(self, chip, shape, *options):
        done, database = self.run_chip(chip, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        found = np.zeros(shape, int)
        with sqlite3.connect(database) as base:
            for sample, neuron, count in base.execute("SELECT sample, neuron, count FROM output"):
                found[sample, neuron] = count
        content = subprocess.run([NOCSIM, "hash", database], capture_output=True, text=True, check=True).stdout
        return found, content

    def test_random_encoders_on_every_chip(self):
        spikes = 0
        for seed in range(8):
            encoder = encoders.Encoder(seed).build(1)
            encoder.write(self.trace, SAMPLES, windows_needed(encoder))
            _, answer = expected(self.trace)
            spikes += answer.sum()
            for chip in CHIPS:
                with self.subTest(seed=seed, chip=chip):
                    found, _ = self.counts(chip, answer.shape)
                    np.testing.assert_array_equal(found, answer)
        self.assertGreater(spikes, 100)

    def test_two_blocks_in_every_order_and_engine(self):
        encoder = encoders.Encoder(11).build(2)
        encoder.write(self.trace, 2, windows_needed(encoder))
        _, answer = expected(self.trace)
        for chip in ("shenjing", "digital-mesh"):
            hashes = set()
            for options in ((), ("--order", "dense"), ("--order", "shuffled", "--seed", "3"), ("--engine", "systemc")):
                found, content = self.counts(chip, answer.shape, *options)
                np.testing.assert_array_equal(found, answer)
                hashes.add(content)
            self.assertEqual(len(hashes), 1)
            found, _ = self.counts(chip, answer.shape, "--log", "steps")
            np.testing.assert_array_equal(found, answer)

    def writes(self, encoder, trains):
        """Weights that the loaded operands' spikes write: one for each channel of axons and of neurons."""
        plan, writes = snn_hosts.Windows(encoder.layers, encoder.window, encoder.tokens), 0
        for layer in encoder.layers:
            if layer.kind == "product":
                streamed, source = layer.sources
                first = plan.begin[source] * encoder.window
                spikes = trains[source][:, first:first + encoder.tokens * encoder.window].sum()
                writes += spikes * snn_hosts.grid(encoder.layers[streamed])[0] * snn_hosts.grid(layer)[0]
        return writes

    def test_attention_on_cores(self):
        spikes = 0
        for seed in range(20, 30):
            encoder = encoders.Encoder(seed, cores=True)
            encoder = encoder.build(1) if seed % 3 == 0 else encoder.attend()
            encoder.write(self.trace, SAMPLES, windows_needed(encoder))
            trains, answer = expected(self.trace)
            spikes += answer.sum()
            for chip in ("digital-mesh", "loihi"):
                with self.subTest(seed=seed, chip=chip):
                    found, content = self.counts(chip, answer.shape)
                    np.testing.assert_array_equal(found, answer)
                    with sqlite3.connect(self.folder / "run.db") as base:
                        written, = base.execute("SELECT sum(count) FROM energy_by_kind WHERE event = 'weight_write'"
                                                ).fetchone()
                    self.assertEqual(written, self.writes(encoder, trains))
            with self.subTest(seed=seed, chip="shenjing"):
                self.on_tiles(encoder, answer, "chip.rows=6", "chip.cols=6")
            if seed == 20:
                for options in (("--order", "shuffled"), ("--engine", "systemc")):
                    self.assertEqual(self.counts("loihi", answer.shape, *options)[1], content)
                contents = set()
                for options in ((), ("--order", "dense"), ("--order", "shuffled"), ("--engine", "systemc")):
                    done, database = self.run_chip("shenjing", *options, settings=("chip.tile.weight_bits=6",))
                    self.assertEqual(done.returncode, 0, done.stderr)
                    contents.add(subprocess.run([NOCSIM, "hash", database], capture_output=True, check=True).stdout)
                self.assertEqual(len(contents), 1)
        self.assertGreater(spikes, 500)

    def on_tiles(self, encoder, answer, *settings, rows_of=128):
        """Products whose weights a Shenjing chip's host writes: counts, rows written, and cycles for these."""
        done, database = self.run_chip("shenjing", settings=("chip.tile.weight_bits=6", *settings))
        self.assertEqual(done.returncode, 0, done.stderr)
        found = np.zeros_like(answer)
        with sqlite3.connect(database) as base:
            for sample, neuron, count in base.execute("SELECT sample, neuron, count FROM output"):
                found[sample, neuron] = count
            rows, = base.execute("SELECT sum(count) FROM energy_by_kind WHERE event = 'sram_row_writes'").fetchone()
            tiles, = base.execute("SELECT count(*) FROM component WHERE type = 'arch.shenjing_tile' AND layer IN "
                                  f"({','.join(str(n) for n, l in enumerate(encoder.layers) if l.kind == 'product')})"
                                  ).fetchone()
        np.testing.assert_array_equal(found, answer)
        self.assertGreater(tiles, 1)
        self.assertGreaterEqual(rows, len(answer) * tiles * rows_of)
        self.assertLessEqual(rows, len(answer) * tiles * 4 * rows_of)
        return tiles

    def test_products_over_several_tiles(self):
        encoder = encoders.Encoder(33, cores=True)
        encoder.heads, encoder.width, encoder.tokens, encoder.window = 2, 96, 40, 7
        encoder.layers[0].neurons = 192
        encoder.attend()
        encoder.write(self.trace, 1, windows_needed(encoder))
        _, answer = expected(self.trace)
        self.assertGreater(answer.sum(), 400)
        self.assertGreater(self.on_tiles(encoder, answer, "chip.rows=7", "chip.cols=7", "chip.tile.axons=128",
                                         "chip.tile.neurons=128", rows_of=64), 3)

    def test_products_cut_by_the_size_of_the_memory(self):
        encoder = encoders.Encoder(32, cores=True)
        encoder.heads, encoder.width, encoder.tokens, encoder.window = 2, 64, 40, 7
        encoder.layers[0].neurons = 128
        encoder.attend()
        encoder.write(self.trace, 1, windows_needed(encoder))
        trains, answer = expected(self.trace)
        self.assertGreater(answer.sum(), 400)
        cores = set()
        for memory in ("0 B", "16 KiB", "8 KiB"):
            done, database = self.run_chip("digital-mesh", settings=(
                f"chip.core.synapse_memory={memory}", "chip.rows=8", "chip.cols=8", "chip.networks[0].network.size=8x8",
                "chip.networks[0].network.concentration=2"))
            self.assertEqual(done.returncode, 0, done.stderr)
            found = np.zeros_like(answer)
            with sqlite3.connect(database) as base:
                for sample, neuron, count in base.execute("SELECT sample, neuron, count FROM output"):
                    found[sample, neuron] = count
                written, = base.execute("SELECT sum(count) FROM energy_by_kind WHERE event = 'weight_write'").fetchone()
                cores.add(base.execute("SELECT count(*) FROM component WHERE type = 'arch.digital_core'").fetchone())
            np.testing.assert_array_equal(found, answer)
            self.assertEqual(written, self.writes(encoder, trains))
        self.assertEqual(len(cores), 3)

    def test_replay_of_what_was_computed(self):
        encoder = encoders.Encoder(5).build(1)
        encoder.write(self.trace, 1, windows_needed(encoder))
        trains, _ = expected(self.trace)
        with spk.Trace(self.trace) as trace:
            meta = {key: value for key, value in trace.meta.items() if key != "timesteps"}
            spk.write(self.trace, trace.timesteps, trace.layers,
                      [(None, {layer: train[0] for layer, train in trains.items()})], meta)
        runs = {}
        for options in ((), ("--replay",)):
            done, database = self.run_chip("shenjing", *options)
            self.assertEqual(done.returncode, 0, done.stderr)
            with sqlite3.connect(database) as base:
                runs[options] = base.execute("SELECT type, event, count FROM energy_by_kind WHERE type LIKE '%tile%'"
                                             " ORDER BY 1, 2").fetchall()
        self.assertEqual(runs[()], runs["--replay",])

    def test_the_host_counts_its_work(self):
        layers = [spk.Layer("x", "input", 4),
                  spk.Layer("sum", "host", 4, [0], attributes={"operator": "map", "function": "tanh", "scale": 0.25,
                                                               "scales": [0.5]}),
                  spk.Layer("out", "dense", 2, [1], "if", "soft", 1, 2, None, np.eye(4, 2, dtype=int))]
        x = np.zeros((12, 4), bool)
        x[:8] = [1, 0, 1, 1]
        x[4:8, 0] = False
        spk.write(self.trace, 12, layers, [(None, {0: x})], {"window": "4", "tokens": "2"})
        done, database = self.run_chip("digital-mesh")
        self.assertEqual(done.returncode, 0, done.stderr)
        with sqlite3.connect(database) as base:
            work = dict(base.execute("SELECT event, count FROM energy_by_kind WHERE type = 'arch.sequence'"))
            counts = dict(base.execute("SELECT neuron, count FROM output"))
        # tanh(0.5 x 4 spikes) = 0.964: 3.86 times the scale, so 4 spikes; of three neurons, then of two.
        self.assertEqual(counts.get(0), 4)
        self.assertEqual(counts.get(1, 0), 0)
        self.assertEqual((work["token"], work["spike"], work["multiply_add"], work["function"]), (2, 4 * 5, 8, 8))

    def refused(self, text, layers, meta, chip="digital-mesh", timesteps=12, options=()):
        """Checks that a chip refuses this trace with a message that holds `text`."""
        train = np.ones((timesteps, layers[0].neurons), bool)
        spk.write(self.trace, timesteps, layers, [(None, {0: train})], meta)
        done, _ = self.run_chip(chip, *options)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn(text, done.stderr)

    def test_what_is_refused(self):
        meta = {"window": "4", "tokens": "2"}

        def network(operator, neurons=4, sources=(0,), **attributes):
            host = spk.Layer("h", "host", neurons, list(sources), attributes={"operator": operator, **attributes})
            return [spk.Layer("x", "input", 4), host,
                    spk.Layer("out", "dense", 2, [1], "if", "soft", 1, 2, None, np.ones((neurons, 2), int))]
        good = {"scale": 1, "scales": [1], "function": "relu"}
        cases = [
            ("layer(1 'h'): unknown operator 'sum'", network("sum", scale=1, scales=[1]), meta),
            ("layer(1 'h'): operator 'map' has no attribute 'heads'", network("map", heads=2, **good), meta),
            ("unknown function 'selu'", network("map", **{**good, "function": "selu"}), meta),
            ("attribute 'scale' is not a number from", network("map", **{**good, "scale": 0}), meta),
            ("attribute 'scales' is not a list of 1 entries", network("map", **{**good, "scales": []}), meta),
            ("entry 0 has 3 numbers: the operand has 4 values", network("map", **{**good, "scales": [[1] * 3]}),
             meta),
            ("3 neurons with 0 ones: the rest is odd", network("map", 3, pair=True, **good), meta),
            ("operand 0 'x' has 4 neurons: 5 values need 5", network("map", 5, **good), meta),
            ("3 heads do not divide 4 values", network("attention", scale=1, scales=[1], heads=3), meta),
            ("operator 'softmax' has 2 operands",
             network("softmax", heads=2, sources=(0, 0), scale=1, scales=[1, 1]), meta),
            ("'softmax' with 4 values in 1 heads: a head has one for each of 2", network("softmax", scale=1, scales=[1]),
             meta),
            ("attribute 'gamma' is not a list of 4", network("normalise", scale=1, scales=[1], gamma=[1]), meta),
            ("meta 'window' is not given", network("map", **good), {}),
            ("no meta(tokens)", network("map", **good), {"window": "4"}),
            ("meta(window): 12 timesteps are not a multiple of windows of 5", network("map", **good),
             {"window": "5", "tokens": "2"}),
            ("meta(tokens): 4 tokens in 3 windows", network("map", **good), {"window": "4", "tokens": "4"}),
            ("its last token comes in window 3, and a sample has 3", network("map", **good),
             {"window": "4", "tokens": "3"}),
            ("its last token comes in window 4", network("map", wait=3, **good), meta),
        ]
        for text, layers, extra in cases:
            with self.subTest(text):
                self.refused(text, layers, extra)
        late = [*network("map", **good)[:2],
                spk.Layer("out", "dense", 2, [1, 0], "if", "soft", 1, 2, {"shortcuts": [{"kind": "dense"}]},
                          np.ones((8, 2), int))]
        self.refused("operand 0 begins in window 1 and operand 1 in window 0", late, meta)
        self.refused("a sequence of token windows needs all 12", network("map", **good), meta, options=("-T", "8"))
        self.refused("runs a sample in one piece", network("map", **good), meta, chip="otters-mesh")
        self.refused("runs a sample in one piece", [layer for layer in network("map", **good) if layer.kind != "host"][:1]
                     + [spk.Layer("out", "dense", 2, [0], "if", "soft", 1, 2, None, np.ones((4, 2), int))], meta,
                     chip="snn-qnn")
        attributes = {"thresholds": [1, 1], "window": 4}
        self.refused("neuron 'ssf' in a trace with token windows", [
            spk.Layer("x", "input", 4),
            spk.Layer("out", "dense", 2, [0], "ssf", "soft", 1, 2, attributes, np.ones((4, 2), int))], meta)

    def test_operations_that_are_refused(self):
        meta = {"window": "4", "tokens": "2"}

        def network(operation, sources=(0,), **attributes):
            host = spk.Layer("h", "host", 4, list(sources), attributes={
                "operator": "operation", "scale": 1, "scales": [1] * len(sources), "operation": operation, **attributes})
            return [spk.Layer("x", "input", 4), host,
                    spk.Layer("out", "dense", 2, [1], "if", "soft", 1, 2, None, np.ones((4, 2), int))]
        norm, scan = {"name": "bspn"}, {"name": "scan", "states": 2}
        gain = {"gain": [1] * 4, "offset": [0] * 4}
        cases = [
            ("layer(1 'h'): attribute 'operation' is missing or no object with a 'name'", network("bspn")),
            ("layer 1 'h': arch.operation:1:1: arch.operation: unknown operator 'bspm' (did you mean 'bspn'?)",
             network({"name": "bspm"})),
            ("unknown key 'in_fractions' (did you mean 'in_fraction'?)", network({"name": "gelu", "in_fractions": 1})),
            ("'40' is out of range", network({"name": "gelu", "out_bits": 40})),
            ("layer 1 'h': operator 'bspn' needs 'gain'", network(norm)),
            ("constant 'gain' has 3 entries: a row of 4 needs 4", network(norm, constants={**gain, "gain": [1] * 3})),
            ("constant 'gain' has 1 entries: a row of 2 needs 2", network(norm, heads=2, constants={**gain, "gain": [1]})),
            ("operator 'gelu' has no operand 'gain'", network({"name": "gelu"}, constants=gain)),
            ("entry 1 of 'gain' is no integer from -8388607", network(norm, constants={"gain": [1, 1 << 23]})),
            ("'gain' is not a list of integers", network(norm, constants={"gain": 3})),
            ("attribute 'constants' is not an object", network(norm, constants=[])),
            ("attribute 'roles' is not a list of 2 names", network(scan, (0, 0), roles=["delta", ""])),
            ("operator 'scan' has no operand 'a' of a row", network(scan, (0, 0), roles=["", "a"])),
            ("operator 'scan' needs 'a'", network(scan, (0, 0), roles=["", "delta"])),
            ("operator 'operation' has no attribute 'gamma'", network(norm, gamma=[1] * 4)),
            ("3 heads do not divide 4 values", network({"name": "gelu"}, heads=3)),
        ]
        for text, layers in cases:
            for chip in ("digital-mesh", "shenjing"):
                with self.subTest(text, chip=chip):
                    self.refused(text, layers, meta, chip)

    def test_products_that_are_refused(self):
        meta = {"window": "4", "tokens": "2"}

        def network(form="scores", wait=2, bits=4, loaded=(2, 2, 3), shape=(1, 2, 2), **more):
            grid = {"shape": [2, 2, 3]}
            late = {"operator": "map", "function": "identity", "scale": 1, "scales": [1], "pairs": [True], "pair": True,
                    "wait": wait, **grid}
            return [spk.Layer("x", "input", 12, attributes=grid),
                    spk.Layer("k", "dense", int(np.prod(loaded)), [0], "if", "soft", 1, 2, {"shape": list(loaded)},
                              np.ones((12, int(np.prod(loaded))), int)),
                    spk.Layer("late", "host", 12, [0], attributes=late),
                    spk.Layer("p", "product", int(np.prod(shape)), [2, 1], "if", "soft", 1, bits,
                              {"shape": list(shape), **({"form": form} if form else {}), **more})]
        self.refused("layer 3 'p': a product loads weights while it runs: cores of type arch.digital_core", network(), meta,
                     "crossbar-mesh", timesteps=16)
        self.refused("operand 0 begins in window 1, and operand 1 is loaded in windows 0 to 1", network(wait=1), meta,
                     timesteps=16)
        self.refused("counts of up to 4 spikes do not fit into weights of 3 bits", network(bits=3), meta, timesteps=16)
        self.refused("needs the attribute 'form'", network(None), meta, timesteps=16)
        self.refused("the layer stands on 1 x 2 x 3: a product needs 1 or 2 x 2 heads x 2", network(shape=(1, 2, 3)), meta,
                     timesteps=16)
        self.refused("operand 1 stands on 2 x 3 x 2: a product needs 1 or 2 x 2 heads x 3", network(loaded=(2, 3, 2)), meta,
                     timesteps=16)
        self.refused("a product works on token windows", network(), {}, timesteps=16)
        spk.write(self.trace, 16, network(), [(None, {0: np.ones((16, 12), bool)})], meta)
        done, _ = self.run_chip("digital-mesh", settings=("chip.core.axons=16", "chip.core.partial_sums=true"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("layer 3 'p': its neurons take 22 axons for both operands", done.stderr)

    def test_info_tells_what_can_be_run(self):
        encoder = encoders.Encoder(2).build(1)
        encoder.write(self.trace, 1, windows_needed(encoder))
        done = subprocess.run([NOCSIM, "trace", "info", "--format", "json", self.trace], capture_output=True, text=True,
                              check=True)
        info = json.loads(done.stdout)
        self.assertTrue(info["functional"])
        self.assertEqual(info["meta"]["window"], str(encoder.window))
        operators = [layer["attributes"]["operator"] for layer in info["layers"] if layer["kind"] == "host"]
        self.assertLessEqual({"attention", "normalise", "map", "mean"}, set(operators))
        plan = snn_hosts.Windows(encoder.layers, encoder.window, encoder.tokens)
        self.assertEqual([layer["begin"] for layer in info["layers"]], plan.begin)
        self.assertEqual([layer["tokens"] for layer in info["layers"]],
                         [1 if single else encoder.tokens for single in plan.single])
        text = subprocess.run([NOCSIM, "trace", "info", self.trace], capture_output=True, text=True, check=True).stdout
        last = windows_needed(encoder)
        self.assertIn(f"sequences: up to {encoder.tokens}, in {last} windows of {encoder.window} timesteps", text)
        self.assertIn(f"attention, {encoder.heads} heads", text)


if __name__ == "__main__":
    unittest.main()
