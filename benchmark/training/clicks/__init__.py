"""Objectives on clicks: losses on counts by rank, on pairs, and on estimates of relevance.

Counts are `TrainingView.click_counts()`, [batch, L, K, 2]: the impressions n and clicks c of candidate l at rank k.
Every loss on counts or pairs is a mean over the f = sum_l n_l1 sessions of a query (`SnipsListwise` divides it by a
number of the whole batch), so that the weight of the objective alone says what a query counts: f / (f + k) gives all
queries the same weight for a small k, all sessions for a large k. Parameters of a loss (scale, offset, examination by
rank) are trained with the ranker, and thrown away after.
"""
