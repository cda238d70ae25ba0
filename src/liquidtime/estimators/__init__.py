"""Estimators with the conventions of scikit-learn: series in, classes, numbers or forecasts out."""

from liquidtime.estimators.classifier import LTCClassifier
from liquidtime.estimators.forecaster import LTCForecaster
from liquidtime.estimators.intervals import Interval
from liquidtime.estimators.layout import channels_last
from liquidtime.estimators.regressor import LTCRegressor

__all__ = ["Interval", "LTCClassifier", "LTCForecaster", "LTCRegressor", "channels_last"]
