"""OY! Indonesia: its public documentation is complete."""
