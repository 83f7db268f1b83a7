import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Link } from "../../../src/modes/agent/link.ts";
import { cli } from "../../../src/modes/cli/index.ts";
import { recordingScreen } from "../../support/screen.ts";
import { join, toldRun } from "./join.ts";
import { printed } from "./printed.ts";
import { makeWorld, type World } from "./world.ts";

let w: World;
const links: Link[] = [];

const machines = {
  "db-1": { distro: "debian", installed: { openssl: "3.0.15", bash: "5.2" } },
  "web-1": { distro: "debian", installed: { openssl: "3.0.16", bash: "5.2", nginx: "1.22" } },
  "web-2": { distro: "rocky", installed: { openssl: "3.0.16", bash: "5.2", nginx: "1.22" } },
  "new-1": undefined,
  // What a machine tells of itself is its own word, and spreadsheets run what begins with an equals sign.
  "evil-1": { distro: '=cmd|"/c calc"!A1', installed: {} },
} as const;

const section = (name: string, value: unknown) => ({
  name,
  value: Buffer.from(JSON.stringify(value)),
  collectedAtMs: 1_700_000_000_000n,
});

beforeAll(async () => {
  w = await makeWorld();
  for (const [hostname, told] of Object.entries(machines)) {
    const { link } = await join(w, hostname);
    links.push(link);
    const about = { hostname, bootId: "b1", machineId: "m1", agentVersion: "1.0.0" };
    const sections =
      told === undefined
        ? []
        : [
            section("os", { distro: told.distro, family: "linux" }),
            section("packages", { manager: "dpkg", count: 1, installed: told.installed }),
          ];
    await link.checkIn({ ...about, sections });
  }
});
afterAll(async () => {
  for (const link of links) link.close();
  await w.stop();
});

const names = async (query: string) => {
  const { status, body } = await w.call("GET", `/envoys?${query}`);
  expect(status).toBe(200);
  return (body["envoys"] as { hostname: string }[]).map(({ hostname }) => hostname);
};

