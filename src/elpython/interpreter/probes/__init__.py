"""Stand-alone scripts that other interpreters run: standard library only, JSON in and out."""
