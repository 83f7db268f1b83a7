/** Which former content of which file is meant. Must not know what is done with it. */
export const which = {
  path: { type: "positional", description: "The file, as the machine knows it." },
  at: {
    type: "string",
    description: "The one whose name begins like this; the newest when left out.",
    valueHint: "NAME",
  },
} as const;
