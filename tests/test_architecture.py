"""The house rules: which room may import which, what `import liquidtime` brings, docstrings and file sizes."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import liquidtime

ROOMS = (
    "dynamics",
    "solvers",
    "gradients",
    "kernels",
    "layers",
    "theory",
    "expressivity",
    "data",
    "training",
    "grid",
    "comparison",
    "paper",
    "estimators",
    "export",
    "report",
    "cli",
)
"""In this order: a room imports only from those before it."""

LATER = {"liquidtime.training.load"}
"""What the root shows of later rooms and imports when it is asked for; importing the root itself brings none of it."""

PACKAGE = Path(liquidtime.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
TOOLS = {
    "typer",
    "rich",
    "plotly",
    "polars",
    "sklearn",
    "safetensors",
    "joblib",
    "lightning",
    "lightning_fabric",
    "distributed",
    "dask",
    "ray",
    "numba",
    "triton",
    "pooch",
    "requests",
    "onnx",
    "onnxscript",
    "onnxruntime",
}


def room_of(module: str) -> str:
    """The room of a dotted name; the root stands with the layers, whose names it shows."""
    parts = module.split(".")
    if parts[1:] == ["__main__"]:
        return "cli"
    return parts[1] if len(parts) > 1 and (parts[1] in ROOMS or (PACKAGE / parts[1]).is_dir()) else "layers"


def imported(source: str, module: str, is_package: bool) -> set[str]:
    """Dotted names of all that a module imports from liquidtime, wherever the statement stands."""
    here = module.split(".")
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            up = node.level - is_package
            base = here[: len(here) - up] if node.level else []
            base = [*base, *(node.module or "").split(".")] if node.module else base
            names |= {".".join([*base, alias.name]) for alias in node.names}
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("import_module", "__import__"):
                names.add(str(node.args[0].value))
    return {name for name in names if name.split(".")[0] == "liquidtime"}


def violations(source: str, path: str) -> list[str]:
    """What a file at `path`, relative to the package, imports against the order of the rooms."""
    parts = ["liquidtime", *Path(path).with_suffix("").parts]
    is_package = parts[-1] == "__init__"
    module = ".".join(parts[:-1] if is_package else parts)
    mine = room_of(module)
    allowed = ROOMS[: ROOMS.index(mine) + 1]
    names = imported(source, module, is_package) - (LATER if module == "liquidtime" else set())
    return [name for name in sorted(names) if room_of(name) not in allowed]


@pytest.mark.parametrize("path", [str(path.relative_to(PACKAGE)) for path in MODULES])
def test_a_room_imports_only_from_rooms_before_it(path):
    assert violations((PACKAGE / path).read_text(), path) == []


def test_every_folder_of_the_package_is_a_room():
    folders = {path.name for path in PACKAGE.iterdir() if any(path.glob("*.py"))}
    assert "layers" in folders
    assert folders <= set(ROOMS)
    assert {path.stem for path in PACKAGE.glob("*.py")} <= {"__init__", "__main__"}


@pytest.mark.parametrize(
    ("path", "source", "forbidden"),
    [
        ("dynamics/ltc.py", "from liquidtime.solvers import Fused", "liquidtime.solvers.Fused"),
        ("dynamics/ltc.py", "import liquidtime.solvers.fused as fused", "liquidtime.solvers.fused"),
        ("dynamics/ltc.py", "import math, liquidtime.layers", "liquidtime.layers"),
        ("dynamics/ltc.py", "from liquidtime import LTC", "liquidtime.LTC"),
        ("dynamics/ltc.py", "import liquidtime", "liquidtime"),
        ("dynamics/ltc.py", "from ..solvers.fused import Fused", "liquidtime.solvers.fused.Fused"),
        ("dynamics/ltc.py", "from .. import layers", "liquidtime.layers"),
        ("dynamics/__init__.py", "from .. import solvers", "liquidtime.solvers"),
        ("dynamics/deep/part.py", "from ...training import train", "liquidtime.training.train"),
        ("layers/ltc.py", "from liquidtime import training", "liquidtime.training"),
        ("layers/ltc.py", "def f():\n    from liquidtime.theory import certify", "liquidtime.theory.certify"),
        ("layers/ltc.py", "if TYPE_CHECKING:\n    import liquidtime.cli", "liquidtime.cli"),
        ("layers/ltc.py", "import importlib\nimportlib.import_module('liquidtime.report')", "liquidtime.report"),
        ("__init__.py", "from liquidtime.theory import certify", "liquidtime.theory.certify"),
        ("__init__.py", "from .training import train", "liquidtime.training.train"),
        ("training/train.py", "try:\n    from liquidtime.cli import main\nfinally:\n    1", "liquidtime.cli.main"),
    ],
)
def test_the_rule_finds_every_form_of_import(path, source, forbidden):
    assert violations(source, path) == [forbidden]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("dynamics/ltc.py", "from liquidtime.dynamics.base import Dynamics\nfrom .network import NetworkDynamics"),
        ("dynamics/__init__.py", "from .ltc import LTCDynamics\nfrom . import base"),
        ("layers/ltc.py", "from ..solvers import Fused\nimport liquidtime.gradients"),
        ("training/train.py", "from liquidtime import LTC, __version__\nimport liquidtime"),
        ("solvers/adaptive.py", "import torch\nfrom torchdiffeq import odeint\nimport liquidtimepiece"),
        ("__init__.py", "from liquidtime.layers import LTC\nfrom .solvers import Fused"),
        ("__init__.py", "if TYPE_CHECKING:\n    from liquidtime.training import load"),
        ("__main__.py", "from liquidtime.cli import main"),
    ],
)
def test_the_rule_lets_the_rest_pass(path, source):
    assert violations(source, path) == []


def loaded_by(statement: str) -> set[str]:
    """Names of all modules in a fresh interpreter after a statement."""
    probe = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_liquidtime_brings_torch_and_the_layers_only():
    names = loaded_by("import liquidtime")
    assert {"torch", "liquidtime.layers.ltc"} <= names
    assert not {name.split(".")[0] for name in names} & TOOLS
    later = ROOMS[ROOMS.index("layers") + 1 :]
    assert not {name for name in names if name.startswith("liquidtime.") and room_of(name) in later}


def test_the_probe_sees_a_tool_that_is_imported():
    assert {"safetensors", "liquidtime.training"} <= loaded_by("import liquidtime.training")


def test_clusters_and_devices_cost_nothing_where_none_is_asked_for():
    names = loaded_by("import liquidtime.training, liquidtime.comparison, liquidtime.cli.train")
    assert not {name.split(".")[0] for name in names} & {"lightning", "lightning_fabric", "distributed", "dask", "ray"}
    assert not {"liquidtime.training.fabric"} & names


def test_a_name_of_a_later_room_is_imported_when_it_is_asked_for():
    assert "liquidtime.training" in loaded_by("from liquidtime import load")
    assert set(dir(liquidtime)) >= {"load", "LTC"}
    with pytest.raises(AttributeError, match="'liquidtime' has no attribute 'laod'"):
        liquidtime.laod  # noqa: B018


def test_a_later_name_without_its_extra_is_one_line():
    probe = "import sys; sys.modules['safetensors'] = None\nimport liquidtime\nliquidtime.load"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    last = done.stderr.splitlines()[-1]
    assert re.search(r'liquidtime.load needs safetensors[.\w]*: pip install "liquidtime\[tool\]"$', last)


def public_things() -> dict[str, object]:
    """Every class and function that the root or a room shows, by its dotted name."""
    names = ["liquidtime", *(f"liquidtime.{room}" for room in ROOMS if (PACKAGE / room / "__init__.py").exists())]
    modules = [importlib.import_module(name) for name in names]
    things = {f"{m.__name__}.{name}": getattr(m, name) for m in modules for name in getattr(m, "__all__", ())}
    return {name: thing for name, thing in things.items() if inspect.isclass(thing) or inspect.isfunction(thing)}


def written_docstring(thing: object) -> str:
    """Its own docstring: neither inherited nor the signature that `dataclass` puts in place of one."""
    own = vars(thing).get("__doc__") if inspect.isclass(thing) else thing.__doc__
    text = (own or "").strip()
    return "" if text.startswith(f"{getattr(thing, '__name__', '')}(") else text


def test_every_public_class_and_function_has_a_docstring():
    things = public_things()
    assert {f"liquidtime.{name}" for name in liquidtime.__all__} <= set(things)
    assert [name for name, thing in things.items() if not written_docstring(thing)] == []


def test_a_signature_or_an_inherited_docstring_does_not_count():
    @dataclass(frozen=True)
    class Bare:
        substeps: int = 6

    class Child(liquidtime.Fused):
        substeps: int = 7

    assert Bare.__doc__
    assert written_docstring(Bare) == ""
    assert written_docstring(Child) == ""
    assert written_docstring(liquidtime.Fused) != ""


def test_the_root_shows_what_it_promises():
    assert {"LTC", "ConductanceLTC", "CTRNN", "NeuralODE", "CTGRU"} <= set(liquidtime.__all__)
    assert len(set(liquidtime.__all__)) == len(liquidtime.__all__)


@pytest.mark.parametrize("path", [str(path.relative_to(PACKAGE)) for path in MODULES])
def test_no_module_is_longer_than_four_hundred_lines(path):
    assert len((PACKAGE / path).read_text().splitlines()) <= 400
