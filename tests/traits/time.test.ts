import { describe, expect, test } from "bun:test";
import { localTime } from "../../src/core/tools/local-time.ts";
import { isTracking, time } from "../../src/core/traits/time.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const now = new Date("2026-03-29T00:59:59Z");

describe("time", () => {
  test("in the zone that /etc/localtime is a link to", async () => {
    const nodes = {
      "/etc/localtime": { kind: "symlink", target: "../usr/share/zoneinfo/Europe/Berlin" },
    } as const;
    const files = { "/run/systemd/timesync/synchronized": "" };
    expect(await collect(time, fakeHost({ nodes, files, now }).host)).toEqual({
      hour: 1,
      minute: 59,
      weekday: "sunday",
      day: 29,
      month: 3,
      year: 2026,
      timezone: "Europe/Berlin",
      utc_offset: "+01:00",
      clock: "01:59",
      date: "2026-03-29",
      ntp_synchronized: true,
    });
  });

  test.each([
    [
      "a copy with a note beside it",
      { "/etc/localtime": "TZif2", "/etc/timezone": "Asia/Kolkata\n" },
      "Asia/Kolkata",
    ],
    ["a copy nobody says anything about", { "/etc/localtime": "TZif2" }, "UTC"],
    [
      "a note of a zone that there is not",
      { "/etc/localtime": "x", "/etc/timezone": "Mars/Base" },
      "UTC",
    ],
    ["neither", {}, "UTC"],
  ])("%s", async (_, files, timezone) => {
    expect(await collect(time, fakeHost({ files, now }).host)).toMatchObject({ timezone });
  });

  test("chrony is asked where it runs", async () => {
    const files = { "/run/chrony/chronyd.pid": "412\n" };
    const line = (leap: string) =>
      `C0000201,192.0.2.1,3,1767225600.1,0.0001,0.0,0.0,1.2,0.0,0.1,0.01,0.001,64.2,${leap}\n`;
    const asked = async (said: string) => {
      const commands = { "chronyc -n -c tracking": said };
      return (await collect(time, fakeHost({ files, now, commands }).host))?.ntp_synchronized;
    };
    expect(await asked(line("Normal"))).toBe(true);
    expect(await asked(line("Insert second"))).toBe(true);
    expect(await asked(line("Not synchronised"))).toBe(false);
    expect(isTracking("")).toBe(false);
  });

  test("chrony that does not answer is not in step", async () => {
    const commands = {
      "chronyc -n -c tracking": { code: 1, stdout: "506 Cannot talk to daemon\n", stderr: "" },
    };
    const { host } = fakeHost({ files: { "/run/chronyd.pid": "1" }, commands });
    expect(await collect(time, host)).toMatchObject({ ntp_synchronized: false });
  });

  test("summer, quarters of an hour, and the other side of midnight", () => {
    expect(localTime(new Date("2026-03-29T01:00:00Z"), "Europe/Berlin")).toMatchObject({
      hour: 3,
      utc_offset: "+02:00",
    });
    expect(localTime(now, "Asia/Kathmandu")).toMatchObject({
      clock: "06:44",
      utc_offset: "+05:45",
    });
    expect(localTime(now, "America/New_York")).toMatchObject({
      weekday: "saturday",
      date: "2026-03-28",
      utc_offset: "-04:00",
    });
    expect(localTime(new Date("2026-01-01T00:00:00Z"), "UTC")).toMatchObject({
      hour: 0,
      utc_offset: "+00:00",
    });
  });
});
