"""Truth for the tape of training (core/train/sequence/tape*, optimise) and for the serving of recurrent networks, from PyTorch in double:
values and gradients of every operation, of LSTM and GRU networks with random and with trained weights, optimiser steps, schedules.

    /usr/bin/python3 tests/golden/make_tape.py > tests/golden/tape_truth.h        needs: torch, numpy

All inputs are floats, written as hexadecimal literals, so nothing is lost. The loss of an operation is mean(out * w) with
w written down too, unless the operation is a loss itself.
"""
import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(20251122)
B, D, H, N = 5, 6, 4, 9
NONE = 4294967295
cases = []


def draw(*shape):
    return torch.tensor(rng.uniform(-2, 2, shape).astype(np.float32).astype(np.float64))


def row(values, suffix=""):
    return ", ".join(float(v).hex() + suffix for v in values)


def array(kind, name, values):
    suffix = "f" if kind == "float" else ""
    text = ", ".join(str(int(v)) for v in values) if kind == "uint32_t" else row(values, suffix)
    print(f"static const {kind} {name}[] = {{ {text} }};")


def case(name, shapes, f, is_loss=False, inputs=None):
    xs = [x.clone().requires_grad_() for x in (inputs or [draw(*s) for s in shapes])]
    out = f(*xs)
    w = torch.ones(1, 1, dtype=torch.float64) if is_loss else draw(*out.shape)
    (out.sum() if is_loss else (out * w).mean()).backward()
    for i, x in enumerate(xs):
        array("float", f"truth_{name}_in{i}", x.detach().flatten().tolist())
        array("double", f"truth_{name}_grad{i}", x.grad.flatten().tolist())
    array("float", f"truth_{name}_w", w.flatten().tolist())
    array("double", f"truth_{name}_out", out.detach().flatten().tolist())
    cases.append((name, [tuple(x.shape) for x in xs], out.numel(), is_loss))


# ------------------------------------------------------------------------ losses
targets = [2, 0, None, 8, 2]
column_items = [5, 6, 7, 8, 5, 7, 1, 2, 3]


def rows_that_count(f):
    def loss(s, *more):
        return torch.stack([f(s[i], t, *more) for i, t in enumerate(targets) if t is not None]).mean()
    return loss


def negatives(s, t, items):
    keep = [j for j in range(len(s)) if j != t and (items is None or items[j] != items[t])]
    return s[keep]


def bpr(s, t):
    return -F.logsigmoid(s[t] - negatives(s, t, column_items)).mean()


def bpr_max(s, t):
    n = negatives(s, t, column_items)
    p = torch.softmax(n, 0)
    return -torch.log((p * torch.sigmoid(s[t] - n)).sum()) + 0.75 * (p * n * n).sum()


def top1_max(s, t):
    n = negatives(s, t, None)
    return (torch.softmax(n, 0) * (torch.sigmoid(n - s[t]) + torch.sigmoid(n * n))).sum()


target_tensor = torch.tensor([-100 if t is None else t for t in targets])
labels = torch.tensor(rng.uniform(0, 1, (B, N)).astype(np.float32).astype(np.float64))


