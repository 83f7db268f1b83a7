import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { converge } from "../../src/core/resource.ts";
import { sshkey } from "../../src/core/resources/sshkey.ts";
import { cases, still } from "../support/cases.ts";
import { fakeHost } from "../support/fake-host.ts";

const known = "/etc/ssh/ssh_known_hosts";
const wish = {
  hostname: "git",
  aliases: ["10.0.0.7"],
  sshkey_type: "ssh-ed25519",
  sshkey: "AAAAnew",
};
const line = "git,10.0.0.7 ssh-ed25519 AAAAnew";

cases(sshkey, {
  "adds a host": {
    given: { files: { [known]: "# ours\nweb ssh-rsa AAAA1" } },
    wish,
    does: [`write ${known}`],
    leaves: { [known]: `# ours\nweb ssh-rsa AAAA1\n${line}` },
    says: { sshkey: [undefined, line] },
  },
  "makes the file": { given: {}, wish, does: [`write ${known}`], leaves: { [known]: `${line}\n` } },
  "leaves a right host alone": { given: { files: { [known]: `${line} x\n` } }, wish, does: [] },
  "replaces another key": {
    given: { files: { [known]: "git ssh-ed25519 AAAAold\ngit ssh-rsa AAAA1\n" } },
    wish: { ...wish, aliases: [] },
    does: [`write ${known}`],
    leaves: { [known]: "git ssh-rsa AAAA1\ngit ssh-ed25519 AAAAnew\n" },
  },
  "takes a host away": {
    given: { files: { [known]: `${line}\nweb,git ssh-rsa AAAA1\n` } },
    wish: { hostname: "git", state: "absent" },
    does: [`write ${known}`],
    leaves: { [known]: "10.0.0.7 ssh-ed25519 AAAAnew\nweb ssh-rsa AAAA1\n" },
  },
  "takes nothing from no file": { given: {}, wish: { hostname: "git", state: "absent" }, does: [] },
});

test("hashes names once, and finds them again", async () => {
  const { host, files } = fakeHost({ files: { [known]: `${line}\n` } });
  const params = sshkey.params.parse({ ...wish, hash_host: true });
  const turn = { ...still, type: sshkey, params, host };
  expect(await converge(turn)).toMatchObject({ outcome: "changed" });
  expect(files.get(known)).toMatch(/^(?:\|1\|\S+=\|\S+= ssh-ed25519 AAAAnew\n){2}$/);
  expect(await converge(turn)).toEqual({ outcome: "ok" });
  const away = sshkey.params.parse({ hostname: "git", aliases: ["10.0.0.7"], state: "absent" });
  await converge({ ...turn, params: away });
  expect(files.get(known)).toBe("");
});

test.each([
  [{ hostname: "git" }, "sshkey: and sshkey_type are required"],
  [{ ...wish, hostname: "a,b" }, "hostname: must be a host name"],
  [{ ...wish, sshkey: "ssh-rsa AAAA" }, "sshkey: must be a key like"],
])("refuses %j", (wrong, message) => {
  const { error } = sshkey.params.safeParse(wrong);
  expect(error && explain(error)[0]).toStartWith(message);
});

test("claims each name and kind", () => {
  expect(sshkey.claims(sshkey.params.parse(wish))).toEqual([
    { id: `file:${known}`, part: "known:git ssh-ed25519" },
    { id: `file:${known}`, part: "known:10.0.0.7 ssh-ed25519" },
  ]);
});
