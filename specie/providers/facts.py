"""Everything a provider may tell, as one type."""

from specie.providers.capture_model import CaptureFact
from specie.providers.dispute_model import DisputeFact
from specie.providers.method_model import MethodFact
from specie.providers.model import PayoutFact, ProviderFact
from specie.providers.refund_model import RefundFact

PaymentFact = ProviderFact | RefundFact | CaptureFact | DisputeFact | MethodFact
"""What is told of money that comes in, and of the ways it comes."""

Fact = PaymentFact | PayoutFact
