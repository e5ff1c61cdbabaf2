"""What `bridge crm add` asks for: answers are texts, and what is not given stays out."""

from __future__ import annotations

import pytest

from bridge.connecting.options import loaded, questions, wrong_together, wrong_with
from bridge.connectors import registry

REQUIRED = {
    "dynamics": {
        "url": "https://acme.crm4.dynamics.com",
        "tenant_id": "7a1c",
        "client_id": "app",
        "client_secret": "hush",
    },
    "hubspot": {"channel_id": "7", "inbox_id": "3", "token": "pat"},
    "zoho": {
        "accounts_url": "https://accounts.zoho.eu",
        "api_url": "https://www.zohoapis.eu",
        "client_id": "1000.X",
        "client_secret": "hush",
        "refresh_token": "1000.Y",
    },
}


@pytest.mark.parametrize("name", REQUIRED)
def test_options_are_answered_in_words(name: str) -> None:
    schema, given = registry.installed()[name].Options(), REQUIRED[name]
    for left_out in given:
        rest = {key: value for key, value in given.items() if key != left_out}
        assert wrong_together(schema, rest)
    assert () == wrong_together(schema, given)
    for question in questions(schema):
        assert not question.secret or "" == question.default
        if question.default:
            assert "" == wrong_with(schema, question.name, question.default)
    assert "hush" not in str(loaded(schema, given))
