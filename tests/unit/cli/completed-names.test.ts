/** The shells ask the program for names that they cannot know, and put in what it says as it is: real shells, and a program of three lines. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cli } from "../../../src/modes/cli/index.ts";
import { removeRoom } from "../../support/remove-room.ts";
import { recordingScreen } from "../../support/screen.ts";

let room: string;
const scripts: Record<string, string> = {};

const program = `#!/bin/sh
[ "$1" = cli ] && shift
[ "$1" = complete ] || exit 9
case $2 in
  *@we) echo @webserver ;;
  *tag:ra) echo tag:rack-7; echo tag:rack-8 ;;
  *"show web") echo web-1 ;;
  *"show evil") echo 'evil$(touch pwned)' ;;
esac
`;

beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-names-"));
  for (const name of ["vigo", "vigocli"]) {
    await writeFile(join(room, name), program);
    await chmod(join(room, name), 0o755);
  }
  for (const shell of ["bash", "zsh", "fish"]) {
    const screen = recordingScreen();
    await cli(["completion", shell], screen);
    scripts[shell] = screen.printed().out;
  }
});
afterAll(() => removeRoom(room));

const run = (shell: string, flags: readonly string[], script: string) => {
  const env = { PATH: `${room}:${process.env["PATH"]}`, HOME: "/nonexistent" };
  const done = Bun.spawnSync([shell, ...flags, "-c", script], { cwd: room, env });
  const words = done.stdout.toString().split("\n");
  return words.filter((word) => word !== "").sort();
};

/** What is replaced is what the shell holds for the word at the cursor; with it what it gets for it. */
const lines: readonly (readonly [line: string, word: string, offered: readonly string[]])[] = [
  ["vigo cli envoys show web", "web", ["web-1"]],
  ["vigocli envoys show web", "web", ["web-1"]],
  ["vigo cli task run uptime --target @we", "@we", ["@webserver"]],
  ["vigo cli envoys push tag:ra", "ra", ["rack-7", "rack-8"]],
  ["vigo cli envoys show evil", "evil", ["evil$(touch pwned)"]],
  ["vigo cli envoys show nobody", "nobody", []],
];

describe.each(lines)("%s", (line, word, offered) => {
  const whole = offered.map(
    (name) => `${line.slice(line.lastIndexOf(" ") + 1, line.length - word.length)}${name}`,
  );
  const typed = (shell: string) => `${scripts[shell]}
    COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}
    COMP_WORDS=(${line}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))`;

  test("in bash", async () => {
    const script = `${typed("bash")}; _vigo vigo '${word}'; printf '%s\\n' "\${COMPREPLY[@]}"`;
    expect(run("bash", ["--norc"], script)).toEqual([...offered]);
    expect(await readdir(room)).not.toContain("pwned");
  });

  test("in zsh", () => {
    const script = `autoload -U compinit && compinit -D -u
      run() { emulate -L sh; setopt kshglob noshglob braceexpand nokshautoload
        ${typed("zsh")}; _vigo vigo '${line.split(" ").at(-1)}'; print -l -r -- "\${COMPREPLY[@]}"; }; run`;
    expect(run("zsh", ["-f"], script)).toEqual(whole);
  });

  test("in fish", () => {
    const script = `${scripts["fish"]}\ncomplete -C '${line}'`;
    expect(run("fish", ["--no-config"], script)).toEqual(whole);
  });
});
