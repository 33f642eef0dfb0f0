"""click-or-llm: when should a ranker learn from clicks, when from LLM annotations, and how are the two best combined?

The names in `__init__.pyi` are all that a system may use, baseline and submission alike (`HumanLabels`: skylines and
probes alone). They load on first use, so that a command which trains nothing starts at once.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
