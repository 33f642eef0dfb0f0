"""Which lists to annotate under a budget: strategies that put the questions of a pool into an order of preference."""
