import { expect, test } from "bun:test";
import { selinux } from "../../src/core/resources/selinux.ts";
import { cases } from "../support/cases.ts";
import { edits } from "../support/fake-host.ts";

const config = "/etc/selinux/config";
const text = "# how\nSELINUX=permissive\nSELINUXTYPE=targeted\n";
const enforce = "/sys/fs/selinux/enforce";
const switchPath = "/sys/fs/selinux/booleans/httpd_can_network_connect";
const local = "/var/lib/selinux/targeted/active/booleans.local";
const contexts = "/etc/selinux/targeted/contexts/files/file_contexts.local";
const boolean = "httpd_can_network_connect";
const path = "/srv/www(/.*)?";
const context = "httpd_sys_content_t";
const rule = `${path}    system_u:object_r:httpd_sys_content_t:s0\n`;
const look = "restorecon -RnvF /srv/www";
const mend = "restorecon -RF /srv/www";
const wrong =
  "Would relabel /srv/www from unconfined_u:object_r:var_t:s0 to system_u:object_r:httpd_sys_content_t:s0\nWould relabel /srv/www/a b from system_u:object_r:var_t:s0 to system_u:object_r:httpd_sys_content_t:s0\n";
const running = { [config]: text, [enforce]: "0" };

cases(selinux, {
  "enforces, now and at boot": {
    given: { files: running, commands: { "setenforce 1": edits(enforce, () => "1") } },
    wish: { mode: "enforcing" },
    does: [`write ${config}`, "run setenforce 1"],
    leaves: { [config]: text.replace("permissive", "enforcing") },
    says: {
      stored: ["SELINUX=permissive", "SELINUX=enforcing"],
      running: ["permissive", "enforcing"],
    },
  },
  "leaves a right mode alone": {
    given: { files: running },
    wish: { mode: "permissive" },
    does: [],
  },
  "disabled counts from the next boot": {
    given: { files: running },
    wish: { mode: "disabled" },
    does: [`write ${config}`],
  },
  "a kernel without": {
    given: { files: { [config]: text } },
    wish: { mode: "enforcing" },
    does: [],
    ends: "failed",
    because: "SELinux is not running on this machine (boot it with security=selinux",
  },
  "switches, now and at boot": {
    given: {
      files: { ...running, [switchPath]: "0 0" },
      commands: {
        [`setsebool -P ${boolean} on`]: (files) => {
          files.set(switchPath, "1 1");
          files.set(local, `# generated\n${boolean}=1\n`);
          return "";
        },
      },
    },
    wish: { boolean, value: true },
    does: [`run setsebool -P ${boolean} on`],
    says: { running: ["off", "on"], stored: [undefined, "on"] },
  },
  "leaves a right switch alone": {
    given: { files: { ...running, [switchPath]: "1 1", [local]: `${boolean}=1\n` } },
    wish: { boolean, value: "true" },
    does: [],
  },
  "forgets a switch, and no other": {
    given: {
      files: { ...running, [switchPath]: "1 1", [local]: `# made\na=1\n${boolean}=1\nb = 0\n` },
      commands: { "semanage import": edits(local, () => "a=1\nb=0\n") },
    },
    wish: { boolean, state: "absent" },
    does: ["run semanage import < boolean -D\nboolean -m --on a\nboolean -m --off b"],
  },
  "a switch that no policy has": {
    given: { files: running },
    wish: { boolean: "nonsense", value: true },
    does: [],
    ends: "failed",
    because: "getsebool -a",
  },
  "labels a folder and all below": {
    given: {
      files: running,
      nodes: { "/srv/www": {} },
      commands: {
        [`semanage fcontext -a -t ${context} ${path}`]: edits(contexts, () => rule),
        [mend]: "",
        [look]: "",
      },
    },
    wish: { path, context },
    does: [`run semanage fcontext -a -t ${context} ${path}`, `run ${mend}`],
    says: { context: [undefined, context] },
  },
  "with a whole context where there was another": {
    given: {
      files: { ...running, [contexts]: rule },
      commands: {
        [`semanage fcontext -m -s system_u -r s0:c1 -t tmp_t ${path}`]: edits(contexts, () =>
          rule.replace("httpd_sys_content_t:s0", "tmp_t:s0:c1"),
        ),
      },
    },
    wish: { path, context: "system_u:object_r:tmp_t:s0:c1" },
    does: [`run semanage fcontext -m -s system_u -r s0:c1 -t tmp_t ${path}`],
  },
  "mends labels that somebody changed": {
    given: {
      files: { ...running, [contexts]: rule, "/restored": "" },
      nodes: { "/srv/www": {} },
      commands: {
        [look]: (files) => (files.get("/restored") === "yes" ? "" : wrong),
        [mend]: edits("/restored", () => "yes"),
      },
    },
    wish: { path, context },
    does: [`run ${mend}`],
    says: { labels: ["2 are others, as /srv/www", "as the policy says"] },
  },
  "modifies what the policy itself says of a pattern": {
    given: {
      files: {
        ...running,
        [contexts.replace(".local", "")]:
          `${path} -- system_u:object_r:x_t:s0\n${path} system_u:object_r:var_t:s0\n`,
      },
      commands: { [`semanage fcontext -m -t ${context} ${path}`]: edits(contexts, () => rule) },
    },
    wish: { path, context },
    does: [`run semanage fcontext -m -t ${context} ${path}`],
  },
  "a rule for one kind of entries is another one": {
    given: {
      files: { ...running, [contexts]: `${path} -- system_u:object_r:x_t:s0\n` },
      commands: { [`semanage fcontext -a -t ${context} ${path}`]: edits(contexts, () => rule) },
    },
    wish: { path, context },
    does: [`run semanage fcontext -a -t ${context} ${path}`],
  },
  "labels what a narrow pattern is about, and nothing beside it": {
    given: {
      files: {
        ...running,
        [contexts]: `/srv/www/[^/]*\\.cgi ${rule.split(/\s+/)[1]}\n`,
        "/restored": "",
      },
      nodes: { "/srv/www": {} },
      commands: {
        [look]: (files) =>
          ["/srv/www/theirs", ...(files.get("/restored") === "yes" ? [] : ["/srv/www/a.cgi"])]
            .map((at) => `Would relabel ${at} from a:b:c:s0 to a:b:d:s0\n`)
            .join(""),
        "restorecon -F -- /srv/www/a.cgi": edits("/restored", () => "yes"),
      },
    },
    wish: { path: "/srv/www/[^/]*\\.cgi", context },
    does: ["run restorecon -F -- /srv/www/a.cgi"],
    says: { labels: ["1 are others, as /srv/www/a.cgi", "as the policy says"] },
  },
  "forgets a label": {
    given: {
      files: { ...running, [contexts]: rule },
      commands: { [`semanage fcontext -d ${path}`]: edits(contexts, () => "") },
    },
    wish: { path, state: "absent" },
    does: [`run semanage fcontext -d ${path}`],
  },
});

test("a pattern names the folder it is about", () => {
  const says = (wish: object) =>
    selinux.params.safeParse(wish).error?.issues.map(({ message }) => message);
  const follows = (pattern: string) =>
    selinux.after?.(selinux.params.parse({ path: pattern, context }));
  expect(follows("/srv/www(/.*)?")).toEqual(["file:/srv/www"]);
  expect(follows("/srv/a\\.b/[^/]*\\.html")).toEqual(["file:/srv/a.b"]);
  expect(says({ path: "/(.*)?", context })).toEqual([
    "is too wide: begin with a folder that is said plainly",
  ]);
  expect(says({ path: "/a" })).toEqual(["is required with path"]);
  expect(says({ boolean: "a" })).toEqual(["is required with boolean"]);
  expect(says({ mode: "enforcing", state: "absent" })).toEqual(["a mode cannot be absent"]);
  expect(says({})).toEqual(["path, boolean or mode is required"]);
});
