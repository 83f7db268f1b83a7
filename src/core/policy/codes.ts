/**
 * Every code a policy problem can have: what it means and the way out, as `docs/problems.md` shows them. A code stays for
 * ever: it is never given to another problem. Must not know the rules that find them.
 *
 * 1xx unknown words · 2xx files and YAML · 3xx layout and names · 4xx references · 5xx values, conditions, templates ·
 * 6xx the graph · 7xx idempotency · 8xx safety · 9xx what shows only for one envoy, and warnings.
 */
export const codes = {
  VG101: [
    "Unknown key",
    "The key is not one of those this object may have. Correct the spelling or take it out.",
  ],
  VG102: [
    "Unknown resource type",
    "No resource type has this name. `vigo cli explain` lists them.",
  ],
  VG103: [
    "Unknown parameter",
    "The resource type has no such parameter, and it is no common attribute. `vigo cli explain TYPE` lists what there is. Of a named task, those under `params:` are there.",
  ],
  VG104: [
    "Not in this version",
    "The language has this, and this version of Vigo cannot do it yet. Vigo refuses it, so that nothing is silently left out. Take it out, or update Vigo.",
  ],
  VG105: [
    "Unknown trait",
    "No trait or field of a trait has this name. `vigo cli explain traits` lists them.",
  ],
  VG106: [
    "Undefined variable",
    "A template or condition reads a variable that nobody sets for this host. Set it in the configcrate's `vars:`, in a role, `common.vgo`, the hostcrate or `environments.vgo`, or give it a default: `{{ vars.x | default: 1 }}`.",
  ],
  VG201: [
    "File cannot be read",
    "A stacks tree holds ordinary files and folders: no symlinks, sockets or devices, and the publisher must be allowed to read them.",
  ],
  VG202: [
    "Too large",
    "A file may have 1 MiB, a tree 64 MiB, 20,000 files and 32 levels of folders. Split it, or publish big content as an artifact.",
  ],
  VG203: [
    "Not UTF-8",
    "`.vgo` files and templates ending in `.liquid` are UTF-8 text. Convert the file.",
  ],
  VG204: [
    "YAML syntax",
    "The file is not YAML 1.2. A value that begins with `{{` must be in quotes.",
  ],
  VG205: [
    "Key given twice",
    "One map has one key twice, and only one could count. Keep one of them.",
  ],
  VG206: [
    "Too many nodes or too deep",
    "A file may hold 50,000 values, nested 64 deep, aliases counted each time they are used. Split it.",
  ],
  VG207: [
    "Bad alias",
    "An alias (`*x`) needs an anchor (`&x`) before it, and may not stand inside its own anchor.",
  ],
  VG208: [
    "Outside the language",
    "The language is plain YAML 1.2: one document a file, keys that are texts, no tags (`!x`), no merge keys (`<<`). Write it out.",
  ],
  VG209: [
    "Not a schema",
    "`executors/NAME.schema.json` is JSON and a JSON Schema of the `params` that custom resources give this executor. Conditions (`if`, `not`) and references to other files are not taken.",
  ],
  VG301: [
    "File where none belongs",
    "Policy lives in files ending in `.vgo`; everything else in `templates/`. Move or rename the file. Names that start with a dot, `*.md` and `*~` are left alone.",
  ],
  VG302: [
    "Wrong shape",
    "The value is not of the kind that belongs here (a map, a list, a text …).",
  ],
  VG303: [
    "Key in the wrong file",
    "The key is one of the language, and does not belong in this file.",
  ],
  VG304: [
    "Bad name",
    "Names are letters, digits, `_`, `-` and `.`, beginning with a letter or digit; names of vars are letters, digits and `_`.",
  ],
  VG305: [
    "Two of one name",
    "Two configcrates, roles, environments of one file or resources of one configcrate have the same name. Rename one.",
  ],
  VG306: [
    "Hostcrate without a match",
    "An entry of `envoys:` says which hosts it is for by `match:` (names) or `where:` (traits).",
  ],
  VG307: [
    "Bad pattern",
    "A pattern is a glob (`*`, `?`, `[a-z]`) or a regular expression between slashes (RE2 syntax).",
  ],
  VG308: [
    "Bad control or waiver",
    "A control is `FRAMEWORK:CONTROL`, as in `cis-debian12:2.2.9`. A waiver names controls, a reason and its last day.",
  ],
  VG401: ["Unknown configcrate", "No file declares a configcrate of this name."],
  VG402: ["Unknown role", "`roles.vgo` and `roles/*.vgo` declare no role of this name."],
  VG403: [
    "Unknown template file",
    "`source:` names a file under `templates/`, from the root of the tree.",
  ],
  VG404: [
    "Unknown target",
    "A reference names a resource of this configcrate, a configcrate, or `crate/resource`; none has this name.",
  ],
  VG405: [
    "Ambiguous reference",
    "The name fits a resource of this configcrate and a configcrate. Write `crate/name` for the resource.",
  ],
  VG406: [
    "Role includes too deep",
    "A role may include others, and those include none: one level. List the roles directly.",
  ],
  VG407: [
    "Two roles disagree",
    "Two roles of one host give a variable two values, and neither is more special. Set it in the hostcrate, or in one role only.",
  ],
  VG408: [
    "Target that cannot be notified",
    "The type of the notified resource does nothing when notified. Notify a service or an exec with `refresh_only: true`; for order alone use `depends_on:` or `before:`.",
  ],
  VG409: [
    "Unknown lookup table",
    "No `common.vgo` above the hosts' hostcrate has a table of this name under `lookups:`.",
  ],
  VG410: ["Unknown usercrate", "No file under `usercrates/` declares a usercrate of this name."],
  VG411: [
    "Unknown named task",
    "A step of a workflow runs a task that no file under `tasks/` declares, or gives it parameters that it does not have.",
  ],
  VG501: [
    "Value refused",
    "The type's schema does not take this value; the message says what it wants. `vigo cli explain TYPE` has examples.",
  ],
  VG502: [
    "Bad condition",
    "`when:` and `where:` hold one expression (CEL) that is true or false. The message says what does not fit.",
  ],
  VG503: [
    "Bad template",
    "The template cannot be parsed, or uses a filter or tag that does not exist.",
  ],
  VG504: [
    "Value that cannot travel",
    "Numbers must be finite and exact (up to 2^53). Put quotes around what is a text.",
  ],
  VG505: [
    "Template reads what changes every cycle",
    "A trait collected at every run would change the rendered text all the time. Use it in `when:`.",
  ],
  VG506: [
    "Not rendered here",
    "Names, references, `foreach:`, `when:` and vars are never rendered. Write the value out.",
  ],
  VG507: [
    "Bad common attribute",
    "An attribute that every resource may have has a value it cannot have; the message says what it wants.",
  ],
  VG508: [
    "foreach over something else",
    "`foreach:` names a variable that is a list or a map for every host that includes the configcrate.",
  ],
  VG509: [
    "Condition reads what is not there",
    "`where:` chooses the hostcrate, so it can read traits and the envoy, and neither vars, environment nor roles.",
  ],
  VG510: [
    "Template fails",
    "Rendering failed with the values this host has; the message says why.",
  ],
  VG511: [
    "No case for this host",
    "`select:` has no case for the value this host has. Add one, or `default:` with parameters for every other value.",
  ],
  VG512: [
    "Key that the table lacks",
    "A lookup with `required: true` finds nothing for this host. Add the key to the table, or give the lookup a `default:`.",
  ],
  VG513: [
    "Secret used as if it were known",
    "The server resolves policy without the values of secrets. A secret can be the value of a text, or be printed in one, as it is or through json, yaml, toml, shell_quote, base64, sha256 and indent; nothing can compare it, choose by it, or look into it.",
  ],
  VG601: [
    "Cycle",
    "Each of these waits for the next, so none could ever start. Take one of the edges out.",
  ],
  VG602: [
    "Two owners",
    "Two resources of one host own the same thing and would undo each other at every run. Keep one.",
  ],
  VG701: [
    "Action that nobody notifies",
    "An action (restarted, reloaded, refresh_only …) is done only when notified. Let a resource `notify:` it, or make it a state.",
  ],
  VG702: [
    "Nothing to undo it with",
    "`revert: true` runs the `on_revert:` of a command, or puts back the value that was there first (hostname, timezone). Other resources are taken back by `state: absent`.",
  ],
  VG801: [
    "Vigo's own",
    "A resource may not remove, stop, mask or overwrite Vigo itself: its paths, program and services.",
  ],
  VG802: [
    "Unquoted value in a shell text",
    "A trait is text from the machine and could hold shell code. Add `| shell_quote`, or write the command as a list. For PowerShell nothing quotes: hand it over through `environment`. In a named task a parameter is a word of its own, or is read from the environment, in quotes: `$VIGO_PARAM_NAME`.",
  ],
  VG803: [
    "Secrets for hosts that their traits choose",
    "This hostcrate has a `where:`, and what a machine reports about itself would get it secrets: a machine that is taken over can report anything. Choose its hosts by `match:`, or say `trust_traits: true` in the hostcrate.",
  ],
  VG804: [
    "Unknown secret",
    "The server has no secret of this path. `vigo cli secrets list` shows those it has, `vigo cli secrets set PATH` makes one.",
  ],
  VG805: [
    "Address that does not answer",
    "Hosts would fetch from there, and it answers with an error or not at all. Mend the address, or publish with `--skip-url-checks` where the server has no way to it and the hosts have.",
  ],
  VG806: [
    "Command that cannot be taken back",
    "A step of a workflow would do to many machines what nobody can undo. Write it more narrowly, or say `force: true` in the step.",
  ],
  VG901: [
    "No hostcrate matches",
    "No entry of `envoys:` matches this host's enrolled name. Add one; until then the envoy keeps its last bundle.",
  ],
  VG902: [
    "Cannot be decided",
    "The condition reads a trait this envoy has not reported, so the server cannot choose. It is tried again when the trait arrives.",
  ],
  VG903: [
    "Required resource is not there",
    "`requires:` demands that its target is on the same host, and it is not. Include it, or use `depends_on:`.",
  ],
  VG904: [
    "Too many resources",
    "One host may have 20,000 resources, and one `foreach:` 10,000 items.",
  ],
  VG905: [
    "Bundle too large",
    "What one host must be has to travel in one message of 4 MiB. Move large contents out of the policy, to a package or a URL.",
  ],
  VG906: [
    "More problems than are shown",
    "Five hundred are shown, the first that were found. Most of the others usually follow from them.",
  ],
  VG907: [
    "Policy test fails",
    "What a file under `tests/` expects of a host is not so. Mend the policy, or the test; `vigo cli config test` runs them alone.",
  ],
  VG951: [
    "Variable that nobody reads",
    "A warning: the variable is set and no template or condition reads it.",
  ],
  VG952: [
    "Configcrate included nowhere",
    "A warning: the configcrate does nothing until a role, hostcrate, `common.vgo` or environment includes it.",
  ],
  VG953: [
    "Hostcrate that cannot be reached",
    "A warning: an earlier entry matches everything this one could.",
  ],
  VG954: [
    "Number that loses its letters",
    "A warning: YAML reads `0644` as 644 and `1.10` as 1.1. Put it in quotes if it is a text.",
  ],
  VG955: [
    "Vars are not rendered",
    "A warning: a template inside `vars:` stays as it is. Put it where it is used.",
  ],
  VG956: [
    "Environment nobody is in",
    "A warning: no hostcrate is in this environment, so what is said about it does nothing.",
  ],
  VG957: [
    "Environment not described",
    "A warning: the hostcrate's environment has no entry in any `environments.vgo` and no `environment_overrides:`.",
  ],
  VG958: [
    "Address that was not proven",
    "A warning: the address is private and its network not listed (`publish.url_allow` in `server.yaml`), or it did not answer and is in force already, or there was no time left to ask it, or it differs by envoy and the server that knows them is down.",
  ],
  VG959: [
    "Family that no system has",
    "A warning: a `case:` of a role is by `os.family` (debian, rhel, suse, arch, alpine, darwin, windows), and this one looks like one of them written wrong.",
  ],
  VG960: [
    "Agent that is too old",
    "A warning: envoys run an agent that does not know what this policy has for them. There such resources are blocked, and the others are enforced as ever, until the agent is updated.",
  ],
} as const satisfies Readonly<Record<`VG${number}`, readonly [title: string, remedy: string]>>;

export type Code = keyof typeof codes;
