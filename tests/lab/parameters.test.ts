/**
 * Which parameters the lives of the lab and of the virtual machine spoil by hand: all of every type that is proven on a real
 * machine, but those that leave nothing which could be spoilt.
 */
import { expect, test } from "bun:test";
import { z } from "zod";
import { resources } from "../../src/core/resources/index.ts";
import { proven } from "../../src/core/resources/proven.ts";
import { kernel } from "../vm/lives/kernel.ts";
import { network as vmNetwork } from "../vm/lives/network.ts";
import { selinux } from "../vm/lives/selinux.ts";
import { storage } from "../vm/lives/storage.ts";
import { type Life, type Spoilt, spoiltIn } from "./life.ts";
import { basics } from "./lives/basics.ts";
import { custom } from "./lives/custom.ts";
import { languages } from "./lives/languages.ts";
import { mounts } from "./lives/mounts.ts";
import { network } from "./lives/network.ts";
import { dnfLives, pacmanLives, zypperLives } from "./lives/packages.ts";
import { debianSources, dnfRepository, zypperRepository } from "./lives/repositories.ts";
import { structured } from "./lives/structured.ts";
import { accounts, elsewhere, otherInits, system } from "./lives/system.ts";
import { texts } from "./lives/texts.ts";
import { unspoilt } from "./lives/unspoilt.ts";

const tables: readonly Readonly<Record<string, Life>>[] = [
  ...[basics, texts, structured, system, elsewhere, network, debianSources, languages, mounts],
  ...[dnfLives, zypperLives, pacmanLives, kernel, storage, vmNetwork],
  { accounts, custom, selinux, dnfRepository, zypperRepository },
  Object.fromEntries(Object.entries(otherInits).map(([name, { life }]) => [name, life])),
];
const lives = tables.flatMap((table) => Object.entries(table));
const all = lives.flatMap(([name, life]) => spoiltIn(life).map((it) => ({ ...it, life: name })));

function shapeOf(type: string) {
  const schema = resources.find(({ name }) => name === type)?.params;
  if (schema === undefined) return {};
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }).properties ?? {};
}

const parametersOf = (type: string): readonly string[] => Object.keys(shapeOf(type));

/** Written, or meant where nothing is written. */
const isDeclared = ({ type, parameter, line }: Spoilt) => {
  const schema = shapeOf(type)[parameter];
  const hasDefault = typeof schema === "object" && "default" in schema;
  return line.includes(` ${parameter}: `) || hasDefault || parameter === "state";
};

test("whatever a life spoils is a parameter that it declares", () => {
  const wrong = all.filter(
    (it) => !parametersOf(it.type).includes(it.parameter) || !isDeclared(it),
  );
  expect(wrong.map(({ life, type, parameter }) => `${life}: ${type}.${parameter}`)).toEqual([]);
});

test("every parameter of a type that is proven on a real machine is spoilt, or has nothing that could be", () => {
  const real = Object.entries(proven).filter(([, places]) => places[0] !== "recorded outputs");
  const spoilt = new Set(all.map(({ type, parameter }) => `${type}.${parameter}`));
  const excused = (type: string) => Object.keys(unspoilt[type] ?? {});
  const missing = real.flatMap(([type]) =>
    parametersOf(type)
      .filter((parameter) => !spoilt.has(`${type}.${parameter}`))
      .filter((parameter) => !excused(type).includes(parameter))
      .map((parameter) => `${type}.${parameter}`),
  );
  expect(missing).toEqual([]);
  expect(real.length).toBeGreaterThan(60);
});

test("what is said to have nothing is no invention, and not spoilt after all", () => {
  const spoilt = new Set(all.map(({ type, parameter }) => `${type}.${parameter}`));
  const wrong = Object.entries(unspoilt).flatMap(([type, reasons]) =>
    Object.keys(reasons)
      .map((parameter) => [type, parameter] as const)
      .filter(([, parameter]) => !parametersOf(type).includes(parameter))
      .concat(
        Object.keys(reasons)
          .map((parameter) => [type, parameter] as const)
          .filter((words) => spoilt.has(words.join("."))),
      )
      .map((words) => words.join(".")),
  );
  expect(wrong).toEqual([]);
});
