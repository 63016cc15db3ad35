"""DCAT-US, schema.org, Croissant, Data Package, core metadata."""

import csv
import io
import json

import pytest
from openpyxl import load_workbook

from quanmin.opendata import faces
from quanmin.opendata.catalogue import read
from quanmin.opendata.faces.errors import BadProfile, NotATable
from quanmin.settings import Settings
from quanmin.synth import open_catalogue


def test_data_json_is_one_document_with_every_dataset(record, issuer):
    documents = [
        *open_catalogue.documents(30),
        record(),
        record(**{"@type": "dcat:DataService", "dcat__endpointURL": "/v1"}),
    ]
    said = json.loads(b"".join(faces.us.catalogue(documents, issuer, "en")))
    assert len(said["dataset"]) == 31 and len(said["service"]) == 1
    own = next(one for one in said["dataset"] if one["title"] == "Prevalence of hypertension")
    assert own["contactPoint"]["hasEmail"] == "mailto:data@example.cn"
    assert own["accrualPeriodicity"] == "monthly"
    assert own["distribution"][0]["byteSize"] == "1234"
    assert json.loads(b"".join(faces.us.catalogue([], issuer, "zh")))["dataset"] == []


def test_a_mailbox_is_not_invented(record):
    bare = faces.Issuer("https://data.example.cn")
    assert "contactPoint" not in faces.us.described(record(dcat__contactPoint=None), bare, "en")


def test_nothing_in_a_record_ends_the_script(record):
    document = record(dct__description={"zh": "</script><script>alert(1)</script><!-- \u2028", "en": "words"})
    text = faces.script(faces.schema_org(read(document), "https://data.example.cn", "zh"))
    assert not {"<", ">", "&", "\u2028"} & set(text)
    assert json.loads(text)["description"].startswith("</script>")


def test_schema_org_says_who_may_have_it(record):
    free = {
        access: faces.schema_org(read(record(access)), "https://x.example", "en") for access in ("public", "closed")
    }
    assert [free[one]["isAccessibleForFree"] for one in free] == [True, False]
    assert free["public"]["distribution"][0]["sha256"] == "ab" * 32


def test_codes_stay_text(record, issuer):
    said = faces.datapackage(read(record()), issuer, "en")
    kinds = {one["name"]: one["type"] for one in said["resources"][0]["schema"]["fields"]}
    assert kinds and set(kinds.values()) <= {"string", "integer", "number", "boolean", "date", "datetime"}
    assert [one["name"] for one in said["resources"]] == ["csv"]
    croissant = faces.croissant(read(record()), issuer, "en")
    assert croissant["distribution"][0]["encodingFormat"] == "application/x-parquet"
    assert len(croissant["recordSet"][0]["field"]) == len(kinds)


@pytest.mark.parametrize("parts", [{"dcat__distribution": None}, {"healthdcatap__hasVariables": None}])
def test_what_is_no_table_is_refused(record, issuer, parts):
    with pytest.raises(NotATable):
        faces.croissant(read(record(**parts)), issuer, "en")
    if "dcat__distribution" in parts:
        with pytest.raises(NotATable):
            faces.datapackage(read(record(**parts)), issuer, "en")


def test_core_metadata_says_the_same_in_three_forms(record, issuer):
    odd = record(dct__title={"zh": "=1+1", "en": "x"}, quanmin__shareType="有条件共享")
    documents = [*open_catalogue.documents(20), odd]
    rows = json.loads(b"".join(faces.core_metadata.as_json(documents, issuer)))
    assert len(rows) == 21 and rows[-1]["信息资源名称"] == "=1+1" and rows[-1]["共享类型"] == "有条件共享"
    assert rows[-1]["是否向社会开放"] == "是" and "字符型" in rows[-1]["信息项信息"]
    text = b"".join(faces.core_metadata.as_csv(documents, issuer))
    assert text.startswith(b"\xef\xbb\xbf")
    table = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))
    assert table[-1]["信息资源名称"] == "'=1+1"
    assert [one["信息资源代码"] for one in table] == [one["信息资源代码"] for one in rows]
    sheet = load_workbook(io.BytesIO(faces.core_metadata.as_workbook(documents, issuer))).active
    cells = list(sheet.values)
    assert cells[-1][2] == "=1+1" and sheet.cell(22, 3).data_type == "s" and len(cells) == 22


GOOD = """
publisher = { zh = "甲", en = "A" }
[health]
applicable_legislation = "http://data.europa.eu/eli/reg/2025/327/oj"
health_category = ["HRAD"]
[health.access_body]
name = { zh = "乙", en = "B" }
email = "b@example.cn"
"""


def test_the_profile_of_an_installation(tmp_path):
    file = tmp_path / "profile.toml"
    file.write_text(GOOD, "utf-8")
    made = faces.Issuer.of(Settings(home=tmp_path, catalogue_profile=file))
    assert made.name.zh == "甲" and made.access_body.email == "b@example.cn" and made.categories == ("HRAD",)
    assert faces.Issuer.of(Settings(home=tmp_path)).name.en == "localhost:8000"


@pytest.mark.parametrize(
    "text",
    [
        "title = 3",
        "publisher = { zh = '甲' }",
        "[health]\nhdab = 1",
        "[health.access_body]\nname = { zh = '乙', en = 'B' }",
        "health = 7",
        "[health]\naccess_body = 7",
        "[health]\nhealth_category = [1]",
        "= broken",
    ],
)
def test_a_bad_profile_is_refused(tmp_path, text):
    file = tmp_path / "profile.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(BadProfile):
        faces.Issuer.of(Settings(home=tmp_path, catalogue_profile=file))
    with pytest.raises(BadProfile):
        faces.Issuer.of(Settings(home=tmp_path, catalogue_profile=tmp_path / "none"))
