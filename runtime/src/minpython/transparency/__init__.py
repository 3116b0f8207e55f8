"""The transparency contract: code that asked for nothing can't tell that minpython is there."""
