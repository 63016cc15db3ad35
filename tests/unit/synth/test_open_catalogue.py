"""The simulated open catalogue: the same for the same seed, and as varied as a real one."""

from itertools import islice

from quanmin.synth import open_catalogue


def test_the_same_seed_gives_the_same_documents():
    first = list(open_catalogue.documents(50, seed=3))
    assert first == list(islice(open_catalogue.documents(500, seed=3), 50))
    assert first != list(open_catalogue.documents(50, seed=4))
    assert open_catalogue.document(7, seed=3) == first[7]


def test_ids_and_names_are_each_once_and_most_are_about_health():
    made = list(open_catalogue.documents(2_000))
    for key in ("dct:identifier", "quanmin:name"):
        assert len({document[key] for document in made}) == len(made)
    health = sum(document["dcat:theme"] == ["HEAL"] for document in made)
    assert 0.6 < health / len(made) < 0.95
    assert len({document["dct:title"]["zh"] for document in made}) > 1_900


def test_titles_and_descriptions_speak_both_languages():
    for document in open_catalogue.documents(200):
        assert set(document["dct:title"]) == set(document["dct:description"]) == {"zh", "en"}
        assert "{" not in str(document["dct:description"].values())
