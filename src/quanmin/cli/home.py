"""`quanmin init`: a home to work in."""

from __future__ import annotations

import typer

from quanmin.cli.output import AsJson, out, print_json, say
from quanmin.cli.workplace import open_lake
from quanmin.settings import Settings
from quanmin.text import Text


def init(json: AsJson = False) -> None:
    """Create the home: ledger, lake and the first administrator. 建立运行目录、台账、数据湖和首位管理员。"""
    settings = Settings()
    lake = open_lake(settings)
    answer = {
        "home": str(settings.home),
        "ledger": lake.ledger.engine.dialect.name,
        "lake": settings.lake_root,
        "buckets": settings.buckets,
        "snapshot": lake.snapshot().id,
    }
    if json:
        print_json(answer)
        return
    out.print(say(Text(f"已就绪：{settings.home}", f"Ready: {settings.home}")))


def register(app: typer.Typer) -> None:
    """Add the command to the root."""
    app.command()(init)
