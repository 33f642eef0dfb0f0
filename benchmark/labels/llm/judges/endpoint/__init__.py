"""A judge behind an endpoint that speaks the OpenAI protocol."""

from __future__ import annotations

from benchmark.labels.llm.judges.endpoint.errors import EndpointError
from benchmark.labels.llm.judges.endpoint.judge import EndpointJudge

__all__ = ["EndpointError", "EndpointJudge"]
