// Makes many concurrent calls with the official client against a server with a low rate limit.
// WORKERS workers make CALLS calls in all, with up to RETRIES retries each. Prints how many calls failed.
import { IntercomClient } from "intercom-client";

const [calls, workers, retries] = ["CALLS", "WORKERS", "RETRIES"].map((name) => Number(process.env[name]));
const client = new IntercomClient({
  token: process.env.INTERCOM_ACCESS_TOKEN,
  baseUrl: process.env.INTERCOM_BASE_URL,
  maxRetries: retries,
});

let next = 0;
let failed = 0;
async function work() {
  while (next < calls) {
    next += 1;
    try {
      await client.admins.identify({ maxRetries: retries });
    } catch {
      failed += 1;
    }
  }
}

await Promise.all(Array.from({ length: workers }, work));
console.log(failed);
