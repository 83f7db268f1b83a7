/** What the CLI prints, in this process, about a server of the tests; it must go well. */
import { expect } from "bun:test";
import { cli } from "../../../src/modes/cli/index.ts";
import { recordingScreen } from "../../support/screen.ts";
import type { World } from "./world.ts";

export async function printed({ home }: World, ...words: readonly string[]): Promise<string> {
  const screen = recordingScreen();
  const code = await cli([...words, "--home", home.folder], screen);
  const { out, err } = screen.printed();
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return out;
}
