"""Whether a volume is encrypted, as far as Linux tells: dm-crypt under the mount of a folder, at any depth."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

State = Literal["encrypted", "memory", "plain", "unknown"]
_BLOCKS = Path("/sys/dev/block")
_MOUNTS = Path("/proc/self/mountinfo")
_MEMORY = ("tmpfs", "ramfs")


def state_of(place: str, mounts: Path = _MOUNTS, blocks: Path = _BLOCKS) -> State:
    """The state of a folder or an address: what an object store does is not seen from here."""
    return "unknown" if "://" in place else state(Path(place), mounts, blocks)


def state(folder: Path, mounts: Path = _MOUNTS, blocks: Path = _BLOCKS) -> State:
    """`encrypted` with dm-crypt below, `memory` for what is on no disk, `plain` for a disk without, else `unknown`."""
    found = _mount(folder, mounts)
    if found is None:
        return "unknown"
    device, kind = found
    if kind in _MEMORY:
        return "memory"
    block = blocks / device
    if not block.exists():
        return "unknown"
    return "encrypted" if _crypt(block) else "plain"


def _mount(folder: Path, mounts: Path) -> tuple[str, str] | None:
    """Device (major:minor) and file system of the longest mount point above a folder."""
    try:
        lines, whole = mounts.read_text("utf-8").splitlines(), folder.resolve()
    except OSError:
        return None
    best: tuple[int, str, str] | None = None
    for line in lines:
        front, _, back = line.partition(" - ")
        parts = front.split()
        point = Path(parts[4].replace("\\040", " "))
        if whole.is_relative_to(point) and (best is None or len(point.parts) >= best[0]):
            best = (len(point.parts), parts[2], back.split()[0])
    return None if best is None else (best[1], best[2])


def _crypt(block: Path) -> bool:
    """Whether this device, or one that it stands on (LVM, RAID, a partition's disk), is dm-crypt."""
    try:
        if (block / "dm" / "uuid").read_text().startswith("CRYPT-"):
            return True
    except OSError:
        pass
    slaves = block / "slaves"
    below = list(slaves.iterdir()) if slaves.is_dir() else []
    return bool(below) and all(_crypt(one.resolve()) for one in below)
