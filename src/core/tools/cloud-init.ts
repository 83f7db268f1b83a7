/**
 * What cloud-init knows of its machine: `/run/cloud-init/instance-data.json`, which everybody may read and which has no secrets.
 * Must not know clouds, but for where they put tags.
 */
import { jsonIn } from "../text/json-in.ts";

export interface CloudTold {
  readonly provider: string;
  readonly instance_id: string;
  readonly instance_type: string;
  readonly region: string;
  readonly zone: string;
  readonly image_id: string;
  readonly tags: Record<string, string>;
}

type Tree = { readonly [key: string]: unknown };

const providers: Readonly<Record<string, string>> = { ec2: "aws", gce: "gcp" };
/** A machine that cloud-init set up from a disk or not at all is in no cloud. */
const noCloud: ReadonlySet<string> = new Set(["", "none", "nocloud", "unknown", "configdrive"]);

/** Keys of `v1` are the same in all clouds; sizes, images and tags are where each cloud has them. */
export function cloudTold(text: string): Partial<CloudTold> {
  const whole = treeOf(jsonIn(text));
  const v1 = treeOf(whole["v1"]);
  const name = textOf(v1, "cloud_name", "cloud-name");
  if (noCloud.has(name)) return {};
  const source = treeOf(whole["ds"]);
  const meta = treeOf(source["meta_data"]);
  const dynamic = treeOf(treeOf(treeOf(source["dynamic"])["instance-identity"])["document"]);
  const found = {
    provider: providers[name] ?? name,
    instance_id: textOf(v1, "instance_id", "instance-id"),
    instance_type: textOf(meta, "instance-type", "instance_type", "vm-size", "machine-type"),
    region: textOf(v1, "region"),
    zone: textOf(v1, "availability_zone", "availability-zone"),
    image_id: textOf(meta, "ami-id", "image-id", "image_id") || textOf(dynamic, "imageId"),
    tags: tagsIn(meta),
  };
  const isTold = (value: unknown) => value !== "" && value !== undefined;
  return Object.fromEntries(Object.entries(found).filter(([, value]) => isTold(value)));
}

const treeOf = (value: unknown): Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Tree) : {};

const textOf = (tree: Tree, ...keys: readonly string[]): string => {
  const found = keys.map((key) => tree[key]).find((value) => typeof value === "string");
  return typeof found === "string" && found !== "None" ? found.slice(0, 500) : "";
};

const mostTags = 200;

/** EC2 has them below `tags.instance` when the machine may see them; others as `tags` or `labels`. */
function tagsIn(meta: Tree): Record<string, string> | undefined {
  const tags = treeOf(meta["tags"]);
  const found = [treeOf(tags["instance"]), tags, treeOf(meta["labels"])]
    .map((tree) => Object.entries(tree).filter(([, value]) => typeof value === "string"))
    .find((entries) => entries.length > 0);
  return (
    found &&
    Object.fromEntries(found.slice(0, mostTags).map(([key, value]) => [key, String(value)]))
  );
}
