import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { host } from "../../src/core/resources/host.ts";
import { cases } from "../support/cases.ts";

const hosts = "/etc/hosts";
const usual = "127.0.0.1\tlocalhost\n# our own\n";
const wish = { hostname: "db.example.com", ip: "10.0.0.5", aliases: ["db"] };
const line = "10.0.0.5\tdb.example.com db";

cases(host, {
  "adds a name": {
    given: { files: { [hosts]: usual } },
    wish,
    does: [`write ${hosts}`],
    leaves: { [hosts]: `${usual}${line}\n` },
    says: { host: [undefined, line] },
  },
  "leaves a right name alone": {
    given: { files: { [hosts]: "10.0.0.5 \t db.example.com  db # here" } },
    wish,
    does: [],
  },
  "mends an address": {
    given: { files: { [hosts]: `${usual}10.0.0.4 db.example.com db # moved\n` } },
    wish,
    does: [`write ${hosts}`],
    leaves: { [hosts]: `${usual}10.0.0.5 db.example.com db # moved\n` },
  },
  "takes the name from another address": {
    given: { files: { [hosts]: `127.0.1.1 box db\n${line}\n` } },
    wish,
    does: [`write ${hosts}`],
    leaves: { [hosts]: `127.0.1.1 box\n${line}\n` },
    says: { host: ["127.0.1.1 box db", "127.0.1.1 box"] },
  },
  "makes the file": { given: {}, wish, does: [`write ${hosts}`], leaves: { [hosts]: `${line}\n` } },
  "takes a name away": {
    given: { files: { [hosts]: `${usual}${line}\n10.0.0.6 x db.example.com\n` } },
    wish: { hostname: "db.example.com", state: "absent" },
    does: [`write ${hosts}`],
    leaves: { [hosts]: `${usual}10.0.0.6 x\n` },
  },
  "takes nothing twice": {
    given: { files: { [hosts]: usual } },
    wish: { hostname: "db.example.com", state: "absent" },
    does: [],
  },
});

test.each([
  [{ hostname: "a" }, "ip: is required"],
  [{ hostname: "a", ip: "10.0.0" }, "ip: must be an IP address"],
  [{ hostname: "a b", ip: "10.0.0.1" }, "hostname: must be a host name"],
])("refuses %j", (wrong, message) => {
  const { error } = host.params.safeParse(wrong);
  expect(error && explain(error)[0]).toStartWith(message);
});

test("claims its names, for one kind of address", () => {
  const parts = (it: object) => host.claims(host.params.parse(it)).map(({ part }) => part);
  expect(parts(wish)).toEqual(["host:db.example.com IPv4", "host:db IPv4"]);
  expect(parts({ hostname: "A", state: "absent" })).toEqual(["host:a IPv4", "host:a IPv6"]);
});
