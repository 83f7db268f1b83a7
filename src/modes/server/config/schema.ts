/** What `server.yaml` may say: every key with its default. Must not know files, nor who reads a value. */
import type { z } from "zod";
import { network } from "../../../core/network.ts";
import { choice, flag, hiddenText, list, text, whole } from "../../../core/params.ts";
import { publishSettings } from "../../../core/publish/settings.ts";
import { alerts, smtp, webhooks } from "../alerts/settings.ts";
import { auth } from "../auth/settings.ts";
import {
  atMostOf,
  later,
  listen,
  only,
  permille,
  section,
  span,
  spanOrNever,
  threshold,
} from "./fields.ts";

const name = { pattern: /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i, wanted: "a hostname" };
const file = (description: string) =>
  text(description, { pattern: /^[^\0]{1,4096}$/, wanted: "a path" }).exactOptional();

/** Read before the rest, because the rest may name secrets. */
export const secrets = section({
  backend: choice("Where secrets are kept: files of the server, or another program.", [
    "local",
    "isopass",
    "vault",
  ]).default("local"),
  key_file: file("The master key, below the home unless absolute (d: secrets-master.key)."),
  url: text("Address of isopass or Vault.", {
    pattern: /^(?:https:\/\/|http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])[:/])\S+$/,
    wanted: "an https address (http only on this host)",
  }).exactOptional(),
  token_file: file("File with the token for it; read anew at each request."),
  ca_file: file("PEM of the CA of its certificate, when no public one has signed it."),
  mount: text("Where Vault's KV version 2 engine is mounted.", {
    pattern: /^[A-Za-z0-9_][A-Za-z0-9_/-]{0,200}$/,
    wanted: "a path like secret",
  }).default("secret"),
  refresh: span("How often names and versions are read from it.", "30s", {
    min: "1s",
    max: "1h",
  }),
}).refine((s) => s.backend === "local" || (s.url !== undefined && s.token_file !== undefined), {
  error: "needs url and token_file when backend is isopass or vault",
});

export const schema = section({
  server: section({
    grpc_listen: listen("Where agents call.", ":1530"),
    api_listen: listen("Where people and browsers call.", ":8443"),
    hostname: text("Name of this host; found out when it is not given.", name).exactOptional(),
    tls_sans: list(
      "More names and addresses for the server's certificate.",
      text("One of them.", { pattern: /^[a-z0-9:.*-]{1,253}$/i, wanted: "a hostname or address" }),
    )
      .max(100, atMostOf(100))
      .default([]),
    tls: section({
      cert_file: file("Certificate for 8443 and 1530, when it is not Vigo's own."),
      key_file: file("Its private key."),
      ca_file: file("Certificate of the CA that signs clients."),
      ca_key_file: file("Its private key."),
    })
      .refine(({ cert_file, key_file }) => (cert_file === undefined) === (key_file === undefined), {
        error: "needs both cert_file and key_file, or neither",
      })
      .describe("Files of somebody else's certificates, below the home unless absolute."),
  }).describe("Where the server is reached."),
  database: section({
    driver: only("Kind of database.", "sqlite", ["postgres"]),
    dsn: file("The file, below the home unless absolute (d: db/vigo.db)."),
    retention: span("How long runs are kept.", "30d", { min: "1h", max: "3650d" }),
    run_store: choice("Where runs are kept; those in memory are forgotten at each restart.", [
      "database",
      "memory",
    ]).default("database"),
    run_store_capacity: whole("Runs of an envoy that are kept in memory, the newest.", {
      min: 1,
      max: 10_000,
    }).default(100),
  }).describe("Where everything is kept but policy and secrets."),
  checkin: section({
    interval: span("How often agents call.", "5m", { min: "1s", max: "24h" }),
    splay: permille("Share of the interval over which the calls of agents are spread.", "10%", 100),
    offline_threshold: threshold("Silence after which an envoy counts as offline."),
    bundle_max_age: spanOrNever("Age at which an agent stops enforcing what it has; 0: never."),
    stream: choice("When agents keep a stream open: while there are orders for them, or always.", [
      "on_demand",
      "always",
    ]).default("on_demand"),
  }).describe("How often agents call, and what silence means."),
  enroll: section({
    approved: list(
      "Hostnames that enrol with a token at once; all others wait for approval.",
      text("A pattern like web-*.", {
        pattern: /^[a-z0-9.*?-]{1,253}$/i,
        wanted: "a pattern like web-*",
      }),
    )
      .max(1_000, atMostOf(1_000))
      .default(["*"]),
  }).describe("Who becomes an envoy without being asked for."),
  traits: section({
    volatile_interval: span("How often quick-changing traits travel.", "15m", {
      min: "10s",
      max: "24h",
    }),
  }).describe("What machines tell about themselves."),
  metrics: section({
    token: hiddenText("Lets its bearer read /metrics.", {
      pattern: /^[\x21-\x7e]{16,256}$/,
      wanted: "16 to 256 characters without blanks",
    }).exactOptional(),
    allow: list(
      "Who may read /metrics without it.",
      network("loopback, an address, or a network like 10.0.0.0/8."),
    ).default(["loopback"]),
    per_envoy: flag("A row for each envoy as well.").default(false),
  }).describe("Who may read /metrics."),
  convergence: section({
    diverged_after: whole("Runs with drift in a row that count as diverged.", {
      min: 2,
      max: 100,
    }).default(3),
  }).describe("When drift counts as more than a change."),
  publish: section(publishSettings).describe("What a publish may do."),
  tuning: section({
    signature_window: span("How far an agent's clock may be off.", "5m", { min: "5s", max: "24h" }),
    flush_interval: span("How often what check-ins tell is written.", "10s", {
      min: "100ms",
      max: "10m",
    }),
    max_message_mb: whole("Largest request of an agent.", { min: 1, max: 64 }).default(4),
  }).describe("Limits that few have to touch."),
  auth: auth.describe("How people log in."),
  secrets: secrets.describe("Where secrets are kept."),
  smtp: smtp.describe("The mail server that alerts go through; without it there is no mail."),
  webhooks: webhooks.describe("Where else alerts are sent."),
  alerts: alerts.describe("When people are told."),
  license: section({
    file: file("The licence, below the home unless absolute (d: license)."),
  }).describe("What the vendor allows; without the file there is no limit."),
  backup: later("Backups."),
  ai: later("Assistant."),
  spanner: later("Federation."),
  peers: later("Federation."),
  swarm: later("Files between agents."),
  scrier: later("Remote sessions."),
  network_devices: later("Routers and switches."),
});

export type Written = z.output<typeof schema>;
