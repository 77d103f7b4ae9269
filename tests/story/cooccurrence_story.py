"""cooccurrence_story.py: word co-occurrence against an independent NumPy computation of Yang et al. 2024.

From the recorded data and first parameters, gradient descent is done anew in the compact form: with tok(i, h) the tokens,
p attention over keys h, G = W_V^T u, f_il = sum_h p_lh G(x_h), F_i = sum_l f_il, g = 1 / (1 + exp(y F)),
    r[tok(i,h)] += g y / n p_lh        N[tok(i,h), tok(i,l)] += g y / (n sqrt m) p_lh (G(x_h) - f_il)
    W' = a (W_V r)^T    W_V' = u r^T    W_K' = W_Q N^T    W_Q' = W_K N        (matrices as in the paper: [output, input])
"""
import os
import unittest

import h5py
import numpy as np
from program import Story

STEPS = 120
GRID = """\
name: compact
trial:
  seed: 7
  task: {plugin: cooccurrence, dim: 20, sequence_length: 5, samples: 12}
  model:
    embedding: one_hot
    key_dim: 16
    value_dim: 16
    output_projection: false
    bias: false
    readout: sum
    head: {hidden: 12, activation: identity, second_layer: fixed_signs}
    train: TRAIN
  loss: logistic
  optimizer: {plugin: gradient_descent, learning_rate: 0.05}
  training: {steps: 120, batch: full, precision: float64}
  record:
    metrics: {every: 1}
    measures: [cooccurrence, flow_invariants]
    parameters: {steps: [0, last]}
    data: true
"""


class Compact:
    def __init__(self, cohort):
        first = lambda name: cohort["parameter_" + name][0, 0]
        self.q, self.k, self.v = (first(name)[0].T.copy() for name in ("W_Q", "W_K", "W_V"))  # [m, d]
        self.w, self.a = first("W_H1").T.copy(), first("W_H2").reshape(-1)                     # [m1, m], [m1]
        self.tokens, self.y = cohort["data_tokens"][0], cohort["data_targets"][0].reshape(-1).astype(float)
        self.group = cohort["data_group"][0]
        self.n, self.root = len(self.y), np.sqrt(self.q.shape[0])
        self.start = self.scores()

    def scores(self):
        return self.k.T @ self.q  # [key, query]

    def flow(self):
        """Velocities of the four matrices, and what is recorded at this point."""
        u = self.w.T @ self.a
        output, scores = self.v.T @ u, self.scores()
        r, nn = np.zeros(len(output)), np.zeros_like(scores)
        margin = np.empty(self.n)
        for i, x in enumerate(self.tokens):
            s = scores[np.ix_(x, x)] / self.root  # [key, query]
            p = np.exp(s - s.max(0))
            p /= p.sum(0)
            f = output[x] @ p
            margin[i] = self.y[i] * f.sum()
            weight = self.y[i] / (1 + np.exp(margin[i])) / self.n
            np.add.at(r, x, weight * p.sum(1))
            np.add.at(nn, (x[:, None], x[None, :]), weight / self.root * p * (output[x][:, None] - f))
        g = 1 / (1 + np.exp(margin))
        dw, dv = np.outer(self.a, self.v @ r), np.outer(u, r)
        dk, dq = self.q @ nn.T, self.k @ nn
        du = dw.T @ self.a
        b = dv.T @ self.v + self.v.T @ dv
        pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
        align = self.a[:, None] * (dw @ self.v[:, :2] + self.w @ dv[:, :2])
        seen = {
            "loss": np.logaddexp(0, -margin).mean(),
            "token_output": output[:3],
            "token_output_rate": (dv.T @ u + self.v.T @ du)[:3],
            "random_token_output": np.abs(output[3:]).max(),
            "score_correlation": scores[:3, :3],
            "value_correlation_rate": [b[i, j] for i, j in pairs],
            "neuron_correlation": u @ u,
            "neuron_correlation_rate": 2 * u @ du,
            "neuron_correlation_rate_from_margins": 2 * len(self.a) / self.n * g @ margin,
            "neuron_alignment_rate": align.min(),
            "loss_derivative": [g[self.group == c].sum() / self.n for c in range(4)],
            "loss_derivative_spread": [g[self.group == c].max() / g[self.group == c].min() for c in range(4)],
            "least_margin": margin.min(),
        }
        return seen, {"w": dw, "v": dv, "k": dk, "q": dq}


