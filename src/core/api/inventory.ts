/** The endpoints about what is installed on the fleet. Must not know where that is kept. */
import { z } from "zod";
import { parameters, text, whole } from "../params.ts";
import { endpoint } from "./endpoint.ts";
import { count, glob } from "./shapes.ts";

const packageName = (description: string) =>
  text(description, {
    pattern: /^[^\s\p{Cc}]{1,256}$/u,
    wanted: "a package name, or a pattern like libssl*",
  });

const limit = whole("Most rows in the answer.", { min: 1, max: 10_000 }).default(1_000);
const hostname = glob("Only on envoys whose name matches.").exactOptional();

/** What was counted: envoys that have told of their packages. */
const told = count("Envoys that have told of their packages.");

const packageCount = z.object({
  name: z.string().describe("As the package manager calls it."),
  version: z.string().describe("One of its versions."),
  envoys: count("On how many envoys."),
});

export type PackageCount = z.output<typeof packageCount>;

export const listPackages = endpoint({
  method: "GET",
  path: "/inventory/packages",
  summary: "Lists installed packages with the number of envoys of each version.",
  permission: "fleet.read",
  query: parameters({
    limit,
    hostname,
    name: packageName("Only packages whose name matches.").exactOptional(),
  }),
  response: z.object({
    told,
    packages: z.array(packageCount).describe("By name, the most frequent version first."),
    left_out: count("Rows beyond the limit."),
  }),
});

const holder = z.object({
  id: z.string().describe("Of the envoy."),
  hostname: z.string().describe("Its name."),
  name: z.string().describe("The package."),
  version: z.string().describe("The version it has."),
});

export type Holder = z.output<typeof holder>;

export const searchPackages = endpoint({
  method: "GET",
  path: "/inventory/search",
  summary: "Finds the envoys that have a package.",
  permission: "fleet.read",
  query: parameters({
    limit,
    hostname,
    name: packageName("Its name, or a pattern."),
    version: text("Only in this version, or one that matches, as 3.0.*", {
      pattern: /^[^\s\p{Cc}]{1,256}$/u,
      wanted: "a version, or a pattern like 3.0.*",
    }).exactOptional(),
  }),
  response: z.object({
    told,
    holders: z.array(holder).describe("By hostname, then package."),
    left_out: count("Rows beyond the limit."),
  }),
});

export const diffPackages = endpoint({
  method: "GET",
  path: "/inventory/diff",
  summary: "Compares what two envoys have installed.",
  permission: "fleet.read",
  query: parameters({
    a: text("UUID or hostname of one envoy."),
    b: text("Of the other."),
  }),
  response: z.object({
    a: z.string().describe("Name of the one."),
    b: z.string().describe("Name of the other."),
    same: count("Packages that both have in one version."),
    packages: z
      .array(
        z.object({
          name: z.string().describe("The package."),
          a: z.string().exactOptional().describe("Version on the one; absent: it has none."),
          b: z.string().exactOptional().describe("Version on the other; absent: it has none."),
        }),
      )
      .describe("Those that differ, by name."),
  }),
});
