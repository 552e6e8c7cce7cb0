// Tills written with a stock gRPC library of another language (grpc-js): no code of ours, only the published
// settings and two addresses. Buys on schedule for some seconds and tells, as one line of JSON, every error.
//
//   node tills.mjs --addresses 127.0.0.1:7400,127.0.0.1:7410 --seconds 10 --rate 50 --tills 10
//
// Each call leaves when it is due, whatever became of the calls before it; a wait is counted from then.

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const PUBLISHED = join(ROOT, "loyalty", "client", "published.json");
const DEADLINE_MS = 10_000;
const ERRORS_MAX = 100; // told in full; all are counted

const { values: options } = parseArgs({
  options: {
    addresses: { type: "string" },
    seconds: { type: "string", default: "10" },
    rate: { type: "string", default: "50" },
    tills: { type: "string", default: "10" },
    store: { type: "string", default: "900" }, // receipts are this store's: unlike those of other tests
  },
});

function connect(addresses) {
  const published = JSON.parse(readFileSync(PUBLISHED, "utf8"));
  const [unit0, unit1] = addresses.split(",");
  const target = published.target.replace("{unit_0}", unit0).replace("{unit_1}", unit1);
  const definition = loader.loadSync("loyalty/v1/till.proto", {
    includeDirs: [join(ROOT, "proto")],
    keepCase: true,
    longs: String,
  });
  const { TillService } = grpc.loadPackageDefinition(definition).loyalty.v1;
  return new TillService(target, grpc.credentials.createInsecure(), {
    ...published.channel_options.grpc_js,
    "grpc.service_config": JSON.stringify(published.service_config),
  });
}

const report = { calls: 0, done: 0, rejected: {}, errors: 0, error_list: [], longest_wait_ms: 0, waits_over_1s: 0 };

function tell(method, due, error) {
  report.errors += 1;
  if (report.error_list.length < ERRORS_MAX) {
    const after_ms = Math.round(performance.now() - due);
    report.error_list.push({ method, code: grpc.status[error.code], details: error.details, after_ms });
  }
}

// Resolves with the response, or null after an error, which is counted: a stock till has nothing else.
function call(client, method, request, due = performance.now()) {
  report.calls += 1;
  return new Promise((resolve) => {
    client[method]({ request_id: randomBytes(16), ...request }, { deadline: Date.now() + DEADLINE_MS }, (error, response) => {
      if (error) {
        tell(method, due, error);
        return resolve(null);
      }
      const wait_ms = performance.now() - due;
      report.longest_wait_ms = Math.max(report.longest_wait_ms, Math.round(wait_ms));
      report.waits_over_1s += wait_ms > 1000 ? 1 : 0;
      if (response.rejected) {
        const code = response.rejected.code;
        report.rejected[code] = (report.rejected[code] ?? 0) + 1;
      } else {
        report.done += 1;
      }
      resolve(response);
    });
  });
}

async function enrol(client, tills) {
  const base = 100_000_000 + Math.floor(Math.random() * 800_000_000);
  const enrolled = await Promise.all(
    Array.from({ length: tills }, (_, i) => call(client, "Enrol", { phone: `+886${base + i}` })),
  );
  return enrolled.filter((response) => response?.done).map((response) => response.done.member_id);
}

function purchase(store, member, terminal, number) {
  const now = new Date();
  const business_day = now.getUTCFullYear() * 10_000 + (now.getUTCMonth() + 1) * 100 + now.getUTCDate();
  return {
    receipt: { store, terminal, number, business_day },
    member: { member_id: member },
    lines: [{ sku: "shoes", quantity_milli: 1000, amount_minor: 8990, kind: "LINE_KIND_GOODS" }],
  };
}

async function buy(client, members, seconds, rate, store) {
  const began = performance.now();
  const number0 = Date.now(); // receipt numbers of this run
  const calls = [];
  for (let n = 0; n < seconds * rate; n += 1) {
    const due = began + (n * 1000) / rate;
    const early_ms = due - performance.now();
    if (early_ms > 0) {
      await new Promise((resolve) => setTimeout(resolve, early_ms));
    }
    const till = n % members.length;
    calls.push(call(client, "Confirm", purchase(store, members[till], till + 1, number0 + n), due));
  }
  await Promise.all(calls);
}

const client = connect(options.addresses);
const members = await enrol(client, Number(options.tills));
console.log(JSON.stringify({ event: "buying", members: members.length }));
if (members.length > 0) {
  await buy(client, members, Number(options.seconds), Number(options.rate), Number(options.store));
}
client.close();
console.log(JSON.stringify(report));
process.exit(report.errors || report.done === 0 ? 1 : 0);
