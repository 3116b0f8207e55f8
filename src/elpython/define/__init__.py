"""The definition of a branch: branch files, changes, features, toggles, refusals."""
