"""Whether a volume is encrypted: read from the mounts and the block devices, here of a made-up machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from quanmin.trust.selfcheck import volume

MOUNTS = """22 1 253:0 / / rw - ext4 /dev/vda rw
23 22 253:9 / /srv/secret\\040data rw - xfs /dev/mapper/secret rw
24 22 0:40 / /run/memory rw - tmpfs tmpfs rw
25 22 0:50 / /mnt/far rw - nfs4 far:/data rw
26 22 253:11 / /srv/pool rw - ext4 /dev/mapper/pool rw
"""


@pytest.fixture
def machine(tmp_path: Path) -> tuple[Path, Path]:
    mounts, blocks = tmp_path / "mountinfo", tmp_path / "block"
    mounts.write_text(MOUNTS)
    for device, uuid in (("253:0", None), ("253:9", "LVM-abc"), ("253:10", "CRYPT-LUKS2-x"), ("253:11", "LVM-def")):
        (blocks / device).mkdir(parents=True)
        if uuid:
            (blocks / device / "dm").mkdir()
            (blocks / device / "dm" / "uuid").write_text(uuid)
    for device, below in (("253:9", ["253:10"]), ("253:11", ["253:10", "253:0"])):
        (blocks / device / "slaves").mkdir()
        for one in below:
            (blocks / device / "slaves" / one.replace(":", "-")).symlink_to(blocks / one)
    return mounts, blocks


@pytest.mark.parametrize(
    ("place", "state"),
    [
        ("/home/quanmin", "plain"),
        ("/srv/secret data/home", "encrypted"),  # a logical volume on dm-crypt
        ("/srv/pool", "plain"),  # half of what it stands on is not
        ("/run/memory/home", "memory"),
        ("/mnt/far", "unknown"),
        ("s3://bucket/lake", "unknown"),
    ],
)
def test_a_volume_is_what_is_under_it(machine: tuple[Path, Path], place: str, state: str) -> None:
    assert volume.state_of(place, *machine) == state


def test_a_machine_that_does_not_tell(tmp_path: Path) -> None:
    assert volume.state(tmp_path, tmp_path / "no such file") == "unknown"
