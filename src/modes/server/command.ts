/** What the commands of `vigo server` may touch. Must not know any of them. */
import { commandFor } from "../../core/command/command.ts";
import type { Screen } from "../../core/command/screen.ts";
import type { Home } from "./home.ts";

export interface Local {
  readonly screen: Screen;
  readonly home: Home;
}

export const command = commandFor<Local>();
