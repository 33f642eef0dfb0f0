"""Losses on what language models say: grades and how sure they are, noisy positives, preferences, rankings."""
