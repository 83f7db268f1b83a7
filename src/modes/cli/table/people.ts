/** Who may do what, who is told, and who did what: names of commands, each loaded when it is called. Must not know what commands do. */
import type { Commands } from "./commands.ts";

export const people: Commands = {
  login: {
    summary: "Logs in to a server and pins its CA.",
    load: () => import("../commands/login.ts"),
  },
  logout: {
    summary: "Withdraws the login that is kept.",
    load: () => import("../commands/logout.ts"),
  },
  "webusers list": {
    summary: "Lists users by name.",
    load: () => import("../commands/webusers/list.ts"),
  },
  "webusers create": {
    summary: "Makes a user.",
    load: () => import("../commands/webusers/create.ts"),
  },
  "webusers role": {
    summary: "Changes what a user may do.",
    load: () => import("../commands/webusers/role.ts"),
  },
  "webusers password": {
    summary: "Gives a user another password.",
    load: () => import("../commands/webusers/password.ts"),
  },
  "webusers disable": {
    summary: "Shuts a user out.",
    load: () => import("../commands/webusers/disable.ts"),
  },
  "webusers enable": {
    summary: "Lets a user in again.",
    load: () => import("../commands/webusers/enable.ts"),
  },
  "webusers reset-totp": {
    summary: "Lets a user log in without a code.",
    load: () => import("../commands/webusers/reset-totp.ts"),
  },
  "auth whoami": {
    summary: "Tells as whom the server sees you.",
    load: () => import("../commands/auth/whoami.ts"),
  },
  "auth password": {
    summary: "Changes your own password.",
    load: () => import("../commands/auth/password.ts"),
  },
  "auth totp on": {
    summary: "Makes logging in take a code.",
    load: () => import("../commands/auth/totp/on.ts"),
  },
  "auth totp off": {
    summary: "Logging in takes no code any more.",
    load: () => import("../commands/auth/totp/off.ts"),
  },
  "auth token create": {
    summary: "Makes a token for a program that calls the server.",
    load: () => import("../commands/auth/token/create.ts"),
  },
  "auth token list": {
    summary: "Lists your tokens.",
    load: () => import("../commands/auth/token/list.ts"),
  },
  "auth token revoke": {
    summary: "Withdraws a token.",
    load: () => import("../commands/auth/token/revoke.ts"),
  },
  "alerts list": {
    summary: "Lists alerts, the newest first.",
    load: () => import("../commands/alerts/list.ts"),
  },
  "alerts deliveries": {
    summary: "Lists where alerts went, and what did not arrive.",
    load: () => import("../commands/alerts/deliveries.ts"),
  },
  "alerts test": {
    summary: "Sends a test to where alerts go.",
    load: () => import("../commands/alerts/test.ts"),
  },
  "alerts retry": {
    summary: "Sends again what was given up.",
    load: () => import("../commands/alerts/retry.ts"),
  },
  "license status": {
    summary: "Tells what the licence allows, and how much of it is used.",
    load: () => import("../commands/license/status.ts"),
  },
  "license install": {
    summary: "Puts a licence into force.",
    load: () => import("../commands/license/install.ts"),
  },
  "audit list": {
    summary: "Lists privileged acts, the newest first.",
    load: () => import("../commands/audit/list.ts"),
  },
  "audit verify": {
    summary: "Says whether the audit log was tampered with.",
    load: () => import("../commands/audit/verify.ts"),
  },
  "audit export": {
    summary: "Prints the audit log as JSON lines, the oldest first.",
    load: () => import("../commands/audit/export.ts"),
  },
};
