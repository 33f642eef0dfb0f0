"""Files of a log of one's own, read in pieces: Parquet, CSV and TSV, JSON lines, the last three also as .gz."""
