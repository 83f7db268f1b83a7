/** A change that cuts the machine off is taken back; one that was never proven is proven, or taken back, by the run that comes after. */
import { expect, test } from "bun:test";
import { VigoError } from "../../../src/core/errors.ts";
import { unproven, verified } from "../../../src/core/tools/verified.ts";
import { type Answer, fakeHost } from "../../support/fake-host.ts";

const place = "/setting";
const claim = "setting:a/b";
const verify = "ping server";

interface Given {
  readonly ping?: Answer;
  readonly notes?: Readonly<Record<string, string>>;
  /** How the setting is. */
  readonly is?: string;
}

function machineWith({ ping = "", notes = {}, is = "old" }: Given) {
  return fakeHost({ files: { [place]: is }, notes, commands: { [verify]: ping } });
}

type Fake = ReturnType<typeof machineWith>;

const text = (fake: Fake) => fake.files.get(place);

/** Sets it to "new". */
const change = (fake: Fake, more: { readonly verify?: string; readonly isNeeded?: boolean } = {}) =>
  verified<string>(fake.host, {
    ...{ claim, verify, isNeeded: true, ...more },
    former: async (kept) => kept ?? text(fake) ?? "",
    work: () => fake.host.write(place, Buffer.from("new")),
    back: (former) => fake.host.write(place, Buffer.from(former)),
  });

const failing = (work: Promise<void>) =>
  work.then(
    () => "",
    (error: Error) => error.message,
  );

const written = `write ${place}`;
const noted = `note ${claim}`;
const forgot = `forget ${claim}`;
const pinged = `run ${verify}`;
const broken: Answer = { code: 1, stdout: "", stderr: "no\nunreachable\n" };
const endless: Answer = () => {
  throw new VigoError("failed", `${verify} took longer than 30 s and was stopped`);
};

test("what is proven stays, and what was before is noted until then", async () => {
  const fake = machineWith({});
  await change(fake);
  expect([text(fake), fake.log]).toEqual(["new", [noted, written, pinged, forgot]]);
});

test.each([
  [broken, "taken back, because afterwards this failed: ping server: exit 1: unreachable"],
  [
    endless,
    "taken back, because afterwards this failed: ping server took longer than 30 s and was stopped",
  ],
])("what cuts the machine off is taken back", async (ping, reason) => {
  const fake = machineWith({ ping });
  expect(await failing(change(fake))).toBe(reason);
  expect([text(fake), fake.log]).toEqual(["old", [noted, written, pinged, written, forgot]]);
});

test("what ends half way is taken back", async () => {
  const fake = machineWith({});
  const work = verified<string>(fake.host, {
    ...{ claim, verify, isNeeded: true },
    former: async () => "old",
    work: async () => {
      await fake.host.write(place, Buffer.from("half"));
      throw new VigoError("unavailable", "no answer");
    },
    back: (former) => fake.host.write(place, Buffer.from(former)),
  });
  const error = await work.catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    failure: "unavailable",
    message: "taken back, because it ended half way: no answer",
  });
  expect([text(fake), fake.log]).toEqual(["old", [noted, written, written, forgot]]);
});

const left = { is: "new", notes: { [claim]: '"old"' } };

test("what a killed run has left is not right before it is proven", async () => {
  const { host } = machineWith(left);
  const proof = { field: "verify", from: "not proven", cause: "intent" } as const;
  expect(await unproven(host, claim, verify)).toEqual([{ ...proof, to: "proven" }]);
  expect(await unproven(host, claim, undefined)).toEqual([{ ...proof, to: undefined }]);
  expect(await unproven(host, "setting:other", verify)).toEqual([]);
});

test("it is proven without being set again", async () => {
  const fake = machineWith(left);
  await change(fake, { isNeeded: false });
  expect([text(fake), fake.log]).toEqual(["new", [pinged, forgot]]);
});

test.each([true, false])("or what was before it comes back, needed again: %p", async (isNeeded) => {
  const fake = machineWith({ ...left, ping: broken });
  expect(await failing(change(fake, { isNeeded }))).toStartWith("taken back");
  const set = isNeeded ? [written] : [];
  expect([text(fake), fake.log]).toEqual(["old", [...set, pinged, written, forgot]]);
});

test("nothing is proven any more where nothing is to be", async () => {
  const fake = machineWith(left);
  await verified<string>(fake.host, {
    ...{ claim, verify: undefined, isNeeded: false },
    former: async () => "",
    work: () => fake.host.write(place, Buffer.from("new")),
    back: async () => {},
  });
  expect(fake.log).toEqual([forgot]);
});

test("what cannot be taken back now is by the next run", async () => {
  const fake = machineWith({ ping: broken });
  const work = verified<string>(fake.host, {
    ...{ claim, verify, isNeeded: true },
    former: async () => "old",
    work: () => fake.host.write(place, Buffer.from("new")),
    back: async () => {
      throw new VigoError("failed", "the agent was told to end");
    },
  });
  expect(await failing(work)).toBe("the agent was told to end");
  expect(fake.notes.get(claim)).toBe('"old"');
});
