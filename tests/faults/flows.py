"""Every flow the trials know, by name."""

from tests.faults import flows_books, flows_credit, flows_payments, flows_payouts, flows_plain, flows_time

_MODULES = (flows_plain, flows_payments, flows_payouts, flows_credit, flows_books, flows_time)

FLOWS = {flow.name: flow for module in _MODULES for flow in module.FLOWS}

AT_ONCE = [name for name, flow in FLOWS.items() if not flow.moves_clock]
"""Flows that can run side by side."""
BY_ITSELF = [name for name, flow in FLOWS.items() if flow.moves_clock]
