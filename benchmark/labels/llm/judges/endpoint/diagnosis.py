"""What an error of the client means: ask again, give this request up, or stop."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import openai

from benchmark.labels.llm.judges.endpoint.address import Key
from benchmark.labels.llm.judges.endpoint.errors import Again, EndpointError, Filtered, Inside, Wrong

_LONGEST = 200  # characters of what a service says that are repeated
_LIMITS = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
_FILTERS = {"content_filter", "content_policy_violation"}
_MEANT = dict.fromkeys(_LIMITS, 402) | dict.fromkeys(_FILTERS, 400) | {"rate_limit_exceeded": 429, "server_error": 500}
# Of what was asked, not of an account or a key, which may be flagged as well.
_FLAGGED = re.compile(r"\bmoderation\b|\b(input|prompt|content|message|request|output) (\w+ ){0,2}flagged\b", re.I)
_TOO_LARGE = re.compile(r"\brequest too large\b", re.I)  # more tokens at once than are allowed in a minute
_AWAY = {502, 503}  # what a proxy says when there is no server behind it
_AGAIN = {408, 409, 425, 429, 500, 504}
_REFUSED = {400, 413, 422}


def diagnosis(error: Exception, key: Key, timeout: float) -> Exception:
    """What to raise for an error of the client; nothing in it holds the key or is chained to what does."""
    if isinstance(error, openai.APIStatusError):
        return _by_status(error.status_code, error.body, _retry_after(error.response.headers), key)
    if isinstance(error, Inside):
        return _inside(error.error, key)
    if isinstance(error, TimeoutError | openai.APITimeoutError) and not _unconnected(error):
        return Again(f"no answer within {timeout:g} s (a longer --timeout may help)")
    if isinstance(error, openai.APIConnectionError):
        cause = error.__cause__ or error
        detail = _told(str(cause), key) or type(cause).__name__
        if "CERTIFICATE_VERIFY_FAILED" in detail:
            return EndpointError(f"its certificate is not trusted ({detail}); check the base URL or the certificates")
        away = _unconnected(error)
        return Again(f"connection lost: {detail}", away=away, connected=not away)
    if isinstance(error, openai.APIResponseValidationError | ValueError):
        return Wrong("answers with something else than JSON")
    return error


def _by_status(status: int, body: object, after: float | None, key: Key) -> Exception:
    code, said = _code(body), _told(_words(body), key)
    detail = f"{status}: {said}" if said else f"status {status}"
    if status == 401:
        holds = f"the key in environment variable {key.variable}" if key else f"no key ({key.variable} is not set)"
        return EndpointError(f"does not accept {holds}; set {key.variable} to a valid key")
    if status == 402 or code in _LIMITS:
        return EndpointError(f"the account has nothing left to spend ({detail}); add credit, then go on")
    if status in _AWAY:
        return Again(detail, after=after, away=True)
    if status == 429 and _TOO_LARGE.search(detail):
        return Wrong(detail)
    if status in _AGAIN or status > 500:
        return Again(detail, after=after, heard=True, busy=status == 429)
    if status in _REFUSED | {403} and (code in _FILTERS or (status == 403 and _moderated(body))):
        return Filtered(detail)
    if status in _REFUSED:
        return Wrong(detail, request=True)
    if status == 404:
        return EndpointError(f"knows no such model or path ({detail}); check --model and the base URL, often .../v1")
    return EndpointError(f"refuses ({detail}); check the base URL, the model and the rights of {key.variable}")


def _inside(body: Mapping[str, object], key: Key) -> Exception:
    """The same for an error in the place of an answer, whose code is the status or means one."""
    code = _code(body)
    status = int(code) if re.fullmatch(r"[45]\d\d", code) else _MEANT.get(code)
    if status is None:
        return Wrong(f"answered with an error: {_told(_words(body), key) or 'it does not say which'}", request=True)
    found = _by_status(status, body, None, key)
    # 502 and 503 are of what lies behind: the service itself is there.
    return replace(found, heard=True, away=False) if isinstance(found, Again) else found


def _moderated(body: object) -> bool:
    """Whether a refusal is of what was asked: some services have the status of missing rights for that too."""
    metadata = body.get("metadata") if isinstance(body, Mapping) else None
    told = isinstance(metadata, Mapping) and not metadata.keys().isdisjoint({"flagged_input", "reasons"})
    return told or _FLAGGED.search(_words(body)) is not None


def _code(body: object) -> str:
    return str(body.get("code") or body.get("type") or "") if isinstance(body, Mapping) else ""


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a service asks to wait: `retry-after-ms`, or Retry-After in seconds or as a date (RFC 9110)."""
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) * scale)
        except (KeyError, ValueError):
            continue
    try:
        when = parsedate_to_datetime(headers["retry-after"])
    except (KeyError, ValueError):
        return None
    return max(0.0, (when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _unconnected(error: Exception) -> bool:
    return type(error.__cause__).__name__ in ("ConnectError", "ConnectTimeout")


def _words(body: object) -> str:
    """The message in an error's body, whose shape differs from service to service."""
    while isinstance(body, Mapping):
        body = next((body[name] for name in ("error", "message", "detail", "msg") if body.get(name)), "")
    return "" if body is None else str(body)


def _told(text: str, key: Key) -> str:
    """The beginning of what a service says, in one line; the key is hidden first: a cut key would not be found."""
    line = " ".join(key.hide(text).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 3] + "..."
