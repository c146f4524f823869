// The client against a running platform: SPECIE_URL and SPECIE_API_KEY say which. The platform's own tests start one.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import {
  answer,
  createClient,
  each,
  NoAnswer,
  NotGenuine,
  newKey,
  Problem,
  signatureOf,
  verifyWebhook,
} from "../src/index.js";

const url = process.env.SPECIE_URL ?? "";
const apiKey = process.env.SPECIE_API_KEY ?? "";
const rupiah = (amount: number) => ({ amount, currency: "IDR" });

type Mood = "unreachable" | "answer lost" | "busy" | "away";

/** A network that first does what it was told, request by request, and is then fine. */
function weather(...moods: Mood[]) {
  const keys: (string | null)[] = [];
  const send = async (request: Request): Promise<Response> => {
    keys.push(request.headers.get("Idempotency-Key"));
    const mood = moods.shift();
    const json = { "Content-Type": "application/problem+json" };
    if (mood === "unreachable") throw new TypeError("fetch failed");
    if (mood === "busy") {
      const headers = { ...json, "Retry-After": "0" };
      return new Response('{"code":"rate_limited","retryable":true}', { status: 429, headers });
    }
    if (mood === "away") return new Response("gateway", { status: 503, headers: { "Retry-After": "3600" } });
    const received = await fetch(request);
    if (mood !== "answer lost") return received;
    await received.text();
    throw new TypeError("connection reset");
  };
  return { keys, send };
}

const calm = createClient({ apiKey, url });

async function openWallet(name: string) {
  const party = await answer(calm.POST("/api/v1/parties", { body: { name } }));
  return answer(calm.POST("/api/v1/wallets", { body: { party_id: party.id, currency: "IDR" } }));
}

/** Two wallets, the first with 1,000 rupiah in it. */
async function openTill() {
  const payer = await openWallet("Sri Wahyuni");
  const payee = await openWallet("Budi Santoso");
  const code = `asset:bank:${newKey().replaceAll("-", "")}`;
  const bank = await answer(calm.POST("/api/v1/ledger/accounts", { body: { code, currency: "IDR" } }));
  const credit = payer.account_ids.available ?? "";
  const postings = [{ debit_account: bank.id, credit_account: credit, amount: rupiah(1000) }];
  await answer(calm.POST("/api/v1/ledger/entries", { body: { description: "Opening", postings } }));
  const rent = (minor: number) => ({ from_wallet_id: payer.id, to: { wallet_id: payee.id }, amount: rupiah(minor) });
  const paid = async () => {
    const params = { path: { wallet_id: payee.id } };
    return (await answer(calm.GET("/api/v1/wallets/{wallet_id}", { params }))).available.amount;
  };
  return { rent, paid };
}

test("a transfer whose answer is lost is sent again under one key and moves money once", async () => {
  const till = await openTill();
  const storm = weather("unreachable", "answer lost", "busy");
  const client = createClient({ apiKey, url, retries: { firstMs: 1 }, fetch: storm.send });
  const made = await answer(client.POST("/api/v1/transfers", { body: till.rent(10) }));
  assert.equal(made.state, "completed");
  assert.equal(storm.keys.length, 4);
  assert.equal(new Set(storm.keys).size, 1);
  assert.equal(await till.paid(), 10);
});

test("after no answer at all the same key finds out what became of it", async () => {
  const till = await openTill();
  const request = { body: till.rent(10), headers: { "Idempotency-Key": newKey() } };
  const lost = weather("answer lost", "answer lost");
  const client = createClient({ apiKey, url, retries: { most: 1, firstMs: 1 }, fetch: lost.send });
  await assert.rejects(client.POST("/api/v1/transfers", request), NoAnswer);
  assert.deepEqual((await answer(calm.POST("/api/v1/transfers", request))).amount, rupiah(10));
  assert.equal(await till.paid(), 10);
});

test("a refusal tells code, field, facts and that no money moved", async () => {
  const till = await openTill();
  const poor = await calm.POST("/api/v1/transfers", { body: till.rent(5000) }).catch((error: unknown) => error);
  assert.ok(poor instanceof Problem);
  assert.deepEqual([poor.status, poor.code, poor.param, poor.moneyMoved], [422, "insufficient_funds", "amount", false]);
  assert.ok(poor.requestId?.startsWith("req_"));
  const wrong = await calm.POST("/api/v1/transfers", { body: till.rent(-1) }).catch((error: unknown) => error);
  assert.ok(wrong instanceof Problem);
  assert.equal(wrong.errors[0]?.pointer, wrong.param);
  assert.equal(await till.paid(), 0);
});

