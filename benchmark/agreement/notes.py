"""What stands beside the numbers of the report: how they are made, and what they cannot say."""

from __future__ import annotations

from benchmark.agreement.labelling import Labelling
from benchmark.agreement.report import is_unwilling
from benchmark.statistics.intervals import FEWEST

NOTES = (
    "Train and held-out (dev and test) questions are told apart: systems may learn from judgments of train questions; "
    "held-out questions are judged for this comparison only.",
    "Intervals are 95 %, by bootstrap over queries within their stratum; each number says of how many queries it is. "
    f"Of fewer than {FEWEST} there is none, and of fewer than about 30 it is too narrow. A calibration error cannot be "
    "negative, so its interval lies a little too high when queries are few.",
    "all is the mean of the strata's numbers, each weighing the same, since judges were asked of them in different "
    "proportions; a stratum without a number is left out. Confusions, reliability and the values by place count all "
    "questions together.",
    "The first stage's order is the control against human grades: beside each judge (names that end in -first-stage) "
    "on the documents that this judge labelled, and at the end on all lists that any judge judged. Compare a judge "
    "with the former.",
    "Relevant means above the middle of the scale; a yes-no judge says yes from a probability of one half on.",
    "Documents stand in the order that systems learn from (AUC, pairwise accuracy, tau-b): by log-odds of yes, "
    "expected grade, share of selections, mean rank, or strength over all preferences. Kappa, confusion, leniency and "
    "the share of each grade take the answers that the judge gave, calibration and the Brier score its probabilities "
    "of yes.",
    "The chance of kappa and alpha is that of all documents together: judges that call the same lists good agree by "
    "it, whatever they say within a list. Systems learn from differences within a list; of these tell the measures "
    "named within, order-alpha, and all that order documents.",
)
UNPOOLED = (
    "Human grades are the answers that experts gave, binary and not pooled: another answer in the list may be as good "
    "and still counts as not relevant. A judge that calls such an answer relevant looks lenient and badly calibrated; "
    "orderings (AUC, pairwise accuracy) suffer less."
)
CLICKS = (
    "Clicks as a reference: for AUC and kappa a document is relevant that was clicked at least once, of those shown, "
    "which favours what the first stage put high up: its place alone has an AUC above one half. Pairwise "
    "accuracy and tau-b take the estimate of a position-based model, which is drawn to its prior the more, the less a "
    "document was shown, and that favours what was put low down. So the first stage is no control against clicks; "
    "compare judges with one another there."
)
UNSCALED = (
    "the best grade of its scale is not known, so its grades order documents and nothing else (no kappa, leniency or "
    "share of each grade). A method tells it among its settings, as top."
)
SIMULATED = "Clicks are simulated from human grades: agreement with simulated clicks says nothing about users."


def notes_on(sources: list[Labelling], simulated: bool) -> list[str]:
    """The notes on a report of these labellings, one paragraph each."""
    binary = any(source.kind == "human" and source.top == 1 for source in sources)
    silent = [source.name for source in sources if source.kind == "llm" and not source.queries.any()]
    unscaled = [source.name for source in sources if source.scale == "grade" and source.categories is None]
    return [
        *NOTES,
        *([UNPOOLED] if binary else []),
        CLICKS,
        *([SIMULATED] if simulated else []),
        *(f"{name}: no answer has a value, so no number is of it; see how the asking ended." for name in silent),
        *(f"{name}: {UNSCALED}" for name in unscaled),
        *(
            f"{source.name}: the model gave {source.mass:.0%} of its probability to the answers that it was asked for; "
            "it would rather say something else, and what it is read to say is a ratio of small numbers."
            for source in sources
            if is_unwilling(source.mass)
        ),
    ]
