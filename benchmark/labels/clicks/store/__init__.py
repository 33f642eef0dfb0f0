"""Click logs on disk: `LogStore` (reader), `LogWriter` (writer), `ingest`, `validate` and `describe`."""
