"""What a user writes as NAME=VALUE or as JSON, read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from benchmark.errors import ConfigurationError

if TYPE_CHECKING:
    from pydantic import JsonValue


def parse_settings(told: list[str]) -> dict[str, Any]:
    """Settings from `name=value`; whole numbers, numbers, true and false are read as such."""
    settings: dict[str, Any] = {}
    for one in told:
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise ConfigurationError(f"setting {one!r}: write NAME=VALUE")
        try:
            read = json.loads(value)
        except ValueError:
            read = value
        settings[name.replace("-", "_")] = read if isinstance(read, str | int | float | bool) else value
    return settings


def json_object(option: str, text: str) -> dict[str, JsonValue]:
    """The object that the text of the option is; NaN and infinity are no JSON."""
    try:
        told = json.loads(text)
        json.dumps(told, allow_nan=False)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise ConfigurationError(f"{option} {text!r:.60}: must be a JSON object, such as '{{\"temperature\": null}}'")
    return told
