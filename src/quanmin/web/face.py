"""A face of the server: pages and forms registered once, each answered in both languages, as a page and as its JSON twin."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Path
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from quanmin.errors import QuanminError, http_status
from quanmin.text import Language, Text
from quanmin.trust import audit
from quanmin.trust.identity.errors import SessionOver
from quanmin.web import answers, session
from quanmin.web.ask import MODES, Ask
from quanmin.web.errors import BadFields, NotYourPage, TooMany
from quanmin.web.form import Field, Posted, read
from quanmin.web.place import Place
from quanmin.web.view import Answer, View

Viewing = Callable[..., Answer]
Acting = Callable[..., Answer | Posted]
Streaming = Callable[..., Awaitable[Response]]
Fields = Sequence[Field] | Callable[[Ask], Sequence[Field]]


@dataclass(frozen=True)
class Area:
    """A part of a face: its entry in the navigation, and the roles whose work it is (none: whoever is signed in)."""

    name: str
    title: Text
    path: str
    roles: tuple[str, ...] = ()
    signed: bool = True

    def open_to(self, ask: Ask) -> bool:
        """Whether it is shown to whoever asks."""
        if not self.signed:
            return True
        return ask.actor is not None and (not self.roles or ask.holds(*self.roles))


@dataclass(frozen=True)
class Rule:
    """Who gets a page: everybody, whoever is signed in, or those who hold one of some roles; `public` pages may be cached."""

    signed: bool = True
    roles: tuple[str, ...] = ()
    public: bool = False


class Face:
    """One of the two faces. `base` is the beginning of its addresses; `areas` is its navigation."""

    def __init__(self, name: str, title: Text, place: Place, base: str, areas: Sequence[Area]) -> None:
        self.name, self.title, self.place, self.base, self.areas = name, title, place, base, areas
        self.app = FastAPI(title=title.en, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
        self.app.add_api_route("/{language}", self._first, include_in_schema=False)
        self._forms: dict[str, partial[Response]] = {}
        self.rules: dict[str, Rule] = {}

    def page(
        self, path: str, template: str, *, signed: bool = True, roles: Sequence[str] = (), public: bool = False
    ) -> Callable[[Viewing], Viewing]:
        """Register a view as the page at `path` and as its twin at `path` + `.json`."""
        rule = Rule(signed, tuple(roles), public)

        def keep(view: Viewing) -> Viewing:
            twin = "/index.json" if path == "/" else f"{path}.json"
            for place, shown in ((twin, None), (path, template)):
                self.rules[place] = rule
                endpoint = self._endpoint(view, partial(self._shown, rule=rule, template=shown, view=view))
                self._route(place, endpoint, "GET", shown is None, view)
            return view

        return keep

    def file(
        self, path: str, kinds: Sequence[str], *, signed: bool = True, roles: Sequence[str] = ()
    ) -> Callable[[Viewing], Viewing]:
        """Register what gives a file, of one of some media types, at `path`; it has no twin."""
        rule = Rule(signed, tuple(roles))

        def keep(view: Viewing) -> Viewing:
            self.rules[path] = rule
            endpoint = self._endpoint(view, partial(self._shown, rule=rule, template=None, view=view))
            self._route(path, endpoint, "GET", False, view, kinds=kinds)
            return view

        return keep

    def form(
        self,
        path: str,
        fields: Fields,
        *,
        page: Viewing,
        template: str,
        signed: bool = True,
        roles: Sequence[str] = (),
        kinds: Sequence[str] = (),
        twin: bool = False,
    ) -> Callable[[Acting], Acting]:
        """Register what is done with a form that is posted to `path`; where something is wrong, `page` is shown with it.

        With a `twin` the same form is answered at `path` + `.json` with a document, and refused with one.

        The form is named by the last word of its path. The action returns where to go, a view, what was posted with problems,
        or a file, whose media types are `kinds`.
        """
        rule, name = Rule(signed, tuple(roles)), path.rsplit("/", 1)[-1]

        def keep(action: Acting) -> Acting:
            listed = () if callable(fields) else fields
            for place, shown in [(path, template), *([(f"{path}.json", None)] if twin else [])]:
                doing = partial(
                    self._done, rule=rule, template=shown, name=name, fields=fields, page=page, action=action
                )
                self._forms[place], self.rules[place] = doing, rule
                endpoint = self._endpoint(action, doing, skip=2, posted=True)
                self._route(place, endpoint, "POST", False, action, listed, kinds)
            return action

        return keep

    async def submit(self, path: str, ask: Ask, sent: FormData, refused: QuanminError | None = None) -> Response:
        """What is done with a form that is posted to `path`, where its fields came in another way; or what is `refused` of it."""

        def refuse(_ask: Ask, _posted: Posted) -> Answer:
            assert refused is not None
            raise refused

        doing = self._forms[path]
        if refused is not None:
            asked = [replace(one, needed=False) for one in _listed(doing.keywords["fields"], ask)]
            doing = partial(doing, action=refuse, fields=asked)
        return await self.place.run(lambda: doing(ask, sent, {}))

    def stream(
        self, path: str, method: str, *, back: str, roles: Sequence[str] = ()
    ) -> Callable[[Streaming], Streaming]:
        """Register what takes a body as it comes: an async function of the request that makes the whole answer itself.

        Whoever is not signed in any more is sent to sign in and from there to the page `back`: a body is not kept meanwhile.
        """
        rule = Rule(True, tuple(roles))

        def keep(work: Streaming) -> Streaming:
            async def handler(ask: Ask, **given: Any) -> Response:
                if ask.actor is None and "application/json" not in ask.request.headers.get("accept", ""):
                    return RedirectResponse(f"{ask.url('/sign-in')}?next={ask.url(back)}", 303)
                await self.place.run(lambda: self._allow(ask, rule))
                return await work(ask, **given)

            vars(handler)["__signature__"] = self._signature(work, 1)
            self.app.add_api_route(
                "/{language}" + path,
                handler,
                methods=[method],
                response_model=None,
                operation_id=f"{self.name} {method} {path}",
                summary=(inspect.getdoc(work) or "").split("\n")[0],
                **answers.streamed(),
            )
            return work

        return keep

    def _route(
        self,
        path: str,
        endpoint: Any,
        method: str,
        twin: bool,
        view: Callable[..., Any],
        fields: Sequence[Field] = (),
        kinds: Sequence[str] = (),
    ) -> None:
        self.app.add_api_route(
            "/{language}" + path,
            endpoint,
            methods=[method],
            response_model=None,
            name=f"{method.lower()} {path}",
            operation_id=f"{self.name} {method} {path}",
            summary=(inspect.getdoc(view) or "").split("\n")[0],
            **answers.described(method, twin, fields, kinds),
        )

    def _endpoint(
        self, view: Callable[..., Any], work: Callable[..., Response], skip: int = 1, posted: bool = False
    ) -> Any:
        """A handler with the view's own parameters, so that they are read, checked and described by the framework."""

        async def handler(ask: Ask, **given: Any) -> Response:
            sent = await ask.request.form(max_files=0, max_fields=500) if posted else None
            return await self.place.run(lambda: work(ask, sent, given) if posted else work(ask, given))

        vars(handler)["__signature__"] = self._signature(view, skip)
        return handler

    def _signature(self, view: Callable[..., Any], skip: int) -> inspect.Signature:
        own = list(inspect.signature(view, eval_str=True).parameters.values())[skip:]
        first = inspect.Parameter(
            "ask", inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[Ask, Depends(self._asked)]
        )
        return inspect.Signature([first, *(one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own)])

    async def _asked(self, request: Request, language: Annotated[Language, Path()]) -> Ask:
        """The request as pages see it."""
        token = session.token(request, self.name)
        actor = await self.place.run(lambda: session.actor(self.place, token)) if token else None
        chosen = frozenset(request.cookies.get(session.MODE, "").split(".")) & frozenset(MODES)
        ask = Ask(self.place, request, language, actor, token, chosen, self.base)
        request.scope["quanmin"] = (self, ask)
        return ask

    async def _first(self, language: Annotated[Language, Path()]) -> Response:
        """The first page, for whoever left out the stroke at the end."""
        return RedirectResponse(f"{self.base}/{language}/", 308)

    def _shown(self, ask: Ask, given: Mapping[str, Any], rule: Rule, template: str | None, view: Viewing) -> Response:
        self._allow(ask, rule)
        return answers.respond(self, ask, template, view(ask, **given), rule.public)

    def _done(
        self,
        ask: Ask,
        sent: Any,
        given: Mapping[str, Any],
        rule: Rule,
        template: str | None,
        name: str,
        fields: Fields,
        page: Viewing,
        action: Acting,
    ) -> Response:
        self._allow(ask, rule)
        posted, error = read(_listed(fields, ask), sent), None
        answer: Answer | Posted = posted
        if not posted.problems:
            try:
                answer = action(ask, posted, **given)
            except (SessionOver, TooMany):
                raise
            except QuanminError as refused:
                if template is None:
                    raise
                error = refused
        if isinstance(answer, Posted) and template is None:
            raise BadFields(names=", ".join(sorted(answer.problems)))
        if not isinstance(answer, Posted):
            return answers.respond(self, ask, template, answer)
        again = page(ask, **given)
        if not isinstance(again, View):
            return answers.respond(self, ask, template, again)
        status = 422 if error is None else http_status(error.category)
        more = {**again.more, "posted": answer, "failed": name, "error": error}
        return answers.respond(self, ask, template, View(again.title, again.data, more, status, again.template))

    def _allow(self, ask: Ask, rule: Rule) -> None:
        """SessionOver or NotYourPage unless the rule is met; the latter is told the audit."""
        if rule.signed and ask.actor is None:
            raise SessionOver()
        if rule.signed and self.name == "console" and ask.who.kind == "participant":
            raise NotYourPage(roles="staff")  # whoever registered himself takes part in the portal and in nothing else
        if rule.roles and not ask.holds(*rule.roles):
            audit.append(ask.lake.ledger, "refused", ask.who.id, {"page": ask.request.scope["route"].path})
            raise NotYourPage(roles=", ".join(rule.roles))


def _listed(fields: Fields, ask: Ask) -> Sequence[Field]:
    return fields(ask) if callable(fields) else fields
