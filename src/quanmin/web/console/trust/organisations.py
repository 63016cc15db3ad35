"""The tree of organisations with their regions: added, moved, closed by the system administrator."""

from __future__ import annotations

from quanmin import standards
from quanmin.standards.region import NATION
from quanmin.text import Text
from quanmin.trust.identity import organisation
from quanmin.web.ask import Ask
from quanmin.web.console.trust import area
from quanmin.web.console.trust.area import ADMINISTRATORS, REASON, SYSTEM, Name, shown
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect

TITLE = Text("机构", "Organisations")


def parent(ask: Ask) -> list[Field]:
    """The organisation above."""
    return [Field("parent", Text("上级机构", "The one above"), "choice", choices=area.places(ask))]


def fields(ask: Ask) -> list[Field]:
    """What a new organisation needs."""
    return [
        Field(
            "organisation", Text("代号", "Name"), limit=40, hint=Text("小写字母、数字、连字符", "small letters, digits")
        ),
        Field("title", Text("名称", "What it is called"), limit=80),
        Field("region", Text("行政区划代码", "Code of its region"), limit=6, hint=Text("全国 000000", "nation 000000")),
        *parent(ask),
    ]


def rows(ask: Ask) -> list[dict[str, object]]:
    """The tree as lines, each below the one above it, with how deep it stands."""
    tree, regions = organisation.tree(ask.registry), standards.catalogue().regions
    today = ask.lake.ledger.now().date()
    found: list[dict[str, object]] = []

    def walk(above: str | None, depth: int) -> None:
        for one in sorted((each for each in tree if each.parent == above), key=lambda each: each.id):
            name = regions.name(one.region, today) or one.region
            where = Text("全国", "the nation") if one.region == NATION else Text(name, name)
            found.append({**vars(one), "depth": depth, "where": where})
            walk(one.id, depth + 1)

    walk(None, 0)
    return found


def install(face: Face) -> None:
    """Register the pages."""
    template, single = "console/trust/organisations.html", "console/trust/organisation.html"

    @face.page("/trust/organisations", template, roles=ADMINISTRATORS)
    def organisations(ask: Ask) -> Answer:
        """The organisations that are open, as a tree."""
        return shown(ask, TITLE, {"rows": rows(ask)}, fields=fields(ask) if ask.holds(*SYSTEM) else [])

    @face.form("/trust/organisations/add", fields, page=organisations, template=template, roles=SYSTEM)
    def add(ask: Ask, posted: Posted) -> Answer:
        """A new organisation under another."""
        given = (posted[name] for name in ("organisation", "title", "region", "parent"))
        made = organisation.add(ask.registry, ask.who, *given)
        return Redirect("/trust/organisations", Text(f"已新增 {made.title}", f"{made.title} is added"))

    @face.page("/trust/organisations/{name}", single, roles=SYSTEM)
    def one(ask: Ask, name: Name) -> Answer:
        """One organisation: move it or close it."""
        found = organisation.tree(ask.registry).get(name)
        below = sorted(organisation.tree(ask.registry).below(name))
        data = {**vars(found), "below": below}
        return shown(ask, Text(f"机构 {name}", f"Organisation {name}"), data, parent=parent(ask), reason=REASON)

    @face.form("/trust/organisations/{name}/move", parent, page=one, template=single, roles=SYSTEM)
    def move(ask: Ask, posted: Posted, name: Name) -> Answer:
        """Put it, with all under it, under another."""
        organisation.move(ask.registry, ask.who, name, posted["parent"])
        return Redirect("/trust/organisations", Text("已调整隶属", "Moved"))

    @face.form("/trust/organisations/{name}/close", (REASON,), page=one, template=single, roles=SYSTEM)
    def close(ask: Ask, posted: Posted, name: Name) -> Answer:
        """Close it: what is held there no longer counts."""
        organisation.close(ask.registry, ask.who, name, posted["reason"])
        return Redirect("/trust/organisations", Text("已撤销", "Closed"))
