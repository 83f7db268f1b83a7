/** `vigo cli login` */
import type { Screen } from "../../../core/command/screen.ts";
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
    oidc: {
      type: "boolean",
      description: "In a browser, at the provider that the server knows.",
    },
    "ca-fingerprint": {
      type: "string",
      description:
        "sha256 of the CA's certificate, hex, as `server status` shows it; asked for when missing.",
      valueHint: "HEX",
    },
  },
  examples: [
    "vigo cli login --server https://vigo.example.org:8443 --oidc",
    "vigo cli login --server https://vigo.example.org:8443",
  ],
  run: async (given, { wanted, env, screen }) => {
    const url = wanted.server ?? env["VIGO_SERVER"];
    if (url === undefined) throw misused("--server is missing");
    const { expires } = given;
    const fingerprint = given["ca-fingerprint"];
    const confirm = (found: string) => confirmed(found, screen.watched);
    const where = { url, caFile: wanted.caFile, fingerprint, expires, env, confirm };
    if (given.oidc) {
      const { loggedInByBrowser } = await import("../oidc-login.ts");
      const show = (page: string) => shown(page, screen);
      return loggedInByBrowser({ ...where, show, patienceMs: 300_000 });
    }
    return loggedIn({
      ...where,
      name: given.name,
      password: () => password(`Password of ${given.name}: `, { env, screen }),
      code: given.code,
      askCode: () => shownCode({ env, screen }),
    });
  },
  print: ({ server, name, role, expires_at }) =>
    `Logged in to ${server} as ${name} (${role}); ends ${relative(expires_at, new Date())}.`,
});

/** In the person's browser where there is one; the address is printed in any case. */
function shown(page: string, screen: Pick<Screen, "err" | "watched">): void {
  screen.err(`Log in here, in a browser on this machine:\n  ${page}`);
  const opener = ["xdg-open", "open"].find((name) => Bun.which(name) !== null);
  if (opener === undefined || !screen.watched) return;
  Bun.spawn([opener, page], { stdin: "ignore", stdout: "ignore", stderr: "ignore" }).unref();
}

async function confirmed(fingerprint: string, watched: boolean): Promise<boolean> {
  if (!watched) return false;
  const { readLine } = await import("../terminal.ts");
  const answer = await readLine(
    `The server's CA has the fingerprint\n  ${fingerprint}\nDoes the server's own \`vigo cli server status\` show the same? [yes/no] `,
  );
  return answer.trim().toLowerCase() === "yes";
}
