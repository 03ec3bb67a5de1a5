"""Writes regression.json: what scikit-learn finds for the samples that samples.js makes, too.

`.venv/bin/python tests/panel-units/regression.py` writes it again.
"""

import json
from pathlib import Path
from typing import Final

import numpy as np
from sklearn.linear_model import LogisticRegression

_MODULUS: Final = 2**31 - 1
_FACTOR: Final = 48_271
_SETS: Final = ((8, 12, 5), (1152, 40, 6))
"""How many features, and how many samples of both classes."""
_WEIGHTS: Final = 100
"""How many weights are written."""


def _samples(features: int, meant: int, not_meant: int) -> tuple[np.ndarray, np.ndarray]:
    """Return samples and their classes, as samples.js makes them."""
    state = 1
    samples = np.empty((meant + not_meant, features))
    for number, sample in enumerate(samples):
        for place in range(features):
            state = state * _FACTOR % _MODULUS
            shift = 4 if number < meant and place % 4 == 0 else 0
            sample[place] = 20 * state / _MODULUS - shift
    return samples, np.arange(len(samples)) < meant


def _fit(samples: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, float]:
    """Return weights and bias for the samples as they are."""
    mean = samples.mean(axis=0)
    scale = np.sqrt(((samples - mean) ** 2).sum(axis=1).mean())
    model = LogisticRegression(
        C=1, class_weight="balanced", solver="newton-cholesky", tol=1e-12, max_iter=1000
    )
    model.fit((samples - mean) / scale, classes)
    weights = model.coef_[0] / scale
    return weights, float(model.intercept_[0] - weights @ mean)


def _expected(features: int, meant: int, not_meant: int) -> dict[str, object]:
    samples, classes = _samples(features, meant, not_meant)
    weights, bias = _fit(samples, classes)
    left_out = []
    for number, sample in enumerate(samples):
        others = np.arange(len(samples)) != number
        without, offset = _fit(samples[others], classes[others])
        left_out.append(float(without @ sample + offset))
    return {
        "features": features,
        "meant": meant,
        "not_meant": not_meant,
        "weights": weights[:_WEIGHTS].tolist(),
        "bias": bias,
        "left_out": left_out,
    }


if __name__ == "__main__":
    expected = [_expected(*sizes) for sizes in _SETS]
    target = Path(__file__).with_name("regression.json")
    target.write_text(json.dumps(expected, indent=2) + "\n", "utf-8")
