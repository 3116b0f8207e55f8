"""Commands about mass rebuilds."""
