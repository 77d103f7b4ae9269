"""expected.py: what make_results wrote, computed here a second time; and how a reader that is not installed is skipped."""
import math
import sys


def skip(reason):
    print("SKIPPED:", reason)
    sys.exit(77)


def final_loss(n):
    if n == 1:
        return math.nan
    last = 2 if n == 2 else 4
    return 1 + 1000 * n + last / 7


def weight(n, snapshot, head, sample, query, key):
    return n * 100000 + snapshot * 10000 + head * 1000 + sample * 100 + query * 10 + key


def check_losses(losses):
    assert len(losses) == 12, len(losses)
    for n, loss in enumerate(losses):
        assert loss == final_loss(n) or (math.isnan(loss) and n == 1), (n, loss)


def check_map(attention, n, snapshot, head, sample):
    size = 6 if n % 5 == 4 else 4
    assert len(attention) == size, len(attention)
    for query in range(size):
        for key in range(size):
            assert attention[query][key] == weight(n, snapshot, head, sample, query, key)
