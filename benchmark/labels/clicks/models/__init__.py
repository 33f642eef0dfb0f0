"""Click models: what a log says of each (query, document) pair, given how users look at pages."""
