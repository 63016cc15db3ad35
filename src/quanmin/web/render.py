"""Pages from templates: one environment a language, words from the catalogue, values as the language writes them."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from quanmin.text import LANGUAGES, Language, Text
from quanmin.web import assets, language
from quanmin.web.ask import MODES, Ask
from quanmin.web.form import Posted
from quanmin.web.view import View

if TYPE_CHECKING:
    from quanmin.web.face import Face

TEMPLATES = Path(__file__).parent / "templates"
NOTHING = Posted({}, {})


@cache
def environment(tongue: Language) -> Environment:
    """The templates of a language; a name that is not there is an error, never an empty place."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    words = language.words(tongue)
    vars(made)["install_gettext_callables"](words.gettext, words.ngettext, newstyle=True)  # the extension put it there
    made.filters |= {
        "said": partial(language.said, language=tongue),
        "day": partial(language.day, language=tongue),
        "share": partial(language.share, language=tongue),
        "zone": partial(language.moment, language=tongue),
    }
    made.globals |= {"asset": assets.address, "languages": LANGUAGES, "names": language.NAMES, "all_modes": MODES}
    return made


def page(face: Face, ask: Ask, template: str, view: View, notice: Text | None) -> str:
    """A whole page."""
    return environment(ask.language).get_template(template).render(context(face, ask, view, notice))


def context(face: Face, ask: Ask, view: View, notice: Text | None) -> dict[str, Any]:
    """What a template knows: the request, the face, what the view tells, and what was posted."""
    areas = [one for one in face.areas if one.open_to(ask)]
    zone = ask.settings.zone

    def moment(value: Any) -> str:
        return language.moment(value, zone, ask.language)

    def deadline(value: Any) -> str:
        return language.deadline(value, zone, ask.language)

    common: dict[str, Any] = {"posted": NOTHING, "failed": None, "error": None, "notice": notice}
    common |= {"moment": moment, "deadline": deadline}
    return {**common, "ask": ask, "face": face, "areas": areas, "title": view.title, "data": view.data, **view.more}
