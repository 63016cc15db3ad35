"""Screenshots and packages: known by content, bounded, drawn anew, scanned."""

from __future__ import annotations

import gzip
import io
import socket
import socketserver
import struct
import sys
import tarfile
import threading
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from quanmin.opendata.participation import package, picture, scanner
from quanmin.opendata.participation.errors import NotAPackage, NotAPicture, PackageTooLarge, PictureTooLarge

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def drawn(form: str, size: tuple[int, int] = (64, 40), mode: str = "RGB", **more: object) -> bytes:
    """A picture of a form."""
    out = io.BytesIO()
    Image.new(mode, size, 40 if mode in ("L", "P", "1") else None).save(out, form, **more)
    return out.getvalue()


@pytest.mark.parametrize(
    ("form", "mode"),
    [("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1"), ("JPEG", "CMYK"), ("JPEG", "L"), ("WEBP", "RGB")],
)
def test_a_sound_picture_is_drawn_anew_as_webp(form: str, mode: str) -> None:
    made = picture.redrawn(drawn(form, mode=mode))
    with Image.open(io.BytesIO(made.content)) as shown:
        assert shown.format == "WEBP" and shown.size == (64, 40) == (made.width, made.height)


def test_nothing_but_pixels_remains() -> None:
    exif = Image.Exif()
    exif[0x010E], exif[0x8825] = "SECRET-PLACE", {1: "N", 2: (1.0, 2.0, 3.0)}
    exif[0x0112] = 6  # lies on its side
    raw = (
        drawn("JPEG", exif=exif.tobytes(), icc_profile=b"SECRET-PROFILE", comment=b"SECRET-COMMENT")
        + b"<script>SECRET</script>"
    )
    raw += EICAR
    made = picture.redrawn(raw)
    assert b"SECRET" not in made.content and b"EICAR" not in made.content and b"EXIF" not in made.content
    assert (made.width, made.height) == (40, 64)


def test_a_large_one_is_made_smaller_and_keeps_its_shape() -> None:
    made = picture.redrawn(drawn("PNG", (3000, 1500)))
    assert (made.width, made.height) == (1280, 640)


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it has so many pixels, in few bytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body))

    head = struct.pack("!IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = zlib.compress(bytes(min((width // 8 + 1) * height, 8_000_000)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(4001, 4000), (30_000, 30_000), (200_000, 90)])
def test_a_bomb_is_refused_before_it_is_read(size: tuple[int, int]) -> None:
    with pytest.raises(PictureTooLarge):
        picture.redrawn(bomb(*size))


def test_a_size_that_no_picture_has() -> None:
    with pytest.raises((PictureTooLarge, NotAPicture)):
        picture.redrawn(bomb(2**31 - 1, 2**31 - 1))


def test_too_many_bytes() -> None:
    with pytest.raises(PictureTooLarge):
        picture.redrawn(b"\x89PNG" + bytes(picture.BYTES))


GIF, SVG = drawn("GIF"), b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"x",
        GIF,
        SVG,
        b"%PDF-1.4",
        b"<html><script>alert(1)</script>",
        drawn("BMP"),
        drawn("TIFF"),
        drawn("PNG")[:60],
        drawn("JPEG")[:100],
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0" + b"<script>" * 50,
        drawn("PNG", (8, 8)),
        bytes(1000),
        b"PK\x03\x04" + drawn("PNG"),
    ],
    ids=range(15),
)
def test_what_is_no_picture_is_refused(raw: bytes) -> None:
    with pytest.raises(NotAPicture):
        picture.redrawn(raw)


