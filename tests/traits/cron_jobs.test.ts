import { describe, expect, test } from "bun:test";
import { jobsIn } from "../../src/core/text/crontab-jobs.ts";
import { cronJobs } from "../../src/core/traits/cron_jobs.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

describe("cron_jobs", () => {
  test("of a Debian: tables, users' own, folders of scripts", async () => {
    const files = {
      "/etc/crontab":
        "SHELL=/bin/sh\n# m h dom mon dow user\n17 *\t* * *\troot\tcd / && run-parts --report /etc/cron.hourly\n",
      "/etc/cron.d/backup": 'MAILTO=""\n30 2 * * mon-fri backup /usr/local/bin/backup --all\n',
      "/etc/cron.d/backup.dpkg-old": "0 0 * * * root /bin/false\n",
      "/var/spool/cron/crontabs/dana": "@reboot /home/dana/start\n*/5 * * * * echo a=b % c\n",
      "/etc/cron.daily/logrotate": "",
      "/etc/cron.daily/notes": "",
      "/etc/cron.weekly/man-db.disabled": "",
    };
    const nodes = {
      "/etc/cron.daily/logrotate": { mode: 0o755 },
      "/etc/cron.daily/notes": { mode: 0o644 },
    };
    const { host } = fakeHost({ files, nodes });
    expect((await collect(cronJobs, host))?.jobs).toEqual([
      {
        path: "/etc/crontab",
        user: "root",
        schedule: "17 * * * *",
        command: "cd / && run-parts --report /etc/cron.hourly",
      },
      {
        path: "/etc/cron.d/backup",
        user: "backup",
        schedule: "30 2 * * mon-fri",
        command: "/usr/local/bin/backup --all",
      },
      {
        path: "/var/spool/cron/crontabs/dana",
        user: "dana",
        schedule: "@reboot",
        command: "/home/dana/start",
      },
      {
        path: "/var/spool/cron/crontabs/dana",
        user: "dana",
        schedule: "*/5 * * * *",
        command: "echo a=b % c",
      },
      {
        path: "/etc/cron.daily/logrotate",
        user: "root",
        schedule: "@daily",
        command: "/etc/cron.daily/logrotate",
      },
    ]);
  });

  test.each(["/var/spool/cron/kim", "/var/spool/cron/tabs/kim", "/etc/crontabs/kim"])(
    "a user's own at %s",
    async (path) => {
      const { host } = fakeHost({ files: { [path]: "0 4 * * * true\n" } });
      expect((await collect(cronJobs, host))?.jobs).toEqual([
        { path, user: "kim", schedule: "0 4 * * *", command: "true" },
      ]);
    },
  );

  test("lines that are no jobs, and commands that are too long", () => {
    expect(jobsIn("A = 1\n'B'=2\n\n# x\n* * * *\n0 0 * * *\n", "dana")).toEqual([]);
    expect(jobsIn("0 0 * * * root\n")).toEqual([]);
    expect(jobsIn(`@daily ${"x".repeat(900)}`, "dana")[0]?.command).toBe(`${"x".repeat(500)}…`);
  });
});

test.each([
  ["curl -u dana:geheim https://x/y", "curl -u dana:****** https://x/y"],
  ["curl --user dana:geheim https://x/y", "curl --user dana:****** https://x/y"],
  ["pg_dump postgres://app:ge:heim@db/x >/y", "pg_dump postgres://app:******@db/x >/y"],
  ["PGPASSWORD='ge heim' pg_dump x", "PGPASSWORD=****** pg_dump x"],
  ["mysqldump --password=geheim --all", "mysqldump --password=****** --all"],
  ["tool --token geheim; tool --api-key geheim", "tool --token ******; tool --api-key ******"],
  ["curl -H 'X-Token: geheim' x", "curl -H 'X-Token: ******' x"],
  ["wget 'https://x/?secret=geheim&y=1'", "wget 'https://x/?secret=******&y=1'"],
  ["chown -R www:www /srv && ssh a@b: date", "chown -R www:www /srv && ssh a@b: date"],
  [
    "passwd -l eve; backup --all http://x:8080/a@b",
    "passwd -l eve; backup --all http://x:8080/a@b",
  ],
])("of %j it tells %j", (command, told) => {
  expect(jobsIn(`@daily ${command}\n`, "dana")[0]?.command).toBe(told);
});
