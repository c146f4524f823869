"""Technical ground the modules stand on: database, HTTP edge, jobs, files, mail, configuration."""