test("a rehearsal answers what would happen and keeps nothing", async () => {
  const till = await openTill();
  const shown = await answer(calm.rehearsal.POST("/api/v1/transfers", { body: till.rent(10) }));
  assert.deepEqual([shown.preview, shown.amount.amount], [true, 10]);
  assert.equal(await till.paid(), 0);
});

test("a Retry-After beyond one's patience is not waited for", async () => {
  const away = weather("away");
  const client = createClient({ apiKey, url, fetch: away.send });
  const refusal = await client.GET("/api/v1/wallets").catch((error: unknown) => error);
  assert.ok(refusal instanceof Problem);
  assert.deepEqual([refusal.status, refusal.code, refusal.moneyMoved], [503, "http_503", null]);
  assert.equal(away.keys.length, 1);
});

test("a list is read page by page to its end", async () => {
  const add = (name: string) => calm.POST("/api/v1/parties", { body: { name, roles: ["supplier"] } });
  const made = await Promise.all(["Ayu", "Bima", "Citra"].map((name) => answer(add(name))));
  const found: string[] = [];
  for await (const party of each(calm, "/api/v1/parties", { query: { role: "supplier", limit: 2 } }))
    found.push(party.id);
  assert.deepEqual(found.sort(), made.map((party) => party.id).sort());
});

test("webhooks are believed only when genuine", () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
  const body = '{"type":"payment.paid","timestamp":"2026-11-22T00:00:00Z","data":{}}';
  const signed = (when: Date) => ({
    "Webhook-Id": "evt_1",
    "Webhook-Timestamp": String(Math.floor(when.getTime() / 1000)),
    "Webhook-Signature": new Webhook(secret).sign("evt_1", when, body),
  });
  const genuine = signed(new Date());
  assert.equal(verifyWebhook(body, genuine, secret).type, "payment.paid");
  assert.equal(verifyWebhook(body, new Headers(genuine), secret).type, "payment.paid");
  assert.throws(() => verifyWebhook(`${body} `, genuine, secret), NotGenuine);
  assert.throws(() => verifyWebhook(body, {}, secret), NotGenuine);
  assert.throws(() => verifyWebhook(body, { ...genuine, "Webhook-Signature": "nonsense" }, secret), NotGenuine);
  assert.throws(() => verifyWebhook(body, signed(new Date(Date.now() - 600_000)), secret), NotGenuine);
});

test("a published request is signed as the platform and the other clients sign it", () => {
  const vectors = JSON.parse(readFileSync(process.env.SPECIE_SIGNATURES ?? "", "utf8"));
  assert.ok(vectors.length > 0);
  for (const { path, query, secret, signature, ...rest } of vectors) {
    const asked = new URL(path, url);
    for (const [name, value] of Object.entries<string>(query)) asked.searchParams.append(name, value);
    assert.equal(signatureOf({ ...rest, url: asked.href }, secret), signature, rest.what);
  }
});

test("a payout is signed anew for each try, and not sent without a secret", async () => {
  const tries: Request[] = [];
  const send = async (request: Request): Promise<Response> => {
    tries.push(request.clone());
    const headers = { "Content-Type": "application/json", "Retry-After": "0" };
    return new Response('{"id":"po_1"}', { status: tries.length === 1 ? 503 : 201, headers });
  };
  const body = { beneficiary_id: "ben_1", reference: "Gaji Agustus é", amount: rupiah(5) };
  const unarmed = createClient({ apiKey: "key", url, fetch: send });
  await assert.rejects(unarmed.POST("/api/v1/server/payouts", { body }), /signingSecret/);
  assert.equal(tries.length, 0);
  const client = createClient({
    apiKey: "key",
    url,
    fetch: send,
    signingSecret: "sps_secret",
    retries: { firstMs: 1 },
  });
  await client.POST("/api/v1/server/payouts", { body });
  await client.rehearsal.POST("/api/v1/server/payouts", { body });
  assert.equal(new Set(tries.map((one) => one.headers.get("Specie-Nonce"))).size, 3);
  for (const one of tries) {
    const [timestamp, nonce] = [one.headers.get("Specie-Timestamp") ?? "", one.headers.get("Specie-Nonce") ?? ""];
    const sent = { method: one.method, url: one.url, body: await one.text(), timestamp, nonce };
    assert.equal(one.headers.get("Specie-Signature"), signatureOf(sent, "sps_secret"));
  }
});
