"""The page of faces and harvest is true: its profile can be read, its forms, formats and limits are those of the program."""

from __future__ import annotations

import re
from pathlib import Path

from quanmin.opendata import faces, harvest
from quanmin.settings import Settings

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "faces.md").read_text("utf-8")


def test_its_profile_is_one(tmp_path):
    (said,) = re.findall(r"```toml\n(.*?)```", TEXT, re.S)
    file = tmp_path / "profile.toml"
    file.write_text(said, "utf-8")
    made = faces.Issuer.of(Settings(home=tmp_path, catalogue_profile=file))
    assert made.access_body and made.legislation and made.categories and made.dataset_type and made.provenance
    assert all(name in TEXT for name in ("QUANMIN_CATALOGUE_PROFILE", "QUANMIN_CONTACT_EMAIL"))


def test_it_names_every_form_and_format():
    assert all(f"`.{ending}`" in TEXT or f"/catalog.{ending}`" in TEXT for ending in faces.rdf.FORMS)
    assert re.findall(r"^\| `(\w+)` \|", TEXT.split("| format | what is read |")[1], re.M) == list(harvest.FORMATS)
    assert f"{faces.PAGE} records a page" in " ".join(TEXT.split())


def test_its_limits_are_the_limits():
    limits = harvest.Limits()
    told = f"At most {limits.seconds / 60:g} minutes, {limits.read:g} seconds a read, {limits.page >> 20} MB a page"
    assert f"{told}, {limits.whole >> 20} MB and {limits.records:,} records in all" in " ".join(TEXT.split())
