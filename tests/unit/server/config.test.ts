import { describe, expect, test } from "bun:test";
import type { z } from "zod";
import { serverYaml } from "../../../scripts/server-yaml.ts";
import { VigoError } from "../../../src/core/errors.ts";
import { jsonSchema } from "../../../src/core/params-schema.ts";
import { cli } from "../../../src/modes/cli/index.ts";
import { recordingScreen } from "../../support/screen.ts";
import { parseConfig, readConfig } from "../../../src/modes/server/config/read.ts";
import { schema } from "../../../src/modes/server/config/schema.ts";
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
      ["server.yaml:1:10: server.api_listen must have a port of at most 65535"],
    ],
    [
      "a network that is none",
      "metrics:\n  allow: [10.0.0.0/99]\n",
      [
        'server.yaml:2:11: metrics.allow.0 must be loopback, an address, or a network like 10.0.0.0/8, not "10.0.0.0/99"',
      ],
    ],
    [
      "a secret that is not there",
      "metrics: {token: 'secret:metrics/prometheus'}\n",
      ["server.yaml:1:18: metrics.token needs the secret metrics/prometheus, and there is none"],
    ],
    [
      "what names no secret",
      "metrics:\n  token: 'secret:'\n  allow: [loopback, 'secret:/etc/shadow']\n",
      [
        "server.yaml:2:10: metrics.token must name a secret, like secret:mail/password",
        "server.yaml:3:21: metrics.allow.1 must name a secret, like secret:mail/password",
      ],
    ],
    [
      "a secret that says where secrets are kept",
      "secrets: {mount: 'secret:vault/mount'}\n",
      ["server.yaml:1:18: secrets.mount says where secrets are kept: it cannot be one itself"],
    ],
    [
      "what a section lacks, where it stands",
      "metrics: {}\nsmtp: {host: mail, from: a@b.c}\n",
      ["server.yaml:2:1: smtp.to is required: a list"],
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
      "a certificate without its key",
      "server:\n  tls: {cert_file: a.pem}\n",
      ["server.yaml:2:3: server.tls needs both cert_file and key_file, or neither"],
    ],
    [
      "an alias bomb",
      `a: &a [${"1,".repeat(50)}1]\nb: &b [${"*a,".repeat(50)}*a]\nc: [${"*b,".repeat(50)}*b]\n`,
      ["server.yaml:3:155: uses aliases so that it grows without end"],
    ],
    [
      "an alias of nothing",
      "server: {hostname: *h}\n",
      ["server.yaml:1:20: Unresolved alias (the anchor must be set before the alias): h"],
    ],
  ])("refuses %s", (_, text, lines) => expect([...wrong(text)].sort()).toEqual([...lines].sort()));
});

/** Every key there is, rightly used. */
const whole = {
  server: {
    grpc_listen: ":1530",
    api_listen: ":8443",
    hostname: "vigo.example.org",
    tls_sans: ["v"],
    tls: { cert_file: "c", key_file: "k", ca_file: "a", ca_key_file: "b" },
  },
  database: {
    driver: "sqlite",
    dsn: "db",
    retention: "1d",
    run_store: "memory",
    run_store_capacity: 5,
  },
  checkin: {
    interval: "5m",
    splay: "1%",
    offline_threshold: "2x",
    bundle_max_age: "1d",
    stream: "always",
  },
  enroll: { approved: ["*"] },
  traits: { volatile_interval: "5m" },
  metrics: { token: "a-secret-of-your-own", allow: ["loopback"], per_envoy: true },
  convergence: { diverged_after: 3 },
  publish: {
    keep: 5,
    max_envoys: 5,
    max_deletions: 5,
    url_allow: ["10.0.0.0/8"],
    rollback_threshold: "80%",
  },
  tuning: { signature_window: "5m", flush_interval: "1s", max_message_mb: 4 },
  auth: {
    method: "oidc",
    session_idle_timeout: "5m",
    oidc: {
      issuer: "https://i",
      client_id: "c",
      client_secret: "s",
      redirect_url: "https://v/auth/oidc/callback",
      scopes: "openid",
      name_claim: "n",
      role_claim: "r",
      role_map: { g: "admin" },
    },
  },
  secrets: {
    backend: "vault",
    key_file: "k",
    url: "https://v",
    token_file: "/t",
    ca_file: "c",
    mount: "m",
    refresh: "30s",
  },
  smtp: {
    host: "h",
    port: 25,
    tls: "none",
    username: "u",
    password: "p",
    from: "a@b.c",
    to: ["a@b.c"],
    events: ["*"],
  },
  webhooks: [
    {
      name: "a",
      url: "https://w",
      shape: "json",
      secret: "0123456789abcdef",
      retries: 3,
      events: ["*"],
    },
  ],
  alerts: {
    quiet_hours: { from: "22:00", to: "06:00", timezone: "UTC" },
    convergence_threshold: "80%",
    retention_days: 9,
  },
  license: { file: "l" },
};

