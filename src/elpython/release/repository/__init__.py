"""Package repositories in a folder, signed, for any web server."""
