"""What an annotation may cost, and what it did cost."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judges.judge import Reply


@dataclass(frozen=True)
class Budget:
    """Limits on what is asked now; replies that are in the store already cost nothing.

    `requests` is exact; tokens (of prompts and answers), seconds (of the judge) and cost (in the currency of its
    prices) are overrun by the reply that reaches them and by what was under way then: at an endpoint, so many requests
    more as its `concurrency` less one.
    """

    requests: float = math.inf
    tokens: float = math.inf
    seconds: float = math.inf
    cost: float = math.inf

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise ConfigurationError(f"budget {name} {value:g}: must be above 0; leave it out for no limit")

    @property
    def is_open_ended(self) -> bool:
        """Whether it is only known while asking when it is used up."""
        return min(self.tokens, self.seconds, self.cost) < math.inf

    def pays_for(self, spent: Spent, used: Spent, lists: int) -> float:
        """How many more lists what is left of it is likely to pay for: the least (limit - spent) lists / used.

        `used` is what the `lists` that are finished took; infinite without a limit.
        """
        measures = (
            (self.requests, spent.requests, used.requests),
            (self.tokens, spent.tokens, used.tokens),
            (self.seconds, spent.seconds, used.seconds),
            (self.cost, spent.cost, used.cost),
        )
        return min((max(limit - gone, 0.0) * lists / took for limit, gone, took in measures if took), default=math.inf)


@dataclass
class Spent:
    """Replies of this run by status, and what they took; `stored` were found in a store: this one, or one replayed.

    `replayed`: how many of the `stored` a judge that asks nobody gave.
    `failed`: those that failed, by address; they are not asked for again in this run.
    """

    stored: int = 0
    replayed: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    cost: float = 0.0
    failed: dict[str, Reply] = field(default_factory=dict, repr=False)

    @property
    def requests(self) -> int:
        """Replies of this run."""
        return self.statuses.total()

    @property
    def answers(self) -> int:
        """Replies of this run that did not fail, and those that were replayed."""
        return self.requests - self.statuses["failed"] + self.replayed

    @property
    def tokens(self) -> int:
        """Of prompts and answers."""
        return self.prompt_tokens + self.completion_tokens

    def add(self, reply: Reply) -> None:
        """Count a reply."""
        self.statuses[reply.status] += 1
        self.prompt_tokens += reply.prompt_tokens
        self.completion_tokens += reply.completion_tokens
        self.seconds += reply.seconds
        self.cost += reply.cost

    def reached(self, budget: Budget) -> list[str]:
        """Which limits are reached, but that on requests, which is never passed."""
        return [name for name in ("tokens", "seconds", "cost") if getattr(self, name) >= getattr(budget, name)]
