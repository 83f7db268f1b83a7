/** Where the agent keeps what is its own. Must not know what is in the files. */

export const defaultHome =
  process.platform === "win32"
    ? `${process.env["ProgramData"] ?? "C:\\ProgramData"}\\Vigo`
    : "/var/lib/vigo-envoy";

export const paths = (home: string) => ({
  identity: `${home}/identity`,
  state: `${home}/state`,
  /** Libraries that were unpacked from the executable. */
  lib: `${home}/lib`,
  snapshots: `${home}/snapshots`,
  lock: `${home}/run.lock`,
  /** Commands of a run that are under way. */
  atWork: `${home}/at-work`,
  /** Of a run for later ones: what is not proven yet, and what was before. */
  notes: `${home}/notes`,
  control: `${home}/control.sock`,
  pause: `${home}/pause.json`,
  /** Where to enrol at the first start. */
  deferred: `${home}/deferred.json`,
  /** What tasks have printed, until the server has it. */
  tasks: `${home}/tasks`,
});
