"""Documents of a business by the million: invoices and bills with lines and taxes, payments, products and their stock.

They are made by SQL, because making them through the services would take hours. Invoices and bills are issued evenly
over three hundred days, and every hundredth is still open; each product has moved on ten days.
"""

import psycopg

from benchmarks.books import new_scope
from specie.kernel.ids import AccountId, PartyId
from specie.kernel.scope import Scope
from specie.stock import WarehouseId

DOCUMENTS_AT_MOST, PRODUCTS_AT_MOST = 1_000_000, 100_000
# Every hundredth invoice is open, one movement in ten thousand is a count: a page of what is rare must not read it all.
_ROWS = """
insert into specie.billing_invoice (tenant_id, id, customer_id, currency, state, reference, note, includes_tax,
       due_days, net_minor, tax_minor, total_minor, version, created_at, number, n, issued_on, due_on, account_id,
       creditable_id, entry_id, token, is_deposit)
select %(tenant)s, uuidv7(), %(party)s, 'IDR', case when n %% 100 = 0 then 'issued' else 'paid' end, 'order-' || n, '',
       false, 14, 100, 11, 111, 1, now(), 'INV-' || lpad(n::text, 7, '0'), n, date '2026-01-01' + (n %% 300)::int,
       date '2026-01-15' + (n %% 300)::int, uuidv7(), gen_random_uuid(), gen_random_uuid(), 't-' || n, false
  from generate_series(1, %(count)s::bigint) n;
insert into specie.payables_bill (tenant_id, id, number, n, supplier_id, their_number, currency, state, billed_on,
       owed_on, due_on, net_minor, tax_minor, problems, reason, account_id, debitable_id, entry_id, version, created_at)
select tenant_id, uuidv7(), 'BILL-' || n, n, customer_id, 'F-' || n, currency, case state when 'issued' then 'open'
       else state end, issued_on, issued_on, due_on, 100, 11, '[]', '', uuidv7(), gen_random_uuid(), gen_random_uuid(),
       1, now()
  from specie.billing_invoice where tenant_id = %(tenant)s;
with document as (
    select tenant_id, account_id, 'asset' as type, 'asset:billing:receivable' as control, id, customer_id as party,
           state = 'paid' as is_paid, issued_on as day from specie.billing_invoice where tenant_id = %(tenant)s
     union all
    select tenant_id, account_id, 'liability', 'liability:payables:owed', id, supplier_id, state = 'paid', billed_on
      from specie.payables_bill where tenant_id = %(tenant)s)
insert into specie.account (tenant_id, id, code, type, currency, exponent, owner_party_id, name, opened_at,
       balance_minor, version, control, first_on, settled_on)
select tenant_id, account_id, control || ':' || id, type, 'IDR', 2, party, '', now(), case when is_paid then 0 else 111
       end, 1, control, day, case when is_paid then day + 1 end
  from document;
insert into specie.account_day (tenant_id, account_id, business_date, debit_minor, credit_minor)
select a.tenant_id, a.id, d.day, case when d.is_raised then 111 else 0 end, case when d.is_raised then 0 else 111 end
  from specie.account a
 cross join lateral (values (a.first_on, a.type = 'asset'), (a.settled_on, a.type <> 'asset')) as d (day, is_raised)
 where a.tenant_id = %(tenant)s and d.day is not null;
insert into specie.payment (tenant_id, id, kind, party_id, reference, amount_minor, currency, description, state,
       version, created_at, expires_at, metadata, splits, paid_late, capture_mode)
select %(tenant)s, uuidv7(), 'merchant', %(party)s, 'order-' || n, n, 'IDR', 'Kopi', case when n %% 1000 = 0 then
       'failed' else 'expired' end, 1, now(), now(), '{}', '[]', false, 'automatic'
  from generate_series(1, %(count)s::bigint) n;
insert into specie.product (tenant_id, id, kind, name, name_key, sku, sku_key, unit, description, state, version,
       created_at, updated_at)
select %(tenant)s, gen_random_uuid(), 'product', 'Kopi ' || n, 'kopi ' || n, 'K-' || n, 'k-' || n, 'bag', '',
       'active', 1, now(), now()
  from generate_series(1, %(products)s::bigint) n;
insert into specie.product_word (tenant_id, word, product_id)
select tenant_id, unnest(array['kopi', substr(name_key, 6), sku_key]), id from specie.product
 where tenant_id = %(tenant)s;
insert into specie.warehouse values (%(tenant)s, %(warehouse)s, 'W1', 'One', 'IDR', now());
insert into specie.stock_level (tenant_id, warehouse_id, product_id, account_id, method, on_hand, reserved,
       known_quantity, known_minor, may_go_below, number)
select tenant_id, %(warehouse)s, id, gen_random_uuid(), 'average', 10000000, 0, 1000000, 100, false, 10
  from specie.product where tenant_id = %(tenant)s;
insert into specie.account (tenant_id, id, code, type, currency, exponent, name, opened_at, balance_minor, version)
select tenant_id, account_id, 'asset:stock:' || product_id, 'asset', 'IDR', 2, '', now(), 1000, 10
  from specie.stock_level where tenant_id = %(tenant)s;
insert into specie.account_day (tenant_id, account_id, business_date, debit_minor, credit_minor)
select tenant_id, account_id, date '2026-01-01' + day * 30, 100, 0
  from specie.stock_level cross join generate_series(0, 9) day where tenant_id = %(tenant)s;
insert into specie.billing_line (tenant_id, invoice_id, n, product_id, description, quantity, unit, unit_price_minor,
       discount, taxes, net_minor, tax_minor)
select i.tenant_id, i.id, 1, p.ids[1 + i.n %% 100], 'Kopi', 1, 'bag', 100, 0, '[]', 100, 11
  from specie.billing_invoice i,
       (select array_agg(id::text) as ids
          from (select id from specie.product where tenant_id = %(tenant)s limit 100) hundred) p
 where i.tenant_id = %(tenant)s;
insert into specie.billing_tax (tenant_id, document_id, code, name, rate, base_minor, tax_minor)
select tenant_id, id, 'VAT', 'Value added tax', 0.11, 100, 11 from specie.billing_invoice where tenant_id = %(tenant)s;
insert into specie.payables_line (tenant_id, document_id, n, quantity, net_minor, tax_minor, cleared_minor, said)
select tenant_id, id, 1, 1, 100, 11, 0,
       '{"taxes": [{"code": "VAT", "name": "Value added tax", "rate": "0.11", "base_minor": 100, "tax_minor": 11}]}'
  from specie.payables_bill where tenant_id = %(tenant)s;
insert into specie.account (tenant_id, id, code, type, currency, exponent, name, opened_at, balance_minor, version)
select %(tenant)s, %(bank)s, 'asset:bank:main', 'asset', 'IDR', 2, '', now(), 111 * (n - n / 100), n - n / 100
  from (select %(count)s::bigint as n) documents;
insert into specie.posting (tenant_id, entry_id, line, debit_account_id, credit_account_id, currency, amount_minor,
       debit_version, credit_version, debit_balance_minor, credit_balance_minor, is_memo, recorded_at, business_date)
select tenant_id, uuidv7(), 0, %(bank)s, account_id, 'IDR', 111, n, 2, 111 * n, 0, false,
       issued_on + interval '1 day', issued_on + 1
  from specie.billing_invoice where tenant_id = %(tenant)s and state = 'paid' order by issued_on;
insert into specie.account_day (tenant_id, account_id, business_date, debit_minor, credit_minor)
select p.tenant_id, p.debit_account_id, p.business_date, sum(p.amount_minor), 0
  from specie.posting p where p.tenant_id = %(tenant)s group by 1, 2, 3;
insert into specie.stock_movement (tenant_id, id, kind, warehouse_id, product_id, number, quantity, value_minor,
       correction_minor, on_hand, effective_at, recorded_at, entry_id, actor, note, line, returned)
select %(tenant)s, uuidv7(), case when n %% 10000 = 0 then 'count' when n %% 2 = 0 then 'delivery' else 'receipt' end,
       %(warehouse)s, p.ids[1 + n %% cardinality(p.ids)], n, 1000000, 100, 0, 1000000, now(), now(), gen_random_uuid(),
       'benchmark', '', 0, 0
  from (select array_agg(id) as ids from specie.product where tenant_id = %(tenant)s) p,
       generate_series(1, %(movements)s::bigint) n
"""
_TABLES = (
    *("billing_invoice", "billing_line", "billing_tax", "payables_bill", "payables_line", "payment", "product"),
    *("product_word", "stock_level", "stock_movement", "account", "account_day", "posting"),
)


def filled(superuser_url: str, rows: int) -> tuple[Scope, PartyId, WarehouseId]:
    """A new tenant with so many documents and movements of stock; the party of all documents, and the warehouse."""
    scope, party, warehouse = new_scope(), PartyId.new(), WarehouseId.new()
    values = {
        "tenant": scope.tenant_id.uuid,
        "party": party.uuid,
        "warehouse": warehouse.uuid,
        "bank": AccountId.new().uuid,
        "count": min(rows, DOCUMENTS_AT_MOST),
        "products": min(rows, PRODUCTS_AT_MOST),
        "movements": rows,
    }
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        # The rows that these refer to are not read.
        connection.execute("set session_replication_role = replica")
        for statement in _ROWS.split(";\n"):
            connection.execute(statement, values)
        for table in _TABLES:
            connection.execute(f"vacuum analyze specie.{table}")
    return scope, party, warehouse
