"""The tests of Specie. A package with a file of its own, for some libraries install a `tests` package too."""
