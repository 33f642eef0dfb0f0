"""Drives a method over many lists at once, asking a judge only for what the store does not hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from benchmark.errors import DataError
from benchmark.labels.llm.judges.interrupt import interruptible
from benchmark.labels.llm.judges.judge import Judge, Reply, Request, Stoppable
from benchmark.labels.llm.judges.replay import ReplayJudge
from benchmark.labels.llm.judgments.judgment import Judgment
from benchmark.labels.llm.judgments.rows import id_problem
from benchmark.labels.llm.methods.method import Method, RankedList, Steps
from benchmark.labels.llm.replies.address import address
from benchmark.labels.llm.replies.store import ReplyStore
from benchmark.labels.llm.runner.budget import Budget, Spent
from benchmark.labels.llm.runner.drive import driven
from benchmark.labels.llm.runner.first_replies import FirstReplies

AT_ONCE = 100_000
"""Lists that are asked about side by side: what they share is then read once."""
AT_ONCE_ON_A_BUDGET = 32
"""The same where it is only known while asking when a budget is used up."""


@dataclass
class Annotation:
    """Judgments of the lists that were judged to the end; `complete`: whether that is all of them.

    `spent`: what was asked now; `used`: the replies that these lists needed, asked now or before, each counted once.
    """

    judgments: list[Judgment] = field(default_factory=list)
    lists: int = 0
    complete: bool = True
    spent: Spent = field(default_factory=Spent)
    used: Spent = field(default_factory=Spent)


def annotate(
    lists: Sequence[RankedList],
    method: Method,
    judge: Judge,
    store: ReplyStore,
    *,
    budget: Budget | None = None,
    spent: Spent | None = None,
    counted: Sequence[RankedList] = (),
    told: Callable[[Spent], None] | None = None,
) -> Annotation:
    """Judge the lists, in their order, by `method`; every reply is in the `store` before anything is made of it.

    Each different request is asked once, now or ever: one that the store holds is answered from there, so an
    annotation that was killed goes on where it was, also in the middle of a method's steps. A reply that failed is not
    asked for twice in one run, which is as long as `spent` goes on. `told` is called after each reply.

    Stops when the budget is used up; lists that are not finished then give no judgments, but their replies are kept. So
    no more lists are begun than what is left is likely to pay for, by what those before them took, and one at first.
    What is under way when the budget is used up, or at the first Ctrl-C, is waited for and kept (see `interruptible`).
    Raises `DataError` before anything is asked for a list whose ids a judgments file does not hold, and
    `ConfigurationError` where a service's first replies all end before an answer (see `FirstReplies`).

    The budget counts from `spent`, which goes on; what a `ReplayJudge` replays was paid for before and takes nothing
    of it. Replies that `counted` lists needed, of earlier rounds, are not among those `used`.
    """
    for ranked in lists:
        if wrong := id_problem([ranked.qid, *ranked.docnos]):
            raise DataError(f"list of {ranked.qid!r}: {wrong}")
    limits = Budget() if budget is None or isinstance(judge, ReplayJudge) else budget
    done = Annotation(spent=spent or Spent())
    with store.writing(judge.model):
        asking = _Asking(judge, store, limits, done, ", ".join(prompt.name for prompt in method.prompts), told)
        for ranked in counted:
            asking.count_before(ranked, method)
        start = 0
        while start < len(lists):
            block = lists[start : start + _at_once(limits, done)]
            start += len(block)
            finished = _block(block, method, asking)
            done.judgments.extend(judgment for judgments in finished for judgment in judgments)
            done.lists += len(finished)
            if len(finished) < len(block):
                break
        if done.spent.stored > done.spent.replayed:
            store.restore_model()
    done.complete = done.lists == len(lists)
    return done


def _at_once(limits: Budget, done: Annotation) -> int:
    """How many lists to begin: those not ended when a budget ends give no judgments."""
    if limits == Budget():
        return AT_ONCE
    likely = limits.pays_for(done.spent, done.used, done.lists) if done.lists else 1
    return int(min(max(likely, 1), AT_ONCE_ON_A_BUDGET if limits.is_open_ended else AT_ONCE))


def _block(lists: Sequence[RankedList], method: Method, asking: _Asking) -> list[list[Judgment]]:
    """Judgments of the lists that came to their end, in order."""
    finished: dict[int, list[Judgment]] = {}
    waiting: dict[int, tuple[Steps, Sequence[Request]]] = {}
    needed: dict[int, list[Request]] = defaultdict(list)
    for number, ranked in enumerate(lists):
        steps = method.steps(ranked)
        try:
            waiting[number] = steps, next(steps)
        except StopIteration as end:
            finished[number] = end.value
    while waiting:
        affordable = asking.affordable({number: requests for number, (_, requests) in waiting.items()})
        asking.ask([request for number in affordable for request in waiting[number][1]])
        moved = False
        for number in affordable:
            steps, requests = waiting[number]
            replies = [asking.reply(request) for request in requests]
            if any(reply is None for reply in replies):
                continue  # the budget ended before they came
            moved = True
            needed[number].extend(requests)
            try:
                waiting[number] = steps, steps.send([reply for reply in replies if reply is not None])
            except StopIteration as end:
                finished[number] = end.value
                asking.use(needed.pop(number))
                del waiting[number]
        if not moved:
            break
    return [finished[number] for number in sorted(finished)]


class _Asking:
    """Replies of a run: from the store, from earlier in the run, or asked for now."""

    def __init__(
        self,
        judge: Judge,
        store: ReplyStore,
        budget: Budget,
        done: Annotation,
        prompts: str,
        told: Callable[[Spent], None] | None,
    ) -> None:
        self._judge, self._store, self._budget = judge, store, budget
        self._spent, self._used = done.spent, done.used
        self._prompts, self._told = prompts, told
        self._first = FirstReplies(asked=bool(judge.model.served_by) and not isinstance(judge, ReplayJudge))
        self._identity = judge.model.identity
        self._addresses: dict[Request, str] = {}
        self._now: dict[str, Reply] = dict(done.spent.failed)
        self._from_store: set[str] = set()
        self._counted: set[str] = set()

    def affordable(self, requests: dict[int, Sequence[Request]]) -> list[int]:
        """The lists, from the first on, whose next requests the budget still allows."""
        left = self._budget.requests - self._spent.requests
        chosen: list[int] = []
        counted: set[str] = set()
        for number, asked in requests.items():
            new = {self._address(request) for request in asked if self.reply(request) is None} - counted
            if len(new) > left or (new and self._spent.reached(self._budget)):
                break
            left -= len(new)
            counted |= new
            chosen.append(number)
        return chosen

    def ask(self, requests: Sequence[Request]) -> None:
        """Ask for what is not there yet, each different request once; no more than the budget pays for."""
        missing: dict[str, Request] = {}
        for request in requests:
            if self.reply(request) is None:
                missing.setdefault(self._address(request), request)
        addresses = list(missing)
        answers = self._judge.answer(list(missing.values()))
        try:
            with interruptible(answers):
                for index, reply in self._paid(answers):
                    self._store.add(addresses[index], reply, self._prompts)
                    self._now[addresses[index]] = reply
                    if reply.status == "failed":
                        self._spent.failed[addresses[index]] = reply
                    if self._told is not None:
                        self._told(self._spent)
        finally:
            close = getattr(answers, "close", None)
            if close is not None:
                close()

    def _paid(self, answers: Iterator[tuple[int, Reply]]) -> Iterator[tuple[int, Reply]]:
        """The answers, counted, up to the one that reaches the budget or ends the hope; then only what is under way."""
        for index, reply in answers:
            self._count(reply)
            self._first.look_at(reply)
            ends = self._first.is_lost or self._spent.reached(self._budget)
            if ends and isinstance(answers, Stoppable):
                answers.stop()
            yield index, reply
            if ends and not isinstance(answers, Stoppable):
                break
        self._first.check()

    def _count(self, reply: Reply) -> None:
        if isinstance(self._judge, ReplayJudge):
            self._spent.stored += 1
            self._spent.replayed += 1
        else:
            self._spent.add(reply)

    def reply(self, request: Request) -> Reply | None:
        """The reply of a request, if it is there."""
        key = self._address(request)
        if key in self._now:
            return self._now[key]
        stored = self._store.final(key)
        if stored is not None and key not in self._from_store:
            self._from_store.add(key)
            self._spent.stored += 1
        return stored

    def count_before(self, ranked: RankedList, method: Method) -> None:
        """Take the stored replies of a list as counted, up to the first that is not there.

        A failed one took part in the round before, but its place is open. Where a round died after it had asked again
        for some, these are taken as counted, too: what it took is then told as less than it was.
        """
        for requests in driven(method, ranked, lambda request: self._store.replies.get(self._address(request))):
            addresses = map(self._address, requests)
            self._counted.update(key for key in addresses if self._store.final(key) is not None)

    def use(self, requests: Sequence[Request]) -> None:
        """Count the replies of a list that came to its end; what lists share is counted once."""
        for request in requests:
            key, reply = self._address(request), self.reply(request)
            if reply is not None and key not in self._counted:
                self._counted.add(key)
                self._used.add(reply)

    def _address(self, request: Request) -> str:
        if request not in self._addresses:
            self._addresses[request] = address(self._identity, request)
        return self._addresses[request]
