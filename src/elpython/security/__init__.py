"""Bring security and bug fixes into branches, and know which are there."""
