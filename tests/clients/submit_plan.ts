// A department's system, on the types generated for TypeScript: gets a token, drafts a plan, submits it.
// Compiled and run by check.py: BASE_URL, CLIENT_ID and CLIENT_SECRET in the environment.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

declare const process: { env: Record<string, string | undefined> };
declare const crypto: { randomUUID(): string };

type Plan = components["schemas"]["PlanRead"];

function needed(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is missing`);
  return value;
}

function must(condition: boolean, words: string): asserts condition {
  if (!condition) throw new Error(words);
}

const baseUrl = needed("BASE_URL");
const basic = btoa(`${needed("CLIENT_ID")}:${needed("CLIENT_SECRET")}`);
const title = "Kế hoạch thông tin đối ngoại huyện Buôn Đôn (máy khách TypeScript)";

const door = createClient<paths>({ baseUrl, headers: { Authorization: `Basic ${basic}` } });
const { data: token, error } = await door.POST("/oauth/token", {
  body: { grant_type: "client_credentials" },
  headers: { "Content-Type": "application/x-www-form-urlencoded" },
});
must(token !== undefined, JSON.stringify(error));

const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token.access_token}` } });
const made = await client.POST("/v1/plans", {
  params: { header: { "Idempotency-Key": crypto.randomUUID() } },
  body: {
    kind: "agency_annual",
    year: 2032,
    title,
    shareable: false,
    no_budget_reason: "Không phát sinh",
    tasks: [
      {
        code: "NV-01",
        title: "Chuyên trang tiếng Anh giới thiệu du lịch Buôn Đôn",
        content_category: "image_promotion",
        direction: "outward",
        audiences: ["foreign_org_or_person"],
      },
    ],
  },
});
must(made.data !== undefined, JSON.stringify(made.error));
const plan: Plan = made.data;
must(plan.state === "draft", plan.state);

const submit = (etag: string) =>
  client.POST("/v1/plans/{id}/submit", {
    params: { path: { id: plan.id }, header: { "If-Match": etag } },
    body: { no_state_secret: true },
  });
const sent = await submit(plan.etag);
must(sent.data !== undefined, JSON.stringify(sent.error));
const stale = await submit(plan.etag);
must(stale.error !== undefined && stale.response.status === 409, "a second submit was not refused");
must("code" in stale.error && stale.error.code === "wrong-state", JSON.stringify(stale.error));

const read = await client.GET("/v1/plans/{id}", { params: { path: { id: plan.id } } });
must(read.data?.state === "submitted" && read.data.title === title, JSON.stringify(read.data));
const gone = await client.POST("/v1/plans/{id}/withdraw", {
  params: { path: { id: plan.id }, header: { "If-Match": read.data.etag } },
  body: { reason: "Thử máy khách" },
});
must(gone.data?.state === "withdrawn", JSON.stringify(gone.error));
console.log("TypeScript client: submitted a plan");
