/**
 * Sends one alert to one place: a mail server, or an address over HTTP, signed. Within 10 s; no redirect is followed. Must not know
 * which place wants which alert, nor when it is tried again.
 */
import { createHmac } from "node:crypto";
import { VigoError } from "../../../core/errors.ts";
import { whyUnreached } from "../../../core/unreached.ts";
import type { AlertRow } from "../store/store.ts";
import type { Smtp, Webhook } from "./settings.ts";
import { bodyFor, mailFor } from "./shapes.ts";

const patienceMs = 10_000;

/** `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<seconds>.<body>`, so that what is caught cannot be sent again later. */
export const signature = (secret: string, seconds: number, body: string): string =>
  `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`;

export async function sendWebhook(
  hook: Webhook,
  alert: AlertRow,
  delivery: number,
  now: number,
): Promise<void> {
  const body = bodyFor(hook, alert);
  const headers: Record<string, string> = {
    "content-type": "application/json",
    "user-agent": "vigo",
    // At least once: who must not take one twice remembers these.
    "vigo-delivery": String(delivery),
  };
  if (hook.secret !== undefined)
    headers["vigo-signature"] = signature(hook.secret, Math.floor(now / 1000), body);
  const response = await fetch(hook.url, {
    method: "POST",
    headers,
    body,
    redirect: "manual",
    signal: AbortSignal.timeout(patienceMs),
  }).catch((cause: unknown) => {
    throw new VigoError("unavailable", `${hook.name}: ${whyUnreached(cause)}`, { cause });
  });
  await response.body?.cancel();
  if (response.ok) return;
  if (response.status >= 300 && response.status < 400)
    throw new VigoError(
      "failed",
      `${hook.name} redirects (${response.status}), and that is not followed: name the address it leads to`,
    );
  const again = response.status >= 500 || [408, 425, 429].includes(response.status);
  throw new VigoError(again ? "unavailable" : "failed", `${hook.name} answers ${response.status}`);
}

/** Says by rejecting that the mail server cannot be reached, or does not take our name. Nothing is sent. */
export async function greetMailServer(settings: Smtp): Promise<void> {
  const transport = await mailTransport(settings);
  try {
    await transport.verify();
  } finally {
    transport.close();
  }
}

async function mailTransport({ host, port, tls, username, password }: Smtp) {
  const { createTransport } = await import("nodemailer");
  return createTransport({
    host,
    port,
    secure: tls === "tls",
    requireTLS: tls === "starttls",
    ignoreTLS: tls === "none",
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(username !== undefined && { auth: { user: username, pass: password ?? "" } }),
  });
}

export async function sendMail(settings: Smtp, alert: AlertRow, server: string): Promise<void> {
  const { from, to } = settings;
  const transport = await mailTransport(settings);
  try {
    await transport.sendMail({ from, to: [...to], ...mailFor(alert, server) });
  } finally {
    transport.close();
  }
}
