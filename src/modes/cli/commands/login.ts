/** `vigo cli login` */
import { misused } from "../../../core/command/args.ts";
import { command } from "../command.ts";
import { loggedIn } from "../login.ts";
import { password, shownCode } from "../password.ts";
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
    code: {
      type: "string",
      description: "Of the authenticator, or a recovery code; asked for when it is needed.",
      valueHint: "CODE",
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
    const proof = await password(`Password of ${given.name}: `, { env, screen });
    return loggedIn({
      url,
      caFile: wanted.caFile,
      fingerprint: given["ca-fingerprint"],
      name: given.name,
      password: proof,
      code: given.code,
      askCode: () => shownCode({ env, screen }),
      expires: given.expires,
      env,
      confirm: (fingerprint) => confirmed(fingerprint, screen.watched),
    });
  },
  print: ({ server, name, role, expires_at }) =>
    `Logged in to ${server} as ${name} (${role}); ends ${relative(expires_at, new Date())}.`,
});

async function confirmed(fingerprint: string, watched: boolean): Promise<boolean> {
  if (!watched) return false;
  const { readLine } = await import("../terminal.ts");
  const answer = await readLine(
    `The server's CA has the fingerprint\n  ${fingerprint}\nDoes the server's own \`vigo cli server status\` show the same? [yes/no] `,
  );
  return answer.trim().toLowerCase() === "yes";
}
