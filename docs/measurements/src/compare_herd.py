#!/usr/bin/env python3
"""The herd of the model beside that of the real kernel, over think time, workers, policy and CPUs.

    docs/measurements/src/compare_herd.py [build/release/stackscope]

Takes the rows of herd_combinations.csv whose think computes (the model's workers compute), runs
scenarios/thundering_herd.toml for each, and writes herd_model_vs_kernel.csv and .md.
"""
import csv, json, pathlib, subprocess, sys

HERE = pathlib.Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent
METRICS = (("returns", "returns_per_connection"), ("kernel_wakeups", "kernel_wakeups_per_connection"))
AXES = ("think_us", "workers", "policy", "cpus")
LEAST = 0.15  # a movement below this is none: what two runs of the real herd differ by


def real_rows():
    lines = (HERE / "herd_combinations.csv").read_text().splitlines()
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        computes = row["think_kind"] == "busy" or row["think_us"] == "0"
        if row["name"] == "sweep" and computes and row["workers"] in ("2", "4", "8"):
            yield row


def model(program, row):
    policy = "fifo:50" if row["policy"] == "fifo" else "other"
    sets = {"host.server.cpus": row["cpus"], "host.server.jitter": "measured", "run.workers.policy": policy,
            "run.clients.policy": policy, "run.workers.threads": row["workers"],
            "run.workers.args.think": row["think_us"] + "us"}
    command = [program, "run", str(ROOT / "scenarios/thundering_herd.toml"), "--variant", row["epoll"], "--json"]
    for path, value in sets.items():
        command += ["--set", f"{path}={value}"]
    done = subprocess.run(command, capture_output=True, text=True)
    if not done.stdout:
        sys.exit(" ".join(command) + "\n" + done.stderr)
    return json.loads(done.stdout)["runs"][0]["metrics"]


def sign(x):
    return 0 if abs(x) < LEAST else 1 if x > 0 else -1


def ranks(values):
    order = sorted(values)
    return [order.index(v) + (order.count(v) - 1) / 2 for v in values]


def spearman(a, b):
    a, b = ranks(a), ranks(b)
    ma, mb = sum(a) / len(a), sum(b) / len(b)
    cov = sum((x - ma) * (y - mb) for x, y in zip(a, b))
    var = (sum((x - ma) ** 2 for x in a) * sum((y - mb) ** 2 for y in b)) ** 0.5
    return cov / var if var else float("nan")


def movements(rows):
    """Pairs that differ in one axis by one step: (axis, first, second)."""
    steps = {axis: sorted({r[axis] for r in rows}, key=lambda v: (len(v), v)) for axis in AXES}
    by_key = {(r["epoll"],) + tuple(r[a] for a in AXES): r for r in rows}
    for row in rows:
        for axis in AXES:
            at = steps[axis].index(row[axis])
            if at + 1 == len(steps[axis]):
                continue
            key = (row["epoll"],) + tuple(steps[axis][at + 1] if a == axis else row[a] for a in AXES)
            if key in by_key:
                yield axis, row, by_key[key]


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "build/release/stackscope")
    rows = list(real_rows())
    for row in rows:
        metrics = model(program, row)
        for short, name in METRICS:
            row["real_" + short] = float(row[short + "_mean"])
            row["model_" + short] = metrics[name]["mean"]
    columns = ["epoll", *AXES] + [f"{who}_{short}" for short, _ in METRICS for who in ("real", "model")]
    with open(HERE / "herd_model_vs_kernel.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    write_page(rows, columns)


def write_page(rows, columns):
    out = ["# The herd: the model beside the real kernel", "",
           "Made by `src/compare_herd.py`; the same numbers in `herd_model_vs_kernel.csv`. Means over 100 connections. The real rows are those of",
           "`herd_combinations.csv` in which thinking computes. The model runs with `jitter = \"measured\"`. On two CPUs the real workers are pinned",
           "in turn (worker i to CPU i mod 2) while the model's scheduler places them: a scenario's affinity is that of a whole run.", "",
           "## Do both move in the same direction?", "",
           f"Pairs that differ by one step of one knob. A movement is a difference of at least {LEAST} in the mean. *same*: both move up, both down, or both",
           "stand still; *one stands*: one moves and the other does not; *against*: they move in opposite directions.", "",
           "| metric | knob | pairs | same | one stands | against |", "|---|---|---|---|---|---|"]
    pairs = list(movements(rows))
    for short, _ in METRICS:
        for axis in (*AXES, None):
            signs = [(sign(b["real_" + short] - a["real_" + short]), sign(b["model_" + short] - a["model_" + short]))
                     for x, a, b in pairs if axis in (None, x)]
            same = sum(r == m for r, m in signs)
            against = sum(r * m < 0 for r, m in signs)
            out.append(f"| {short} | {axis or '**all**'} | {len(signs)} | {same} | {len(signs) - same - against} | {against} |")
    out += ["", "Rank correlation (Spearman) over all rows: " + ", ".join(
        f"{short} {spearman([r['real_' + short] for r in rows], [r['model_' + short] for r in rows]):.2f}" for short, _ in METRICS) + ".",
        "", "## All rows", "", "| " + " | ".join(c.replace("_", " ") for c in columns) + " |", "|" + "---|" * len(columns)]
    for r in rows:
        out.append("| " + " | ".join(f"{r[c]:.2f}" if isinstance(r[c], float) else str(r[c]) for c in columns) + " |")
    (HERE / "herd_model_vs_kernel.md").write_text("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