class Cooccurrence(Story):
    def train(self, name, matrices):
        grid = self.write(name + ".yaml", GRID.replace("TRAIN", matrices))
        self.attnlab("run", grid, "--out", name)
        results = h5py.File(self.path(name, "results.h5"))
        self.addCleanup(results.close)
        return results["cohorts/c0"]

    def compare(self, cohort, trained):
        model = Compact(cohort)
        for step in range(STEPS + 1):
            seen, rates = model.flow()
            seen["score_correlation_rate"] = (
                (rates["k"] if "k" in trained else 0 * model.k).T @ model.q
                + model.k.T @ (rates["q"] if "q" in trained else 0 * model.q))[:3, :3]
            for name, value in seen.items():
                if name in ("token_output_rate", "value_correlation_rate") and "v" not in trained:
                    continue
                got = cohort[name][0, step]
                np.testing.assert_allclose(got, value, rtol=1e-9, atol=1e-9 * np.abs(value).max() + 1e-13,
                                           err_msg=f"{name} after {step} updates")
            if step < STEPS:
                for matrix in trained:
                    setattr(model, matrix, getattr(model, matrix) + 0.05 * rates[matrix])
        return model

    def test_trajectory_and_measures_are_those_of_an_independent_computation(self):
        cohort = self.train("all", "all")
        model = self.compare(cohort, "wvkq")
        change = np.abs(model.scores() - model.start)
        change[:3, :3] = 0
        np.testing.assert_allclose(cohort["random_score_change"][0, -1], change.max(), rtol=1e-9)
        for name, now in (("W_Q", model.q), ("W_K", model.k), ("W_V", model.v)):
            np.testing.assert_allclose(cohort["parameter_" + name][0, -1][0].T, now, rtol=1e-9, atol=1e-12)

    def test_invariants_drift_as_the_matrices_say(self):
        cohort = self.train("all", "all")
        at = lambda name, k: cohort["parameter_" + name][0, k]
        drift = {}
        for k in (0, -1):
            h, v, q, key = at("W_H1", k), at("W_V", k)[0], at("W_Q", k)[0], at("W_K", k)[0]
            drift[k] = h @ h.T - v.T @ v, key.T @ key - q.T @ q
        for place, name in enumerate(("value_invariant_drift", "score_invariant_drift")):
            start, end = drift[0][place], drift[-1][place]
            np.testing.assert_allclose(cohort[name][0, -1], np.linalg.norm(end - start) / np.linalg.norm(start),
                                       rtol=1e-6, atol=1e-13)
        self.assertLess(cohort["rank_one_residual"][0].max(), 1e-12)

    def test_frozen_attention_does_not_move(self):
        cohort = self.train("frozen", "[W_V, W_H1]")
        self.compare(cohort, "wv")
        self.assertEqual(cohort["attention_change"][0].max(), 0)
        self.assertEqual(np.abs(cohort["score_correlation_rate"][0]).max(), 0)
        check = self.attnlab("check", "frozen", "--claims", "attention_scores_separate,two_phases", expect=None)
        self.assertNotIn(" holds ", check.stdout)

    def test_closed_forms_fail_where_attention_is_no_spectator(self):
        scale = "{normal: 0.8385254916}"  # 300 times that of the paper
        grid = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "configs", "papers", "a-query-scale.yaml")
        self.attnlab("run", grid, "--out", "strong", "--progress", "none", "--set", "sweep={grid: {seed: [100]}}",
                     "--set", f"model.init.W_Q={scale}", "--set", f"model.init.W_K={scale}")
        said = self.attnlab("check", "strong", expect=1).stdout
        for claim in ("dual_ratio", "rate_constant", "score_speed", "attention_form", "random_words_small", "bounded_ratio"):
            self.assertRegex(said, rf"{claim} +trial 0 .* does not hold")
        self.assertRegex(said, r"attention_joins +trial 0 .* holds ")

    def test_measures_survive_an_interruption(self):
        whole = self.write("whole.yaml", GRID.replace("TRAIN", "all"))
        self.attnlab("selfcheck", whole, timeout=120)

    def test_a_run_says_where_it_leaves_the_assumptions(self):
        grid = self.write("warned.yaml", GRID.replace("TRAIN", "all") + "claims: [two_phases]\n")
        self.assertIn("random tokens repeat in the training set", self.attnlab("run", grid, "--out", "warned").stderr)


if __name__ == "__main__":
    unittest.main()
