/** What newcomers fetch before they can prove anything: the script, and the program for their platform. Must not know files. */
import { VigoError } from "../../../core/errors.ts";
import type { App } from "../http/implement.ts";
import type { Program } from "./programs.ts";
import { resetScript, windowsResetScript } from "./reset-script.ts";
import { bootstrapScript } from "./script.ts";
import { windowsScript } from "./windows-script.ts";

interface Bootstrap {
  readonly programs: () => Promise<readonly Program[]>;
  /** Raw Ed25519, 32 bytes: what signs them. */
  readonly key: Uint8Array;
}

export function bootstrapRoutes(app: App, { programs, key }: Bootstrap): void {
  app.get("/bootstrap", async (context) => {
    const server = addressed(context.req.header("host"));
    const script = bootstrapScript({ server, key, programs: await programs() });
    return context.text(script, 200, { "content-type": "text/x-shellscript; charset=utf-8" });
  });
  app.get("/bootstrap.ps1", async (context) => {
    const server = addressed(context.req.header("host"));
    const script = windowsScript({ server, programs: await programs() });
    return context.text(script, 200, { "content-type": "text/plain; charset=utf-8" });
  });
  app.get("/reset", (context) =>
    context.text(resetScript, 200, { "content-type": "text/x-shellscript; charset=utf-8" }),
  );
  app.get("/reset.ps1", (context) =>
    context.text(windowsResetScript, 200, { "content-type": "text/plain; charset=utf-8" }),
  );
  app.get("/download/:target", async (context) => {
    const { target } = context.req.param();
    const found = (await programs()).find((program) => program.target === target);
    if (found === undefined)
      throw new VigoError("missing", `no program for ${target} here`, {
        hint: `an admin puts vigo-${target} into downloads/ of the server's home`,
      });
    return new Response(Bun.file(found.file), {
      headers: {
        "content-type": "application/octet-stream",
        "x-sha256": found.sha256,
        "x-signature": found.signature,
      },
    });
  });
}

/** It ends up in a script that root runs, so nothing but an address gets through. */
function addressed(host: string | undefined): string {
  if (/^(?:[a-z0-9.-]{1,253}|\[[0-9a-f:]{2,45}\])(?::\d{1,5})?$/i.test(host ?? ""))
    return host?.includes(":") === true && !/\]$/.test(host) ? host : `${host}:443`;
  throw new VigoError("invalid", "the Host header is no address");
}
