import { expect, test } from "bun:test";
import { Histogram } from "../../../src/modes/server/counters.ts";
import { family, histogram } from "../../../src/modes/server/metrics/exposition.ts";

test("labels are escaped, and a family without samples still says what it is", () => {
  const text = family({
    name: "a",
    help: "A.",
    kind: "gauge",
    samples: [[{ host: 'x"y\\z\n' }, 1.5]],
  });
  expect(text).toBe('# HELP a A.\n# TYPE a gauge\na{host="x\\"y\\\\z\\n"} 1.5\n');
  expect(family({ name: "b", help: "B.", kind: "counter", samples: [] })).toBe(
    "# HELP b B.\n# TYPE b counter\n",
  );
});

test("buckets of a histogram hold all that is below them", () => {
  const times = new Histogram([0.1, 1]);
  for (const seconds of [0.05, 0.1, 0.5, 7]) times.observe(seconds);
  expect(histogram("t", "T.", times).split("\n").slice(2, 7)).toEqual([
    't_bucket{le="0.1"} 2',
    't_bucket{le="1"} 3',
    't_bucket{le="+Inf"} 4',
    "t_sum 7.65",
    "t_count 4",
  ]);
});
