"""The SQL of how much there is of a party across the modules: what an erasure forgets, and what the books keep."""

from sqlalchemy import text

from specie.kernel.ids import PartyId
from specie.parties import Traces
from specie.platform.db import UnitOfWork

# What is sealed under the party's key, or taken away with it. Each count is found by an index of its table.
_FORGOTTEN = text("""
select
  (select count(*) from specie.party where tenant_id = :tenant and id = :party) as details,
  (select count(*) from specie.party_document where tenant_id = :tenant and party_id = :party) as documents,
  (select count(*) from specie.membership where tenant_id = :tenant and party_id = :party) as logins,
  (select count(*) from specie.beneficiary where tenant_id = :tenant and party_id = :party) as bank_accounts,
  (select count(*) from specie.payment where tenant_id = :tenant and party_id = :party
      and sealed_customer is not null)
   + (select count(*) from specie.payment p
        join specie.party known on known.tenant_id = p.tenant_id and known.id = :party
         and known.email_index = p.customer_email_index
       where p.tenant_id = :tenant and p.party_id <> :party) as payers,
  (select count(*) from specie.crm_problem where tenant_id = :tenant and party_id = :party) as problems,
  (select count(*) from specie.crm_note where tenant_id = :tenant and party_id = :party) as notes,
  (select count(*) from specie.crm_activity where tenant_id = :tenant and party_id = :party) as activities,
  (select count(*) from specie.crm_file where tenant_id = :tenant and party_id = :party) as files,
  (select count(*) from specie.crm_opportunity where tenant_id = :tenant and party_id = :party) as deals
""")
_KEPT = text("""
select
  (select coalesce(sum(version), 0) from specie.account
    where tenant_id = :tenant and owner_party_id = :party) as postings,
  (select count(*) from specie.payment where tenant_id = :tenant and party_id = :party) as payments,
  (select count(*) from specie.billing_invoice where tenant_id = :tenant and customer_id = :party) as invoices,
  (select count(*) from specie.billing_credit_note where tenant_id = :tenant and customer_id = :party)
    as credit_notes,
  (select count(*) from specie.billing_receipt where tenant_id = :tenant and customer_id = :party) as receipts,
  (select count(*) from specie.payables_bill where tenant_id = :tenant and supplier_id = :party) as bills,
  (select count(*) from specie.sales_quote where tenant_id = :tenant and customer_id = :party) as quotes,
  (select count(*) from specie.sales_order where tenant_id = :tenant and customer_id = :party) as orders,
  (select count(*) from specie.statement where tenant_id = :tenant and party_id = :party) as statements
""")


async def count_traces(uow: UnitOfWork, party_id: PartyId) -> Traces:
    """What there is of a party, by kind of thing; kinds of which there is nothing are left out."""
    values = {"tenant": uow.scope.tenant_id.uuid, "party": party_id.uuid}
    forgotten = (await uow.execute(_FORGOTTEN, values)).one()._mapping
    kept = (await uow.execute(_KEPT, values)).one()._mapping
    return Traces(
        {name: int(number) for name, number in forgotten.items() if number},
        {name: int(number) for name, number in kept.items() if number},
    )
