"""What an installed Python reports about itself."""
