"""ING1 ("Billers Engine"): QRIS, known from a collection of example calls."""