type Place = readonly (string | number)[];

const placesIn = (value: unknown, place: Place = []): readonly Place[] => [
  ...(place.length === 0 ? [] : [place]),
  ...(value !== null && typeof value === "object"
    ? Object.entries(value).flatMap(([key, one]) =>
        placesIn(one, [...place, Array.isArray(value) ? Number(key) : key]),
      )
    : []),
];

function withOther(place: Place, other: unknown): unknown {
  const changed = structuredClone(whole) as unknown as Record<string | number, unknown>;
  let at = changed;
  for (const key of place.slice(0, -1)) at = at[key] as typeof at;
  at[place.at(-1) ?? ""] = other;
  return changed;
}

describe("whatever stands where it does not belong", () => {
  const others = [
    null,
    true,
    -1,
    1.5,
    1e300,
    "",
    "?",
    "x".repeat(5_000),
    [],
    [1],
    ["?", null],
    {},
    { a: 1 },
  ];

  test.each([
    ["metrics.token", "hush hush hush hush"],
    ["smtp.password", ["hush"]],
    ["webhooks.0.secret", "hush"],
    ["webhooks.0.routing_key", { hush: 1 }],
    ["auth.oidc.client_secret", "hush\u0007"],
  ])("what is wrong with %s is said without it", (place, other) => {
    const told = wrong(JSON.stringify(withOther(place.split("."), other)));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(place);
    expect(told[0]).not.toContain("hush");
  });

  test("what is long is cut short", () => {
    const [told = ""] = wrong(JSON.stringify({ server: { hostname: "_".repeat(5_000) } }));
    expect(told.length).toBeLessThan(400);
    expect(told).toEndWith("_…");
  });

  test("every key there is, rightly used, is right", () =>
    expect(wrong(JSON.stringify(whole))).toEqual([]));

  test.each(placesIn(whole).map((place) => [place.join("."), place] as const))("%s", (_, place) => {
    const own = place.reduce<unknown>((at, key) => (at as never)?.[key], whole);
    const tooMany = Array.isArray(own) ? [Array.from({ length: 1_001 }, () => own[0])] : [];
    for (const other of [...others, ...tooMany, []]) {
      const told = wrong(JSON.stringify(withOther(place, other)));
      // The words of the library that reads it mean nothing to who wrote it.
      for (const line of told)
        expect([other, line]).not.toEqual([
          other,
          expect.stringMatching(
            /invalid input|too (?:big|small)|expected|received|undefined|NaN|unrecogni[sz]ed/i,
          ),
        ]);
      for (const line of told) expect(line).toMatch(/^server\.yaml:\d+:\d+: [a-z]/);
    }
  });
});

