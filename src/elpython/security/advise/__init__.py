"""Our own advisories: OSV, CSAF 2.0 VEX, OpenVEX, Atom and a page each."""
