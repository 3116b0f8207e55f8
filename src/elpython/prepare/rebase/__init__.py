"""Move a branch to a newer base: sort its changes, then write the branch anew."""
