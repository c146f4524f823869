"""Load, faults and a judge for a running installation: `specie assay`.

Everything here is an outsider. It speaks HTTP and PostgreSQL's protocol, keeps books of its own and imports nothing
of the service, so that a fault of the service cannot hide in the code that looks for it.
"""