describe("envoys are found", () => {
  test.each([
    [`where=${encodeURIComponent('traits.os.distro == "debian"')}`, ["db-1", "web-1"]],
    [
      `where=${encodeURIComponent('envoy.hostname.startsWith("web") && traits.os.distro == "rocky"')}`,
      ["web-2"],
    ],
    [`where=${encodeURIComponent("!has(traits.os)")}`, ["new-1"]],
    ["text=WEB", ["web-1", "web-2"]],
    ["text=1.0.0", ["db-1", "evil-1", "new-1", "web-1", "web-2"]],
    ["package=nginx", ["web-1", "web-2"]],
    ["package=openssl@3.0.15", ["db-1"]],
    ["package=ngi*", ["web-1", "web-2"]],
    ["package=openssl@3.0.*&hostname=web-*", ["web-1", "web-2"]],
    [`package=nginx&where=${encodeURIComponent('traits.os.distro == "rocky"')}`, ["web-2"]],
    ["package=absent", []],
  ])("by %s", async (query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  test("page by page, and those that told nothing are counted once", async () => {
    const where = encodeURIComponent('traits.os.distro != "rocky"');
    let cursor = "";
    let undecided = 0;
    const seen: string[] = [];
    do {
      const { body } = await w.call("GET", `/envoys?limit=1&where=${where}${cursor}`);
      seen.push(...(body["envoys"] as { hostname: string }[]).map(({ hostname }) => hostname));
      undecided += Number(body["undecided"]);
      cursor = body["cursor"] === undefined ? "" : `&cursor=${body["cursor"]}`;
    } while (cursor !== "");
    expect([seen, undecided]).toEqual([["db-1", "evil-1", "web-1"], 1]);
  });

  test.each([
    ["where=traits.os.distro", "true or false"],
    [`where=${encodeURIComponent('traits.nosuch.x == "y"')}`, "nosuch"],
    [`where=${encodeURIComponent("vars.x == 1")}`, "vars.x"],
    ["where=(", "where"],
    ["traits=nosuch.x", "nosuch"],
    ["traits=../x", "at most ten traits"],
  ])("not by %s", async (query, said) => {
    const { status, body } = await w.call("GET", `/envoys?${query}`);
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(said);
  });

  test("with the traits that are asked for", async () => {
    const { body } = await w.call("GET", "/envoys?traits=os.distro,packages.installed.bash");
    const told = (body["envoys"] as { hostname: string; chosen_traits: unknown }[]).map(
      ({ hostname, chosen_traits }) => [hostname, chosen_traits],
    );
    expect(told).toContainEqual([
      "db-1",
      { "os.distro": "debian", "packages.installed.bash": "5.2" },
    ]);
    expect(told).toContainEqual(["new-1", {}]);
  });
});

describe("a list is shown as it is wanted", () => {
  test("in chosen columns, traits among them", async () => {
    const text = await printed(
      w,
      "envoys",
      "list",
      "--hostname",
      "web-*",
      "--columns",
      "hostname,traits.os.distro",
    );
    expect(text.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
      ["HOSTNAME", "TRAITS.OS.DISTRO"],
      ["web-1", "debian"],
      ["web-2", "rocky"],
    ]);
  });

  test("as CSV that runs nothing where it is opened", async () => {
    const text = await printed(
      w,
      "envoys",
      "list",
      "--text",
      "evil",
      "--csv",
      "--columns",
      "hostname,traits.os.distro",
    );
    expect(text).toBe('hostname,traits.os.distro\r\nevil-1,"\'=cmd|""/c calc""!A1"');
  });

  test("and a column that is not there is refused by name", async () => {
    const screen = recordingScreen();
    const code = await cli(
      ["envoys", "list", "--columns", "hostnam", "--home", w.home.folder],
      screen,
    );
    expect([code, screen.printed().err]).toEqual([
      2,
      expect.stringContaining('did you mean "hostname"'),
    ]);
  });
});

describe("traits are shown", () => {
  test("of one host, whole, by section and by path", async () => {
    expect(await printed(w, "traits", "show", "web-1", "os.distro")).toContain("os.distro  debian");
    const whole = await printed(w, "traits", "show", "web-1");
    expect(whole).toMatch(/packages\.installed\.nginx +1\.22/);
    const { body } = await w.call("GET", "/envoys/web-1/traits?path=packages.installed");
    expect(body["sections"]).toEqual([
      {
        name: "packages",
        collected_at: "2023-11-14T22:13:20.000Z",
        stale: false,
        value: machines["web-1"].installed,
      },
    ]);
  });

  test("and where there is none, the nearest is named", async () => {
    const { status, body } = await w.call("GET", "/envoys/web-1/traits?path=os.distr");
    expect([status, JSON.stringify(body)]).toEqual([
      404,
      expect.stringContaining("did you mean os.distro?"),
    ]);
    expect((await w.call("GET", "/envoys/web-1/traits?path=nosuch")).status).toBe(404);
  });
});

describe("the inventory", () => {
  test("counts each version of each package", async () => {
    const { body } = await w.call("GET", "/inventory/packages");
    expect(body).toEqual({
      told: 4,
      packages: [
        { name: "bash", version: "5.2", envoys: 3 },
        { name: "nginx", version: "1.22", envoys: 2 },
        { name: "openssl", version: "3.0.16", envoys: 2 },
        { name: "openssl", version: "3.0.15", envoys: 1 },
      ],
      left_out: 0,
    });
    const some = (await w.call("GET", "/inventory/packages?name=open*&hostname=web-*&limit=1"))
      .body;
    expect(some).toMatchObject({ told: 2, packages: [{ envoys: 2 }], left_out: 0 });
  });

  test("tells who has a package", async () => {
    const { body } = await w.call("GET", "/inventory/search?name=openssl&version=3.0.15");
    expect(body).toMatchObject({
      told: 4,
      holders: [{ hostname: "db-1", name: "openssl", version: "3.0.15" }],
      left_out: 0,
    });
    expect(await printed(w, "inventory", "search", "nginx", "--csv")).toBe(
      "hostname,package,version\r\nweb-1,nginx,1.22\r\nweb-2,nginx,1.22",
    );
    const cut = (await w.call("GET", "/inventory/search?name=*&limit=2")).body;
    expect([(cut["holders"] as unknown[]).length, cut["left_out"]]).toEqual([2, 6]);
  });

  test("compares two machines", async () => {
    const { body } = await w.call("GET", "/inventory/diff?a=db-1&b=web-1");
    expect(body).toEqual({
      a: "db-1",
      b: "web-1",
      same: 1,
      packages: [
        { name: "nginx", b: "1.22" },
        { name: "openssl", a: "3.0.15", b: "3.0.16" },
      ],
    });
    expect(await printed(w, "inventory", "diff", "web-1", "web-2")).toContain(
      "have the same packages",
    );
    expect((await w.call("GET", "/inventory/diff?a=db-1&b=new-1")).status).toBe(404);
  });
});

test("a followed list goes on with what comes, once each", async () => {
  const screen = recordingScreen();
  const tell = (number: number) =>
    links[0]?.reportRuns({
      reports: [toldRun(number, Date.now(), [{ key: "x", cause: "drift" }])],
    });
  await tell(1);
  const followed = cli(
    ["runs", "list", "--follow", "--columns", "run,hostname", "--home", w.home.folder],
    screen,
  );
  const rows = () =>
    screen
      .printed()
      .out.split("\n")
      .filter((line) => /^\d/.test(line));
  const until = async (count: number) => {
    const deadline = Date.now() + 15_000;
    while (rows().length < count && Date.now() < deadline) await Bun.sleep(50);
  };
  await until(1);
  await tell(2);
  await until(2);
  expect(rows().map((row) => row.split(/ +/))).toEqual([
    ["1", "db-1"],
    ["2", "db-1"],
  ]);
  // A server that has gone ends it.
  for (const link of links) link.close();
  await w.running().close();
  expect(await followed).toBe(5);
  await w.restart().catch(() => undefined);
}, 40_000);
