/** The policy that a new server begins with, and its settings: small, real, and harmless. Must not know where they go. */

/** Path below `stacks/` → text. */
export const exampleStacks: Readonly<Record<string, string>> = {
  "envoys.vgo": `# Which machines get what. The first block whose \`match\` fits a machine's name wins, over the whole tree.
envoys:
  - match: "*"
    configcrates: [hello]
`,
  "configcrates/hello.vgo": `# A configcrate is a named set of resources. This one keeps a folder and a file in it that needs no root.
configcrate: hello
vars:
  folder: /var/tmp/vigo-hello
resources:
  - name: folder
    type: directory
    target_path: "{{ vars.folder }}"
  - name: greeting
    type: file
    target_path: "{{ vars.folder }}/greeting"
    mode: "0644"
    content: |
      This is {{ envoy.hostname }}, kept by Vigo.
      Edit this file and watch it come back.
    depends_on: folder
`,
};

/** Everything is a comment: a new server says nothing that is not the default. */
export const exampleConfig = `# Settings of the Vigo server. All of these are the defaults; unknown keys are refused.
# \`vigo server check-config\` says whether this file is right; SIGHUP makes a running server read it again.

# server:
#   grpc_listen: ":1530"        # agents
#   api_listen: ":8443"         # people, the CLI, newcomers
#   hostname: vigo.example.org  # found out when not given
#   tls_sans: []                # more names and addresses for the certificate

# database:
#   dsn: db/vigo.db
#   retention: 30d              # of runs

# checkin:
#   interval: 5m
#   offline_threshold: 2.5x     # of the observed cadence, or a duration
#   bundle_max_age: 0           # 0: a bundle is enforced without end

# metrics:
#   token: a-secret-of-your-own
#   allow: [loopback]

# convergence:
#   diverged_after: 3           # runs with drift in a row

# tuning:
#   signature_window: 5m
#   flush_interval: 10s
#   max_message_mb: 4
`;
