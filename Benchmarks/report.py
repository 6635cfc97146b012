"""The table of what bench.py measured, as Markdown."""
import statistics

from engines import BF16_PEERS, FP32_PEERS

OURS = "fovea"


def our_engine(row):
    """Ours in float32, else in the precision that the row has."""
    return next((e for e in sorted(row["engines"]) if e.startswith(OURS)), OURS)


def precision(rows):
    return "bf16" if rows and all(our_engine(row) == OURS + "-bf16" for row in rows) else "fp32"


def cell(facts, key, digits):
    return f"{facts[key]:.{digits}f}" if facts else "-"


def ratio(ours, peer):
    """Ours by the peer's: the median over the rounds of what the two took in the same round, some tenths of a second apart, so that a
    machine that is faster for some rounds than for others is so for both."""
    return statistics.median(a / b for a, b in zip(ours["rounds_ms"], peer["rounds_ms"]))


def best_peer(row):
    """The peer that ours is worst beside, and how."""
    known = BF16_PEERS if our_engine(row) == OURS + "-bf16" else FP32_PEERS
    ours = row["engines"].get(our_engine(row))
    ratios = {name: ratio(ours, facts) for name, facts in row["engines"].items() if ours and name in known}
    best = max(ratios, key=ratios.get, default=None)
    return best, ratios.get(best)


def spread(found):
    """The largest distance of an engine's rounds from one another, the longest and shortest left out: beyond some 10 % something
    else ran beside."""
    rounds = [sorted(facts["rounds_ms"])[1:-1] for facts in found.values() if len(facts["rounds_ms"]) > 4]
    return max((r[-1] / r[0] - 1 for r in rounds), default=0)


def line(row, engines, peak):
    found = row["engines"]
    ours, (best, beside) = found.get(our_engine(row)), best_peer(row)
    compared = f"{beside:.2f} ({best})" if best else "-"
    share = f"{2e-6 * ours['multiply_adds'] / ours['median_ms'] / peak[row['threads']]:.0%}" if ours else "-"
    cells = [row["network"], str(row["threads"])] + [cell(found.get(e), "median_ms", 2) for e in engines]
    cells += [compared, share]
    ort = found.get("onnxruntime")
    for key, scale, digits in (("load_ms", 1, 0), ("memory_bytes", 1e-6, 0)):
        cells.append(" / ".join(f"{f[key] * scale:.{digits}f}" if f else "-" for f in (ours, ort)))
    cells.append(f"{spread(found):.0%}")
    cells.append(f"{ours['difference']:.0e}" if ours and ours["difference"] is not None else "-")
    return cells


def print_table(rows, machine):
    engines = sorted({e for row in rows for e in row["engines"]}, key=lambda e: (not e.startswith(OURS), e))
    versions = {e: row["engines"][e].get("version", "") for row in rows for e in row["engines"]}
    changed = " with changes" if machine["modified"] else ""
    print(f"{machine['cpu']}, {machine['cores']} cores, {machine['date']}, revision {machine['revision']}{changed}"
          + (f", FOVEA_ISA={machine['isa']}" if machine["isa"] else ""))
    print(", ".join(f"{name} {version}".strip() for name, version in sorted(versions.items())))
    heading = ["network", "threads"] + [f"{e} ms" for e in engines]
    heading += [f"to the best {precision(rows)} peer", "of peak", "load ms: ours / ort", "memory MB: ours / ort", "spread", "difference"]
    # Each process measures the peak when it starts; what disturbs that makes it smaller, so the largest is the best.
    peak = {}
    for row in rows:
        if our_engine(row) in row["engines"]:
            peak[row["threads"]] = max(peak.get(row["threads"], 0), row["engines"][our_engine(row)]["peak_gflops"])
    print("peak " + ", ".join(f"{peak[t]:.0f} GFLOP/s on {t} threads" for t in sorted(peak)) + "\n")
    table = [heading] + [line(row, engines, peak) for row in rows]
    widths = [max(len(r[i]) for r in table) for i in range(len(heading))]
    text = ["| " + " | ".join(c.ljust(w) for c, w in zip(r, widths)) + " |" for r in table]
    text.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    print("\n".join(text))
