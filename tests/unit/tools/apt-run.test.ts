import { expect, test } from "bun:test";
import { aptGet } from "../../../src/core/tools/apt-run.ts";
import { fakeHost } from "../../support/fake-host.ts";

const lists = "/var/lib/apt/lists/lock";
const archives = "/var/cache/apt/archives/lock";
const frontend = "/var/lib/dpkg/lock-frontend";
const apt =
  "apt-get -q -y -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=120";

/** A machine on which another apt has this lock for three seconds; apt gives up at once at locks other than dpkg's. */
async function beside(lock: string, word: string) {
  let seconds = 0;
  const { host } = fakeHost({
    nodes: { [lock]: { inode: "7:99" } },
    files: {
      [lock]: "",
      "/proc/locks": "1: POSIX  ADVISORY  WRITE 4711 00:2b:99 0 EOF\n",
      "/proc/4711/comm": "apt-get\n",
    },
    commands: {
      "sleep 1": (files) => {
        seconds += 1;
        if (seconds === 3) files.set("/proc/locks", "");
        return "";
      },
      [`${apt} ${word}`]: (files) =>
        files.get("/proc/locks") === "" || lock === frontend
          ? ""
          : { code: 100, stdout: "", stderr: `E: Could not get lock ${lock}` },
    },
  });
  const told: string[] = [];
  await aptGet({ ...host, tell: (it) => told.push(it) }, [word], {});
  return { told, seconds };
}

const waiting = (lock: string) => [
  `waiting up to 120 s for apt-get (process 4711), which holds ${lock}`,
];

test.each([
  [lists, "update", 3],
  [archives, "install", 3],
  [frontend, "install", 0],
])("another one that holds %s while it is to %s is waited for", async (lock, word, waited) => {
  const { told, seconds } = await beside(lock, word);
  expect([told, seconds]).toEqual([waiting(lock), waited]);
});

test("lists are fetched while dpkg works", async () => {
  expect((await beside(frontend, "update")).told).toEqual([]);
});
