/** `serve-folder FOLDER ADDRESS`: its files over HTTP, read-only; prints where. Runs in the lab's own network. */
import { join, normalize } from "node:path";

const [folder = ".", hostname = "127.0.0.1"] = process.argv.slice(2);

const server = Bun.serve({
  hostname,
  port: 0,
  async fetch(request) {
    const path = normalize(decodeURIComponent(new URL(request.url).pathname));
    const file = Bun.file(join(folder, path));
    return (await file.exists()) ? new Response(file) : new Response("not here\n", { status: 404 });
  },
});
process.stdout.write(`${server.url.href.replace(/\/$/, "")}\n`);
