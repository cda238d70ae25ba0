"""The training run: model with read-out, loop, checkpoint, run folder."""

from liquidtime.training.choices import GRADIENTS, MODELS, SCHEDULES, SOLVERS
from liquidtime.training.devices import ACCELERATORS, Devices
from liquidtime.training.epoch import DivergedError
from liquidtime.training.evaluate import evaluate
from liquidtime.training.folder.config import Settings, stored_settings
from liquidtime.training.folder.files import RunFolderError, encode_json, folder_aside, read_json, write_aside
from liquidtime.training.folder.run_folder import Run, load_model, open_run
from liquidtime.training.inference.intervals import read_intervals, residual_quantiles
from liquidtime.training.inference.live import Live
from liquidtime.training.inference.predict import predict, schema_of
from liquidtime.training.inference.rescored import rescored
from liquidtime.training.inference.trained import Trained, load
from liquidtime.training.inference.walk import walk
from liquidtime.training.loop import Loop
from liquidtime.training.model import SequenceModel, build_model, count_parameters
from liquidtime.training.objective import CrossEntropy, Objective, Scores, SquaredError, objective_of
from liquidtime.training.progress import EpochRecord, Progress
from liquidtime.training.ranks import LostRankError
from liquidtime.training.recipe import Recipe
from liquidtime.training.recipes import own_recipe, published_recipe, recipe_for
from liquidtime.training.train import train
from liquidtime.training.tuned import RECIPES

__all__ = [
    "ACCELERATORS",
    "GRADIENTS",
    "MODELS",
    "RECIPES",
    "SCHEDULES",
    "SOLVERS",
    "CrossEntropy",
    "Devices",
    "DivergedError",
    "EpochRecord",
    "Live",
    "Loop",
    "LostRankError",
    "Objective",
    "Progress",
    "Recipe",
    "Run",
    "RunFolderError",
    "Scores",
    "SequenceModel",
    "Settings",
    "SquaredError",
    "Trained",
    "build_model",
    "count_parameters",
    "encode_json",
    "evaluate",
    "folder_aside",
    "load",
    "load_model",
    "objective_of",
    "open_run",
    "own_recipe",
    "predict",
    "published_recipe",
    "read_intervals",
    "read_json",
    "recipe_for",
    "rescored",
    "residual_quantiles",
    "schema_of",
    "stored_settings",
    "train",
    "walk",
    "write_aside",
]
