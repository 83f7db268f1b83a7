import { expect, test } from "bun:test";
import { codeNeeded } from "../../../src/core/api/auth.ts";
import { VigoError } from "../../../src/core/errors.ts";
import { coded } from "../../../src/modes/cli/coded.ts";

const server = (message: string) => {
  const tried: (string | undefined)[] = [];
  const call = async ({ code }: { readonly code?: string }) => {
    tried.push(code);
    if (code !== "123456") throw new VigoError("unauthenticated", message);
    return "in";
  };
  return { tried, call };
};
const asks = async () => "123456";
const nobody = async () => undefined;

test("a code is asked for when the server says so", async () => {
  const { tried, call } = server(codeNeeded);
  expect(await coded(undefined, asks, call)).toBe("in");
  expect(tried).toEqual([undefined, "123456"]);
});

test("one that was given is sent at once, and never asked for again", async () => {
  const { tried, call } = server(codeNeeded);
  expect(await coded("123456", asks, call)).toBe("in");
  await expect(coded("000000", asks, call)).rejects.toThrow(codeNeeded);
  expect(tried).toEqual(["123456", "000000"]);
});

test("nobody is asked after a wrong password, or where nobody is", async () => {
  const wrong = server("name or password is wrong");
  await expect(coded(undefined, asks, wrong.call)).rejects.toThrow("password is wrong");
  await expect(coded(undefined, nobody, server(codeNeeded).call)).rejects.toThrow(codeNeeded);
});
