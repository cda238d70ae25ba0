"""Three real files of different shape, as they lie in the data folder; made-up ones in their format elsewhere."""

import numpy as np
import pytest

import samples
from liquidtime.data import traffic
from liquidtime.data.local import data_folder
from liquidtime.data.table import Options, load
from own_files import occupancy


def test_occupancy_has_seven_names_and_eight_fields(tmp_path):
    seen = load([occupancy(tmp_path, "datatraining.txt")], Options("Occupancy", time="date"))
    assert seen.task.features == ("Temperature", "Humidity", "Light", "CO2", "HumidityRatio")
    assert [len(part.inputs) for part in (seen.task.train, seen.task.valid, seen.task.test)] == [5700, 1221, 1222]
    assert "the first column has no name in the header and numbers the rows" in seen.lines["data"]
    assert seen.task.table["schema"]["span"] == 60.0
    three = load(
        [str(tmp_path)] + [occupancy(tmp_path, name) for name in ("datatest.txt", "datatest2.txt")],
        Options("Occupancy"),
    )
    assert len(three.task.checksum) == 3


@pytest.fixture
def vehicles(monkeypatch, tmp_path):
    real = samples.provide(monkeypatch, tmp_path, "traffic", samples.traffic, traffic.CHECKSUM, digest=samples.packed)
    return real, str(data_folder() / "traffic" / traffic.FILE)


@pytest.mark.parametrize("horizon", [None, 6])
def test_traffic_repeats_hours_and_has_gaps(vehicles, horizon):
    real, file = vehicles
    seen = load([file], Options("traffic_volume", time="date_time", horizon=horizon))
    rows = traffic.read()
    hours = np.unique(rows.time)
    total = sum(len(part.inputs) for part in (seen.task.train, seen.task.valid, seen.task.test))
    assert total == len(hours) - 3 * (horizon or 0)
    assert f"{len(rows) - len(hours):,} rows with the time of the row before, left out" in seen.lines["time"]
    gaps = int((np.diff(hours) > np.timedelta64(5, "h")).sum())
    assert f"median step 1 h, longest {'307 d 19 h' if real else ''}" in seen.lines["time"]
    assert f"{gaps:,} gap" in seen.lines["time"]
    assert ("holiday=None" in seen.task.features) == real or not real
    volume = rows.labels[np.unique(rows.time, return_index=True)[1], 0]
    first = seen.task.train.labels[:5, 0].double().numpy() * seen.task.target_std[0] + seen.task.target_mean[0]
    ahead = 1 if horizon else 0
    assert first == pytest.approx(volume[ahead : ahead + 5], rel=1e-4)


@pytest.fixture
def gestures(tmp_path):
    folder = data_folder() / "gesture"
    if folder.is_dir():
        return True, str(folder / "*_raw.csv")
    random = np.random.default_rng(3)
    for name in ("a1", "a2", "a3", "b1", "b3", "c1", "c3"):
        lines = ["lhx,lhy,timestamp,phase"]
        lines += [
            f"{x:.6f},{y:.6f},{5702026 + 31 * n},{'Rest' if n % 50 < 20 else 'Stroke'}"
            for n, (x, y) in enumerate(random.normal(0, 1, (200, 2)))
        ]
        (tmp_path / f"{name}_raw.csv").write_text("\n".join(lines) + "\n")
    return False, str(tmp_path / "*_raw.csv")


def test_gestures_are_seven_recordings_with_or_without_their_clock(gestures):
    real, files = gestures
    seen = load([files], Options("phase"))
    assert "7 files" in seen.lines["data"]
    assert "5 to train, 1 to validate" in seen.lines["split"]
    assert "timestamp" in seen.task.features
    assert seen.task.train.elapsed is None
    timed = load([files], Options("phase", time="timestamp"))
    assert "timestamp" not in timed.task.features
    assert 25 < timed.task.table["schema"]["span"] < 40
    assert timed.task.table["schema"]["clock"]["epoch"] == ""
    if real:
        assert len(seen.task.classes) == 6
        assert "class Preparação has 1 row only (b1_raw.csv, row 325, column phase)" in seen.lines["note"]
