"""`python -m benchmark` is `click-or-llm`."""

from benchmark.cli import main

if __name__ == "__main__":
    main()
