"""What a project needs: its lowest Pythons, its metadata, its test matrix, its wheels."""
