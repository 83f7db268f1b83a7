/** The endpoints about the licence. Must not know where it is kept. */
import { z } from "zod";
import { parameters, text } from "../params.ts";
import { endpoint } from "./endpoint.ts";
import { count } from "./shapes.ts";

const response = z.object({
  state: z
    .enum(["unlimited", "valid", "expiring", "full", "expired", "unreadable"])
    .describe("Machines are refused when it is full, expired or unreadable."),
  message: z.string().describe("The same as a sentence."),
  envoys: count("Machines that are enrolled and not revoked."),
  license: z
    .object({
      id: z.string().describe("What the vendor calls it."),
      customer: z.string().describe("Whose it is."),
      max_envoys: z.int().exactOptional().describe("Machines at one time; absent: any number."),
      issued: z.string().describe("When it was signed. ISO 8601, UTC."),
      expires: z.string().exactOptional().describe("When it ends; absent: never. ISO 8601, UTC."),
    })
    .exactOptional()
    .describe("What it says; absent when there is none."),
});

export const showLicense = endpoint({
  method: "GET",
  path: "/license",
  summary: "Tells what the licence allows, and how much of it is used.",
  permission: "fleet.read",
  edited: ["license"],
  response,
});

export const installLicense = endpoint({
  method: "POST",
  path: "/license",
  shownBy: "/license",
  summary: "Puts a licence into force.",
  permission: "admin",
  body: parameters({ license: text("The file, as the vendor gave it.") }),
  response,
});
