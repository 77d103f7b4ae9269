"""Makes the runs of a file of optimizer courses again: lbfgs with torch.optim.LBFGS, muon with NumPy, gradient_flow
with small Runge-Kutta steps in NumPy. Exit 1: they differ; 77: no PyTorch."""
import json
import sys

try:
    import numpy as np
    import torch
except ImportError:
    sys.exit(77)

BOUND = {"lbfgs": 1e-9, "muon": 1e-12}
A, B, BIAS = (2, 3, 4), (2, 4, 2), (1, 1, 2)


def matrices(flat):
    parts, at = [], 0
    for shape in (A, B, BIAS):
        size = int(np.prod(shape))
        parts.append(flat[at:at + size].reshape(shape))
        at += size
    return parts


def loss_of(case):
    if case["loss"] == "valley":
        return lambda p: (100 * (p[1:] - p[:-1] ** 2) ** 2 + (1 - p[:-1]) ** 2).sum()
    x = torch.tensor(case["x"], dtype=torch.float64).reshape(-1, 3)
    target = torch.tensor(case["target"], dtype=torch.float64).reshape(-1, 2)

    def network(p):
        a, b, bias = matrices(p)
        out = sum(torch.tanh(x @ a[h]) @ b[h] for h in range(2)) + bias[0]
        return ((out - target) ** 2).sum() / 2
    return network


def lbfgs(case):
    p = torch.tensor(case["start"], dtype=torch.float64, requires_grad=True)
    loss = loss_of(case)
    search = None if case["options"].get("line_search") == "none" else "strong_wolfe"
    optimizer = torch.optim.LBFGS([p], lr=case["rate"], max_iter=1, line_search_fn=search,
                                  history_size=case["options"].get("history_size", 10))

    def closure():
        optimizer.zero_grad()
        value = loss(p)
        value.backward()
        return value
    for _ in case["steps"]:
        optimizer.step(closure)
        yield p.detach().numpy().copy()


def velocity_of(case):
    """-rate grad of the network by hand, which is many times faster than autograd at this size."""
    x, target = np.array(case["x"]).reshape(-1, 3), np.array(case["target"]).reshape(-1, 2)

    def velocity(p):
        a, b, bias = matrices(p)
        unit = np.tanh(x @ a)
        error = (unit @ b).sum(0) + bias[0] - target
        back = (error @ b.transpose(0, 2, 1)) * (1 - unit ** 2)
        slopes = (x.T @ back, unit.transpose(0, 2, 1) @ error, error.sum(0))
        return -case["rate"] * np.concatenate([s.ravel() for s in slopes])
    at = torch.tensor(case["start"], dtype=torch.float64, requires_grad=True)
    loss_of(case)(at).backward()
    assert np.allclose(velocity(np.array(case["start"])), -case["rate"] * at.grad.numpy(), rtol=1e-12, atol=1e-12)
    return velocity


def rk4(velocity, p, interval, parts):
    h = interval / parts
    for _ in range(parts):
        k1 = velocity(p)
        k2 = velocity(p + h / 2 * k1)
        k3 = velocity(p + h / 2 * k2)
        k4 = velocity(p + h * k3)
        p = p + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return p


def gradient_flow(case):
    velocity, options = velocity_of(case), case["options"]
    n, p, t = len(case["steps"]), np.array(case["start"]), 0.0
    for k, step in enumerate(case["steps"], 1):
        if options.get("method") == "rk4":
            end = k * options["step_size"]
            p = rk4(velocity, p, options["step_size"], 1)
        else:
            first, last = options.get("first_time"), options["end_time"]
            end = first * (last / first) ** ((k - 1) / (n - 1)) if first else last * k / n
            parts = max(2, int(np.ceil((end - t) / 0.003)))
            fine, coarse = rk4(velocity, p, end - t, 2 * parts), rk4(velocity, p, end - t, parts)
            p = fine + (fine - coarse) / 15  # Richardson: of order 5
        assert abs(step["time"] - end) < 1e-12 * end, (step["time"], end)
        t = end
        yield p


def orthogonal(g, steps):
    x = g / (np.linalg.norm(g) + 1e-7)
    turned = x.shape[0] > x.shape[1]
    x = x.T if turned else x
    for _ in range(steps):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return x.T if turned else x


def muon(case):
    options = case["options"]
    mu, decay = options.get("momentum", 0.95), options.get("weight_decay", 0.0)
    beta1, beta2 = options.get("beta1", 0.9), 0.999
    p = matrices(np.array(case["start"]))
    velocity, square = [np.zeros_like(m) for m in p], [np.zeros_like(m) for m in p]
    by_adam = ["W_V" in options.get("adam_matrices", ""), "W_O" in options.get("adam_matrices", ""), True]
    for t, step in enumerate(case["steps"], 1):
        for m, g in enumerate(matrices(np.array(step["gradient"]))):
            rate = case["rates"][m]
            if by_adam[m]:
                rate *= options.get("adam_rate_factor", 1.0)
                velocity[m] = beta1 * velocity[m] + (1 - beta1) * g
                square[m] = beta2 * square[m] + (1 - beta2) * g ** 2
                mean = velocity[m] / (1 - beta1 ** t)
                p[m] = (1 - rate * decay) * p[m] - rate * mean / (np.sqrt(square[m] / (1 - beta2 ** t)) + 1e-8)
                continue
            velocity[m] = mu * velocity[m] + g
            update = g + mu * velocity[m] if options.get("nesterov", True) else velocity[m]
            rows, columns = g.shape[1:]
            if options.get("scale") == "match_adam":
                scale = 0.2 * max(rows, columns) ** 0.5
            else:
                scale = max(1, columns / rows) ** 0.5
            made = np.stack([orthogonal(u, options.get("newton_schulz_steps", 5)) for u in update])
            p[m] = (1 - rate * decay) * p[m] - rate * scale * made
        yield np.concatenate([m.ravel() for m in p])


failed = False
for case in json.load(open(sys.argv[1])):
    kind = case["kind"]
    bound = BOUND.get(kind, 1e-12 if case["options"].get("method") == "rk4"
                      else 30 * case["options"].get("relative_tolerance", 1e-7))
    again = {"lbfgs": lbfgs, "muon": muon, "gradient_flow": gradient_flow}[kind](case)
    worst = max(float(np.abs(p - np.array(step["after"])).max()) for p, step in zip(again, case["steps"], strict=True))
    moved = float(np.abs(np.array(case["start"]) - np.array(case["steps"][-1]["after"])).max())
    if not (worst <= bound and moved > 1e-3):  # NaN fails too
        failed = True
        print(f"{kind}, {case['title']}: differs by {worst:g}, allowed {bound:g}; moved by {moved:g}")
    elif len(sys.argv) > 2:
        print(f"{kind}, {case['title']}: {worst:g} of {bound:g}; moved by {moved:g}")
sys.exit(1 if failed else 0)
