"""From a plan to records: cells, the process that fits, the process that scores, the files."""
