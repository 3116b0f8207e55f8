"""Spec files: read without loss, converted rule by rule, checked against the plan."""
