"""Checks what needs no GPU and no PyTorch: python3 -m unittest test_measure"""

import contextlib
import dataclasses
import io
import json
import os
import pathlib
import tempfile
import unittest

import measure
from shapes import DECODING, TRAINING, Shape, operations, parse_shape, shape_text

SCHEMA = json.loads((pathlib.Path(__file__).parent / "../row-schema.json").read_text(encoding="utf8"))
TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None)}


def mistakes(row, schema=SCHEMA):
    """What of a row is not as the schema says, for the words that the schema has."""
    found = [f"{name} is missing" for name in schema["required"] if name not in row]
    for name, rule in schema["properties"].items():
        if name not in row:
            continue
        value = row[name]
        types = rule.get("type", [])
        types = [types] if isinstance(types, str) else types
        fits = any(isinstance(value, TYPES[t]) and (t == "boolean") == isinstance(value, bool) for t in types)
        if (types and not fits) or ("enum" in rule and value not in rule["enum"]):
            found.append(f"{name} is {value!r}")
        elif isinstance(value, str) and not rule.get("minLength", 0) <= len(value) <= rule.get("maxLength", 1e9):
            found.append(f"{name} is as long as {len(value)}")
        elif isinstance(value, (int, float)) and (
            value < rule.get("minimum", value) or value > rule.get("maximum", value)
            or value <= rule.get("exclusiveMinimum", value - 1)
        ):
            found.append(f"{name} is {value!r}")
    return found


def dry_rows(*arguments):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "points.json")
        code = measure.main(["--dry-run", "--device", "H100 SXM", "--out", path, *arguments])
        assert code == 0
        with open(path, encoding="utf8") as file:
            return json.load(file)["measurements"]


class Shapes(unittest.TestCase):
    def test_text_is_read_as_it_is_written(self):
        for shape in TRAINING + DECODING + [Shape(4, 32, 8, 192, 128, 4096, 8192, True)]:
            self.assertEqual(parse_shape(shape_text(shape)), shape)

    def test_mistakes_are_told(self):
        for text in ("4x32x8192", "4x32 d128", "4x32x8192 d128 caused", "x x d", "0x1x1 d64", "1x3/2x8 d64", "1x1x8:4 d64 causal"):
            with self.assertRaises(ValueError, msg=text):
                parse_shape(text)

    def test_operations_are_those_of_the_convention(self):
        # 4 B H S^2 D forward, 2.5 times as many backward, half of all under a mask.
        shape = Shape(2, 16, 16, 128, 128, 8192, 8192)
        forward = 4 * 2 * 16 * 8192**2 * 128
        self.assertEqual(operations(shape, "fwd"), forward)
        self.assertEqual(operations(shape, "bwd"), 2.5 * forward)
        self.assertEqual(operations(shape, "fwd+bwd"), 3.5 * forward)
        self.assertEqual(operations(dataclasses.replace(shape, causal=True), "fwd"), forward / 2)

    def test_charts_have_as_many_tokens_in_all(self):
        for shape in TRAINING[:36]:
            self.assertEqual((shape.batch * shape.seqlen_q, shape.heads_q * shape.head_dim_qk), (16384, 2048))


