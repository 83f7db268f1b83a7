/** What an area of the table is. Types only. Must not know any command. */
import type { Program } from "../../../core/command/program.ts";
import type { Cli } from "../command.ts";

export type Commands = Program<Cli>["commands"];