def operations():
    case("matmul", [(B, D), (D, H)], lambda a, b: a @ b)
    case("matmul_ta", [(D, B), (D, H)], lambda a, b: a.T @ b)
    case("matmul_tb", [(B, D), (H, D)], lambda a, b: a @ b.T)
    case("matmul_tt", [(D, B), (H, D)], lambda a, b: a.T @ b.T)
    case("gather", [(N, D)], lambda a: torch.cat([a[[3, 0, 3]], torch.zeros(1, D, dtype=torch.float64), a[[8]]]))
    case("rows", [(B, D)], lambda a: a[1:4])
    case("cols", [(B, D)], lambda a: a[:, 1:4])
    case("reshape", [(B, D)], lambda a: a.reshape(D, B))
    case("concat", [(B, D), (B, H)], lambda a, b: torch.cat([a, b], 1))
    case("stack", [(B, D), (3, D)], lambda a, b: torch.cat([a, b, a]))
    case("row_dot", [(B, D), (B, D)], lambda a, b: (a * b).sum(1, keepdim=True))
    case("add", [(B, D), (B, D)], lambda a, b: a + b)
    case("sub", [(B, D), (B, D)], lambda a, b: a - b)
    case("mul", [(B, D), (B, D)], lambda a, b: a * b)
    case("scale", [(B, D)], lambda a: a * -2.5)
    case("bias", [(B, D), (1, D)], lambda a, b: a + b)
    case("sigmoid", [(B, D)], torch.sigmoid)
    case("tanh", [(B, D)], torch.tanh)
    case("relu", [(B, D)], torch.relu)
    case("softmax", [(B, D)], lambda a: torch.softmax(a, 1))
    mask = torch.tensor([[j > i for j in range(D)] for i in range(B)])
    case("masked_softmax", [(B, D)], lambda a: torch.softmax(a.masked_fill(mask, -torch.inf), 1))
    case("layer_norm", [(B, D), (1, D), (1, D)], lambda a, g, s: F.layer_norm(a, (D,), g[0], s[0], 1e-5))
    case("mean", [(B, D)], lambda a: a.mean(), is_loss=True)
    case("sum_squares", [(B, D)], lambda a: (a * a).sum(), is_loss=True)
    case("cross_entropy", [(B, N)], lambda s: F.cross_entropy(s, target_tensor), is_loss=True)
    case("cross_entropy_full", [(B, D), (N, D), (N, 1)],
         lambda x, v, b: F.cross_entropy(x @ v.T + b[:, 0], target_tensor), is_loss=True)
    case("bpr", [(B, N)], rows_that_count(bpr), is_loss=True)
    case("bpr_max", [(B, N)], rows_that_count(bpr_max), is_loss=True)
    case("top1_max", [(B, N)], rows_that_count(top1_max), is_loss=True)
    array("float", "truth_labels", labels.flatten().tolist())
    case("binary", [(B, N)], lambda s: F.binary_cross_entropy_with_logits(s, labels), is_loss=True)
    case("mse", [(B, N)], lambda s: F.mse_loss(s, labels), is_loss=True)
    print("static const truth_case truth_cases[] = {")
    for name, shapes, n_out, is_loss in cases:
        shape = ", ".join(f"{{ {s[0]}, {s[1]} }}" for s in shapes)
        ins = ", ".join(f"truth_{name}_in{i}" for i in range(len(shapes)))
        grads = ", ".join(f"truth_{name}_grad{i}" for i in range(len(shapes)))
        print(f'  {{ "{name}", {len(shapes)}, {{ {shape} }}, {{ {ins} }}, {{ {grads} }}, truth_{name}_w, truth_{name}_out, {n_out}, '
              f'{str(is_loss).lower()} }},')
    print("};")


# ---------------------------------------------------------------------- networks
ITEMS, WIDTH, STATE, LAYERS, STEPS, PEOPLE = 9, 5, 4, 2, 6, 3


def forward(net, embedding, v, bias, inputs):
    x = embedding[inputs]                      # [T, B, D]
    h, _ = net(x)
    return h, h @ v.T + bias


def round_to_float(params):
    with torch.no_grad():
        for p in params:
            p.copy_(p.float().double())


def network(kind, trained):
    torch.manual_seed(7)
    net = (torch.nn.LSTM if kind == "lstm" else torch.nn.GRU)(WIDTH, STATE, LAYERS).double()
    embedding = draw(ITEMS, WIDTH).requires_grad_()
    v, bias = draw(ITEMS, STATE).requires_grad_(), draw(ITEMS).requires_grad_()
    params = [embedding, v, bias] + list(net.parameters())
    inputs = torch.tensor(rng.integers(0, ITEMS, (STEPS, PEOPLE)))
    wanted = torch.tensor(rng.integers(0, ITEMS, (STEPS, PEOPLE)))
    round_to_float(params)
    if trained:
        optimiser = torch.optim.Adam(params, 0.05)
        for _ in range(60):
            optimiser.zero_grad()
            F.cross_entropy(forward(net, embedding, v, bias, inputs)[1].flatten(0, 1), wanted.flatten()).backward()
            optimiser.step()
        round_to_float(params)
    for p in params:
        p.grad = None
    h, scores = forward(net, embedding, v, bias, inputs)
    loss = F.cross_entropy(scores.flatten(0, 1), wanted.flatten())
    loss.backward()
    stem = f"truth_{kind}_{'trained' if trained else 'random'}"
    names = ["embedding.weight", "items.weight", "items.bias"] + [n for n, _ in net.named_parameters()]
    for i, p in enumerate(params):
        array("float", f"{stem}_value{i}", p.detach().flatten().tolist())
        array("double", f"{stem}_grad{i}", p.grad.flatten().tolist())
    array("uint32_t", f"{stem}_inputs", inputs.flatten().tolist())
    array("uint32_t", f"{stem}_wanted", wanted.flatten().tolist())
    array("double", f"{stem}_states", h.detach().flatten().tolist())
    array("double", f"{stem}_scores", scores[-1].detach().flatten().tolist())
    print(f"static const truth_tensor {stem}_params[] = {{")
    for i, (n, p) in enumerate(zip(names, params)):
        shape = list(p.shape) + [1] * (2 - p.dim())
        print(f'  {{ "{kind}.{n}", {shape[0]}, {shape[1]}, {p.dim()}, {stem}_value{i}, {stem}_grad{i} }},')
    print("};")
    return f'{{ "{kind}", {stem}_params, {len(params)}, {stem}_inputs, {stem}_wanted, {stem}_states, {stem}_scores, {loss.item().hex()} }}'


