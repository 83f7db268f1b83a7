/** Ports of sockets as a list. Must not know how sockets are listed. */

/** Each once, ascending. */
export const portsOf = (
  sockets: readonly { readonly protocol: "tcp" | "udp"; readonly port: number }[],
  wanted: "tcp" | "udp",
): number[] => {
  const found = sockets.filter(({ protocol, port }) => protocol === wanted && port > 0);
  return [...new Set(found.map(({ port }) => port))].sort((a, b) => a - b);
};
