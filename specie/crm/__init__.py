"""Customer relations: opportunities in pipelines, what is done for customers, and one timeline for each of them.

Owns pipelines, opportunities, activities, notes, files, contacts, views, merges and the problems customers tell of.
Customers are parties; whatever is written about one is sealed under that party's key, so that forgetting the party
forgets it as well.
"""

from specie.crm.customer_store import Before
from specie.crm.errors import OpportunityMissing
from specie.crm.invariants import INVARIANTS
from specie.crm.merging import still_holds_others
from specie.crm.model import Fact, OpportunityId
from specie.crm.opportunities import get as opportunity
from specie.crm.opportunities import win
from specie.crm.pipelines import open_first_pipeline
from specie.crm.timeline import FactsOf, add_facts

__all__ = [
    "INVARIANTS",
    "Before",
    "Fact",
    "FactsOf",
    "OpportunityId",
    "OpportunityMissing",
    "add_facts",
    "open_first_pipeline",
    "opportunity",
    "still_holds_others",
    "win",
]
