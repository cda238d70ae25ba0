"""What scikit-learn asks of every estimator, asked by its own checks."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from liquidtime.estimators import LTCClassifier, LTCRegressor

SHORT = {"hidden_size": 8, "epochs": 20, "learning_rate": 0.03}
LONG = {"hidden_size": 32, "epochs": 100, "learning_rate": 0.02, "batch_size": 20, "solver": "fused", "substeps": 1}
"""For the check that judges a fit: of ten columns in no order the fifth has the answer, a table and no series."""


@parametrize_with_checks([LTCClassifier(**SHORT), LTCRegressor(**SHORT)])
def test_the_checks_of_scikit_learn(estimator, check):
    if check.func.__name__ == "check_regressors_train":
        estimator.set_params(**LONG, patience=None, validation_fraction=None)
    check(estimator)


@pytest.mark.parametrize("kind", [LTCClassifier, LTCRegressor], ids=["classifier", "regressor"])
def test_nothing_is_done_before_fit(kind):
    """Settings are kept as they came, however wrong, and shown where they differ from the defaults."""
    tau = (3.0, 1.0)
    estimator = kind(hidden_size=-1, tau=tau)
    assert estimator.get_params()["tau"] is tau
    assert repr(estimator) == f"{kind.__name__}(hidden_size=-1, tau=(3.0, 1.0))"
    assert [name for name in vars(estimator) if name.endswith("_")] == []
    with pytest.raises(ValueError, match="hidden_size=-1: pass a whole number"):
        estimator.fit([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0], [0.0, 2.0]], [0, 1, 0, 1])