# -------------------------------------------------------------------- optimisers
def optimisers():
    start, grads = draw(3, 4), [draw(3, 4) for _ in range(5)]
    array("float", "truth_steps_start", start.flatten().tolist())
    array("float", "truth_steps_grads", torch.stack(grads).flatten().tolist())
    rules = [("sgd", lambda p: torch.optim.SGD(p, 0.125, momentum=0.5, weight_decay=0.0625), 1.5),
             ("adagrad", lambda p: torch.optim.Adagrad(p, 0.125, weight_decay=0.0625, eps=1e-8), 0),
             ("adam", lambda p: torch.optim.Adam(p, 0.125, weight_decay=0.0625), 0),
             ("adamw", lambda p: torch.optim.AdamW(p, 0.125, weight_decay=0.0625), 1.5)]
    for name, make, clip in rules:
        p = start.clone().requires_grad_()
        optimiser, norms = make([p]), []
        for g in grads:
            p.grad = g.clone()
            norms.append(torch.nn.utils.clip_grad_norm_([p], clip if clip else 1e30).item())
            optimiser.step()
        array("double", f"truth_steps_{name}", p.detach().flatten().tolist())
    array("double", "truth_steps_norms", norms)


def schedules():
    for name, make in [("linear", lambda o: torch.optim.lr_scheduler.LinearLR(o, 1.0, 0.0, 40)),
                       ("cosine", lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 40, 0.0))]:
        p = torch.zeros(1, requires_grad=True)
        o = torch.optim.SGD([p], 0.75)
        schedule, rates = make(o), []
        for _ in range(41):
            rates.append(o.param_groups[0]["lr"])
            o.step()
            schedule.step()
        array("double", f"truth_rates_{name}", rates)


print(f"/* tape_truth.h - made by make_tape.py with torch {torch.__version__} and numpy {np.__version__}; do not edit. */")
print("""#ifndef INK_TAPE_TRUTH_H
#define INK_TAPE_TRUTH_H
#include <stdbool.h>
#include <stdint.h>
typedef struct truth_case {
  const char *name; int n_in; uint32_t shape[3][2]; const float *in[3]; const double *grad[3];
  const float *w; const double *out; uint32_t n_out; bool is_loss;
} truth_case;
typedef struct truth_tensor { const char *name; uint32_t rows, cols; int rank; const float *value; const double *grad; } truth_tensor;
typedef struct truth_net {
  const char *kind; const truth_tensor *params; int n_params; const uint32_t *inputs, *wanted;
  const double *states, *scores; double loss;
} truth_net;""")
print(f"enum {{ TRUTH_ITEMS = {ITEMS}, TRUTH_WIDTH = {WIDTH}, TRUTH_STATE = {STATE}, TRUTH_LAYERS = {LAYERS}, "
      f"TRUTH_STEPS = {STEPS}, TRUTH_PEOPLE = {PEOPLE} }};")
operations()
nets = [network(kind, trained) for kind in ("lstm", "gru") for trained in (False, True)]
print("/* Inputs, wanted and states are time-major; scores are those after the last step. */")
print("static const truth_net truth_nets[] = {\n  " + ",\n  ".join(nets) + "\n};")
optimisers()
schedules()
print("#endif")