def zipped(files: dict[str, bytes], way: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    """A zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", way) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.comment = comment
    return out.getvalue()


def tarred(files: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    """A tar.gz."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        for name, target in (links or {}).items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            archive.addfile(entry)
    return out.getvalue()


def put(folder: Path, raw: bytes) -> Path:
    """As a file."""
    path = folder / "file"
    path.write_bytes(raw)
    return path


def test_packages_are_known_by_content(tmp_path: Path) -> None:
    shape = package.look(put(tmp_path, zipped({"a/b.txt": b"x" * 10, "c": b""}, comment=b"made by")), 1 << 20)
    assert shape == package.Shape("zip", 2, 10)
    assert package.look(put(tmp_path, tarred({"a": b"x" * 10, "深/b": b""})), 1 << 20) == package.Shape("tar.gz", 2, 10)


def encrypted() -> bytes:
    """A zip whose file says that it is encrypted."""
    raw = bytearray(zipped({"a": b"xyz"}, zipfile.ZIP_STORED))
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


def overlapped() -> bytes:
    """A zip two of whose entries share their bytes (as in `zbsm`)."""
    raw = bytearray(zipped({"a": b"x" * 50, "b": b"y" * 50}, zipfile.ZIP_STORED))
    second = raw.rindex(b"PK\x01\x02")
    raw[second + 42 : second + 46] = struct.pack("<I", 10)
    return bytes(raw)


def long_header() -> bytes:
    """A tar whose header about a header would fill the memory."""
    entry = tarfile.TarInfo("pax")
    entry.type, entry.size = tarfile.XHDTYPE, 50 << 20
    return gzip.compress(entry.tobuf() + bytes(50 << 20))


SOUND = zipped({"a": b"x"})
REFUSED = {
    "empty": b"",
    "text": b"hello",
    "html": b"<html>",
    "elf": b"\x7fELF" + bytes(100),
    "exe": b"MZ" + bytes(100),
    "gif and zip": GIF + SOUND,
    "zip and html": SOUND + b"<script>alert(1)</script>",
    "script and zip": b"#!/bin/sh\n" + SOUND,
    "zip after zip": SOUND + SOUND,
    "no end": SOUND[:-10],
    "head only": b"PK\x03\x04",
    "empty zip": b"PK\x05\x06" + bytes(18),
    "way out": zipped({"../../etc/passwd": b"x"}),
    "from the root": zipped({"/etc/passwd": b"x"}),
    "drive": zipped({"C:/x": b"x"}),
    "encrypted": encrypted(),
    "overlapped": overlapped(),
    "bomb": zipped({"a": bytes(50 << 20)}),
    "comment": zipped({"a": b"x"}, comment=b"<script>" * 100),
    "tar way out": tarred({"../x": b"x"}),
    "tar link out": tarred({}, {"x": "../../etc/passwd"}),
    "tar bomb": tarred({"a": bytes(50 << 20)}),
    "tar header bomb": long_header(),
    "tar and more": tarred({"a": b"x"}) + b"<html>",
    "tar cut": tarred({"a": bytes(range(256)) * 40})[:-40],
    "gzip of text": gzip.compress(b"hello"),
    "gzip of nothing": gzip.compress(b""),
    "gzip bomb": gzip.compress(bytes(50 << 20)),
    "bz2": b"BZh91AY&SY",
    "picture": drawn("PNG"),
}


@pytest.mark.parametrize("raw", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_package_is_refused(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(NotAPackage):
        package.look(put(tmp_path, raw), 1 << 30)


def test_a_package_has_a_bound(tmp_path: Path) -> None:
    with pytest.raises(PackageTooLarge):
        package.look(put(tmp_path, SOUND), len(SOUND) - 1)


@pytest.mark.parametrize(
    ("name", "form", "made"),
    [
        ("app.zip", "zip", "app.zip"),
        ("App 1.0.APK", "zip", "App-1.0.apk"),
        ("../../x.zip", "zip", "x.zip"),
        ("健康.zip", "zip", "package.zip"),
        ("evil.html", "zip", "evil.html.zip"),
        ('a"\r\nb.zip', "zip", "a-b.zip"),
        ("x.tgz", "tar.gz", "x.tgz"),
        ("x.zip", "tar.gz", "x.tar.gz"),
        ("", "zip", "package.zip"),
        (".zip", "zip", "package.zip"),
        ("a" * 300, "zip", "a" * 80 + ".zip"),
    ],
)
def test_a_package_has_a_safe_name(name: str, form: package.Form, made: str) -> None:
    assert package.named(name, form) == made


class Clamd(socketserver.BaseRequestHandler):
    """A stand-in that speaks INSTREAM as clamd(8) describes it and knows one signature."""

    answer: bytes | None = None

    def handle(self) -> None:
        stream = self.request.makefile("rb")
        assert stream.read(10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!I", stream.read(4))[0]:
            content += stream.read(size)
        found = b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if EICAR in content else b"stream: OK\0"
        self.request.sendall(self.answer if self.answer is not None else found)


@pytest.fixture
def clamd() -> Iterator[str]:
    """Its address."""
    Clamd.answer = None
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clamd) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"tcp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_clamd_is_asked(clamd: str, tmp_path: Path) -> None:
    assert scanner.scan(clamd, put(tmp_path, bytes(200_000))) == ("clean", None)
    assert scanner.scan(clamd, put(tmp_path, bytes(200_000) + EICAR)) == ("infected", "Win.Test.EICAR_HDB-1")


@pytest.mark.parametrize(
    "answer", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"stream: OK but\0", b"\0", b"x" * 9000, b"OK\0"]
)
def test_an_answer_that_is_none_is_no_verdict(clamd: str, tmp_path: Path, answer: bytes) -> None:
    Clamd.answer = answer
    assert scanner.scan(clamd, put(tmp_path, b"x"), 5).state == "waiting"


def test_what_a_scanner_says_is_not_repeated_unless_it_is_a_name(clamd: str, tmp_path: Path) -> None:
    Clamd.answer = b"stream: <script>alert(1)</script> FOUND\0"
    assert scanner.scan(clamd, put(tmp_path, b"x")) == ("infected", "?")


def test_a_scanner_on_a_unix_socket(tmp_path: Path) -> None:
    Clamd.answer = None
    place = tmp_path / "clamd.sock"
    with socketserver.ThreadingUnixStreamServer(str(place), Clamd) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert scanner.scan(f"unix://{place}", put(tmp_path, EICAR)).state == "infected"
        server.shutdown()


def test_a_scanner_that_is_away_or_silent_gives_no_verdict(tmp_path: Path) -> None:
    file = put(tmp_path, b"x")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        assert scanner.scan(f"tcp://127.0.0.1:{port}", file, 1).state == "waiting"
        silent.listen()
        assert scanner.scan(f"tcp://127.0.0.1:{port}", file, 0.3).state == "waiting"
    for address in (
        "tcp://",
        "nonsense",
        "unix:///nowhere",
        "tcp://127.0.0.1:notaport",
        "command:/no/such/program",
        "command:",
    ):
        assert scanner.scan(address, file, 1).state == "waiting", address
    assert scanner.scan(None, file).state == scanner.scan("", file).state == "unscanned"


@pytest.mark.parametrize(("status", "state"), [(0, "clean"), (1, "infected"), (2, "waiting"), (99, "waiting")])
def test_a_program_says_it_by_its_status(tmp_path: Path, status: int, state: str) -> None:
    code = f"import sys; sys.stdin.buffer.read(); print('stdin: Some.Thing FOUND'); sys.exit({status})"
    found = scanner.scan(f'command:{sys.executable} -c "{code}"', put(tmp_path, b"x"))
    assert found == (state, "Some.Thing" if status == 1 else None)


def test_a_program_that_hangs_gives_no_verdict(tmp_path: Path) -> None:
    assert (
        scanner.scan(f'command:{sys.executable} -c "import time; time.sleep(30)"', put(tmp_path, b"x"), 0.5).state
        == "waiting"
    )
