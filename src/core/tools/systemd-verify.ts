/**
 * Unit files proven by systemd-analyze(1) before they take their place. Must not know what is in them. What a unit needs may
 * come later (a program, another unit), so that only what is wrong with the text itself counts.
 */
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";

export interface UnitText {
  /** Where it is going to be. */
  readonly path: string;
  /** The unit it is of; of a drop-in, the unit that it is about. */
  readonly unit: string;
  readonly text: string;
}

/** The file of a unit is `$1`; with a drop-in, `$2` in its folder. What is said about the text begins with its place. */
const script = `
d=$(mktemp -d) || exit 2
trap 'rm -rf "$d"' EXIT
mkdir -p "$d/$(dirname "$2")" && cat >"$d/$2" || exit 2
unit=$1
[ "$1" = "$2" ] && unit="$d/$1"
SYSTEMD_UNIT_PATH="$d:" systemd-analyze verify --man=no "$unit" 2>&1 |
  grep -e "^$d/" -e 'Refusing\\.$' | sed "s,^$d/,,"
`;

/** `name` is the path below `/etc/systemd/system`; the text goes to stdin. */
export const verifyCommand = (unit: string, name: string): readonly string[] => [
  "sh",
  "-c",
  script,
  "sh",
  unit,
  name,
];

/** Rejects with what systemd says about a text that it would not take, or not take as it is meant. */
export async function mustVerify(host: ReadHost, { path, unit, text }: UnitText): Promise<void> {
  const name = path.replace(/^\/etc\/systemd\/system\//, "");
  const argv = verifyCommand(unit, name);
  const { code, stdout, stderr } = await host.query({ argv, stdin: text });
  if (code === 2) throw new VigoError("failed", `cannot prove ${name}: ${stderr.trim()}`);
  const said = stdout.trim();
  if (said === "") return;
  throw new VigoError("failed", `${path} was left as it is: systemd does not take it: ${said}`, {
    hint: "correct the text; systemd-analyze verify says the same",
  });
}
