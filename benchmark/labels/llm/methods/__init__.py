"""Annotation methods: which requests a ranked list becomes, and what the replies say of its documents."""
