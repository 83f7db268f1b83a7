import { expect, test } from "bun:test";
import { placeFollows } from "../../../src/core/tools/place.ts";

test("a file comes after its folders, its accounts, and the account that brings its group", () => {
  expect(placeFollows("/etc/app/x", { owner: "root", group: "app" })).toEqual([
    ...["file:/etc", "file:/etc/app", "user:root", "group:app", "user:app"],
  ]);
  expect(placeFollows("/x", { owner: "app", group: "app" })).toEqual(["user:app", "group:app"]);
  expect(placeFollows("/x", { owner: "1000", group: "1000" })).toEqual([]);
});
