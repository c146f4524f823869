"""Tools of the repository: checks, generators and the house linter. Nothing here ships with the product."""
