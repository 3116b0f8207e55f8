"""Commands about the site."""
