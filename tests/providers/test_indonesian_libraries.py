"""Xendit's and Midtrans's own libraries drive the simulator, so that it is their dialects and not only ours."""

import asyncio
from typing import Any

import midtransclient
import pytest
import xendit
from xendit.apis import BalanceApi, InvoiceApi, PayoutApi, RefundApi, TransactionApi
from xendit.invoice.model.create_invoice_request import CreateInvoiceRequest
from xendit.payout.model.create_payout_request import CreatePayoutRequest
from xendit.payout.model.digital_payout_channel_properties import DigitalPayoutChannelProperties
from xendit.refund.model.create_refund import CreateRefund

from tests.support.shop import Shop


def xendit_client(shop: Shop, key: str = "") -> Any:
    secret = key or f"xnd_development_sim_{shop.tenant_id.uuid.hex}"
    return xendit.ApiClient(xendit.Configuration(host=f"{shop.simulator_url}/xendit", api_key=secret))


async def paid(shop: Shop, charge_id: str) -> None:
    await shop.client.post(f"{shop.simulator_url}/pay/{charge_id}/success")


async def test_xendits_library_collects_gives_back_and_reads_what_it_made(shop: Shop) -> None:
    client = xendit_client(shop)
    wanted = CreateInvoiceRequest(external_id="FROM-LIBRARY", amount=15000.0, currency="IDR")
    invoice = await asyncio.to_thread(InvoiceApi(client).create_invoice, wanted)
    await paid(shop, str(invoice.id))

    def drive() -> None:
        order = CreateRefund(invoice_id=str(invoice.id), reference_id="BACK", amount=5000.0, reason="OTHERS")
        made = RefundApi(client).create_refund(idempotency_key="back", create_refund=order)
        again = RefundApi(client).create_refund(idempotency_key="back", create_refund=order)
        read, listed = RefundApi(client).get_refund(made.id), RefundApi(client).get_all_refunds(invoice_id=invoice.id)
        assert {made.id, again.id, read.id} == {one.id for one in listed.data}
        assert (made.reference_id, made.amount, made["status"]) == ("BACK", 5000, "SUCCEEDED")
        lines = TransactionApi(client).get_all_transactions()
        assert sorted((line.type.value, line.cashflow, line.amount) for line in lines.data) == [
            ("PAYMENT", "MONEY_IN", 15000),
            ("REFUND", "MONEY_OUT", 5000),
        ]
        fees = sum(line.fee.xendit_fee for line in lines.data)
        assert BalanceApi(client).get_balance().balance == 10000 - fees

    await asyncio.to_thread(drive)


async def test_xendits_library_pays_out_once_and_finds_it(shop: Shop) -> None:
    client = xendit_client(shop)

    def drive() -> None:
        account = DigitalPayoutChannelProperties(account_number="1234567890", account_holder_name="Budi Santoso")
        order = CreatePayoutRequest(
            reference_id="OUT", channel_code="ID_BCA", channel_properties=account, amount=15000.0, currency="IDR"
        )
        made = PayoutApi(client).create_payout(idempotency_key="out", create_payout_request=order)
        again = PayoutApi(client).create_payout(idempotency_key="out", create_payout_request=order)
        [found] = PayoutApi(client).get_payouts(reference_id="OUT").data
        assert made.id == again.id == found.id
        assert (made.status, found.status) == ("ACCEPTED", "SUCCEEDED")
        with pytest.raises(xendit.XenditSdkException):
            PayoutApi(xendit_client(shop, "xnd_development_other")).get_payouts(reference_id="OUT")

    await asyncio.to_thread(drive)


async def test_midtranss_library_orders_a_page_asks_gives_back_and_cancels(shop: Shop) -> None:
    key, base = f"SB-Mid-server-sim_{shop.tenant_id.uuid.hex}", f"{shop.simulator_url}/midtrans"
    snap = midtransclient.Snap(is_production=False, server_key=key)
    snap.api_config.CORE_SANDBOX_BASE_URL = base
    snap.api_config.SNAP_SANDBOX_BASE_URL = f"{base}/snap/v1"
    orders = [{"transaction_details": {"order_id": name, "gross_amount": 15000}} for name in ("PAID", "DROPPED")]
    made, _ = [await asyncio.to_thread(snap.create_transaction, order) for order in orders]
    await paid(shop, made["token"])

    def drive() -> None:
        assert snap.transactions.status("PAID")["transaction_status"] == "settlement"
        refund = snap.transactions.refund("PAID", {"refund_key": "BACK", "amount": 5000, "reason": "a test"})
        told = snap.transactions.status("PAID")
        assert (refund["status_code"], refund["refund_key"], refund["refund_amount"]) == ("200", "BACK", "5000.00")
        assert (told["transaction_status"], [each["refund_key"] for each in told["refunds"]]) == (
            "partial_refund",
            ["BACK"],
        )
        assert snap.transactions.cancel("DROPPED")["transaction_status"] == "cancel"
        with pytest.raises(midtransclient.error_midtrans.MidtransAPIError):
            snap.transactions.refund("PAID", {"refund_key": "MORE", "amount": 10001, "reason": "a test"})

    await asyncio.to_thread(drive)
