import { describe, expect, test } from "bun:test";
import { VigoError } from "../../../src/core/errors.ts";
import { keyId, newKeyPair, signingKey, verifyKey } from "../../../src/core/pki/keys.ts";
import { heldBack } from "../../../src/core/tasks/guardrails.ts";
import type { FinalState } from "../../../src/core/tasks/states.ts";
import { OrderKind } from "../../../src/core/wire/gen/vigo/v1/agent_pb.ts";
import { openOrder, sealOrder } from "../../../src/core/wire/order.ts";
import { type ActiveTarget, ActiveTask } from "../../../src/modes/server/tasks/active.ts";
import { batchSize, mostFailures } from "../../../src/modes/server/tasks/portion.ts";
import { task } from "../../integration/store/rows.ts";

describe("portions", () => {
  test.each([
    [undefined, 40, 40],
    ["10", 40, 10],
    ["5%", 40, 2],
    ["1%", 40, 1],
    ["0", 40, 1],
    ["100%", 7, 7],
  ])("a batch of %s of %d is %d", (written, all, size) => {
    expect(batchSize(written, all)).toBe(size);
  });
  test.each([
    [undefined, 40, undefined],
    ["0", 40, 0],
    ["5%", 39, 1],
  ])("%s of %d may fail: %s", (written, all, most) => {
    expect(mostFailures(written, all)).toBe(most);
  });
});

describe("guardrails", () => {
  test.each([
    "rm -rf /",
    "sudo rm -r -f /etc/",
    "true; rm -rf --no-preserve-root /*",
    "rm -rf '/usr'",
    "mkfs.ext4 /dev/sda1",
    "dd if=/dev/zero of=/dev/sda",
    "echo x > /dev/sda",
    "chmod -R 777 /",
    "shutdown -h now",
    "/sbin/poweroff",
    ":(){ :|:& };:",
  ])("hold back %s", (command) => expect(heldBack(command)).toBeString());
  test.each([
    "rm -rf /tmp/x",
    "rm -rf /var/lib/app/cache",
    "rm file",
    "dd if=a of=/dev/null",
    "chown -R www /srv/www",
    "reboot",
    "shutdown -r +5",
    "echo poweroff",
    "grep -r mkfs /etc",
  ])("let %s through", (command) => expect(heldBack(command)).toBeUndefined());
});

describe("an order", () => {
  const pair = newKeyPair();
  const signing = { id: keyId(pair.publicKey), key: signingKey(pair.seed) };
  const trust = { envoyId: "e1", keys: new Map([[signing.id, verifyKey(pair.publicKey)]]) };
  const order = {
    kind: OrderKind.TASK,
    id: "t1",
    envoyId: "e1",
    issuedAtMs: 1n,
    expiresAtMs: 2n,
    payload: new Uint8Array([1]),
  };
  const why = (work: () => unknown): string => {
    try {
      work();
    } catch (error) {
      return error instanceof VigoError ? `${error.failure}: ${error.message}` : String(error);
    }
    return "nothing";
  };

  test("signed by the bundle key for this envoy is opened", () => {
    expect(openOrder(sealOrder(order, signing), trust)).toMatchObject(order);
  });
  test("of another envoy, key or content is refused", () => {
    const other = newKeyPair();
    const stranger = { id: keyId(other.publicKey), key: signingKey(other.seed) };
    const sealed = sealOrder(order, signing);
    const changed = sealed.order.slice();
    changed[changed.length - 20] = (changed[changed.length - 20] ?? 0) ^ 1;
    const open = (signed: typeof sealed) => why(() => openOrder(signed, trust));
    expect(open(sealOrder({ ...order, envoyId: "e2" }, signing))).toContain("denied");
    expect(open(sealOrder(order, stranger))).toContain("which this agent does not trust");
    expect(open(sealOrder(order, { ...stranger, id: signing.id }))).toContain("signature is wrong");
    expect(open({ ...sealed, order: changed })).not.toBe("nothing");
    expect(open({ ...sealed, order: new Uint8Array([255]) })).toContain("invalid");
  });
});

describe("batches", () => {
  const row = task("t", { maxFailures: 1, outputLimit: 10 });
  const targets = ["a", "b", "c", "d"].map((envoyId, at) => ({
    taskId: "t",
    envoyId,
    hostname: envoyId,
    batch: Math.floor(at / 2),
    sentAt: undefined,
    ending: undefined,
  }));
  const turns = (task: ActiveTask) =>
    task
      .open()
      .filter((each) => task.isTurnOf(each))
      .map(({ envoyId }) => envoyId);

  const everybody = () => true;
  const end = (task: ActiveTask, envoyId: string, state: FinalState) => {
    const target = task.targets.get(envoyId);
    if (target === undefined) throw new Error("it is gone");
    task.end(target, state);
  };

  test("come one after the other, when all of the one before have ended", () => {
    const all = new ActiveTask(row, targets);
    expect([turns(all), all.nextBatch(everybody)]).toEqual([["a", "b"], undefined]);
    end(all, "a", "ok");
    expect([turns(all), all.nextBatch(everybody)]).toEqual([["b"], undefined]);
    end(all, "b", "failed");
    expect(all.nextBatch(everybody)).toBe(1);
    all.row = { ...all.row, batch: 1 };
    expect([turns(all), all.nextBatch(everybody)]).toEqual([["c", "d"], undefined]);
    expect(all.hasTooManyFailures).toBe(false);
    end(all, "c", "timed out");
    expect(all.hasTooManyFailures).toBe(true);
  });

  test("do not wait for who is away, unless it may run; who comes late has its turn", () => {
    const all = new ActiveTask({ ...row, timeoutMs: 60_000 }, targets);
    const awaited = (now: number) => (target: ActiveTarget) =>
      all.awaits(target, target.hostname === "b", now);
    end(all, "a", "ok");
    expect(all.nextBatch(awaited(0))).toBe(1);
    const b = all.targets.get("b");
    if (b === undefined) throw new Error("it is gone");
    b.sentAt = 1_000;
    expect(all.nextBatch(awaited(90_999))).toBeUndefined();
    expect(all.nextBatch(awaited(91_000))).toBe(1);
    b.sentAt = undefined;
    all.row = { ...all.row, batch: 1 };
    expect(turns(all)).toEqual(["b", "c", "d"]);
  });

  test("what is printed is taken once, in order, and no more than the limit", () => {
    const target = new ActiveTask(row, targets).targets.get("a");
    const take = (number: number, text: string) =>
      target?.take(number, { stream: "out", text }, 10);
    expect([take(0, "one"), take(0, "one"), take(2, "gap"), take(1, "two")]).toEqual([
      0,
      undefined,
      undefined,
      3,
    ]);
    expect(take(2, "too long")).toBeUndefined();
    expect(target?.output).toEqual([{ stream: "out", text: "onetwo" }]);
  });
});
