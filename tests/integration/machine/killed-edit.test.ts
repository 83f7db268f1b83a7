/** What a run leaves that was killed while it wrote one of the files that a program includes: it decides nothing. */
import { expect, test } from "bun:test";
import fs from "node:fs";
import { converge } from "../../../src/core/resource.ts";
import { keyValue } from "../../../src/core/resources/key_value.ts";
import { draftName } from "../../../src/core/text/draft-name.ts";
import { still } from "../../support/cases.ts";
import { workshop } from "./workshop.ts";

const { host, fresh } = workshop();
const whole = "MaxAuthTries 3\n";

const drafts = ["", "MaxAuth", whole, "MaxAuthTries 9\n"];
const targets = [undefined, "", "MaxAuthTries 9\n", "# none\nMaxAuthTries 9\n"];
const states = drafts.flatMap((draft) =>
  targets.flatMap((target) => [true, false].map((isProven) => ({ draft, target, isProven }))),
);

test.each(states)("sshd_config.d with %j", async ({ draft, target, isProven }) => {
  const at = fresh();
  fs.mkdirSync(`${at}/sshd_config.d`);
  fs.writeFileSync(`${at}/sshd_config`, `Include ${at}/sshd_config.d/*\n#MaxAuthTries 6\n`);
  fs.writeFileSync(`${at}/sshd_config.d/${draftName("60.conf", isProven)}`, draft);
  const path = `${at}/sshd_config.d/60.conf`;
  if (target !== undefined) fs.writeFileSync(path, target);
  const wish = { target_path: path, key: "MaxAuthTries", value: "3", create: true };
  const turn = { ...still, type: keyValue, params: keyValue.params.parse(wish), host };
  expect(await converge(turn)).toMatchObject({ outcome: "changed" });
  expect(await converge(turn)).toEqual({ outcome: "ok" });
  expect(fs.readdirSync(`${at}/sshd_config.d`)).toEqual(["60.conf"]);
  expect(fs.readFileSync(path, "utf8")).toEndWith(whole);
});
