"""Made-up files in the formats of the published data sets, for wherever the real ones are not at hand."""

import gzip
import hashlib
import io
import os
import struct
import zipfile
from pathlib import Path

import numpy as np

from liquidtime.data import person_files

GESTURE_ROWS = {"a1": 1743, "a2": 1260, "a3": 1830, "b1": 1069, "b3": 1420, "c1": 1107, "c3": 1444}


def gesture():
    """Seven files with as many rows as the published ones."""
    random = np.random.default_rng(3)
    header = ",".join([*map(str, range(1, 33)), "Phase"])
    files = {}
    for video, rows in GESTURE_ROWS.items():
        values = random.normal(0, 0.01, (rows, 32))
        phases = [phase for phase in random.choice(list("DPSHR"), rows // 10 + 1) for _ in range(10)]
        lines = [
            ",".join([*(f"{value:.8f}" for value in row), phase]) for row, phase in zip(values, phases, strict=False)
        ]
        files[f"{video}_va3.csv"] = "\r\n".join([header, *lines, ""]).encode()
    return files


def cheetah():
    """Thirty recordings."""
    random = np.random.default_rng(4)
    files = {}
    for number in range(30):
        content = io.BytesIO()
        np.save(content, random.normal(0, 3, (1000, 17)))
        files[f"trace_{number:04d}.npy"] = content.getvalue()
    return files


def ozone():
    """Days with missing values, rarely an ozone day."""
    random = np.random.default_rng(5)
    time = np.datetime64("1998-01-01") + np.arange(2534)
    values = random.normal(20, 5, (2534, 72)).round(2).astype(str)
    values[random.random(values.shape) < 0.05] = "?"
    rare = np.where(random.random(2534) < 0.06, "1.", "0.")
    days = [f"{day.month}/{day.day}/{day.year}" for day in time.tolist()]
    return {"eighthr.data": "".join(map(_comma, zip(days, *values.T, rare, strict=True))).encode()}


def traffic():
    """Hours with holidays, gaps, a repeated hour, and what cannot be."""
    random = np.random.default_rng(6)
    hours = np.datetime64("2016-12-01T00") + np.cumsum(random.choice([0, 1, 2, 400], 3000, p=[0.1, 0.85, 0.04, 0.01]))
    lines = ["holiday,temp,rain_1h,snow_1h,clouds_all,weather_main,weather_description,date_time,traffic_volume"]
    for number, hour in enumerate(hours.tolist()):
        name = "Some Day" if (hour.day, hour.hour) == (3, 0) else "None"
        warmth = 0 if number == 700 else round(280 + 10 * random.random(), 2)
        rain = 9831.3 if number == 900 else round(random.random(), 1)
        volume = int(3000 - 2000 * np.cos(np.pi * hour.hour / 12) + 300 * random.random())
        cloud = random.integers(100)
        lines.append(f"{name},{warmth},{rain},0.0,{cloud},Clouds,some clouds,{hour:%Y-%m-%d %H:%M:%S},{volume}")
    content = "\r\n".join([*lines, ""]).encode()
    return {"Metro_Interstate_Traffic_Volume.csv.gz": gzip.compress(content, mtime=0)}


def mnist():
    """A few images of noise."""
    random = np.random.default_rng(7)
    files = {}
    for part, count in (("train", 40), ("t10k", 15)):
        images, labels = random.integers(0, 256, (count, 28, 28), np.uint8), random.integers(0, 10, count, np.uint8)
        for name, kind, array in (("images", 3, images), ("labels", 1, labels)):
            head = struct.pack(f">4B{kind}I", 0, 0, 8, kind, *array.shape)
            files[f"{part}-{name}-idx{kind}-ubyte.gz"] = gzip.compress(head + array.tobytes(), mtime=0)
    return files


def walker():
    """Forty rollouts of different length."""
    random = np.random.default_rng(8)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for number in range(40):
            rollout = io.BytesIO()
            np.save(rollout, random.normal(1, 3, (int(random.integers(100, 220)), 17)))
            archive.writestr(f"walker/rollout_{number:03d}.npy", rollout.getvalue())
    return {"walker.zip": content.getvalue()}


def har_signals():
    """Inertial signals of seven people and three others."""
    random = np.random.default_rng(9)
    files = {}
    for part, people in (("train", (1, 3, 5, 6, 7, 8, 11)), ("test", (2, 4, 9))):
        subject = np.repeat(np.array(people, np.int8), 40)
        content = io.BytesIO()
        np.savez(
            content,
            X=random.normal(0, 1, (len(subject), 9, 128)).astype(np.float32),
            y=random.integers(1, 7, len(subject)).astype(np.int8),
            subject=subject,
            channels=np.array(["channel"] * 9),
        )
        files[f"inertial_{part}.npz"] = content.getvalue()
    return files


def har_features():
    """The published tables, shortened."""
    random = np.random.default_rng(10)
    files = {"features.txt": "".join(f"{k} name {k % 500}\n" for k in range(1, 562)).encode()}
    for part, people in (("train", range(1, 8)), ("test", range(20, 23))):
        subject = np.repeat(list(people), 20)
        rows = random.uniform(-1, 1, (len(subject), 561))
        files[f"X_{part}.txt"] = "".join(f"  {' '.join(f'{v: .7e}' for v in row)}\n" for row in rows).encode()
        files[f"y_{part}.txt"] = "".join(f"{y}\n" for y in random.integers(1, 7, len(subject))).encode()
        files[f"subject_{part}.txt"] = "".join(f"{person}\n" for person in subject).encode()
    return files


def power_text(rows=2000):
    """Minutes, a few of them missing."""
    random = np.random.default_rng(11)
    names = "Global_active_power;Global_reactive_power;Voltage;Global_intensity"
    lines = [f"Date;Time;{names};Sub_metering_1;Sub_metering_2;Sub_metering_3"]
    time = np.datetime64("2006-12-16T17:24") + np.arange(rows)
    values = random.gamma(2, 1, (rows, 7)).round(3)
    for number, (moment, row) in enumerate(zip(time.tolist(), values, strict=True)):
        numbers = "?;?;?;?;?;?;" if number in (50, 51, 1200) else ";".join(f"{value:.3f}" for value in row)
        lines.append(f"{moment.day}/{moment.month}/{moment.year};{moment:%H:%M:%S};{numbers}")
    return "\r\n".join([*lines, ""]).encode()


def power():
    """The first part of the file."""
    return {"household_power_consumption_head.txt.gz": gzip.compress(power_text(), mtime=0)}


TAGS = ("010-000-024-033", "010-000-030-096", "020-000-033-111", "020-000-032-221")
ACTIVITIES = ("lying", "lying down", "sitting", "standing up from lying", "walking", "falling", "on all fours")


def person():
    """Five people, five sequences each."""
    random = np.random.default_rng(12)
    lines, ticks = [], 633790226051280329
    for sequence in (f"{letter}{digit:02d}" for letter in "ABCDE" for digit in range(1, 6)):
        for number in range(int(random.integers(70, 110))):
            ticks += int(random.integers(1, 900)) * 1000
            place = ",".join(f"{value:.6f}" for value in random.normal(2, 1, 3))
            activity = ACTIVITIES[number // 12 % len(ACTIVITIES)]
            lines.append(f"{sequence},{TAGS[random.integers(4)]},{ticks},27.05.2009 14:03:25:127,{place},{activity}\n")
        ticks += 10**10
    return {"ConfLongDemo_JSI.txt": "".join(lines).encode()}


def _comma(fields):
    return ",".join(fields) + "\n"


def plain(content):
    """A file is checked by its bytes …"""
    return hashlib.sha256(content).hexdigest()


def packed(content):
    """… or by what it holds."""
    return hashlib.sha256(gzip.decompress(content)).hexdigest()


def provide(patch, folder, name, make, *tables, digest=plain):
    """Make a data set readable: the real files where they are, else made-up ones with their checksums in the tables.

    Args:
        patch: pytest's `monkeypatch`, or a context of it.
        folder: where made-up files go.
        name: of the data set.
        make: gives made-up files by name.
        tables: dictionaries from file to SHA-256, which are patched.
        digest: how the made-up files are checked.

    Returns:
        Whether the files are the real ones.
    """
    real = os.environ.get("LIQUIDTIME_DATA")
    if real and Path(real, name).is_dir():
        return True
    files = make()
    (Path(folder) / name).mkdir(parents=True, exist_ok=True)
    patch.setenv("LIQUIDTIME_DATA", str(folder))
    for file, content in files.items():
        (Path(folder) / name / file).write_bytes(content)
        for table in tables:
            if table.get(file):
                patch.setitem(table, file, digest(content))
    return False


def provide_person(patch, folder):
    """The same for the person file, whose checksum nobody published, but its number of rows."""
    real = provide(patch, folder, "person", person)
    if not real:
        patch.setattr(person_files, "ROWS", person()[person_files.FILE].count(b"\n"))
    return real
