"""The web pages put together: static pages from the JSON that the commands write."""
