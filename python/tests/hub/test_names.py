from __future__ import annotations

import pytest

import innerspace as sl
from innerspace._hub.known_models import KNOWN_MODELS, UNSUPPORTED_MODELS
from innerspace._hub.names import is_repository, is_revision, parse

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("name", "repository"),
    [
        ("clip-ViT-B-32", "Xenova/clip-vit-base-patch32"),
        ("clip-vit-b-32", "Xenova/clip-vit-base-patch32"),
        ("clip-ViT-B-16", "Xenova/clip-vit-base-patch16"),
        ("clip-ViT-L-14", "Xenova/clip-vit-large-patch14"),
        (" Xenova/clip-vit-base-patch32 ", "Xenova/clip-vit-base-patch32"),
        ("hf-hub:owner/name", "owner/name"),
        ("ViT-B-32/laion2b_s34b_b79k", "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"),
        ("ViT-B-32__openai", "immich-app/ViT-B-32__openai"),
        ("all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2"),
        ("owner/name.with_all-kinds", "owner/name.with_all-kinds"),
    ],
)
def test_names(name: str, repository: str) -> None:
    parsed = parse(name)
    assert (parsed.spelled, parsed.repository, parsed.revision) == (name.strip(), repository, "main")
    assert not parsed.pinned


@pytest.mark.parametrize("pin", ["v1.0", "refs/pr/1", COMMIT])
def test_a_revision_in_the_name_or_beside_it(pin: str) -> None:
    in_name, beside = parse(f"owner/name@{pin}"), parse("owner/name", pin)
    assert in_name.revision == beside.revision == pin
    assert parse(f"owner/name@{pin}", pin) == in_name
    assert in_name.pinned == (pin == COMMIT)


def test_two_revisions() -> None:
    with pytest.raises(sl.InvalidInputException, match="names the revision 'v1' and the parameter revision is 'v2'"):
        parse("owner/name@v1", "v2")


@pytest.mark.parametrize(
    "revision", ["", " ", "..", "../x", "a/../b", "/etc", "a//b", "x.lock", "a\\b", "a b", "a\n", "x" * 201]
)
def test_what_cannot_be_a_revision(revision: str) -> None:
    assert not is_revision(revision)
    with pytest.raises(sl.InvalidInputException, match="cannot be a revision of the model 'owner/name'"):
        parse("owner/name", revision)


@pytest.mark.parametrize(
    "name",
    ["a/b/c", "../x", "owner/..", "owner/na--me", "owner/", "/name", "owner/na me", "owner/name\n/x", "a:b/c", "ö/x"],
)
def test_what_cannot_be_a_repository(name: str) -> None:
    assert not is_repository(name)
    with pytest.raises(sl.InvalidInputException, match="neither a directory nor the name of a repository"):
        parse(name)


def test_a_short_name_is_one_of_sentence_transformers() -> None:
    assert parse("multi-qa-MiniLM-L6-cos-v1").repository == "sentence-transformers/multi-qa-MiniLM-L6-cos-v1"
    assert parse("sentence-transformers/clip-ViT-B-32").repository == "sentence-transformers/clip-ViT-B-32"


def test_an_architecture_alone_is_no_model() -> None:
    with pytest.raises(sl.InvalidInputException, match=r"'ViT-L-14' names an architecture.*: ViT-L-14/openai, "):
        parse("ViT-L-14")


def test_a_model_in_two_repositories() -> None:
    name = parse("Qdrant/clip-ViT-B-32")
    half = name.text_half()
    assert name.repository == "Qdrant/clip-ViT-B-32-vision"
    assert half is not None
    assert half.repository == "Qdrant/clip-ViT-B-32-text"
    with pytest.raises(sl.InvalidInputException, match=r"in two repositories.*cannot be pinned"):
        parse("Qdrant/clip-ViT-B-32-text", "v1")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("clip-ViT-B-32-multilingual-v1", "a text model only"),
        ("sentence-transformers/clip-ViT-B-32-multilingual-v1", "a text model only"),
        ("RN50/openai", "a ResNet"),
        ("RN50x64/openai", "a ResNet"),
    ],
)
def test_a_known_name_that_does_not_run(name: str, reason: str) -> None:
    with pytest.raises(sl.FeatureNotSupportedException, match=reason):
        parse(name)


def test_the_table_holds_together() -> None:
    spelled = [alias.lower() for model in KNOWN_MODELS for alias in (model.name, *model.aliases)]
    assert len(spelled) == len(set(spelled))
    assert not set(spelled) & set(UNSUPPORTED_MODELS)
    repositories = [name for model in KNOWN_MODELS for name in (model.repository, model.text_repository) if name]
    assert all(is_repository(name) for name in repositories)
    assert all(name == name.lower() for name in UNSUPPORTED_MODELS)
    assert all(model.dimension > 0 and model.megabytes > 0 for model in KNOWN_MODELS)
