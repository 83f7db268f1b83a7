/** The endpoints about the server itself. Must not know how it finds out. */
import { z } from "zod";
import { statuses } from "../status.ts";
import { endpoint } from "./endpoint.ts";
import { count, moment } from "./shapes.ts";

export const serverStatus = endpoint({
  method: "GET",
  path: "/server",
  summary: "Tells how the server and its fleet stand.",
  permission: "fleet.read",
  response: z.object({
    version: z.string().describe("Of the server's program."),
    server_id: z.string().describe("Identity of the server, part of every signature."),
    started_at: moment("When this process began."),
    policy_version: count("What is live; 0 before the first publish."),
    envoys: z.record(z.enum(statuses), z.int()).describe("Envoys by status, without revoked ones."),
    revoked: count("Envoys that are shut out."),
    waiting: count("Machines that wait for approval."),
    convergence_pct: z
      .number()
      .exactOptional()
      .describe(
        "Of the envoys that are not offline: converged, or changed by intent only. Absent when there are none.",
      ),
    database: z
      .object({ driver: z.string().describe("sqlite or postgres."), size_bytes: count("On disk.") })
      .describe("Where it keeps things."),
    grpc_port: count("Where AgentService listens."),
    api_port: count("Where HTTPS listens."),
    ca_fingerprint: z.string().describe("sha256 of the CA certificate's DER, hex."),
    certificate_expires_at: moment("When the server's certificate ends; it is renewed before."),
  }),
});

/** What somebody may wait for. */
export const works = ["plan", "publish", "rollback", "backup", "prune", "vacuum"] as const;
export type WorkName = (typeof works)[number];

export const serverWork = endpoint({
  method: "GET",
  path: "/server/work",
  summary: "Tells what the server is busy with for people, and how far it is.",
  permission: "fleet.read",
  response: z.object({
    work: z
      .array(
        z.object({
          what: z.enum(works).describe("What was asked for."),
          started_at: moment("When it was."),
          part: z.string().describe("What is being done of it."),
          done: count("So much of that part; absent: nobody knows.").exactOptional(),
          all: count("Of so much, in the same unit.").exactOptional(),
        }),
      )
      .describe("The oldest first."),
  }),
});

export const doctor = endpoint({
  method: "GET",
  path: "/doctor",
  summary: "Examines the server and says what to mend.",
  permission: "fleet.read",
  response: z.object({
    checks: z
      .array(
        z.object({
          name: z.string().describe("What was looked at."),
          result: z.enum(["pass", "warn", "fail", "skip"]).describe("How it stands."),
          message: z.string().describe("What was found."),
          fix: z.string().exactOptional().describe("What to do about it."),
        }),
      )
      .describe("Each that was made."),
  }),
});

export type Check = z.output<typeof doctor.response>["checks"][number];
