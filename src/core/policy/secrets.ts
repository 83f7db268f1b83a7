/**
 * Finds references to secrets in the source of policy: `secret:path` as a whole value, `secret{path}` inside a text
 * (semantics §6). Must not know what a secret holds.
 */

const path = "[A-Za-z0-9_][A-Za-z0-9_./-]*";
const reference = new RegExp(`^secret:${path}$|secret\\{${path}\\}`);

/** Does a text, as it is written in policy, refer to a secret? */
export const saysSecret = (written: string): boolean => reference.test(written);
