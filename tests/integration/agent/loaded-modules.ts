/** The agent as a program that says, as its last line on stderr, which packages and which files of ours it has loaded. */
import { agent } from "../../../src/modes/agent/index.ts";

process.exitCode = await agent(process.argv.slice(2));
const files = Object.keys(require.cache).flatMap((file) => file.split("node_modules/").slice(-1));
const root = `${process.cwd()}/`;
const packages = files.map((file) =>
  file.startsWith(root)
    ? file.slice(root.length)
    : file
        .split("/")
        .slice(0, file.startsWith("@") ? 2 : 1)
        .join("/"),
);
process.stderr.write(`${JSON.stringify([...new Set(packages)])}\n`);
