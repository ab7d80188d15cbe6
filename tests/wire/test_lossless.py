"""A submission that goes through the specification's envelope comes back as it was, to the byte."""

from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.schemas.examples import example
from hub.schemas.kind import editions, kinds
from hub.wire.envelope import enveloped
from hub.wire.forms import OF_ONE, V2_JSON, XML, written
from tests.wire.made import documents

LARGEST = 10**7

both_forms = pytest.mark.parametrize("media", [XML, V2_JSON])
every_kind = pytest.mark.parametrize("name", kinds())


def returned(document: dict[str, Any], media: str) -> bytes:
    """The document after a journey in its envelope, as canonical JSON."""
    form = OF_ONE[media]
    sent = form.read(form.whole(written(enveloped(document, platform="91350100M000100Y43"), media), LARGEST))
    assert orjson.loads(sent.raw) == sent.document
    return canonical(sent.document)


def canonical(document: dict[str, Any]) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


@both_forms
@every_kind
def test_the_example_of_every_kind_comes_back(name: str, media: str) -> None:
    assert returned(example(name), media) == canonical(example(name))


@every_kind
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_whatever_a_field_holds_comes_back(name: str, data: st.DataObject) -> None:
    document = data.draw(documents(name))

    assert returned(document, XML) == returned(document, V2_JSON) == canonical(document)


@both_forms
@pytest.mark.parametrize("name", [name for name in kinds() if len(editions(name)) > 1])
def test_a_later_edition_comes_back_as_that_edition(name: str, media: str) -> None:
    *_, later = editions(name)
    document = example(name) | {"schema_version": later}

    assert returned(document, media) == canonical(document)


@both_forms
@pytest.mark.parametrize("more", [{}, {"legal_basis": ["某办法"]}, {"reason": "<两处\r\n笔误>\ufffe"}])
def test_a_withdrawal_comes_back(media: str, more: dict[str, Any]) -> None:
    withdrawal = {"data_timestamp": "2026-05-01T00:00:00Z", "reason": "重复报送"} | more
    document = {"kind": "tender_notice", "data_key": "0001", "withdrawal": withdrawal}

    assert returned(document, media) == canonical(document)
