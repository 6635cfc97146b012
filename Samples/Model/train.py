#!/usr/bin/env python3
"""Trains Fovea's default model on Tiny ImageNet. Interrupt it at will: it resumes where it stopped.

    python train.py --archive tiny-imagenet-64.zip --work ~/.cache/fovea/train
    python train.py ... --finish-in 8 --run finished     # a copy of the present state, annealed to the end in 8 epochs

The learning rate warms up, stays, and falls linearly to zero over the last part of `--epochs`. A run is a folder in
`--work`: `last.pt` (everything, to go on), `log.csv` (one line per epoch), `args.json`.
"""

import argparse
import csv
import json
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import data
import fused
import model as architecture


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--archive", help="the Tiny ImageNet zip; needed the first time only")
    p.add_argument("--work", type=Path, required=True, help="folder for unpacked pictures and runs")
    p.add_argument("--run", default="main", help="name of the run's folder (default: main)")
    p.add_argument("--from-run", default="main", help="where --finish-in begins when its own run is still empty")
    p.add_argument("--epochs", type=float, default=100)
    p.add_argument("--warmup", type=float, default=1.5, help="epochs")
    p.add_argument("--decay", type=float, default=0.6, help="last part of the epochs in which the rate falls to zero")
    p.add_argument("--finish-in", type=float, metavar="N", help="anneal from the present point to zero in N epochs "
                   "(the same N again: go on with that; another N: anneal from then on over N)")
    p.add_argument("--batch", type=int, default=128)
    p.add_argument("--rate", type=float, default=0.25, help="peak learning rate for a batch of 128")
    p.add_argument("--weight-decay", type=float, default=1e-4)
    p.add_argument("--smoothing", type=float, default=0.1)
    p.add_argument("--size", type=int, nargs="+", default=[64], help="side of the crops; each batch draws one of several")
    p.add_argument("--area", type=float, default=0.35, help="smallest part of a picture that a crop keeps")
    p.add_argument("--cutmix", type=float, default=0.3, help="share of the batches")
    p.add_argument("--mixup", type=float, default=0.1, help="share of the batches")
    p.add_argument("--ema", type=float, default=0.9993)
    p.add_argument("--threads", type=int, default=os.cpu_count())
    p.add_argument("--no-fused", action="store_true", help="do without the compiled batch-norm kernel")
    p.add_argument("--seed", type=int, default=1)
    return p.parse_args()


class Average:
    """An exponential moving average of a model's parameters and statistics."""

    def __init__(self, source, decay):
        self.decay, self.updates = decay, 0
        self.model = architecture.FoveaNet().to(memory_format=torch.channels_last).eval()
        self.model.load_state_dict(source.state_dict())
        self.pairs = [(a, b) for a, b in zip(self.model.state_dict().values(), source.state_dict().values())
                      if a.is_floating_point()]

    @torch.no_grad()
    def update(self):
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        torch._foreach_lerp_([a for a, _ in self.pairs], [b for _, b in self.pairs], 1 - decay)


