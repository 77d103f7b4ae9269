"""torch_reference.py: seconds a training step takes in PyTorch on one thread, of the trials of train_bench.cpp.

Eager mode and plain modules, as one writes them by hand. Prints a JSON object: name -> seconds.
"""
import json
import time

import torch
from torch import nn

torch.set_num_threads(1)


def seconds_a_step(step, n, repeats=3):
    step()
    best = float("inf")
    for _ in range(repeats):
        begin = time.perf_counter()
        for _ in range(n):
            step()
        best = min(best, (time.perf_counter() - begin) / n)
    return best


def cooccurrence():
    torch.manual_seed(1)
    d, m, hidden = 64, 128, 256
    x = nn.functional.one_hot(torch.randint(0, d, (60, 5)), d).double()
    y = torch.randint(0, 2, (60,)).double() * 2 - 1
    q, k, v = (nn.Linear(d, m, bias=False).double() for _ in range(3))
    w = nn.Linear(m, hidden, bias=False).double()
    a = (torch.randint(0, 2, (hidden,)) * 2 - 1).double()
    optimizer = torch.optim.SGD([*q.parameters(), *k.parameters(), *v.parameters(), *w.parameters()], lr=0.01)

    def step():
        optimizer.zero_grad()
        p = torch.softmax(q(x) @ k(x).transpose(1, 2) / m**0.5, dim=-1)
        f = (w(p @ v(x)) @ a).sum(dim=1)
        nn.functional.softplus(-y * f).mean().backward()
        optimizer.step()

    return seconds_a_step(step, 200)


class Layer(nn.Module):
    def __init__(self, dim, heads, hidden):
        super().__init__()
        self.heads = heads
        self.norm_1, self.norm_2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.q, self.k, self.v, self.o = (nn.Linear(dim, dim) for _ in range(4))
        self.feed_forward = nn.Sequential(nn.Linear(dim, hidden), nn.GELU(), nn.Linear(hidden, dim))

    def forward(self, x):
        n, t, dim = x.shape
        z = self.norm_1(x)
        q, k, v = (f(z).view(n, t, self.heads, -1).transpose(1, 2) for f in (self.q, self.k, self.v))
        p = torch.softmax(q @ k.transpose(-2, -1) / (dim / self.heads) ** 0.5, dim=-1)
        x = x + self.o((p @ v).transpose(1, 2).reshape(n, t, dim))
        return x + self.feed_forward(self.norm_2(x))


def encoder():
    torch.manual_seed(1)
    tokens, dim, vocabulary = 1024, 64, 256
    ids = torch.randint(0, vocabulary, (48, tokens))
    y = torch.randint(0, 2, (48,)).float() * 2 - 1
    embedding, positions = nn.Embedding(vocabulary, dim), nn.Parameter(torch.randn(tokens, dim) * 0.02)
    body = nn.Sequential(Layer(dim, 2, 128), Layer(dim, 2, 128), nn.LayerNorm(dim))
    head = nn.Sequential(nn.Linear(dim, 128), nn.ReLU(), nn.Linear(128, 1))
    parameters = [*embedding.parameters(), positions, *body.parameters(), *head.parameters()]
    optimizer = torch.optim.SGD(parameters, lr=0.001)

    def step():
        rows = torch.randperm(48)[:8]
        optimizer.zero_grad()
        f = head(body(embedding(ids[rows]) + positions).mean(dim=1)).squeeze(1)
        nn.functional.softplus(-y[rows] * f).mean().backward()
        optimizer.step()

    return seconds_a_step(step, 3)


print(json.dumps({"cooccurrence": cooccurrence(), "encoder": encoder()}))
