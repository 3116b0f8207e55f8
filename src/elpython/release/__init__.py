"""EL releases: source archives that anyone can verify, made by a flat list of tasks."""
