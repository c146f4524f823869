"""Speed as ratios: Specie, its floor, its limit and the usual way, side by side in one run on one machine."""
