"""Prompts: the words around documents and questions, one per TOML file in this folder, each named by its hash.

A published prompt is never edited, since judgments carry its hash: change one by adding the next version.
"""

from benchmark.labels.llm.prompts.load import load_prompt, newest_prompt, prompt_names
from benchmark.labels.llm.prompts.prompt import Prompt
from benchmark.labels.llm.prompts.texts import plain

__all__ = ["Prompt", "load_prompt", "newest_prompt", "plain", "prompt_names"]
