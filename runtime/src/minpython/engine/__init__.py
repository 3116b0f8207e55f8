"""Who sees what, and the tools that change the interpreter for them."""
