"""GudangVoucher: a hosted page, known from public client code."""
