import { expect, test } from "bun:test";
import { temperature } from "../../src/core/traits/temperature.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const hwmon = "/sys/class/hwmon";

test("chips with labels and without, two of one kind told apart", async () => {
  const files = {
    [`${hwmon}/hwmon0/name`]: "coretemp\n",
    [`${hwmon}/hwmon0/temp1_input`]: "47000\n",
    [`${hwmon}/hwmon0/temp1_label`]: "Package id 0\n",
    [`${hwmon}/hwmon0/temp1_max`]: "100000\n",
    [`${hwmon}/hwmon1/name`]: "nvme\n",
    [`${hwmon}/hwmon1/temp1_input`]: "38850\n",
    [`${hwmon}/hwmon2/name`]: "nvme\n",
    [`${hwmon}/hwmon2/temp1_input`]: "-5000\n",
    [`${hwmon}/hwmon3/name`]: "acpi_fan\n",
    "/sys/class/thermal/thermal_zone0/temp": "99000\n",
  };
  expect(await collect(temperature, fakeHost({ files }).host)).toEqual({
    sensors: {
      "coretemp/Package id 0": 47,
      "nvme/temp1 (hwmon1)": 38.9,
      "nvme/temp1 (hwmon2)": -5,
    },
    max_celsius: 47,
  });
});

test("thermal zones where there are no chips, as on boards", async () => {
  const files = {
    "/sys/class/thermal/thermal_zone0/temp": "51540\n",
    "/sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
    "/sys/class/thermal/cooling_device0/type": "pwm-fan\n",
  };
  const value = await collect(temperature, fakeHost({ files }).host);
  expect(value).toEqual({ sensors: { "cpu-thermal": 51.5 }, max_celsius: 51.5 });
});

test("is absent without sensors", async () => {
  expect(await collect(temperature, fakeHost().host)).toBeUndefined();
});
