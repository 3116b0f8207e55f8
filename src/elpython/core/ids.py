"""Forms of names that the field fixes."""

__all__ = ["CVE"]

# A CVE identifier: the year, and four digits or more (CVE numbering since 2014).
CVE = r"CVE-\d{4}-\d{4,}"
