/**
 * Commands that are refused unless somebody insists, on the server before they travel and on the agent before they start: what they
 * do to many machines at once cannot be taken back. They stop slips, not malice. Must not know who asks.
 */

interface Rail {
  readonly pattern: RegExp;
  readonly why: string;
}

/** Where a command begins: at the start, or after what separates or leads in another. */
const begin = String.raw`(?:^|[;&|(\n{]|\b(?:then|do|else|sudo|exec|nohup|env|time)\s)\s*(?:\w+=\S*\s+)*(?:/\S*/)?`;
const rail = (words: string, why: string): Rail => ({
  pattern: new RegExp(begin + words, "m"),
  why,
});

/** The root itself, a folder right below that no system lives without, or everything in one of them. */
const vital = String.raw`["']?/(?:(?:bin|boot|dev|etc|home|lib|lib64|proc|root|sbin|srv|sys|usr|var)/?)?(?:\.|\*)?["']?(?=\s|$|[;&|)])`;

const rails: readonly Rail[] = [
  rail(
    String.raw`rm\s+(?:\S+\s+)*?(?:-\w*[rR]\w*|--recursive)\s+(?:\S+\s+)*?${vital}`,
    "it deletes a folder that the system lives on",
  ),
  rail(
    String.raw`(?:chmod|chown|chgrp)\s+(?:\S+\s+)*?(?:-\w*R\w*|--recursive)\s+(?:\S+\s+)*?${vital}`,
    "it changes owner or mode of the whole system",
  ),
  rail(String.raw`(?:mkfs(?:\.\w+)?|mke2fs|wipefs|blkdiscard)\s`, "it destroys a file system"),
  rail(String.raw`dd\s.*\bof=/dev/(?!null\b|zero\b|full\b|std)`, "it writes over a device"),
  { pattern: />\s*\/dev\/(?:sd|vd|xvd|hd|nvme|mmcblk|dm-|md)/, why: "it writes over a device" },
  { pattern: /:\s*\(\s*\)\s*\{\s*:\s*\|\s*:\s*&\s*\}/, why: "it starts processes without end" },
  rail(
    String.raw`(?:halt|poweroff|shutdown\s+(?:-\w*[hP]\w*\s+)?(?:now|\+?\d+)|systemctl\s+(?:halt|poweroff)|init\s+0)\b`,
    "a machine that is switched off does not come back by itself",
  ),
];

/** Why a command is held back; undefined: it is not. */
export const heldBack = (command: string): string | undefined =>
  rails.find(({ pattern }) => pattern.test(command))?.why;
