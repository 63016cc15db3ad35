"""The press: a form and what it says become a PDF.

Typst sets the type, from a form of this package and JSON; nothing that is printed is ever read as markup. Noto Sans CJK comes
from a package and is embedded as a subset; no font of the machine is looked at. The result is PDF/A-2a: its text can be
taken out again, it is tagged for screen readers, and a character without a glyph is an error, not an empty box. The same form,
content and day give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unicodedata import category

from quanmin.programs.vital.document.errors import CharacterMissing, PageFull

if TYPE_CHECKING:
    from typst import Compiler, Fonts

FONT = "Noto Sans CJK SC"
"""The family of all that is printed."""
_STANDARD: Final = "a-2a"
_FONTS = "manimgx_fonts_cjk"
"""The package that holds the font, under the SIL Open Font License."""
_FORMS = Path(__file__).parent / "form"
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_PROBE = f'#set text(font: "{FONT}", fallback: false)\n#set document(title: "?")\n#sys.inputs.data'


def pressed(form: str, content: Mapping[str, Any], day: date) -> bytes:
    """The PDF that a form (`form/NAME.typ`) makes of `content`, dated `day`.

    CharacterMissing names the elements, as `newborn.name`, that hold what the font cannot show.
    """
    from typst import TypstError

    unseen = [place for place, text in _texts(content) if not _seen(text)]
    if unseen:
        raise CharacterMissing(elements=", ".join(dict.fromkeys(unseen)))
    at = datetime.combine(day, time(), UTC)
    try:
        return _compiled(_form(form), json.dumps(content, ensure_ascii=False), at)
    except TypstError as error:
        if "page full" in error.message:
            raise PageFull(element=_longest(content)) from None
        texts = list(_texts(content))
        missing = _missing("".join(sorted({sign for _, text in texts for sign in text})))
        if not missing:
            raise
        places = [place for place, text in texts if missing & set(text)]
        raise CharacterMissing(elements=", ".join(dict.fromkeys(places))) from None


def shown(text: str) -> bool:
    """Whether the font has a glyph for every character."""
    from typst import TypstError

    try:
        _compiled(_PROBE.encode(), text, datetime(2000, 1, 1, tzinfo=UTC))
    except TypstError:
        return False
    return True


def _missing(signs: str) -> set[str]:
    """Those of some characters that the font lacks: halves are looked at again until one is left."""
    if shown(signs):
        return set()
    if len(signs) == 1:
        return {signs}
    middle = len(signs) // 2
    return _missing(signs[:middle]) | _missing(signs[middle:])


def picture(form: str, content: Mapping[str, Any], scale: float = 144) -> list[bytes]:
    """The pages as PNG, `scale` dots an inch: for a look before printing."""
    made = _compiler(_form(form), json.dumps(content, ensure_ascii=False)).compile(format="png", ppi=scale)
    return made if isinstance(made, list) else [made or b""]


def _compiled(form: bytes, data: str, at: datetime) -> bytes:
    made = _compiler(form, data).compile(format="pdf", pdf_standards=[_STANDARD], timestamp=at)
    return made if isinstance(made, bytes) else b""


def _compiler(form: bytes, data: str) -> Compiler:
    """One for each piece of work, as a compiler is not shared by threads; the fonts are read once."""
    from typst import Compiler

    return Compiler(form, font_paths=_fonts(), ignore_system_fonts=True, sys_inputs={"data": data})


@cache
def _fonts() -> Fonts:
    from typst import Fonts

    return Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(files(_FONTS))])


@cache
def _form(name: str) -> bytes:
    return (_FORMS / f"{name}.typ").read_bytes()


def _seen(text: str) -> bool:
    """Whether nothing in a text is a command, a mark of direction or a sign of private use."""
    return all(category(sign) not in _UNSEEN for sign in text if sign != "\n")


def _longest(content: Any) -> str:
    """The longest of what has an element's name."""
    named = [one for one in _cells(content) if one.get("element")]
    return str(max(named, key=lambda one: len(str(one.get("value", ""))), default={"element": "?"})["element"])


def _cells(content: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(content, Mapping):
        yield content
    within = content.values() if isinstance(content, Mapping) else content if isinstance(content, list | tuple) else ()
    for one in within:
        yield from _cells(one)


def _texts(content: Any, place: str = "", name: str = "") -> Iterator[tuple[str, str]]:
    """Every text with the element it stands for: what a mapping calls `element`, or its keys and places."""
    if isinstance(content, str):
        yield name or place, content
    elif isinstance(content, Mapping):
        known = str(content.get("element") or name)
        for key, one in content.items():
            yield from _texts(one, f"{place}.{key}".lstrip("."), known)
    elif isinstance(content, list | tuple):
        for number, one in enumerate(content, 1):
            yield from _texts(one, f"{place}.{number}".lstrip("."), name)
