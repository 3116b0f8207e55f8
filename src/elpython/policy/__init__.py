"""What a branch may take, checked by machine."""
