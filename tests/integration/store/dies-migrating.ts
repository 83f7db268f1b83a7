/** Makes the tables in the file it is given newer, and dies by SIGKILL after so many statements. Usage: dies-migrating.ts FILE STATEMENTS */
import { Database } from "bun:sqlite";
import { migrate } from "../../../src/modes/server/store/sqlite/migrate.ts";

const [file = "", statements = ""] = process.argv.slice(2);

class Mortal extends Database {
  #left = Number(statements);

  override run(...asked: Parameters<Database["run"]>): ReturnType<Database["run"]> {
    const done = super.run(...asked);
    if (--this.#left === 0) process.kill(process.pid, "SIGKILL");
    return done;
  }
}

const database = new Mortal(file, { strict: true });
migrate(database, 2);
