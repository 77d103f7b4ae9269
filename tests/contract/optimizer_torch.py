"""Takes the steps of a file of trajectories again with torch.optim and compares. Exit 1: they differ; 77: no PyTorch."""
import json
import sys

try:
    import torch
except ImportError:
    sys.exit(77)

BOUND = 1e-12


def largest_difference(case):
    p = torch.tensor(case["start"], dtype=torch.float64, requires_grad=True)
    options = dict(case["options"])
    if "betas" in options:
        options["betas"] = tuple(options["betas"])
    optimizer = getattr(torch.optim, case["torch"])([p], lr=0.0, **options)
    worst = 0.0
    for step in case["steps"]:
        group = optimizer.param_groups[0]
        group["lr"] = step["rate"]
        if "momentum" in step:  # as OneCycleLR does
            if "betas" in group:
                group["betas"] = (step["momentum"], group["betas"][1])
            else:
                group["momentum"] = step["momentum"]
        p.grad = torch.tensor(step["gradient"], dtype=torch.float64)
        optimizer.step()
        after = torch.tensor(step["after"], dtype=torch.float64)
        worst = max(worst, float((p.detach() - after).abs().max()))
    return worst


failed = False
for case in json.load(open(sys.argv[1])):
    worst = largest_difference(case)
    if not worst <= BOUND:  # NaN fails too
        failed = True
        print(f"{case['title']}: differs from torch.optim.{case['torch']} by {worst:g}, allowed {BOUND:g}")
sys.exit(1 if failed else 0)
