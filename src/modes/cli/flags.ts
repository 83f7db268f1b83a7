/** The flags that every command of the CLI takes. Light: `--help` loads it. Must not know what is done with them. */
import type { Args } from "../../core/command/args.ts";

export const connectionFlags = {
  server: {
    type: "string",
    description: "Address of the server, else VIGO_SERVER.",
    valueHint: "https://HOST:8443",
  },
  token: {
    type: "string",
    description: "API token, else VIGO_TOKEN; better there: others can read a command line.",
  },
  "ca-file": {
    type: "string",
    description: "Certificate of the CA that the server must prove, else VIGO_CA_FILE.",
    valueHint: "FILE",
  },
  home: {
    type: "string",
    description: "The server's home, on its own host, else /srv/vigo.",
    valueHint: "FOLDER",
  },
} as const satisfies Args;

export interface Wanted {
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly caFile?: string | undefined;
  readonly home?: string | undefined;
}

export const defaultHome = "/srv/vigo";
