"""What rankers learn from: `clicks`, `llm`, `human`."""
