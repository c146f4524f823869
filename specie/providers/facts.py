"""Everything a provider may tell, as one type."""

from specie.providers.capture_model import CaptureFact
from specie.providers.dispute_model import DisputeFact
from specie.providers.model import PayoutFact, ProviderFact
from specie.providers.refund_model import RefundFact

PaymentFact = ProviderFact | RefundFact | CaptureFact | DisputeFact
"""What is told of money that comes in."""

Fact = PaymentFact | PayoutFact
