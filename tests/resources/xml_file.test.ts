import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { xmlFile } from "../../src/core/resources/xml_file.ts";
import { cases } from "../support/cases.ts";

const at = "/etc/app.xml";
const text = `\uFEFF<?xml version='1.0'?>\r\n<a>\r\n  <!-- one --><b id='1'>x</b>\r\n</a>`;
const given = { files: { [at]: text } };
const does = [`write ${at}`];

cases(xmlFile, {
  "changes a text and no other byte": {
    given,
    wish: { target_path: at, xpath: "/a/b", value: "y" },
    does,
    leaves: { [at]: text.replace(">x<", ">y<") },
    says: { "/a/b": ["x", "y"] },
  },
  "changes an attribute": {
    given,
    wish: { target_path: at, xpath: "/a/b", attribute: "id", value: 2 },
    does,
    leaves: { [at]: text.replace("'1'>", "'2'>") },
    says: { "/a/b/@id": ["1", "2"] },
  },
  "makes what is missing": {
    given,
    wish: { target_path: at, xpath: "/a/b[@id='2']", value: "z" },
    does,
    leaves: { [at]: text.replace("</b>", '</b><b id="2">z</b>') },
  },
  "leaves a right one alone": {
    given,
    wish: { target_path: at, xpath: "/a/b[@id='1']", value: "x" },
    does: [],
  },
  "removes an element": {
    given,
    wish: { target_path: at, xpath: "/a/b", state: "absent" },
    does,
    leaves: { [at]: text.replace("<b id='1'>x</b>", "") },
    says: { "/a/b": ["x", undefined] },
  },
  "has nothing to remove": {
    given: {},
    wish: { target_path: at, xpath: "/a/b", state: "absent" },
    does: [],
  },
  "makes no file": {
    given: {},
    wish: { target_path: at, xpath: "/a/b", value: "x" },
    does: [],
    ends: "failed",
    because: "/etc/app.xml is not there (depend on what makes it",
  },
  "refuses what it cannot read": {
    given: { files: { [at]: "<a>" } },
    wish: { target_path: at, xpath: "/a/b", value: "x" },
    does: [],
    ends: "failed",
    because: "/etc/app.xml: not XML that can be edited: it ends too early, line 1 column 4",
  },
});

test.each([
  [{ target_path: at, xpath: "//a", value: "x" }, "xpath: must be a path like"],
  [{ target_path: at, xpath: "/a" }, "value: is required"],
  [{ target_path: at, xpath: "/a", value: " x" }, "value: must be a text that XML can hold"],
])("refuses %j", (wish, message) => {
  const { error } = xmlFile.params.safeParse(wish);
  expect(error && explain(error)[0]).toStartWith(message);
});
