#!/usr/bin/env python3
"""Measures attention kernels on the GPU of this machine, and writes rows that `attnsim validate gpus --points` takes.

Needs PyTorch 2.5 or later, with Triton for one of the kernels. `--dry-run` needs neither: it writes the rows without a time.
"""

import argparse
import csv
import dataclasses
import datetime
import json
import platform
import statistics
import subprocess
import sys
import threading

from shapes import DECODING, TRAINING, operations, parse_shape, shape_text

KERNELS = ("flash", "cudnn", "efficient", "math", "triton")
PASSES = ("fwd", "bwd", "fwd+bwd", "decode")
DTYPES = ("fp16", "bf16")


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default="points.json", help="file of rows (default: %(default)s)")
    parser.add_argument("--shape", action="append", help='such as "4x32/8x8192 d128 causal"; may be repeated')
    parser.add_argument("--kernels", default=",".join(KERNELS), help="default: %(default)s")
    parser.add_argument("--passes", default=",".join(PASSES), help="default: %(default)s")
    parser.add_argument("--dtypes", default="fp16", help="fp16, bf16 (default: %(default)s)")
    parser.add_argument("--device", help="name of the device in the rows, if not the one that the driver says")
    parser.add_argument("--seconds", type=float, default=0.5, help="for which a kernel runs at least (default: %(default)s)")
    parser.add_argument("--keep-l2", action="store_true", help="L2 is not overwritten before each run")
    parser.add_argument("--predict", metavar="ATTNSIM", help='predict first, by such a command: "npx attnsim"')
    parser.add_argument("--dry-run", action="store_true", help="write the rows without measuring")
    options = parser.parse_args(arguments)
    try:
        options.kernels = choose(options.kernels, KERNELS)
        options.passes = choose(options.passes, PASSES)
        options.dtypes = choose(options.dtypes, DTYPES)
        options.shapes = [parse_shape(text) for text in options.shape] if options.shape else TRAINING + DECODING
        if options.seconds <= 0:
            raise ValueError("--seconds must be more than 0")
    except ValueError as error:
        parser.error(str(error))
    return options


def choose(text, known):
    chosen = text.split(",")
    for name in chosen:
        if name not in known:
            raise ValueError(f'"{name}" is none of {", ".join(known)}')
    return chosen


def tasks(options):
    """What is measured, in order. A single query is decoding and has no backward pass, many are not decoding."""
    for dtype in options.dtypes:
        for shape in options.shapes:
            for pass_name in options.passes:
                if (pass_name == "decode") != (shape.seqlen_q == 1):
                    continue
                for kernel in options.kernels:
                    if kernel != "triton" or pass_name in ("fwd", "decode"):
                        yield kernel, pass_name, dtype, shape


def empty_row(device, kernel, pass_name, dtype, shape):
    """A row without a measurement."""
    return {
        "device": device,
        "kernel": kernel,
        "pass": pass_name,
        "dtype": dtype,
        **dataclasses.asdict(shape),
        "time_ms": None,
        "provenance": "measured",
        "source": "measure.py",
    }


def measured_row(row, shape, times_ms, board, errors, keep_l2):
    """A row with the median of its times, their quartiles and what the board said meanwhile."""
    first, median, third = statistics.quantiles(times_ms, n=4, method="inclusive")
    return {
        **row,
        "time_ms": median,
        "tflops": operations(shape, row["pass"]) / median * 1e-9,
        "derived_fields": ["tflops"],
        "time_ms_quartiles": [first, third],
        "runs": len(times_ms),
        "l2": "kept" if keep_l2 else "overwritten",
        "errors": errors,
        **board,
    }


class Board:
    """Reads clock, power and temperature of the board every 50 ms while something runs. Without nvidia-smi it says nothing."""

    FIELDS = {"clocks.sm": "clock_mhz", "clocks.mem": "memory_clock_mhz", "power.draw": "power_w", "temperature.gpu": "temperature_c"}

    def __init__(self, index=0):
        query = ",".join(self.FIELDS)
        self._command = ["nvidia-smi", f"--id={index}", f"--query-gpu={query}", "--format=csv,noheader,nounits", "--loop-ms=50"]
        self._lines = []

    def __enter__(self):
        self._lines = []
        try:
            self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        except OSError:
            self._process = None
            return self
        self._reader = threading.Thread(target=lambda: self._lines.extend(self._process.stdout), daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_):
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._reader.join()

    def medians(self):
        return board_medians(self._lines, list(self.FIELDS.values()))


def board_medians(lines, names):
    """Of each column of numbers the median; columns that are not numbers are left out."""
    columns = zip(*csv.reader(lines, skipinitialspace=True))
    found = {}
    for name, column in zip(names, columns):
        try:
            found[name] = statistics.median(float(value) for value in column)
        except ValueError:
            continue
    return found


