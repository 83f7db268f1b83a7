/** `vigo cli secrets set PATH`: the value comes from standard input or a prompt, never from the command line that others can see. */
import { setSecret } from "../../../../core/api/secrets.ts";
import { VigoError } from "../../../../core/errors.ts";
import { misused } from "../../../../core/command/args.ts";
import { shortSecret } from "../../../../core/secret-path.ts";
import { known } from "../../before-asking.ts";
import type { Call } from "../../client.ts";
import { command } from "../../command.ts";
import { painted } from "../../print/text.ts";

export default command({
  args: {
    path: { type: "positional", description: "What policy calls it, like web/db." },
    "keep-newline": {
      type: "boolean",
      description: "Keep the line end that standard input ends with.",
    },
  },
  examples: ["vigo cli secrets set web/db < password.txt"],
  run: async ({ path, "keep-newline": keep }, { call, screen }) => {
    const value = process.stdin.isTTY === true ? await asked(path, call) : await given(keep);
    if (value === "") throw misused("the value is empty");
    const value_base64 = Buffer.from(value, "utf8").toString("base64");
    const done = await call(setSecret, { params: {}, body: { path, value_base64 } });
    if (done.short)
      screen.err(
        `${painted(screen, "yellow", "warning")}: shorter than ${shortSecret} letters: easy to guess, and reports lose every whole line it shows up on`,
      );
    return done;
  },
  print: ({ path, version }) =>
    `${path} is at version ${version}. Envoys that use it get it at their next check-in.`,
});

async function asked(path: string, call: Call): Promise<string> {
  await known({ call });
  const { readHidden } = await import("../../terminal.ts");
  const value = await readHidden(`Value of ${path}: `);
  if ((await readHidden("Once more: ")) !== value) throw misused("the two are not the same");
  return value;
}

/** Most tools end what they print with a line end that is no part of it. */
async function given(keep: boolean): Promise<string> {
  const bytes = await new Response(Bun.stdin.stream()).arrayBuffer();
  const text = decoded(bytes);
  return keep ? text : text.replace(/\r?\n$/, "");
}

/** Resources, templates and reports are text. */
function decoded(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new VigoError("invalid", "the value is no text in UTF-8", {
      hint: "keep it as text: base64 < FILE | vigo cli secrets set PATH",
      cause,
    });
  }
}
