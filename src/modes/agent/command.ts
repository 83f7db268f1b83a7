/** What the agent's commands may touch, and how they are declared. Must not know any command. */
import { commandFor } from "../../core/command/command.ts";
import type { Screen } from "../../core/command/screen.ts";
import type { Log } from "../../core/log.ts";
import type { Settings } from "./settings.ts";

export interface AgentContext {
  readonly screen: Screen;
  readonly settings: Settings;
  readonly home: string;
  /** Events, on stderr. */
  readonly log: Log;
  now(): Date;
}

export const command = commandFor<AgentContext>();
