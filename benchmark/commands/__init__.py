"""The commands of `click-or-llm`, each in a file of its name (`log` in two: `log.py` and `propensities.py`).

Shared: `options`, `say` (a line on a console), `settings` (NAME=VALUE, JSON), `termination` (SIGTERM is a Ctrl-C),
`stored` (judgments by name). Of `annotate`: `annotate_options`, `estimate_line`, `asked_lists`. Heavy libraries are
imported inside, so that help appears at once.
"""
