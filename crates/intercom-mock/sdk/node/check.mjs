// Runs the official Node client against the mock. Prints a line for each step and exits with 1 at the first mismatch.
//
// INTERCOM_BASE_URL is the base URL of the mock. Start the mock with a rate limit of a few dozen requests a window, so
// that the last step is short. INTERCOM_ACCESS_TOKEN is the mock's token (default: mock-token).

import assert from "node:assert/strict";
import { IntercomClient, IntercomError } from "intercom-client";

const baseUrl = process.env.INTERCOM_BASE_URL;
assert.ok(baseUrl, "INTERCOM_BASE_URL is not set");
const token = process.env.INTERCOM_ACCESS_TOKEN ?? "mock-token";
const client = new IntercomClient({ baseUrl, token, maxRetries: 0 });

// Unique names, so that the check can run twice against one server.
const run = `${process.pid}-${Date.now()}`;
const email = `node-${run}@example.com`;
const externalId = `node/${run} ü`;

async function step(name, work) {
  try {
    console.log(`node: ${name}: ${await work()}`);
  } catch (error) {
    console.log(`node: ${name}: MISMATCH: ${error?.message ?? error}`);
    process.exit(1);
  }
}

async function refused(status, call) {
  const error = await call.then(() => assert.fail(`no error, expected ${status}`), (error) => error);
  assert.ok(error instanceof IntercomError, `${error}`);
  assert.equal(error.statusCode, status);
  assert.equal(error.body.type, "error.list");
  assert.equal(error.body.request_id, error.rawResponse.headers.get("x-request-id"));
  return error;
}

function isContact(contact) {
  const kinds = {
    id: "string", workspace_id: "string", role: "string", has_hard_bounced: "boolean", marked_email_as_spam: "boolean",
    unsubscribed_from_emails: "boolean", created_at: "number", updated_at: "number", custom_attributes: "object",
  };
  for (const [field, kind] of Object.entries(kinds)) assert.equal(typeof contact[field], kind, field);
  assert.equal(contact.type, "contact");
  for (const list of ["tags", "notes", "companies"]) assert.deepEqual(contact[list].data, []);
}

let id;

await step("identify", async () => {
  const admin = await client.admins.identify();
  assert.equal(admin.type, "admin");
  assert.equal(admin.app.type, "app");
  return `${admin.name} of ${admin.app.name}`;
});
await step("create", async () => {
  const contact = await client.contacts.create({ email, name: "Ada", external_id: externalId, custom_attributes: { plan: "pro" } });
  isContact(contact);
  id = contact.id;
  return id;
});
await step("find", async () => {
  const contact = await client.contacts.find({ contact_id: id });
  isContact(contact);
  assert.equal(contact.email, email);
  assert.equal((await client.contacts.showContactByExternalId({ external_id: externalId })).id, id);
  return contact.email;
});
await step("find a missing contact", async () => {
  const error = await refused(404, client.contacts.find({ contact_id: "0".repeat(24) }));
  return error.body.errors[0].code;
});
await step("update", async () => {
  const contact = await client.contacts.update({ contact_id: id, name: "Grace" });
  assert.equal(contact.name, "Grace");
  return contact.name;
});
await step("search", async () => {
  await client.contacts.create({ email: `second-${email}` });
  const query = { operator: "AND", value: [{ field: "email", operator: "~", value: email }, { field: "role", operator: "=", value: "user" }] };
  const found = [];
  for await (const contact of await client.contacts.search({ query, pagination: { per_page: 1 } })) found.push(contact.email);
  assert.deepEqual(found, [email, `second-${email}`]);
  return `${found.length} in pages of 1`;
});
await step("list all", async () => {
  const found = [];
  for await (const contact of await client.contacts.list({ per_page: 1 })) found.push(contact.email);
  assert.deepEqual(found.filter((found) => found.endsWith(email)), [email, `second-${email}`]);
  return `${found.length} in pages of 1`;
});
await step("conflict", async () => {
  const error = await refused(409, client.contacts.create({ email }));
  assert.equal(error.body.errors[0].code, "conflict");
  const [, existing] = error.body.errors[0].message.match(/^A contact matching those details already exists with id=([0-9a-f]{24})$/);
  assert.equal(existing, id);
  return `existing id ${existing}`;
});
await step("archive and unarchive", async () => {
  assert.equal((await client.contacts.archive({ contact_id: id })).archived, true);
  assert.equal((await client.contacts.unarchive({ contact_id: id })).archived, false);
  return "both ways";
});
await step("wrong token", async () => {
  const stranger = new IntercomClient({ baseUrl, token: "wrong", maxRetries: 0 });
  const error = await refused(401, stranger.admins.identify());
  assert.equal(error.rawResponse.headers.get("x-ratelimit-limit"), null);
  return error.body.errors[0].message;
});
await step("rate limit", async () => {
  for (let count = 0; count < 1_000; count += 1) {
    const error = await client.admins.identify().then(() => null, (error) => error);
    if (error === null) continue;
    await refused(429, Promise.reject(error));
    const header = (name) => Number(error.rawResponse.headers.get(`x-ratelimit-${name}`));
    const message = error.body.errors[0].message;
    assert.equal(error.body.errors[0].code, "rate_limit_exceeded");
    assert.ok(message.startsWith(`Exceeded rate limit of ${header("limit")} in `), message);
    assert.equal(header("remaining"), 0);
    assert.ok(header("reset") * 1_000 >= Date.parse(error.rawResponse.headers.get("date")));
    return message;
  }
  return assert.fail("1,000 requests and no 429: start the mock with a rate limit");
});