class Rows(unittest.TestCase):
    def test_a_dry_run_writes_rows_of_the_form_of_points(self):
        rows = dry_rows()
        self.assertGreater(len(rows), 300)
        self.assertEqual([m for row in rows for m in mistakes(row)], [])
        self.assertEqual({row["pass"] for row in rows}, set(measure.PASSES))

    def test_the_form_is_checked(self):
        row = dry_rows("--shape", "1x2x64 d64", "--kernels", "math", "--passes", "fwd")[0]
        self.assertEqual(mistakes(row), [])
        for field, value in (("batch", 0), ("causal", 1), ("pass", "forward"), ("device", ""), ("time_ms", 0), ("dtype", 16)):
            self.assertEqual(len(mistakes({**row, field: value})), 1, field)
        del row["kernel"]
        self.assertEqual(mistakes(row), ["kernel is missing"])

    def test_a_single_query_is_decoding_and_triton_has_no_backward_pass(self):
        rows = dry_rows("--shape", "1x2x64 d64", "--shape", "1x2x1:64 d64", "--kernels", "math,triton")
        found = [(row["seqlen_q"], row["pass"], "Triton" in row["kernel"]) for row in rows]
        expected = [(64, "fwd", False), (64, "fwd", True), (64, "bwd", False), (64, "fwd+bwd", False)]
        self.assertEqual(found, expected + [(1, "decode", False), (1, "decode", True)])

    def test_a_measured_row_has_the_median(self):
        shape = parse_shape("1x2x1024 d64")
        row = measure.empty_row("H100", "a kernel", "fwd", "fp16", shape)
        found = measure.measured_row(row, shape, [3.0, 1.0, 2.0, 5.0, 4.0], {"power_w": 650.0}, {"small": 1e-4}, False)
        self.assertEqual((found["time_ms"], found["time_ms_quartiles"], found["runs"]), (3.0, [2.0, 4.0], 5))
        self.assertAlmostEqual(found["tflops"], 4 * 2 * 1024**2 * 64 / 3e-3 / 1e12)
        self.assertEqual((found["power_w"], found["l2"]), (650.0, "overwritten"))
        self.assertEqual(mistakes(found), [])

    def test_predictions_are_written_beside_rows(self):
        with tempfile.TemporaryDirectory() as folder:
            fake = os.path.join(folder, "attnsim.py")
            with open(fake, "w", encoding="utf8") as file:
                file.write("import json, sys\nrows = json.load(open(sys.argv[4]))['measurements']\n")
                file.write("print(json.dumps({'rows': [{'predicted': {'time_ms': r['batch'] * 0.5}} for r in rows]}))\n")
            rows = dry_rows("--shape", "3x2x64 d64", "--kernels", "math", "--passes", "fwd", "--predict", f"python3 {fake}")
        self.assertEqual(rows[0]["predicted_ms"], 1.5)


class Machine(unittest.TestCase):
    def test_medians_of_the_board(self):
        lines = ["1980, 2619, 650.5, 61\n", "1755, 2619, 690.1, 63\n", "1695, 2619, [N/A], 64\n"]
        found = measure.board_medians(lines, ["clock_mhz", "memory_clock_mhz", "power_w", "temperature_c"])
        self.assertEqual(found, {"clock_mhz": 1755.0, "memory_clock_mhz": 2619.0, "temperature_c": 63.0})
        self.assertEqual(measure.board_medians([], ["power_w"]), {})

    def test_runs_are_timed_one_by_one_after_a_warm_up(self):
        clock, runs, cleared = [0.0], [], []

        class Event:
            def __init__(self, enable_timing):
                assert enable_timing

            def record(self):
                self.at = clock[0]

            def elapsed_time(self, end):
                return end.at - self.at

        class Scratch:
            def zero_(self):
                cleared.append(clock[0])
                clock[0] += 100

        def run():
            runs.append(clock[0])
            clock[0] += 10

        class Cuda:
            pass

        class Torch:
            int8 = None
            cuda = Cuda
            empty = staticmethod(lambda *_, **__: Scratch())

        Cuda.Event, Cuda.synchronize = Event, staticmethod(lambda: None)
        times = measure.time_runs(Torch, run, 0.5, keep_l2=False)
        # What clears L2 is not in the time.
        self.assertEqual(times, [10.0] * 50)
        self.assertEqual(len(runs), 1 + 3 + 10 + 50)
        self.assertEqual(len(cleared), 3 + 10 + 50)
        cleared.clear()
        self.assertEqual(measure.time_runs(Torch, run, 0.1, keep_l2=True), [10.0] * 20)
        self.assertEqual(cleared, [])

    def test_wrong_options_are_told(self):
        for wrong in (["--kernels", "flesh"], ["--shape", "4x4"], ["--seconds", "0"], ["--dtypes", "fp64"]):
            with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()) as said:
                measure.parse_arguments(wrong)
            self.assertIn("error:", said.getvalue())


if __name__ == "__main__":
    unittest.main()
