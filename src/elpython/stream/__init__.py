"""The rolling stream of pre-freeze releases (PEP 605): ledger, numbering, classification, advice.

An alpha breaks the full CPython ABI, a beta is binary compatible with the pre-release before it;
both count on one run of serials until the first release candidate.
"""
