"""Reading and writing the files of a run folder. Nothing is ever half-written, nothing read can run code."""

import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

import safetensors.torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

RESTORE = "restore it from a copy, or train again into another folder"


class RunFolderError(ValueError):
    """A run folder that is missing, foreign, unfinished, damaged, or that cannot be written."""


def write_aside(path: Path, content: bytes) -> None:
    """Write a file beside its place and rename it: whoever looks sees the old content or the new one.

    Raises:
        RunFolderError: the disk is full, or writing is forbidden. The old content is still there.
    """
    aside = path.with_name(f"{path.name}.tmp")
    try:
        write(aside, content)
        os.replace(aside, path)
    except OSError as error:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise RunFolderError(
            f"{path} cannot be written ({error.strerror}): what was there before is intact; make room or give "
            "permission, then give the command again, with (--resume) if it was training"
        ) from error


@contextmanager
def folder_aside(folder: Path) -> Iterator[Path]:
    """A new folder beside its place, which takes it when the block ends well; else nothing is left behind.

    Raises:
        RunFolderError: it cannot be made or filled.
    """
    aside = folder.parent / f".{folder.name}.{uuid.uuid4().hex}"
    try:
        aside.mkdir(parents=True)
        yield aside
        os.rename(aside, folder)
    except BaseException as error:
        shutil.rmtree(aside, ignore_errors=True)
        if not isinstance(error, OSError):
            raise
        raise RunFolderError(
            f"{folder} cannot be made ({error.strerror}): choose another output folder (--out)"
        ) from error


def write(path: Path, content: bytes) -> None:
    """Write a file down to the disk, in a folder that is made if it is missing."""
    path.parent.mkdir(exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def encode_json(value: Any) -> bytes:
    """One JSON value, readable for people."""
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def read_json(path: Path) -> dict[str, Any]:
    """Read one JSON object.

    Raises:
        RunFolderError: the file is missing, cut off, or no object.
    """
    return parse_json(read_text(path), str(path))


def read_text(path: Path) -> str:
    """Read a text file.

    Raises:
        RunFolderError: the file is missing or no text.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise RunFolderError(f"{path} is missing: {RESTORE}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise RunFolderError(f"{path} cannot be read ({error}): {RESTORE}") from error


def parse_json(text: str, place: str) -> dict[str, Any]:
    """The JSON object in a text.

    Raises:
        RunFolderError: the text is cut off, no JSON, or no object.
    """
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise RunFolderError(f"{place} is cut off or damaged ({error}): {RESTORE}") from error
    if not isinstance(value, dict):
        raise RunFolderError(f"{place} holds no JSON object: {RESTORE}")
    return value


def write_tensors(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str] | None = None) -> None:
    """Write tensors by name, with a few words beside them."""
    content = safetensors.torch.save({name: tensor.contiguous() for name, tensor in tensors.items()}, metadata)
    write_aside(path, content)


def read_tensors(path: Path, way_out: str = RESTORE) -> tuple[dict[str, Tensor], dict[str, str]]:
    """What `write_tensors` wrote; an error ends with `way_out`.

    Raises:
        RunFolderError: the file is missing, cut off, or no safetensors file.
    """
    if not path.is_file():
        raise RunFolderError(f"{path} is missing: {way_out}")
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name).clone() for name in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise RunFolderError(f"{path} is cut off or damaged ({error}): {way_out}") from error


def check_tensors(found: dict[str, Tensor], expected: dict[str, Tensor], path: Path, way_out: str = RESTORE) -> None:
    """Whether two sets of tensors agree in names, shapes and types; an error ends with `way_out`.

    Raises:
        RunFolderError: they do not; the message names the first that differs.
    """
    for name in sorted(found.keys() | expected.keys()):
        if name not in found or name not in expected:
            raise RunFolderError(f"{path}: tensor {name} is {'missing' if name in expected else 'unknown'}: {way_out}")
        here, there = found[name], expected[name]
        if here.is_floating_point() and not bool(here.isfinite().all()):
            raise RunFolderError(f"{path}: tensor {name} holds values that are not finite: {way_out}")
        if here.shape != there.shape or here.dtype != there.dtype:
            raise RunFolderError(
                f"{path}: tensor {name} is {here.dtype} {tuple(here.shape)}, but config.json asks for "
                f"{there.dtype} {tuple(there.shape)}: {way_out}"
            )


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")
