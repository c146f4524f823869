"""Every router of the platform, in the order of the API reference."""
