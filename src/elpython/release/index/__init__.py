"""The signed index: which releases of a branch are current, superseded, revoked."""
