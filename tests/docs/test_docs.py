"""The documents are true: settings, errors, terms and commands are all documented."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

from quanmin.errors import KINDS
from quanmin.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def manual():
    spec = importlib.util.spec_from_file_location("build_manual", ROOT / "scripts" / "build_manual.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["build_manual"] = module
    spec.loader.exec_module(module)
    return module


def test_the_settings_page_is_the_settings(manual):
    assert (ROOT / "docs" / "settings.md").read_text("utf-8") == manual.settings_page()
    assert all(info.description for info in Settings.model_fields.values())


def test_every_error_kind_speaks_both_languages_and_names_a_next_step():
    assert KINDS
    for kind in KINDS.values():
        assert all([*kind.title, *kind.step]), kind
        assert re.search("[\u4e00-\u9fff]", kind.title.zh), kind
        assert not re.search("[\u4e00-\u9fff]", kind.title.en), kind
        fields = [set(re.findall(r"{(\w+)", text)) for text in (kind.title.zh, kind.title.en)]
        assert fields[0] == fields[1], kind


def test_every_command_has_help_in_both_languages(manual):
    import typer.main

    from quanmin.cli import app

    for path, command in manual.commands(typer.main.get_command(app), ("quanmin",)):
        assert re.search("[\u4e00-\u9fff]", command.help or ""), path
        assert re.search("[a-z]{3}", command.help or ""), path


def test_the_readme_names_only_commands_that_exist(manual):
    import typer.main

    from quanmin.cli import app

    known = {" ".join(path) for path, _ in manual.commands(typer.main.get_command(app), ("quanmin",))}
    for name in ("README.md", "README.zh.md"):
        lines = re.findall(r"^(quanmin .*?)(?:  |$)", (ROOT / name).read_text("utf-8"), re.M)
        assert lines
        for line in lines:
            words = line.split()
            assert " ".join(words[:2]) in known or " ".join(words[:3]) in known, line


def test_spec_pages_have_titles_and_sentences(manual):
    pages = list(manual.spec_pages())
    assert pages
    for name, text in pages:
        assert re.match(r"# .+", text), name
        assert "## None" not in text, name
