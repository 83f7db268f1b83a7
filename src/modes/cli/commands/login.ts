/** `vigo cli login` */
import { VigoError } from "../../../core/errors.ts";
import { misused } from "../../../core/command/args.ts";
import { command } from "../command.ts";
import { loggedIn } from "../login.ts";
import { relative } from "../print/moment.ts";

export default command({
  args: {
    name: { type: "string", description: "Name of the user.", default: "admin" },
    expires: {
      type: "string",
      description: "How long the login holds.",
      default: "30d",
      valueHint: "TIME",
    },
    "ca-fingerprint": {
      type: "string",
      description:
        "sha256 of the CA's certificate, hex, as `server status` shows it; asked for when missing.",
      valueHint: "HEX",
    },
  },
  examples: ["vigo cli login --server https://vigo.example.org:8443"],
  run: async (given, { wanted, env, screen }) => {
    const url = wanted.server ?? env["VIGO_SERVER"];
    if (url === undefined) throw misused("--server is missing");
    const password = env["VIGO_PASSWORD"] ?? (await asked(given.name, screen.watched));
    return loggedIn({
      url,
      caFile: wanted.caFile,
      fingerprint: given["ca-fingerprint"],
      name: given.name,
      password,
      expires: given.expires,
      env,
      confirm: (fingerprint) => confirmed(fingerprint, screen.watched),
    });
  },
  print: ({ server, name, role, expires_at }) =>
    `Logged in to ${server} as ${name} (${role}); ends ${relative(expires_at, new Date())}.`,
});

async function asked(name: string, watched: boolean): Promise<string> {
  if (!watched)
    throw new VigoError("invalid", "there is no terminal to ask for the password", {
      hint: "give it in VIGO_PASSWORD",
    });
  const { readHidden } = await import("../terminal.ts");
  return readHidden(`Password of ${name}: `);
}

async function confirmed(fingerprint: string, watched: boolean): Promise<boolean> {
  if (!watched) return false;
  const { readLine } = await import("../terminal.ts");
  const answer = await readLine(
    `The server's CA has the fingerprint\n  ${fingerprint}\nDoes the server's own \`vigo cli server status\` show the same? [yes/no] `,
  );
  return answer.trim().toLowerCase() === "yes";
}
