/** The `apparmor` type: a profile, and whether it is enforced. Must not know programs. */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { choice, parameters, text } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import {
  loadedProfiles,
  namesIn,
  namesInText,
  profileCheck,
  reloadProfile,
  unloadProfiles,
} from "../tools/apparmor.ts";
import { ownFileDifferences, writeOwnFile } from "../tools/own-file.ts";

const params = () =>
  parameters({
    profile: text("Name of its file in `/etc/apparmor.d`, as `usr.sbin.named`.", {
      pattern: /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/,
      wanted: "the name of a file in /etc/apparmor.d",
    }),
    mode: choice("Enforced, only logged, or not loaded at all.", [
      "enforce",
      "complain",
      "disable",
    ]).default("enforce"),
    content: text(
      "Text of the whole file. Without it the file is somebody else's, as a package's.",
    ).exactOptional(),
    state: choice("Absent unloads the profile and removes its file.", [
      "present",
      "absent",
    ]).default("present"),
  });

type Params = z.output<ReturnType<typeof params>>;

export const apparmor = defineResource<Params>({
  name: "apparmor",
  summary: "Keeps an AppArmor profile enforced, logged only, or out.",
  platforms: ["linux"],
  params,
  main: "profile",
  lane: "apparmor",
  claims: (p) => [
    { id: `apparmor:${p.profile}` },
    ...(p.content === undefined && p.state === "present" ? [] : [{ id: `file:${fileOf(p)}` }]),
  ],
  after: (p) => [`file:${fileOf(p)}`],

  async check(p, host) {
    return [
      ...(p.content !== undefined || p.state === "absent"
        ? await ownFileDifferences(host, "content", own(p))
        : []),
      ...(await linkDifferences(p, host)),
      ...(await modeDifference(p, host)),
    ];
  },

  async apply(p, host, changes) {
    const path = fileOf(p);
    const there = (await host.stat(path, { follow: true })) !== undefined;
    if (p.content === undefined && p.state === "present" && !there)
      throw new VigoError("failed", `there is no profile ${path}`, {
        hint: "give content, or depend on the package that brings it",
      });
    const isOwn = p.content !== undefined || p.state === "absent";
    const rewritten = isOwn && changes.some(({ field }) => field === "content");
    await unloadProfiles(host, await leaving(p, host, rewritten));
    if (isOwn) await writeOwnFile(host, own(p), profileCheck(p.mode));
    await putLinks(p, host);
    if (isOut(p)) return;
    await reloadProfile(host, path);
    await mustBeInMode(p, host);
  },

  examples: [
    { title: "Enforced", params: { profile: "usr.sbin.named" } },
    { title: "Only logged for now", params: { profile: "usr.sbin.tcpdump", mode: "complain" } },
    {
      title: "A profile of one's own",
      params: {
        profile: "opt.app",
        content: "profile app /opt/app/bin/app {\n  /opt/app/** r,\n}\n",
      },
    },
  ],
});

const root = "/etc/apparmor.d";
const fileOf = (p: Params) => `${root}/${p.profile}`;
const isOut = (p: Params) => p.state === "absent" || p.mode === "disable";

const own = (p: Params) => ({
  path: fileOf(p),
  text: p.state === "present" ? p.content : undefined,
  mode: "0644",
});

/** Links by which a mode outlives the next boot, and whether each is to be there. */
const links = (p: Params): readonly (readonly [path: string, wanted: boolean])[] => {
  const mode = p.state === "present" ? p.mode : undefined;
  return [
    [`${root}/disable/${p.profile}`, mode === "disable"],
    [`${root}/force-complain/${p.profile}`, mode === "complain"],
  ];
};

async function linkDifferences(p: Params, host: ReadHost): Promise<readonly Change[]> {
  const all: Change[] = [];
  for (const [path, wanted] of links(p)) {
    const is = (await host.stat(path)) === undefined ? undefined : "present";
    const field = path.includes("/disable/") ? "disabled" : "forced to complain";
    all.push(...differing(field, is, wanted ? "present" : undefined));
  }
  return all;
}

async function putLinks(p: Params, host: Host): Promise<void> {
  for (const [path, wanted] of links(p)) {
    const there = (await host.stat(path)) !== undefined;
    if (wanted && !there) {
      const folder = path.replace(/\/[^/]*$/, "");
      if ((await host.stat(folder)) === undefined) await host.mkdir(folder, { mode: 0o755 });
      await host.symlink(path, fileOf(p));
    } else if (!wanted && there) await host.remove(path);
  }
}

async function kernelProfiles(host: ReadHost): Promise<ReadonlyMap<string, string>> {
  const known = await loadedProfiles(host);
  if (known !== undefined) return known;
  throw new VigoError("failed", "the kernel of this machine has no AppArmor", {
    hint: "it may be switched off on the kernel's command line: apparmor=0, or another security module",
  });
}

/** Sub-profiles come and go with their parents. Of a text that somebody broke nothing is known; it is written anew where it is ours. */
async function namesThere(p: Params, host: ReadHost): Promise<readonly string[]> {
  const path = fileOf(p);
  if ((await host.stat(path, { follow: true })) === undefined) return [];
  const names = await namesIn(host, path);
  if (!("why" in names)) return names.filter((name) => !name.includes("//"));
  if (p.content !== undefined && p.state === "present") return [];
  throw new VigoError("failed", `${path} is no profile: ${names.why}`, {
    hint: "so nobody can tell what of it is loaded: mend its text, or say what it is to be: content",
  });
}

/** What the kernel has and is to have no more: all of the file when it is out, or what a new text does not have. */
async function leaving(p: Params, host: ReadHost, rewritten: boolean): Promise<readonly string[]> {
  const known = await kernelProfiles(host);
  const there = (await namesThere(p, host)).filter((name) => known.has(name));
  const wanted = rewritten && p.state === "present" ? await namesInText(host, p.content ?? "") : [];
  // A text that is none is refused when it is to be written; until then everything stays.
  if ("why" in wanted) return [];
  const loaded = wanted.filter((name) => known.has(name) && !name.includes("//"));
  if (isOut(p)) return [...new Set([...there, ...loaded])];
  return rewritten ? there.filter((name) => !wanted.includes(name)) : [];
}

/** What the kernel has of the profiles in the file; of a new text nothing yet. */
async function modeDifference(p: Params, host: ReadHost): Promise<readonly Change[]> {
  const known = await kernelProfiles(host);
  const names = await namesThere(p, host);
  const wanted = isOut(p) ? undefined : p.mode;
  if (names.length === 0) return wanted === undefined ? [] : differing("mode", undefined, wanted);
  const wrong = names.find((name) => known.get(name) !== wanted);
  return wrong === undefined ? [] : differing("mode", known.get(wrong), wanted);
}

/** A text may say a mode by itself, and that one counts. */
async function mustBeInMode(p: Params, host: ReadHost): Promise<void> {
  const [wrong] = await modeDifference(p, host);
  if (wrong === undefined) return;
  const is = wrong.from ?? "not loaded";
  throw new VigoError("failed", `${fileOf(p)} is loaded, and is ${is} all the same`, {
    hint: `its text may say flags=(${is}): take that out, as aa-enforce(8) does`,
  });
}
