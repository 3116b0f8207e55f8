"""Scripts that run inside other interpreters: standard library only, JSON in and out."""
