/**
 * The `key_value` type: one setting of a file of settings. In OpenSSH's files the value that is effective counts, with `Match`,
 * `Host` and `Include`; elsewhere the last line of the key. Must not know sections: those are `ini`.
 */
import type { z } from "zod";
import type { ReadHost } from "../host.ts";
import { choice, flag, parameters, path, text, proving } from "../params.ts";
import { defineResource } from "../resource.ts";
import { withKey, withoutKey } from "../text/ini.ts";
import type { Lines } from "../text/lines.ts";
import { isObeyed, withoutSetting, withSetting } from "../text/openssh-config.ts";
import { editDifference, editing, type FileEdit, writeEdit } from "../tools/edited-file.ts";
import { configPlace, isOpensshConfig, sshdProof } from "../tools/openssh-config.ts";
import { placeFollows } from "../tools/place.ts";

const params = () =>
  parameters({
    target_path: path("Where the file is."),
    key: text("Name of the setting. In OpenSSH's files case does not matter.", {
      pattern: /^[^\s#;"=[][^\s"=]*$/,
      wanted: "the name of a setting",
    }),
    value: text("Its value, as it is written. Needed unless `state` is absent.", {
      pattern: /^(?:|[^\s\0](?:[^\n\r\0]*[^\s\0])?)$/,
      wanted: "one line without blanks around it",
    }).exactOptional(),
    state: choice("Absent removes the setting from this file.", ["present", "absent"]).default(
      "present",
    ),
    separator: text(
      "Between key and value in a new line: blanks, `=` or ` = `. A line that is there keeps its blanks.",
      { pattern: /^(?:[ \t]*[=:][ \t]*|[ \t]+)$/, wanted: "= or : with any blanks, or blanks" },
    ).default(" "),
    comment_char: text("Signs that begin a comment.", {
      pattern: /^[^\sA-Za-z0-9_]{1,4}$/,
      wanted: "one to four signs",
    }).default("#"),
    create: flag("Make the file if it is not there.").default(false),
    validate: proving(" `sshd -t` for sshd_config when not said.").exactOptional(),
  })
    .refine(({ state, value }) => state === "absent" || value !== undefined, {
      path: ["value"],
      message: "is required unless state is absent",
    })
    .refine((p) => !isOpensshConfig(p.target_path) || !/^(?:match|host|include)$/i.test(p.key), {
      path: ["key"],
      message: "is no setting: keep such lines with blockinfile",
    })
    .refine((p) => !isOpensshConfig(p.target_path) || p.value !== "", {
      path: ["value"],
      message: "must not be empty in OpenSSH's files",
    });

type Params = z.output<ReturnType<typeof params>>;

export const keyValue = defineResource<Params>({
  name: "key_value",
  summary: "Keeps one setting of a file of settings.",
  platforms: ["linux", "darwin"],
  params,
  main: "target_path",
  lane: editing,
  claims: (p) => [{ id: `file:${p.target_path}`, part: `key:${name(p)}` }],
  after: (p) => placeFollows(p.target_path),

  judgedBy: (p) => (isOpensshConfig(p.target_path) ? undefined : [p.target_path]),
  check: async (p, host) => await editDifference(host, "value", await edit(p, host)),

  async apply(p, host) {
    const validate = p.validate ?? (await sshdProof(host, p.target_path));
    await writeEdit(host, await edit(p, host), validate === undefined ? {} : { validate });
  },

  examples: [
    {
      title: "What sshd obeys, wherever it was said before",
      params: { target_path: "/etc/ssh/sshd_config", key: "PermitRootLogin", value: "no" },
    },
    {
      title: "With another separator",
      params: {
        target_path: "/etc/default/useradd",
        key: "SHELL",
        value: "/bin/bash",
        separator: "=",
      },
    },
    {
      title: "No such setting",
      params: { target_path: "/etc/ssh/sshd_config", key: "X11Forwarding", state: "absent" },
    },
  ],
});

const name = (p: Params) => {
  if (!isOpensshConfig(p.target_path)) return p.key;
  const key = p.key.toLowerCase();
  return key === "subsystem" ? `${key} ${p.value?.split(/\s/)[0] ?? ""}` : key;
};

/** Files that an OpenSSH configuration includes are read before, so that the edit itself is pure. */
async function edit(p: Params, host: ReadHost): Promise<FileEdit> {
  const place = isOpensshConfig(p.target_path) ? await configPlace(host, p.target_path) : undefined;
  const { target_path: target, key, value = "", separator, comment_char: comment } = p;
  const gone = p.state === "absent";
  const inConfig = (doc: Lines) => {
    const files = new Map([...(place?.files ?? []), [target, doc]]);
    const here = { files, target, root: place?.root ?? target };
    return gone ? withoutSetting(here, key, value) : withSetting(here, key, value);
  };
  const inSettings = (doc: Lines) =>
    gone
      ? withoutKey(doc, { key, separator, comment })
      : withKey(doc, { key, separator, comment }, value);
  const isSaid = place !== undefined && !gone && isObeyed(place, key, value);
  return {
    path: target,
    present: !gone && !isSaid,
    create: p.create,
    edit: place === undefined ? inSettings : inConfig,
  };
}
