/**
 * The `hostname` type: the name of the machine, kept and running. Must not know /etc/hosts, nor the name that hostcrates match:
 * that one is fixed at enrolment.
 */
import type { z } from "zod";
import { parameters, text } from "../params.ts";
import { defineResource, differing } from "../resource.ts";
import { mustSucceed } from "../tools/exit.ts";
import { fileLine, fileText } from "../tools/file-text.ts";

const label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";

const params = () =>
  parameters({
    hostname: text("The name, short or with its domain; at most 64 letters.", {
      pattern: new RegExp(`^(?=.{1,64}$)${label}(?:\\.${label})*$`),
      wanted: "a host name: letters, digits, - and dots, at most 64",
    }),
  });

type Params = z.output<ReturnType<typeof params>>;

const kept = "/etc/hostname";
const running = "/proc/sys/kernel/hostname";

export const hostname = defineResource<Params>({
  name: "hostname",
  summary: "Sets the name of the machine, now and at every boot.",
  platforms: ["linux"],
  params,
  main: "hostname",
  claims: () => [{ id: "hostname" }, { id: `file:${kept}` }],

  async check(p, host) {
    const written = nameIn((await fileText(host, kept)) ?? "");
    const now = await fileLine(host, running);
    return [
      ...differing("kept", written, p.hostname),
      ...differing("running", now === "" ? undefined : now, p.hostname),
    ];
  },

  async apply(p, host, changes) {
    const fields = new Set(changes.map(({ field }) => field));
    if (fields.has("kept"))
      await host.write(kept, new TextEncoder().encode(`${p.hostname}\n`), { mode: 0o644 });
    if (fields.has("running"))
      await mustSucceed("hostname", host.run({ argv: ["hostname", p.hostname] }));
  },

  reversal: {
    kind: "value",
    async now(_, host) {
      const name = nameIn((await fileText(host, kept)) ?? "") ?? (await fileLine(host, running));
      return name === "" ? undefined : { hostname: name };
    },
  },

  examples: [{ title: "With its domain", params: { hostname: "web1.example.net" } }],
});

/** The first line that is no comment, hostname(5). */
const nameIn = (text: string) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .find((line) => line !== "" && !line.startsWith("#"));