def time_runs(torch, run, seconds, keep_l2):
    """Milliseconds of each of many runs, by CUDA events, after a fifth of the time to warm up."""
    scratch = None if keep_l2 else torch.empty(512 * 2**20, dtype=torch.int8, device="cuda")

    def batch(count):
        events = [(torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)) for _ in range(count)]
        for start, end in events:
            if scratch is not None:
                scratch.zero_()
            start.record()
            run()
            end.record()
        torch.cuda.synchronize()
        return [start.elapsed_time(end) for start, end in events]

    run()
    needed = seconds * 1e3
    once = max(statistics.median(batch(3)), 1e-3)
    batch(max(3, int(0.2 * needed / once)))
    return batch(min(20000, max(20, int(needed / once))))


def run_of(kernels, kernel, pass_name, shape, dtype):
    """What is timed, and the relative errors that it was found to have."""
    import torch

    backward = pass_name in ("bwd", "fwd+bwd")
    errors = {"small": kernels.error_small(kernel, shape, dtype, backward)}
    q, k, v = kernels.make_inputs(shape, dtype, backward)
    result = kernels.forward(kernel, q, k, v, shape.causal)
    errors["large"] = kernels.error_large(result, q, k, v, shape.causal)
    if not backward:
        return lambda: kernels.forward(kernel, q, k, v, shape.causal), errors
    upstream = torch.randn_like(result)

    def both():
        torch.autograd.grad(kernels.forward(kernel, q, k, v, shape.causal), (q, k, v), upstream)

    def backward_alone():
        torch.autograd.grad(result, (q, k, v), upstream, retain_graph=True)

    return (backward_alone if pass_name == "bwd" else both), errors


def measure(options, planned):
    """Rows that were measured, and those that were not, with the reason."""
    import torch

    import kernels

    rows, skipped = [], []
    for (kernel, pass_name, dtype, shape), row in zip(tasks(options), planned, strict=True):
        title = f"{row['kernel']}, {pass_name}, {shape_text(shape)} {dtype}"
        try:
            run, errors = run_of(kernels, kernel, pass_name, shape, dtype)
            worst = max(errors.values())
            if not worst <= kernels.TOLERANCE[dtype]:
                raise kernels.Unsupported(f"WRONG: relative error {worst:.2g}")
            with Board(torch.cuda.current_device()) as board:
                times = time_runs(torch, run, options.seconds, options.keep_l2)
            rows.append(measured_row(row, shape, times, board.medians(), errors, options.keep_l2))
            print(f"{title}: {rows[-1]['time_ms']:.4g} ms, {rows[-1]['tflops']:.4g} TFLOP/s", file=sys.stderr)
        except (kernels.Unsupported, torch.cuda.OutOfMemoryError) as error:
            skipped.append({**row, "reason": str(error)})
            print(f"{title}: not measured: {error}", file=sys.stderr)
        finally:
            run = None
            torch.cuda.empty_cache()
    return rows, skipped


def environment():
    """What the measurements may depend on."""
    found = {"python": platform.python_version(), "system": platform.platform()}
    try:
        import torch

        found["torch"] = torch.__version__
        found["cuda"] = torch.version.cuda or torch.version.hip
        found["device"] = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    except ImportError:
        pass
    try:
        query = ["nvidia-smi", "--query-gpu=driver_version,power.limit,clocks.max.sm", "--format=csv,noheader"]
        found["nvidia_smi"] = subprocess.run(query, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        pass
    return found


def planned_rows(options):
    """The row of each task without its measurement. Kernels have the names of their options where there is no PyTorch."""
    try:
        import kernels

        names = kernels.names()
    except ImportError:
        names = {name: "Triton flash forward" if name == "triton" else f"torch SDPA {name}" for name in KERNELS}
    device = options.device or environment().get("device") or "unknown"
    return [empty_row(device, names[kernel], *rest) for kernel, *rest in tasks(options)]


def predict(command, rows, path):
    """Adds `predicted_ms` to rows, by attnsim."""
    write(path, {"measurements": rows})
    ran = subprocess.run([*command.split(), "validate", "gpus", "--points", path, "--json"], capture_output=True, text=True)
    if not ran.stdout:
        raise SystemExit(f"attnsim says: {ran.stderr}")
    predicted = [row["predicted"].get("time_ms") for row in json.loads(ran.stdout)["rows"]]
    return [{**row, "predicted_ms": value} for row, value in zip(rows, predicted)]


def write(path, content):
    with open(path, "w", encoding="utf8") as file:
        json.dump(content, file, indent=1)
        file.write("\n")


def main(arguments):
    options = parse_arguments(arguments)
    content = {
        "sources": {"measure.py": "experiments/gpus/measure of attnsim, on the machine that environment says"},
        "environment": environment(),
        "started": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
    }
    planned = planned_rows(options)
    if options.predict is not None:
        planned = predict(options.predict, planned, options.out)
    # What is predicted is on the disk before anything is measured.
    write(options.out, {**content, "measurements": planned})
    if options.dry_run:
        return 0
    rows, skipped = measure(options, planned)
    write(options.out, {**content, "measurements": rows, "skipped": skipped})
    return 1 if any(row["reason"].startswith("WRONG") for row in skipped) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
