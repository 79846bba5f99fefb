"""Truth for the pairwise and contrastive trainers, by PyTorch's automatic gradients in double:
a step of BPR and of skip-gram with negatives on given vectors, and two steps of the simplex trainer for both its losses.

    python3 tests/golden/make_pairwise.py > tests/golden/pairwise_truth.h        needs: torch

Simplex rows are divided by their length inside the loss, so torch's gradient has no part along the row.
"""
import math

import torch

torch.manual_seed(7)
D, ITEMS, RATE, DECAY = 8, 12, 0.3, 0.02
HISTORIES = [[0, 1, 2, 5], [3, 4, 5], [1, 6, 7, 8, 9]]
NEGATIVES = [2, 10, 3, 11, 8]
MARGIN, WEIGHT, TEMPERATURE = -0.2, 3.0, 0.25
SHARE = math.log(ITEMS / len(NEGATIVES))         # each of the drawn stands for so many items


def rounded(*shape):
    return torch.randn(*shape).float().double()


def table(name, x):
    rows = x.reshape(-1, D)
    print(f"static const double {name}[{len(rows)}][{D}] = {{")
    for row in rows:
        print("  { " + ", ".join(f"{v:.12g}" for v in row.tolist()) + " },")
    print("};")


def descended(loss, rows, decay=0.0):
    """rows - RATE * (gradient + decay * rows)"""
    return [r.detach() - RATE * (g + decay * r.detach()) for r, g in zip(rows, torch.autograd.grad(loss, rows))]


def bpr():
    rows = [rounded(D).requires_grad_() for _ in range(3)]
    u, x, y = rows
    table("truth_pair", torch.stack([r.detach() for r in rows]))
    table("truth_pair_after", torch.stack(descended(-torch.nn.functional.logsigmoid(u @ (x - y)), rows, DECAY)))


def skip_gram():
    rows = [rounded(D).requires_grad_() for _ in range(5)]         # x of the item met, z of the one told and of three drawn
    x, told, drawn = rows[0], rows[1], torch.stack(rows[2:])
    log_sigmoid = torch.nn.functional.logsigmoid
    table("truth_skip", torch.stack([r.detach() for r in rows]))
    table("truth_skip_after", torch.stack(descended(-log_sigmoid(x @ told) - log_sigmoid(-(drawn @ x)).sum(), rows)))


def simplex_loss(raw, softmax):
    y = raw / raw.norm(dim=1, keepdim=True)
    total = 0.0
    for own in HISTORIES:
        s = y[own].sum(0)
        cosines = y[[j for j in NEGATIVES if j not in own]] @ (s / s.norm())
        for i in own:
            p = s - y[i]
            c = p @ y[i] / p.norm()
            if softmax:
                total = total - c / TEMPERATURE + torch.logsumexp(torch.cat([c[None] / TEMPERATURE, cosines / TEMPERATURE + SHARE]), 0)
            else:
                total = total + 1 - c + WEIGHT / len(NEGATIVES) * torch.relu(cosines - MARGIN).sum()
    return total


def simplex(name, start, softmax):
    raw, squares = start.clone(), torch.zeros(ITEMS, 1, dtype=torch.double)
    for step in range(2):
        raw.requires_grad_()
        loss = simplex_loss(raw, softmax)
        g, = torch.autograd.grad(loss, raw)
        print(f"#define TRUTH_{name.upper()}_LOSS_{step} {loss.item():.12g}")
        squares = squares + (g * g).sum(1, keepdim=True)
        raw = raw.detach() - RATE * g / squares.clamp_min(1e-300).sqrt()
        raw = raw / raw.norm(dim=1, keepdim=True)
    table(f"truth_{name}_after", raw)


def numbers(name, values):
    print(f"static const uint32_t {name}[] = {{ " + ", ".join(map(str, values)) + " };")


print(f"/* pairwise_truth.h - made by make_pairwise.py with torch {torch.__version__}, in double; do not edit. */")
print(f"enum {{ TRUTH_D = {D}, TRUTH_ITEMS = {ITEMS}, TRUTH_PEOPLE = {len(HISTORIES)}, TRUTH_NEGATIVES = {len(NEGATIVES)} }};")
for key, value in [("RATE", RATE), ("DECAY", DECAY), ("MARGIN", MARGIN), ("WEIGHT", WEIGHT), ("TEMPERATURE", TEMPERATURE)]:
    print(f"#define TRUTH_{key} {value}")
numbers("truth_history", [i for own in HISTORIES for i in own])
numbers("truth_history_ends", [sum(map(len, HISTORIES[:p + 1])) for p in range(len(HISTORIES))])
numbers("truth_negatives", NEGATIVES)
bpr()
skip_gram()
start = rounded(ITEMS, D)
start = (start / start.norm(dim=1, keepdim=True)).float().double()
table("truth_simplex", start)
simplex("ccl", start, False)
simplex("softmax", start, True)
