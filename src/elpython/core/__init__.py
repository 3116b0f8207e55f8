"""What everything rests on: errors, versions, the store, programs, TOML, pages."""
