"""The embedded task: `collection` reads the package, `build` draws what is published, `load` puts it together."""
