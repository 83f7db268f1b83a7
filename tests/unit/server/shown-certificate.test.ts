import { expect, test } from "bun:test";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certificateFacts } from "../../../src/core/pki/certificate.ts";
import { readSettings } from "../../../src/modes/server/config/read.ts";
import { homeAt } from "../../../src/modes/server/home.ts";
import { revealing } from "../../../src/modes/server/secrets/reveal.ts";
import { makeAuthority, openAuthority } from "../../../src/modes/server/trust/authority.ts";
import { serverCertificate } from "../../../src/modes/server/trust/server-certificate.ts";
import { removeRoom } from "../../support/remove-room.ts";

test("one that a clock made which was ahead is made anew, when the clock is right again", async () => {
  const room = await mkdtemp(join(tmpdir(), "vigo-certificate-"));
  try {
    const home = homeAt(room, {});
    const settings = await readSettings(home, revealing(home));
    const now = new Date();
    await makeAuthority(settings.tls, now);
    const authority = await openAuthority(settings.tls);
    const at = (ms: number) => serverCertificate(settings, authority, new Date(ms));
    const right = await at(now.getTime());
    expect((await at(now.getTime() + 1_000)).certificate).toBe(right.certificate);
    const ahead = await at(now.getTime() + 300 * 86_400_000);
    expect(ahead.certificate).not.toBe(right.certificate);
    const again = await at(now.getTime() + 2_000);
    expect(certificateFacts(again.certificate).issuedAt).toBeLessThanOrEqual(now.getTime() + 2_000);
    expect(again.key).toBe(right.key);
  } finally {
    await removeRoom(room);
  }
});
