/**
 * The `file` type: a whole file, its content, owner and mode. Must not know parts of a file: those have types of their own.
 * A `source:` becomes `content` or `content_base64` when the policy is resolved; templates never reach the agent.
 */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost, Stat } from "../host.ts";
import {
  atMostOne,
  choice,
  group,
  list,
  mode,
  owner,
  parameters,
  path,
  shell,
  text,
  whole,
  proving,
} from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { unifiedDiff } from "../text/diff.ts";
import {
  accountsOf,
  attributeDifferences,
  creation,
  idsOf,
  mendAttributes,
} from "../tools/attributes.ts";
import { contentBytes, summary, type Wanted, wantedContent } from "../tools/content.ts";
import { placeFollows } from "../tools/place.ts";
import { kindWords } from "../tools/entry-kind.ts";

const origins = ["content", "content_base64", "source", "source_path", "source_url"] as const;

const params = () =>
  parameters({
    target_path: path("Where the file is."),
    state: choice("Absent removes the file.", ["present", "absent"]).default("present"),
    content: text(
      "The text of the file. With none of the origins, only owner and mode are kept.",
    ).exactOptional(),
    content_base64: text(
      "The bytes of the file in base64; what `source` becomes for a file that is no text.",
      {
        pattern: /^[A-Za-z0-9+/]*={0,2}$/,
        wanted: "base64",
      },
    ).exactOptional(),
    source: text(
      "A file under `templates/`; rendered when its name ends in `.liquid`.",
    ).exactOptional(),
    source_path: path("A file on the envoy to copy.").exactOptional(),
    source_url: text("An http or https address to fetch the file from; needs `sha256`.", {
      pattern: /^https?:\/\/\S+$/,
      wanted: "an http or https address",
    }).exactOptional(),
    sha256: text("The sha256 of what `source_url` gives, in hex.", {
      pattern: /^[0-9a-fA-F]{64}$/,
      wanted: "64 hex digits",
    }).exactOptional(),
    mode: mode(
      "Permissions, octal (`0644`) or symbolic (`u=rw,go=r`). A new file gets 0644 (0600 when it holds a secret), another keeps its own, when not said.",
    ).exactOptional(),
    owner: owner().exactOptional(),
    group: group().exactOptional(),
    secontext: text("SELinux context, like `system_u:object_r:etc_t:s0`.").exactOptional(),
    backup: text("Keep the former content beside it: true for `.bak`, or a suffix of your own.", {
      pattern: /^(?:true|false|[.~_-][A-Za-z0-9._~-]*)$/,
      wanted: "true, false, or a suffix like .orig",
    }).exactOptional(),
    validate: proving().exactOptional(),
    baseindent: whole("Blanks put before each line of the content that is not empty.", {
      max: 200,
    }).exactOptional(),
    stream_edit: list(
      "Shell commands the text is piped through, in order; they must change nothing themselves.",
      shell("A filter."),
    ).exactOptional(),
    line_endings: choice("Line endings of the content.", ["lf", "crlf"]).exactOptional(),
  })
    .refine(atMostOne(origins), {
      path: ["content"],
      message: `choose one of ${origins.filter((origin) => origin !== "content_base64").join(", ")}`,
    })
    .refine((p) => (p.source_url === undefined) === (p.sha256 === undefined), {
      path: ["sha256"],
      message: "source_url and sha256 are written together: a download is proven",
    })
    .refine((p) => p.source_url === undefined || !isEdited(p), {
      path: ["source_url"],
      message: "what is fetched is kept as it is: no baseindent, stream_edit or line_endings",
    });

function isEdited(p: {
  readonly baseindent?: unknown;
  readonly stream_edit?: unknown;
  readonly line_endings?: unknown;
}) {
  return [p.baseindent, p.stream_edit, p.line_endings].some((edit) => edit !== undefined);
}

type Params = z.output<ReturnType<typeof params>>;

const fresh = ({ confidential }: ReadHost) => ({
  mode: confidential === true ? 0o600 : 0o644,
  isFolder: false,
});
/** A content comes in a bundle of 4 MiB. */
const mostReadBack = 4 * 1024 * 1024;
/** Bigger files are not read for a diff. */
const mostShown = 256 * 1024;

