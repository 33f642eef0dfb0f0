"""A judge behind an endpoint that speaks the OpenAI protocol."""

from __future__ import annotations

from benchmark.labels.llm.judges.endpoint.judge import EndpointJudge
from benchmark.labels.llm.judges.endpoint.trouble import EndpointError

__all__ = ["EndpointError", "EndpointJudge"]