class Cores:
    """How many threads to use now. When other programs are busy, two threads that wait for each other are slower than one."""

    def __init__(self, most):
        self.most = self.now = most
        self.seen = self._read()
        torch.set_num_threads(most)

    def _read(self):
        """(wall seconds, seconds that all programs used of all processors, seconds that we used)."""
        try:
            fields = [int(f) for f in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:8]]
            busy = (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")
        except (OSError, ValueError):
            busy = 0.0
        return time.monotonic(), busy, sum(os.times()[:2])

    def update(self):
        seen = self._read()
        wall, busy, own = (a - b for a, b in zip(seen, self.seen))
        if wall < 0.5:
            return
        self.seen = seen
        others = (busy - own) / wall
        wanted = max(1, min(self.most, round(os.cpu_count() - others + 0.1)))
        if wanted != self.now:
            self.now = wanted
            torch.set_num_threads(wanted)


class Trainer:
    def __init__(self, args):
        self.args = args
        torch.manual_seed(args.seed)
        self.cores = Cores(args.threads)
        data.prepare(args.archive, args.work / "data", args.threads)
        self.train, self.train_labels = data.load(args.work / "data", "train")
        self.val, self.val_labels = data.load(args.work / "data", "val")
        self.classes = len(data.class_ids(args.work / "data"))
        if not args.no_fused:
            print("compiled kernel:", fused.enable(args.work), flush=True)
        self.steps = len(self.train) // args.batch
        self.folder = args.work / args.run
        self.folder.mkdir(parents=True, exist_ok=True)
        self.net = architecture.FoveaNet(self.classes).to(memory_format=torch.channels_last)
        decayed = [p for p in self.net.parameters() if p.ndim > 1]
        plain = [p for p in self.net.parameters() if p.ndim <= 1]
        self.optimizer = torch.optim.SGD(
            [{"params": decayed, "weight_decay": args.weight_decay}, {"params": plain, "weight_decay": 0}],
            lr=args.rate, momentum=0.9, nesterov=True, foreach=True)
        self.average = Average(self.net, args.ema)
        self.step = 0                    # over all epochs
        self.anneal = None               # (step, rate, epochs) where an early finish began
        self.seconds = 0.0
        self.stop = False
        signal.signal(signal.SIGTERM, self._ask_to_stop)
        signal.signal(signal.SIGINT, self._ask_to_stop)

    def _ask_to_stop(self, *_):
        self.stop = True

    # MARK: state

    def save(self):
        part = self.folder / "last.part"
        torch.save({
            "model": self.net.state_dict(), "average": self.average.model.state_dict(), "updates": self.average.updates,
            "optimizer": self.optimizer.state_dict(), "step": self.step, "anneal": self.anneal, "seconds": self.seconds,
            "random": torch.get_rng_state(), "steps": self.steps,
        }, part)
        part.replace(self.folder / "last.pt")

    def resume(self):
        """Continues this run; else, for an early finish, begins as a copy of `--from-run`; else starts anew."""
        path = self.folder / "last.pt"
        if not path.exists() and self.args.finish_in:
            path = self.args.work / self.args.from_run / "last.pt"
        if path.exists():
            state = torch.load(path, weights_only=True)
            self.net.load_state_dict(state["model"])
            self.average.model.load_state_dict(state["average"])
            self.average.updates = state["updates"]
            groups = self.optimizer.param_groups
            fresh = [g["weight_decay"] for g in groups]
            self.optimizer.load_state_dict(state["optimizer"])
            for group, weight_decay in zip(self.optimizer.param_groups, fresh):
                group["weight_decay"] = weight_decay
            self.step = round(state["step"] * self.steps / state["steps"])
            self.anneal, self.seconds = state["anneal"], state["seconds"]
            torch.set_rng_state(state["random"])
            print(f"resumed {path} at epoch {self.step / self.steps:.2f}", flush=True)
        if self.args.finish_in and (not self.anneal or self.anneal[2] != self.args.finish_in):
            self.anneal = (self.step, self.rate(), self.args.finish_in)
        elif not self.args.finish_in:
            self.anneal = None

    # MARK: schedule

    def rate(self):
        epoch = self.step / self.steps
        if self.anneal:
            begin, rate, epochs = self.anneal
            return rate * max(0.0, 1 - (self.step - begin) / self.steps / epochs)
        peak = self.args.rate * self.args.batch / 128
        falling = (self.args.epochs - epoch) / (self.args.epochs * self.args.decay)
        return peak * max(0.0, min(1.0, (epoch + 0.02) / self.args.warmup, falling))

    def finished(self):
        if self.anneal:
            return self.step >= self.anneal[0] + self.anneal[2] * self.steps
        return self.step >= self.args.epochs * self.steps

    # MARK: work

    def epoch(self):
        """Trains to the end of the current epoch; returns its mean loss, or None when asked to stop."""
        a = self.args
        number = self.step // self.steps
        order = np.random.default_rng([a.seed, number]).permutation(len(self.train))
        augments = [data.Augment(size, (a.area, 1.0)) for size in a.size]
        self.net.train()
        total, count = 0.0, 0
        while self.step // self.steps == number and not self.finished():
            began = time.monotonic()
            self.cores.update()
            i = self.step % self.steps
            chosen = np.sort(order[i * a.batch : (i + 1) * a.batch])
            draw = np.random.default_rng([a.seed, self.step])
            chosen = draw.permutation(chosen)
            augment = augments[draw.integers(len(augments))]
            x = augment(self.train[chosen]).to(memory_format=torch.channels_last)
            x, y = data.blend(x, torch.from_numpy(self.train_labels[chosen]), self.classes, a.cutmix, a.mixup)
            for group in self.optimizer.param_groups:
                group["lr"] = self.rate()
            with torch.autocast("cpu", torch.bfloat16):
                logits = self.net(x)
            loss = F.cross_entropy(logits.float(), y, label_smoothing=a.smoothing)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            self.average.update()
            self.step += 1
            total, count = total + loss.item(), count + 1
            self.seconds += time.monotonic() - began
            if count % 100 == 0:
                print(f"  epoch {self.step / self.steps:.2f} loss {total / count:.3f} "
                      f"{a.batch / (time.monotonic() - began):.0f} img/s, {self.cores.now} threads", flush=True)
            if self.stop:
                return None
        return total / max(1, count)

    @torch.no_grad()
    def evaluate(self):
        """(top-1, top-5, loss) of the averaged model on the validation pictures."""
        right1 = right5 = loss = 0
        for i in range(0, len(self.val), 250):
            x = torch.from_numpy(np.array(self.val[i : i + 250])).permute(0, 3, 1, 2).float()
            y = torch.from_numpy(self.val_labels[i : i + 250])
            with torch.autocast("cpu", torch.bfloat16):
                logits = self.average.model(data.normalise(x).to(memory_format=torch.channels_last)).float()
            loss += F.cross_entropy(logits, y, reduction="sum").item()
            hits = logits.topk(5).indices == y[:, None]
            right1 += hits[:, 0].sum().item()
            right5 += hits.sum().item()
        return right1 / len(self.val), right5 / len(self.val), loss / len(self.val)

    def log(self, loss, scores, wall):
        path = self.folder / "log.csv"
        new = not path.exists()
        with open(path, "a", newline="") as f:
            w = csv.writer(f)
            if new:
                w.writerow("epoch rate size train_loss val_top1 val_top5 val_loss epoch_seconds total_seconds".split())
            w.writerow([f"{self.step / self.steps:.2f}", f"{self.rate():.4f}", "/".join(map(str, self.args.size)), f"{loss:.4f}",
                        *(f"{s:.4f}" for s in scores), f"{wall:.0f}", f"{self.seconds:.0f}"])

    def run(self):
        self.resume()
        settings = {k: str(v) for k, v in vars(self.args).items() if k not in ("archive", "work")}
        (self.folder / "args.json").write_text(json.dumps(settings, indent=1))
        parameters, multiplies = architecture.count(architecture.FoveaNet(self.classes))
        print(f"{parameters / 1e6:.2f} M parameters, {multiplies / 1e6:.1f} M multiply-adds", flush=True)
        while not self.finished():
            began = time.monotonic()
            loss = self.epoch()
            self.save()
            if loss is None:
                print("stopped, saved", flush=True)
                return
            scores = self.evaluate()
            wall = time.monotonic() - began
            self.log(loss, scores, wall)
            print(f"epoch {self.step / self.steps:.2f} loss {loss:.3f} val top-1 {scores[0]:.4f} top-5 {scores[1]:.4f} "
                  f"({wall:.0f} s)", flush=True)


if __name__ == "__main__":
    Trainer(arguments()).run()
