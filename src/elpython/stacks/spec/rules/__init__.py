"""One named modifier a module; the order in which they run is the table in `convert`."""
