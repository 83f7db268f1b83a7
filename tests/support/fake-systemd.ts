/** systemd in miniature, for fake hosts: what `systemctl show` prints is kept in files, and each verb moves one property. */
import { verifyCommand } from "../../src/core/tools/systemd-verify.ts";
import type { Answer } from "./fake-host.ts";

/** Of each unit, in files like `app.service/ActiveState`; `app.service/stale` says that there is another text on disk. */
export function fakeSystemd(...units: readonly string[]): Readonly<Record<string, Answer>> {
  return {
    ...Object.assign({}, ...units.map(commandsOf)),
    "systemctl daemon-reload": (files) => {
      for (const unit of units) files.delete(`${unit}/stale`);
      return "";
    },
  };
}

/** What systemd-analyze says about a text that is to go to `name`; nothing when it takes it. */
export const verifies = (unit: string, name: string, says = ""): Record<string, string> => ({
  [verifyCommand(unit, name).join(" ")]: says,
});

function commandsOf(unit: string): Record<string, Answer> {
  const verb = (word: string, property: string, value: string): Record<string, Answer> => ({
    [`systemctl ${word} -- ${unit}`]: (files) => {
      files.set(`${unit}/${property}`, value);
      return "";
    },
  });
  return {
    [`systemctl show --property=LoadState,ActiveState,UnitFileState -- ${unit}`]: (files) => {
      const there = files.has(`/etc/systemd/system/${unit}`) || files.has(`${unit}/LoadState`);
      const value = (name: string, otherwise: string) => files.get(`${unit}/${name}`) ?? otherwise;
      return [
        `LoadState=${there ? value("LoadState", "loaded") : "not-found"}`,
        `ActiveState=${value("ActiveState", "inactive")}`,
        `UnitFileState=${there ? value("UnitFileState", "disabled") : ""}`,
      ].join("\n");
    },
    [`systemctl show --property=NeedDaemonReload --value -- ${unit}`]: (files) =>
      files.has(`${unit}/stale`) ? "yes\n" : "no\n",
    ...verb("start", "ActiveState", "active"),
    ...verb("stop", "ActiveState", "inactive"),
    ...verb("restart", "ActiveState", "active"),
    ...verb("try-restart", "restarted", "yes"),
    ...verb("reset-failed", "ActiveState", "inactive"),
    ...verb("enable", "UnitFileState", "enabled"),
    ...verb("disable", "UnitFileState", "disabled"),
  };
}
