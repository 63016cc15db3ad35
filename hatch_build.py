"""The build hook: a wheel carries the assets and the words of the interface; a checkout builds them with `scripts/assets.py`."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Assets(BuildHookInterface[Any]):
    """Build them before the wheel is packed."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, _build_data: dict[str, Any]) -> None:
        """Nothing for an editable install: `make` builds them in the checkout."""
        if version == "editable":
            return
        place = Path(self.root) / "scripts" / "assets.py"
        spec = importlib.util.spec_from_file_location("assets", place)
        if spec is None or spec.loader is None:
            raise FileNotFoundError(place)
        assets = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(assets)
        assets.main()
        if not assets.built():
            raise FileNotFoundError("the assets of the pages are not built")
