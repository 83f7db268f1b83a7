import { describe, expect, test } from "bun:test";
import { VigoError } from "../../../src/core/errors.ts";
import { parseConfig } from "../../../src/modes/server/config/read.ts";
import { exampleConfig } from "../../../src/modes/server/first-start/example.ts";

const wrong = (text: string): readonly string[] => {
  try {
    parseConfig(text, "server.yaml");
  } catch (caught) {
    if (caught instanceof VigoError && caught.failure === "invalid")
      return caught.message.split("\n");
    throw caught;
  }
  return [];
};

describe("server.yaml", () => {
  test("may be empty: everything has a default", () => {
    const settings = parseConfig("", "server.yaml");
    expect(settings.server).toEqual({
      grpc_listen: { host: undefined, port: 1530 },
      api_listen: { host: undefined, port: 8443 },
      tls_sans: [],
      tls: {},
    });
    expect(settings.checkin).toMatchObject({
      interval: 300_000,
      offline_threshold: { factor: 2.5 },
      bundle_max_age: 0,
    });
    expect(settings.tuning).toEqual({
      signature_window: 300_000,
      flush_interval: 10_000,
      max_message_mb: 4,
    });
  });

  test("as a new server has it, says the defaults, also when its comments are taken away", () => {
    const defaults = parseConfig("", "server.yaml");
    expect(parseConfig(exampleConfig, "server.yaml")).toEqual(defaults);
    const spoken = exampleConfig
      .split("\n")
      .filter((line) => /^# ( *)[a-z_]+:/.test(line))
      .map((line) => line.slice(2))
      .join("\n");
    const { server, metrics, database, ...rest } = parseConfig(spoken, "server.yaml");
    const { server: _, metrics: __, database: ___, ...others } = defaults;
    expect(rest).toEqual(others);
    expect(server.hostname).toBe("vigo.example.org");
    expect(metrics.token).toBe("a-secret-of-your-own");
    expect(database).toEqual({ ...defaults.database, dsn: "db/vigo.db" });
  });

  test.each([
    [":1530", { host: undefined, port: 1530 }],
    ["127.0.0.1:0", { host: "127.0.0.1", port: 0 }],
    ["'[::1]:8443'", { host: "::1", port: 8443 }],
    ["vigo.example:1", { host: "vigo.example", port: 1 }],
  ])("listens on %s", (written, listen) =>
    expect(parseConfig(`server: {grpc_listen: ${written}}`, "f").server.grpc_listen).toEqual(
      listen,
    ),
  );

  test.each([
    ["10m", { ms: 600_000 }],
    ["3x", { factor: 3 }],
  ])("counts as offline after %s", (written, threshold) =>
    expect(
      parseConfig(`checkin: {offline_threshold: ${written}}`, "f").checkin.offline_threshold,
    ).toEqual(threshold),
  );

  test.each([
    [
      "an unknown section",
      "metrcs: {}\n",
      ['server.yaml:1:1: unknown key "metrcs", did you mean "metrics"?'],
    ],
    [
      "each unknown key where it stands",
      "server:\n  hostnam: a\n  port: 1\n",
      [
        'server.yaml:2:3: unknown key "hostnam", did you mean "hostname"?',
        'server.yaml:3:3: unknown key "port"',
      ],
    ],
    [
      "all mistakes at once",
      "checkin:\n  interval: soon\ntuning:\n  max_message_mb: 900\n",
      [
        'server.yaml:2:3: checkin.interval must be a duration like 30s, 5m, 24h or 7d, not "soon"',
        "server.yaml:4:3: tuning.max_message_mb must be a whole number from 1 to 64, not 900",
      ],
    ],
    [
      "a time out of bounds",
      "checkin: {interval: 1ms}\n",
      ["server.yaml:1:11: checkin.interval must be from 1s to 24h, not 1ms"],
    ],
    [
      "a provider that nobody has named",
      "auth: {method: oidc}\n",
      [
        "server.yaml:1:1: auth needs oidc.issuer, oidc.client_id and oidc.role_map when method is oidc",
      ],
    ],
    [
      "a provider that lets nobody in, or anybody listen",
      "auth:\n  method: oidc\n  oidc:\n    issuer: http://idp.example.org\n    client_id: vigo\n    role_map: {}\n",
      [
        'server.yaml:4:5: auth.oidc.issuer must be an https address (http only on this host), not "http://idp.example.org"',
        "server.yaml:6:5: auth.oidc.role_map names no group: nobody could log in",
      ],
    ],
    [
      "what a later version will have",
      "spanner: {}\ndatabase: {driver: postgres}\n",
      [
        "server.yaml:2:12: database.driver postgres is not in this version",
        "server.yaml:1:1: spanner is not in this version",
      ],
    ],
    [
      "a port that is none",
      "server: {api_listen: ':70000'}\n",
      ["server.yaml:1:10: server.api_listen a port is at most 65535"],
    ],
    [
      "a network that is none",
      "metrics:\n  allow: [10.0.0.0/99]\n",
      [
        'server.yaml:2:11: metrics.allow.0 must be loopback, an address, or a network like 10.0.0.0/8, not "10.0.0.0/99"',
      ],
    ],
    [
      "a reference to a secret",
      "metrics: {token: 'secret:metrics/prometheus'}\n",
      [
        'server.yaml:1:11: metrics.token must be the secret itself, 16 to 256 characters without blanks, not "secret:metrics/prometheus"',
      ],
    ],
    ["a list", "- a\n", ["server.yaml:1:1: must be a map of keys and values"]],
    ["a key twice", "metrics: {}\nmetrics: {}\n", ["server.yaml:2:1: Map keys must be unique"]],
    [
      "no YAML",
      "server: [\n",
      [
        "server.yaml:2:1: Flow sequence in block collection must be sufficiently indented and end with a ]",
      ],
    ],
    [
      "an alias bomb",
      `a: &a [${"1,".repeat(50)}1]\nb: &b [${"*a,".repeat(50)}*a]\nc: [${"*b,".repeat(50)}*b]\n`,
      ["server.yaml: uses aliases so that it grows without end"],
    ],
  ])("refuses %s", (_, text, lines) => expect([...wrong(text)].sort()).toEqual([...lines].sort()));
});
