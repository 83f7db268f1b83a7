/** A life of the custom type, with an executor that keeps seats. Must not know hosts. */
import type { Life } from "../life.ts";

export const custom: Life = {
  wish: ["{ name: licence, type: custom, executor: seats, params: { seats: 3 } }"],
  ask: "cat /srv/seats; stat -c %U /srv/seats",
  stands: "1\n2\n3\nroot\n",
  harm: { "licence.params": "echo 4 >>/srv/seats" },
  away: ["{ name: licence, type: custom, executor: seats, params: { seats: 0 } }"],
  gone: "ls /srv/seats 2>/dev/null",
};
