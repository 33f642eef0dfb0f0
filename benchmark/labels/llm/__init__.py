"""Labels by language models: prompts, judges that answer them, the judgments they gave, and list labels made of these.

Reading judgments and turning them into labels needs no language model; only `LocalJudge` imports torch and
transformers, and only when one is made.
"""

from benchmark.labels.llm.annotate import TaskPairs, annotate, export
from benchmark.labels.llm.journal import import_journal, read_journal
from benchmark.labels.llm.judge import Item, Judge, LocalJudge
from benchmark.labels.llm.judgments import Judgments, Metadata, read_judgments, write_judgments
from benchmark.labels.llm.labels import list_labels
from benchmark.labels.llm.prompts import Prompt, load_prompt
from benchmark.labels.llm.provenance import Provenance

__all__ = [
    "Item",
    "Judge",
    "Judgments",
    "LocalJudge",
    "Metadata",
    "Prompt",
    "Provenance",
    "TaskPairs",
    "annotate",
    "export",
    "import_journal",
    "list_labels",
    "load_prompt",
    "read_journal",
    "read_judgments",
    "write_judgments",
]
