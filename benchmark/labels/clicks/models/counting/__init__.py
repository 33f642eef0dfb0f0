"""From a log to the counts that models are fitted on, on all cores."""
