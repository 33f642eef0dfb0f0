"""Where an endpoint is, and the key to it, which nothing may print."""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit

from benchmark.errors import ConfigurationError

_SECRET = 8  # shorter values, such as EMPTY for a server without keys, are no secrets and could be part of an answer
_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")


def checked_address(base_url: str) -> str:
    """`scheme://host[:port]/path`, without a slash at the end.

    Raises `ConfigurationError` where there is more (a user, a password, a query: they could hold a secret, and the
    address is shown and recorded) or less. The message does not repeat what was given.
    """
    example = "give scheme, host, port and path alone, such as http://localhost:8000/v1"
    try:
        parts = urlsplit(base_url.strip())
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        raise ConfigurationError(f"base URL: is no address; {example}") from None
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise ConfigurationError(f"base URL: holds a user or a password, put the key in a variable; {example}")
    if parts.query or parts.fragment:
        raise ConfigurationError(f"base URL: holds a query or a fragment; {example}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(f"base URL: is no address; {example}")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}{parts.path}".rstrip("/")


class Key:
    """The key in an environment variable as it is now; it is shown nowhere, `reveal` aside.

    Raises `ConfigurationError` for what is no key, and, without repeating it, for a name that may be the key itself.
    """

    def __init__(self, variable: str) -> None:
        if variable not in os.environ and not _NAME.fullmatch(variable):
            raise ConfigurationError(
                "key-variable: names no environment variable that is set; put the key in one, and give that one's name"
            )
        self.variable = variable
        self._value = os.environ.get(variable, "").strip()
        # Anything else cannot be sent, and the HTTP library's complaint would quote it.
        if not (self._value.isascii() and self._value.isprintable()) or " " in self._value:
            raise ConfigurationError(
                f"environment variable {variable}: holds a space, a control character or a letter outside ASCII, "
                "so it is no key; set it again"
            )

    def __repr__(self) -> str:
        return f"Key({self.variable})"

    def __bool__(self) -> bool:
        return bool(self._value)

    def reveal(self) -> str:
        """The key, or, as the protocol wants one, `none`: servers of one's own ask for none."""
        return self._value or "none"

    def hide(self, text: str) -> str:
        """The text without the key: services have been seen to repeat what they were sent."""
        return text.replace(self._value, "***") if len(self._value) >= _SECRET else text