export const file = defineResource<Params>({
  name: "file",
  summary: "Keeps a file: its content, owner and mode.",
  platforms: ["linux", "darwin"],
  params,
  main: "target_path",
  claims: (p) => [{ id: `file:${p.target_path}` }],
  after: (p) => [
    ...placeFollows(p.target_path, p),
    ...(p.source_path === undefined ? [] : [`file:${p.source_path}`]),
  ],

  async check(p, host) {
    if (p.state === "absent") return await leftOver(p, host);
    const there = await standing(p, host);
    return [
      ...(await contentChange(await wantedContent(host, p), p, there, host)),
      ...(await attributeDifferences(host, p, there, fresh(host))).flatMap(({ field, from, to }) =>
        differing(field, from, to),
      ),
    ];
  },

  judgedBy(p) {
    const { source, source_path, stream_edit, secontext, target_path } = p;
    if ([source, stream_edit, secontext].some((way) => way !== undefined)) return undefined;
    return [target_path, ...(source_path === undefined ? [] : [source_path]), ...accountsOf(p)];
  },

  async readBack(p, host) {
    const isEditedOnItsWay = isEdited(p) || p.state === "absent";
    const bytes = isEditedOnItsWay
      ? undefined
      : await host.read(p.target_path, { limit: mostReadBack });
    if (bytes === undefined || bytes.length >= mostReadBack) return {};
    return { content: new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes) };
  },

  async apply(p, host, changes) {
    const fields = new Set(changes.map(({ field }) => field));
    const there = await standing(p, host);
    if (there !== undefined && fields.has("content")) await keepBackup(p, host, there);
    if (p.state === "absent") await host.remove(p.target_path);
    else if (fields.has("content")) await replace(p, host, there);
    else if (there !== undefined) await mendAttributes(host, p.target_path, p, there, fields);
  },

  examples: [
    {
      title: "A text, as it is",
      params: { target_path: "/etc/motd", content: "Be kind.\n", mode: "0644", owner: "root" },
    },
    {
      title: "A rendered template, proven before it counts",
      params: {
        target_path: "/etc/nginx/nginx.conf",
        source: "templates/nginx.conf.liquid",
        validate: "nginx -t -c %",
      },
    },
    { title: "No such file", params: { target_path: "/etc/cron.d/old", state: "absent" } },
  ],
});

/** What is at the path, behind a link that root made; only a file will do. */
async function standing(p: Params, host: ReadHost): Promise<Stat | undefined> {
  const follow = p.state === "present";
  const there = await host.stat(p.target_path, { follow, context: p.secontext !== undefined });
  if (there === undefined || there.kind === "file" || (!follow && there.kind === "symlink"))
    return there;
  throw new VigoError("failed", `${p.target_path} is ${kindWords(there)}, not a file`, {
    hint: "remove it by hand, or declare it as what it is",
  });
}

async function leftOver(p: Params, host: ReadHost): Promise<readonly Change[]> {
  const there = await standing(p, host);
  return there === undefined ? [] : differing("content", `${there.bytes} bytes`, undefined);
}

async function contentChange(
  wanted: Wanted,
  p: Params,
  there: Stat | undefined,
  host: ReadHost,
): Promise<readonly Change[]> {
  switch (wanted.kind) {
    case "any":
      return there === undefined ? differing("content", undefined, "0 bytes") : [];
    case "bytes":
      return await bytesChange(wanted.bytes, p, there, host);
    case "missing":
      return differing("content", there && `${there.bytes} bytes`, `a copy of ${wanted.path}`);
    case "digest": {
      const is = there && (await host.digest(p.target_path));
      return differing("content", is && `sha256 ${is}`, `sha256 ${wanted.sha256}`);
    }
  }
}

async function bytesChange(
  wanted: Uint8Array,
  p: Params,
  there: Stat | undefined,
  host: ReadHost,
): Promise<readonly Change[]> {
  const readable =
    there !== undefined && (there.bytes === wanted.length || there.bytes <= mostShown);
  const is = readable ? await host.read(p.target_path) : undefined;
  if (is !== undefined && Buffer.compare(is, wanted) === 0) return [];
  const from = is === undefined ? there && `${there.bytes} bytes` : summary(is);
  const diff = readable || there === undefined ? unifiedDiff(is, wanted) : undefined;
  const change: Change = { field: "content", from, to: summary(wanted), cause: "intent" };
  return [diff === undefined ? change : { ...change, diff }];
}

async function replace(p: Params, host: Host, there: Stat | undefined): Promise<void> {
  const wanted = await wantedContent(host, p);
  const made = await creation(
    host,
    p,
    there === undefined ? fresh(host) : { ...fresh(host), mode: there.mode },
  );
  const { secontext: context, validate } = p;
  await host.write(p.target_path, await contentBytes(host, wanted), {
    ...(there === undefined || p.mode !== undefined ? made : await idsOf(host, p)),
    ...(context !== undefined && { context }),
    ...(validate !== undefined && { validate }),
  });
}

async function keepBackup(p: Params, host: Host, there: Stat): Promise<void> {
  if (p.backup === undefined || p.backup === "false" || there.kind !== "file") return;
  const former = await host.read(p.target_path);
  if (former === undefined) return;
  const { mode: bits, uid, gid } = there;
  const suffix = p.backup === "true" ? ".bak" : p.backup;
  await host.write(`${p.target_path}${suffix}`, former, { mode: bits, uid, gid, snapshot: false });
}
