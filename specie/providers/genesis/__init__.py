"""Genesis: QRIS, known from a transcription of its document."""
