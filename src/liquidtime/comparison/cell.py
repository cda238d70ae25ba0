"""One training run of a comparison: the unit that is run, kept, and not repeated."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from liquidtime.data import ONE_SPLIT, Task, load, lookup, maker, with_log_timespans
from liquidtime.training import MODELS, RECIPES, Recipe, published_recipe

KINDS = {"published": "as the paper trained", "tuned": "chosen on validation windows"}
"""The kinds of recipes."""

BLIND = ("lstm", "gru")
"""Models that know no time; where it is told, they get log Δt as one more input."""


@dataclass(frozen=True)
class Cell:
    """A model trained once.

    Args:
        data: name of the data set.
        protocol: `paper` or `clean`.
        kind: of the recipe, one of `KINDS`.
        model: its name.
        seed: of weights and order.
        epochs: passes; None for those of the recipe.
    """

    data: str
    protocol: str
    kind: str
    model: str
    seed: int
    epochs: int | None = None

    @property
    def place(self) -> Path:
        """Where in a folder of results it stands."""
        kind = self.kind if self.epochs is None else f"{self.kind}, {self.epochs} epochs"
        return Path(self.data, self.protocol, kind, self.model, str(self.seed))

    @property
    def label(self) -> str:
        """For people."""
        limit = "" if self.epochs is None else f", {self.epochs} epochs"
        return f"{self.data} ({self.protocol}, {self.kind}{limit}), {self.model}, seed {self.seed}"

    def recipe(self) -> Recipe:
        """How the model is trained.

        Raises:
            ValueError: no recipe was tuned for it.
        """
        if self.kind == "published":
            recipe = published_recipe(self.data, self.model)
        else:
            tuned = RECIPES.get((self.data, self.protocol), {})
            if self.model not in tuned:
                raise ValueError(f"no recipe of {self.model} was tuned for {self.data}: use the published one")
            recipe = tuned[self.model]
        return recipe if self.epochs is None else replace(recipe, epochs=self.epochs)

    def task(self) -> Task:
        """What the model learns; models that know no time get log Δt as an input, where times are told.

        Raises:
            ValueError: the files are missing, damaged, or not the published ones.
        """
        task = _load(self.data, self.protocol)
        return with_log_timespans(task) if self.model in BLIND and task.train.elapsed is not None else task


def cells(
    data: Iterable[str],
    models: Iterable[str],
    seeds: int,
    protocols: Iterable[str] = ("paper", "clean"),
    kinds: Iterable[str] = tuple(KINDS),
    epochs: int | None = None,
) -> list[Cell]:
    """The grid, seed by seed, so that every model has been seen before any is seen twice.

    Tuned cells there are only where a recipe was tuned. A data set that both protocols split alike is trained once,
    under `paper`.

    Raises:
        ValueError: a name is unknown, or a number is not positive.
    """
    data, models, protocols, kinds = list(data), list(models), list(protocols), list(kinds)
    for name in models:
        lookup("model", name, MODELS)
    for name in kinds:
        lookup("kind of recipe", name, KINDS)
    for one in data:
        for protocol in protocols:
            maker(one, protocol)
    for name, value in (("seeds", seeds), ("epochs", epochs)):
        if value is not None and value < 1:
            raise ValueError(f"{name}={value}: pass a whole number, at least 1")
    return [
        Cell(one, protocol, kind, model, seed, epochs)
        for one in data
        for seed in range(seeds)
        for protocol in (["paper"] if one in ONE_SPLIT else protocols)
        for kind in kinds
        for model in models
        if kind != "tuned" or model in RECIPES.get((one, protocol), {})
    ]


@lru_cache(maxsize=2)
def _load(data: str, protocol: str) -> Task:
    return load(data, protocol)
