#!/usr/bin/env python3
"""reference.py: computes outputs, loss and gradients of the models of numbers.cpp anew, in PyTorch with padded batches, and compares.

Exit 1 if a number differs by more than 1e-10 of the largest of its matrix, 77 (skipped) without PyTorch.
"""
import json
import math
import subprocess
import sys

try:
    import torch
    import torch.nn.functional as F
except ImportError:
    print("skipped: PyTorch is not installed for /usr/bin/python3")
    sys.exit(77)

torch.set_default_dtype(torch.float64)
tolerance = 1e-10


def random_bits(seed, stream, index):
    """Philox4x32-10 with the counter (index / 2, stream), two 64-bit numbers a block."""
    low, high, mask = (lambda x: x & 0xffffffff), (lambda x: x >> 32), 0xffffffff
    c = [low(index // 2), high(index // 2), low(stream), high(stream)]
    key = [low(seed), high(seed)]
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [high(b) ^ c[1] ^ key[0], low(b), high(a) ^ c[3] ^ key[1], low(a)]
        key = [(key[0] + 0x9E3779B9) & mask, (key[1] + 0xBB67AE85) & mask]
    words = c[2:] if index % 2 else c[:2]
    return words[1] << 32 | words[0]


class Reference:
    def __init__(self, case):
        self.case, self.model = case, case["trial"]["model"]
        self.p = {}
        for name, m in case["matrices"].items():
            self.p[name] = torch.tensor(m["value"]).reshape(m["shape"]).requires_grad_("gradient" in m)
        first = case["first"]
        self.lengths = [b - a for a, b in zip(first, first[1:])]
        self.n, self.longest = len(self.lengths), max(self.lengths)
        self.valid = torch.tensor([[t < n for t in range(self.longest)] for n in self.lengths])

    def get(self, key, default):
        return self.model.get(key, default)

    def padded(self, flat):
        """[token, ...] to [sample, longest, ...]; padding holds 999 and NaN, which must not matter."""
        out = torch.full((self.n, self.longest) + flat.shape[1:], 999 if flat.dtype == torch.long else math.nan,
                         dtype=flat.dtype)
        out[self.valid] = flat
        return out

    def bias(self, name):
        return self.p[name].reshape(-1) if name in self.p else 0.0

    def norm(self, x, name):
        return F.layer_norm(x, x.shape[-1:], self.p[name + "_gain"].reshape(-1), self.p[name + "_bias"].reshape(-1), 1e-5)

    def embed(self):
        if self.case["inputs"]:
            rows = torch.tensor(self.case["inputs"]).reshape(sum(self.lengths), -1)
            x = torch.nan_to_num(self.padded(rows))
            if self.get("embedding", "learned") == "linear":
                x = x @ self.p["W_E"][0] + self.bias("b_E")
                if self.get("positions", "none") == "learned":
                    x = x + self.p["W_P"][0][:self.longest]
            return x
        ids = self.padded(torch.tensor(self.case["tokens"])).clamp(max=8) * self.valid
        if self.get("embedding", "learned") == "one_hot":
            return F.one_hot(ids, 9).to(torch.float64)
        table = self.p["W_E"][0]
        x = table[ids]
        places = torch.arange(self.longest)
        if self.get("positions", "none") == "learned":
            x = x + self.p["W_P"][0][places]
        if self.get("positions", "none") == "sinusoidal":
            dim = table.shape[1]
            angle = places[:, None] * torch.exp(-torch.arange(0, dim, 2) * math.log(10000.0) / dim)
            wave = torch.stack([torch.sin(angle), torch.cos(angle)], dim=-1).reshape(self.longest, dim)
            x = x * math.sqrt(dim) + wave
        return x

    def weights(self, q, k):
        """[sample, head, query, key]"""
        attention = self.get("attention", {})
        kernel = attention["kernel"]
        tau = kernel["temperature"] or math.sqrt(self.case["key_dim"])
        seen = self.valid[:, None, None, :].expand(-1, -1, self.longest, -1)
        if attention.get("mask") == "causal":
            seen = seen & torch.ones(self.longest, self.longest).tril().bool()
        if kernel["plugin"] == "gaussian":
            distance = ((q[..., :, None, :] - k[..., None, :, :]) ** 2).sum(-1)
            return torch.exp(-distance / (2 * tau)) * seen
        return torch.softmax((q @ k.transpose(-1, -2) / tau).masked_fill(~seen, -math.inf), -1)

    def dropped(self, prefix):
        """[sample, head, query, key]: what the weights of a layer are multiplied by."""
        share = self.get("attention", {}).get("dropout", 0)
        if share == 0:
            return 1.0
        threshold, heads = round(share * 65536), self.get("heads", 1)
        layer = int(prefix[5:-1]) if prefix else 0
        factor = torch.zeros(self.n, heads, self.longest, self.longest)
        for h in range(heads):
            site = random_bits(self.case["seed"], 3 + 256 * (2 ** 20 + layer * heads + h), self.case["step"])
            for i, number in enumerate(self.case["numbers"]):
                for query in range(self.longest):
                    for key in range(self.longest):
                        word = random_bits(site, number, query << 32 | key // 4)
                        if (word >> 16 * (key % 4)) & 0xffff >= threshold:
                            factor[i, h, query, key] = 1 / (1 - threshold / 65536)
        return factor

    def attend(self, x, prefix):
        def project(matrix, bias):
            y = torch.einsum("btd,hdk->bhtk", x, self.p[prefix + matrix])
            return y + self.p[prefix + bias] if prefix + bias in self.p else y
        q, k, v = project("W_Q", "b_Q"), project("W_K", "b_K"), project("W_V", "b_V")
        o = (self.weights(q, k) * self.dropped(prefix)) @ v
        if not self.get("output_projection", True):
            return o.transpose(1, 2).flatten(2)
        return torch.einsum("bhte,hed->btd", o, self.p[prefix + "W_O"]) + self.bias(prefix + "b_O")

    def layer(self, x, prefix):
        norm, keep = self.get("norm", "none"), 1.0 if self.get("residual", False) else 0.0
        y = keep * x + self.attend(self.norm(x, prefix + "norm_1") if norm == "pre_layer" else x, prefix) \
            if keep else self.attend(x, prefix)
        if norm == "post_layer":
            y = self.norm(y, prefix + "norm_1")
        if norm == "l2":
            y = F.normalize(y, dim=-1)
        feed = self.get("feed_forward", "none")
        if feed == "none":
            return y
        f = self.norm(y, prefix + "norm_2") if norm == "pre_layer" else y
        h = f @ self.p[prefix + "W_F1"][0] + self.bias(prefix + "b_F1")
        h = F.gelu(h) if feed["activation"] == "gelu" else F.relu(h)
        z = y + h @ self.p[prefix + "W_F2"][0] + self.bias(prefix + "b_F2")
        return self.norm(z, prefix + "norm_2") if norm == "post_layer" else z

    def outputs(self):
        x = self.embed()
        layers = self.get("layers", 1)
        for l in range(layers):
            x = self.layer(x, f"layer{l}." if layers > 1 else "")
        if self.get("norm", "none") == "pre_layer":
            x = self.norm(x, "final_norm")
        kept = x.masked_fill(~self.valid[..., None], 0.0)
        readout, padded = self.get("readout", "sum"), self.case["max_tokens"]
        if isinstance(readout, dict):
            readout, padded = "mean_padded", readout["mean_padded"]
        if readout == "tokens":
            x = x[self.valid]
        elif readout == "last":
            x = torch.stack([x[i, n - 1] for i, n in enumerate(self.lengths)])
        else:
            by = {"sum": 1.0, "mean": self.valid.sum(1, keepdim=True), "mean_padded": padded}
            x = kept.sum(1) / by[readout]
        head = self.get("head", "none")
        if head == "none":
            return x
        if "classes" in head:
            return x @ self.p["W_C"][0] + self.bias("b_C")
        h = x @ self.p["W_H1"][0] + self.bias("b_H1")
        if head["activation"] == "relu":
            h = F.relu(h)
        return h @ self.p["W_H2"][0] + self.bias("b_H2")

    def loss(self, f):
        kind = self.case["trial"]["loss"]
        if kind == "squared":
            return 0.5 * ((f - torch.tensor(self.case["targets"]).reshape(f.shape)) ** 2).sum()
        ids = torch.tensor(self.case["target_ids"])
        if kind == "logistic":
            return F.softplus(-ids * f[:, 0]).sum()
        return F.cross_entropy(f, ids, reduction="sum", ignore_index=-1)


def distance(ours, theirs):
    ours = torch.tensor(ours).reshape(theirs.shape)
    return ((ours - theirs).abs().max() / theirs.abs().max().clamp(min=1e-3)).item()


def main():
    cases = json.loads(subprocess.run([sys.argv[1]], check=True, capture_output=True, text=True).stdout)
    worst = 0.0
    for case in cases:
        reference = Reference(case)
        f = reference.outputs()
        loss = reference.loss(f)
        loss.backward()
        found = {"outputs": distance(case["outputs"], f.detach()), "loss": distance(case["loss"], loss.detach())}
        for name, m in case["matrices"].items():
            if "gradient" in m:
                found["gradient of " + name] = distance(m["gradient"], reference.p[name].grad)
        for what, off in found.items():
            if not off <= tolerance:
                print(f"{case['name']}: {what} differs by {off:.1e}")
        print(f"{case['name']}: {len(found)} comparisons, the worst {max(found.values()):.1e}")
        worst = max([worst] + [v if v == v else math.inf for v in found.values()])
    return 0 if worst <= tolerance and len(cases) >= 6 else 1


if __name__ == "__main__":
    sys.exit(main())
