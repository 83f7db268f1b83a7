/**
 * The custom type on a real host, with executors that are real programs: a life from absent to absent, and everything that an
 * executor can do wrong: hang, leave children behind, print without end, print what is no JSON, belong to somebody else.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { LabHost } from "./host.ts";
import { bootHosts, type Lab, noLab } from "./lab.ts";
import { applying } from "./applying.ts";
import { lifeTimeoutMs, liveThrough } from "./life.ts";
import { custom } from "./lives/custom.ts";
import { builtVigo } from "./vigo.ts";

const folder = "/etc/vigo-envoy/executors";

/** Keeps one line per seat in a file: reads its question with the shell's own means. */
const seats = `#!/bin/sh
set -eu
question=$(cat)
seats=$(printf %s "$question" | sed -n 's/.*"seats":\\([0-9]*\\).*/\\1/p')
file=/srv/seats
if [ -e $file ]; then now=$(wc -l <$file); else now=0; fi
if [ "$seats" -gt 90 ]; then echo '{"changed": false, "error": "only 90 seats were bought"}'; exit 1; fi
if [ "$now" -eq "$seats" ]; then echo '{"action": "none", "changed": false}'; exit; fi
case $question in
  *'"dry_run":false'*) if [ "$seats" -eq 0 ]; then rm $file; else seq "$seats" >$file; fi ;;
esac
echo "{\\"action\\": \\"seat\\", \\"changed\\": true, \\"changes\\": [{\\"field\\": \\"seats\\", \\"from\\": $now, \\"to\\": $seats}]}"
`;

describe.skipIf(noLab() !== undefined)("the custom type", () => {
  let lab: Lab;
  let host: LabHost;

  beforeAll(async () => {
    lab = await bootHosts(1, { vigo: builtVigo() });
    host = lab.hosts[0] as LabHost;
    await host.put(`${folder}/seats`, seats, 0o755);
  }, 60_000);
  afterAll(() => lab?.end());

  const ask = async (executor: string, more = "") => {
    const line = `{ name: it, type: custom, executor: ${executor}${more} }`;
    const [result] = (await applying(host)(`custom-${executor}`, [line])).resources;
    return result;
  };

  test("lives", () => liveThrough(host, "custom", custom), lifeTimeoutMs);

  test("is installed by policy, and used in the same run", async () => {
    const apply = applying(host);
    const wish = [
      `{ name: program, type: file, target_path: ${folder}/hello, mode: "0755", content: "#!/bin/sh\\ncat >/dev/null\\ntest -e /srv/hello && echo '{\\"changed\\": false}' || { grep -q none /proc/self/environ; touch /srv/hello; echo '{\\"changed\\": true}'; }\\n" }`,
      "{ name: it, type: custom, executor: hello }",
    ];
    const dry = await apply("hello", wish, "--dry-run");
    expect(dry.resources.map(({ key, outcome }) => `${key} ${outcome}`)).toEqual([
      "hello/program pending",
      "hello/it pending",
    ]);
    expect((await apply("hello", wish)).outcome).toBe("changed");
    expect(await host.exists("/srv/hello")).toBe(true);
  });

  test("what it says went wrong is the reason", async () => {
    const told = await ask("seats", ", params: { seats: 91 }");
    expect(told).toMatchObject({ outcome: "failed", reason: "only 90 seats were bought" });
  });

  test("one that hangs is ended, with all that it has started", async () => {
    const hang = "#!/bin/sh\nsleep 1234 &\nsleep 1235\n";
    await host.put(`${folder}/hang`, hang, 0o755);
    const told = await ask("hang", ", timeout: 1s");
    expect(told).toMatchObject({
      outcome: "failed",
      reason: expect.stringMatching(/1 s|1000 ms|time/),
    });
    expect((await host.run(["pgrep", "-f", "sleep 123[45]"])).stdout).toBe("");
  }, 30_000);

  test("one that prints without end is cut short", async () => {
    await host.put(`${folder}/flood`, "#!/bin/sh\nhead -c 3000000 /dev/zero | tr '\\0' x\n", 0o755);
    expect((await ask("flood"))?.reason).toContain("it prints more than 1 MiB");
  });

  test("one that is no JSON is quoted", async () => {
    await host.put(`${folder}/chatty`, "#!/bin/sh\necho all is well\n", 0o755);
    expect((await ask("chatty"))?.reason).toContain("it is no JSON; it printed: all is well");
  });

  test("one that changes nothing though it says so is found out", async () => {
    await host.put(`${folder}/liar`, "#!/bin/sh\necho '{\"changed\": true}'\n", 0o755);
    expect(await ask("liar")).toMatchObject({
      outcome: "failed",
      reason: "still differs after apply: state",
    });
  });

  const hostile: readonly (readonly [string, string, string])[] = [
    ["of another owner", `chown daemon ${folder}/seats`, `${folder}/seats does not belong to root`],
    ["writable by a group", `chmod 775 ${folder}/seats`, `others may write to ${folder}/seats`],
    ["in a folder of others", `chmod 777 ${folder}`, `others may write to ${folder}`],
    [
      "below a folder of another",
      "chown daemon /etc/vigo-envoy",
      "/etc/vigo-envoy does not belong to root",
    ],
    [
      "a link",
      `mv ${folder}/seats /srv/it; ln -s /srv/it ${folder}/seats`,
      `${folder}/seats is no file`,
    ],
    [
      "in a folder that is a link",
      `mv ${folder} /srv/ex; ln -s /srv/ex ${folder}`,
      `${folder} is no directory`,
    ],
    ["not to be run", `chmod 644 ${folder}/seats`, "it has no permission to be run"],
  ];
  test.each(hostile)("one %s is not run", async (_, harm, why) => {
    await host.sh(`cp -a /etc/vigo-envoy /srv/kept; ${harm}`);
    const told = await ask("seats", ", params: { seats: 5 }");
    expect(told).toMatchObject({ outcome: "failed", reason: expect.stringContaining(why) });
    expect(await host.exists("/srv/seats")).toBe(false);
    await host.sh("rm -rf /etc/vigo-envoy /srv/ex /srv/it; mv /srv/kept /etc/vigo-envoy");
  });
});
