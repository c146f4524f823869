"""A document waits in turn for the goods it wants, and what is promised to it is tied to what it has still to send.

A promise says how much its document wants beside how much is kept aside for it, and which turn it has among those that
want the same product of the same warehouse. What was promised before has a turn of zero or less: it comes first.
"""

from alembic import op

from migrations.helpers import AUDITOR, for_each_tenant

revision = "0120"
down_revision = "0110"
branch_labels = None
depends_on = None

# The id behind the text it has at the edge, for queries that meet documents which are named by that.
ID_UUID = f"""
create function specie.id_uuid(id text) returns uuid language sql immutable strict parallel safe as $$
    select (lpad(to_hex(substring(bits from 3 for 64)::bit(64)::bigint), 16, '0')
            || lpad(to_hex(substring(bits from 67 for 64)::bit(64)::bigint), 16, '0'))::uuid
      from (select string_agg(
                       (strpos('0123456789abcdefghjkmnpqrstvwxyz', substr(right(id, 26), place, 1)) - 1)::bit(5)::text,
                       '' order by place) as bits
              from generate_series(1, 26) place) whole
$$;
grant execute on function specie.id_uuid(text) to {AUDITOR};
"""

COLUMNS = """
alter table specie.stock_reservation
    add column wanted bigint,
    add column turn bigint,
    -- squawk-ignore ban-drop-constraint
    drop constraint stock_reservation_quantity_check;
"""

RULES = """
alter table specie.stock_reservation
    -- squawk-ignore adding-not-nullable-field
    alter column wanted set not null,
    -- squawk-ignore adding-not-nullable-field
    alter column turn set not null,
    -- squawk-ignore constraint-missing-not-valid
    add constraint stock_reservation_wanted check (wanted > 0 and quantity between 0 and wanted);
-- squawk-ignore require-concurrent-index-creation
create unique index stock_reservation_turn on specie.stock_reservation (tenant_id, warehouse_id, product_id, turn);
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(ID_UUID)
    op.execute(COLUMNS)
    _take_turns()
    _want_what_is_open()
    _share_out()
    op.execute(RULES)


def _take_turns() -> None:
    for_each_tenant("""
    update specie.stock_reservation r set wanted = r.quantity, turn = t.turn
      from (select cause_kind, cause_id, warehouse_id, product_id,
                   1 - row_number() over (partition by warehouse_id, product_id
                                          order by split_part(cause_id, '_', 2) desc) as turn
              from specie.stock_reservation where tenant_id = tenant) t
     where r.tenant_id = tenant
       and (r.cause_kind, r.cause_id, r.warehouse_id, r.product_id)
           = (t.cause_kind, t.cause_id, t.warehouse_id, t.product_id)
    """)


def _want_what_is_open() -> None:
    for_each_tenant("""
    update specie.stock_reservation r set wanted = greatest(r.quantity, o.wanted)
      from (select order_id, specie.id_uuid(product_id) as product_id,
                   (sum(quantity - cancelled - credited - delivered) * 1000000)::bigint as wanted
              from specie.sales_order_line where tenant_id = tenant and is_goods
             group by order_id, product_id) o
     where r.tenant_id = tenant and r.cause_kind = 'sales_order' and specie.id_uuid(r.cause_id) = o.order_id
       and r.product_id = o.product_id
    """)
    for_each_tenant("""
    update specie.stock_reservation r set wanted = greatest(r.quantity, i.wanted)
      from (select l.invoice_id, specie.id_uuid(l.product_id) as product_id,
                   (sum(l.quantity - coalesce(c.quantity, 0)) * 1000000)::bigint as wanted
              from specie.billing_line l
              left join lateral (
                   select sum(quantity) as quantity from specie.billing_credit_line
                    where tenant_id = l.tenant_id and invoice_id = l.invoice_id and n = l.n) c on true
             where l.tenant_id = tenant and l.product_id is not null
             group by l.invoice_id, l.product_id) i
     where r.tenant_id = tenant and r.cause_kind = 'invoice' and specie.id_uuid(r.cause_id) = i.invoice_id
       and r.product_id = i.product_id
    """)


def _share_out() -> None:
    """What arrived since a document was last touched is kept aside for it now."""
    for_each_tenant("""
    update specie.stock_reservation r set quantity = r.quantity + least(w.missing, w.left)
      from (select cause_kind, cause_id, warehouse_id, product_id, wanted - quantity as missing,
                   l.on_hand - l.reserved - sum(wanted - quantity) over (
                       partition by warehouse_id, product_id order by turn) + wanted - quantity as left
              from specie.stock_reservation
              join specie.stock_level l using (tenant_id, warehouse_id, product_id)
             where tenant_id = tenant) w
     where r.tenant_id = tenant and w.missing > 0 and w.left > 0
       and (r.cause_kind, r.cause_id, r.warehouse_id, r.product_id)
           = (w.cause_kind, w.cause_id, w.warehouse_id, w.product_id)
    """)
    for_each_tenant("""
    update specie.stock_level l set reserved = r.quantity
      from (select warehouse_id, product_id, sum(quantity) as quantity
              from specie.stock_reservation where tenant_id = tenant
             group by warehouse_id, product_id) r
     where l.tenant_id = tenant and (l.warehouse_id, l.product_id) = (r.warehouse_id, r.product_id)
       and l.reserved <> r.quantity
    """)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
