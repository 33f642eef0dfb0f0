"""Learning: what a system sees (`view`), what it returns (`curriculum`), and the ranker that learns it."""
