"""One epoch of a GRU or LSTM over sequences, ours beside the same model in PyTorch, in turn, on the same cores.

    /usr/bin/python3 tests/bench/bench_epoch.py INKLING SEQUENCES.txt [gru|lstm] [rounds]        needs: torch

The model of both: one layer of 64, item vectors tied to the scores, item bias, cross-entropy over all items at every step, dropout
.4 on vectors and states, Adam, norm clipped at 5, batches of 128 windows of 50 that were sorted by length within 32 batches. PyTorch
scores only steps that have a target, as ours does. Ours is what --json tells of training (its start and the pack's making with it).
"""
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time

import torch
import torch.nn.functional as F

BATCH, LENGTH, WIDTH, DROPOUT, TOGETHER = 128, 50, 64, 0.4, 32


def windows(path):
    ids, out = {}, []
    for line in open(path):
        items = [ids.setdefault(w, len(ids)) for w in line.split()[1:]]
        items = items[:-2]                       # as --holdout leave-last
        while len(items) >= 2:
            out.append(items[-LENGTH - 1:])
            items = items[:-LENGTH]
    return out, len(ids)


def batches(all_windows):
    order = random.sample(all_windows, len(all_windows))
    span = BATCH * TOGETHER
    order = [w for i in range(0, len(order), span) for w in sorted(order[i:i + span], key=len, reverse=True)]
    cut = [order[i:i + BATCH] for i in range(0, len(order), BATCH)]
    random.shuffle(cut)
    for group in cut:
        steps = len(group[0]) - 1
        padded = torch.zeros(steps + 1, len(group), dtype=torch.long)
        live = torch.zeros(steps, len(group), dtype=torch.bool)
        for b, w in enumerate(group):
            padded[:len(w), b] = torch.tensor(w)
            live[:len(w) - 1, b] = True
        yield padded[:-1], padded[1:], live


def torch_epoch(kind, all_windows, n_items):
    torch.manual_seed(1)
    embedding = torch.nn.Parameter(torch.randn(n_items, WIDTH) / WIDTH ** 0.5)
    bias = torch.nn.Parameter(torch.zeros(n_items))
    net = (torch.nn.GRU if kind == "gru" else torch.nn.LSTM)(WIDTH, WIDTH)
    params = [embedding, bias, *net.parameters()]
    optimiser = torch.optim.Adam(params, 0.003)
    start = time.perf_counter()
    for inputs, targets, live in batches(all_windows):
        optimiser.zero_grad()
        h = F.dropout(net(F.dropout(F.embedding(inputs, embedding), DROPOUT))[0], DROPOUT)
        loss = F.cross_entropy(h[live] @ embedding.T + bias, targets[live])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(params, 5)
        optimiser.step()
    return time.perf_counter() - start


def ours(inkling, kind, path):
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([inkling, "train", kind, "--events", path, "--format", "sequence", "--holdout", "leave-last", "--threads", "2",
                               "--set", "held_back=1", "--set", "epochs=1", "-o", os.path.join(folder, "p.safetensors"), "--json"],
                              check=True, capture_output=True)
        return json.loads(done.stdout)["seconds"]["train"]


def main():
    inkling, path = sys.argv[1:3]
    kind = sys.argv[3] if len(sys.argv) > 3 else "gru"
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    torch.set_num_threads(2)
    random.seed(1)
    all_windows, n_items = windows(path)
    for _ in range(rounds):
        a = ours(inkling, kind, path)
        print(f"{kind}: an epoch of ours {a:.1f} s, most memory {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MiB", flush=True)
        b = torch_epoch(kind, all_windows, n_items)
        print(f"  of PyTorch {torch.__version__} {b:.1f} s: ours is {b / a:.2f} times as fast", flush=True)


main()
