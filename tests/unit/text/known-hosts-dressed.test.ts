/** `sshkey` on exact cases in every dress. */
import { type HostKey, withHostKey, withoutHostKey } from "../../../src/core/text/known-hosts.ts";
import { onText } from "../../support/any-text.ts";
import { everyDress } from "../../support/dressed.ts";

const put = (names: readonly string[], more: Partial<HostKey> = {}) =>
  onText((doc) =>
    withHostKey(doc, { names, kind: "ssh-ed25519", key: "AAAAnew", hashed: false, ...more }),
  );
const away = (names: readonly string[], kind?: string) =>
  onText((doc) => withoutHostKey(doc, names, kind));
/** As `ssh-keygen -H` wrote it for the name example.com. */
const hash = "|1|PC0MF2l2+WtpjNBRlEoeemUJC8Y=|YLhvKcdA8ut8D5ij7mj/NvqCuEk=";
const right = "git ssh-ed25519 AAAAnew\n";

everyDress({
  "new, at the end": ["web ssh-rsa AAAAw\n", put(["git"]), `web ssh-rsa AAAAw\n${right}`],
  "new, with a port and an address": [
    "web ssh-rsa AAAAw\n",
    put(["[git]:2222", "10.0.0.7"]),
    "web ssh-rsa AAAAw\n[git]:2222,10.0.0.7 ssh-ed25519 AAAAnew\n",
  ],
  "another key": ["git ssh-ed25519 AAAAold\n", put(["git"]), right],
  "another kind stays beside it": [
    "git ssh-rsa AAAAr\n",
    put(["git"]),
    `git ssh-rsa AAAAr\n${right}`,
  ],
  "right already, with gaps and a comment": [
    "git \tssh-ed25519  AAAAnew  ours, since May\n",
    put(["git"]),
    "git \tssh-ed25519  AAAAnew  ours, since May\n",
  ],
  "a name more, beside the first": [
    "git ssh-ed25519 AAAAnew c\n",
    put(["git", "10.0.0.7"]),
    "git,10.0.0.7 ssh-ed25519 AAAAnew c\n",
  ],
  "a name taken from a line with the former key": [
    "git,web ssh-ed25519 AAAAold c\n",
    put(["git"]),
    `web ssh-ed25519 AAAAold c\n${right}`,
  ],
  "a line that says it twice": [
    `${right}x ssh-rsa AAAAx\n${right}`,
    put(["git"]),
    `${right}x ssh-rsa AAAAx\n`,
  ],
  "what is revoked stays revoked": [
    "@revoked git ssh-ed25519 AAAAnew\n",
    put(["git"]),
    `@revoked git ssh-ed25519 AAAAnew\n${right}`,
  ],
  "an authority is nobody's": [
    "@cert-authority *.example.com ssh-ed25519 AAAAold\n",
    put(["a.example.com"]),
    "@cert-authority *.example.com ssh-ed25519 AAAAold\na.example.com ssh-ed25519 AAAAnew\n",
  ],
  "a wildcard is nobody's": [
    "g* ssh-ed25519 AAAAold\n",
    put(["git"]),
    `g* ssh-ed25519 AAAAold\n${right}`,
  ],
  "a comment is no line": [
    "#git ssh-ed25519 AAAAold\n",
    put(["git"]),
    `#git ssh-ed25519 AAAAold\n${right}`,
  ],
  "a hashed name with the former key goes": [
    `${hash} ssh-ed25519 AAAAold\nx ssh-rsa AAAAx\n`,
    put(["example.com"]),
    "x ssh-rsa AAAAx\nexample.com ssh-ed25519 AAAAnew\n",
  ],
  "a hashed name with the right key stays": [
    `${hash} ssh-ed25519 AAAAnew c\n`,
    put(["example.com"]),
    `${hash} ssh-ed25519 AAAAnew c\n`,
  ],
  "away: a name of several": ["a,git,b ssh-rsa AAAAr\n", away(["git"]), "a,b ssh-rsa AAAAr\n"],
  "away: of one kind": [`git ssh-rsa AAAAr\n${right}`, away(["git"], "ssh-rsa"), right],
  "away: hashed": [`${hash} ssh-rsa AAAAr\n${right}`, away(["example.com"]), right],
  "away: nothing there": [right, away(["web"]), right],
});
