/** Answers of the fleet as they come: a table, CSV or JSON lines, and who has not answered. Must not know how they were asked for. */
import { stripVTControlCharacters } from "node:util";
import type { QueryEvent } from "../../../core/api/query.ts";
import type { Screen } from "../../../core/command/screen.ts";
import { inertJson } from "../../../core/inert.ts";
import { csvLine } from "../listing.ts";
import { painted, visible } from "./text.ts";

export type QueryForm = "table" | "csv" | "json";

/** Between two lines about how far it is. */
const progressMs = 2_000;
/** Named of those that have not answered for one reason. */
const mostNamed = 8;

export class QueryLines {
  readonly #screen: Screen;
  readonly #form: QueryForm;
  #columns: readonly string[] = [];
  #widths: number[] = [];
  #headed = false;
  #toldAt = performance.now();
  /** Hostnames by reason. */
  readonly #missing = new Map<string, string[]>();

  constructor(screen: Screen, form: QueryForm) {
    this.#screen = screen;
    this.#form = form;
  }

  heed(event: QueryEvent): void {
    if (this.#form === "json") {
      this.#screen.out(inertJson(JSON.stringify(event)));
      return;
    }
    if (event.kind === "begin") this.#begin(event);
    else if (event.kind === "row") this.#row(event);
    else if (event.kind === "group") this.#print(event.values.map(cell));
    else if (event.kind === "missing") this.#miss(event.reason, event.hostname);
    else if (event.kind === "progress") this.#progress(event);
    else this.#end(event);
  }

  #begin({ columns, grouped, asked }: QueryEvent & { readonly kind: "begin" }): void {
    this.#columns = grouped ? columns : ["hostname", ...columns];
    this.#widths = this.#columns.map((name) => name.length);
    if (this.#form === "csv") this.#print(this.#columns);
    if (this.#screen.watched) this.#screen.err(`asking ${asked} …`);
  }

  #row({ hostname, values, warning }: QueryEvent & { readonly kind: "row" }): void {
    this.#print([hostname, ...values.map(cell)]);
    if (warning !== undefined) this.#screen.err(`${visible(hostname)}: ${visible(warning)}`);
  }

  #miss(reason: string, hostname: string): void {
    const names = this.#missing.get(reason) ?? [];
    this.#missing.set(reason, names);
    names.push(hostname);
  }

  #progress({ answered, asked }: QueryEvent & { readonly kind: "progress" }): void {
    if (!this.#screen.watched || performance.now() - this.#toldAt < progressMs) return;
    this.#toldAt = performance.now();
    this.#screen.err(`${answered} of ${asked} have answered`);
  }

  #end({ asked, matched, missing, left_out }: QueryEvent & { readonly kind: "end" }): void {
    for (const [reason, names] of this.#missing) {
      const named = names.slice(0, mostNamed).map(visible).join(", ");
      const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : "";
      this.#screen.err(`${visible(reason)}: ${named}${more}`);
    }
    if (left_out > 0) this.#screen.err(`${left_out} more rows; --limit shows more`);
    const silent = missing === 0 ? "" : `, ${missing} without an answer`;
    this.#screen.err(`${matched} of ${asked}${silent}`);
  }

  #print(cells: readonly string[]): void {
    if (this.#form === "csv") this.#screen.out(csvLine(cells));
    else this.#line(cells.map(visible));
  }

  /** Columns grow as they must: what is printed stays where it is. */
  #line(cells: readonly string[]): void {
    for (const [n, text] of cells.entries())
      this.#widths[n] = Math.max(this.#widths[n] ?? 0, width(text));
    if (!this.#headed) {
      const head = this.#columns.map((name) => name.toUpperCase());
      this.#screen.out(painted(this.#screen, "bold", this.#aligned(head)));
    }
    this.#headed = true;
    this.#screen.out(this.#aligned(cells));
  }

  #aligned(cells: readonly string[]): string {
    return cells
      .map((text, n) => text + " ".repeat(Math.max(0, (this.#widths[n] ?? 0) - width(text))))
      .join("  ")
      .trimEnd();
  }
}

const width = (text: string): number => Bun.stringWidth(stripVTControlCharacters(text));

const cell = (value: unknown): string => {
  if (value === null) return "";
  if (typeof value === "string") return value;
  if (typeof value !== "number") return JSON.stringify(value);
  return Number.isInteger(value) ? String(value) : String(Number(value.toFixed(3)));
};
