"""Models that PyTorch made and the safetensors library saved, for tests of `inkling pack`: tests/golden/models/torch_*.safetensors, and
what PyTorch computes with them, in double, for some histories: torch_scores.json.

    python3 tests/golden/make_torch_model.py        needs: torch, safetensors

lstm: two layers, D 6, H 5, scores by a linear layer with a bias. gru: one layer, D = H = 8, scores by the embedding, whose row 0 is
padding (padding_idx=0), so item i is row i + 1. Weights are drawn, not trained: a test of arithmetic needs no more.
"""
import json
import os

import safetensors
import torch
from safetensors.torch import save_file

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "models")
N = 12
HISTORIES = [[3], [0, 1, 2], [5, 5, 11, 0, 7, 2, 9, 9, 4, 1, 8, 10, 3]]


class Lstm(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(N, 6)
        self.lstm = torch.nn.LSTM(6, 5, num_layers=2, batch_first=True)
        self.items = torch.nn.Linear(5, N)

    def forward(self, items):
        return self.items(self.lstm(self.embedding(items))[0][:, -1])


class Gru(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(N + 1, 8, padding_idx=0)
        self.gru = torch.nn.GRU(8, 8, batch_first=True)

    def forward(self, items):
        return (self.gru(self.embedding(items + 1))[0][:, -1] @ self.embedding.weight.T)[:, 1:]


torch.manual_seed(20251122)
truth = {"torch": torch.__version__, "safetensors": safetensors.__version__, "histories": HISTORIES}
os.makedirs(folder, exist_ok=True)
for name, model in [("lstm", Lstm()), ("gru", Gru())]:
    for p in model.parameters():
        torch.nn.init.normal_(p, std=0.6)
    save_file(model.state_dict(), os.path.join(folder, f"torch_{name}.safetensors"))
    model = model.double()
    with torch.no_grad():
        truth[name] = [model(torch.tensor([h]))[0].tolist() for h in HISTORIES]
with open(os.path.join(folder, "torch_scores.json"), "w") as f:
    json.dump(truth, f)
    f.write("\n")
