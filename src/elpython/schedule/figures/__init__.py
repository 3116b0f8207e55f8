"""Figures of release models: the calendar, the support matrix and the latency of features."""
