// Circles in a graph: its strongly connected components of more than one node, after Tarjan, "Depth-first search and
// linear graph algorithms", SIAM J. Comput. 1 (1972), section 4.

/** @param edges [from, to] pairs. Those from a node to itself do not count. */
export function circlesOf(edges) {
  const next = new Map();
  for (const [from, to] of edges) {
    if (!next.has(from)) next.set(from, new Set());
    if (from !== to) next.get(from).add(to);
  }
  const index = new Map();
  const low = new Map();
  const stack = [];
  const open = new Set();
  const circles = [];
  const visit = (node) => {
    index.set(node, index.size);
    low.set(node, index.get(node));
    stack.push(node);
    open.add(node);
    for (const other of next.get(node) ?? []) {
      if (!index.has(other)) visit(other);
      if (open.has(other)) low.set(node, Math.min(low.get(node), low.get(other)));
    }
    if (low.get(node) !== index.get(node)) return;
    const members = stack.splice(stack.indexOf(node));
    for (const member of members) open.delete(member);
    if (members.length > 1) circles.push(members.sort());
  };
  for (const node of next.keys()) if (!index.has(node)) visit(node);
  return circles;
}
