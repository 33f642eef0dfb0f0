"""Every reply that was ever paid for: append-only, found again by what was asked of which model."""
