// Many calls at once through the official client, against a server with a small limit.
// CALLS calls by WORKERS workers, RETRIES retries each; prints how many were lost.
import { IntercomClient } from "intercom-client";

const [calls, workers, retries] = ["CALLS", "WORKERS", "RETRIES"].map((name) => Number(process.env[name]));
const client = new IntercomClient({
  token: process.env.INTERCOM_ACCESS_TOKEN,
  baseUrl: process.env.INTERCOM_BASE_URL,
  maxRetries: retries,
});

let next = 0;
let lost = 0;
async function work() {
  while (next < calls) {
    next += 1;
    try {
      await client.admins.identify({ maxRetries: retries });
    } catch {
      lost += 1;
    }
  }
}

await Promise.all(Array.from({ length: workers }, work));
console.log(lost);