describe("a secret: value", () => {
  const secrets = new Map([
    ["metrics/prometheus", "a-secret-of-twenty-eight-chars"],
    ["mail/password", "hunter2-hunter2-hunter2"],
    ["days", "7d"],
    ["number", "4"],
    ["short", "x9x9"],
  ]);
  const read = (text: string) => readConfig(text, "server.yaml", secrets);

  test("may stand for any text, time or number, in lists too, and is told of where it stands", () => {
    const { written, concealed } = read(
      [
        "metrics: {token: secret:metrics/prometheus}",
        "database: {retention: secret:days}",
        "tuning: {max_message_mb: secret:number}",
        "smtp: {host: mail.example.org, password: &p secret:mail/password, from: a@b.c, to: [a@b.c]}",
        "webhooks:",
        "  - {name: one, url: 'https://a.example', secret: secret:metrics/prometheus}",
        "  - {name: two, url: 'https://a.example', secret: *p}",
      ].join("\n"),
    );
    expect(written.metrics.token).toBe("a-secret-of-twenty-eight-chars");
    expect([written.database.retention, written.tuning.max_message_mb]).toEqual([604_800_000, 4]);
    expect(written.smtp?.password).toBe("hunter2-hunter2-hunter2");
    expect(concealed.map(({ path, secret }) => `${path.join(".")} ${secret}`)).toEqual([
      "metrics.token metrics/prometheus",
      "database.retention days",
      "tuning.max_message_mb number",
      "smtp.password mail/password",
      "webhooks.0.secret metrics/prometheus",
      "webhooks.1.secret mail/password",
    ]);
  });

  test.each([
    ["metrics: {token: secret:short}", "server.yaml:1:11: metrics.token must be 16 to 256"],
    ["checkin: {interval: secret:short}", "checkin.interval must be a duration like"],
    ["checkin: {offline_threshold: secret:short}", "checkin.offline_threshold must be"],
    ["database: {driver: secret:short}", "database.driver must be sqlite"],
    ["server: {api_listen: secret:short}", "server.api_listen must be an address and a port"],
    ["secrets: {}\nalerts: {quiet_hours: {from: secret:short, to: '06:00'}}", "must be a time"],
    ["tuning: {max_message_mb: secret:short}", "tuning.max_message_mb must be a whole number"],
    ["smtp: {host: a, from: secret:short, to: [a@b.c]}", "smtp.from must be a mail address"],
  ])("that does not fit is not printed: %s", (text, message) => {
    try {
      read(text);
    } catch (caught) {
      if (!(caught instanceof VigoError)) throw caught;
      expect(caught.message).toContain(message);
      expect(caught.message).toContain("secret:short");
      expect(caught.message).not.toContain("x9x9");
      return;
    }
    throw new Error("was taken");
  });
});

describe("the annotated reference", () => {
  const printed = async () => {
    const screen = recordingScreen();
    expect(await cli(["config", "server.yaml"], screen)).toBe(0);
    return `${screen.printed().out}\n`;
  };

  test("loads without a problem, and changes nothing", async () =>
    expect(parseConfig(await printed(), "server.yaml")).toEqual(parseConfig("", "server.yaml")));

  test("is what the schema says today, with every key", async () => {
    const text = await printed();
    expect(text).toBe(serverYaml());
    const keys = (node: z.core.JSONSchema.BaseSchema): string[] =>
      Object.entries(node.properties ?? {}).flatMap(([key, one]) => [
        key,
        ...keys(one as z.core.JSONSchema.BaseSchema),
        ...keys(
          ((one as z.core.JSONSchema.BaseSchema).items ?? {}) as z.core.JSONSchema.BaseSchema,
        ),
      ]);
    const all = keys(jsonSchema(schema) as z.core.JSONSchema.BaseSchema);
    expect(all.length).toBeGreaterThan(60);
    for (const key of all) expect(text).toMatch(new RegExp(`^[# ]*${key}:`, "m"));
    const lines = text.split("\n");
    for (const [n, line] of lines.entries())
      if (/^[# ]*[a-z_]+:(?: |$)/.test(line) && !/^[# ]*oidc:/.test(line))
        expect([line, lines[n - 1]]).toEqual([line, expect.stringMatching(/^[# ]*# [A-Z]/)]);
  });

  test("is right also without its #, once what has to be said is said", async () => {
    const said: Readonly<Record<string, string>> = {
      host: "mail.example.org",
      from: "vigo@example.org",
      to: "[ops@example.org]",
      username: "vigo",
    };
    const block = /^# smtp:\n(?:# .*\n)+/m.exec(await printed())?.[0] ?? "";
    const text = block
      .split("\n")
      .map((line) => line.replace(/^# /, ""))
      .map((line) =>
        line.replace(/^( {2})(?:# )?(\w+):$/, (_, space, key) =>
          said[key] === undefined ? `${space}# ${key}` : `${space}${key}: ${said[key]}`,
        ),
      )
      .join("\n");
    expect(parseConfig(text, "server.yaml").smtp).toMatchObject({
      host: "mail.example.org",
      port: 587,
      tls: "starttls",
    });
  });
});
