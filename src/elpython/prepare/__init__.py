"""The prepared tree: a base and the changes of a branch as git history."""
