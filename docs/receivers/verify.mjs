// Verifying a webhook with Node's own library alone (Node 18 or newer). Copy it into the receiver.

import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const TOLERANCE_SECONDS = 300;

/**
 * Returns the event, or throws an Error that says why the request must be refused.
 *
 * secrets: the `whsec_…` of the endpoint; several while one is being replaced.
 * headers: with names in lower case, as Node gives them.
 * body: a Buffer of the bytes as they arrived. Parsing and writing them again would change them.
 */
export function verify(secrets, headers, body, now = Date.now() / 1000) {
  const [id, timestamp, signatures] = ["id", "timestamp", "signature"].map((name) => headers[`webhook-${name}`]);
  if (id === undefined || timestamp === undefined || signatures === undefined) throw new Error("missing header");
  if (!/^[0-9]{1,12}$/.test(timestamp)) throw new Error("bad timestamp");
  if (Math.abs(now - Number(timestamp)) > TOLERANCE_SECONDS) throw new Error("too old or too new");
  const text = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  const given = signatures.split(" ").filter((part) => part.startsWith("v1,")).map((part) => Buffer.from(part.slice(3)));
  for (const secret of secrets) {
    const key = Buffer.from(secret.slice("whsec_".length), "base64");
    const expected = Buffer.from(createHmac("sha256", key).update(text).digest("base64"));
    // Compared in constant time: how much of a guess was right must not show.
    if (given.some((one) => one.length === expected.length && timingSafeEqual(one, expected))) {
      return JSON.parse(body.toString("utf8"));
    }
  }
  throw new Error("no signature fits");
}

// Check the vectors beside this file (or another file): `node verify.mjs vectors.json`.
if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const vectors = JSON.parse(readFileSync(process.argv[2], "utf8"));
  const wrong = vectors.filter((vector) => {
    let found = true;
    try {
      verify(vector.secrets, vector.headers, Buffer.from(vector.body, "base64"), vector.now);
    } catch {
      found = false;
    }
    return found !== vector.valid;
  });
  console.log(`${vectors.length - wrong.length} of ${vectors.length} vectors as expected`);
  if (wrong.length) {
    console.error(wrong.map((vector) => vector.name).join("; "));
    process.exitCode = 1;
  }
}
