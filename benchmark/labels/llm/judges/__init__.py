"""Judges: what answers requests. One on this machine, one behind an endpoint, one that replays replies of a store."""
