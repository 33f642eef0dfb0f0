"""One command of `click-or-llm` per file; heavy libraries are imported inside, so that help appears at once."""
