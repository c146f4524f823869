"""The program: API, worker and command line, wired from the modules below."""
