// Usage: node run.cjs MODULE.js find-or-create EMAIL | call METHOD PATH
// Prints the result, or the message of the error.
const [module_, command, ...rest] = process.argv.slice(2);
const { Intercom } = require(module_);
const { INTERCOM_ACCESS_TOKEN: token, INTERCOM_BASE_URL: baseUrl } = process.env;

async function run() {
  const intercom = new Intercom(token, baseUrl);
  if (command === "call") {
    const [method, path] = rest;
    return intercom.call(method, path, method === "POST" ? "{}" : undefined);
  }
  const { outcome, id } = await intercom.findOrCreate(...rest);
  return `${outcome} ${id}`;
}

run().then(console.log, (error) => console.log(error.message));
