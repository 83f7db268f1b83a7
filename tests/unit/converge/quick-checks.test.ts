import { describe, expect, test } from "bun:test";
import { type Looks, QuickChecks } from "../../../src/core/converge/quick-checks.ts";
import { VigoError } from "../../../src/core/errors.ts";
import type { Host, Stamp } from "../../../src/core/host.ts";
import type { AnyResourceType, Judge, Standing } from "../../../src/core/resource.ts";
import { fakeHost } from "../../support/fake-host.ts";

/** Entries with their marks, and services with how they stand; how often all of them were asked for. */
function world() {
  const marks = new Map([
    ["/a", "1"],
    ["/b", "1"],
  ]);
  const services = new Map([["web", "running"]]);
  let answers = true;
  let asked = 0;
  const host: Host = {
    ...fakeHost().host,
    stamp: (path): Stamp | undefined => {
      const mark = marks.get(path);
      return mark === undefined ? undefined : { mark, changedAt: 0 };
    },
  };
  const type = {
    name: "service",
    judgedBy: ({ by }: { by: readonly Judge[] }) => by,
    standing: async (): Promise<Standing | undefined> => {
      asked += 1;
      if (!answers) throw new VigoError("unavailable", "nobody answers");
      return (word) => services.get(word);
    },
  } as unknown as AnyResourceType;
  const open = async (before?: Looks, body = "one") => {
    const quick = new QuickChecks(host, { by: "me", body, before });
    await quick.ask((name) => (name === "service" ? type : undefined));
    return quick;
  };
  const right = (quick: QuickChecks, key: string, ...by: readonly Judge[]) =>
    quick.right(key, `intent of ${key}`, { type, params: { by }, startedAt: 10_000 });
  return {
    marks,
    services,
    open,
    right,
    mute: () => (answers = false),
    asked: () => asked,
  };
}

const running: Judge = { word: "web", is: "running" };
const intent = (key: string) => () => `intent of ${key}`;

/** Two resources that were right: an entry they share, one of its own, and a service. */
async function known() {
  const place = world();
  const quick = await place.open();
  await place.right(quick, "x", "/a", "/b");
  await place.right(quick, "y", "/a", running);
  const looks = quick.looks();
  if (looks === undefined) throw new Error("nothing was learnt");
  const still = async (body?: string) => {
    const next = await place.open(looks, body);
    return ["x", "y"].filter((key) => next.stillRight(key, intent(key)) !== undefined).join("");
  };
  return { ...place, looks, still };
}

describe("what was right", () => {
  test("is so while nothing is touched, and is kept once for all it judges", async () => {
    const { looks, still } = await known();
    expect(looks.places).toEqual(["/a", "/b", "service:web"]);
    expect(looks.found).toEqual({ x: ["intent of x", 0, 1], y: ["intent of y", 0, 2] });
    expect(await still()).toBe("xy");
  });

  test("is asked again where an entry was touched, or a service stands otherwise", async () => {
    const { marks, services, still } = await known();
    marks.set("/b", "2");
    expect(await still()).toBe("y");
    services.set("web", "stopped");
    expect(await still()).toBe("");
    marks.set("/b", "1");
    services.delete("web");
    expect(await still()).toBe("x");
    marks.delete("/b");
    expect(await still()).toBe("");
  });

  test("is asked again where services cannot be asked for all at once", async () => {
    const { mute, still } = await known();
    mute();
    expect(await still()).toBe("x");
  });

  test("is compared by its parameters in another body", async () => {
    const { looks, open } = await known();
    const quick = await open(looks, "two");
    expect(quick.stillRight("x", () => "another")).toBeUndefined();
    expect(quick.stillRight("y", intent("y"))).toBe("intent of y");
  });

  test("is not believed once something was done in the run, as far as it is no entry", async () => {
    const { looks, open } = await known();
    const quick = await open(looks);
    quick.acted();
    expect(quick.stillRight("x", intent("x"))).toBe("intent of x");
    expect(quick.stillRight("y", intent("y"))).toBeUndefined();
  });

  test("is forgotten with its places when it is not looked at any more", async () => {
    const { looks, open } = await known();
    const quick = await open(looks);
    quick.stillRight("y", intent("y"));
    expect(quick.looks()).toMatchObject({
      places: ["/a", "service:web"],
      found: { y: ["intent of y", 0, 1] },
    });
  });

  test("services are asked for once, and by none that has no service", async () => {
    const { looks, open, asked } = await known();
    const before = asked();
    await open(looks);
    expect(asked() - before).toBe(1);
    await open({ ...looks, places: ["/a", "/b"] });
    expect(asked() - before).toBe(1);
  });

  test("of a file that is damaged, nothing is believed", async () => {
    const { looks, open } = await known();
    const quick = await open({ ...looks, places: [], marks: [] });
    expect(quick.stillRight("x", intent("x"))).toBeUndefined();
  });
});
